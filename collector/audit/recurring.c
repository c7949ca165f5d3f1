/*
 * recurring: extra-ip potential, not confirmed, in at least 3 of the last 6 periods: this one
 * and the five before it, each under its own policy. (SPEC 6.4)
 */
#include "audit/rules.h"

enum { RECURRING_OF = 6, RECURRING_AT_LEAST = 3 };

/* Less than two machines, or less than two units, in all that is known: the level is 0 in any
 * period. */
static bool is_plainly_clear(const struct license_case *c, enum charge_by by)
{
    bool machines = false, places = false;

    for (size_t i = 1; i < c->n_sightings; i++) {
        machines = machines || c->sightings[i].machine != c->sightings[0].machine;
        places =
            places || addr_compare(&c->sightings[i].address, &c->sightings[0].address) != 0;
    }
    switch (by) {
    case CHARGE_BY_BOTH: return !machines || !places;
    case CHARGE_BY_ADDRESSES: return !places;
    case CHARGE_BY_SERVERS: return !machines;
    }
    return false;
}

/* What extra-ip says of one entry in one period; CLEAR where it is not judged. */
static int state_of_entry(const struct audit *a, const struct license_case *c,
                          const struct entry *e, struct presences *p, enum finding_state *ret)
{
    struct level_answer answer = {0};
    struct span v;

    if (entry_v(a, e, &v) && !is_plainly_clear(c, e->policy->charge_by)) {
        int r = presences_gather(p, a, c, e);
        if (r < 0)
            return r;
        struct extra_ip_facts facts = {
            .presences = p,
            .bridge = e->policy->bridge,
            .terms = entry_terms(a, e, e->policy->grace),
            .charge_by = e->policy->charge_by,
            .moves = c->moves,
            .n_moves = c->n_moves,
        };
        r = extra_ip_judge(&facts, &answer);
        if (r < 0)
            return r;
    }
    *ret = answer.state;
    return 0;
}

/* The highest state over the reseller's entries for the licence. */
static int state_in(const struct audit *a, const struct license_case *c,
                    const struct audit_reseller *reseller, struct presences *p,
                    enum finding_state *ret)
{
    enum finding_state best = STATE_CLEAR, one;

    for (size_t i = 0; i < c->n_rows;) {
        struct entry e = entry_at(a, c->rows, c->n_rows, i);
        i += e.n_rows;
        if (e.reseller != reseller)
            continue;
        int r = state_of_entry(a, c, &e, p, &one);
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
    int potential = 0;

    jsonw_array(&o, "potential_in");
    for (int k = 0; k < RECURRING_OF; k++) {
        const struct audit *a = k == 0 ? j->a : j->a->before[k - 1];
        enum finding_state state;
        if (!a)
            break;
        int r = state_in(a, j->c, j->e->reseller, &p, &state);
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
