/* What the last audit of a case must have said. */
#include "support/expect.h"

#include <criterion/criterion.h>

void expect_of(const struct casebuild *c, enum finding_kind kind, enum finding_state state,
               int64_t quantity)
{
    struct case_verdict v = case_said(c, kind);

    cr_assert_eq(v.state, state, "%s is %s", finding_kind_name(kind),
                 finding_state_name(v.state));
    if (state != STATE_CLEAR)
        cr_assert_eq(v.quantity, quantity, "%s: quantity %lld", finding_kind_name(kind),
                     (long long)v.quantity);
}
