/*
 * Shrinking: leave out halves, quarters … single events, and days at the end, while the run
 * still fails in the same way.
 */
#include "sim/sim.h"

#include <string.h>

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

static void leave_out(const struct plan *p, size_t from, size_t n, struct plan *ret)
{
    plan_copy(ret, p);
    memmove(ret->events + from, ret->events + from + n,
            (ret->n - from - n) * sizeof *ret->events);
    ret->n -= n;
}

/* Keeps `tried` where it still fails. */
static bool keep(struct plan *p, struct plan *tried, const char *what, int *tries)
{
    bool is_kept = fails(tried, what);
    --*tries;
    if (is_kept) {
        plan_done(p);
        *p = *tried;
    } else {
        plan_done(tried);
    }
    return is_kept;
}

static void shrink_days(struct plan *p, const char *what, int *tries)
{
    for (int32_t step = p->days / 2; step > 0 && *tries > 0;) {
        struct plan tried;
        plan_copy(&tried, p);
        tried.days -= step;
        if (tried.days < 1) {
            plan_done(&tried);
            step /= 2;
        } else if (!keep(p, &tried, what, tries)) {
            step /= 2;
        }
    }
}

static bool shrink_events(struct plan *p, size_t n, const char *what, int *tries)
{
    bool is_smaller = false;
    for (size_t from = 0; from < p->n && *tries > 0;) {
        struct plan tried;
        size_t some = from + n <= p->n ? n : p->n - from;
        leave_out(p, from, some, &tried);
        if (keep(p, &tried, what, tries))
            is_smaller = true;
        else
            from += some;
    }
    return is_smaller;
}

void shrink_plan(struct plan *p, const char *what, int tries)
{
    if (p->brute_every > 1) { /* the first night that shows it */
        struct plan tried;
        plan_copy(&tried, p);
        tried.brute_every = 1;
        (void)keep(p, &tried, what, &tries);
    }
    shrink_days(p, what, &tries);
    for (size_t n = p->n / 2; n > 0 && tries > 0;)
        if (!shrink_events(p, n, what, &tries) || n > 1)
            n /= 2;
    shrink_days(p, what, &tries);
}
