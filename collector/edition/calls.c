/* Who should be called, and in which order resellers stand in a manager's report. */
#include "edition/edition_parts.h"
#include <errno.h>
#include <string.h>

enum { BLIND_LEAST = 3 };

/* The step of so many periods (SPEC 5, `strikes`). */
static enum bulletin_step step_of(const struct policy *p, int64_t periods)
{
    if (periods >= p->strikes[2])
        return STEP_REVIEW;
    if (periods >= p->strikes[1])
        return STEP_WARNING;
    return periods >= p->strikes[0] ? STEP_NOTICE : STEP_NONE;
}

static int64_t count_bits(uint64_t bits)
{
    int64_t n = 0;

    for (; bits; bits &= bits - 1)
        n++;
    return n;
}

/* Whether this night's periods made the step, or it was reached before. */
static bool step_is_new(const struct edition_setup *setup, const struct reckoning *t,
                        const struct bulletin_reseller *r)
{
    int64_t struck = count_bits(t->struck_now & ~t->struck_before);

    if (struck == 0 || r->strikes.step == STEP_NONE)
        return false;
    wall_t start = period_start(setup->run->zone, sides_newest(setup));
    const struct policy *p = policy_for(policy_version_at(setup->run->policies, start), r->id);
    return step_of(p, r->strikes.periods - struck) < r->strikes.step;
}

unsigned calls_reasons(const struct edition_setup *setup, const struct reckoning *t,
                       const struct bulletin_reseller *r, bool is_mail_dead)
{
    unsigned reasons = t->reasons;
    const struct bulletin_coverage *c = &r->coverage;

    if (!r->is_trial && step_is_new(setup, t, r))
        reasons |= REASON_LADDER;
    if (t->confirmed + t->potential > 0 && (!r->email || is_mail_dead))
        reasons |= REASON_NO_MAIL;
    if (c->licenses_known >= BLIND_LEAST && c->licenses_seen * 2 <= c->licenses_known)
        reasons |= REASON_BLIND;
    return reasons;
}

static int compare_counts(int64_t a, int64_t b)
{
    return a > b ? -1 : a < b;
}

/* Of two that should be called: what ends sooner, then where more money is. */
static int call_compare(const struct told *a, const struct told *b)
{
    if (a->has_by != b->has_by)
        return a->has_by ? -1 : 1;
    if (a->has_by && a->by.s != b->by.s)
        return a->by.s < b->by.s ? -1 : 1;
    int r = strcmp(a->currency->code, b->currency->code);
    return r != 0 ? r : compare_counts(a->stake.minor, b->stake.minor);
}

static int told_compare(const void *a, const void *b)
{
    const struct told *x = a, *y = b;
    const struct bulletin_reseller *p = &x->reseller, *q = &y->reseller;
    int r = 0;

    if ((x->reasons != 0) != (y->reasons != 0))
        return x->reasons ? -1 : 1;
    if (x->reasons)
        r = call_compare(x, y);
    if (r == 0)
        r = compare_counts(p->confirmed, q->confirmed);
    if (r == 0)
        r = compare_counts(p->potential, q->potential);
    if (r == 0)
        r = compare_counts(p->changed, q->changed);
    if (r == 0)
        r = compare_counts(p->notices, q->notices);
    return r != 0 ? r : strcmp(p->id, q->id);
}

int calls_order(struct told *v, size_t n, struct arena *keep, struct bulletin *b)
{
    struct bulletin_reseller *resellers = arena_array(keep, n + 1, sizeof(*resellers));
    struct bulletin_call *calls = arena_array(keep, n + 1, sizeof(*calls));
    size_t n_calls = 0;

    if (!resellers || !calls)
        return -ENOMEM;
    if (n > 1)
        qsort(v, n, sizeof(*v), told_compare);
    for (size_t i = 0; i < n; i++) {
        resellers[i] = v[i].reseller;
        if (v[i].reasons)
            calls[n_calls++] = (struct bulletin_call){i, v[i].reasons, v[i].has_by, v[i].by};
    }
    b->resellers = resellers;
    b->n_resellers = n;
    b->calls = calls;
    b->n_calls = n_calls;
    return 0;
}
