/*
 * An audit that can not go on says so: whatever allocation fails, and whatever finding the sink
 * will not take, the call ends with that error, nothing leaks, and no finding follows.
 */
#include <errno.h>
#include <string.h>

#include "audit/evidence.h"
#include "audit/policy.h"
#include "support/casebuild.h"
#include "support/leak.h"
#include "support/scarce.h"

SUITE(cut_short);

static const struct term EVER = {WALL_BEGIN, WALL_END};
static struct casebuild c;

/* What is judged, by which call, with which answers of the sink. */
struct judging {
    struct case_frame frame, past[5];
    struct server_case server;
    int (*judge)(const struct judging *j, struct audit_work *w, const struct finding_sink *s);
    bool wants_clear;
    size_t refuse_at;        /* the n-th finding is not taken; 0 = all are */
    size_t n_taken, n_whole; /* now, and with nothing cut short */
    size_t evidence_bytes, whole_bytes;
    bool has_kind[FINDING_KIND_COUNT];
};

static int take(void *arg, const struct finding *f)
{
    struct judging *j = arg;
    j->has_kind[f->kind] = true;
    j->n_taken++;
    j->evidence_bytes += strlen(f->evidence);
    return j->n_taken == j->refuse_at ? -EPIPE : 0;
}

static int judge_once(void *arg)
{
    struct judging *j = arg;
    struct finding_sink sink = {.take = take, .arg = j, .wants_clear = j->wants_clear};
    AUTO(audit_work) struct audit_work *w = NULL;
    int r = audit_work_new(&w);

    j->n_taken = j->evidence_bytes = 0;
    memset(j->has_kind, 0, sizeof j->has_kind);
    if (r == 0)
        r = j->judge(j, w, &sink);
    /* A scratch that is thrown away may fail: an audit that says that all is well is whole. */
    if (r == 0 && j->n_whole > 0) {
        cr_assert_eq(j->n_taken, j->n_whole, "findings are missing, and nothing is said");
        cr_assert_eq(j->evidence_bytes, j->whole_bytes, "evidence is not whole");
    }
    return r;
}

static int judge_license(const struct judging *j, struct audit_work *w,
                         const struct finding_sink *s)
{
    return audit_license(&j->frame.audit, &j->frame.license, w, s);
}

static int judge_domain(const struct judging *j, struct audit_work *w,
                        const struct finding_sink *s)
{
    return audit_domain(&j->frame.audit, &j->frame.domain, w, s);
}

static int judge_server(const struct judging *j, struct audit_work *w,
                        const struct finding_sink *s)
{
    return audit_server(&j->frame.audit, &j->server, w, s);
}

/* October as of its end, with the five months before it. */
static void frame(struct judging *j)
{
    period_t period = period_at(&c.zone, october(15));

    case_frame(&c, period, october_end(), &j->frame);
    for (int i = 0; i < 5; i++) {
        case_frame(&c, period_plus(period, -i - 1), october_end(), &j->past[i]);
        j->frame.audit.before[i] = &j->past[i].audit;
    }
}

/* Both ways of cutting short; at the end, all the findings of `kinds` were there. */
static void expect_each_cut_is_told(struct judging *j, const char *what,
                                    const enum finding_kind *kinds, size_t n_kinds)
{
    for (int clear = 0; clear < 2; clear++) {
        j->wants_clear = clear == 1;
        j->refuse_at = j->n_whole = 0;
        cr_assert_eq(judge_once(j), 0);
        j->n_whole = j->n_taken;
        j->whole_bytes = j->evidence_bytes;
        cr_assert_gt(scarce_each(what, judge_once, j), 0, "%s", what);
        for (size_t i = 0; i < n_kinds; i++)
            cr_assert(j->has_kind[kinds[i]], "%s: no %s", what, finding_kind_name(kinds[i]));
        cr_assert_geq(j->n_whole, n_kinds, "%s", what);
        for (j->refuse_at = 1; j->refuse_at <= j->n_whole; j->refuse_at++) {
            cr_assert_eq(judge_once(j), -EPIPE, "%s, finding %zu", what, j->refuse_at);
            cr_assert_eq(j->n_taken, j->refuse_at, "%s: it goes on after finding %zu", what,
                         j->refuse_at);
        }
    }
}

static void seen(uint32_t machine, const char *address, int first, int last)
{
    case_seen(&c, machine, SOURCE_KEYSERVER, address, october(first), october(last));
}

/*
 * On two servers for 15 days, neither in the declared network nor where the licence is bound,
 * and on a server of another reseller; another network was declared for a year that is over.
 */
Test(cut_short, a_licence_that_is_charged)
{
    static const enum finding_kind kinds[] = {FINDING_EXTRA_IP, FINDING_OUTSIDE,
                                              FINDING_ELSEWHERE, FINDING_FOREIGN_SERVER};
    struct judging j = {.judge = judge_license};

    case_begin(&c);
    cr_assert_eq(addr_parse(text_of("198.51.100.9"), &c.rows[0].binding), 0);
    case_network(&c, 0, "198.51.100.0/24", EVER, false);
    case_network(&c, 0, "192.0.2.0/24", (struct term){WALL_BEGIN, october(-365)}, false);
    case_move(&c, october(21), october(23));
    seen(case_boot(&c, case_server(&c, 0)), "203.0.113.1", -60, 60);
    seen(case_boot(&c, case_server(&c, 0)), "203.0.113.2", 5, 20);
    seen(case_boot(&c, case_server(&c, 0)), "198.51.100.3", 5, 6);
    seen(case_boot(&c, case_server(&c, 1)), "203.0.113.3", 7, 8);
    frame(&j);
    expect_each_cut_is_told(&j, "charged", kinds, ARRAY_LEN(kinds));
}

/* Alone of its kind: nothing was written before its evidence. */
Test(cut_short, a_licence_that_is_outside)
{
    static const enum finding_kind kinds[] = {FINDING_OUTSIDE};
    struct judging j = {.judge = judge_license};

    case_begin(&c);
    case_network(&c, 0, "198.51.100.0/24", EVER, false);
    seen(case_boot(&c, case_server(&c, 0)), "203.0.113.1", 5, 25);
    frame(&j);
    expect_each_cut_is_told(&j, "outside", kinds, ARRAY_LEN(kinds));
}

/* Two resellers in one month, and neither has it in use: the first one's error is the last
 * word. */
Test(cut_short, a_licence_of_two_entries)
{
    static const enum finding_kind kinds[] = {FINDING_UNDECLARED};
    struct judging j = {.judge = judge_license};
    const struct audit_row rows[] = {
        {&c.resellers[0], {WALL_BEGIN, october(15)}, {0}, 1000},
        {&c.resellers[1], {october(15), WALL_END}, {0}, 1000},
    };

    case_begin(&c);
    case_entries(&c, rows, ARRAY_LEN(rows));
    frame(&j);
    expect_each_cut_is_told(&j, "two entries", kinds, ARRAY_LEN(kinds));
}

/* Two machines on one address and one of them on a second one, too: both notices. */
Test(cut_short, a_licence_with_two_notices)
{
    static const enum finding_kind kinds[] = {FINDING_MANY_ADDRESSES, FINDING_SECOND_SERVER,
                                              FINDING_UNDECLARED};
    struct judging j = {.judge = judge_license};

    case_begin(&c);
    c.policy.base.charge_by = CHARGE_BY_BOTH;
    uint32_t first = case_boot(&c, case_server(&c, 0));
    uint32_t second = case_boot(&c, case_server(&c, 0));
    seen(first, "203.0.113.1", 1, 3);
    seen(first, "203.0.113.2", 1, 3);
    seen(second, "203.0.113.1", 10, 12);
    seen(first, "203.0.113.1", 10, 12);
    frame(&j);
    expect_each_cut_is_told(&j, "noticed", kinds, ARRAY_LEN(kinds));
}

/* A day on each of four addresses, one after another; and the licence has expired in between.
 */
Test(cut_short, a_licence_that_roams)
{
    static const enum finding_kind kinds[] = {FINDING_ROAMING, FINDING_EXPIRED_IN_USE};
    struct judging j = {.judge = judge_license};

    case_begin(&c);
    c.rows[0].valid.to = october(20);
    uint32_t m = case_boot(&c, case_server(&c, 0));
    seen(m, "203.0.113.1", 2, 3);
    seen(m, "203.0.113.2", 3, 4);
    seen(m, "203.0.113.3", 4, 5);
    seen(m, "203.0.113.4", 5, 6);
    seen(m, "203.0.113.4", 28, 30);
    frame(&j);
    expect_each_cut_is_told(&j, "roaming", kinds, ARRAY_LEN(kinds));
}

/* Two machines at two addresses for two days of August, September and October: potential in
 * each, and three times is a notice of its own. */
Test(cut_short, a_licence_that_is_potential_again_and_again)
{
    static const enum finding_kind kinds[] = {FINDING_EXTRA_IP, FINDING_RECURRING};
    struct judging j = {.judge = judge_license};

    case_begin(&c);
    uint32_t first = case_boot(&c, case_server(&c, 0));
    uint32_t second = case_boot(&c, case_server(&c, 0));
    for (int month = 0; month < 3; month++) {
        seen(first, "203.0.113.1", 10 - 31 * month, 12 - 31 * month);
        seen(second, "203.0.113.2", 10 - 31 * month, 12 - 31 * month);
    }
    frame(&j);
    expect_each_cut_is_told(&j, "recurring", kinds, ARRAY_LEN(kinds));
}

/* Nobody has it in the estate, and then it was in use before its first day. */
Test(cut_short, a_licence_that_nobody_knows)
{
    static const enum finding_kind kinds[] = {FINDING_UNKNOWN_LICENSE};
    struct judging j = {.judge = judge_license};

    case_begin(&c);
    c.n_rows = 0;
    seen(case_boot(&c, case_server(&c, 0)), "203.0.113.1", 2, 3);
    seen(case_boot(&c, case_server(&c, 1)), "203.0.113.1", 3, 4);
    frame(&j);
    expect_each_cut_is_told(&j, "unknown", kinds, ARRAY_LEN(kinds));
}

/* Last seen four days before the end (silent_after is three), and never before that. */
Test(cut_short, a_licence_that_fell_silent)
{
    static const enum finding_kind kinds[] = {FINDING_SILENT};
    struct judging j = {.judge = judge_license};

    case_begin(&c);
    seen(case_boot(&c, case_server(&c, 0)), "203.0.113.1", 2, 27);
    frame(&j);
    expect_each_cut_is_told(&j, "silent", kinds, ARRAY_LEN(kinds));
}

Test(cut_short, a_licence_that_was_never_seen)
{
    static const enum finding_kind kinds[] = {FINDING_NEVER_SEEN, FINDING_UNDECLARED};
    struct judging j = {.judge = judge_license};

    case_begin(&c);
    frame(&j);
    expect_each_cut_is_told(&j, "never seen", kinds, ARRAY_LEN(kinds));
}

/* 1,200 on one server for ten days; the limit changes on the 20th. */
Test(cut_short, a_domain_that_is_charged)
{
    static const enum finding_kind kinds[] = {FINDING_MAILBOXES};
    struct judging j = {.judge = judge_domain};
    const struct audit_row rows[] = {
        {&c.resellers[0], {WALL_BEGIN, october(20)}, {0}, 1000},
        {&c.resellers[0], {october(20), WALL_END}, {0}, 1100},
    };

    case_begin(&c);
    case_entries(&c, rows, ARRAY_LEN(rows));
    uint32_t server = case_server(&c, 0);
    case_count(&c, server, 900, october(2), october(10));
    case_count(&c, server, 1200, october(10), october(20));
    case_count(&c, case_server(&c, 0), 10, october(2), october(20));
    frame(&j);
    expect_each_cut_is_told(&j, "mailboxes", kinds, ARRAY_LEN(kinds));
}

/* 600 on each of two servers: neither is over, both together are. */
Test(cut_short, a_domain_that_is_split)
{
    static const enum finding_kind kinds[] = {FINDING_SPLIT_DOMAIN};
    struct judging j = {.judge = judge_domain};

    case_begin(&c);
    case_count(&c, case_server(&c, 0), 600, october(2), october(20));
    case_count(&c, case_server(&c, 0), 600, october(2), october(20));
    frame(&j);
    expect_each_cut_is_told(&j, "split", kinds, ARRAY_LEN(kinds));
}

/* 1,200 with each of two resellers, one after the other. */
Test(cut_short, a_domain_of_two_entries)
{
    static const enum finding_kind kinds[] = {FINDING_MAILBOXES};
    struct judging j = {.judge = judge_domain};
    const struct audit_row rows[] = {
        {&c.resellers[0], {WALL_BEGIN, october(15)}, {0}, 1000},
        {&c.resellers[1], {october(15), WALL_END}, {0}, 1000},
    };

    case_begin(&c);
    case_entries(&c, rows, ARRAY_LEN(rows));
    case_count(&c, case_server(&c, 0), 1200, october(2), october(14));
    case_count(&c, case_server(&c, 1), 1200, october(16), october(28));
    frame(&j);
    expect_each_cut_is_told(&j, "two entries", kinds, ARRAY_LEN(kinds));
}

Test(cut_short, a_domain_that_was_never_counted)
{
    static const enum finding_kind kinds[] = {FINDING_NEVER_COUNTED};
    struct judging j = {.judge = judge_domain};

    case_begin(&c);
    frame(&j);
    expect_each_cut_is_told(&j, "never counted", kinds, ARRAY_LEN(kinds));
}

/* Two runs of one server's agent at once, and the server was heard of last four days ago. */
Test(cut_short, a_server_that_is_cloned_and_silent)
{
    static const enum finding_kind kinds[] = {FINDING_SILENT, FINDING_FORKED_IDENTITY};
    struct judging j = {.judge = judge_server};

    case_begin(&c);
    uint32_t server = case_server(&c, 0);
    seen(case_boot(&c, server), "203.0.113.1", 2, 27);
    seen(case_boot(&c, server), "203.0.113.2", 3, 5);
    frame(&j);
    j.server = (struct server_case){.server = &c.servers[server],
                                    .has_last = true,
                                    .last = october(27),
                                    .has_evidence = true,
                                    .machines = j.frame.license};
    expect_each_cut_is_told(&j, "cloned", kinds, ARRAY_LEN(kinds));
}

/* It belongs to nobody, and sent something. */
Test(cut_short, a_server_that_nobody_knows)
{
    static const enum finding_kind kinds[] = {FINDING_UNKNOWN_SERVER};
    struct judging j = {.judge = judge_server};

    case_begin(&c);
    uint32_t server = case_server(&c, 0);
    c.servers[server].n_tenures = 0;
    frame(&j);
    j.server = (struct server_case){.server = &c.servers[server], .has_evidence = true};
    expect_each_cut_is_told(&j, "unknown server", kinds, ARRAY_LEN(kinds));
}
