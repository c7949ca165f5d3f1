/*
 * SPEC 6.2, a server's count at a moment: of the row that holds it; of several the one with the
 * latest first, then the larger count; else of the row with the latest last (then as above), as
 * long as `bridge` and the server's time with the reseller carry it. Times are bare seconds.
 */
#include "audit/mailboxes.h"
#include "support/casebuild.h"
#include "support/leak.h"

SUITE(mail_rows);

enum { BRIDGE = 50, NEVER = 1000000 };

static struct counted_row row(uint32_t server, int64_t count, int64_t first, int64_t last,
                              int64_t carry_until)
{
    return (struct counted_row){.server = server,
                                .count = count,
                                .seen = {{first}, {last}},
                                .carry_until = {carry_until}};
}

static void expect_count(struct counted_row *rows, size_t n, int64_t at, int64_t count)
{
    AUTO(level) struct level level = {.n = 0};
    struct mailboxes_facts f = {.bridge = {BRIDGE}, .rows = rows, .n_rows = n};

    cr_assert_eq(mailboxes_count(&f, SPLIT_MAX, &level), 0);
    cr_assert_eq(level_value(&level, (wall_t){at}), count, "at %lld: %lld, not %lld",
                 (long long)at, (long long)level_value(&level, (wall_t){at}), (long long)count);
}

Test(mail_rows, of_rows_with_one_beginning_the_larger_count_holds)
{
    struct counted_row rows[] = {row(0, 10, 0, 100, NEVER), row(0, 30, 0, 100, NEVER),
                                 row(0, 20, 0, 100, NEVER)};
    expect_count(rows, 3, 50, 30);
    /* And still, when they have all ended and the count is carried. */
    expect_count(rows, 3, 120, 30);
}

Test(mail_rows, of_rows_that_hold_the_latest_first_counts)
{
    struct counted_row rows[] = {row(0, 30, 0, 100, NEVER), row(0, 10, 40, 60, NEVER)};
    expect_count(rows, 2, 39, 30);
    expect_count(rows, 2, 40, 10);
    expect_count(rows, 2, 61, 30); /* the earlier one still holds */
}

/* The first row ends last though it began first: it is the one that is carried. */
Test(mail_rows, of_rows_that_ended_the_latest_last_is_carried)
{
    struct counted_row rows[] = {row(0, 30, 0, 100, NEVER), row(0, 10, 0, 90, NEVER),
                                 row(0, 20, 70, 80, NEVER)};
    expect_count(rows, 3, 110, 30);
    expect_count(rows, 3, 150, 30); /* 100 + bridge: that moment still */
    expect_count(rows, 3, 151, 0);
}

/* It ends last, but is carried no further than 110; the other one's 140 does not help. */
Test(mail_rows, a_row_is_not_carried_past_its_servers_time_and_hides_older_ones)
{
    struct counted_row rows[] = {row(0, 30, 0, 100, 110), row(0, 10, 0, 90, NEVER)};
    expect_count(rows, 2, 110, 30);
    expect_count(rows, 2, 111, 0);
    expect_count(rows, 2, 140, 0);
}

/* Reported in any order: server 1 before server 0, the later row before the earlier. */
Test(mail_rows, the_order_of_rows_says_nothing)
{
    static struct casebuild c;
    struct case_verdict v;

    case_begin(&c);
    uint32_t first = case_server(&c, 0), second = case_server(&c, 0);
    case_count(&c, second, 1100, october(12), october(14));
    case_count(&c, first, 1200, october(6), october(12));
    case_count(&c, second, 1100, october(2), october(12));
    case_count(&c, first, 1200, october(2), october(6));
    case_count(&c, second, 1050, october(2), october(12)); /* the same time, and less */
    case_count(&c, second, 1100, october(2), october(12)); /* the same again */
    case_audit(&c, october(31));
    v = case_said(&c, FINDING_MAILBOXES);
    cr_assert_eq(v.state, STATE_CONFIRMED);
    cr_assert_eq(v.quantity, 200); /* 1,200 for ten days, which are more than 7 */
}

/*
 * By E, 900 mailboxes are 100 too few to be over; from the next hour on 800 are allowed, and
 * the count is carried over that: nothing of it is within the time that is judged.
 */
Test(mail_rows, a_limit_that_falls_after_the_night_is_not_yet_broken)
{
    struct counted_row rows[] = {row(0, 900, 0, 100, NEVER)};
    struct limit_step limits[] = {{WALL_BEGIN, 1000}, {{110}, 800}};
    struct mailboxes_facts f = {
        .terms = {.window = {{-100}, {100}}, .v = {{0}, {100}}, .end = {100}},
        .bridge = {BRIDGE},
        .rows = rows,
        .n_rows = 1,
        .limits = limits,
        .n_limits = 2};
    struct level_answer answer;

    cr_assert_eq(mailboxes_judge(&f, &answer), 0);
    cr_assert_eq(answer.state, STATE_CLEAR);
    cr_assert_not(answer.has_last, "over at %lld, after E", (long long)answer.last.s);
}

/*
 * Over before the window, under until 60, over again: since is 60. (The row that ended at -90
 * is carried up to -40, and the window begins at -50: so such rows are looked at.)
 */
Test(mail_rows, what_was_over_before_the_window_does_not_begin_it)
{
    struct counted_row rows[] = {row(0, 1200, -95, -90, NEVER), row(0, 500, -60, 59, NEVER),
                                 row(0, 1300, 60, 100, NEVER)};
    struct limit_step limits[] = {{WALL_BEGIN, 1000}};
    struct mailboxes_facts f = {.terms = {.window = {{-50}, {100}},
                                          .v = {{0}, {100}},
                                          .end = {100},
                                          .grace = {30},
                                          .period_min = {10},
                                          .flag_after = {1}},
                                .bridge = {BRIDGE},
                                .rows = rows,
                                .n_rows = 3,
                                .limits = limits,
                                .n_limits = 1};
    struct level_answer answer;

    cr_assert_eq(mailboxes_judge(&f, &answer), 0);
    cr_assert_eq(answer.state, STATE_CONFIRMED); /* 40 s are longer than 30 */
    cr_assert_eq(answer.quantity, 300);
    cr_assert(answer.has_since);
    cr_assert_eq(answer.since.s, 60);
}

/* Two rows, the later one reported first: 1,200 for ten days. */
Test(mail_rows, two_rows_may_come_in_any_order)
{
    static struct casebuild c;
    struct case_verdict v;

    case_begin(&c);
    uint32_t server = case_server(&c, 0);
    case_count(&c, server, 1200, october(7), october(12));
    case_count(&c, server, 1200, october(2), october(7));
    case_audit(&c, october(31));
    v = case_said(&c, FINDING_MAILBOXES);
    cr_assert_eq(v.state, STATE_CONFIRMED);
    cr_assert_eq(v.quantity, 200);
    cr_assert_eq(v.since.s, october(2).s);
}

/* Each of four servers counts its own rows alone, though the next one's begin later. */
Test(mail_rows, a_server_has_nothing_of_the_next_ones)
{
    struct counted_row rows[] = {row(0, 10, 0, 100, NEVER), row(1, 100, 0, 100, NEVER),
                                 row(2, 1000, 10, 100, NEVER), row(3, 20000, 20, 100, NEVER),
                                 row(3, 10000, 30, 100, NEVER)};
    AUTO(level) struct level level = {.n = 0};
    struct mailboxes_facts f = {.bridge = {BRIDGE}, .rows = rows, .n_rows = 5};

    cr_assert_eq(mailboxes_count(&f, SPLIT_SUM, &level), 0);
    cr_assert_eq(level_value(&level, (wall_t){5}), 110);
    cr_assert_eq(level_value(&level, (wall_t){15}), 1110);
    cr_assert_eq(level_value(&level, (wall_t){25}), 21110);
    cr_assert_eq(level_value(&level, (wall_t){40}), 11110);
}

/* 600 on each of two servers, for 100 of which more than 30 confirm. A third row is of the
 * second server, and none of the facts: it is not looked at. */
static struct mailboxes_facts split_over_two(struct counted_row rows[static 3],
                                             struct limit_step *limit)
{
    rows[0] = row(0, 600, 0, 100, NEVER);
    rows[1] = row(1, 600, 0, 100, NEVER);
    rows[2] = row(1, 600, 0, 100, NEVER);
    *limit = (struct limit_step){WALL_BEGIN, 1000};
    return (struct mailboxes_facts){.terms = {.window = {{-50}, {100}},
                                              .v = {{0}, {100}},
                                              .end = {100},
                                              .grace = {30},
                                              .period_min = {10},
                                              .flag_after = {1}},
                                    .bridge = {BRIDGE},
                                    .split = SPLIT_SUM,
                                    .rows = rows,
                                    .n_rows = 2,
                                    .limits = limit,
                                    .n_limits = 1};
}

Test(mail_rows, servers_are_counted_by_their_own_rows)
{
    struct counted_row rows[3];
    struct limit_step limit;
    struct mailboxes_facts f = split_over_two(rows, &limit);
    struct level_answer answer;

    cr_assert_eq(mailboxes_judge(&f, &answer), 0);
    cr_assert_eq(answer.state, STATE_CONFIRMED);
    cr_assert_eq(answer.quantity, 200);
}

Test(mail_rows, what_is_not_split_has_no_quantity)
{
    struct counted_row rows[3];
    struct limit_step limit;
    struct mailboxes_facts f = split_over_two(rows, &limit);
    struct level_answer answer;

    cr_assert_eq(split_domain_judge(&f, &answer), 0);
    cr_assert_eq(answer.state, STATE_NOTICE);
    cr_assert_eq(answer.quantity, 1);
    limit.limit = 1200; /* 600 and 600 are that, and not over it */
    cr_assert_eq(split_domain_judge(&f, &answer), 0);
    cr_assert_eq(answer.state, STATE_CLEAR);
    cr_assert_eq(answer.quantity, 0);
}
