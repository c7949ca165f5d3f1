/*
 * What findings carry: what was really seen beside what was bridged, how much of it by the
 * collector, the agents' gaps, and nothing of what came later than the audit (SPEC 6.5).
 */
#include "support/casebuild.h"
#include "support/leak.h"
#include <string.h>

SUITE(evidence);

#define HOUR INT64_C(3600)

static struct casebuild c;
static char
    heard[1 << 16]; /* the evidence of the last finding of the kind that is listened to */
static enum finding_kind listened_to;

static void hear(const struct finding *f)
{
    size_t n = strlen(f->evidence);
    if (f->kind != listened_to)
        return;
    cr_assert_lt(n, sizeof heard);
    memcpy(heard, f->evidence, n + 1);
}

static const char *evidence_as_of(enum finding_kind kind, wall_t as_of)
{
    listened_to = kind;
    heard[0] = '\0';
    c.heard = hear;
    case_audit(&c, as_of);
    return heard;
}

static void holds(const char *evidence, const char *part)
{
    cr_assert(strstr(evidence, part) != NULL, "%s\nlacks %s", evidence, part);
}

static void lacks(const char *evidence, const char *part)
{
    cr_assert(strstr(evidence, part) == NULL, "%s\nholds %s", evidence, part);
}

/*
 * Machine 1 fetched its key for two hours, and reported for one, ten hours after it began: seen
 * for 3 hours of 11, one of them by the collector. Machine 2 was there for 15 days on end, and
 * so together they were too.
 */
static void two_machines(void)
{
    wall_t t = october(5);
    case_begin(&c);
    uint32_t m = case_boot(&c, case_server(&c, 0)), other = case_boot(&c, case_server(&c, 0));
    case_seen(&c, m, SOURCE_KEYSERVER, "203.0.113.1", t, later(t, 2 * HOUR));
    case_seen(&c, m, SOURCE_PEER, "203.0.113.1", later(t, 10 * HOUR), later(t, 11 * HOUR));
    case_seen(&c, other, SOURCE_NAT, "203.0.113.2", t, october(20));
}

Test(evidence, tells_what_was_seen_from_what_was_bridged)
{
    two_machines();
    const char *e = evidence_as_of(FINDING_EXTRA_IP, october(31));
    holds(e, "\"bridge\":93600,\"observed_seconds\":1296000,\"presence_seconds\":1296000,"
             "\"peer_seconds\":3600,\"machines\":");
    holds(e, "\"server\":\"srv-1\",\"boot_id\":\"01000000-0000-0000-0000-000000000000\","
             "\"observed_seconds\":10800,\"presence_seconds\":39600,\"peer_seconds\":3600,"
             "\"presences\":[[1791158400,1791198000]],\"sources\":[\"peer\",\"keyserver\"]");
    holds(e, "\"unit\":\"203.0.113.2\",\"one_place\":false,\"observed_seconds\":1296000,"
             "\"presence_seconds\":1296000,\"peer_seconds\":0,"
             "\"presences\":[[1791158400,1792454400]],\"sources\":[\"nat\"]");
}

/* Of three gaps of machine 1 the second, before the window, is no matter. */
Test(evidence, tells_the_agents_gaps_in_that_time)
{
    const struct audit_gap gaps[] = {
        {GAP_CAPTURE, {{1791158500}, {1791158560}}, 120},
        {GAP_CAPTURE, {{1780000000}, {1780000060}}, 9},
        {GAP_SPOOL, {{1791160000}, {1791160000}}, 0},
    };
    two_machines();
    c.machines[0].gaps = gaps;
    c.machines[0].n_gaps = ARRAY_LEN(gaps);
    const char *e = evidence_as_of(FINDING_EXTRA_IP, october(31));
    holds(e, "\"gaps\":[{\"what\":\"capture\",\"first\":1791158500,\"last\":1791158560,"
             "\"lost\":120},{\"what\":\"spool\",\"first\":1791160000,\"last\":1791160000,"
             "\"lost\":0}]");
    holds(e, "\"gaps\":[]"); /* of machine 2 */
}

/* A machine that was there before anything could be bridged into the window is no part of it,
 * and the others are numbered without it. October's window begins on September 16, 22:00. */
Test(evidence, leaves_out_what_the_window_cannot_see)
{
    wall_t begin = later(october_begin(), -14 * INT64_C(86400));
    for (int64_t more = 0; more <= 1; more++) {
        case_begin(&c);
        uint32_t gone = case_boot(&c, case_server(&c, 0));
        wall_t last = later(begin, -26 * HOUR - 1 + more);
        case_seen(&c, gone, SOURCE_KEYSERVER, "198.51.100.9", later(last, -HOUR), last);
        for (int i = 0; i < 2; i++)
            case_seen(&c, case_boot(&c, case_server(&c, 0)), SOURCE_KEYSERVER,
                      i ? "203.0.113.2" : "203.0.113.1", october(5), october(20));
        const char *e = evidence_as_of(FINDING_EXTRA_IP, october(31));
        (more ? holds : lacks)(e, "198.51.100.9");
        (more ? holds : lacks)(e, "\"01000000-0000-0000-0000-000000000000\"");
        holds(e, more ? "[2,2,\"203.0.113.2\",\"keyserver\",1791158400,1792454400]"
                      : "[1,1,\"203.0.113.2\",\"keyserver\",1791158400,1792454400]");
    }
}

/* The same of outside: the one place where it was before is inside, and no unit of this
 * evidence. */
Test(evidence, of_outside_leaves_out_what_the_window_cannot_see)
{
    wall_t begin = later(october_begin(), -14 * INT64_C(86400));
    for (int64_t more = 0; more <= 1; more++) {
        wall_t last = later(begin, -26 * HOUR - 1 + more);
        case_begin(&c);
        case_network(&c, 0, "192.0.2.0/24", (struct term){WALL_BEGIN, WALL_END}, true);
        uint32_t machine = case_boot(&c, case_server(&c, 0));
        case_seen(&c, machine, SOURCE_PEER, "192.0.2.9", later(last, -HOUR), last);
        case_seen(&c, machine, SOURCE_PEER, "203.0.113.1", october(5), october(20));
        const char *e = evidence_as_of(FINDING_OUTSIDE, october(31));
        (more ? holds : lacks)(e, "192.0.2.9");
        holds(e, more ? "\"inside\":[[0," : "\"inside\":[],\"declared\":[[4,");
    }
}

/* A family is declared by networks that are valid at some moment of the window, which begins on
 * September 16, 22:00 and ends, here, on October 31; `to` is exclusive. */
Test(evidence, of_outside_holds_the_networks_of_the_window_alone)
{
    wall_t begin = later(october_begin(), -14 * INT64_C(86400)), end = october(31);
    case_begin(&c);
    case_network(&c, 0, "192.0.2.0/27", (struct term){WALL_BEGIN, begin}, false);
    case_network(&c, 0, "192.0.2.32/27", (struct term){WALL_BEGIN, later(begin, 1)}, false);
    case_network(&c, 0, "192.0.2.64/27", (struct term){end, WALL_END}, false);
    case_network(&c, 0, "192.0.2.96/27", (struct term){later(end, 1), WALL_END}, false);
    case_network(&c, 0, "192.0.2.128/27", (struct term){october(-200), october(200)}, false);
    c.networks[0][1].valid.from = october(-100);
    c.networks[0][2].valid.to = october(100);
    case_seen(&c, case_boot(&c, case_server(&c, 0)), SOURCE_PEER, "203.0.113.1", october(-30),
              october(20));
    const char *e = evidence_as_of(FINDING_OUTSIDE, end);
    /* October -100, 100, -200 and 200, and the two ends: days and hours of 1790812800 (October
     * 1). */
    holds(e, "\"inside\":[],\"declared\":[[4,1782086400,1789596001],"
             "[4,1793404800,1799366400],[4,1773446400,1808006400]]");
}

/* Moves are half-open: one that ends with the window's first moment is no part of it, one that
 * begins with its last is. */
Test(evidence, of_extra_ip_holds_the_moves_of_the_window_alone)
{
    wall_t begin = later(october_begin(), -14 * INT64_C(86400)), end = october(31);
    for (int64_t more = 0; more <= 1; more++) {
        two_machines();
        case_move(&c, later(begin, -HOUR), later(begin, more));
        case_move(&c, later(end, 1 - more), later(end, HOUR));
        const char *e = evidence_as_of(FINDING_EXTRA_IP, end);
        holds(e, more ? "\"moves\":[[1789592400,1789596001],[1793404800,1793408400]]"
                      : "\"moves\":[]");
    }
}

/* Asked of the 10th, it says the same whatever was seen later. */
Test(evidence, of_a_moment_knows_nothing_of_what_came_later)
{
    static char then[sizeof heard];
    for (int k = 0; k < 2; k++) {
        wall_t last = k ? october(60) : october(10);
        case_begin(&c);
        case_network(&c, 0, "192.0.2.0/24", (struct term){WALL_BEGIN, WALL_END}, false);
        uint32_t server = case_server(&c, 0);
        case_seen(&c, case_boot(&c, server), SOURCE_PEER, "203.0.113.1", october(5), last);
        case_seen(&c, case_boot(&c, server), SOURCE_PEER, "203.0.113.2", october(5), last);
        case_count(&c, server, 1001, october(5), last);
        static const enum finding_kind kinds[] = {FINDING_EXTRA_IP, FINDING_OUTSIDE,
                                                  FINDING_MAILBOXES};
        char *at = then;
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
            const char *e = evidence_as_of(kinds[i], october(10));
            size_t n = strlen(e) + 1;
            holds(e, "\"rule\":");
            holds(e, finding_kind_name(kinds[i]));
            cr_assert_leq(n, (size_t)(then + sizeof then - at));
            if (k > 0)
                cr_assert_str_eq(e, at);
            memcpy(at, e, n);
            at += n;
        }
    }
}

/* Servers in any order, rows in any order: it is judged again by casebuild.c. */
Test(evidence, of_several_servers_is_judged_the_same_again)
{
    case_begin(&c);
    uint32_t one = case_server(&c, 0), other = case_server(&c, 0);
    case_count(&c, other, 1100, october(8), october(12));
    case_count(&c, one, 1300, october(14), october(20));
    case_count(&c, other, 1200, october(2), october(6));
    case_count(&c, one, 1250, october(3), october(5));
    const char *e = evidence_as_of(FINDING_MAILBOXES, october(31));
    holds(e, "\"rows\":[{\"server\":0,\"count\":1250,");
    case_audit(&c, october(31));
    cr_assert_eq(case_said(&c, FINDING_MAILBOXES).state, STATE_CONFIRMED);
}

/* 10,000 mailboxes, 20,000 aliases, 30,000 forwards and 40,000 lists are 100,000 addresses:
 * seen for the 24 hours of October 2, and carried for 26 more. */
Test(evidence, of_mailboxes_holds_all_that_was_counted)
{
    case_begin(&c);
    c.policy.base.mailbox_basis = BASIS_ADDRESSES;
    case_count(&c, case_server(&c, 0), 10000, october(2), october(3));
    struct mail_counts *counts = &c.counts[0].counts;
    counts->aliases = 20000;
    counts->forwards = 30000;
    counts->lists = 40000;
    const char *e = evidence_as_of(FINDING_MAILBOXES, october(31));
    holds(e, "\"bridge\":93600,\"observed_seconds\":86400,\"presence_seconds\":180000,");
    holds(e, "\"rows\":[{\"server\":0,\"count\":100000,\"mailboxes\":10000,\"aliases\":20000,"
             "\"forwards\":30000,\"lists\":40000,\"filtered\":true,\"first\":1790899200,"
             "\"last\":1790985600,\"carry_until\":9007199254740992}],"
             "\"limits\":[[-9007199254740992,1000]]}");
}

/* A row that cannot be carried into the window, which begins 7 days before the month, is left
 * out; of rows with one stretch the smaller count stands first, however they came. */
Test(evidence, of_mailboxes_holds_the_rows_of_the_window_in_one_order)
{
    wall_t begin = later(october_begin(), -7 * INT64_C(86400));
    for (int turn = 0; turn < 2; turn++) {
        case_begin(&c);
        uint32_t server = case_server(&c, 0);
        case_count(&c, server, turn ? 900 : 5000, october(2), october(6));
        case_count(&c, server, turn ? 5000 : 900, october(2), october(6));
        case_count(&c, server, 77, october(-30), later(begin, -26 * HOUR - 1));
        case_count(&c, server, 78, october(-29), later(begin, -26 * HOUR));
        const char *e = evidence_as_of(FINDING_MAILBOXES, october(31));
        lacks(e, "\"count\":77,");
        const char *old = strstr(e, "\"count\":78,"), *less = strstr(e, "\"count\":900,"),
                   *more = strstr(e, "\"count\":5000,");
        cr_assert(old && less && more && old < less && less < more, "%s", e);
    }
}
