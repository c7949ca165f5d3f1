/*
 * Random small worlds. A theme is a set of features, so that each can be had alone and mixed;
 * times collide often, as the rules differ at edges: they are drawn from a few moments of
 * interest (month edges, windows, clock changes, ends of validity), give or take a second.
 */
#ifndef SUPPORT_WORLDGEN_H
#define SUPPORT_WORLDGEN_H

#include "support/seed.h"
#include "support/world.h"

enum world_theme {
    WORLD_PLAIN,     /* long stays at one or two addresses */
    WORLD_DST,       /* months with a clock change */
    WORLD_DUAL,      /* IPv4 and IPv6, shared /64s */
    WORLD_POOLS,     /* many addresses: NAT pools, renumbering */
    WORLD_CLONES,    /* several runs of one server, relays of them, repeated counters */
    WORLD_MOVING,    /* declared moves */
    WORLD_PLACES,    /* networks with validity, one_place, wide over narrow */
    WORLD_HANDS,     /* licences, servers and domains that change hands */
    WORLD_MAIL,      /* mailboxes: limits that change, split domains */
    WORLD_CLOCKS,    /* clocks that are off, refused reports, late ones */
    WORLD_STRANGERS, /* unknown servers and licences, other resellers' reports, add-on keys */
    WORLD_SILENT,    /* silence, retirement, bindings */
    WORLD_POLICY,    /* several policies, overrides, every variant */
    WORLD_MONTHS,    /* the same short overlap month after month */
    WORLD_MIXED,     /* any of these together */
};
#define WORLD_THEME_COUNT 15

const char *world_theme_name(enum world_theme t);

/* A valid estate, with reports that a collector may have got, be they acceptable or not. */
void world_random(struct rng *r, enum world_theme theme, struct world *ret);

#endif
