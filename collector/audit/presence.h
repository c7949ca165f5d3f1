/*
 * Who was where: the counted sightings of one entry, and steps 1 and 2 of SPEC 6.1 on them.
 * This is also what a charge keeps as its evidence, and what is judged again from it.
 */
#ifndef AUDIT_PRESENCE_H
#define AUDIT_PRESENCE_H

#include "audit/entry.h"

/* A unit that occurs: what an address counts as (SPEC 1). */
struct place {
    struct network unit;
    bool is_one_place;
};

/* IPv4 units and declared ones stand by themselves; a /64 may be one machine's second stack. */
static inline bool place_is_anchor(const struct place *p)
{
    return p->unit.base.family == ADDR_IPV4 || p->is_one_place;
}

/* One counted sighting, cut to what counts. */
struct seen {
    uint32_t machine, place; /* indices */
    enum source source;
    struct addr address;
    struct span span;
};

/* Step 1: a machine on a unit without a gap longer than `bridge`. */
struct presence {
    uint32_t machine, place;
    struct span span;
};

struct presences {
    struct place *places; /* by unit */
    size_t n_places, cap_places;
    struct seen *seen; /* by place, machine, first */
    size_t n_seen, cap_seen;
    struct presence *v; /* by first, then place, machine */
    size_t n, cap;
    size_t n_machines; /* indices are below this */
    /* While it is gathered: sightings before their units have numbers, and the present one's
     * unit. */
    struct seen_unit *scratch;
    size_t n_scratch, cap_scratch;
    struct place place;
};

void presences_done(struct presences *p);

/* The unit that an address counts as for a reseller. */
struct network place_unit(const struct audit_reseller *r, const struct addr *address);

/*
 * Gathers the entry's counted sightings: a counted source, a public address, from a server
 * while it is the entry's reseller's, cut to the entry and to E. *p is used again and again.
 * 0 or -ENOMEM.
 */
MUST_USE int presences_gather(struct presences *p, const struct audit *a,
                              const struct license_case *c, const struct entry *e);

/*
 * The same for all machines of one server, without regard to entry or tenure (forked-identity);
 * units by `reseller`.
 */
MUST_USE int presences_gather_server(struct presences *p, const struct audit *a,
                                     const struct license_case *c,
                                     const struct audit_reseller *reseller);

/* From evidence: places and seen are set (any order of seen); makes the rest. */
MUST_USE int presences_bridge(struct presences *p, dur_t bridge);

/* Of whom and where: a machine's or a place's index, or PRESENCE_ANY. */
#define PRESENCE_ANY UINT32_MAX
struct presence_choice {
    uint32_t machine, place;
};
#define PRESENCE_ALL ((struct presence_choice){PRESENCE_ANY, PRESENCE_ANY})

/* Which of the sightings a measure is about. */
enum seen_kind { SEEN_ALL, SEEN_BY_PEER };

/* How long something was seen within a window. 0 or -ENOMEM. */
MUST_USE int presences_observed(const struct presences *p, struct presence_choice of,
                                enum seen_kind kind, struct span window, dur_t *ret);
/* The joined stretches of presence themselves, into `ret` (emptied first). 0 or -ENOMEM. */
MUST_USE int presences_joined(const struct presences *p, struct presence_choice of,
                              struct span window, struct spans *ret);

#endif
