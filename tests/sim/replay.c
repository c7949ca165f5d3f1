/* A plan from a file; the large world; and the planted faults that must be found. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/order.h"

bool order_replay(const struct order *o)
{
    struct image file = {NULL, 0};
    struct tally_of_run sum = {0};
    struct plan p;
    image_take(o->replay, &file);
    if (!file.data || plan_read((struct text){file.data, file.n}, &p) < 0) {
        (void)fprintf(stderr, "%s is not a plan\n", o->replay);
        image_done(&file);
        return false;
    }
    image_done(&file);
    bool ok = order_run(o, &p, &sum);
    plan_done(&p);
    return ok;
}

bool order_large(const struct order *o)
{
    struct tally_of_run sum = {0};
    struct plan p;
    plan_large(o->seed, (int32_t)o->agents, (int32_t)o->days, &p);
    bool ok = order_run(o, &p, &sum);
    plan_done(&p);
    return ok;
}

/* ---- A collector that lies ----------------------------------------------------------------
 */

static bool run_quietly(const struct plan *p, char what[static 64])
{
    struct sim *s = malloc(sizeof *s);
    if (!s)
        abort();
    bool ok = sim_run(s, p);
    (void)snprintf(what, 64, "%s", s->what);
    sim_done(s);
    free(s);
    return ok;
}

static bool is_caught(const struct plan *p, const char *planted)
{
    char what[64];
    if (!run_quietly(p, what) && strcmp(what, planted) == 0)
        return true;
    (void)fprintf(stderr, "seed %" PRIu64 ": planted \"%s\", found \"%s\"\n", p->seed, planted,
                  what);
    return false;
}

/* What it was printed as is read again, and fails in the same way. */
static bool is_replayed(const struct plan *p, const char *planted)
{
    AUTO(buf) struct buf text = BUF_INIT((size_t)64 << 20);
    struct plan again;
    plan_print(p, &text);
    if (plan_read((struct text){text.data, text.len}, &again) < 0)
        return false;
    bool ok = again.n == p->n && is_caught(&again, planted);
    plan_done(&again);
    return ok;
}

/* A lie needs an agent with a licence and an address: it shrinks to some few events. */
enum { FEW = 12 };

bool order_selftest(const struct order *o)
{
    struct order lying = *o;
    struct plan p;
    lying.plant = "lie";
    plan_random(o->seed, &p);
    bool ok = order_plant(&lying, &p) && is_caught(&p, "acknowledged");
    size_t before = p.n;
    if (ok)
        shrink_plan(&p, "acknowledged", 200, 600);
    ok = ok && is_replayed(&p, "acknowledged");
    (void)printf("a collector that lies: %s; %zu events shrunk to %zu, %d days\n",
                 ok ? "caught" : "NOT caught", before, p.n, p.days);
    if (ok && p.n > FEW) {
        (void)fprintf(stderr, "seed %" PRIu64 ": it shrinks badly\n", o->seed);
        ok = false;
    }
    plan_done(&p);
    return ok;
}
