/*
 * To the second: where each threshold of SPEC 6 lies, on which side the threshold itself is,
 * and when a potential finding says that it will be confirmed. Everything is "longer than".
 *
 * The month is October 2026 in Amsterdam: P0 = september 30, 22:00, P1 = october 31, 23:00 UTC.
 */
#include "support/casebuild.h"
#include "support/leak.h"

SUITE(boundaries);

#define HOUR INT64_C(3600)
#define DAY INT64_C(86400)

static const struct term EVER = {WALL_BEGIN, WALL_END};
static struct casebuild c;

static uint32_t new_machine(void)
{
    return case_boot(&c, case_server(&c, 0));
}

static void seen(uint32_t machine, const char *address, wall_t first, wall_t last)
{
    case_seen(&c, machine, SOURCE_KEYSERVER, address, first, last);
}

static void begin_with_one_server(void)
{
    case_begin(&c);
    seen(new_machine(), "203.0.113.1", october(-60), october(60));
}

/* A second server over that stretch; what the month as a whole says of it. */
static struct case_verdict of_second_server(wall_t first, wall_t last)
{
    begin_with_one_server();
    seen(new_machine(), "203.0.113.2", first, last);
    case_audit(&c, october_end());
    return case_said(&c, FINDING_EXTRA_IP);
}

/* ---- Thresholds ------------------------------------------------------------------------- */

Test(boundaries, fourteen_days_are_grace_and_a_second_more_is_not)
{
    const wall_t last = later(october(5), 14 * DAY);
    cr_assert_eq(of_second_server(october(5), last).state, STATE_POTENTIAL);
    cr_assert_eq(of_second_server(october(5), later(last, 1)).state, STATE_CONFIRMED);
}

/* All 14 days before the month, and 24 hours in it: 15 days, but no more than 24 hours. */
Test(boundaries, twenty_four_hours_in_the_month_are_too_few_and_a_second_more_is_not)
{
    const wall_t first = later(october_begin(), -14 * DAY);
    cr_assert_eq(of_second_server(first, later(october_begin(), DAY)).state, STATE_POTENTIAL);
    cr_assert_eq(of_second_server(first, later(october_begin(), DAY + 1)).state,
                 STATE_CONFIRMED);
}

/*
 * What lies before the 14 days before the month was another month's business: of 12 + 2 = 14
 * days in the window (and 44 earlier ones) only the 14 count.
 */
Test(boundaries, time_before_the_window_does_not_count)
{
    begin_with_one_server();
    uint32_t m = new_machine();
    seen(m, "203.0.113.2", october(-60), later(october_begin(), -16 * DAY));
    seen(m, "203.0.113.2", later(october_begin(), -12 * DAY), later(october_begin(), 2 * DAY));
    case_audit(&c, october_end());
    cr_assert_eq(case_said(&c, FINDING_EXTRA_IP).state, STATE_POTENTIAL);
}

Test(boundaries, an_hour_is_not_mentioned_and_a_second_more_is)
{
    cr_assert_eq(of_second_server(october(5), later(october(5), HOUR)).state, STATE_CLEAR);
    cr_assert_eq(of_second_server(october(5), later(october(5), HOUR + 1)).state,
                 STATE_POTENTIAL);
}

/* Seen for a moment at both ends of the gap: 15 days of presence, or nothing at all. */
Test(boundaries, a_gap_of_twenty_six_hours_is_bridged_and_a_second_more_is_not)
{
    static const struct {
        int64_t gap_s;
        enum finding_state state;
        const char *why;
    } rows[] = {
        {26 * HOUR, STATE_CONFIRMED, "14 gaps of 26 hours are 15 days and 4 hours"},
        {26 * HOUR + 1, STATE_CLEAR, "15 moments measure 0"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        begin_with_one_server();
        uint32_t m = new_machine();
        for (int k = 0; k <= 14; k++) {
            wall_t t = later(october(5), k * rows[i].gap_s);
            seen(m, "203.0.113.2", t, t);
        }
        case_audit(&c, october_end());
        cr_assert_eq(case_said(&c, FINDING_EXTRA_IP).state, rows[i].state, "%s", rows[i].why);
    }
}

/* The domain's count over a stretch between rows of 1,000, and what the month says of it. */
static struct case_verdict of_mailboxes(int64_t mailboxes, wall_t first, wall_t last)
{
    case_begin(&c);
    uint32_t server = case_server(&c, 0);
    case_count(&c, server, 1000, october(-30), first);
    case_count(&c, server, mailboxes, first, last);
    case_count(&c, server, 1000, last, october(60));
    case_audit(&c, october_end());
    return case_said(&c, FINDING_MAILBOXES);
}

Test(boundaries, a_thousand_mailboxes_are_allowed_and_one_more_is_one_over)
{
    const wall_t last = later(october(5), 7 * DAY + 1);
    cr_assert_eq(of_mailboxes(1000, october(5), last).state, STATE_CLEAR);
    struct case_verdict v = of_mailboxes(1001, october(5), last);
    cr_assert_eq(v.state, STATE_CONFIRMED);
    cr_assert_eq(v.quantity, 1);
}

Test(boundaries, seven_days_over_are_potential_and_a_second_more_is_confirmed)
{
    const wall_t last = later(october(5), 7 * DAY);
    cr_assert_eq(of_mailboxes(1001, october(5), last).state, STATE_POTENTIAL);
    cr_assert_eq(of_mailboxes(1001, october(5), later(last, 1)).state, STATE_CONFIRMED);
}

/*
 * A server that falls silent keeps its last count for `bridge`: 5 d 22 h and 26 h are 7 days,
 * which is no more than 7 days.
 */
Test(boundaries, the_last_count_stands_for_twenty_six_hours)
{
    static const struct {
        int64_t seen_s;
        enum finding_state state;
    } rows[] = {
        {5 * DAY + 22 * HOUR, STATE_POTENTIAL},
        {5 * DAY + 22 * HOUR + 1, STATE_CONFIRMED},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        case_begin(&c);
        case_count(&c, case_server(&c, 0), 1001, october(5), later(october(5), rows[i].seen_s));
        case_audit(&c, october_end());
        cr_assert_eq(case_said(&c, FINDING_MAILBOXES).state, rows[i].state, "row %zu", i);
    }
}

Test(boundaries, fourteen_days_outside_are_grace_and_a_second_more_is_not)
{
    for (int64_t more = 0; more <= 1; more++) {
        case_begin(&c);
        case_network(&c, 0, "203.0.113.0/24", EVER, false);
        seen(new_machine(), "198.51.100.1", october(5), later(october(5), 14 * DAY + more));
        case_audit(&c, october_end());
        cr_assert_eq(case_said(&c, FINDING_OUTSIDE).state,
                     more > 0 ? STATE_CONFIRMED : STATE_POTENTIAL);
    }
}

Test(boundaries, four_places_in_a_month_are_roaming_and_three_are_not)
{
    static const char *const addresses[] = {"203.0.113.1", "203.0.113.2", "203.0.113.3",
                                            "203.0.113.4"};
    for (size_t n = 3; n <= 4; n++) {
        case_begin(&c);
        uint32_t m = new_machine();
        for (size_t i = 0; i < n; i++)
            seen(m, addresses[i], october(5 + 2 * (int)i), october(6 + 2 * (int)i));
        case_audit(&c, october_end());
        struct case_verdict v = case_said(&c, FINDING_ROAMING);
        cr_assert_eq(v.state, n == 4 ? STATE_NOTICE : STATE_CLEAR, "%zu places", n);
        cr_assert_eq(v.quantity, n == 4 ? 4 : 0);
    }
}

/* ---- confirms_at ------------------------------------------------------------------------ */

static struct case_verdict as_of(wall_t t)
{
    case_audit(&c, t);
    return case_said(&c, FINDING_EXTRA_IP);
}

static void expect_confirms(struct case_verdict v, wall_t at)
{
    cr_assert_eq(v.state, STATE_POTENTIAL);
    cr_assert(v.has_confirms);
    cr_assert_eq(v.confirms_at.s, at.s, "%lld s off", (long long)(v.confirms_at.s - at.s));
}

/* Since the 5th; on the 12th, 7 of 14 days have passed: a second after the 19th begins. */
Test(boundaries, confirms_when_grace_is_over)
{
    begin_with_one_server();
    seen(new_machine(), "203.0.113.2", october(5), october(60));
    expect_confirms(as_of(october(12)), later(october(19), 1));
    expect_confirms(as_of(october(19)), later(october(19), 1));
}

/* And the prediction holds: at that very second it is confirmed. */
Test(boundaries, is_confirmed_when_it_said_it_would_be)
{
    begin_with_one_server();
    seen(new_machine(), "203.0.113.2", october(5), october(60));
    struct case_verdict before = as_of(october(12));
    cr_assert_eq(as_of(before.confirms_at).state, STATE_CONFIRMED);
    cr_assert_eq(as_of(later(before.confirms_at, -1)).state, STATE_POTENTIAL);
}

/*
 * Two hours into the month, since 13 d 12 h before it: of grace 14 d - 13 d 14 h = 10 h are
 * left, of the month's own 24 hours 22 h. The later one decides.
 */
Test(boundaries, confirms_when_the_month_has_its_own_day_of_it)
{
    begin_with_one_server();
    seen(new_machine(), "203.0.113.2", later(october_begin(), -13 * DAY - 12 * HOUR),
         october(60));
    expect_confirms(as_of(later(october_begin(), 2 * HOUR)),
                    later(october_begin(), 24 * HOUR + 1));
}

/* From the 2nd to the 7th, and again since the 20th: on the 24th 9 days, so 5 more. */
Test(boundaries, confirms_counts_what_was_before_the_break)
{
    begin_with_one_server();
    uint32_t m = new_machine();
    seen(m, "203.0.113.2", october(2), october(7));
    seen(m, "203.0.113.2", october(20), october(60));
    struct case_verdict v = as_of(october(24));
    expect_confirms(v, later(october(29), 1));
    cr_assert_eq(v.since.s, october(2).s);
}

/* It has ended: if all goes on as now, nothing more will come of it. */
Test(boundaries, what_has_ended_has_no_time_of_confirmation)
{
    begin_with_one_server();
    seen(new_machine(), "203.0.113.2", october(5), october(8));
    struct case_verdict v = as_of(october(12));
    cr_assert_eq(v.state, STATE_POTENTIAL);
    cr_assert_not(v.has_confirms);
}

Test(boundaries, what_is_confirmed_has_no_time_of_confirmation)
{
    begin_with_one_server();
    seen(new_machine(), "203.0.113.2", october(5), october(60));
    struct case_verdict v = as_of(october(20));
    cr_assert_eq(v.state, STATE_CONFIRMED);
    cr_assert_not(v.has_confirms);
}

/* 1,001 since the 5th; on the 8th 3 of 7 days have passed. */
Test(boundaries, mailboxes_confirm_after_seven_days)
{
    case_begin(&c);
    case_count(&c, case_server(&c, 0), 1001, october(5), october(60));
    case_audit(&c, october(8));
    expect_confirms(case_said(&c, FINDING_MAILBOXES), later(october(12), 1));
}

/* Outside since the 5th: the 19th. */
Test(boundaries, outside_confirms_after_its_own_grace)
{
    case_begin(&c);
    case_network(&c, 0, "203.0.113.0/24", EVER, false);
    c.policy.base.outside_grace = (dur_t){10 * DAY};
    seen(new_machine(), "198.51.100.1", october(5), october(60));
    case_audit(&c, october(8));
    expect_confirms(case_said(&c, FINDING_OUTSIDE), later(october(15), 1));
}
