/*
 * Who is never charged: honest servers whose sightings look, here and there, like too many.
 * Each case is audited on every night of the months around it, for the month of that night and
 * for the one before, and none of these audits may confirm anything at all.
 *
 * The rule (SPEC 6): confirmed is what lasts for longer than `grace` (14 days) within the month
 * and the 14 days before it, and for longer than 24 hours within the month itself. The month
 * is October 2026 in Amsterdam: from september 30, 22:00 to october 31, 23:00 UTC.
 */
#include <stdio.h>

#include "support/expect.h"
#include "support/leak.h"

SUITE(fairness);

#define MINUTE INT64_C(60)
#define HOUR INT64_C(3600)
#define DAY INT64_C(86400)

static const struct term EVER = {WALL_BEGIN, WALL_END};
static struct casebuild c;

static void never_confirmed(void)
{
    cr_assert_not(case_ever_confirmed(&c, october(-15), october(65)));
}

static void expect(enum finding_kind kind, enum finding_state state, int64_t quantity)
{
    expect_of(&c, kind, state, quantity);
}

/* One machine of a server of reseller r1. */
static uint32_t new_machine(void)
{
    return case_boot(&c, case_server(&c, 0));
}

static void seen(uint32_t machine, const char *address, wall_t first, wall_t last)
{
    case_seen(&c, machine, SOURCE_KEYSERVER, address, first, last);
}

/* The same ten seconds of every day, from one day of october to another, both included. */
static void seen_daily(uint32_t machine, const char *address, int from, int to, int64_t at)
{
    for (int day = from; day <= to; day++)
        seen(machine, address, later(october(day), at), later(october(day), at + 10));
}

/* ---- One server ------------------------------------------------------------------------- */

/*
 * On the old address until the 10th, then on the new one: only the moment of change belongs to
 * both, and a moment measures 0.
 */
Test(fairness, a_server_that_renumbers_owes_nothing_and_hears_nothing)
{
    static const struct {
        const char *old[2], *new[2];
        const char *why;
    } rows[] = {
        {{"203.0.113.1", NULL}, {"203.0.113.2", NULL}, "IPv4"},
        {{"2001:db8:1::1", NULL}, {"2001:db8:2::1", NULL}, "IPv6, to another /64"},
        {{"203.0.113.1", "2001:db8:1::1"}, {"203.0.113.2", "2001:db8:2::1"}, "both"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        case_begin(&c);
        uint32_t m = new_machine();
        for (size_t k = 0; k < 2; k++) {
            if (rows[i].old[k])
                seen(m, rows[i].old[k], october(-30), october(10));
            if (rows[i].new[k])
                seen(m, rows[i].new[k], october(10), october(60));
        }
        cr_assert_not(case_ever_confirmed(&c, october(-15), october(65)), "%s", rows[i].why);
        case_audit(&c, october(31));
        expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
        expect(FINDING_MANY_ADDRESSES, STATE_CLEAR, 0);
        expect(FINDING_SECOND_SERVER, STATE_CLEAR, 0);
    }
}

/* Rebooted while it moved: two machines, one after the other, never two at once. */
Test(fairness, a_server_that_renumbers_with_a_reboot_owes_nothing)
{
    case_begin(&c);
    uint32_t server = case_server(&c, 0);
    seen(case_boot(&c, server), "203.0.113.1", october(-30), october(10));
    seen(case_boot(&c, server), "203.0.113.2", later(october(10), 5 * MINUTE), october(60));
    never_confirmed();
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
}

/* A new address every day: no two are bridged, for each is seen on one day alone. */
Test(fairness, a_server_with_a_new_address_every_day_is_only_said_to_roam)
{
    case_begin(&c);
    uint32_t m = new_machine();
    for (int day = 1; day <= 31; day++) {
        char address[ADDR_TEXT_SIZE];
        (void)snprintf(address, sizeof address, "198.51.100.%d", day);
        seen(m, address, october(day), october(day + 1));
    }
    never_confirmed();
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
    expect(FINDING_ROAMING, STATE_NOTICE, 30); /* the 1st to the 30th; it is the 31st, 0:00 */
}

/* All fifty addresses of the pool every day: 49 more than one, but one machine. */
Test(fairness, a_machine_behind_a_pool_of_fifty_addresses_is_one_machine)
{
    case_begin(&c);
    uint32_t m = new_machine();
    for (int i = 1; i <= 50; i++) {
        char address[ADDR_TEXT_SIZE];
        (void)snprintf(address, sizeof address, "198.51.100.%d", i);
        seen_daily(m, address, 1, 31, i * MINUTE);
    }
    never_confirmed();
    case_audit(&c, october_end());
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
    expect(FINDING_MANY_ADDRESSES, STATE_NOTICE, 49);
}

/* The report leaves through a proxy, the licence is fetched directly: two addresses for good.
 */
Test(fairness, a_proxy_for_the_uplink_is_no_second_server)
{
    case_begin(&c);
    uint32_t m = new_machine();
    case_seen(&c, m, SOURCE_PEER, "198.51.100.9", october(-30), october(60));
    case_seen(&c, m, SOURCE_KEYSERVER, "203.0.113.1", october(-30), october(60));
    never_confirmed();
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
    expect(FINDING_MANY_ADDRESSES, STATE_NOTICE, 1);
}

/* One uplink by day, one by night; each is away for 12 hours only, so both are bridged. */
Test(fairness, day_and_night_uplinks_are_one_server)
{
    case_begin(&c);
    uint32_t m = new_machine();
    for (int day = -15; day <= 45; day++) {
        wall_t morning = later(october(day), 8 * HOUR),
               evening = later(october(day), 20 * HOUR);
        case_seen(&c, m, SOURCE_PEER, "198.51.100.1", morning, evening);
        case_seen(&c, m, SOURCE_PEER, "198.51.100.2", evening, later(morning, DAY));
    }
    never_confirmed();
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
    expect(FINDING_MANY_ADDRESSES, STATE_NOTICE, 1);
}

/* A host may serve sites on as many addresses as it likes: they are not counted sources. */
Test(fairness, addresses_of_the_panel_and_of_interfaces_are_not_counted)
{
    case_begin(&c);
    uint32_t m = new_machine(), other = new_machine();
    seen(m, "203.0.113.1", october(-30), october(60));
    case_seen(&c, m, SOURCE_PANEL, "203.0.113.2", october(-30), october(60));
    case_seen(&c, other, SOURCE_INTERFACE, "203.0.113.3", october(-30), october(60));
    never_confirmed();
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
    expect(FINDING_MANY_ADDRESSES, STATE_CLEAR, 0);
}

Test(fairness, private_addresses_are_nobodys_second_place)
{
    static const char *const private[] = {"10.0.0.1",   "192.168.1.1", "172.16.0.1",
                                          "100.64.0.1", "169.254.1.1", "fd00::1",
                                          "fe80::1",    "127.0.0.1"};
    case_begin(&c);
    seen(new_machine(), "203.0.113.1", october(-30), october(60));
    uint32_t other = new_machine();
    for (size_t i = 0; i < ARRAY_LEN(private); i++)
        seen(other, private[i], october(-30), october(60));
    never_confirmed();
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
    expect(FINDING_SECOND_SERVER, STATE_CLEAR, 0);
}

/* Two servers behind one address of the host's translation: one IP, as the text has it. */
Test(fairness, two_servers_behind_one_address_are_one_ip)
{
    case_begin(&c);
    seen(new_machine(), "203.0.113.1", october(-30), october(60));
    seen(new_machine(), "203.0.113.1", october(-30), october(60));
    never_confirmed();
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
    expect(FINDING_SECOND_SERVER, STATE_NOTICE, 1);
}

/* ---- A second server, for a while ------------------------------------------------------- */

/* On from saturday 0:00 to monday 0:00, local time, for `weeks`; the first saturday given. */
static void weekends(uint32_t machine, wall_t saturday, int weeks)
{
    for (int i = 0; i < weeks; i++, saturday.s += 7 * DAY)
        seen(machine, "203.0.113.2", saturday, later(saturday, 2 * DAY));
}

/*
 * October 3 is a saturday (the days are UTC's here). In the month: four weekends of 2 days, and
 * the 31st until 23:00: 8 d 23 h. In the 14 days before it, from september 16, 22:00: those of
 * the 19th and the 26th, 4 d. 12 d 23 h are no more than 14.
 */
Test(fairness, a_weekend_standby_stays_within_grace)
{
    case_begin(&c);
    seen(new_machine(), "203.0.113.1", october(-30), october(60));
    weekends(new_machine(), october(-18), 12); /* from september 12 */
    never_confirmed();
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_POTENTIAL, 1);
}

/*
 * The worst month for it: August 2026 begins on a saturday, and so do the 14 days before
 * (July 18). July 18 to August 31 are 45 days: seven weekends, 14 days to the second, and grace
 * is over only after more than 14.
 */
Test(fairness, a_weekend_standby_stays_within_grace_in_the_worst_month)
{
    const wall_t july_18 = later(october(1), -75 * DAY - 2 * HOUR); /* 0:00 in Amsterdam */
    case_begin(&c);
    seen(new_machine(), "203.0.113.1", october(-120), october(60));
    weekends(new_machine(), later(july_18, -14 * DAY), 11);
    cr_assert_not(case_ever_confirmed(&c, later(july_18, -5 * DAY), october(1)));
    case_audit(&c, later(july_18, 44 * DAY)); /* August 31: all seven are over */
    expect(FINDING_EXTRA_IP, STATE_POTENTIAL, 1);
}

/* Six boots of an hour: 6 hours together. Each boot is a machine of its own. */
Test(fairness, an_old_server_booted_an_hour_now_and_then_is_forgiven)
{
    static const int days[] = {3, 7, 12, 16, 21, 27};
    case_begin(&c);
    seen(new_machine(), "203.0.113.1", october(-30), october(60));
    uint32_t old = case_server(&c, 0);
    for (size_t i = 0; i < ARRAY_LEN(days); i++)
        seen(case_boot(&c, old), "203.0.113.2", october(days[i]),
             later(october(days[i]), HOUR));
    never_confirmed();
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_POTENTIAL, 1);
}

/* Even on every day: a run that has ended is not bridged to the next. 45 boots are 45 hours. */
Test(fairness, an_old_server_booted_an_hour_a_day_is_forgiven)
{
    case_begin(&c);
    seen(new_machine(), "203.0.113.1", october(-30), october(60));
    uint32_t old = case_server(&c, 0);
    for (int day = -13; day <= 31; day++)
        seen(case_boot(&c, old), "203.0.113.2", october(day), later(october(day), HOUR));
    never_confirmed();
}

/* Both servers from the 2nd to the 12th: 10 days. */
Test(fairness, a_migration_of_ten_days_is_within_grace)
{
    case_begin(&c);
    seen(new_machine(), "203.0.113.1", october(-30), october(12));
    seen(new_machine(), "203.0.113.2", october(2), october(60));
    never_confirmed();
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_POTENTIAL, 1);
}

/*
 * Both servers from 8 days before october's end to 5 days after it. October sees 8 days;
 * november, with the 14 days before it, sees 8 + 5 = 13. A month's end gives no new grace, and
 * takes none away.
 */
Test(fairness, a_migration_over_the_months_end_is_one_migration)
{
    const wall_t end = october_end();
    case_begin(&c);
    seen(new_machine(), "203.0.113.1", october(-30), later(end, 5 * DAY));
    seen(new_machine(), "203.0.113.2", later(end, -8 * DAY), october(60));
    never_confirmed();
    case_audit(&c, october_end());
    expect(FINDING_EXTRA_IP, STATE_POTENTIAL, 1);
    case_audit(&c, october(50));
    expect(FINDING_EXTRA_IP, STATE_POTENTIAL, 1);
}

/* Both servers for a month, declared: the move excuses it, and does not hide it. */
Test(fairness, a_declared_move_is_excused_however_long)
{
    case_begin(&c);
    case_move(&c, october(2), october(32));
    seen(new_machine(), "203.0.113.1", october(-30), october(32));
    seen(new_machine(), "203.0.113.2", october(2), october(60));
    never_confirmed();
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
    expect(FINDING_SECOND_SERVER, STATE_NOTICE, 1);
}

/* ---- Others ----------------------------------------------------------------------------- */

/* A server of r2 says that it runs r1's licence, on fifty addresses, all month. */
Test(fairness, the_forged_report_of_another_reseller_counts_against_nobody)
{
    case_begin(&c);
    case_network(&c, 0, "203.0.113.0/24", EVER, false);
    seen(new_machine(), "203.0.113.1", october(-30), october(60));
    uint32_t forger = case_boot(&c, case_server(&c, 1));
    for (int i = 1; i <= 50; i++) {
        char address[ADDR_TEXT_SIZE];
        (void)snprintf(address, sizeof address, "198.51.100.%d", i);
        seen(forger, address, october(-30), october(60));
    }
    never_confirmed();
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
    expect(FINDING_OUTSIDE, STATE_CLEAR, 0);
    expect(FINDING_FOREIGN_SERVER, STATE_NOTICE, 1);
}

/* The licence changes hands on the 15th: each reseller has one server in its own time. */
Test(fairness, a_licence_that_changes_hands_is_judged_for_each_by_itself)
{
    case_begin(&c);
    const struct audit_row rows[] = {
        {&c.resellers[0], {WALL_BEGIN, october(15)}, {0}, 1000},
        {&c.resellers[1], {october(15), WALL_END}, {0}, 1000},
    };
    case_entries(&c, rows, ARRAY_LEN(rows));
    seen(new_machine(), "203.0.113.1", october(-30), october(60));
    seen(case_boot(&c, case_server(&c, 1)), "203.0.113.2", october(-30), october(60));
    never_confirmed();
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
}

/* In use from the 1st, declared from the 8th: outside for 7 days. */
Test(fairness, networks_declared_a_week_late_are_forgiven)
{
    case_begin(&c);
    case_network(&c, 0, "192.0.2.0/24", EVER, false);
    case_network(&c, 0, "203.0.113.0/24", (struct term){october(8), WALL_END}, false);
    seen(new_machine(), "203.0.113.1", october(1), october(60));
    never_confirmed();
    case_audit(&c, october(31));
    expect(FINDING_OUTSIDE, STATE_POTENTIAL, 1);
}

/* Nothing was ever declared: unknown is not outside. */
Test(fairness, a_reseller_without_networks_is_asked_and_not_charged)
{
    case_begin(&c);
    seen(new_machine(), "203.0.113.1", october(-30), october(60));
    never_confirmed();
    case_audit(&c, october(31));
    expect(FINDING_OUTSIDE, STATE_CLEAR, 0);
    expect(FINDING_UNDECLARED, STATE_NOTICE, 1);
}

/* ---- Mailboxes -------------------------------------------------------------------------- */

/*
 * 1,500 for half an hour, between rows of 900; the quarter of an hour until the next count adds
 * to it. 45 minutes are no more than `flag_after`: it is not even mentioned.
 */
Test(fairness, a_mailbox_import_of_half_an_hour_is_not_mentioned)
{
    const wall_t noon = later(october(10), 12 * HOUR);
    case_begin(&c);
    uint32_t server = case_server(&c, 0);
    case_count(&c, server, 900, october(-30), noon);
    case_count(&c, server, 1500, noon, later(noon, 30 * MINUTE));
    case_count(&c, server, 900, later(noon, 45 * MINUTE), october(60));
    never_confirmed();
    case_audit(&c, october(31));
    expect(FINDING_MAILBOXES, STATE_CLEAR, 0);
}

/* Over the limit for six days, then cleaned up: seven days have not passed. */
Test(fairness, a_domain_cleaned_up_within_a_week_is_forgiven)
{
    case_begin(&c);
    uint32_t server = case_server(&c, 0);
    case_count(&c, server, 5000, october(10), october(16));
    case_count(&c, server, 1000, october(16), october(60));
    never_confirmed();
    case_audit(&c, october(31));
    expect(FINDING_MAILBOXES, STATE_POTENTIAL, 4000);
}

/* While a domain moves, both servers hold the same 600 mailboxes: 600, not 1,200. */
Test(fairness, a_domain_on_two_servers_is_not_counted_twice)
{
    case_begin(&c);
    case_count(&c, case_server(&c, 0), 600, october(-30), october(60));
    case_count(&c, case_server(&c, 0), 600, october(-30), october(60));
    never_confirmed();
    case_audit(&c, october(31));
    expect(FINDING_MAILBOXES, STATE_CLEAR, 0);
    expect(FINDING_SPLIT_DOMAIN, STATE_NOTICE, 1);
}

/* The mailboxes of another reseller's server are not this domain's. */
Test(fairness, mailboxes_on_another_resellers_server_are_not_counted)
{
    case_begin(&c);
    case_count(&c, case_server(&c, 0), 900, october(-30), october(60));
    case_count(&c, case_server(&c, 1), 50000, october(-30), october(60));
    never_confirmed();
    case_audit(&c, october(31));
    expect(FINDING_MAILBOXES, STATE_CLEAR, 0);
    expect(FINDING_SPLIT_DOMAIN, STATE_CLEAR, 0);
}
