/*
 * Each entry by itself, on the evidence of its own time, and of the time in which the servers
 * were its reseller's (SPEC 6, second paragraph; 6.1 and 6.2, first sentences). The month is
 * October 2026 in Amsterdam; grace is 14 days, mailbox_sustain 7, bridge 26 hours.
 */
#include "support/expect.h"
#include "support/leak.h"

SUITE(entries);

#define HOUR INT64_C(3600)
#define DAY INT64_C(86400)

static struct casebuild c;

static void expect(enum finding_kind kind, enum finding_state state, int64_t quantity)
{
    expect_of(&c, kind, state, quantity);
}

/* One entry of r1 for both subjects, limit 1,000. */
static void begin_with_entry(wall_t from, wall_t to)
{
    case_begin(&c);
    const struct audit_row rows[] = {{&c.resellers[0], {from, to}, {0}, 1000}};
    case_entries(&c, rows, ARRAY_LEN(rows));
}

/* Two that touch, with limits of their own. */
static void begin_with_two(wall_t between, int64_t limit, int64_t then)
{
    case_begin(&c);
    const struct audit_row rows[] = {
        {&c.resellers[0], {WALL_BEGIN, between}, {0}, limit},
        {&c.resellers[0], {between, WALL_END}, {0}, then},
    };
    case_entries(&c, rows, ARRAY_LEN(rows));
}

static void seen(uint32_t machine, const char *address, wall_t first, wall_t last)
{
    case_seen(&c, machine, SOURCE_KEYSERVER, address, first, last);
}

static uint32_t new_machine(void)
{
    return case_boot(&c, case_server(&c, 0));
}

/* ---- Licences --------------------------------------------------------------------------- */

/*
 * The entry begins on the 10th. Seen until an hour before, and from 20 hours after on, for 14
 * days to the second: what was before is not bridged into it.
 */
Test(entries, nothing_is_bridged_into_an_entry)
{
    begin_with_entry(october(10), WALL_END);
    seen(new_machine(), "203.0.113.1", october(-60), october(60));
    uint32_t m = new_machine();
    seen(m, "203.0.113.2", october(8), later(october(10), -HOUR));
    seen(m, "203.0.113.2", later(october(10), 20 * HOUR), later(october(24), 20 * HOUR));
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_POTENTIAL, 1);
}

/* It ends on the 17th: 14 days, and an hour after its end, 25 hours later, seen again. */
Test(entries, nothing_is_bridged_out_of_an_entry)
{
    begin_with_entry(WALL_BEGIN, october(17));
    seen(new_machine(), "203.0.113.1", october(-60), october(60));
    uint32_t m = new_machine();
    seen(m, "203.0.113.2", october(2), october(16));
    seen(m, "203.0.113.2", later(october(17), HOUR), october(18));
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_POTENTIAL, 1);
}

/* 7 days of the one and 8 of the other are 15. */
Test(entries, entries_that_touch_are_one)
{
    begin_with_two(october(12), 1000, 1000);
    seen(new_machine(), "203.0.113.1", october(-60), october(60));
    seen(new_machine(), "203.0.113.2", october(5), october(20));
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CONFIRMED, 1);
}

/* It begins at the very moment of the audit: no time to be judged in. */
Test(entries, an_entry_without_any_time_in_the_month_is_not_judged)
{
    begin_with_entry(october(20), WALL_END);
    case_audit(&c, october(20));
    expect(FINDING_UNDECLARED, STATE_CLEAR, 0);
    expect(FINDING_NEVER_SEEN, STATE_CLEAR, 0);
    case_audit(&c, later(october(20), 1));
    expect(FINDING_UNDECLARED, STATE_NOTICE, 1);
}

/* The second server is the reseller's from the 10th on: 14 days of the 34 in which it was
 * seen. */
Test(entries, a_server_counts_from_when_it_is_the_resellers)
{
    begin_with_entry(WALL_BEGIN, WALL_END);
    seen(new_machine(), "203.0.113.1", october(-60), october(60));
    seen(new_machine(), "203.0.113.2", october(-10), october(24));
    c.tenures[1].valid.from = october(10);
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_POTENTIAL, 1);
}

/* And no longer than it is: 14 days until the 19th, of 29. */
Test(entries, a_server_counts_while_it_is_the_resellers)
{
    begin_with_entry(WALL_BEGIN, WALL_END);
    seen(new_machine(), "203.0.113.1", october(-60), october(60));
    seen(new_machine(), "203.0.113.2", october(5), october(34));
    c.tenures[1].valid.to = october(19);
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_POTENTIAL, 1);
}

/* The first move lasts until the 8th, the second until the 17th; 9 days are left of 24. */
Test(entries, each_declared_move_silences)
{
    begin_with_entry(WALL_BEGIN, WALL_END);
    case_move(&c, october(2), october(8));
    case_move(&c, october(8), october(17));
    seen(new_machine(), "203.0.113.1", october(-60), october(60));
    seen(new_machine(), "203.0.113.2", october(2), october(26));
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_POTENTIAL, 1);
}

/*
 * Two moves, from the 2nd to the 4th and from the 10th to the 17th: of 22 days 6 and 7 are
 * left. Nothing else happens on the 10th.
 */
Test(entries, a_second_move_silences_from_its_first_moment_on)
{
    begin_with_entry(WALL_BEGIN, WALL_END);
    case_move(&c, october(2), october(4));
    case_move(&c, october(10), october(17));
    seen(new_machine(), "203.0.113.1", october(-60), october(60));
    seen(new_machine(), "203.0.113.2", october(2), october(24));
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_POTENTIAL, 1);
}

/* Lent to r2 from the 10th to the 15th: 8 and 7 days are the reseller's own. */
Test(entries, a_server_counts_in_each_time_in_which_it_is_the_resellers)
{
    begin_with_entry(WALL_BEGIN, WALL_END);
    seen(new_machine(), "203.0.113.1", october(-60), october(60));
    seen(new_machine(), "203.0.113.2", october(2), october(22));
    const struct tenure tenures[] = {
        {&c.resellers[0], {WALL_BEGIN, october(10)}},
        {&c.resellers[1], {october(10), october(15)}},
        {&c.resellers[0], {october(15), WALL_END}},
    };
    c.servers[1].tenures = tenures;
    c.servers[1].n_tenures = ARRAY_LEN(tenures);
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CONFIRMED, 1);
    expect(FINDING_FOREIGN_SERVER, STATE_NOTICE, 1);
}

/* ---- Mailboxes -------------------------------------------------------------------------- */

/* The last count of the time before ended an hour before the entry: it is not carried in. */
Test(entries, a_count_from_before_the_entry_is_not_carried_into_it)
{
    begin_with_entry(october(10), WALL_END);
    case_count(&c, case_server(&c, 0), 5000, october(5), later(october(10), -HOUR));
    case_audit(&c, october(31));
    expect(FINDING_MAILBOXES, STATE_CLEAR, 0);
}

/* 6 days, then the server is another's: with 26 hours more they would be 7 days and 2 hours. */
Test(entries, a_count_is_not_carried_past_the_servers_time)
{
    begin_with_entry(WALL_BEGIN, WALL_END);
    case_count(&c, case_server(&c, 0), 5000, october(14), october(20));
    c.tenures[0].valid.to = october(20);
    case_audit(&c, october(31));
    expect(FINDING_MAILBOXES, STATE_POTENTIAL, 4000);
}

/* The server is the reseller's from the 20th on: 4 days and 26 hours of a row of 19 days. */
Test(entries, a_count_begins_with_the_servers_time)
{
    begin_with_entry(WALL_BEGIN, WALL_END);
    case_count(&c, case_server(&c, 0), 5000, october(5), october(24));
    c.tenures[0].valid.from = october(20);
    case_audit(&c, october(31));
    expect(FINDING_MAILBOXES, STATE_POTENTIAL, 4000);
    cr_assert_eq(case_said(&c, FINDING_MAILBOXES).since.s, october(20).s);
}

/* 1,500 from the 5th to the 25th, the limit 2,000 from the 10th on: 500 over for 5 days. */
Test(entries, a_limit_holds_from_its_row_on)
{
    begin_with_two(october(10), 1000, 2000);
    case_count(&c, case_server(&c, 0), 1500, october(5), october(25));
    case_audit(&c, october(31));
    expect(FINDING_MAILBOXES, STATE_POTENTIAL, 500);
    begin_with_two(october(10), 2000, 1000);
    case_count(&c, case_server(&c, 0), 1500, october(5), october(25));
    case_audit(&c, october(31));
    expect(FINDING_MAILBOXES, STATE_CONFIRMED, 500);
    cr_assert_eq(case_said(&c, FINDING_MAILBOXES).since.s, october(10).s);
}

/* Mail that is not filtered is as if never reported, unless the policy counts it. */
Test(entries, unfiltered_mailboxes_count_only_where_the_policy_says_so)
{
    for (int all = 0; all <= 1; all++) {
        begin_with_entry(WALL_BEGIN, WALL_END);
        c.policy.base.mailbox_filtered_only = all == 0;
        case_count(&c, case_server(&c, 0), 1250, october(10), october(20));
        c.counts[0].counts.is_filtered = false;
        case_audit(&c, october(31));
        expect(FINDING_MAILBOXES, all ? STATE_CONFIRMED : STATE_CLEAR, 250);
        expect(FINDING_NEVER_COUNTED, all ? STATE_CLEAR : STATE_NOTICE, 1);
    }
}

/* 900 + 50 aliases + 60 forwards + 70 lists = 1,080. */
Test(entries, addresses_are_mailboxes_aliases_forwards_and_lists)
{
    for (int all = 0; all <= 1; all++) {
        begin_with_entry(WALL_BEGIN, WALL_END);
        c.policy.base.mailbox_basis = all ? BASIS_ADDRESSES : BASIS_MAILBOXES;
        case_count(&c, case_server(&c, 0), 900, october(10), october(20));
        c.counts[0].counts.aliases = 50;
        c.counts[0].counts.forwards = 60;
        c.counts[0].counts.lists = 70;
        case_audit(&c, october(31));
        expect(FINDING_MAILBOXES, all ? STATE_CONFIRMED : STATE_CLEAR, 80);
    }
}

/* ---- Which row counts (SPEC 6.2) --------------------------------------------------------- */

/* 5,000 since the 1st, 900 since the 2nd: 4,000 over for the one day between. */
Test(entries, of_rows_that_hold_the_latest_counts)
{
    begin_with_entry(WALL_BEGIN, WALL_END);
    uint32_t server = case_server(&c, 0);
    case_count(&c, server, 5000, october(1), october(30));
    case_count(&c, server, 900, october(2), october(30));
    case_audit(&c, october(31));
    expect(FINDING_MAILBOXES, STATE_POTENTIAL, 4000);
}

/* Also when it ends before the smaller one. */
Test(entries, of_rows_that_begin_together_the_larger_counts)
{
    for (int last = 29; last <= 30; last++) {
        begin_with_entry(WALL_BEGIN, WALL_END);
        uint32_t server = case_server(&c, 0);
        case_count(&c, server, 5000, october(2), october(last));
        case_count(&c, server, 900, october(2), october(30));
        case_audit(&c, october(31));
        expect(FINDING_MAILBOXES, STATE_CONFIRMED, 4000);
    }
}

/* 5,000 for 7 days until the 10th; the row of 900 had ended an hour before. What ended last is
 * carried: 8 days and 2 hours. */
Test(entries, of_rows_that_ended_the_last_one_is_carried)
{
    begin_with_entry(WALL_BEGIN, WALL_END);
    uint32_t server = case_server(&c, 0);
    case_count(&c, server, 900, october(1), later(october(10), -HOUR));
    case_count(&c, server, 5000, october(3), october(10));
    case_audit(&c, october(31));
    expect(FINDING_MAILBOXES, STATE_CONFIRMED, 4000);
}

/*
 * Both ended at once; the later `first`, then the larger count. On the 3rd to the 9th 5,000
 * alone, 6 days; then 900 holds, and 900 is carried.
 */
Test(entries, of_rows_that_ended_together_the_later_one_is_carried)
{
    begin_with_entry(WALL_BEGIN, WALL_END);
    uint32_t server = case_server(&c, 0);
    case_count(&c, server, 5000, october(3), october(10));
    case_count(&c, server, 900, october(9), october(10));
    case_audit(&c, october(31));
    expect(FINDING_MAILBOXES, STATE_POTENTIAL, 4000);
}

/* 600 + 600 for 5 d 22 h, and 26 hours of silence of the one: 7 days, and one second more. */
Test(entries, a_domain_is_said_to_be_split_after_seven_days)
{
    for (int64_t more = 0; more <= 1; more++) {
        begin_with_entry(WALL_BEGIN, WALL_END);
        case_count(&c, case_server(&c, 0), 600, october(-30), october(60));
        case_count(&c, case_server(&c, 0), 600, october(5),
                   later(october(5), 5 * DAY + 22 * HOUR + more));
        case_audit(&c, october(31));
        expect(FINDING_SPLIT_DOMAIN, more ? STATE_NOTICE : STATE_CLEAR, 1);
    }
}

/* ---- Networks (SPEC 6.3) ----------------------------------------------------------------- */

/*
 * One /64, and a /96 of it is declared. The address in the /96 was seen 40 days before the
 * month; the window begins 14 days before it. Seen within it, the /64 is inside.
 */
Test(entries, an_address_of_long_ago_puts_no_64_inside)
{
    for (int64_t days = 0; days <= 39; days += 39) {
        case_begin(&c);
        case_network(&c, 0, "2001:db8:1::/96", (struct term){WALL_BEGIN, WALL_END}, false);
        uint32_t m = new_machine();
        wall_t was = later(october(-1), -days * DAY);
        seen(m, "2001:db8:1::1", was, later(was, HOUR));
        seen(m, "2001:db8:1:0:ffff::1", october(5), october(20));
        case_audit(&c, october(31));
        expect(FINDING_OUTSIDE, days ? STATE_CONFIRMED : STATE_CLEAR, 1);
    }
}

/* Seen outside for a moment a day, the 5th to the 21st: 16 days, and judged again from the
 * evidence it is as long. */
Test(entries, what_is_outside_is_bridged_too)
{
    case_begin(&c);
    case_network(&c, 0, "203.0.113.0/24", (struct term){WALL_BEGIN, WALL_END}, false);
    uint32_t m = new_machine();
    for (int day = 5; day <= 21; day++)
        seen(m, "198.51.100.1", october(day), october(day));
    case_audit(&c, october(31));
    expect(FINDING_OUTSIDE, STATE_CONFIRMED, 1);
}

/* The /24 is one place for good, its own declaration has ended, and half of it is not it. */
Test(entries, half_of_one_place_does_not_hold_it)
{
    case_begin(&c);
    case_network(&c, 0, "203.0.113.0/24", (struct term){october(-300), october(-200)}, true);
    case_network(&c, 0, "203.0.113.0/25", (struct term){WALL_BEGIN, WALL_END}, false);
    seen(new_machine(), "203.0.113.1", october(5), october(20));
    case_audit(&c, october(31));
    expect(FINDING_OUTSIDE, STATE_CONFIRMED, 1);
}

/* A /24 and both of its halves are declared one place: the widest is what counts. */
Test(entries, the_widest_declared_place_counts)
{
    const struct term ever = {WALL_BEGIN, WALL_END};
    case_begin(&c);
    case_network(&c, 0, "203.0.113.0/24", ever, true);
    case_network(&c, 0, "203.0.113.0/25", ever, true);
    case_network(&c, 0, "203.0.113.128/25", ever, true);
    seen(new_machine(), "203.0.113.1", october(5), october(20));
    seen(new_machine(), "203.0.113.200", october(5), october(20));
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
    expect(FINDING_SECOND_SERVER, STATE_NOTICE, 1);
}

/* r2 took the licence over on the 10th, and its server stands in a network of r1's. */
Test(entries, the_networks_of_the_reseller_before_excuse_nothing)
{
    const struct term ever = {WALL_BEGIN, WALL_END};
    case_begin(&c);
    const struct audit_row rows[] = {
        {&c.resellers[0], {WALL_BEGIN, october(10)}, {0}, 1000},
        {&c.resellers[1], {october(10), WALL_END}, {0}, 1000},
    };
    case_entries(&c, rows, ARRAY_LEN(rows));
    case_network(&c, 0, "203.0.113.0/24", ever, false);
    case_network(&c, 1, "198.51.100.0/24", ever, false);
    seen(case_boot(&c, case_server(&c, 1)), "203.0.113.1", october(10), october(26));
    case_audit(&c, october(31));
    expect(FINDING_OUTSIDE, STATE_CONFIRMED, 1);
    cr_assert_str_eq(case_said(&c, FINDING_OUTSIDE).reseller, "r2");
}

/* A network of another time, or of no length in this one, declares nothing. */
Test(entries, a_network_must_be_valid_for_some_time_to_be_declared)
{
    const struct {
        struct term valid;
        enum finding_state state;
    } rows[] = {
        {{WALL_BEGIN, october(-20)}, STATE_NOTICE},
        {{october(20), WALL_END}, STATE_NOTICE},
        {{later(october(20), -1), WALL_END}, STATE_CLEAR},
        {{WALL_BEGIN, october_begin()}, STATE_NOTICE},
        {{WALL_BEGIN, later(october_begin(), 1)}, STATE_CLEAR},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        case_begin(&c);
        case_network(&c, 0, "203.0.113.0/24", rows[i].valid, false);
        case_audit(&c, october(20));
        expect(FINDING_UNDECLARED, rows[i].state, 1);
    }
}
