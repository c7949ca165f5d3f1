/* crowded-address, and which of two findings about one key stands: October 2026, UTC. */
#include "audit/audit.h"
#include "support/leak.h"
#include <string.h>

SUITE(crowd_and_key);

enum { DAY = 86400 };
static const wall_t P0 = {1790812800}; /* 2026-10-01 */

static struct audit_reseller r1 = {.id = "r1"}, r2 = {.id = "r2"};
static const struct term EVER = {WALL_BEGIN, WALL_END};
static int n_said;

static wall_t day(int64_t n)
{
    return (wall_t){P0.s + (n - 1) * DAY};
}

static struct audit october(void)
{
    static const struct policy_version policy = {.version = "1"};
    return (struct audit){.p0 = P0, .p1 = day(32), .end = day(32), .policy = &policy};
}

static int hear(void *arg, const struct finding *f)
{
    (void)arg;
    cr_assert_eq(f->kind, FINDING_CROWDED_ADDRESS);
    cr_assert_str_eq(f->evidence, "{\"among_resellers\":[\"r1\",\"r2\"]}");
    n_said++;
    return 0;
}

struct visit {
    const struct tenure *tenures;
    size_t n_tenures;
    struct span seen;
};

/* How often a crowd is said of servers that were seen one after another. */
static int crowd_of(const struct visit *v, size_t n)
{
    AUTO(audit_work) struct audit_work *work = NULL;
    struct finding_sink sink = {.take = hear};
    struct audit a = october();
    struct crowd crowd = {0};
    struct addr address;

    cr_assert_eq(audit_work_new(&work), 0);
    cr_assert_eq(addr_parse(text_of("203.0.113.1"), &address), 0);
    n_said = 0;
    for (size_t i = 0; i < n; i++) {
        struct audit_server server = {"srv", v[i].tenures, v[i].n_tenures, WALL_END};
        audit_crowd_next_server(&crowd);
        audit_crowd_add(&a, &crowd, &server, v[i].seen);
    }
    cr_assert_eq(audit_crowd_end(&a, &crowd, &address, work, &sink), 0);
    return n_said;
}

Test(crowd_and_key, takes_two_servers_of_two_resellers)
{
    const struct tenure first = {&r1, EVER}, second = {&r2, EVER};
    const struct tenure hands[] = {{&r1, {WALL_BEGIN, day(10)}}, {&r2, {day(10), WALL_END}}};
    const struct span all = {day(1), day(20)}, before = {day(-20), day(0)};
    const struct {
        struct visit v[3];
        size_t n;
        int said;
        const char *why;
    } rows[] = {
        {{{&first, 1, all}, {&second, 1, all}}, 2, 1, "two of two"},
        {{{&second, 1, all}, {&first, 1, all}}, 2, 1, "in any order"},
        {{{&first, 1, all}, {&first, 1, all}}, 2, 0, "two of one"},
        {{{hands, 2, all}}, 1, 0, "one that changes hands"},
        {{{hands, 2, all}, {&first, 1, all}}, 2, 1, "one that changes hands, and another"},
        {{{&second, 1, all}, {hands, 2, all}}, 2, 1, "the other way round"},
        {{{&first, 1, all}, {&second, 1, before}}, 2, 0, "the second was there a month ago"},
        {{{&first, 1, all}, {&second, 1, {day(32), day(33)}}}, 2, 1, "E is in the month"},
        {{{&first, 1, all}, {&second, 1, {day(33), day(34)}}}, 2, 0, "and no later"},
        {{{&first, 1, all}, {&first, 1, all}, {&second, 1, all}}, 3, 1, "three"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        cr_assert_eq(crowd_of(rows[i].v, rows[i].n), rows[i].said, "%s", rows[i].why);
}

/* Seen on a moment of each tenure's edge: `to` is exclusive, `from` is not. */
Test(crowd_and_key, tenures_are_half_open)
{
    const struct tenure first = {&r1, EVER};
    const struct tenure until = {&r2, {WALL_BEGIN, day(10)}}, from = {&r2, {day(10), WALL_END}};
    const struct visit ended[] = {{&first, 1, {day(1), day(20)}},
                                  {&until, 1, {day(10), day(12)}}};
    const struct visit begun[] = {{&first, 1, {day(1), day(20)}},
                                  {&from, 1, {day(8), day(10)}}};

    cr_assert_eq(crowd_of(ended, 2), 0);
    cr_assert_eq(crowd_of(begun, 2), 1);
}

/* The confirmed one, then the larger quantity (SPEC 6). */
Test(crowd_and_key, of_two_findings_the_confirmed_and_then_the_larger_stands)
{
    static const struct finding confirmed = {.state = STATE_CONFIRMED, .quantity = 1},
                                more = {.state = STATE_CONFIRMED, .quantity = 2},
                                potential = {.state = STATE_POTENTIAL, .quantity = 5};

    cr_assert(finding_outranks(&confirmed, &potential));
    cr_assert_not(finding_outranks(&potential, &confirmed));
    cr_assert(finding_outranks(&more, &confirmed));
    cr_assert_not(finding_outranks(&confirmed, &more));
    cr_assert_not(finding_outranks(&confirmed, &confirmed));
}
