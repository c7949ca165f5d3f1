/*
 * What is told and never charged, to the second (SPEC 6.1, notices; 6.4). The month is October
 * 2026 in Amsterdam.
 */
#include "support/expect.h"
#include "support/leak.h"

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

/* Two hours with a second server, on the 15th of these months of 2026; until October there are
 * six: May to October. */
Test(notices, three_months_of_the_last_six_are_recurring)
{
    enum { APRIL = 169, MAY = 139, JULY = 78, OCTOBER = -14 }; /* days before October 1 */
    static const struct {
        int64_t days[3];
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
        for (size_t k = 0; k < 3; k++) {
            wall_t day = later(october(1), -rows[i].days[k] * DAY);
            seen(m, "203.0.113.2", day, later(day, 2 * HOUR));
        }
        case_audit(&c, october(31));
        expect(FINDING_RECURRING, rows[i].state, 1);
    }
}
