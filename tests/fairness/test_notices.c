/*
 * What is told and never charged, to the second (SPEC 6.1, notices; 6.4). The month is October
 * 2026 in Amsterdam.
 */
#include "support/expect.h"
#include "support/leak.h"
#include <stdio.h>

SUITE(notices);

#define HOUR INT64_C(3600)
#define DAY INT64_C(86400)

static struct casebuild c;

static void expect(enum finding_kind kind, enum finding_state state, int64_t quantity)
{
    expect_of(&c, kind, state, quantity);
}

static void begin_with_entry(wall_t from, wall_t to)
{
    case_begin(&c);
    const struct audit_row rows[] = {{&c.resellers[0], {from, to}, {0}, 1000}};
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

/* Three IPv4 addresses, two days apart, and always one /64 beside them: three places. */
Test(notices, a_second_stack_is_no_place_to_roam_to)
{
    static const char *const addresses[] = {"203.0.113.1", "203.0.113.2", "203.0.113.3"};
    case_begin(&c);
    uint32_t m = new_machine();
    for (int i = 0; i < 3; i++) {
        seen(m, addresses[i], october(5 + 3 * i), october(6 + 3 * i));
        seen(m, "2001:db8:1::1", october(5 + 3 * i), october(6 + 3 * i));
    }
    case_audit(&c, october(31));
    expect(FINDING_ROAMING, STATE_CLEAR, 0);
}

/* Two machines that go from place to place together, and one that is at four at once. */
Test(notices, who_is_told_of_more_is_not_told_of_roaming)
{
    static const char *const addresses[] = {"203.0.113.1", "203.0.113.2", "203.0.113.3",
                                            "203.0.113.4"};
    case_begin(&c);
    uint32_t one = new_machine(), other = new_machine();
    for (int i = 0; i < 4; i++) {
        seen(one, addresses[i], october(5 + 3 * i), october(6 + 3 * i));
        seen(other, addresses[i], october(5 + 3 * i), october(6 + 3 * i));
    }
    case_audit(&c, october(31));
    expect(FINDING_SECOND_SERVER, STATE_NOTICE, 1);
    expect(FINDING_ROAMING, STATE_CLEAR, 0);
    case_begin(&c);
    one = new_machine();
    for (int i = 0; i < 4; i++)
        seen(one, addresses[i], october(5), october(6));
    case_audit(&c, october(31));
    expect(FINDING_MANY_ADDRESSES, STATE_NOTICE, 3);
    expect(FINDING_ROAMING, STATE_CLEAR, 0);
}

/* An entry that begins a second after the month, or ended a second before E, was not valid in
 * all of it. */
Test(notices, never_seen_takes_an_entry_of_the_whole_month)
{
    const struct {
        wall_t from, to;
        enum finding_state state;
    } rows[] = {
        {october_begin(), october(20), STATE_NOTICE},
        {later(october_begin(), 1), october(20), STATE_CLEAR},
        {october_begin(), later(october(20), -1), STATE_CLEAR},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        begin_with_entry(rows[i].from, rows[i].to);
        case_audit(&c, october(20));
        expect(FINDING_NEVER_SEEN, rows[i].state, 1);
        expect(FINDING_NEVER_COUNTED, rows[i].state, 1);
    }
}

/* What begins with E was seen by then, what begins after it was not. */
Test(notices, what_begins_after_the_audit_was_never_seen)
{
    for (int64_t more = 0; more <= 1; more++) {
        case_begin(&c);
        uint32_t server = case_server(&c, 0);
        wall_t first = later(october(20), more);
        seen(case_boot(&c, server), "203.0.113.1", first, october(25));
        case_count(&c, server, 10, first, october(25));
        case_audit(&c, october(20));
        expect(FINDING_NEVER_SEEN, more ? STATE_NOTICE : STATE_CLEAR, 1);
        expect(FINDING_NEVER_COUNTED, more ? STATE_NOTICE : STATE_CLEAR, 1);
    }
}

/* Nobody knows it until the 25th; it was seen from the 5th to the 10th, and the server is the
 * reseller's from then on. */
Test(notices, unknown_in_use_is_told_of_whose_server_it_was_then)
{
    for (int day = 8; day <= 20; day += 12) {
        begin_with_entry(october(25), WALL_END);
        seen(new_machine(), "203.0.113.1", october(5), october(10));
        c.tenures[0].valid.from = october(day);
        case_audit(&c, october(31));
        expect(FINDING_UNKNOWN_LICENSE, day == 8 ? STATE_NOTICE : STATE_CLEAR, 1);
    }
}

/* Times with a reseller are half-open: at the moment at which the server's ended it was
 * nobody's. */
Test(notices, unknown_in_use_is_told_to_nobody_after_the_servers_time)
{
    for (int64_t more = 0; more <= 1; more++) {
        begin_with_entry(october(25), WALL_END);
        seen(new_machine(), "203.0.113.1", october(5), october(10));
        c.tenures[0].valid.to = later(october(5), more);
        case_audit(&c, october(31));
        expect(FINDING_UNKNOWN_LICENSE, more ? STATE_NOTICE : STATE_CLEAR, 1);
    }
}

/* On a server of each, whichever was seen first. */
Test(notices, unknown_in_use_is_told_of_each_reseller)
{
    for (uint32_t first = 0; first < 2; first++) {
        size_t told[CASE_RESELLERS] = {0};
        begin_with_entry(october(25), WALL_END);
        seen(case_boot(&c, case_server(&c, first)), "203.0.113.1", october(5), october(10));
        seen(case_boot(&c, case_server(&c, 1 - first)), "203.0.113.2", october(5), october(10));
        case_audit(&c, october(31));
        for (size_t i = 0; i < c.n_said; i++)
            if (c.said[i].kind == FINDING_UNKNOWN_LICENSE)
                told[c.said[i].reseller[1] - '1']++;
        cr_assert_eq(told[0], 1);
        cr_assert_eq(told[1], 1);
    }
}

Test(notices, expired_in_use_is_told_of_this_month_alone)
{
    begin_with_entry(WALL_BEGIN, october(-40));
    seen(new_machine(), "203.0.113.1", october(-39), october(-35));
    case_audit(&c, october(31));
    expect(FINDING_EXPIRED_IN_USE, STATE_CLEAR, 0);
}

/* Known from the 10th to the 20th: in use on the 22nd it has expired, and is not unknown. */
Test(notices, what_was_known_before_is_not_unknown)
{
    begin_with_entry(october(10), october(20));
    seen(new_machine(), "203.0.113.1", october(22), october(25));
    case_audit(&c, october(31));
    expect(FINDING_UNKNOWN_LICENSE, STATE_CLEAR, 0);
    expect(FINDING_EXPIRED_IN_USE, STATE_NOTICE, 1);
}

/* In use a second before its first entry. */
Test(notices, in_use_before_the_first_entry_is_unknown)
{
    begin_with_entry(october(10), WALL_END);
    seen(new_machine(), "203.0.113.1", october(10), october(25));
    case_audit(&c, october(31));
    expect(FINDING_UNKNOWN_LICENSE, STATE_CLEAR, 0);
    seen(new_machine(), "203.0.113.1", later(october(10), -1), october(25));
    case_audit(&c, october(31));
    expect(FINDING_UNKNOWN_LICENSE, STATE_NOTICE, 1);
}

Test(notices, in_use_until_its_end_is_not_after_it)
{
    for (int64_t more = 0; more <= 1; more++) {
        begin_with_entry(WALL_BEGIN, october(20));
        seen(new_machine(), "203.0.113.1", october(10), later(october(20), more));
        case_audit(&c, october(31));
        expect(FINDING_EXPIRED_IN_USE, more ? STATE_NOTICE : STATE_CLEAR, 1);
    }
}

/* Expired on the 20th and seen from the 21st to the 22nd, on a server that was somebody's until
 * the 21st, or from the 22nd on (each by a second more or less). */
Test(notices, expired_in_use_takes_a_server_that_is_somebodys)
{
    for (int64_t more = 0; more <= 1; more++) {
        begin_with_entry(WALL_BEGIN, october(20));
        seen(new_machine(), "203.0.113.1", october(21), october(22));
        c.tenures[0].valid = (struct term){WALL_BEGIN, later(october(21), more)};
        case_audit(&c, october(31));
        expect(FINDING_EXPIRED_IN_USE, more ? STATE_NOTICE : STATE_CLEAR, 1);
        c.tenures[0].valid = (struct term){later(october(22), more), WALL_END};
        case_audit(&c, october(31));
        expect(FINDING_EXPIRED_IN_USE, more ? STATE_CLEAR : STATE_NOTICE, 1);
    }
}

/* Two servers of r2; the first one's two runs are told with the other's between them. */
Test(notices, a_foreign_server_counts_once_whatever_its_runs)
{
    case_begin(&c);
    uint32_t one = case_server(&c, 1), other = case_server(&c, 1);
    seen(case_boot(&c, one), "203.0.113.1", october(5), october(6));
    seen(case_boot(&c, other), "203.0.113.2", october(5), october(6));
    seen(case_boot(&c, one), "203.0.113.1", october(7), october(8));
    case_audit(&c, october(31));
    expect(FINDING_FOREIGN_SERVER, STATE_NOTICE, 2);
}

/* The 15th of these months of 2026, in days before October 1; until October there are six: May
 * to October. */
enum { APRIL = 169, MAY = 139, JULY = 78, OCTOBER = -14 };

/* Two hours of that day. */
static void seen_on(int days_before, uint32_t machine, const char *address)
{
    wall_t day = later(october(1), -days_before * DAY);
    seen(machine, address, day, later(day, 2 * HOUR));
}

/* Two hours with a second server. */
Test(notices, three_months_of_the_last_six_are_recurring)
{
    static const struct {
        int days[3];
        enum finding_state state;
    } rows[] = {
        {{MAY, JULY, OCTOBER}, STATE_NOTICE},
        {{APRIL, JULY, OCTOBER}, STATE_CLEAR},
        {{MAY, OCTOBER, OCTOBER}, STATE_CLEAR},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        case_begin(&c);
        seen(new_machine(), "203.0.113.1", october(-300), october(60));
        uint32_t m = new_machine();
        for (size_t k = 0; k < 3; k++)
            seen_on(rows[i].days[k], m, "203.0.113.2");
        case_audit(&c, october(31));
        expect(FINDING_RECURRING, rows[i].state, 1);
    }
}

static char recurring[256];

static void hear_recurring(const struct finding *f)
{
    if (f->kind == FINDING_RECURRING)
        (void)snprintf(recurring, sizeof recurring, "%s", f->evidence);
}

/* By addresses, one machine at a second one; by servers, a second one at the same address. */
Test(notices, what_recurs_is_what_is_charged_by)
{
    for (int by_servers = 0; by_servers < 2; by_servers++) {
        case_begin(&c);
        c.policy.base.charge_by = by_servers ? CHARGE_BY_SERVERS : CHARGE_BY_ADDRESSES;
        c.heard = hear_recurring;
        uint32_t m = new_machine(), other = by_servers ? new_machine() : m;
        seen(m, "203.0.113.1", october(-300), october(60));
        seen_on(MAY, other, by_servers ? "203.0.113.1" : "203.0.113.2");
        seen_on(JULY, other, by_servers ? "203.0.113.1" : "203.0.113.2");
        seen_on(OCTOBER, other, by_servers ? "203.0.113.1" : "203.0.113.2");
        case_audit(&c, october(31));
        expect(FINDING_RECURRING, STATE_NOTICE, 1);
        cr_assert_str_eq(recurring, "{\"potential_in\":[\"2026-10\",\"2026-07\",\"2026-05\"]}");
    }
}

/* May and July were in one entry, October is in another: of the same reseller, or of the next
 * one, whose months those were not. */
Test(notices, what_recurs_is_of_all_entries_of_one_reseller)
{
    for (uint32_t before = 0; before < 2; before++) {
        case_begin(&c);
        const struct audit_row rows[] = {
            {&c.resellers[before], {WALL_BEGIN, october(-30)}, {0}, 1000},
            {&c.resellers[0], {october(-29), WALL_END}, {0}, 1000},
        };
        case_entries(&c, rows, ARRAY_LEN(rows));
        uint32_t now = new_machine(), then = case_boot(&c, case_server(&c, before));
        seen(case_boot(&c, case_server(&c, before)), "203.0.113.1", october(-300),
             october(-30));
        seen_on(MAY, then, "203.0.113.2");
        seen_on(JULY, then, "203.0.113.2");
        seen(new_machine(), "203.0.113.1", october(-29), october(60));
        seen_on(OCTOBER, now, "203.0.113.2");
        case_audit(&c, october(31));
        expect(FINDING_EXTRA_IP, STATE_POTENTIAL, 1);
        expect(FINDING_RECURRING, before == 0 ? STATE_NOTICE : STATE_CLEAR, 1);
    }
}

/* Silent since the 26th or the 27th. One of the servers is retired: whether it is the one that
 * saw the licence last says whether anybody is missed; another reseller's says nothing. */
Test(notices, a_licence_is_missed_where_it_was_last)
{
    static const struct {
        int day, retired_day;
        uint32_t reseller;
        enum finding_state state;
        const char *why;
    } rows[] = {
        {26, 27, 0, STATE_CLEAR, "the retired one saw it last"},
        {27, 27, 0, STATE_NOTICE, "both did"},
        {27, 26, 0, STATE_NOTICE, "the other did"},
        {27, 27, 1, STATE_CLEAR, "the other is another reseller's"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (int order = 0; order < 2; order++) {
            case_begin(&c);
            uint32_t retired = case_server(&c, 0), other = case_server(&c, rows[i].reseller);
            c.servers[retired].retired = october(30);
            for (int turn = 0; turn < 2; turn++)
                if (turn == order)
                    seen(case_boot(&c, retired), "203.0.113.1", october(2),
                         october(rows[i].retired_day));
                else
                    seen(case_boot(&c, other), "203.0.113.1", october(2), october(rows[i].day));
            case_audit(&c, october(31));
            expect(FINDING_SILENT, rows[i].state, 1);
        }
}
