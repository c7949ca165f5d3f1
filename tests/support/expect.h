/* What the last audit of a case must have said. */
#ifndef SUPPORT_EXPECT_H
#define SUPPORT_EXPECT_H

#include "support/casebuild.h"

/* Fails the test where it is otherwise; of what is clear the quantity does not matter. */
void expect_of(const struct casebuild *c, enum finding_kind kind, enum finding_state state,
               int64_t quantity);

#endif
