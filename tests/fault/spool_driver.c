/*
 * A spool worked through by hand, for tests that kill it, make its writes and allocations fail,
 * or fill its disk. It says each step's result at once, so that whoever watches knows what was
 * promised before the end.
 *
 *   spool_driver scenario PATH RUN   puts, takes, acknowledges, gives back, sets aside …
 *   spool_driver fill PATH RUN       puts until that fails
 *   spool_driver drain PATH RUN      takes and acknowledges until nothing is left
 *   spool_driver dump PATH RUN       says what it holds
 *   spool_driver look PATH           the same, as a reader
 *   spool_driver measure PATH        figures: bytes a row, time of a put, memory
 *
 * RUN numbers the run, from 1. Each put number J has the licences 100 J to 100 J + 19.
 */
#include "spool/spool.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ROWS = 20, STEP = 100, TRIES = 3, FILL_ROWS = 100 };
#define T0 INT64_C(1795000000)

struct driver {
    const char *path;
    struct spool *s;
    int run;
    int64_t now; /* after T0; the boot clock is 1000 more */
};

static void say(const char *what, int64_t a, int64_t b)
{
    (void)dprintf(STDOUT_FILENO, "%s %lld %lld\n", what, (long long)a, (long long)b);
}

/* ---- Opening ------------------------------------------------------------------------- */

static int open_spool(struct driver *d)
{
    struct spool_found found = {.broken_since = {0}};
    struct diag diag = {""};
    struct spool_run run = {.started = {T0 + d->now}, .started_s = 1000 + d->now};
    spool_close(d->s);
    d->s = NULL;
    int r = spool_open(d->path, SPOOL_KEEP, &d->s, &found, &diag);
    if (r < 0) {
        (void)fprintf(stderr, "open: %s\n", diag.text);
        return r;
    }
    if (found.was_broken)
        say("broken", found.broken_since.s, 0);
    run.boot.bytes[14] = (uint8_t)(d->run >> 8);
    run.boot.bytes[15] = (uint8_t)d->run;
    run.kernel.bytes[15] = 1;
    d->run++;
    return spool_begin(d->s, &run);
}

/* Opens until it works, a few times. */
static int open_patiently(struct driver *d)
{
    int r = -EIO;
    for (int i = 0; i < TRIES && r < 0; i++)
        r = open_spool(d);
    say("open", d->run, r);
    return r;
}

/* ---- Steps --------------------------------------------------------------------------- */

static int put(struct driver *d, int64_t number, int64_t rows)
{
    static struct report_sighting v[FILL_ROWS];
    struct spool_facts facts = {.sightings = v, .n_sightings = (size_t)rows};
    for (int64_t i = 0; i < rows; i++) {
        v[i] = (struct report_sighting){.address = {.family = ADDR_IPV4, .bytes = {198, 51}},
                                        .source = SOURCE_NAT,
                                        .seen = {{T0 + d->now}, {T0 + d->now}}};
        v[i].address.bytes[3] = (uint8_t)i;
        if (license_from_number(number * STEP + i, &v[i].license) != 0)
            return -EINVAL;
    }
    return spool_put(d->s, &facts);
}

static int take(struct driver *d, bool is_first)
{
    AUTO(report) struct report r = {.counter = 0};
    struct spool_now at = {.now = {T0 + d->now}, .boot_s = 1000 + d->now};
    int e = spool_take_report(d->s, &at, is_first, &r);
    if (e == 1)
        say("counter", r.boot.bytes[14] << 8 | r.boot.bytes[15], r.counter);
    return e;
}

static int do_step(struct driver *d, int step, const char **ret_name)
{
    static const char *const names[] = {"put",    "first", "ack",   "put",   "first", "back",
                                        "put",    "next",  "aside", "retry", "note",  "tick",
                                        "first",  "put",   "ack",   "next",  "ack",   "put",
                                        "resend", "first", "ack",   "prune", "put"};
    int64_t rows = 0;
    if (step >= (int)ARRAY_LEN(names))
        return 1;
    const char *name = *ret_name = names[step];
    int r = -EINVAL;
    if (strcmp(name, "put") == 0)
        return put(d, step + 1, ROWS);
    if (strcmp(name, "first") == 0 || strcmp(name, "next") == 0) {
        r = take(d, name[0] == 'f');
        return r < 0 ? r : 0;
    }
    if (strcmp(name, "ack") == 0)
        return spool_acknowledge(d->s, "srv", false);
    if (strcmp(name, "back") == 0)
        return spool_give_back(d->s);
    if (strcmp(name, "resend") == 0)
        return spool_resend(d->s, "srv", &rows);
    if (strcmp(name, "aside") == 0)
        return spool_set_aside(d->s, "/sightings/3/address", "no", &rows);
    if (strcmp(name, "retry") == 0)
        return spool_retry_aside(d->s, WALL_END);
    if (strcmp(name, "note") == 0)
        return spool_note_put(d->s, "note", "value");
    if (strcmp(name, "tick") == 0)
        return spool_tick(d->s, (wall_t){T0 + d->now}, 1000 + d->now + 5);
    return spool_prune(d->s, (wall_t){T0}, (wall_t){T0});
}

/* A failed step is tried again, by whatever means its error asks for. */
static int scenario(struct driver *d)
{
    const char *name = "";
    int r = open_patiently(d);
    if (r < 0)
        return 1;
    for (int step = 0; r != 1; step++) {
        d->now += 10000; /* too far apart to join */
        for (int i = 0; i < TRIES; i++) {
            r = do_step(d, step, &name);
            if (r == 1)
                break;
            say(name, step + 1, r);
            if (r == -EBADF && open_patiently(d) < 0)
                return 1;
            if (r == 0)
                break;
        }
    }
    return 0;
}

static int fill(struct driver *d)
{
    if (open_patiently(d) < 0)
        return 1;
    for (int64_t n = 1;; n++) {
        d->now++;
        int r = put(d, n, FILL_ROWS);
        say("put", n, r);
        if (r < 0)
            return r == -ENOSPC ? 0 : 1;
    }
}

static int drain(struct driver *d)
{
    d->now = 1000000;
    if (open_patiently(d) < 0)
        return 1;
    int r = take(d, true);
    while (r == 1) {
        r = spool_acknowledge(d->s, "srv", false);
        say("ack", d->run, r);
        if (r == 0)
            r = take(d, false);
    }
    say("drained", d->run, r);
    if (r < 0)
        (void)fprintf(stderr, "drain: %s\n", spool_diag(d->s));
    return r < 0;
}

/* ---- What it holds ------------------------------------------------------------------- */

static int show_sighting(void *arg, const struct report_sighting *x)
{
    char text[LICENSE_TEXT_SIZE];
    (void)printf("%s %s %lld\n", (const char *)arg, license_format(x->license, text),
                 (long long)(x->seen.first.s - T0));
    return 0;
}

static int show_gap(void *arg, const struct report_gap *x)
{
    (void)printf("%s gap-%s %lld %lld %lld\n", (const char *)arg, gap_kind_name(x->what),
                 (long long)(x->seen.first.s - T0), (long long)(x->seen.last.s - T0),
                 (long long)x->lost);
    return 0;
}

static int show(struct spool *s)
{
    char waiting[] = "waiting";
    char history[] = "history";
    struct spool_reader w = {.sighting = show_sighting, .gap = show_gap, .arg = waiting};
    struct spool_reader h = {.sighting = show_sighting, .gap = show_gap, .arg = history};
    int r = spool_waiting(s, &w);
    if (r == 0)
        r = spool_history(s, (struct span){WALL_BEGIN, WALL_END}, &h);
    if (r < 0)
        (void)fprintf(stderr, "dump: %s\n", spool_diag(s));
    return r < 0;
}

/* What was set aside is shown among what waits: the number tells how much of it there is. */
static int dump(struct driver *d)
{
    struct spool_counts c = {0};
    d->now = 1000000;
    if (open_patiently(d) < 0 || spool_count(d->s, &c) < 0)
        return 1;
    say("aside", c.aside, c.bytes);
    return spool_retry_aside(d->s, WALL_END) < 0 ? 1 : show(d->s);
}

static int look(struct driver *d)
{
    struct diag diag = {""};
    if (spool_open(d->path, SPOOL_LOOK, &d->s, NULL, &diag) == 0)
        return show(d->s);
    (void)fprintf(stderr, "look: %s\n", diag.text);
    return 1;
}

/* ---- Figures ------------------------------------------------------------------------- */

static int64_t now_us(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* it never fails */
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Of this process: proportional set size and its part that is nobody else's, KiB. */
static void show_memory(const char *when)
{
    AUTO_FREE char *line = NULL;
    size_t size = 0;
    FILE *f = fopen("/proc/self/smaps_rollup", "re");
    while (f && getline(&line, &size, f) > 0)
        if (strncmp(line, "Pss:", 4) == 0 || strncmp(line, "Private_Dirty:", 14) == 0)
            (void)printf("%s: %s", when, line);
    if (f)
        (void)fclose(f); /* only read */
}

static int measure(struct driver *d)
{
    enum { PUTS = 500 };
    struct spool_counts c = {0};
    show_memory("before");
    if (open_patiently(d) < 0)
        return 1;
    show_memory("open");
    int64_t began = now_us();
    for (int n = 1; n <= PUTS; n++)
        if (put(d, n, FILL_ROWS) < 0 || ++d->now < 0)
            return 1;
    int64_t took = now_us() - began;
    if (spool_count(d->s, &c) < 0)
        return 1;
    (void)printf("a put of %d rows: %lld us; %lld bytes a row\n", FILL_ROWS,
                 (long long)(took / PUTS), (long long)(c.bytes / (PUTS * FILL_ROWS)));
    show_memory("idle");
    began = now_us();
    int r = take(d, true);
    while (r == 1) {
        r = spool_acknowledge(d->s, "srv", false);
        r = r == 0 ? take(d, false) : r;
    }
    (void)printf("sent and acknowledged: %lld ms\n", (long long)((now_us() - began) / 1000));
    show_memory("after");
    return r < 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(struct driver *d);
    } commands[] = {{"scenario", scenario}, {"fill", fill}, {"drain", drain},
                    {"dump", dump},         {"look", look}, {"measure", measure}};
    int64_t run = 1;
    if (argc > 3 && text_to_int(text_of(argv[3]), 1, 65000, &run) != 0)
        return 64; /* EX_USAGE */
    for (size_t i = 0; argc > 2 && i < ARRAY_LEN(commands); i++) {
        if (strcmp(argv[1], commands[i].name) != 0)
            continue;
        struct driver d = {.path = argv[2], .run = (int)run};
        int r = commands[i].run(&d);
        spool_close(d.s);
        return fflush(stdout) == 0 ? r : 1;
    }
    (void)fputs("usage: spool_driver COMMAND PATH [RUN]\n", stderr);
    return 64;
}
