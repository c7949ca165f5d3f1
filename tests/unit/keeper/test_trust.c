/* Our clock, and the collector's. The machine started at T0 by a clock that is right. */
#include "keeper/trust.h"

#include <criterion/criterion.h>

#include "support/leak.h"

SUITE(trust);

enum { T0 = 1795300000, DAY_S = 86400 };

static int64_t boot(const struct trust *t, int64_t ours)
{
    return trust_boot(t, (wall_t){T0 + ours}).s - T0;
}

static bool learn(struct trust *t, int64_t theirs, int64_t ours)
{
    return trust_learn(t, (wall_t){T0 + theirs}, (wall_t){T0 + ours});
}

Test(trust, before_an_answer_our_clock_is_believed_whatever_it_is_set_to)
{
    struct trust t = {.is_known = false};
    cr_assert_eq(boot(&t, 0), 0);
    cr_assert_eq(boot(&t, DAY_S), DAY_S);
}

Test(trust, a_clock_within_a_minute_is_right)
{
    struct trust t = {.is_known = false};
    cr_assert_not(learn(&t, 60, 0));
    cr_assert_eq(t.error.s, 0);
    cr_assert_eq(boot(&t, 0), 0);
    cr_assert_eq(boot(&t, 120), 120);
    cr_assert_eq(boot(&t, -1), 60, "61 s off");
    cr_assert_eq(boot(&t, 121), 60);
}

Test(trust, a_clock_that_is_set_wrong_moves_nothing_after_an_answer)
{
    struct trust t = {.is_known = false};
    cr_assert_not(learn(&t, 0, 0));
    cr_assert_eq(boot(&t, DAY_S), 0);
    cr_assert_eq(boot(&t, -DAY_S), 0);
    cr_assert(learn(&t, 1, DAY_S), "the error is a day now");
    cr_assert_eq(t.error.s, -DAY_S);
    cr_assert(learn(&t, 0, 0), "and is none again");
    cr_assert_eq(t.error.s, 0);
}

/* A day ahead at the last answer, so after another start, too, until an answer says otherwise.
 */
Test(trust, an_error_is_believed_to_last_over_a_start)
{
    struct trust t = {.error = {-DAY_S}};
    cr_assert_eq(boot(&t, DAY_S), 0);
    cr_assert_eq(boot(&t, DAY_S + 10), 10, "our clock still counts");
    cr_assert_not(learn(&t, 2, DAY_S), "the same error but for 2 s");
    cr_assert(learn(&t, 0, 0));
    cr_assert_eq(boot(&t, 0), 0);
}

/* Or what goes out again would say other times each time. */
Test(trust, answers_that_take_their_time_do_not_move_what_is_known)
{
    struct trust t = {.is_known = false};
    (void)learn(&t, -DAY_S, 0);
    (void)learn(&t, -DAY_S + 5, 0);
    cr_assert_eq(boot(&t, 0), -DAY_S);
    (void)learn(&t, -DAY_S + 6, 0);
    cr_assert_eq(boot(&t, 0), -DAY_S + 6, "their clock was set");
}
