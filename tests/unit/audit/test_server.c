/* Whose a server is, at a moment and last before one; what is told of a server alone. */
#include "audit/rules.h"
#include "support/leak.h"
#include <string.h>

SUITE(server);

enum { HOUR = 3600, DAY = 86400 };

static const struct audit_reseller r1 = {.id = "r1"}, r2 = {.id = "r2"};
/* r1's in [10, 20), r2's in [30, 40). */
static const struct tenure tenures[] = {{&r1, {{10}, {20}}}, {&r2, {{30}, {40}}}};
static const struct audit_server lent = {"srv-1", tenures, ARRAY_LEN(tenures), WALL_END};

Test(server, belongs_to_a_reseller_in_half_open_times)
{
    static const struct {
        int64_t at;
        const struct audit_reseller *now, *last;
    } rows[] = {
        {9, NULL, NULL}, {10, &r1, &r1}, {19, &r1, &r1}, {20, NULL, &r1},
        {29, NULL, &r1}, {30, &r2, &r2}, {39, &r2, &r2}, {40, NULL, &r2},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        wall_t at = {rows[i].at};
        cr_assert_eq(server_reseller(&lent, at), rows[i].now, "at %lld", (long long)at.s);
        cr_assert_eq(server_last_reseller(&lent, at), rows[i].last, "at %lld", (long long)at.s);
    }
}

/* ---- What audit_server() tells ------------------------------------------------------------
 */

static bool has_said[FINDING_KIND_COUNT];
static char heard[1024];

static int hear(void *arg, const struct finding *f)
{
    (void)arg;
    cr_assert_lt(strlen(f->evidence), sizeof heard);
    memcpy(heard, f->evidence, strlen(f->evidence) + 1);
    has_said[f->kind] = true;
    return 0;
}

/* Of a server of r1 for ever, unless it says otherwise, in the month [0, 30 days). */
static void audit(struct server_case *c, const struct audit_server *server)
{
    AUTO(audit_work) struct audit_work *work = NULL;
    struct policy_version policy = {.version = "1"};
    struct audit a = {.end = {30 * DAY}, .p1 = {30 * DAY}, .policy = &policy};
    struct finding_sink sink = {.take = hear};

    policy_init(&policy.base);
    memset(has_said, 0, sizeof has_said);
    c->server = server;
    cr_assert_eq(audit_work_new(&work), 0);
    cr_assert_eq(audit_server(&a, c, work, &sink), 0);
}

static const struct tenure always[] = {{&r1, {WALL_BEGIN, WALL_END}}};
static const struct audit_server ours = {"srv-1", always, 1, WALL_END};

Test(server, is_silent_after_three_days_and_until_thirty_five)
{
    static const struct {
        int64_t ago_s;
        bool is_silent;
    } rows[] = {
        {72 * HOUR, false}, {72 * HOUR + 1, true}, {35 * DAY, true}, {35 * DAY + 1, false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct server_case c = {.has_last = true, .last = {30 * DAY - rows[i].ago_s}};
        audit(&c, &ours);
        cr_assert_eq(has_said[FINDING_SILENT], rows[i].is_silent, "%lld s ago",
                     (long long)rows[i].ago_s);
    }
}

Test(server, that_is_retired_or_was_never_seen_is_not_silent)
{
    struct server_case c = {.has_last = true, .last = {20 * DAY}};
    struct audit_server retired = ours, later = ours;

    retired.retired = (wall_t){30 * DAY};
    later.retired = (wall_t){30 * DAY + 1};
    audit(&c, &retired);
    cr_assert_not(has_said[FINDING_SILENT]);
    audit(&c, &later);
    cr_assert(has_said[FINDING_SILENT]);
    cr_assert_str_eq(heard, "{\"last_seen\":1728000}");
    c.has_last = false;
    audit(&c, &ours);
    cr_assert_not(has_said[FINDING_SILENT]);
    /* It is nobody's at E. */
    c.has_last = true;
    audit(&c, &lent);
    cr_assert_not(has_said[FINDING_SILENT]);
}

Test(server, that_nobody_knows_is_told_of_with_its_reports)
{
    static const struct audit_server stranger = {"srv-9", NULL, 0, WALL_END};
    struct server_case c = {.has_evidence = true};

    audit(&c, &stranger);
    cr_assert(has_said[FINDING_UNKNOWN_SERVER]);
    audit(&c, &ours);
    cr_assert_not(has_said[FINDING_UNKNOWN_SERVER]);
    c.has_evidence = false;
    audit(&c, &stranger);
    cr_assert_not(has_said[FINDING_UNKNOWN_SERVER]);
}

/* Two runs, together for an hour, and for a second more; and a counter that came twice. */
Test(server, is_forked_when_two_runs_were_together_for_longer_than_an_hour)
{
    const struct audit_machine machines[] = {{.server = &ours, .boot = {{1}}},
                                             {.server = &ours, .boot = {{2}}}};
    for (int64_t more = -1; more <= 1; more++) {
        struct audit_sighting v[] = {
            {0, SOURCE_PEER, {ADDR_IPV4, {9, 9, 9, 9}}, {{0}, {10 * HOUR}}},
            {1, SOURCE_PEER, {ADDR_IPV4, {9, 9, 9, 9}}, {{9 * HOUR}, {10 * HOUR + more}}},
        };
        v[0].seen.last.s += more;
        struct server_case c = {.machines = {.machines = machines, .n_machines = 2}};
        c.machines.sightings = v;
        c.machines.n_sightings = 2;
        audit(&c, &ours);
        cr_assert_eq(has_said[FINDING_FORKED_IDENTITY], more > 0);
        if (more > 0)
            cr_assert_str_eq(heard, "{\"boot_ids\":[\"01000000-0000-0000-0000-000000000000\","
                                    "\"02000000-0000-0000-0000-000000000000\"],"
                                    "\"together_seconds\":3601,\"counter_repeated\":false}");
        c.has_fork = true;
        audit(&c, &ours);
        cr_assert(has_said[FINDING_FORKED_IDENTITY]);
    }
}

/* What was together before the month is another month's business. */
Test(server, is_forked_in_the_month_alone)
{
    const struct audit_machine machines[] = {{.server = &ours, .boot = {{1}}},
                                             {.server = &ours, .boot = {{2}}}};
    const struct audit_sighting v[] = {
        {0, SOURCE_PEER, {ADDR_IPV4, {9, 9, 9, 9}}, {{-DAY}, {HOUR}}},
        {1, SOURCE_PEER, {ADDR_IPV4, {9, 9, 9, 9}}, {{-DAY}, {HOUR}}},
    };
    struct server_case c = {.machines = {.machines = machines, .n_machines = 2}};
    c.machines.sightings = v;
    c.machines.n_sightings = 2;
    audit(&c, &ours);
    cr_assert_not(has_said[FINDING_FORKED_IDENTITY]);
}
