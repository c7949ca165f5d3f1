/*
 * The edges of a window and what lies beside it: `since`, the last moment, notices. Window
 * [100, 200], V = [140, 200], E = 200; grace 30, period_min 10, flag_after 5.
 */
#include "audit/entry.h"
#include "support/leak.h"

SUITE(level_edges);

static const struct level_terms terms = {
    .window = {{100}, {200}},
    .v = {{140}, {200}},
    .end = {200},
    .grace = {30},
    .period_min = {10},
    .flag_after = {5},
};

static struct level_answer judged(const struct level_step *steps, size_t n)
{
    AUTO(level) struct level level = {0};
    struct level_answer answer;

    for (size_t i = 0; i < n; i++)
        cr_assert_eq(level_add(&level, steps[i]), 0);
    cr_assert_eq(level_judge(&level, &terms, &answer), 0);
    return answer;
}

static struct level_answer noticed(const struct level_step *steps, size_t n)
{
    AUTO(level) struct level level = {0};
    struct level_answer answer = {.state = STATE_CONFIRMED, .quantity = 9};

    for (size_t i = 0; i < n; i++)
        cr_assert_eq(level_add(&level, steps[i]), 0);
    cr_assert_eq(level_notice(&level, &terms, terms.flag_after, &answer), 0);
    return answer;
}

/* 2 before the window and not on its first moment; 1 from 150 to 160. */
Test(level_edges, since_is_not_what_ended_as_the_window_began)
{
    static const struct level_step steps[] = {
        {{90}, 2, 2}, {{100}, 0, 0}, {{150}, 1, 1}, {{160}, 1, 0}};
    struct level_answer a = judged(steps, ARRAY_LEN(steps));

    cr_assert_eq(a.state, STATE_POTENTIAL);
    cr_assert(a.has_since);
    cr_assert_eq(a.since.s, 150);
}

Test(level_edges, since_is_the_windows_first_moment_where_it_was_there_before)
{
    static const struct level_step steps[] = {{{90}, 2, 2}, {{160}, 2, 0}};
    struct level_answer a = judged(steps, ARRAY_LEN(steps));

    cr_assert_eq(a.quantity, 2);
    cr_assert_eq(a.since.s, 100);
}

Test(level_edges, the_last_moment_is_one_of_the_window)
{
    static const struct {
        struct level_step steps[2];
        size_t n;
        int64_t last; /* 0 = none */
        const char *why;
    } rows[] = {
        {{{{210}, 1, 1}}, 1, 0, "after the window alone"},
        {{{{200}, 0, 1}}, 1, 0, "from just after its last moment on"},
        {{{{200}, 1, 0}}, 1, 200, "on its last moment alone"},
        {{{{90}, 2, 2}, {{100}, 0, 0}}, 2, 0, "until just before its first moment"},
        {{{{90}, 2, 2}, {{100}, 2, 0}}, 2, 100, "until its first moment"},
        {{{{80}, 2, 2}, {{90}, 2, 0}}, 2, 0, "before the window alone"},
        {{{{150}, 1, 1}, {{300}, 1, 0}}, 2, 200, "beyond its last moment"},
        {{{{150}, 1, 1}, {{160}, 1, 0}}, 2, 160, "until within it"},
        {{{{90}, 2, 2}, {{150}, 0, 0}}, 2, 150, "from before it until just before 150"},
        {{{{90}, 2, 2}}, 1, 200, "from before it on, and no end"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct level_answer a = judged(rows[i].steps, rows[i].n);
        cr_assert_eq(a.has_last, rows[i].last != 0, "%s", rows[i].why);
        if (a.has_last)
            cr_assert_eq(a.last.s, rows[i].last, "%s: %lld", rows[i].why, (long long)a.last.s);
    }
}

/* 1 from 150 on, without an end: 50 seconds of both. */
Test(level_edges, a_notice_has_its_measures_and_its_since)
{
    static const struct level_step one[] = {{{130}, 1, 1}};
    struct level_answer a = noticed(one, 1);

    cr_assert_eq(a.state, STATE_NOTICE);
    cr_assert_eq(a.quantity, 1);
    cr_assert_eq(a.since.s, 130);
    cr_assert_eq(a.in_window.s, 70);
    cr_assert_eq(a.in_v.s, 60);
    cr_assert_eq(noticed(NULL, 0).state, STATE_CLEAR);
    cr_assert_eq(noticed(NULL, 0).quantity, 0);
}

/* Rows beyond those that are given are not looked at. */
Test(level_edges, an_entry_ends_with_the_rows)
{
    static const struct audit_reseller r1 = {.id = "r1"};
    static const struct audit_row rows[] = {{&r1, {{0}, {10}}, {0}, 1},
                                            {&r1, {{10}, {20}}, {0}, 1}};
    static const struct policy_version policy = {.version = "1"};
    struct audit a = {.policy = &policy};

    cr_assert_eq(entry_at(&a, rows, 1, 0).valid.to.s, 10);
    cr_assert_eq(entry_at(&a, rows, 2, 0).valid.to.s, 20);
    cr_assert_eq(entry_at(&a, rows, 2, 1).valid.from.s, 10);
}
