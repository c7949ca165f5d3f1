/*
 * The standings of licences as the last published audit left them, in memory: what an answer
 * tells without asking the store. Immutable once it is loaded, so that threads may share it.
 */
#ifndef INGEST_STANDINGS_H
#define INGEST_STANDINGS_H

#include "store/store.h"

struct standings;

/*
 * All that is published, in a snapshot of its own: an array in the order of licence and
 * reseller, 32 bytes for each licence that is not in order (64 MB at CAP_STANDINGS), and each
 * reseller's name once. 0; -ERANGE over CAP_STANDINGS; -ENOMEM; errors of the store, whose text
 * is in store_diag().
 */
MUST_USE int standings_load(struct store *s, struct standings **ret);
void standings_free(struct standings *x);
static inline void standings_done(struct standings **x)
{
    standings_free(*x);
}
/* The store's generation that it was loaded from; 0 = nothing was ever published. */
int64_t standings_generation(const struct standings *x);

struct standing {
    bool is_confirmed;
    uint8_t kinds; /* a bit for each enum charge_kind */
    wall_t since;
    bool has_confirms;
    wall_t confirms_at;
};
/* False: nothing is said of this licence to that reseller. By binary search. */
bool standings_find(const struct standings *x, license_t license, const char *reseller,
                    struct standing *ret);

#endif
