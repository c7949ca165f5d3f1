/* Levels and the question asked of them, SPEC 6 "Sustained", worked out by hand. */
#include "audit/level.h"
#include "support/leak.h"

SUITE(level);

/* Window [0, 100], V = [40, 100], E = 100; grace 30, period_min 10, flag_after 5. */
static const struct level_terms terms = {
    .window = {{0}, {100}},
    .v = {{40}, {100}},
    .end = {100},
    .grace = {30},
    .period_min = {10},
    .flag_after = {5},
};

struct row {
    const char *why;
    struct level_step steps[5];
    size_t n;
    enum finding_state state;
    int64_t quantity, since, confirms; /* -1: none */
};

static const struct row rows[] = {
    {"nothing was seen", {{{0}, 0, 0}}, 0, STATE_CLEAR, 0, -1, -1},
    {"31 s in the window, all in V",
     {{{50}, 1, 1}, {{81}, 1, 0}},
     2,
     STATE_CONFIRMED,
     1,
     50,
     -1},
    {"30 s are not longer than the grace",
     {{{50}, 1, 1}, {{80}, 1, 0}},
     2,
     STATE_POTENTIAL,
     1,
     50,
     -1},
    {"10 s in V are not longer than period_min",
     {{{0}, 1, 1}, {{50}, 1, 0}},
     2,
     STATE_POTENTIAL,
     1,
     0,
     -1},
    {"11 s in V, 51 in the window", {{{0}, 1, 1}, {{51}, 1, 0}}, 2, STATE_CONFIRMED, 1, 0, -1},
    {"5 s are not mentioned", {{{50}, 1, 1}, {{55}, 1, 0}}, 2, STATE_CLEAR, 0, -1, -1},
    {"6 s are", {{{50}, 1, 1}, {{56}, 1, 0}}, 2, STATE_POTENTIAL, 1, 50, -1},
    {"before V alone is not mentioned", {{{0}, 1, 1}, {{45}, 1, 0}}, 2, STATE_CLEAR, 0, -1, -1},
    {"time adds up: 20 + 11 = 31",
     {{{40}, 1, 1}, {{60}, 1, 0}, {{80}, 1, 1}, {{91}, 1, 0}},
     4,
     STATE_CONFIRMED,
     1,
     40,
     -1},
    /* f >= 2 for 31 s, f >= 1 for 60 s: the larger quantity that lasted. */
    {"the largest quantity that lasted",
     {{{40}, 2, 2}, {{71}, 2, 1}, {{100}, 1, 0}},
     3,
     STATE_CONFIRMED,
     2,
     40,
     -1},
    {"f >= 3 for 30 s only, f >= 1 for 60 s",
     {{{40}, 3, 3}, {{70}, 3, 1}, {{100}, 1, 0}},
     3,
     STATE_CONFIRMED,
     1,
     40,
     -1},
    /* At E = 100: 20 s seen. 30 - 20 = 10 to go, 10 - 20 < 0: E + 10 + 1. */
    {"confirms when the grace is used up",
     {{{80}, 1, 1}, {{100}, 1, 0}},
     2,
     STATE_POTENTIAL,
     1,
     80,
     111},
    /* 8 s: grace lacks 22, period_min 2. */
    {"confirms by the later of the two",
     {{{92}, 1, 1}, {{100}, 1, 0}},
     2,
     STATE_POTENTIAL,
     1,
     92,
     123},
    {"no date when it is over at E",
     {{{80}, 1, 1}, {{99}, 1, 0}},
     2,
     STATE_POTENTIAL,
     1,
     80,
     -1},
    /* The stretch begins before the window: since is the window's first moment. */
    {"since is not before the window",
     {{{-50}, 1, 1}, {{60}, 1, 0}},
     2,
     STATE_CONFIRMED,
     1,
     0,
     -1},
    {"a touch is a moment: it measures 0, and is the first",
     {{{41}, 1, 0}, {{60}, 1, 1}, {{70}, 1, 0}},
     3,
     STATE_POTENTIAL,
     1,
     41,
     -1},
};

Test(level, is_judged_as_worked_out_by_hand)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(level) struct level l = {0};
        struct level_answer a;
        for (size_t k = 0; k < rows[i].n; k++)
            cr_assert_eq(level_add(&l, rows[i].steps[k]), 0);
        cr_assert_eq(level_judge(&l, &terms, &a), 0);
        cr_assert_eq(a.state, rows[i].state, "%s", rows[i].why);
        cr_assert_eq(a.quantity, rows[i].quantity, "%s: %lld", rows[i].why,
                     (long long)a.quantity);
        cr_assert_eq(a.has_since ? a.since.s : -1, rows[i].since, "%s: %lld", rows[i].why,
                     (long long)a.since.s);
        cr_assert_eq(a.has_confirms ? a.confirms_at.s : -1, rows[i].confirms, "%s",
                     rows[i].why);
    }
}

/* The last moment of at least 1 within the window, [0, 100]; only of an entry that reaches E.
 */
Test(level, knows_its_last_moment)
{
    static const struct {
        struct level_step steps[3];
        size_t n;
        int64_t last; /* -1 = none */
        const char *why;
    } moments[] = {
        {{{{40}, 1, 1}, {{60}, 1, 0}}, 2, 60, "the end of a stretch"},
        {{{{40}, 1, 1}}, 1, 100, "it goes on"},
        {{{{40}, 1, 1}, {{60}, 1, 0}, {{70}, 2, 0}}, 3, 70, "a touch after it"},
        {{{{40}, 1, 1}, {{60}, 1, 0}, {{110}, 2, 0}},
         3,
         60,
         "what is after E is not looked at"},
        {{{{-90}, 1, 1}, {{-60}, 1, 0}}, 2, -1, "before the window"},
        {{{{100}, 1, 0}}, 1, 100, "E itself"},
    };
    for (size_t i = 0; i < ARRAY_LEN(moments); i++) {
        AUTO(level) struct level l = {0};
        struct level_answer a;
        for (size_t k = 0; k < moments[i].n; k++)
            cr_assert_eq(level_add(&l, moments[i].steps[k]), 0);
        cr_assert_eq(level_judge(&l, &terms, &a), 0);
        cr_assert_eq(a.has_last ? a.last.s : -1, moments[i].last, "%s: %lld", moments[i].why,
                     (long long)a.last.s);
        struct level_terms ended = terms;
        ended.end.s++;
        cr_assert_eq(level_judge(&l, &ended, &a), 0);
        cr_assert_not(a.has_last, "an entry that has ended: %s", moments[i].why);
    }
}

Test(level, knows_its_value_at_a_moment_and_after_it)
{
    AUTO(level) struct level l = {0};

    cr_assert_eq(level_add(&l, (struct level_step){{10}, 2, 1}), 0);
    cr_assert_eq(level_add(&l, (struct level_step){{20}, 1, 0}), 0);
    cr_assert_eq(level_value(&l, (wall_t){9}), 0);
    cr_assert_eq(level_value(&l, (wall_t){10}), 2);
    cr_assert_eq(level_value(&l, (wall_t){11}), 1);
    cr_assert_eq(level_value(&l, (wall_t){20}), 1);
    cr_assert_eq(level_value(&l, (wall_t){21}), 0);
}

Test(level, leaves_out_steps_that_change_nothing)
{
    AUTO(level) struct level l = {0};

    cr_assert_eq(level_add(&l, (struct level_step){{5}, 0, 0}), 0);
    cr_assert_eq(level_add(&l, (struct level_step){{10}, 1, 1}), 0);
    cr_assert_eq(level_add(&l, (struct level_step){{15}, 1, 1}), 0);
    cr_assert_eq(l.n, 1);
}

static int64_t sum(int64_t a, int64_t b)
{
    return a + b;
}

Test(level, combines_two_functions_moment_by_moment)
{
    AUTO(level) struct level a = {0};
    AUTO(level) struct level b = {0};
    AUTO(level) struct level both = {0};
    static const int64_t expected[][2] = {{4, 0},  {5, 1},  {7, 1},  {8, 3}, {9, 3},
                                          {10, 3}, {11, 2}, {12, 2}, {13, 0}};

    /* a = 1 on [5, 10]; b = 2 on [8, 12]. */
    cr_assert_eq(level_add(&a, (struct level_step){{5}, 1, 1}), 0);
    cr_assert_eq(level_add(&a, (struct level_step){{10}, 1, 0}), 0);
    cr_assert_eq(level_add(&b, (struct level_step){{8}, 2, 2}), 0);
    cr_assert_eq(level_add(&b, (struct level_step){{12}, 2, 0}), 0);
    cr_assert_eq(level_combine(&a, &b, sum, &both), 0);
    for (size_t i = 0; i < ARRAY_LEN(expected); i++)
        cr_assert_eq(level_value(&both, (wall_t){expected[i][0]}), expected[i][1], "at %lld",
                     (long long)expected[i][0]);
}
