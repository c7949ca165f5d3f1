/* One accepted report into the store: the same for recorded files and, later, for the wire. */
#ifndef RUN_INTAKE_H
#define RUN_INTAKE_H

#include "store/store.h"
#include "wire/report_json.h"

/*
 * Settles the report's times (SPEC 3, "Clock") and puts it into the store, inside the
 * caller's transaction. The report is changed.
 *
 * 0; -EBADMSG: refused, `reterr_at` is the JSON pointer inside the report and d the reason,
 * nothing was written; else an error of the store: the transaction must be rolled back.
 */
MUST_USE int intake_report(struct store *s, struct recorded *rec, dur_t merge_gap,
                           char reterr_at[static REPORT_AT_SIZE], struct diag *d);

#endif
