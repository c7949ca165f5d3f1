/* The evidence of no charge: what the rule sees now where something was entered before. */
#ifndef RUN_CLEAR_H
#define RUN_CLEAR_H

#include "run/drafts.h"

/*
 * Audits the draft's subject in its period and keeps what its rule says of its reseller's
 * entry. *ret_is_judged = false: there is no such entry any more, and `out` says so.
 */
MUST_USE int clear_evidence(const struct run_setup *setup, const struct draft *draft,
                            struct buf *out, bool *ret_is_judged);

#endif
