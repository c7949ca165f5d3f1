/* A run: days of slots, a night after each; then all heals, and all must be there. */
#include "sim/sim.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

volatile sig_atomic_t sim_is_stopped;

void sim_fail(struct sim *s, const char *what, const char *fmt, ...)
{
    char text[4096], when[WALL_TEXT_SIZE];
    va_list args;
    if (s->has_failed)
        return;
    s->has_failed = true;
    (void)snprintf(s->what, sizeof s->what, "%s", what);
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    buf_printf(&s->text, "%s, at %s, night %lld: %s\n", what,
               wall_format((wall_t){s->now}, when), (long long)s->nights_done, text);
}

void sim_mix(uint64_t *digest, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    uint64_t h = *digest ^ UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * UINT64_C(0x100000001b3);
    h ^= h >> 29;
    *digest = h * UINT64_C(0xbf58476d1ce4e5b9) ^ h >> 32;
}

uint64_t sim_hash(const struct sim *s, uint64_t a, uint64_t b, uint64_t c)
{
    const uint64_t words[] = {s->plan->seed, a, b, c};
    uint64_t h = 7;
    sim_mix(&h, words, sizeof words);
    return h >> 1;
}

const struct event *sim_event(const struct sim *s, enum event_kind k, int32_t who, int64_t t)
{
    for (size_t i = 0; i < s->n_global && s->global[i]->from <= t; i++)
        if (s->global[i]->kind == k && s->global[i]->who == who && event_holds(s->global[i], t))
            return s->global[i];
    return NULL;
}

void *sim_grow(void *array, size_t n, size_t *cap, size_t elem)
{
    if (n <= *cap)
        return array;
    size_t most = 2 * *cap > n ? 2 * *cap : n + 4;
    void *p = realloc(array, most * elem);
    if (!p)
        abort();
    *cap = most;
    return p;
}

const struct zone *sim_zone(void)
{
    static struct world *w;
    static struct zone zone;
    if (zone.n > 0)
        return &zone;
    w = malloc(sizeof *w);
    if (!w)
        abort();
    world_init(w);
    zone = w->zone;
    free(w);
    return &zone;
}

/* ---- Days -----------------------------------------------------------------------------------
 */

static void run_slot(struct sim *s, int64_t until)
{
    agents_events(s, until);
    collector_events(s, until);
    s->now = until;
    bool any = true;
    while (any && !s->has_failed) {
        any = agents_round(s, until);
        any |= net_deliver(s, until);
    }
}

/* The local night that begins the day: three hours after midnight, or so. */
static void run_day(struct sim *s, int64_t day)
{
    int64_t end = zone_day_start(s->zone, day + 1).s + 3 * SIM_HOUR;
    while (s->now < end && !s->has_failed && !sim_is_stopped) {
        int64_t until = s->now + s->plan->slot;
        run_slot(s, until < end ? until : end);
    }
    if (sim_is_stopped)
        sim_fail(s, "stopped", "by a signal");
    if (!s->has_failed)
        night_run(s);
}

/* Everything works for a while, and all agents come up: what is still waiting arrives. */
static void heal(struct sim *s)
{
    const struct plan *own = s->plan;
    struct plan calm;
    plan_copy(&calm, own);
    int64_t end = s->now + 4 * SIM_DAY;
    for (size_t i = 0; i < calm.n; i++) {
        struct event *e = &calm.events[i];
        bool is_trouble = e->kind >= EV_CRASH && e->kind <= EV_LIE;
        if (is_trouble && e->to > s->now && e->kind != EV_CLOCK && e->kind != EV_CLONE)
            e->to = s->now;
    }
    for (size_t i = 0; i < s->second.n; i++)
        s->second.v[i].import_at = s->now;
    sim_heal_agents(s, &calm);
    while (s->now < end && !s->has_failed)
        run_slot(s, s->now + s->plan->slot);
    if (!s->has_failed)
        night_run(s);
    if (!s->has_failed && !s->plan->is_large)
        check_truth(s);
    if (!s->has_failed)
        check_complete(s);
    if (!s->has_failed && !s->plan->is_large)
        check_order(s);
    sim_heal_agents(s, own);
    plan_done(&calm);
}

/* Each open spool has three files; half of the room is for those that are awake. */
static int32_t count_open(void)
{
    struct rlimit l;
    if (getrlimit(RLIMIT_NOFILE, &l) < 0)
        return 0;
    rlim_t most = (l.rlim_cur > 400 ? l.rlim_cur - 400 : 0) / 6;
    return most < INT32_MAX ? (int32_t)most : INT32_MAX;
}

bool sim_run(struct sim *s, const struct plan *p)
{
    memset(s, 0, sizeof *s);
    s->plan = p;
    s->zone = sim_zone();
    s->now = p->start;
    s->most_open = count_open();
    s->text = BUF_INIT((size_t)8 << 20);
    s->taken.has_counters = !p->is_large;
    if (temp_make(&s->temp) < 0)
        abort();
    (void)snprintf(s->url, sizeof s->url, "sqlite:%s",
                   temp_file(&s->temp, "store.db", s->path));
    estate_begin(s);
    agents_make(s);
    collector_open(s);
    int64_t first = zone_date_at(s->zone, (wall_t){p->start});
    estate_policies(s);
    if (!s->has_failed)
        estate_import(s);
    for (int64_t day = first; day < first + p->days && !s->has_failed; day++)
        run_day(s, day);
    if (!s->has_failed)
        heal(s);
    return !s->has_failed;
}

void sim_done(struct sim *s)
{
    agents_done(s);
    net_done(s);
    collector_close(s);
    estate_end(s);
    for (size_t i = 0; i < s->n_log; i++)
        sent_unref(s->log[i].sent);
    free(s->log);
    free(s->decided);
    known_done(&s->taken);
    known_done(&s->acked);
    known_done(&s->backup.taken);
    known_done(&s->backup.acked);
    books_done(&s->books);
    books_done(&s->backup.books);
    image_done(&s->backup.db);
    image_done(&s->backup.wal);
    temp_done(&s->temp);
    buf_done(&s->text);
}
