/*
 * Closing a period (SPEC 6.5): the only way money is entered, and a person's act. And the
 * decisions of persons on single keys, and the check of it all.
 */
#ifndef RUN_CLOSE_H
#define RUN_CLOSE_H

#include "run/drafts.h"

/* What a person asks for; texts are kept in the ledger. */
struct close_order {
    period_t period;
    const char *who;
    bool accept; /* also above the bounds */
};

struct decision_order {
    enum decision decision; /* not CLOSE */
    const char *who, *reason;
};

struct closing {
    int64_t entries; /* entered */
    int64_t held;    /* drafts in dispute, kept out */
    int64_t trial;   /* drafts of trial resellers, left out */
    period_t first,
        last; /* the periods that it closed: older ones that had nothing to enter go with it */
    int64_t head; /* the ledger's last sequence, and its hash */
    char hash[DIGEST_TEXT_SIZE];
    bool was_closed; /* already: nothing was done */
};

/*
 * Closes a period at setup->as_of (setup->book is not used: it reads its own): audits it and
 * the closed ones that can still be corrected, enters their drafts, all in one transaction of
 * its own. -EAGAIN with the reason in d: too early, or above a bound without `accept`, or a
 * policy not accepted yet; -EBADMSG: an older period is open and has drafts, or nothing of the
 * kind exists. Nothing is half done.
 */
MUST_USE int ledger_close(const struct run_setup *setup, const struct close_order *order,
                          struct closing *ret, struct diag *d);

/* waive, reinstate, dispute, uphold; in a transaction of its own. -EBADMSG: the key's state
 * does not allow it (d says what is). */
MUST_USE int ledger_decide(const struct run_setup *setup, const struct ledger_key *key,
                           const struct decision_order *order, struct diag *d);

/*
 * Checks both chains, every digest, every amount, and re-runs the rule on every entry's
 * evidence. `complain` gets a sentence for each defect; *ret_entries and *ret_defects count.
 */
MUST_USE int ledger_verify(struct store *s, void (*complain)(void *arg, const char *sentence),
                           void *arg, int64_t *ret_entries, int64_t *ret_defects);

#endif
