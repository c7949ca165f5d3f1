/*
 * recurring: extra-ip potential, not confirmed, in at least 3 of the last 6 periods: this one
 * and the five before it, each under its own policy. (SPEC 6.4)
 */
#include "audit/rules.h"
#include <errno.h>

enum { RECURRING_OF = 6, RECURRING_AT_LEAST = 3 };

/* What is known of the licence's whole evidence, whatever the period and its policy. */
struct whole {
    const struct license_case *c;
    bool has_places;   /* two addresses or more */
    bool are_together; /* two machines whose first and last sightings overlap */
};

static int whole_of(const struct license_case *c, struct whole *ret)
{
    AUTO_FREE struct span *hulls = calloc(c->n_machines + 1, sizeof(*hulls));
    struct whole w = {.c = c};
    wall_t last = WALL_BEGIN;

    if (!hulls)
        return -ENOMEM;
    for (size_t i = 0; i < c->n_machines; i++)
        hulls[i] = (struct span){WALL_END, WALL_BEGIN};
    for (size_t i = 0; i < c->n_sightings; i++) {
        const struct audit_sighting *s = &c->sightings[i];
        struct span *hull = &hulls[s->machine];
        hull->first = wall_min(hull->first, s->seen.first);
        hull->last = wall_max(hull->last, s->seen.last);
        w.has_places = w.has_places || addr_compare(&s->address, &c->sightings[0].address) != 0;
    }
    qsort(hulls, c->n_machines, sizeof(*hulls), span_compare);
    for (size_t i = 0; i < c->n_machines; i++) {
        w.are_together = w.are_together || hulls[i].first.s < last.s;
        last = wall_max(last, hulls[i].last);
    }
    *ret = w;
    return 0;
}

/* Never two machines at once, or never two units: the level is 0 in any period. */
static bool is_plainly_clear(const struct whole *w, enum charge_by by)
{
    switch (by) {
    case CHARGE_BY_BOTH: return !w->are_together || !w->has_places;
    case CHARGE_BY_ADDRESSES: return !w->has_places;
    case CHARGE_BY_SERVERS: return !w->are_together;
    }
    return false;
}

/* What extra-ip says of one entry in one period; CLEAR where it is not judged. */
static int state_of_entry(const struct audit *a, const struct whole *w, const struct entry *e,
                          struct presences *p, enum finding_state *ret)
{
    struct level_answer answer = {0};
    struct span v;

    if (entry_v(a, e, &v) && !is_plainly_clear(w, e->policy->charge_by)) {
        int r = presences_gather(p, a, w->c, e);
        if (r < 0)
            return r;
        struct extra_ip_facts facts = {
            .presences = p,
            .bridge = e->policy->bridge,
            .terms = entry_terms(a, e, e->policy->grace),
            .charge_by = e->policy->charge_by,
            .moves = w->c->moves,
            .n_moves = w->c->n_moves,
        };
        r = extra_ip_judge(&facts, &answer);
        if (r < 0)
            return r;
    }
    *ret = answer.state;
    return 0;
}

/* The highest state over the reseller's entries for the licence. */
static int state_in(const struct audit *a, const struct whole *w,
                    const struct audit_reseller *reseller, struct presences *p,
                    enum finding_state *ret)
{
    enum finding_state best = STATE_CLEAR, one;

    for (size_t i = 0; i < w->c->n_rows;) {
        struct entry e = entry_at(a, w->c->rows, w->c->n_rows, i);
        i += e.n_rows;
        if (e.reseller != reseller)
            continue;
        int r = state_of_entry(a, w, &e, p, &one);
        if (r < 0)
            return r;
        best = one > best ? one : best;
    }
    *ret = best;
    return 0;
}

int rule_recurring(const struct judged *j)
{
    AUTO(presences) struct presences p = {0};
    char subject[LICENSE_TEXT_SIZE], period[PERIOD_TEXT_SIZE];
    struct jsonw o = notice_begin(j->w);
    struct whole whole;
    int potential = 0, r = whole_of(j->c, &whole);

    if (r < 0)
        return r;
    jsonw_array(&o, "potential_in");
    for (int k = 0; k < RECURRING_OF; k++) {
        const struct audit *a = k == 0 ? j->a : j->a->before[k - 1];
        enum finding_state state;
        if (!a)
            break;
        r = state_in(a, &whole, j->e->reseller, &p, &state);
        if (r < 0)
            return r;
        if (state != STATE_POTENTIAL)
            continue;
        potential++;
        jsonw_text(&o, NULL, period_format(a->period, period));
    }
    jsonw_end_array(&o);
    if (potential < RECURRING_AT_LEAST)
        return 0;
    struct finding f = finding_about(j->a, FINDING_RECURRING, j->e->reseller,
                                     license_format(j->c->license, subject));
    return notice_emit(j->sink, &f, &o, j->w);
}
