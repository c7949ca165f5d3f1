/*
 * One accepted report into the store: the same for recorded files and for the wire. In two
 * steps for the daemon, whose loop prepares what its writer puts.
 */
#ifndef RUN_INTAKE_H
#define RUN_INTAKE_H

#include "store/store.h"
#include "wire/report_json.h"

/* What is known of a report before the store sees it. */
struct intake {
    uint64_t body_digest; /* as in struct store_report */
};

/*
 * Fingerprints the body and settles its times (SPEC 3, "Clock"). The report is changed: once
 * only. Pure.
 *
 * 0; -EBADMSG: refused, `reterr_at` is the JSON pointer inside the report and d the reason;
 * -ENOMEM, -EIO: it could not be fingerprinted, d says so.
 */
MUST_USE int intake_prepare(struct recorded *rec, struct intake *ret,
                            char reterr_at[static REPORT_AT_SIZE], struct diag *d);

/*
 * Puts a prepared report into the store, inside the caller's transaction. May be repeated,
 * after a rollback or by mistake: the store then holds the same.
 *
 * 0; else an error of the store, with its text in d: the transaction must be rolled back.
 */
MUST_USE int intake_put(struct store *s, const struct recorded *rec,
                        const struct intake *prepared, dur_t merge_gap, struct diag *d);

/* The two in a row. After -EBADMSG nothing was written. */
MUST_USE int intake_report(struct store *s, struct recorded *rec, dur_t merge_gap,
                           char reterr_at[static REPORT_AT_SIZE], struct diag *d);

#endif
