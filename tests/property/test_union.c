/*
 * The union as a property (SPEC 3): whatever the order in which reports come, however often,
 * and however they are cut into several, the store shows the same; and it shows what a plain
 * union over all that was ever reported gives.
 *
 * FAIRUSE_CASES says how many cases (2000); a failing one is run again with FAIRUSE_SEED.
 */
#include "support/leak.h"
#include "support/seed.h"
#include "support/store_dump.h"
#include "support/store_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

SUITE(union_property);

enum {
    REPORTS_MAX = 12,
    PARTS_MAX = 4,   /* of each kind in a report */
    TIME_RANGE = 60, /* small, so that much touches */
};

/* What one report says, before it is cut and repeated. */
struct said {
    struct say say;
    char server[8];
};

struct world {
    struct rng rng;
    dur_t gap;
    struct said reports[REPORTS_MAX];
    size_t n;
};

static int small(struct rng *r, int below)
{
    return (int)rng_below(r, (uint64_t)below);
}

static license_t random_license(struct rng *r)
{
    static const char *const texts[] = {"PLSK.00000001", "PLSK.00000002", "EXT.00000001"};
    return lic(texts[rng_below(r, ARRAY_LEN(texts))]);
}

static struct addr random_address(struct rng *r)
{
    static const char *const texts[] = {"203.0.113.1", "203.0.113.2", "2001:db8::1"};
    return ip(texts[rng_below(r, ARRAY_LEN(texts))]);
}

static struct span random_span(struct rng *r)
{
    int first = small(r, TIME_RANGE);
    int length = small(r, 3) == 0 ? 0 : small(r, 12);
    return SPAN(first, first + length);
}

static struct report_license random_facts(struct rng *r)
{
    struct report_license l = {.license = random_license(r)};
    l.version[0] = (char)('1' + small(r, 2));
    return l;
}

static struct report_mailboxes random_mailboxes(struct rng *r)
{
    struct report_mailboxes m = {.counts = {.mailboxes = small(r, 2),
                                            .lists = small(r, 2),
                                            .is_filtered = small(r, 2) == 0},
                                 .seen = random_span(r)};
    memcpy(m.domain, small(r, 2) ? "a.nl" : "b.nl", 5);
    return m;
}

/*
 * The counter is random too: some reports share one with different bodies, which is a fork. The
 * body's digest is the report's number.
 */
static void random_report(struct world *w, size_t i)
{
    static const char *const peers[] = {NULL, "203.0.113.7", "203.0.113.8"};
    struct rng *r = &w->rng;
    struct said *x = &w->reports[i];
    *x = (struct said){.say = {.boot = 1 + small(r, 2),
                               .counter = 1 + small(r, 4),
                               .is_late = small(r, 4) == 0,
                               .peer = peers[rng_below(r, ARRAY_LEN(peers))],
                               .received = AT(small(r, TIME_RANGE)),
                               .digest = i,
                               .gap = w->gap,
                               .n_licenses = rng_below(r, 3),
                               .n_sightings = rng_below(r, PARTS_MAX + 1),
                               .n_mailboxes = rng_below(r, PARTS_MAX + 1),
                               .n_gaps = rng_below(r, PARTS_MAX)}};
    (void)snprintf(x->server, sizeof x->server, "srv-%d", small(r, 2));
    for (size_t k = 0; k < x->say.n_licenses; k++)
        x->say.licenses[k] = random_facts(r);
    for (size_t k = 0; k < x->say.n_sightings; k++)
        x->say.sightings[k] = (struct report_sighting){
            random_license(r), random_address(r),
            (enum source)((int)SOURCE_KEYSERVER + small(r, 2)), random_span(r)};
    for (size_t k = 0; k < x->say.n_mailboxes; k++)
        x->say.mailboxes[k] = random_mailboxes(r);
    for (size_t k = 0; k < x->say.n_gaps; k++)
        x->say.gaps[k] =
            (struct report_gap){(enum gap_kind)small(r, 2), random_span(r), small(r, 9)};
}

static struct world random_world(struct rng *from)
{
    static const int64_t gaps[] = {0, 1, 3, 10, 100};
    struct world w = {.rng = {rng_next(from)}};
    w.gap.s = gaps[rng_below(&w.rng, ARRAY_LEN(gaps))];
    w.n = 1 + rng_below(&w.rng, REPORTS_MAX);
    for (size_t i = 0; i < w.n; i++)
        random_report(&w, i);
    return w;
}

/* ---- Ways to send it ------------------------------------------------------------------ */

static int send(struct store *s, const struct said *x)
{
    struct say say = x->say;
    say.server = x->server;
    return store_say(s, say);
}

static int send_in_order(struct store *s, struct world *w)
{
    int r = 0;
    for (size_t i = 0; i < w->n && r == 0; i++)
        r = send(s, &w->reports[i]);
    return r;
}

/* Each at least once, in any order, some of them again and again. */
static int send_shuffled(struct store *s, struct world *w)
{
    size_t order[REPORTS_MAX * 2];
    size_t n = w->n + rng_below(&w->rng, w->n + 1);
    for (size_t i = 0; i < n; i++)
        order[i] = i < w->n ? i : rng_below(&w->rng, w->n);
    for (size_t i = n; i > 1; i--) {
        size_t other = rng_below(&w->rng, i);
        size_t kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
    int r = 0;
    for (size_t i = 0; i < n && r == 0; i++)
        r = send(s, &w->reports[order[i]]);
    return r;
}

/* A stretch in two that share a moment, or as it is. False when nothing is left for later. */
static bool cut(struct rng *r, struct span *now, struct span *later)
{
    *later = *now;
    if (now->first.s == now->last.s || small(r, 2) == 0)
        return false;
    int64_t middle = rng_between(r, now->first.s, now->last.s);
    now->last.s = middle;
    later->first.s = middle;
    return true;
}

/*
 * One part of a report: what it says of each list is taken from `rest`, or left for a later
 * part, or cut in two. Licences stay in all parts, as an agent would list them.
 */
static void take_part(struct rng *r, struct say *rest, struct say *part)
{
    *part = *rest;
    part->n_sightings = part->n_mailboxes = part->n_gaps = 0;
    size_t n = rest->n_sightings;
    rest->n_sightings = 0;
    for (size_t i = 0; i < n; i++) {
        struct report_sighting x = rest->sightings[i];
        struct report_sighting later = x;
        bool is_later = small(r, 2) == 0;
        if (is_later || cut(r, &x.seen, &later.seen))
            rest->sightings[rest->n_sightings++] = later;
        if (!is_later)
            part->sightings[part->n_sightings++] = x;
    }
    n = rest->n_mailboxes;
    rest->n_mailboxes = 0;
    for (size_t i = 0; i < n; i++) {
        struct report_mailboxes x = rest->mailboxes[i];
        struct report_mailboxes later = x;
        bool is_later = small(r, 2) == 0;
        if (is_later || cut(r, &x.seen, &later.seen))
            rest->mailboxes[rest->n_mailboxes++] = later;
        if (!is_later)
            part->mailboxes[part->n_mailboxes++] = x;
    }
    n = rest->n_gaps;
    rest->n_gaps = 0;
    for (size_t i = 0; i < n; i++) {
        bool is_later = small(r, 2) == 0;
        struct report_gap *to =
            is_later ? &rest->gaps[rest->n_gaps++] : &part->gaps[part->n_gaps++];
        *to = rest->gaps[i];
    }
}

/* Each cut into one to three, with counters of their own, latest report first. */
static int send_split(struct store *s, struct world *w)
{
    int64_t counter = 100;
    int r = 0;
    for (size_t i = w->n; i-- > 0 && r == 0;) {
        struct said rest = w->reports[i];
        for (uint64_t parts = rng_below(&w->rng, 3); parts > 0 && r == 0; parts--) {
            struct said part = rest;
            take_part(&w->rng, &rest.say, &part.say);
            part.say.counter = counter++;
            r = send(s, &part);
        }
        rest.say.counter = counter++;
        if (r == 0)
            r = send(s, &rest);
    }
    return r;
}

/* ---- The plain union ------------------------------------------------------------------ */

struct piece {
    char key[400]; /* the line of the dump, without its times */
    struct span seen;
    int64_t lost; /* -1 = not a gap */
};

struct pieces {
    struct piece v[REPORTS_MAX * (4 * PARTS_MAX)];
    size_t n;
};

static void add_sighting_piece(struct pieces *p, const struct said *x,
                               const struct report_sighting *seen)
{
    char license[LICENSE_TEXT_SIZE];
    char at[ADDR_TEXT_SIZE];
    struct piece *piece = &p->v[p->n++];
    *piece = (struct piece){.seen = seen->seen, .lost = -1};
    (void)snprintf(piece->key, sizeof piece->key, "sighting %s %s/%d %s %s",
                   license_format(seen->license, license), x->server, x->say.boot,
                   addr_format(&seen->address, at), source_name(seen->source));
}

static void add_pieces(struct pieces *p, const struct said *x)
{
    const struct say *say = &x->say;
    for (size_t i = 0; i < say->n_sightings; i++)
        add_sighting_piece(p, x, &say->sightings[i]);
    for (size_t i = 0; i < say->n_licenses && say->peer && !say->is_late; i++) {
        struct report_sighting peer = {say->licenses[i].license,
                                       ip(say->peer),
                                       SOURCE_PEER,
                                       {say->received, say->received}};
        add_sighting_piece(p, x, &peer);
    }
    for (size_t i = 0; i < say->n_mailboxes; i++) {
        const struct report_mailboxes *m = &say->mailboxes[i];
        struct piece *piece = &p->v[p->n++];
        *piece = (struct piece){.seen = m->seen, .lost = -1};
        (void)snprintf(piece->key, sizeof piece->key, "mail %s %s %d,0,0,%d,0%s", m->domain,
                       x->server, (int)m->counts.mailboxes, (int)m->counts.lists,
                       m->counts.is_filtered ? " filtered" : "");
    }
    for (size_t i = 0; i < say->n_gaps; i++) {
        struct piece *piece = &p->v[p->n++];
        *piece = (struct piece){.seen = say->gaps[i].seen, .lost = say->gaps[i].lost};
        (void)snprintf(piece->key, sizeof piece->key, "gap %s/%d %s", x->server, say->boot,
                       gap_kind_name(say->gaps[i].what));
    }
}

static bool are_one(const struct piece *a, const struct piece *b, dur_t gap)
{
    return strcmp(a->key, b->key) == 0 && a->seen.first.s <= b->seen.last.s + gap.s &&
           b->seen.first.s <= a->seen.last.s + gap.s;
}

/* Puts together any two that are one, until there are no such two. */
static void join_pieces(struct pieces *p, dur_t gap)
{
    for (size_t i = 0; i < p->n; i++) {
        for (size_t k = i + 1; k < p->n; k++) {
            struct piece *a = &p->v[i];
            const struct piece *b = &p->v[k];
            if (!are_one(a, b, gap))
                continue;
            a->seen.first = wall_min(a->seen.first, b->seen.first);
            a->seen.last = wall_max(a->seen.last, b->seen.last);
            a->lost = a->lost > b->lost ? a->lost : b->lost;
            p->v[k] = p->v[--p->n];
            k = i; /* it is longer now: look at all the others again */
        }
    }
}

/* Whether the dump has exactly the lines of the pieces. */
static bool is_union(const struct pieces *p, const char *dump)
{
    size_t lines = 0;
    for (const char *c = dump; *c; c++)
        lines += *c == '\n';
    if (lines != p->n)
        return false;
    AUTO(buf) struct buf line = BUF_INIT(1000);
    AUTO(buf) struct buf all = BUF_INIT(1 << 20);
    buf_printf(&all, "\n%s", dump);
    for (size_t i = 0; i < p->n; i++) {
        buf_reset(&line);
        buf_printf(&line, "\n%s %lld-%lld", p->v[i].key,
                   (long long)(p->v[i].seen.first.s - T0.s),
                   (long long)(p->v[i].seen.last.s - T0.s));
        if (p->v[i].lost >= 0)
            buf_printf(&line, " lost %lld", (long long)p->v[i].lost);
        buf_add_char(&line, '\n');
        if (!strstr(buf_str(&all), buf_str(&line)))
            return false;
    }
    return buf_error(&all) == 0;
}

/* ---- The properties ------------------------------------------------------------------- */

static long cases(void)
{
    const char *text = getenv("FAIRUSE_CASES");
    int64_t n = 2000;
    if (text)
        cr_assert_eq(text_to_int(text_of(text), 1, 100000000, &n), 0,
                     "FAIRUSE_CASES is a number");
    return (long)n;
}

/* What the store shows after all of it was sent in one way; then none of it was. */
static void show(struct store *s, int (*how)(struct store *s, struct world *w), struct world *w,
                 unsigned what, struct buf *ret)
{
    buf_reset(ret);
    cr_assert_eq(store_begin(s), 0, "%s", store_diag(s));
    cr_assert_eq(how(s, w), 0, "%s", store_diag(s));
    cr_assert_eq(store_dump(s, what, T0, ret), 0, "%s", store_diag(s));
    store_rollback(s);
}

static void note_first(void *arg, const char *sentence)
{
    struct diag *d = arg;
    if (!d->text[0])
        (void)diag_set(d, 0, "%s", sentence);
}

static struct store *new_store(struct temp *dir)
{
    char path[TEMP_PATH_SIZE];
    char url[TEMP_PATH_SIZE + 8];
    struct store *s = NULL;
    struct diag d = {""};
    cr_assert_eq(temp_make(dir), 0);
    (void)snprintf(url, sizeof url, "sqlite:%s", temp_file(dir, "fairuse.db", path));
    cr_assert_eq(store_open(url, STORE_CREATE, &s, &d), 0, "%s", d.text);
    return s;
}

Test(union_property, order_and_repetition_change_nothing)
{
    AUTO(temp) struct temp dir;
    AUTO(store) struct store *s = new_store(&dir);
    AUTO(buf) struct buf want = BUF_INIT(1 << 20);
    AUTO(buf) struct buf got = BUF_INIT(1 << 20);
    struct rng rng = {seed_now()};
    for (long i = 0, n = cases(); i < n; i++) {
        struct world w = random_world(&rng);
        show(s, send_in_order, &w, DUMP_ALL, &want);
        show(s, send_shuffled, &w, DUMP_ALL, &got);
        cr_assert_str_eq(buf_str(&got), buf_str(&want), "case %ld: in order\n%sshuffled\n%s", i,
                         buf_str(&want), buf_str(&got));
    }
}

/* Forks are left out: parts have counters of their own. */
Test(union_property, cutting_reports_into_several_changes_nothing)
{
    AUTO(temp) struct temp dir;
    AUTO(store) struct store *s = new_store(&dir);
    AUTO(buf) struct buf want = BUF_INIT(1 << 20);
    AUTO(buf) struct buf got = BUF_INIT(1 << 20);
    struct rng rng = {seed_now() ^ 1};
    for (long i = 0, n = cases(); i < n; i++) {
        struct world w = random_world(&rng);
        show(s, send_in_order, &w, DUMP_ALL & ~DUMP_FORKS, &want);
        show(s, send_split, &w, DUMP_ALL & ~DUMP_FORKS, &got);
        cr_assert_str_eq(buf_str(&got), buf_str(&want), "case %ld: whole\n%scut\n%s", i,
                         buf_str(&want), buf_str(&got));
    }
}

Test(union_property, it_is_the_plain_union_of_all_that_was_said)
{
    AUTO(temp) struct temp dir;
    AUTO(store) struct store *s = new_store(&dir);
    AUTO(buf) struct buf got = BUF_INIT(1 << 20);
    struct rng rng = {seed_now() ^ 2};
    for (long i = 0, n = cases(); i < n; i++) {
        struct world w = random_world(&rng);
        struct pieces p = {.n = 0};
        for (size_t k = 0; k < w.n; k++)
            add_pieces(&p, &w.reports[k]);
        join_pieces(&p, w.gap);
        show(s, send_shuffled, &w, DUMP_SIGHTINGS | DUMP_MAIL | DUMP_GAPS, &got);
        cr_assert(is_union(&p, buf_str(&got)), "case %ld: shows\n%s", i, buf_str(&got));
    }
}

/* What is in the store at the end was made by many transactions, and is sound. */
Test(union_property, what_many_reports_leave_is_sound)
{
    enum { WORLDS = 50 };
    AUTO(temp) struct temp dir;
    AUTO(store) struct store *s = new_store(&dir);
    struct rng rng = {seed_now() ^ 3};
    dur_t gap = {3}; /* one for all: it is a setting of the whole store */
    for (int i = 0; i < WORLDS; i++) {
        struct world w = random_world(&rng);
        for (size_t k = 0; k < w.n; k++)
            w.reports[k].say.gap = gap;
        cr_assert_eq(store_begin(s), 0);
        cr_assert_eq(send_shuffled(s, &w), 0, "%s", store_diag(s));
        cr_assert_eq(store_commit(s), 0, "%s", store_diag(s));
    }
    struct diag first = {""};
    int64_t defects = -1;
    cr_assert_eq(store_check(s, note_first, &first, &defects), 0, "%s", store_diag(s));
    cr_assert_eq(defects, 0, "%s", first.text);
}
