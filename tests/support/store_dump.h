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
    DUMP_ENROLLED = 64,
    DUMP_TOKENS = 128,
    DUMP_EVENTS = 256,
    DUMP_STANDINGS = 512,
    DUMP_NIGHTS = 1024,
    DUMP_ALL = 2047,
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
 *     enrolled srv-1 r1 at 0 revoked 9 certs from 5        (the last two where there are any)
 *     token 0102030405060708 r1 srv-1 1/3 created 0 expires 90 revoked 9   ("-": no server)
 *     event #1 at 0 token-created by ann|srv-1|r1|{}
 *     standing PLSK.00000001 r1 confirmed 5 since 0 confirms 9   (5: bits of the kinds)
 *     published #2 as of 60                                (nothing before the first)
 *     night 1 day 20000 made 7 as of 6 failed|{}           ("failed" where the audit did)
 *     edition 1 manager am1 #1 nl|subject|the model
 *     mail 1 of night 1 to manager am1 a@b c@d <id> sent 1 times at 8 said 250|taken|maybe
 * twice (waits: "due 7" for "at 8") told manager am1 r1 0 PLSK.00000001 100: 0, 0 goes on
 * confirms 9 reminded confirmed r1 100 0 PLSK.00000001 trial
 */
MUST_USE int store_dump(struct store *s, unsigned what, wall_t base, struct buf *out);

#endif
