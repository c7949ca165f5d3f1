/*
 * Shrinking: leave out halves, quarters … single events, and days at the end, while the run
 * still fails in the same way.
 */
#include "sim/sim.h"

#include <string.h>
#include <time.h>

struct shrinking {
    struct plan *plan; /* the smallest so far */
    const char *what;
    int tries;
    int64_t deadline;
};

static int64_t seconds_now(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

static bool fails(const struct plan *p, const char *what)
{
    struct sim *s = malloc(sizeof *s);
    if (!s)
        abort();
    bool has = !sim_run(s, p) && strcmp(s->what, what) == 0;
    sim_done(s);
    free(s);
    return has;
}

/* Keeps `tried` where it still fails. Takes it. */
static bool keep(struct shrinking *x, struct plan *tried)
{
    bool is_kept = fails(tried, x->what);
    bool is_late = sim_is_stopped || seconds_now() >= x->deadline;
    x->tries = is_late ? 0 : x->tries - 1;
    if (is_kept) {
        plan_done(x->plan);
        *x->plan = *tried;
    } else {
        plan_done(tried);
    }
    return is_kept;
}

static void shrink_days(struct shrinking *x)
{
    for (int32_t step = x->plan->days / 2; step > 0 && x->tries > 0;) {
        struct plan tried;
        if (x->plan->days <= step) {
            step /= 2;
            continue;
        }
        plan_copy(&tried, x->plan);
        tried.days -= step;
        if (!keep(x, &tried))
            step /= 2;
    }
}

/* Leaves out n at a time. */
static bool shrink_events(struct shrinking *x, size_t n)
{
    bool is_smaller = false;
    for (size_t from = 0; from < x->plan->n && x->tries > 0;) {
        struct plan tried;
        size_t left = x->plan->n - from, some = n < left ? n : left;
        plan_copy(&tried, x->plan);
        memmove(tried.events + from, tried.events + from + some,
                (left - some) * sizeof *tried.events);
        tried.n -= some;
        if (keep(x, &tried))
            is_smaller = true;
        else
            from += some;
    }
    return is_smaller;
}

void shrink_plan(struct plan *p, const char *what, int tries, int64_t seconds)
{
    struct shrinking x = {p, what, tries, seconds_now() + seconds};
    shrink_days(&x);
    for (size_t n = p->n / 2; n > 0 && x.tries > 0;)
        if (!shrink_events(&x, n) || n > 1)
            n /= 2;
    if (p->brute_every > 1) { /* the first night that shows it */
        struct plan tried;
        plan_copy(&tried, p);
        tried.brute_every = 1;
        (void)keep(&x, &tried);
    }
    shrink_days(&x);
}
