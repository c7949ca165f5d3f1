/* Names of the model's values: each its own, never translated. */
#include "bulletin/model.h"
#include "support/leak.h"
#include <string.h>

SUITE(names);

Test(names, changes_steps_and_causes_have_names_as_documented)
{
    static const char *const changes[] = {"none",  "new",   "worse", "less",
                                          "ended", "again", "soon",  "resolved"};

    for (int i = 0; i < BULLETIN_CHANGE_COUNT; i++)
        cr_expect_str_eq(bulletin_change_name((enum bulletin_change)i), changes[i]);
    cr_expect_str_eq(bulletin_step_name(STEP_NONE), "none");
    cr_expect_str_eq(bulletin_step_name(STEP_NOTICE), "notice");
    cr_expect_str_eq(bulletin_step_name(STEP_WARNING), "warning");
    cr_expect_str_eq(bulletin_step_name(STEP_REVIEW), "review");
    cr_expect_str_eq(bulletin_cause_name(CAUSE_PLACE), "place");
    cr_expect_str_eq(bulletin_cause_name(CAUSE_SERVER), "server");
    cr_expect_str_eq(bulletin_cause_name(CAUSE_KIND), "kind");
}

Test(names, three_kinds_can_cost_money)
{
    int n = 0;

    for (int i = 0; i < FINDING_KIND_COUNT; i++) {
        enum charge_kind charge; /* each is called as its finding */
        const char *name = finding_kind_name((enum finding_kind)i);
        bool can_cost = bulletin_is_charging((enum finding_kind)i);
        cr_expect_eq(can_cost, charge_kind_parse(text_of(name), &charge) == 0, "%s", name);
        n += can_cost;
    }
    cr_expect_eq(n, CHARGE_KIND_COUNT);
}
