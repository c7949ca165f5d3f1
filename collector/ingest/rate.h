/*
 * Rates (token buckets) by key in a table of a fixed size: an address, a server. A key that is
 * not remembered has a full bucket; where the table is full the stalest of a few goes, which is
 * one that has most likely filled up again. Pure: the time is an argument.
 */
#ifndef INGEST_RATE_H
#define INGEST_RATE_H

#include "base/text.h"
#include "base/times.h"
#include "domain/addr.h"

struct rate_table;

struct rate_rule {
    int64_t burst;      /* at once, from 1 */
    int64_t per_minute; /* refilled; 0 = no limit at all */
};

/* `slots` is rounded up to a power of two, from 8; `seed` is random, so that nobody can aim at
 * a slot. All of its memory, 88 bytes a slot, is taken here. */
MUST_USE int rate_table_new(size_t slots, uint64_t seed, struct rate_table **ret); /* -ENOMEM */
void rate_table_free(struct rate_table *t);
static inline void rate_table_done(struct rate_table **t)
{
    rate_table_free(*t);
}

/*
 * Takes one: 0, or how many seconds it takes until there is one again (from 1). Who is refused
 * is not set back by it. `key` has 1 to CAP_ID bytes. A table is for one rule; where that
 * changes, a bucket holds at most the new burst from then on.
 */
MUST_USE int64_t rate_take(struct rate_table *t, const struct rate_rule *rule, struct text key,
                           mono_t now);

/* The key of an address: an IPv6 one by its /64, which is one customer's to vary. */
#define RATE_ADDRESS_KEY 9
struct text rate_address_key(const struct addr *a, uint8_t out[static RATE_ADDRESS_KEY]);

/*
 * How many of something each address has open now (connections): a table of exact counts, no
 * more than the connections themselves.
 */
struct tally;
MUST_USE int tally_new(size_t most, uint64_t seed, struct tally **ret);
void tally_free(struct tally *t);
static inline void tally_done(struct tally **t)
{
    tally_free(*t);
}
/* One more: true, unless it has `limit` already, or `most` keys have some. Keys as
 * rate_address_key() gives them. */
MUST_USE bool tally_take(struct tally *t, struct text key, int64_t limit);
/* One less of a key that was taken. */
void tally_give(struct tally *t, struct text key);

#endif
