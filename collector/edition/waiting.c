/* Which periods wait for somebody to close them. */
#include "edition/sides.h"

#include <errno.h>

static int count_enterable(void *arg, const struct draft *d)
{
    int64_t *n = arg;

    *n += draft_is_enterable(d);
    return 0;
}

/* From when on it can be closed: `ledger close` goes by the base of the policy, too. */
static wall_t closable_from(const struct run_setup *run, period_t period)
{
    wall_t start = period_start(run->zone, period);
    wall_t end = period_start(run->zone, period_plus(period, 1));

    return (wall_t){end.s + policy_version_at(run->policies, start)->base.close_after.s};
}

/* The drafts of the closed ones go with the next closing. */
static int count_corrections(const struct edition_setup *setup, bool has_closed,
                             period_t closed, int64_t *n)
{
    int r = 0;

    for (size_t i = 0; i < setup->periods->n && r >= 0; i++)
        if (has_closed && setup->periods->v[i].month <= closed.month)
            r = drafts_of(setup->run, setup->findings, setup->periods->v[i], count_enterable,
                          n);
    return r;
}

int waiting_make(const struct edition_setup *setup, struct arena *keep,
                 const struct bulletin_waiting **ret, size_t *ret_n)
{
    const struct run_setup *run = setup->run;
    struct bulletin_waiting *v = arena_array(keep, setup->periods->n + 1, sizeof(*v));
    period_t closed = {0};
    size_t n = 0;

    if (!v)
        return -ENOMEM;
    int r = store_last_closed(run->store, &closed);
    if (r < 0 && r != -ENOENT)
        return r;
    bool has_closed = r >= 0;
    r = 0;
    for (size_t i = 0; i < setup->periods->n && r >= 0; i++) {
        period_t period = setup->periods->v[i];
        struct bulletin_waiting x = {.period = period, .since = closable_from(run, period)};
        if ((has_closed && period.month <= closed.month) || x.since.s > run->as_of.s)
            continue;
        r = drafts_of(run, setup->findings, period, count_enterable, &x.drafts);
        if (r >= 0 && n == 0)
            r = count_corrections(setup, has_closed, closed, &x.drafts);
        v[n++] = x;
    }
    if (r < 0)
        return r;
    *ret = v;
    *ret_n = n;
    return 0;
}
