/* Which findings are told, of more than fit. */
#include "bulletin/plan.h"
#include "support/bulletin_sample.h"
#include "support/leak.h"

SUITE(plan);

Test(plan, all_are_told_where_they_fit)
{
    struct bulletin b = sample_manager(LANGUAGE_NL);
    struct plan p = plan_of(&b);

    /* Two of Bakker; two of Bakker, one of Nieuw, the group; Nieuw's, two silent ones, the
     * group, two of nobody. */
    cr_expect_eq(p.left[STATE_CONFIRMED], 2);
    cr_expect_eq(p.left[STATE_POTENTIAL], 4);
    cr_expect_eq(p.left[STATE_NOTICE], 6);
    cr_expect_eq(p.left[STATE_CLEAR], 0, "resolved ones are told elsewhere");
}

Test(plan, the_gravest_come_first_wherever_they_stand)
{
    struct bulletin b = sample_manager(LANGUAGE_NL);

    b.shown_max = 5;
    struct plan p = plan_of(&b);
    cr_expect_eq(p.left[STATE_CONFIRMED], 2);
    cr_expect_eq(p.left[STATE_POTENTIAL], 3);
    cr_expect_eq(p.left[STATE_NOTICE], 0);
}

Test(plan, what_is_passed_over_is_counted)
{
    struct plan p = {.left = {[STATE_POTENTIAL] = 1}};

    cr_expect(plan_take(&p, STATE_POTENTIAL, 4));
    cr_expect(!plan_take(&p, STATE_POTENTIAL, 4));
    cr_expect(!plan_take(&p, STATE_NOTICE, 1));
    cr_expect_eq(p.not_shown, 5);
}

Test(plan, a_reseller_is_told_of_what_ended_by_itself)
{
    struct bulletin manager = sample_manager(LANGUAGE_NL), own = sample_reseller(LANGUAGE_NL);
    struct bulletin_line ended = {.state = STATE_POTENTIAL, .change = CHANGE_ENDED};
    struct bulletin_line resolved = {.change = CHANGE_RESOLVED};

    cr_expect(!plan_is_ended(&manager, &ended), "to a manager it is still potential");
    cr_expect(plan_is_ended(&own, &ended));
    cr_expect(plan_is_ended(&manager, &resolved) && plan_is_ended(&own, &resolved));
}

Test(plan, only_names_are_told_of_the_quiet)
{
    struct bulletin b = sample_manager(LANGUAGE_NL);
    static const bool is_quiet[] = {false, false, false, true, true};

    for (size_t i = 0; i < b.n_resellers; i++)
        cr_expect_eq(plan_is_quiet(&b, &b.resellers[i]), is_quiet[i], "%s", b.resellers[i].id);
}

Test(plan, what_the_model_does_not_hold_is_counted)
{
    struct bulletin b = sample_huge(LANGUAGE_NL);

    b.n_unassigned_more = 2;
    cr_expect_eq(plan_not_kept(&b), 1236);
}
