/*
 * elsewhere: a licence with a binding, and some other IPv4 unit present in V for longer than
 * `grace`. The binding's own unit is formed like any other's. (SPEC 6.4)
 */
#include "audit/rules.h"

/* The binding of the entry's last row that begins before or at E. */
static struct addr binding_of(const struct judged *j)
{
    struct addr binding = {0};

    for (size_t i = 0; i < j->e->n_rows; i++)
        if (j->e->rows[i].valid.from.s <= j->a->end.s)
            binding = j->e->rows[i].binding;
    return binding;
}

static int say(const struct judged *j, const struct addr *binding, const struct network *unit,
               dur_t present)
{
    char subject[LICENSE_TEXT_SIZE], text[NETWORK_TEXT_SIZE];
    struct finding f = finding_about(j->a, FINDING_ELSEWHERE, j->e->reseller,
                                     license_format(j->c->license, subject));
    struct jsonw o = notice_begin(j->w);

    jsonw_text(&o, "binding", addr_format(binding, text));
    jsonw_text(&o, "unit", network_format(unit, text));
    jsonw_int(&o, "presence_seconds", present.s);
    return notice_emit(j->sink, &f, &o, j->w);
}

int rule_elsewhere(const struct judged *j)
{
    const struct presences *p = &j->w->presences;
    struct addr binding = binding_of(j);

    if (binding.family == 0)
        return 0;
    struct network bound = place_unit(j->e->reseller, &binding);
    for (uint32_t i = 0; i < p->n_places; i++) {
        AUTO(spans) struct spans present = {0};
        const struct network *unit = &p->places[i].unit;
        if (unit->base.family != ADDR_IPV4 || network_compare(unit, &bound) == 0)
            continue;
        int r = presences_joined(p, (struct presence_choice){PRESENCE_ANY, i}, j->v, &present);
        if (r < 0)
            return r;
        dur_t length = spans_measure(present.v, present.n, j->v);
        if (length.s > j->e->policy->grace.s)
            return say(j, &binding, unit, length);
    }
    return 0;
}
