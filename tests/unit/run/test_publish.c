/* What of an audit's findings agents are told: rows worked out by hand from SPEC 3 and 6. */
#include "run/publish.h"

#include <errno.h>
#include <string.h>

#include "support/leak.h"
#include "support/store_fixture.h"

SUITE(publish);

enum { OLD, NOW, FUTURE, CLOSED }; /* periods: open, the newest open, not open yet, closed */

/* August is closed and still corrected; September and October 2026 are open. */
static period_t period_of(int which)
{
    static const char *const names[] = {
        [OLD] = "2026-09", [NOW] = "2026-10", [FUTURE] = "2026-11", [CLOSED] = "2026-08"};
    period_t p = {0};
    cr_assert_eq(period_parse(text_of(names[which]), &p), 0);
    return p;
}

static struct run_periods periods(void)
{
    return (struct run_periods){
        .v = {period_of(CLOSED), period_of(OLD), period_of(NOW)}, .n_corrected = 1, .n = 3};
}

static const struct run_setup setup; /* no finding here has evidence to look ahead by */

#define L1 "PLSK.00000001"
#define L2 "PLSK.00000002"

/* Times are seconds after T0; confirms 0 = none. */
struct said {
    int period;
    enum finding_kind kind;
    enum finding_state state;
    const char *reseller, *subject;
    int since, confirms;
};

static struct finding finding_of(const struct said *s)
{
    return (struct finding){.period = period_of(s->period),
                            .kind = s->kind,
                            .state = s->state,
                            .reseller = s->reseller,
                            .subject = s->subject,
                            .quantity = 1,
                            .has_since = s->state >= STATE_POTENTIAL,
                            .since = AT(s->since),
                            .has_confirms = s->confirms != 0,
                            .confirms_at = AT(s->confirms),
                            .policy = "1",
                            .evidence = "{}"};
}

struct world {
    struct store_place place;
    struct store *store;
};

static void world_done(struct world *w)
{
    store_close(w->store);
    temp_done(&w->place.dir);
}

static void world_make(struct world *w)
{
    struct diag d = {""};
    *w = (struct world){.store = NULL};
    cr_assert_eq(store_backends[0].find_place(&w->place), 0);
    cr_assert_eq(store_open(w->place.url, STORE_CREATE, &w->store, &d), 0, "%s", d.text);
}

static struct publish *publish_of(const struct said *said, size_t n)
{
    struct run_periods p = periods();
    struct publish *ret = NULL;
    struct diag d = {""};
    cr_assert_eq(publish_new(&setup, &p, &ret, &d), 0, "%s", d.text);
    for (size_t i = 0; i < n; i++) {
        struct finding f = finding_of(&said[i]);
        cr_assert_eq(publish_take(ret, &f), 0);
    }
    return ret;
}

static int64_t put(struct world *w, struct publish *p, wall_t as_of)
{
    struct diag d = {""};
    int64_t rows = -1;
    cr_assert_eq(store_begin(w->store), 0, "%s", store_diag(w->store));
    cr_assert_eq(publish_put(p, w->store, as_of, &rows, &d), 0, "%s", d.text);
    cr_assert_eq(store_commit(w->store), 0, "%s", store_diag(w->store));
    return rows;
}

/* The rows that stand: "LICENCE RESELLER STATE KINDS +SINCE +CONFIRMS", one a line. */
static const char *standings(struct world *w, struct buf *out)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_standing s;
    char text[LICENSE_TEXT_SIZE];
    cr_assert_eq(store_scan_standings(w->store, &scan), 0, "%s", store_diag(w->store));
    buf_reset(out);
    int r;
    while ((r = store_next_standing(scan, &s)) > 0) {
        buf_printf(out, "%s %s %s", license_format(s.license, text), s.reseller,
                   s.is_confirmed ? "confirmed" : "potential");
        for (unsigned k = 0; k < 8; k++)
            if (s.kinds & 1U << k)
                buf_printf(out, " %s", charge_kind_name((enum charge_kind)k));
        buf_printf(out, " +%lld", (long long)(s.since.s - T0.s));
        if (s.has_confirms)
            buf_printf(out, " +%lld", (long long)(s.confirms_at.s - T0.s));
        buf_add_str(out, "\n");
    }
    cr_assert_eq(r, 0, "%s", store_diag(w->store));
    return buf_str(out);
}

#define X FINDING_EXTRA_IP
#define O FINDING_OUTSIDE
#define P STATE_POTENTIAL
#define C STATE_CONFIRMED

static const struct row {
    const char *why;
    struct said said[4];
    const char *stands;
} rows[] = {
    {"nothing was found", {{.subject = NULL}}, ""},
    {"potential in the newest",
     {{NOW, X, P, "r1", L1, 5, 90}},
     L1 " r1 potential extra-ip +5 +90\n"},
    {"potential, and not going on: no moment of confirmation",
     {{NOW, X, P, "r1", L1, 5, 0}},
     L1 " r1 potential extra-ip +5\n"},
    {"potential in an older one is over", {{OLD, X, P, "r1", L1, 5, 90}}, ""},
    {"confirmed in an older one is going to be charged",
     {{OLD, X, C, "r1", L1, 5, 0}},
     L1 " r1 confirmed extra-ip +5\n"},
    {"closed is entered: it tells nobody any more", {{CLOSED, X, C, "r1", L1, 5, 0}}, ""},
    {"no such period was asked for", {{FUTURE, X, C, "r1", L1, 5, 0}}, ""},
    {"the worst, all kinds, the earliest since; a confirmed one has no moment",
     {{OLD, X, C, "r1", L1, 50, 0}, {NOW, O, P, "r1", L1, 20, 90}},
     L1 " r1 confirmed extra-ip outside +20\n"},
    {"of two potential ones the earlier moment",
     {{NOW, X, P, "r1", L1, 7, 90}, {NOW, O, P, "r1", L1, 8, 80}},
     L1 " r1 potential extra-ip outside +7 +80\n"},
    {"of two potential ones the only moment",
     {{NOW, X, P, "r1", L1, 7, 0}, {NOW, O, P, "r1", L1, 6, 80}},
     L1 " r1 potential extra-ip outside +6 +80\n"},
    {"an older potential one adds neither kind nor since",
     {{OLD, O, P, "r1", L1, 1, 70}, {NOW, X, P, "r1", L1, 8, 80}},
     L1 " r1 potential extra-ip +8 +80\n"},
    {"a licence that changed hands: each reseller is told his own",
     {{NOW, X, P, "r2", L1, 8, 80}, {NOW, X, C, "r1", L1, 3, 0}},
     L1 " r1 confirmed extra-ip +3\n" L1 " r2 potential extra-ip +8 +80\n"},
    {"a reseller whose name begins another's",
     {{NOW, X, P, "r", L1, 8, 80}, {NOW, O, P, "r1", L1, 9, 81}},
     L1 " r potential extra-ip +8 +80\n" L1 " r1 potential outside +9 +81\n"},
    {"by licence",
     {{NOW, X, C, "r1", L2, 2, 0}, {NOW, O, C, "r9", L1, 1, 0}},
     L1 " r9 confirmed outside +1\n" L2 " r1 confirmed extra-ip +2\n"},
    {"notices, domains and resellers are none of an agent's licences",
     {{NOW, FINDING_MANY_ADDRESSES, STATE_NOTICE, "r1", L1, 0, 0},
      {NOW, FINDING_MAILBOXES, C, "r1", "example.nl", 1, 0},
      {NOW, FINDING_UNDECLARED, STATE_NOTICE, "r1", "r1", 0, 0}},
     ""},
};

static size_t said_count(const struct row *row)
{
    size_t n = 0;
    while (n < ARRAY_LEN(row->said) && row->said[n].subject)
        n++;
    return n;
}

Test(publish, what_stands_is_the_worst_of_what_can_still_cost)
{
    AUTO(world) struct world w;
    AUTO(buf) struct buf out = BUF_INIT(65536);
    world_make(&w);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(publish) struct publish *p = publish_of(rows[i].said, said_count(&rows[i]));
        (void)put(&w, p, T0);
        cr_expect_str_eq(standings(&w, &out), rows[i].stands, "%s: %s", rows[i].why,
                         buf_str(&out));
    }
}

Test(publish, the_order_in_which_findings_come_does_not_matter)
{
    AUTO(world) struct world w;
    AUTO(buf) struct buf out = BUF_INIT(65536);
    world_make(&w);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct said turned[4];
        size_t n = said_count(&rows[i]);
        for (size_t k = 0; k < n; k++)
            turned[k] = rows[i].said[n - 1 - k];
        AUTO(publish) struct publish *p = publish_of(turned, n);
        (void)put(&w, p, T0);
        cr_expect_str_eq(standings(&w, &out), rows[i].stands, "%s: %s", rows[i].why,
                         buf_str(&out));
    }
}

Test(publish, a_second_publishing_replaces_the_first_and_is_a_generation_of_its_own)
{
    static const struct said first[] = {{NOW, X, C, "r1", L1, 1, 0},
                                        {NOW, X, P, "r1", L2, 2, 9}};
    static const struct said second[] = {{NOW, O, P, "r1", L2, 3, 0}};
    AUTO(world) struct world w;
    AUTO(buf) struct buf out = BUF_INIT(65536);
    int64_t before = -1, between = -1, after = -1;
    wall_t as_of;
    world_make(&w);
    cr_assert_eq(store_standing_generation(w.store, &before, &as_of), 0);
    cr_assert_eq(before, 0);
    AUTO(publish) struct publish *one = publish_of(first, 2);
    cr_assert_eq(put(&w, one, AT(100)), 2);
    cr_assert_eq(store_standing_generation(w.store, &between, &as_of), 0);
    cr_assert_eq(as_of.s, AT(100).s);
    AUTO(publish) struct publish *two = publish_of(second, 1);
    cr_assert_eq(put(&w, two, AT(200)), 1);
    cr_assert_eq(store_standing_generation(w.store, &after, &as_of), 0);
    cr_assert_eq(as_of.s, AT(200).s);
    cr_assert(before < between && between < after);
    cr_assert_str_eq(standings(&w, &out), L2 " r1 potential outside +3\n");
}

Test(publish, what_was_rolled_back_can_be_put_again)
{
    static const struct said said[] = {
        {NOW, X, C, "r1", L1, 1, 0}, {OLD, O, C, "r1", L1, 2, 0}, {NOW, X, P, "r1", L2, 2, 9}};
    AUTO(world) struct world w;
    AUTO(buf) struct buf out = BUF_INIT(65536);
    struct diag d = {""};
    int64_t n = -1;
    world_make(&w);
    AUTO(publish) struct publish *p = publish_of(said, 3);
    cr_assert_eq(store_begin(w.store), 0);
    cr_assert_eq(publish_put(p, w.store, T0, &n, &d), 0, "%s", d.text);
    cr_assert_eq(n, 2);
    store_rollback(w.store);
    cr_assert_str_eq(standings(&w, &out), "");
    cr_assert_eq(put(&w, p, T0), 2);
    cr_assert_str_eq(standings(&w, &out), L1 " r1 confirmed extra-ip outside +1\n" L2
                                             " r1 potential extra-ip +2 +9\n");
}

Test(publish, a_subject_that_is_no_licence_is_an_error_and_not_a_row)
{
    static const struct said said = {NOW, X, C, "r1", "example.nl", 1, 0};
    AUTO(publish) struct publish *p = publish_of(NULL, 0);
    struct finding f = finding_of(&said);
    cr_assert_eq(publish_take(p, &f), -EBADMSG);
}

Test(publish, where_no_period_is_open_nothing_is_told)
{
    static const struct said said = {CLOSED, X, C, "r1", L1, 1, 0};
    AUTO(world) struct world w;
    AUTO(publish) struct publish *p = NULL;
    AUTO(buf) struct buf out = BUF_INIT(65536);
    struct run_periods closed = {.v = {period_of(CLOSED)}, .n_corrected = 1, .n = 1};
    struct finding f = finding_of(&said);
    struct diag d = {""};
    world_make(&w);
    cr_assert_eq(publish_new(&setup, &closed, &p, &d), 0, "%s", d.text);
    cr_assert_eq(publish_take(p, &f), 0);
    cr_assert_eq(put(&w, p, T0), 0);
    cr_assert_str_eq(standings(&w, &out), "");
}

Test(publish, of_sorted_findings_all_are_taken_though_they_were_read_before)
{
    static const struct said said[] = {{NOW, X, P, "r1", L1, 1, 9},
                                       {NOW, O, C, "r1", L2, 2, 0}};
    AUTO(world) struct world w;
    AUTO(findings) struct findings *all = NULL;
    AUTO(buf) struct buf out = BUF_INIT(65536);
    struct finding f;
    struct diag d = {""};
    world_make(&w);
    cr_assert_eq(findings_new(&all, &d), 0, "%s", d.text);
    for (size_t i = 0; i < ARRAY_LEN(said); i++) {
        f = finding_of(&said[i]);
        cr_assert_eq(findings_take(all, &f), 0);
    }
    cr_assert_eq(findings_next(all, &f), 1);
    AUTO(publish) struct publish *p = publish_of(NULL, 0);
    cr_assert_eq(publish_take_all(p, all), 0);
    cr_assert_eq(put(&w, p, T0), 2);
    cr_assert_str_eq(standings(&w, &out),
                     L1 " r1 potential extra-ip +1 +9\n" L2 " r1 confirmed outside +2\n");
}
