/*
 * A world judged by the programs' own code, from the store upwards: the estate and the reports
 * are put into a new store, which is then audited as a night would.
 */
#ifndef SUPPORT_REALAUDIT_H
#define SUPPORT_REALAUDIT_H

#include "base/diag.h"
#include "store/store.h"
#include "support/temp.h"
#include "support/verdict.h"
#include "support/world.h"

/* A store that holds a world. */
struct real {
    struct temp temp;
    struct store *store;
};

/*
 * Makes the store, in a folder of its own under $TMPDIR. The reports are put in an order that
 * `order` chooses (0: as they stand): it must not matter. 0; errors of the store, with what
 * failed in `d`. real_done() in either case.
 */
MUST_USE int real_open(const struct world *w, uint64_t order, struct real *ret, struct diag *d);
void real_done(struct real *r);

/*
 * Audits the world's periods: all of it, or with `subject` that licence or domain alone (what
 * is said of others is left out). The verdicts are added and sorted; `text`, when not NULL,
 * gets the findings in full, evidence and all, in the order in which the run gives them.
 */
MUST_USE int real_audit(const struct real *r, const struct world *w, const char *subject,
                        struct verdict_list *ret, struct buf *text);

/* What the confirmed ones of charging kinds cost, by the ledger's own rules; added, sorted. */
MUST_USE int real_costs(const struct world *w, const struct verdict_list *verdicts,
                        struct cost_list *ret);

#endif
