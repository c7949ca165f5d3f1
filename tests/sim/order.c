/* What a command line asks for: single worlds, many of them, a large one, a replay. */
#include "sim/order.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SHRINK_TRIES = 400, SHRINK_S = 180 };

static int64_t seconds_now(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

static void say_counts(const struct sim *s, int64_t took)
{
    const struct tally_of_run *c = &s->count;
    (void)printf("  %" PRId64 " reports (%" PRId64 " told kept, %" PRId64 " lost, %" PRId64
                 " answers lost, %" PRId64 " twice, %" PRId64 " late, %" PRId64
                 " put off, %" PRId64 " by the other collector)\n",
                 c->reports, c->acked, c->lost, c->answers_lost, c->twice, c->late, c->refused,
                 c->seconds);
    (void)printf("  %" PRId64 " crashes of agents, %" PRId64 " of the collector, %" PRId64
                 " batches failed on its disk, %" PRId64 " backups put back, %" PRId64
                 " times sent again\n",
                 c->crashes, c->kills, c->full, c->restores, c->resends);
    (void)printf("  %" PRId64 " nights: %" PRId64 " findings, %" PRId64 " confirmed, %" PRId64
                 " drafts, %" PRId64 " decisions, %" PRId64 " closings with %" PRId64
                 " entries, %" PRId64 " times verified, %" PRId64 " simple audits of %" PRId64
                 " samples, %" PRId64 " times shuffled\n",
                 c->nights, c->findings, c->confirmed, c->drafts, c->decisions, c->closes,
                 c->entries, c->verified, c->brute, c->subjects, c->shuffles);
    if (took >= 0)
        (void)printf("  in %" PRId64 " s\n", took);
}

static void add_counts(struct tally_of_run *sum, const struct tally_of_run *x)
{
    int64_t *to = (int64_t *)sum;
    const int64_t *from = (const int64_t *)x;
    for (size_t i = 0; i < sizeof *sum / sizeof *to; i++)
        to[i] += from[i];
}

/* Where the plan is kept: its name is part of the answer. */
static void keep_plan(const struct plan *p, const char *kind)
{
    AUTO(buf) struct buf text = BUF_INIT((size_t)256 << 20);
    const char *folder = getenv("TMPDIR");
    char path[TEMP_PATH_SIZE];
    plan_print(p, &text);
    (void)snprintf(path, sizeof path, "%s/sim-%" PRIu64 "%s.plan", folder ? folder : "/tmp",
                   p->seed, kind);
    FILE *f = fopen(path, "we");
    bool is_kept = f && fputs(buf_str(&text), f) >= 0;
    if (f)
        is_kept = fclose(f) == 0 && is_kept;
    (void)fprintf(stderr, "again: sim --replay %s (%zu events, %d days)%s\n", path, p->n,
                  p->days, is_kept ? "" : " - it could not be written");
    if (p->n <= 120)
        (void)fprintf(stderr, "%s", buf_str(&text));
}

static void shrink_and_show(const struct plan *p, const char *what)
{
    struct plan small;
    plan_copy(&small, p);
    shrink_plan(&small, what, SHRINK_TRIES, SHRINK_S);
    struct sim *s = malloc(sizeof *s);
    if (!s)
        abort();
    (void)fprintf(stderr, "---- shrunk from %zu events and %d days to %zu and %d:\n", p->n,
                  p->days, small.n, small.days);
    if (!sim_run(s, &small))
        (void)fprintf(stderr, "%s", buf_str(&s->text));
    sim_done(s);
    free(s);
    keep_plan(&small, "-small");
    plan_done(&small);
}

bool order_run(const struct order *o, const struct plan *p, struct tally_of_run *sum)
{
    struct sim *s = malloc(sizeof *s);
    if (!s)
        abort();
    int64_t began = seconds_now();
    bool ok = sim_run(s, p);
    add_counts(sum, &s->count);
    if (!ok)
        (void)fprintf(stderr, "---- seed %" PRIu64 " FAILED\n%s", p->seed, buf_str(&s->text));
    if (!o->is_brief || p->is_large) {
        (void)printf("seed %" PRIu64 ": %d agents, %d days, digest %016" PRIx64 "\n", p->seed,
                     p->agents, p->days, s->digest);
        say_counts(s, o->is_timed ? seconds_now() - began : -1);
        (void)fflush(stdout);
    }
    char what[sizeof s->what];
    (void)snprintf(what, sizeof what, "%s", s->what);
    sim_done(s);
    free(s);
    if (!ok && !sim_is_stopped) {
        keep_plan(p, "");
        if (!p->is_large && !o->no_shrinking)
            shrink_and_show(p, what);
    }
    return ok;
}

/* ---- What is planted ------------------------------------------------------------------------
 */

bool order_plant(const struct order *o, struct plan *p)
{
    if (!o->plant)
        return true;
    if (strcmp(o->plant, "lie") != 0)
        return false;
    plan_add(p, (struct event){.kind = EV_LIE, .who = -1, .from = p->start, .to = SIM_FOREVER});
    return true;
}

/* ---- Many
 * ------------------------------------------------------------------------------------ */

bool order_many(const struct order *o)
{
    struct tally_of_run sum = {0};
    int64_t began = seconds_now(), runs = 0;
    bool ok = true;
    (void)fflush(stdout);
    while (ok && runs < o->runs &&
           (runs == 0 || o->seconds == 0 || seconds_now() - began < o->seconds)) {
        struct plan p;
        plan_random(o->seed + (uint64_t)runs, &p);
        ok = order_plant(o, &p) && order_run(o, &p, &sum);
        plan_done(&p);
        runs++;
    }
    struct sim all = {.count = sum};
    (void)printf("%" PRId64 " worlds from seed %" PRIu64 " on: %s\n", runs, o->seed,
                 ok ? "all held" : "one failed");
    say_counts(&all, o->is_timed ? seconds_now() - began : -1);
    return ok;
}
