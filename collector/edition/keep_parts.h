/* What the files of keep share. Private to this room. */
#ifndef EDITION_KEEP_PARTS_H
#define EDITION_KEEP_PARTS_H

#include "edition/keep.h"
#include "store/sorter.h"

struct keep {
    struct keep_order order;
    struct sorter *said; /* rows in the order they came, until the end; NULL = none came */
    int64_t n_said;
    bool is_writing; /* a transaction is open */
    size_t drawn;    /* timelines so far */
    struct buf packed, message, row;
    struct keep_tally tally;
};

/* A transaction of the night's: begun where none is open; ended. */
MUST_USE int keep_begin(struct keep *k);
MUST_USE int keep_commit(struct keep *k);

/* A bulletin into the store: its edition, and its mail where it has an address. */
MUST_USE int keep_bulletin(struct keep *k, const struct bulletin *b);

/* What is said, put by until the end (both are sinks' functions); and at the end replaced, in
 * the transaction that is open. */
int keep_said_begin(void *keep, enum bulletin_audience audience, const char *id);
int keep_said_row(void *keep, const struct edition_said *row);
MUST_USE int keep_said_put(struct keep *k);

#endif
