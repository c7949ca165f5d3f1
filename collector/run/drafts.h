/*
 * What is due, entered, and still to be entered, key by key (SPEC 6.5): confirmed findings
 * merged with the ledger's balances, both in their order.
 */
#ifndef RUN_DRAFTS_H
#define RUN_DRAFTS_H

#include "ledger/ledger.h"
#include "run/findings.h"
#include "run/nightly.h"

struct draft {
    period_t period;
    enum charge_kind kind;
    const char *reseller, *subject; /* borrowed until the next call */
    const struct currency *currency;
    struct due due;
    money_t entered, draft; /* draft = due - entered */
    int64_t entries;        /* the key has in the ledger */
    bool is_trial;          /* is shown, not entered */
    bool is_disputed;       /* is not entered until it is decided */
    bool is_waived;
    const char *policy;   /* version; of the finding, or in force on the period's first day */
    const char *evidence; /* of the finding; NULL where there is none */
};

/*
 * Calls `take` for every key of the period that has a due or an entry, by kind, reseller,
 * subject; findings without a tariff too (DUE_UNPRICED), for those who say so. `f` gives the
 * findings of this period among others and is rewound first. 0; store errors; -ERANGE an amount
 * overflows; what `take` returned.
 */
MUST_USE int drafts_of(const struct run_setup *setup, struct findings *f, period_t period,
                       int (*take)(void *arg, const struct draft *d), void *arg);

/* Whether a draft may be entered by a closing: something to enter, no trial, no dispute. */
bool draft_is_enterable(const struct draft *d);

#endif
