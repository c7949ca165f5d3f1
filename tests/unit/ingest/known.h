/* Standings in memory, by way of a store of their own: for tests of what is told. */
#ifndef UNIT_INGEST_KNOWN_H
#define UNIT_INGEST_KNOWN_H

#include "ingest/standings.h"
#include "support/leak.h"
#include "support/store_fixture.h"

struct known {
    struct store_place place;
    struct store *store;
    struct standings *standings;
};

static inline void known_done(struct known *k)
{
    standings_free(k->standings);
    store_close(k->store);
    temp_done(&k->place.dir);
}

static inline void known_make(struct known *k)
{
    struct diag d = {""};
    *k = (struct known){.store = NULL};
    cr_assert_eq(store_backends[0].find_place(&k->place), 0);
    cr_assert_eq(store_open(k->place.url, STORE_CREATE, &k->store, &d), 0, "%s", d.text);
}

/* Publishes the rows, and no others, and loads them. */
static inline void known_publish(struct known *k, const struct store_standing *rows, size_t n)
{
    cr_assert_eq(store_begin(k->store), 0, "%s", store_diag(k->store));
    cr_assert_eq(store_clear_standings(k->store, T0), 0, "%s", store_diag(k->store));
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(store_put_standing(k->store, &rows[i]), 0, "%s", store_diag(k->store));
    cr_assert_eq(store_commit(k->store), 0, "%s", store_diag(k->store));
    standings_free(k->standings);
    k->standings = NULL;
    cr_assert_eq(standings_load(k->store, &k->standings), 0, "%s", store_diag(k->store));
}

#endif
