/* What close.c and decide.c share. Private to this room. */
#ifndef RUN_CLOSE_PARTS_H
#define RUN_CLOSE_PARTS_H

#include "base/grow.h"
#include "run/close.h"

struct reseller_total {
    char reseller[CAP_ID + 1];
    const struct currency *currency;
    int64_t entries;
    money_t amount; /* of sizes, whatever their sign */
};

/* A closing at work. */
struct closer {
    const struct run_setup *setup;
    period_t period;
    const char *who;
    bool accept;
    period_t periods[RUN_PERIODS_MAX]; /* rising: corrected, open */
    size_t n_corrected, n_periods;
    struct book book;
    struct run_setup with_book; /* the setup, and that book */
    struct findings *findings;
    bool is_before, has_older_drafts; /* while drafts of an older open period are counted */
    struct reseller_total *totals;
    size_t n_totals, cap_totals;
    struct buf evidence, body;
    struct closing result;
};

/* "waive" … "close". */
const char *decision_name(enum decision d);

/* Appends to the chain of decisions: fills sequence and previous hash in. */
MUST_USE int decision_append(struct store *s, const struct ledger_decision *d,
                             enum decision decision, enum charge_kind kind);

#endif
