/*
 * The contract suite's store: an empty one of each backend in turn, and short ways to say what
 * reports arrive. A second backend adds a row to store_backends[] and runs all of it unchanged.
 */
#ifndef SUPPORT_STORE_FIXTURE_H
#define SUPPORT_STORE_FIXTURE_H

#include "store/store.h"
#include "support/temp.h"

/* A moment to count from, 2026-11-22; the tests' times are seconds after it. */
#define T0 ((wall_t){INT64_C(1795300000)})
#define AT(seconds) ((wall_t){T0.s + (seconds)})
#define SPAN(from, to) ((struct span){AT(from), AT(to)})

struct store_place {
    struct temp dir;
    char url[TEMP_PATH_SIZE + 32];
};

struct store_backend {
    const char *name;
    /* Finds a place with no store yet, in place->dir; writes its URL. 0 or a negative error. */
    int (*find_place)(struct store_place *place);
};
extern const struct store_backend store_backends[];
extern const size_t store_backend_count;

/* A licence, an address, a boot_id: from their texts and numbers. Abort on nonsense. */
license_t lic(const char *text);
struct addr ip(const char *text);
struct network net(const char *text);
struct uuid boot(int n); /* its last byte is n */

/* One report of one part or more; what is not named is absent. Fills in what a report needs. */
struct say {
    const char *server; /* NULL = "srv-1" */
    int boot;           /* 0 = 1 */
    int64_t counter;    /* 0 = 1 */
    bool is_late;       /* live: false */
    const char *peer;   /* NULL = none */
    wall_t received;    /* {0} = AT(100000) */
    uint64_t digest;
    dur_t gap; /* merge_gap */
    struct report_license licenses[4];
    size_t n_licenses;
    struct report_sighting sightings[8];
    size_t n_sightings;
    struct report_mailboxes mailboxes[8];
    size_t n_mailboxes;
    struct report_gap gaps[8];
    size_t n_gaps;
};

/* Puts it, within the caller's transaction. */
MUST_USE int store_say(struct store *s, struct say what);

#endif
