/* Nights: seen as a whole or not at all, numbered without holes, never changed. */
#include "contract.h"

#include <string.h>

SUITE(store_report);

static const struct store_reader ann = {READER_MANAGER, "ann"};
static const struct store_reader bob = {READER_MANAGER, "bob"};
/* The same id as another kind of reader is another reader. */
static const struct store_reader firm = {READER_RESELLER, "ann"};

/* Begins a night in a transaction of its own. */
static int64_t begin_run(struct store *s, int64_t day, bool is_failed)
{
    const struct store_run run = {.day = day,
                                  .made_at = AT(day),
                                  .as_of = AT(day - 1),
                                  .is_failed = is_failed,
                                  .about = "{\"scope\":\"all\"}"};
    int64_t number = 0;

    OK(s, store_begin(s));
    OK(s, store_begin_run(s, &run, &number));
    OK(s, store_commit(s));
    return number;
}

static int64_t put(struct store *s, int64_t run, struct store_reader reader, const char *model)
{
    const struct store_edition e = {.run = run,
                                    .reader = reader,
                                    .language = LANGUAGE_NL,
                                    .subject = "what was said",
                                    .model = text_of(model)};
    int64_t serial = 0;

    OK(s, store_begin(s));
    OK(s, store_put_edition(s, &e, &serial));
    OK(s, store_commit(s));
    return serial;
}

static void publish(struct store *s, int64_t run)
{
    OK(s, store_begin(s));
    OK(s, store_publish_run(s, run));
    OK(s, store_commit(s));
}

static void expect_next(struct store *s, struct store_reader reader, int64_t serial,
                        int64_t last_run)
{
    int64_t got = -1, run = -1;

    OK(s, store_next_serial(s, &reader, &got, &run));
    cr_expect_eq(got, serial, "%s: %lld", reader.id, (long long)got);
    cr_expect_eq(run, last_run, "%s: run %lld", reader.id, (long long)run);
}

static size_t count_runs(struct store *s)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_run run;
    size_t n = 0;

    OK(s, store_scan_runs(s, &scan));
    while (store_next_run(scan, &run) == 1)
        n++;
    return n;
}

static size_t count_editions(struct store *s, int64_t run)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_edition e;
    size_t n = 0;

    OK(s, store_scan_editions(s, run, &scan));
    while (store_next_edition(scan, &e) == 1)
        n++;
    return n;
}

CONTRACT(store_report, a_night_is_seen_when_it_is_published)
{
    AUTO(buf) struct buf model = BUF_INIT(100);
    struct store *s = c->store;
    int64_t run = begin_run(s, 5, false);

    cr_assert_eq(put(s, run, ann, "the model"), 1);
    cr_assert_eq(count_runs(s), 0);
    cr_assert_eq(store_get_model(s, run, &ann, &model), -ENOENT);
    cr_assert_eq(count_editions(s, run), 0);
    expect_next(s, ann, 1, 0);
    publish(s, run);
    cr_assert_eq(count_runs(s), 1);
    cr_assert_eq(count_editions(s, run), 1);
    OK(s, store_get_model(s, run, &ann, &model));
    cr_assert_str_eq(buf_str(&model), "the model");
    cr_assert_eq(store_get_model(s, run, &bob, &model), -ENOENT);
    expect_next(s, ann, 2, run);
    expect_sound(s);
}

CONTRACT(store_report, what_was_left_unpublished_leaves_no_hole)
{
    struct store *s = c->store;
    int64_t first = begin_run(s, 5, false);

    cr_assert_eq(put(s, first, ann, "1"), 1);
    publish(s, first);
    int64_t lost = begin_run(s, 6, false);
    cr_assert_eq(put(s, lost, ann, "lost"), 2);
    cr_assert_eq(put(s, lost, bob, "lost"), 1);
    int64_t second = begin_run(s, 6, true);
    cr_assert_gt(second, first);
    expect_next(s, bob, 1, 0);
    cr_assert_eq(put(s, second, ann, "2"), 2);
    publish(s, second);
    expect_next(s, ann, 3, second);
    expect_sound(s);
}

CONTRACT(store_report, readers_of_another_kind_are_other_readers)
{
    struct store *s = c->store;
    int64_t run = begin_run(s, 5, false);

    cr_assert_eq(put(s, run, ann, "manager"), 1);
    cr_assert_eq(put(s, run, firm, "reseller"), 1);
    cr_assert_eq(put(s, run, bob, "manager"), 1);
    publish(s, run);
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_edition e;
    static const struct {
        enum store_reader_kind kind;
        const char *id;
    } rows[] = {{READER_MANAGER, "ann"}, {READER_MANAGER, "bob"}, {READER_RESELLER, "ann"}};
    OK(s, store_scan_editions(s, run, &scan));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_assert_eq(store_next_edition(scan, &e), 1);
        cr_expect_eq(e.reader.kind, rows[i].kind);
        cr_expect_str_eq(e.reader.id, rows[i].id);
        cr_expect_eq(e.language, LANGUAGE_NL);
        cr_expect_str_eq(e.subject, "what was said");
        cr_expect_eq(e.model.n, 0);
    }
    cr_assert_eq(store_next_edition(scan, &e), 0);
}

CONTRACT(store_report, one_edition_a_reader_and_run)
{
    struct store *s = c->store;
    int64_t run = begin_run(s, 5, false), serial = 0;
    const struct store_edition e = {
        .run = run, .reader = ann, .subject = "twice", .model = {"", 0}};

    cr_assert_eq(put(s, run, ann, "once"), 1);
    OK(s, store_begin(s));
    cr_assert_eq(store_put_edition(s, &e, &serial), -EEXIST);
    store_rollback(s);
}

CONTRACT(store_report, the_newest_run_comes_first)
{
    struct store *s = c->store;
    int64_t a = begin_run(s, 5, true);
    publish(s, a);
    int64_t b = begin_run(s, 6, false);
    publish(s, b);
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_run run;
    OK(s, store_scan_runs(s, &scan));
    cr_assert_eq(store_next_run(scan, &run), 1);
    cr_expect_eq(run.run, b);
    cr_expect_eq(run.day, 6);
    cr_expect_eq(run.made_at.s, AT(6).s);
    cr_expect_eq(run.as_of.s, AT(5).s);
    cr_expect_not(run.is_failed);
    cr_expect_str_eq(run.about, "{\"scope\":\"all\"}");
    cr_assert_eq(store_next_run(scan, &run), 1);
    cr_expect_eq(run.run, a);
    cr_expect(run.is_failed);
    cr_assert_eq(store_next_run(scan, &run), 0);
    OK(s, store_begin(s));
    cr_expect_eq(store_publish_run(s, 99), -ENOENT);
    store_rollback(s);
}

static void expect_nobody_writes(struct store *s, int64_t run, const char *why)
{
    const struct store_edition e = {
        .run = run, .reader = bob, .subject = "late", .model = {"", 0}};
    const struct store_mail m = {.run = run,
                                 .reader = bob,
                                 .sender = "a@example.nl",
                                 .recipient = "b@example.nl",
                                 .message_id = "late",
                                 .message = {"", 0}};
    int64_t serial = -7;

    OK(s, store_begin(s));
    cr_expect_eq(store_put_edition(s, &e, &serial), -ENOENT, "%s", why);
    cr_expect_eq(serial, -7, "%s", why);
    cr_expect_eq(store_put_mail(s, &m), -ENOENT, "%s", why);
    cr_expect_eq(store_publish_run(s, run), -ENOENT, "%s", why);
    store_rollback(s);
}

CONTRACT(store_report, what_nobody_is_writing_takes_nothing)
{
    struct store *s = c->store;
    int64_t run = begin_run(s, 5, false);

    expect_nobody_writes(s, run + 1, "there never was one");
    publish(s, run);
    expect_nobody_writes(s, run, "it was published");
    int64_t lost = begin_run(s, 6, false);
    cr_assert_eq(put(s, lost, ann, "lost"), 1);
    int64_t next = begin_run(s, 6, false);
    cr_assert_gt(next, lost, "a number is never given twice");
    expect_nobody_writes(s, lost, "it was deleted by the next");
    cr_assert_eq(put(s, next, ann, "1"), 1);
    publish(s, next);
    cr_assert_eq(count_runs(s), 2);
    expect_sound(s);
}

CONTRACT(store_report, what_is_rolled_back_never_was)
{
    AUTO(buf) struct buf model = BUF_INIT(100);
    struct store *s = c->store;
    const struct store_run run = {.day = 5, .made_at = AT(5), .as_of = AT(4), .about = "{}"};
    int64_t first = begin_run(s, 5, false), number, serial;
    const struct store_edition e = {
        .run = first, .reader = ann, .subject = "one", .model = text_of("one")};

    OK(s, store_begin(s));
    OK(s, store_put_edition(s, &e, &serial));
    OK(s, store_publish_run(s, first));
    store_rollback(s);
    expect_next(s, ann, 1, 0);
    OK(s, store_begin(s));
    OK(s, store_begin_run(s, &run, &number)); /* deletes the first */
    store_rollback(s);
    cr_assert_eq(put(s, first, ann, "one"), 1, "it is still being written");
    publish(s, first);
    OK(s, store_get_model(s, first, &ann, &model));
    cr_assert_str_eq(buf_str(&model), "one");
    expect_sound(s);
}

CONTRACT(store_report, another_reader_of_the_store_sees_a_night_whole)
{
    struct store *s = c->store, *other = NULL;
    struct diag d = {""};
    int64_t run = begin_run(s, 5, false);

    cr_assert_eq(store_open(c->place.url, STORE_READ, &other, &d), 0, "%s", d.text);
    put(s, run, ann, "1");
    put(s, run, bob, "1");
    OK(other, store_snapshot(other));
    cr_expect_eq(count_runs(other), 0);
    publish(s, run);
    cr_expect_eq(count_runs(other), 0, "held");
    cr_expect_eq(count_editions(other, run), 0, "held");
    expect_next(other, ann, 1, 0);
    store_snapshot_end(other);
    cr_expect_eq(count_runs(other), 1);
    cr_expect_eq(count_editions(other, run), 2);
    expect_next(other, ann, 2, run);
    store_close(other);
}

CONTRACT(store_report, the_last_run_of_a_reader_is_that_of_its_last_edition)
{
    struct store *s = c->store;
    int64_t first = begin_run(s, 5, false);

    put(s, first, ann, "1");
    put(s, first, firm, "1");
    publish(s, first);
    int64_t second = begin_run(s, 6, false);
    put(s, second, ann, "2");
    publish(s, second);
    expect_next(s, ann, 3, second);
    expect_next(s, firm, 2, first);
    expect_next(s, bob, 1, 0);
    cr_expect_eq(count_editions(s, first), 2);
    cr_expect_eq(count_editions(s, second), 1);
    cr_expect_eq(count_editions(s, second + 1), 0);
}

CONTRACT(store_report, a_model_is_any_bytes_and_is_added)
{
    enum { LARGE = 3 << 20 };
    static char large[LARGE];
    AUTO(buf) struct buf model = BUF_INIT(LARGE + 10);
    AUTO(buf) struct buf small = BUF_INIT(LARGE - 1);
    struct store *s = c->store;
    int64_t run = begin_run(s, 5, false), serial;
    struct store_edition e = {
        .run = run, .reader = ann, .subject = "", .model = {large, sizeof large}};

    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (char)(i * 7 >> 3);
    OK(s, store_begin(s));
    OK(s, store_put_edition(s, &e, &serial));
    e.reader = bob;
    e.model = (struct text){NULL, 0};
    OK(s, store_put_edition(s, &e, &serial));
    OK(s, store_publish_run(s, run));
    OK(s, store_commit(s));
    buf_add_str(&model, "before");
    OK(s, store_get_model(s, run, &bob, &model));
    cr_assert_str_eq(buf_str(&model), "before");
    OK(s, store_get_model(s, run, &ann, &model));
    cr_assert_eq(model.len, 6 + sizeof large);
    cr_assert_eq(memcmp(model.data + 6, large, sizeof large), 0);
    cr_assert_eq(store_get_model(s, run, &ann, &small), -ERANGE);
    cr_assert_eq(small.len, 0);
    cr_assert_eq(store_get_model(s, run + 1, &ann, &model), -ENOENT);
}

CONTRACT(store_report, years_of_nights_keep_their_numbers)
{
    enum { NIGHTS = 700 };
    struct store *s = c->store;
    int64_t run = 0, serial;

    OK(s, store_begin(s));
    for (int64_t i = 1; i <= NIGHTS; i++) {
        const struct store_run night = {
            .day = i, .made_at = AT(i), .as_of = AT(i), .about = "{}"};
        struct store_edition e = {.reader = ann, .subject = "x", .model = text_of("x")};
        OK(s, store_begin_run(s, &night, &e.run));
        OK(s, store_put_edition(s, &e, &serial));
        cr_assert_eq(serial, i);
        OK(s, store_publish_run(s, e.run));
        run = e.run;
    }
    OK(s, store_commit(s));
    expect_next(s, ann, NIGHTS + 1, run);
    cr_expect_eq(count_runs(s), NIGHTS);
}

/* ---- What was said, and what was confirmed ----------------------------------------------- */

static void say(struct store *s, const struct store_said *v, size_t n)
{
    OK(s, store_begin(s));
    OK(s, store_clear_said(s, &ann));
    for (size_t i = 0; i < n; i++)
        OK(s, store_put_said(s, &v[i]));
    OK(s, store_commit(s));
}

CONTRACT(store_report, what_was_said_is_replaced_and_comes_in_order)
{
    struct store *s = c->store;
    const struct store_said v[] = {
        {ann, "r2", 0, "a", {24000}, 2, 1, true, AT(9), true},
        {ann, "r1", 1, "a", {24001}, 3, 7, false, WALL_END, false},
        {ann, "r1", 1, "a", {24000}, 3, 7, false, WALL_END, false},
        {ann, "", 2, "b", {24000}, 1, 1, false, WALL_END, false},
    };
    static const size_t order[] = {3, 2, 1, 0};
    const struct store_said other = {bob, "r9", 0, "x", {1}, 1, 1, false, WALL_END, false};

    OK(s, store_begin(s));
    OK(s, store_put_said(s, &other));
    OK(s, store_commit(s));
    say(s, v, 1);
    say(s, v, ARRAY_LEN(v));
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_said x;
    OK(s, store_scan_said(s, &ann, &scan));
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        const struct store_said *want = &v[order[i]];
        cr_assert_eq(store_next_said(scan, &x), 1);
        cr_expect_str_eq(x.reseller, want->reseller);
        cr_expect_str_eq(x.subject, want->subject);
        cr_expect_eq(x.kind, want->kind);
        cr_expect_eq(x.period.month, want->period.month);
        cr_expect_eq(x.state, want->state);
        cr_expect_eq(x.quantity, want->quantity);
        cr_expect_eq(x.goes_on, want->goes_on);
        cr_expect_eq(x.confirms_at.s, want->confirms_at.s);
        cr_expect_eq(x.is_reminded, want->is_reminded);
    }
    cr_assert_eq(store_next_said(scan, &x), 0);
    OK(s, store_begin(s));
    cr_expect_eq(store_put_said(s, &v[0]), -EEXIST);
    store_rollback(s);
    expect_sound(s);
}

CONTRACT(store_report, confirmed_keys_are_a_periods_and_a_resellers)
{
    struct store *s = c->store;
    const struct store_confirmed v[] = {
        {"r1", {24001}, CHARGE_EXTRA_IP, "b", false},
        {"r1", {24000}, CHARGE_OUTSIDE, "a", true},
        {"r1", {23999}, CHARGE_EXTRA_IP, "c", false},
        {"r2", {24001}, CHARGE_EXTRA_IP, "d", false},
        {"r1", {24002}, CHARGE_EXTRA_IP, "e", false},
        {"r1", {24001}, CHARGE_EXTRA_IP, "a", false},
        {"r1", {24001}, CHARGE_MAILBOXES, "a", false},
    };
    OK(s, store_begin(s));
    for (size_t i = 0; i < ARRAY_LEN(v); i++)
        OK(s, store_put_confirmed(s, &v[i]));
    OK(s, store_clear_confirmed(s, (period_t){24002}));
    OK(s, store_commit(s));
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_confirmed x;
    OK(s, store_scan_confirmed(s, "r1", (period_t){24000}, &scan));
    cr_assert_eq(store_next_confirmed(scan, &x), 1);
    cr_expect_str_eq(x.subject, "a");
    cr_expect_eq(x.kind, CHARGE_OUTSIDE);
    cr_expect(x.is_trial);
    static const struct {
        enum charge_kind kind;
        const char *subject;
    } order[] = {{CHARGE_EXTRA_IP, "a"}, {CHARGE_EXTRA_IP, "b"}, {CHARGE_MAILBOXES, "a"}};
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        cr_assert_eq(store_next_confirmed(scan, &x), 1);
        cr_expect_eq(x.period.month, 24001);
        cr_expect_eq(x.kind, order[i].kind);
        cr_expect_str_eq(x.subject, order[i].subject);
        cr_expect_not(x.is_trial);
    }
    cr_assert_eq(store_next_confirmed(scan, &x), 0);
    OK(s, store_begin(s));
    cr_expect_eq(store_put_confirmed(s, &v[0]), -EEXIST);
    store_rollback(s);
    expect_sound(s);
}

CONTRACT(store_report, gaps_of_all_machines_since_a_moment)
{
    struct store *s = c->store;
    SAY(c, .server = "b", .gaps = {{GAP_SPOOL, SPAN(10, 20), 0}}, .n_gaps = 1);
    SAY(c, .server = "a",
        .gaps = {{GAP_CAPTURE, SPAN(0, 9), 0}, {GAP_CAPTURE, SPAN(10, 30), 4}}, .n_gaps = 2);
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_gap x;
    OK(s, store_scan_recent_gaps(s, AT(20), &scan));
    /* "b" came first: machines are numbered in that order. */
    cr_assert_eq(store_next_gap(scan, &x), 1);
    cr_expect_eq(x.what, GAP_SPOOL);
    cr_expect_eq(x.seen.last.s, AT(20).s);
    cr_assert_eq(store_next_gap(scan, &x), 1);
    cr_expect_eq(x.what, GAP_CAPTURE);
    cr_expect_eq(x.seen.last.s, AT(30).s);
    cr_assert_eq(store_next_gap(scan, &x), 0);
}

CONTRACT(store_report, pruning_leaves_what_was_told)
{
    AUTO(buf) struct buf before = BUF_INIT(1 << 16);
    struct store *s = c->store;
    int64_t run = begin_run(s, 5, false), rows = -1;
    const struct store_said said = {ann, "r1", 0, "a", {24000}, 2, 1, false, WALL_END, false};
    const struct estate_manager manager = {"ann", "a", "a@example.nl", LANGUAGE_NL};

    put(s, run, ann, "model");
    publish(s, run);
    say(s, &said, 1);
    OK(s, store_begin(s));
    OK(s, store_put_manager(s, &manager));
    OK(s, store_commit(s));
    OK(s, store_dump(s, DUMP_NIGHTS, T0, &before));
    cr_assert_gt(before.len, 100, "%s", buf_str(&before));
    OK(s, store_begin(s));
    OK(s, store_prune(s, AT(1000000), &rows));
    OK(s, store_commit(s));
    cr_expect_eq(rows, 0);
    expect_dump(s, DUMP_NIGHTS, buf_str(&before), "after pruning");
}
