/*
 * A night's report: from the audit's findings, the ledger and what readers were told before, to
 * a model for each reader (bulletin/model.h). Findings stream by; in memory is one account
 * manager's at a time.
 */
#ifndef EDITION_EDITION_H
#define EDITION_EDITION_H

#include "bulletin/model.h"
#include "run/drafts.h"

/* What a night is told. All borrowed. */
struct edition_setup {
    const struct run_setup *run; /* with the book; store opened for reading, a snapshot held */
    const struct run_periods *periods; /* audited: corrected first, then open */
    struct findings *findings;         /* of those periods, all taken */
    const char *command;               /* as in struct bulletin */
    dur_t remind;                      /* resellers are told again so long before it costs */
    /* NULL = all; else that reader alone, in which case not everything is said. */
    const char *only_manager, *only_reseller;
};

/* What the reader was last told is replaced by this (store.h): the rows of a reader come
 * together, by reseller, kind, subject, period. */
struct edition_said {
    const char *reseller, *subject;
    enum finding_kind kind;
    period_t period;
    enum finding_state state;
    int64_t quantity;
    bool goes_on;
    wall_t confirms_at;
    bool is_reminded;
};

/* Takes what comes out; everything is borrowed for the call. A non-zero return ends the night
 * with it. */
struct edition_sink {
    /*
     * A reader's report; run and serial are not known yet (the sink fills them in a copy), nor
     * has it pictures. Managers get one each; a reseller one only if it has an e-mail and
     * something to hear (SPEC: first seen, changed, ended, soon to cost), or with
     * only_reseller.
     */
    int (*bulletin)(void *arg, const struct bulletin *r);
    /* After all bulletins, what is said from now on: first `begin` for a reader, then its rows.
     * A reseller's rows come also when it has nothing to hear; of one without an e-mail none
     * come, so that all is new once it has one. */
    int (*begin)(void *arg, enum bulletin_audience audience, const char *id);
    int (*said)(void *arg, const struct edition_said *row);
    void *arg;
};

/*
 * Makes all reports of the night. 0; store errors; -ENOMEM; -ERANGE an amount overflows; -EIO
 * with its text in d; what the sink returned.
 */
MUST_USE int edition_make(const struct edition_setup *setup, const struct edition_sink *sink,
                          struct diag *d);

/* Says to each account manager that the audit failed, and why; nothing else is known. */
MUST_USE int edition_fail(const struct edition_setup *setup, const char *why,
                          const struct edition_sink *sink, struct diag *d);

#endif
