/*
 * Who is charged, and for how many: servers too many that last, in the forms in which they try
 * not to be seen. The arithmetic is SPEC 6's; the month is October 2026.
 */
#include <stdio.h>

#include "support/expect.h"
#include "support/leak.h"

SUITE(charged);

#define HOUR INT64_C(3600)
#define DAY INT64_C(86400)

static const struct term EVER = {WALL_BEGIN, WALL_END};
static struct casebuild c;

static void expect(enum finding_kind kind, enum finding_state state, int64_t quantity)
{
    expect_of(&c, kind, state, quantity);
}

static uint32_t new_machine(void)
{
    return case_boot(&c, case_server(&c, 0));
}

static void seen(uint32_t machine, const char *address, wall_t first, wall_t last)
{
    case_seen(&c, machine, SOURCE_KEYSERVER, address, first, last);
}

/* The one server that is allowed: on 203.0.113.1, before, in and after the month. */
static void begin_with_one_server(void)
{
    case_begin(&c);
    seen(new_machine(), "203.0.113.1", october(-60), october(60));
}

/* ---- extra-ip --------------------------------------------------------------------------- */

/* From the 5th to the 20th: 15 days are more than 14, and more than 24 hours in the month. */
Test(charged, two_servers_for_fifteen_days_are_one_extra)
{
    begin_with_one_server();
    seen(new_machine(), "203.0.113.2", october(5), october(20));
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CONFIRMED, 1);
    cr_assert_eq(case_said(&c, FINDING_EXTRA_IP).since.s, october(5).s);
}

/* The clone has its original's identity, but another run's: the same server, two machines. */
Test(charged, a_cloned_disk_is_a_second_machine)
{
    case_begin(&c);
    uint32_t server = case_server(&c, 0);
    seen(case_boot(&c, server), "203.0.113.1", october(-60), october(60));
    seen(case_boot(&c, server), "203.0.113.2", october(5), october(20));
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CONFIRMED, 1);
}

/*
 * Sixteen clones, each for one day on an address of its own, the next as the last one ends:
 * beside the original there is always one more, for 16 days. Where one hands over to the next
 * there are two, for a moment, which measures 0: the quantity is 1.
 */
Test(charged, a_relay_of_short_lived_clones_is_one_extra)
{
    case_begin(&c);
    uint32_t server = case_server(&c, 0);
    seen(case_boot(&c, server), "203.0.113.1", october(-60), october(60));
    for (int i = 0; i < 16; i++) {
        char address[ADDR_TEXT_SIZE];
        (void)snprintf(address, sizeof address, "198.51.100.%d", i + 1);
        seen(case_boot(&c, server), address, october(3 + i), october(4 + i));
    }
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CONFIRMED, 1);
}

/*
 * Two machines that take turns, a day each: each is away for 24 hours, which `bridge` (26) has
 * as unbroken. From the 2nd, when the second begins, both are present: 30 days.
 */
Test(charged, daily_alternation_is_two_servers)
{
    case_begin(&c);
    uint32_t even = new_machine(), odd = new_machine();
    for (int day = 1; day <= 31; day++)
        seen(day % 2 == 0 ? even : odd, day % 2 == 0 ? "203.0.113.2" : "203.0.113.1",
             october(day), october(day + 1));
    case_audit(&c, october_end());
    expect(FINDING_EXTRA_IP, STATE_CONFIRMED, 1);
    cr_assert_eq(case_said(&c, FINDING_EXTRA_IP).since.s, october(2).s);
}

/* 8 days, 6 days off, 8 days: 16 days are more than 14. Time adds up, broken or not. */
Test(charged, broken_time_adds_up)
{
    begin_with_one_server();
    uint32_t m = new_machine();
    seen(m, "203.0.113.2", october(2), october(10));
    seen(m, "203.0.113.2", october(16), october(24));
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CONFIRMED, 1);
}

/* 10 days before the month's end and 5 after: 15 in november's window, 5 in november itself. */
Test(charged, the_fourteen_days_before_the_month_count_towards_its_grace)
{
    const wall_t end = october_end();
    begin_with_one_server();
    seen(new_machine(), "203.0.113.2", later(end, -10 * DAY), later(end, 5 * DAY));
    case_audit(&c, october_end());
    expect(FINDING_EXTRA_IP, STATE_POTENTIAL, 1);
    case_audit(&c, october(60));
    expect(FINDING_EXTRA_IP, STATE_CONFIRMED, 1);
}

Test(charged, three_machines_at_three_addresses_are_two_extra)
{
    begin_with_one_server();
    seen(new_machine(), "203.0.113.2", october(5), october(20));
    seen(new_machine(), "203.0.113.3", october(5), october(20));
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CONFIRMED, 2);
}

/* Two extra for 10 days, one for 15: the largest number that lasted for more than 14 is one. */
Test(charged, only_the_number_that_lasted_is_charged)
{
    begin_with_one_server();
    seen(new_machine(), "203.0.113.2", october(5), october(20));
    seen(new_machine(), "203.0.113.3", october(5), october(15));
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CONFIRMED, 1);
}

/*
 * Who is where, as letters: machine i was on the addresses named in row i for 15 days. The
 * level is the most machines that can have an address each to themselves, less 1.
 */
Test(charged, a_machine_counts_where_it_has_an_address_of_its_own)
{
    static const struct {
        const char *machines[4];
        int64_t level;
        const char *why;
    } rows[] = {
        {{"a", "b", NULL}, 1, "two machines, two addresses"},
        {{"a", "a", NULL}, 0, "two machines behind one address"},
        {{"ab", NULL}, 0, "one machine on two"},
        {{"a", "b", "b", NULL}, 1, "three machines on two addresses: a-1, b-2"},
        {{"a", "a", "b", NULL}, 1, "two share one, the third has its own: a-1, b-3"},
        {{"a", "a", "a", NULL}, 0, "three behind one address"},
        {{"ab", "a", NULL}, 1, "b-1, a-2"},
        {{"ab", "a", "b", NULL}, 1, "three machines, but only two addresses"},
        {{"ab", "ac", "a", NULL}, 2, "a-3 leaves b-1 and c-2"},
        {{"abc", "a", "a", NULL}, 1, "a for one of the last two, and the first elsewhere"},
        {{"ab", "bc", "cd", "da"}, 3, "four in a ring: a-1, b-2, c-3, d-4"},
        {{"abcd", "a", "a", "a"}, 1, "one star, three satellites on one of its addresses"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        case_begin(&c);
        for (size_t k = 0; k < ARRAY_LEN(rows[i].machines) && rows[i].machines[k]; k++) {
            uint32_t m = new_machine();
            for (const char *p = rows[i].machines[k]; *p; p++) {
                char address[ADDR_TEXT_SIZE];
                (void)snprintf(address, sizeof address, "203.0.113.%d", *p - 'a' + 1);
                seen(m, address, october(5), october(20));
            }
        }
        case_audit(&c, october(31));
        struct case_verdict v = case_said(&c, FINDING_EXTRA_IP);
        cr_assert_eq(v.quantity, rows[i].level, "%s: %lld", rows[i].why, (long long)v.quantity);
        cr_assert_eq(v.state, rows[i].level > 0 ? STATE_CONFIRMED : STATE_CLEAR, "%s",
                     rows[i].why);
    }
}

/* The move ends on the 10th, the old server stays: 21 days from there. */
Test(charged, a_server_left_running_after_the_declared_move_is_charged)
{
    begin_with_one_server();
    case_move(&c, october(2), october(10));
    seen(new_machine(), "203.0.113.2", october(2), october(31));
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CONFIRMED, 1);
    cr_assert_eq(case_said(&c, FINDING_EXTRA_IP).since.s, october(10).s);
}

/* Two servers on two declared sites: not one place, and a declared network excuses no extra. */
Test(charged, a_declared_network_is_not_one_place_unless_it_says_so)
{
    begin_with_one_server();
    case_network(&c, 0, "203.0.113.0/24", EVER, false);
    seen(new_machine(), "203.0.113.2", october(5), october(20));
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CONFIRMED, 1);
    expect(FINDING_OUTSIDE, STATE_CLEAR, 0);
}

/* ---- charge_by -------------------------------------------------------------------------- */

/* The literal text: each address beyond the first, whoever is on it. */
Test(charged, by_addresses_each_extra_address_counts)
{
    case_begin(&c);
    c.policy.base.charge_by = CHARGE_BY_ADDRESSES;
    uint32_t m = new_machine();
    seen(m, "203.0.113.1", october(5), october(20));
    seen(m, "203.0.113.2", october(5), october(20));
    seen(m, "203.0.113.3", october(5), october(20));
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CONFIRMED, 2);
}

Test(charged, by_addresses_machines_behind_one_address_are_free)
{
    begin_with_one_server();
    c.policy.base.charge_by = CHARGE_BY_ADDRESSES;
    seen(new_machine(), "203.0.113.1", october(5), october(20));
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
}

Test(charged, by_servers_each_extra_machine_counts)
{
    begin_with_one_server();
    c.policy.base.charge_by = CHARGE_BY_SERVERS;
    seen(new_machine(), "203.0.113.1", october(5), october(20));
    seen(new_machine(), "203.0.113.1", october(5), october(20));
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CONFIRMED, 2);
}

Test(charged, by_servers_addresses_of_one_machine_are_free)
{
    case_begin(&c);
    c.policy.base.charge_by = CHARGE_BY_SERVERS;
    uint32_t m = new_machine();
    seen(m, "203.0.113.1", october(5), october(20));
    seen(m, "203.0.113.2", october(5), october(20));
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
}

/* ---- outside and mailboxes -------------------------------------------------------------- */

/* The reseller's IPv4 network is known, and this address has been out of it for 15 days. */
Test(charged, a_server_outside_of_the_declared_networks_is_found)
{
    case_begin(&c);
    case_network(&c, 0, "203.0.113.0/24", EVER, false);
    seen(new_machine(), "198.51.100.1", october(5), october(20));
    case_audit(&c, october(31));
    expect(FINDING_OUTSIDE, STATE_CONFIRMED, 1);
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
}

/* A move of the licence is no reason to be in another's datacenter. */
Test(charged, a_declared_move_does_not_excuse_being_outside)
{
    case_begin(&c);
    case_network(&c, 0, "203.0.113.0/24", EVER, false);
    case_move(&c, october(1), october(32));
    seen(new_machine(), "198.51.100.1", october(5), october(20));
    case_audit(&c, october(31));
    expect(FINDING_OUTSIDE, STATE_CONFIRMED, 1);
}

/* 1,250 mailboxes for ten days: 250 over. */
Test(charged, mailboxes_over_the_limit_for_ten_days_are_charged_by_their_number)
{
    case_begin(&c);
    uint32_t server = case_server(&c, 0);
    case_count(&c, server, 900, october(-30), october(10));
    case_count(&c, server, 1250, october(10), october(20));
    case_count(&c, server, 900, october(20), october(60));
    case_audit(&c, october(31));
    expect(FINDING_MAILBOXES, STATE_CONFIRMED, 250);
}

/* 600 + 600 = 1,200 is 200 over, where the policy says that they are other mailboxes. */
Test(charged, by_sum_a_split_domain_is_counted_together)
{
    case_begin(&c);
    c.policy.base.mailbox_split = SPLIT_SUM;
    case_count(&c, case_server(&c, 0), 600, october(-30), october(60));
    case_count(&c, case_server(&c, 0), 600, october(-30), october(60));
    case_audit(&c, october(31));
    expect(FINDING_MAILBOXES, STATE_CONFIRMED, 200);
    expect(FINDING_SPLIT_DOMAIN, STATE_CLEAR, 0);
}
