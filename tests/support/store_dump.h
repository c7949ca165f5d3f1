/*
 * What a store shows through its scans, as sorted lines of text with names in place of numbers:
 * equal texts, equal content.
 */
#ifndef SUPPORT_STORE_DUMP_H
#define SUPPORT_STORE_DUMP_H

#include "store/store.h"

enum {
    DUMP_SIGHTINGS = 1,
    DUMP_MAIL = 2,
    DUMP_GAPS = 4,
    DUMP_FORKS = 8,
    DUMP_LICENSES = 16,
    DUMP_SERVERS = 32,
    DUMP_ALL = 63,
};

/*
 * Adds the lines of the kinds in `what` to `out`. Times are seconds from `base`. A machine is
 * written SERVER/N, N being the last byte of its boot_id: tests make those apart there. 0 or a
 * negative error.
 *
 *     sighting PLSK.00000001 srv-1/1 203.0.113.9 nat 0-60
 *     mail example.nl srv-1 10,0,0,0,0 filtered 0-60      (counts in the order of the struct)
 *     gap srv-1/1 capture 0-60 lost 12
 *     fork srv-1/1 #42 at 30
 *     license PLSK.00000001 srv-1/1 version|product|edition|expires|machine_id at 30
 *     server srv-1 10-30                                   (or "never")
 */
MUST_USE int store_dump(struct store *s, unsigned what, wall_t base, struct buf *out);

#endif
