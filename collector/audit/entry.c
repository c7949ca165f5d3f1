/* Entries from rows, and the windows in which they are judged. */
#include "audit/entry.h"

struct entry entry_at(const struct audit *a, const struct audit_row *rows, size_t n, size_t i)
{
    struct entry e = {
        .reseller = rows[i].reseller,
        .policy = policy_for(a->policy, rows[i].reseller->id),
        .valid = rows[i].valid,
        .rows = &rows[i],
        .n_rows = 1,
    };

    while (++i < n && rows[i].reseller == e.reseller && rows[i].valid.from.s == e.valid.to.s) {
        e.valid.to = rows[i].valid.to;
        e.n_rows++;
    }
    return e;
}

bool entry_v(const struct audit *a, const struct entry *e, struct span *ret)
{
    struct span v = {a->p0, a->end};

    if (!span_cut(&v, term_closed(e->valid)) || v.first.s == v.last.s)
        return false;
    *ret = v;
    return true;
}

struct level_terms entry_terms(const struct audit *a, const struct entry *e, dur_t grace)
{
    struct level_terms t = {
        .window = {{a->p0.s - grace.s}, a->end},
        .end = a->end,
        .grace = grace,
        .period_min = e->policy->period_min,
        .flag_after = e->policy->flag_after,
    };

    bool has_v = entry_v(a, e, &t.v);
    bool has_window = span_cut(&t.window, term_closed(e->valid));
    assert(has_v && has_window);
    (void)has_v;
    (void)has_window;
    return t;
}
