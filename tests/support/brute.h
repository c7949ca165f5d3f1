/*
 * The rules of SPEC 6 a second time, as simply as they can be written down: every moment at
 * which anything can change is collected, every level is worked out anew at each of them and
 * in each open stretch between two of them, matchings are tried one by one. It shares no code
 * with collector/audit, and exists to disagree with it.
 */
#ifndef SUPPORT_BRUTE_H
#define SUPPORT_BRUTE_H

#include "support/verdict.h"
#include "support/world.h"

/* What SPEC 6.1 to 6.4 say of a period; added to `out`, which is then sorted. */
void brute_audit(const struct world *w, period_t p, struct verdict_list *out);

/* What the confirmed findings of the charging kinds cost (SPEC 6.5); added, then sorted. */
void brute_due(const struct world *w, const struct verdict_list *verdicts,
               struct cost_list *out);

#endif
