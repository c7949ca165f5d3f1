/* The audit as commands need it: the periods chosen, the findings sorted, on one snapshot. */
#ifndef CTL_NIGHT_H
#define CTL_NIGHT_H

#include "ctl/ctl.h"
#include "run/drafts.h"

struct night {
    struct store *store;
    struct run_setup setup;
    struct run_periods periods; /* with --period: that one alone */
    struct book book;
    struct findings *findings;
};

/* Opens the store, audits. 0 or an exit code; night_done() in any case. */
MUST_USE int night_audit(struct ctl *c, struct night *n);
void night_done(struct night *n);

/* Whether a finding is of a period that was asked for (not only audited for its corrections).
 */
bool night_shows(const struct night *n, period_t p);

#endif
