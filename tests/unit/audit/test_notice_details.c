/* What the notices say beside that they are one: how many servers, which one, since when; and
 * the names of all findings. */
#include "audit/audit.h"
#include "audit/quiet.h"
#include "support/casebuild.h"
#include "support/leak.h"
#include <stdio.h>
#include <string.h>

SUITE(notice_details);

static const struct term EVER = {WALL_BEGIN, WALL_END};
static struct casebuild c;

/* The evidence of the last finding of a kind that October's audit makes; "" = none. */
struct wanted {
    enum finding_kind kind;
    int64_t quantity;
    char evidence[512];
};

static int keep(void *arg, const struct finding *f)
{
    struct wanted *w = arg;
    if (f->kind == w->kind) {
        w->quantity = f->quantity;
        (void)snprintf(w->evidence, sizeof w->evidence, "%s", f->evidence);
    }
    return 0;
}

static struct wanted audit_for(enum finding_kind kind)
{
    struct wanted wanted = {.kind = kind};
    AUTO(audit_work) struct audit_work *w = NULL;
    struct finding_sink sink = {.take = keep, .arg = &wanted};
    struct case_frame frame;

    case_frame(&c, period_at(&c.zone, october(15)), october_end(), &frame);
    cr_assert_eq(audit_work_new(&w), 0);
    cr_assert_eq(audit_license(&frame.audit, &frame.license, w, &sink), 0);
    return wanted;
}

static void seen(uint32_t machine, const char *address, int first, int last)
{
    case_seen(&c, machine, SOURCE_KEYSERVER, address, october(first), october(last));
}

/* On r2's servers, each at two addresses: two servers, by name, each once. */
Test(notice_details, a_foreign_server_is_named_once_however_often_it_was_seen)
{
    case_begin(&c);
    uint32_t a = case_boot(&c, case_server(&c, 1)), b = case_boot(&c, case_server(&c, 1));
    seen(b, "203.0.113.1", 2, 3);
    seen(a, "203.0.113.2", 2, 3);
    seen(b, "203.0.113.3", 4, 5);
    seen(a, "203.0.113.4", 4, 5);
    struct wanted w = audit_for(FINDING_FOREIGN_SERVER);
    cr_assert_eq(w.quantity, 2);
    cr_assert_str_eq(w.evidence, "{\"servers\":[\"srv-1\",\"srv-2\"]}");
}

/* For 15 days where it is bound, and for 16 somewhere else. */
Test(notice_details, what_is_elsewhere_says_where_and_for_how_long)
{
    case_begin(&c);
    cr_assert_eq(addr_parse(text_of("203.0.113.9"), &c.rows[0].binding), 0);
    uint32_t m = case_boot(&c, case_server(&c, 0));
    seen(m, "203.0.113.9", 1, 16);
    seen(m, "203.0.113.1", 2, 18);
    cr_assert_str_eq(audit_for(FINDING_ELSEWHERE).evidence,
                     "{\"binding\":\"203.0.113.9\",\"unit\":\"203.0.113.1/32\","
                     "\"presence_seconds\":1382400}");
}

/* Whichever of the two is looked at first, the first by name is told. */
Test(notice_details, an_unknown_licence_names_the_first_server_by_name)
{
    for (int order = 0; order < 2; order++) {
        case_begin(&c);
        c.n_rows = 0;
        uint32_t m[] = {case_boot(&c, case_server(&c, 0)), case_boot(&c, case_server(&c, 0))};
        seen(m[order], "203.0.113.1", 2, 3);
        seen(m[1 - order], "203.0.113.2", 2, 3);
        cr_assert_str_eq(audit_for(FINDING_UNKNOWN_LICENSE).evidence, "{\"server\":\"srv-1\"}");
    }
}

/*
 * The server was r1's, then r2's, and is r1's again from the 20th; what it saw from the 2nd to
 * the 27th was seen last on the 27th. Where it was r1's up to the 27th and again from then on,
 * also.
 */
Test(notice_details, the_latest_of_a_servers_times_with_the_reseller_is_when_it_was_seen)
{
    static const int days[][2] = {{10, 20}, {27, 27}};

    for (size_t i = 0; i < ARRAY_LEN(days); i++) {
        char expected[64];
        case_begin(&c);
        uint32_t server = case_server(&c, 0);
        struct tenure tenures[] = {
            {&c.resellers[0], {WALL_BEGIN, october(days[i][0])}},
            {&c.resellers[0], {october(days[i][1]), WALL_END}},
        };
        c.servers[server].tenures = tenures;
        c.servers[server].n_tenures = 2;
        seen(case_boot(&c, server), "203.0.113.1", 2, 27);
        (void)snprintf(expected, sizeof expected, "{\"last_seen\":%lld}",
                       (long long)october(27).s);
        cr_assert_str_eq(audit_for(FINDING_SILENT).evidence, expected);
    }
}

/* ---- What is told quiet ----------------------------------------------------------------- */

static bool is_quiet(const struct audit *before)
{
    struct case_frame frame;

    case_frame(&c, period_at(&c.zone, october(15)), october_end(), &frame);
    frame.audit.before[0] = before;
    struct quiet_facts facts = {frame.license.license, c.rows, c.n_rows, c.sightings,
                                c.n_sightings};
    return audit_is_quiet(&frame.audit, &facts);
}

/* Nothing that counts was seen: there is nowhere to be but where it is bound. */
Test(notice_details, a_bound_licence_that_was_nowhere_is_quiet)
{
    case_begin(&c);
    cr_assert_eq(addr_parse(text_of("203.0.113.9"), &c.rows[0].binding), 0);
    case_network(&c, 0, "203.0.113.0/24", EVER, false);
    case_seen(&c, case_boot(&c, case_server(&c, 0)), SOURCE_PANEL, "203.0.113.1", october(2),
              october_end());
    cr_assert(is_quiet(NULL));
    case_seen(&c, 0, SOURCE_KEYSERVER, "203.0.113.1", october(2), october_end());
    cr_assert_not(is_quiet(NULL), "it is elsewhere");
}

/* At home from the horizon on, in a network that is declared and where it is bound, as by now.
 */
static void begin_quiet(const char *address)
{
    case_begin(&c);
    (void)case_boot(&c, case_server(&c, 0));
    seen(0, address, 2, 32);
}

/* The address before it, and the one behind it. */
Test(notice_details, a_licence_is_quiet_at_its_binding_alone)
{
    static const char *const bindings[] = {"203.0.113.2", "203.0.113.1", "203.0.113.3"};

    for (size_t i = 0; i < ARRAY_LEN(bindings); i++) {
        begin_quiet("203.0.113.2");
        case_network(&c, 0, "203.0.113.0/24", EVER, false);
        cr_assert_eq(addr_parse(text_of(bindings[i]), &c.rows[0].binding), 0);
        cr_assert_eq(is_quiet(NULL), i == 0, "%s", bindings[i]);
    }
}

/* The rule looks 14 days back from the month's beginning. */
Test(notice_details, a_licence_is_quiet_where_its_network_was_declared_in_time)
{
    wall_t since = later(october_begin(), -14 * INT64_C(86400));

    for (int64_t more = 0; more <= 1; more++) {
        begin_quiet("203.0.113.2");
        case_network(&c, 0, "203.0.113.0/24", (struct term){later(since, more), WALL_END},
                     false);
        cr_assert_eq(is_quiet(NULL), more == 0);
    }
}

/* Declared is a private network, in which a later machine was seen: that counts for nothing,
 * and the first one's address is outside. */
Test(notice_details, an_address_that_does_not_count_excuses_no_other)
{
    case_begin(&c);
    case_network(&c, 0, "10.0.0.0/8", EVER, false);
    seen(case_boot(&c, case_server(&c, 0)), "203.0.113.2", 2, 31);
    seen(case_boot(&c, case_server(&c, 0)), "10.1.1.1", 31, 32);
    cr_assert_not(is_quiet(NULL));
}

/* For all of the time: from its first moment to its last, whatever another server's times are.
 */
Test(notice_details, a_server_is_at_home_while_it_is_the_resellers)
{
    static const struct audit_reseller r1 = {.id = "r1"}, r2 = {.id = "r2"};
    const struct span since = {{100}, {200}};
    const struct {
        struct tenure tenures[2];
        size_t n;
        bool is_at_home;
    } rows[] = {
        {{{&r1, {{100}, {201}}}, {&r1, {{900}, {901}}}}, 1, true},
        {{{&r1, {{101}, {201}}}, {&r1, {{0}, {901}}}}, 1, false},
        {{{&r1, {{100}, {200}}}, {&r1, {{0}, {901}}}}, 1, false},
        {{{&r2, {{100}, {201}}}, {&r1, {{0}, {901}}}}, 1, false},
        {{{&r1, {{100}, {201}}}, {&r2, {{300}, {301}}}}, 2, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct audit_server server = {"srv-1", rows[i].tenures, rows[i].n, WALL_END};
        cr_assert_eq(audit_is_at_home(&server, &r1, since), rows[i].is_at_home, "row %zu", i);
    }
}

/* The panel counts for nothing now, but did in the month before, of which recurring speaks. */
Test(notice_details, what_counted_under_the_policy_of_before_is_not_quiet)
{
    static struct policy_version old;
    static struct case_frame before;

    case_begin(&c);
    old = c.policy;
    old.base.count_sources |= 1U << SOURCE_PANEL;
    case_network(&c, 0, "203.0.113.0/24", EVER, false);
    uint32_t m = case_boot(&c, case_server(&c, 0));
    case_seen(&c, m, SOURCE_KEYSERVER, "203.0.113.1", october(2), october_end());
    case_seen(&c, m, SOURCE_PANEL, "203.0.113.2", october(2), october_end());
    case_frame(&c, period_at(&c.zone, october(-10)), october_end(), &before);
    cr_assert(is_quiet(&before.audit));
    before.audit.policy = &old;
    cr_assert_not(is_quiet(&before.audit));
}

/* 35 days before E, or the month's beginning where that is earlier, and the longest bridge that
 * anybody has before it: whoever it is. */
Test(notice_details, the_horizon_is_as_far_as_anybody_looks)
{
    struct policy_override overrides[2] = {{.reseller = "r1"}, {.reseller = "r2"}};
    struct policy_version version = {.version = "1", .overrides = overrides, .n_overrides = 2};
    struct audit a = {.p0 = october_begin(), .policy = &version};
    static const int64_t hours[][3] = {{30, 26, 26}, {26, 30, 26}, {26, 26, 30}};

    for (size_t i = 0; i < ARRAY_LEN(hours); i++) {
        version.base.bridge.s = hours[i][0] * 3600;
        overrides[0].policy.bridge.s = hours[i][1] * 3600;
        overrides[1].policy.bridge.s = hours[i][2] * 3600;
        a.end = october(20); /* 35 days before it are mid-September */
        cr_assert_eq(audit_horizon(&a).s, later(october(-15), -INT64_C(30) * 3600).s);
        a.end = october(60);
        cr_assert_eq(audit_horizon(&a).s, later(october_begin(), -INT64_C(30) * 3600).s);
    }
}

/* ---- Names ------------------------------------------------------------------------------ */

/* SPEC 6: the rules' headings and those of 6.4, with the clauses that they name. */
Test(notice_details, findings_go_by_the_names_and_clauses_of_the_contract)
{
    static const struct {
        enum finding_kind kind;
        const char *name, *clause;
    } rows[] = {
        {FINDING_EXTRA_IP, "extra-ip", "FUP, licences 2"},
        {FINDING_MAILBOXES, "mailboxes", "FUP, SpamExperts 1"},
        {FINDING_OUTSIDE, "outside", "FUP, licences 4"},
        {FINDING_CROWDED_ADDRESS, "crowded-address", ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_expect_str_eq(finding_kind_name(rows[i].kind), rows[i].name);
        cr_expect_str_eq(finding_clause(rows[i].kind), rows[i].clause);
    }
}

/* SPEC 6: "the confirmed finding, then the larger quantity, stands for both". */
Test(notice_details, the_graver_of_two_findings_stands_then_the_larger)
{
    const struct finding potential = {.state = STATE_POTENTIAL, .quantity = 5};
    const struct finding one = {.state = STATE_CONFIRMED, .quantity = 1};
    const struct finding two = {.state = STATE_CONFIRMED, .quantity = 2};

    cr_expect(finding_outranks(&one, &potential));
    cr_expect_not(finding_outranks(&potential, &one));
    cr_expect(finding_outranks(&two, &one));
    cr_expect_not(finding_outranks(&one, &two));
    cr_expect_not(finding_outranks(&one, &one));
}
