/*
 * The spool against a naive model: whatever is put, taken, acknowledged, given back, refused,
 * tried again or interrupted, in whatever order and by whatever clock, it holds what was put,
 * joined, and nothing else.
 *
 * The model keeps every stretch as it was put and where it is; what the spool shows is worked
 * out from all of them each time.
 */
#include "support/leak.h"
#include "support/seed.h"
#include "support/spooling.h"

#include <stdio.h>
#include <string.h>

SUITE(model);

enum { MOST = 16000, RUNS = 200, LINE = 112, NO_RUN = -1 };

/* One stretch as it was put; in history, moved to wall time. */
struct fact {
    char key[LINE / 2]; /* as the dump writes it */
    int run;
    enum { WAITING, LEAVING, ASIDE, HISTORY } place;
    bool was_retried;
    struct span seen;
    struct span told; /* of history: on its run's clock, to be sent again */
    bool is_kept;     /* of history: it is told again when it is asked for */
};

struct model_run {
    int kernel;
    int64_t started, started_s, correction;
};

struct model {
    struct spooling f;
    struct rng rng;
    struct fact facts[MOST];
    size_t n;
    struct model_run runs[RUNS];
    int run, kernel; /* the present ones */
    int leaving;     /* the run whose report is on its way */
    int64_t leaving_correction;
    /* The true time since T0; the boot clock began at boot_at; the wall clock shows jump more.
     */
    int64_t now, boot_at, jump;
    int64_t rows[HISTORY + 1];
};

/* ---- What the spool should show ------------------------------------------------------ */

struct lines {
    char v[MOST][LINE];
    size_t n;
};

static int compare_lines(const void *a, const void *b)
{
    return strcmp(a, b);
}

static int compare_facts(const void *a, const void *b)
{
    const struct fact *x = a;
    const struct fact *y = b;
    int order = strcmp(x->key, y->key);
    return order != 0 ? order : span_compare(&x->seen, &y->seen);
}

static bool is_near(const struct fact *a, const struct fact *b)
{
    return strcmp(a->key, b->key) == 0 && b->seen.first.s - a->seen.last.s <= SPOOL_MERGE_GAP.s;
}

/* Joins sorted facts, and writes each that is left as a line. */
static void write_lines(struct fact *v, size_t n, struct lines *out)
{
    out->n = 0;
    for (size_t i = 0; i < n;) {
        struct fact whole = v[i++];
        for (; i < n && is_near(&whole, &v[i]); i++)
            whole.seen = span_union(whole.seen, &v[i].seen, 1);
        bool is_gap = strncmp(whole.key, "gap", 3) == 0;
        (void)snprintf(out->v[out->n++], LINE, "%s %lld-%lld%s", whole.key,
                       (long long)(whole.seen.first.s - SPOOLING_T0),
                       (long long)(whole.seen.last.s - SPOOLING_T0), is_gap ? " lost 0" : "");
    }
    qsort(out->v, out->n, LINE, compare_lines);
}

static void expected(const struct model *m, bool is_history, struct lines *out)
{
    static struct fact v[MOST];
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++) {
        struct fact x = m->facts[i];
        bool waits = x.place == WAITING || x.place == LEAVING;
        if (is_history ? x.place != HISTORY : !waits)
            continue;
        int64_t by = is_history ? 0 : m->runs[x.run].correction;
        x.seen = (struct span){{x.seen.first.s + by}, {x.seen.last.s + by}};
        v[n++] = x;
    }
    qsort(v, n, sizeof *v, compare_facts);
    write_lines(v, n, out);
}

static void split(char *text, struct lines *out)
{
    out->n = 0;
    for (char *p = text; *p;) {
        size_t n = strcspn(p, "\n");
        (void)snprintf(out->v[out->n++], LINE, "%.*s", (int)n, p);
        p += n + (p[n] == '\n');
    }
    free(text);
    qsort(out->v, out->n, LINE, compare_lines);
}

static void must_match(const struct model *m, char *text, bool is_history, const char *after)
{
    static struct lines is;
    static struct lines should;
    split(text, &is);
    expected(m, is_history, &should);
    for (size_t i = 0; i < is.n || i < should.n; i++)
        cr_assert(i < is.n && i < should.n && strcmp(is.v[i], should.v[i]) == 0,
                  "after %s, %s: is '%s', not '%s'", after, is_history ? "history" : "waiting",
                  i < is.n ? is.v[i] : "-", i < should.n ? should.v[i] : "-");
}

static void check(struct model *m, const char *after)
{
    struct spool_counts c = spooling_counts(&m->f);
    cr_assert_eq(c.waiting, m->rows[WAITING] + m->rows[LEAVING], "after %s", after);
    cr_assert_eq(c.aside, m->rows[ASIDE], "after %s", after);
    must_match(m, spooling_waiting(&m->f), false, after);
    must_match(m, spooling_history(&m->f), true, after);
}

/* ---- What joins do besides ----------------------------------------------------------- */

static int compare_places(const void *a, const void *b)
{
    const struct fact *x = a;
    const struct fact *y = b;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return x->run != y->run ? x->run - y->run : compare_facts(a, b);
}

/* What was tried again shares that with all that it is joined with. Counts the rows that are
 * left of each place. */
static void share_retries(struct model *m)
{
    memset(m->rows, 0, sizeof m->rows);
    qsort(m->facts, m->n, sizeof m->facts[0], compare_places);
    for (size_t i = 0; i < m->n;) {
        struct fact whole = m->facts[i];
        size_t first = i++;
        m->rows[whole.place]++;
        for (; i < m->n && m->facts[i].place == whole.place && m->facts[i].run == whole.run &&
               is_near(&whole, &m->facts[i]);
             i++) {
            whole.seen = span_union(whole.seen, &m->facts[i].seen, 1);
            whole.was_retried |= m->facts[i].was_retried;
        }
        for (; first < i; first++)
            m->facts[first].was_retried = whole.was_retried;
    }
}

/* ---- Steps --------------------------------------------------------------------------- */

static struct spool_now now_of(const struct model *m)
{
    return (struct spool_now){.now = {SPOOLING_T0 + m->now + m->jump},
                              .boot_s = m->now - m->boot_at};
}

/* Less than two seconds is no step: both clocks are whole seconds. */
static void correct(struct model *m)
{
    for (int i = 0; i <= m->run; i++) {
        struct model_run *r = &m->runs[i];
        int64_t shown = r->started + (m->now - m->boot_at - r->started_s);
        int64_t correction = m->now + m->jump - shown;
        int64_t off = correction - r->correction;
        if (r->kernel == m->kernel && (off >= 2 || off <= -2))
            r->correction = correction;
    }
}

static void move(struct model *m, int run, int from, int to)
{
    for (size_t i = 0; i < m->n; i++)
        if ((run == NO_RUN || m->facts[i].run == run) && (int)m->facts[i].place == from) {
            m->facts[i].place = (unsigned)to;
        }
}

static void restart(struct model *m)
{
    if (rng_below(&m->rng, 2) == 0) { /* the whole machine */
        m->kernel++;
        m->now += 60;
        m->boot_at = m->now - 5;
    }
    m->run++;
    cr_assert_lt(m->run, RUNS);
    m->runs[m->run] = (struct model_run){
        .kernel = m->kernel, .started = m->now + m->jump, .started_s = m->now - m->boot_at};
    spooling_open(&m->f);
    spooling_begin(&m->f, m->run + 1, m->kernel, m->now + m->jump, m->now - m->boot_at);
    move(m, NO_RUN, LEAVING, WAITING);
    m->leaving = NO_RUN;
}

/* A stretch of the last two hours, on the run's own clock. */
static void put(struct model *m)
{
    const struct model_run *r = &m->runs[m->run];
    int64_t now = r->started + m->now - m->boot_at - r->started_s;
    int64_t last = now - rng_between(&m->rng, 0, 7200);
    int64_t first = last - rng_between(&m->rng, 0, 900);
    int a = (int)rng_below(&m->rng, 3);
    int b = (int)rng_below(&m->rng, 2);
    struct fact x = {
        .run = m->run, .place = WAITING, .seen = {{SPOOLING_T0 + first}, {SPOOLING_T0 + last}}};
    int e = 0;
    switch (rng_below(&m->rng, 5)) {
    case 0:
        (void)snprintf(x.key, sizeof x.key, "gap conntrack");
        e = spooling_put_gap(&m->f, spooling_gap(GAP_CONNTRACK, first, last, 0));
        break;
    case 1:
        (void)snprintf(x.key, sizeof x.key, "example%d.nl %d", a, b);
        e = spooling_put_mailboxes(&m->f, spooling_mailboxes(a, b, first, last));
        break;
    default:
        (void)snprintf(x.key, sizeof x.key, "S%d A%d keyserver", a + 1, b);
        e = spooling_put_sighting(&m->f, spooling_sighting(a + 1, b, first, last));
        break;
    }
    cr_assert_eq(e, 0, "%d %s", e, spool_diag(m->f.s));
    cr_assert_lt(m->n, (size_t)MOST);
    m->facts[m->n++] = x;
}

/* Which run's report this is, and that it holds what waited of that run. */
static void take(struct model *m)
{
    AUTO(report) struct report r = {.counter = 0};
    struct spool_now at = now_of(m);
    bool is_first = rng_below(&m->rng, 2) == 0;
    int e = spool_take_report(m->f.s, &at, is_first, &r);
    cr_assert_geq(e, 0, "%s", spool_diag(m->f.s));
    correct(m);
    if (e == 0)
        return;
    m->leaving = (r.boot.bytes[0] << 8 | r.boot.bytes[15]) - 1;
    m->leaving_correction = m->runs[m->leaving].correction;
    cr_assert_eq(r.is_live, m->leaving == m->run);
    move(m, m->leaving, WAITING, LEAVING);
}

static void acknowledge(struct model *m)
{
    cr_assert_eq(spool_acknowledge(m->f.s, "srv", false), 0, "%s", spool_diag(m->f.s));
    for (size_t i = 0; i < m->n; i++) {
        struct fact *x = &m->facts[i];
        if (x->place != LEAVING)
            continue;
        x->place = HISTORY;
        x->told = x->seen;
        x->is_kept = true;
        x->was_retried = false;
        x->seen.first.s += m->leaving_correction;
        x->seen.last.s += m->leaving_correction;
    }
    m->leaving = NO_RUN;
}

static void give_back(struct model *m)
{
    cr_assert_eq(spool_give_back(m->f.s), 0, "%s", spool_diag(m->f.s));
    move(m, NO_RUN, LEAVING, WAITING);
    m->leaving = NO_RUN;
}

/* Whole, or the first gap alone: there is one key of them, and its first stretch is known. */
static void set_aside(struct model *m)
{
    bool is_whole = rng_below(&m->rng, 2) == 0;
    int64_t rows = 0;
    struct fact *first = NULL;
    cr_assert_eq(spool_set_aside(m->f.s, is_whole ? "" : "/gaps/0/first", "no", &rows), 0);
    qsort(m->facts, m->n, sizeof m->facts[0], compare_places);
    for (size_t i = 0; i < m->n; i++) {
        struct fact *x = &m->facts[i];
        if (x->place != LEAVING || strncmp(x->key, "gap", 3) != 0)
            continue;
        if (!first)
            first = x;
        if (!is_near(first, x))
            continue;
        first->seen.last = wall_max(first->seen.last, x->seen.last); /* to see what is near */
        x->place = ASIDE;
        cr_expect_eq(is_whole ? 1 : rows, 1);
    }
    move(m, NO_RUN, LEAVING, is_whole || !first ? ASIDE : WAITING);
    m->leaving = NO_RUN;
}

static void retry(struct model *m)
{
    cr_assert_eq(spool_retry_aside(m->f.s, WALL_END), 0, "%s", spool_diag(m->f.s));
    for (size_t i = 0; i < m->n; i++) {
        struct fact *x = &m->facts[i];
        if (x->place != ASIDE || x->was_retried)
            continue;
        x->place = WAITING;
        x->was_retried = true;
    }
}

/* What was acknowledged waits too, from then on; history keeps what it has. */
static void resend(struct model *m)
{
    int64_t rows = 0;
    cr_assert_eq(spool_resend(m->f.s, "srv", &rows), 0, "%s", spool_diag(m->f.s));
    for (size_t i = 0, n = m->n; i < n; i++) {
        struct fact *x = &m->facts[i];
        if (x->place != HISTORY || !x->is_kept)
            continue;
        x->is_kept = false;
        cr_assert_lt(m->n, (size_t)MOST);
        struct fact *again = &m->facts[m->n++];
        *again = *x;
        again->place = WAITING;
        again->seen = x->told;
    }
}

static void tick(struct model *m)
{
    struct spool_now at = now_of(m);
    cr_assert_eq(spool_tick(m->f.s, at.now, at.boot_s), 0, "%s", spool_diag(m->f.s));
    correct(m);
}

static const char *step(struct model *m)
{
    uint64_t dice = rng_below(&m->rng, 100);
    m->now += rng_between(&m->rng, 0, 600);
    if (dice < 60)
        return put(m), "put";
    if (dice < 64)
        return tick(m), "tick";
    if (dice < 66)
        return m->jump += rng_between(&m->rng, -5000, 5000), "jump";
    if (dice < 70)
        return restart(m), "restart";
    if (dice < 73)
        return retry(m), "retry";
    if (dice < 74)
        return resend(m), "resend";
    if (m->leaving == NO_RUN)
        return take(m), "take";
    if (dice < 86)
        return acknowledge(m), "acknowledge";
    return dice < 93 ? (give_back(m), "give back") : (set_aside(m), "set aside");
}

static void start(struct model *m)
{
    spooling_start(&m->f);
    m->boot_at = -1000;
    m->kernel = 1;
    m->leaving = NO_RUN;
    m->runs[0] = (struct model_run){.kernel = 1, .started_s = 1000};
}

Test(model, what_was_put_is_there_joined_and_nothing_else, .timeout = 300)
{
    enum { ROUNDS = 6, STEPS = 700 };
    static struct model m;
    m.rng.state = seed_now();
    for (int round = 0; round < ROUNDS; round++) {
        m = (struct model){.rng = m.rng};
        start(&m);
        for (int i = 0; i < STEPS; i++) {
            const char *did = step(&m);
            share_retries(&m);
            check(&m, did);
        }
        spooling_done(&m.f);
    }
}

/* ---- With a cap ---------------------------------------------------------------------- */

/* What a cap took is within the gap that says so; the rest of what was put is there. */
Test(model, what_a_cap_took_is_told, .timeout = 300)
{
    enum { STEPS = 60, EACH = 200 };
    AUTO(spooling) struct spooling f;
    static struct report_sighting s[STEPS * EACH];
    struct rng rng = {seed_now()};
    int64_t rows = 0;
    spooling_start(&f);
    spool_set_cap(f.s, 1000);
    for (int i = 0; i < STEPS; i++) {
        struct report_sighting *v = s + (size_t)i * EACH;
        for (int k = 0; k < EACH; k++) {
            int64_t at = rng_between(&rng, i * 100, i * 100 + 5000);
            v[k] = spooling_sighting(1 + i * EACH + k, k, at, at);
        }
        struct spool_facts facts = {.sightings = v, .n_sightings = EACH};
        cr_assert_eq(spool_put(f.s, &facts), 0);
        if (rng_below(&rng, 3) != 0)
            continue;
        free(spooling_take(&f, 100000, 0, true));
        switch (rng_below(&rng, 3)) {
        case 0: cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0); break;
        case 1: cr_assert_eq(spool_give_back(f.s), 0); break;
        default: cr_assert_eq(spool_set_aside(f.s, "/sightings/7", "no", &rows), 0); break;
        }
        cr_expect_leq(spooling_counts(&f).waiting + spooling_counts(&f).aside, 1001);
    }
    cr_assert_eq(spool_retry_aside(f.s, WALL_END), 0);
    AUTO_FREE char *waiting = spooling_waiting(&f);
    AUTO_FREE char *history = spooling_history(&f);
    int64_t lost = 0;
    int64_t missing = 0;
    for (const char *text = waiting; text; text = text == waiting ? history : NULL)
        for (const char *p = text; (p = strstr(p, "gap spool")) != NULL; p++) {
            const char *said = strstr(p, "lost ") + strlen("lost ");
            int64_t n = 0;
            cr_assert_eq(
                text_to_int((struct text){said, strcspn(said, "\n")}, 0, INT64_MAX, &n), 0);
            lost += n;
        }
    for (int i = 0; i < (int)ARRAY_LEN(s); i++) {
        char key[32];
        (void)snprintf(key, sizeof key, "S%d A%d ", 1 + i, i % EACH);
        missing += strstr(waiting, key) == NULL && strstr(history, key) == NULL;
    }
    cr_expect_eq(missing, lost, "%lld are missing, %lld are told of", (long long)missing,
                 (long long)lost);
}
