/* When each address was seen, from moments in any order: those of one address and source that
 * lie at most 45 minutes apart are one stretch (SPEC 3). Pure. */
#ifndef PROBE_STRETCH_H
#define PROBE_STRETCH_H

#include "base/caps.h"
#include "packet/sight.h"

/* A year of nothing but gaps of 45 minutes is 11,700 stretches of an address. 15 MB. */
#define STRETCH_MAX (CAP_PRESENCES * 64)
#define STRETCH_GAP_S (45 * 60)

struct stretch {
    struct sight_seen seen;
    int64_t first_s, last_s;
    int64_t packets;
};

/* Zeroed before the first use. */
struct stretches {
    struct stretch *v;
    size_t n, cap;
};

void stretches_done(struct stretches *s);

/* One packet. -ERANGE: there are more than STRETCH_MAX; -ENOMEM. What was there stays. */
MUST_USE int stretches_add(struct stretches *s, const struct sight_seen *seen, int64_t at_s);

/* Joins what is there, and sorts it by address, source, beginning. */
void stretches_join(struct stretches *s);

#endif
