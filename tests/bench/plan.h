/*
 * The benchmark's world: who was where, worked out for each licence from its number alone, so
 * that any size can be made and what an audit must find in it is known beforehand.
 *
 * Six months of evidence. Nearly every licence is one server with a boot a month or so, seen by
 * the collector, by its key server connections and on its interfaces; among them are planted
 * cases for the rules.
 */
#ifndef BENCH_PLAN_H
#define BENCH_PLAN_H

#include "audit/finding.h"
#include "domain/addr.h"
#include "domain/source.h"
#include "domain/span.h"

#define PLAN_END ((wall_t){INT64_C(1793235600)})                 /* 2026-10-29T01:00:00Z: T */
#define PLAN_BEGIN ((wall_t){INT64_C(1793235600) - 182 * 86400}) /* the first evidence */
#define PLAN_PERIOD ((period_t){2026 * 12 + 9})                  /* 2026-10 */

enum {
    PLAN_RESELLERS = 200,
    PLAN_LICENSES_A_DOMAIN = 20,
    PLAN_LICENSES_MOST = 6000000, /* what the resellers' /16s have room for */
    PLAN_BOOTS_MOST = 8,
    PLAN_SECOND = PLAN_BOOTS_MOST, /* the slot of a machine beside the ordinary ones */
    PLAN_SLOTS = PLAN_BOOTS_MOST + 1,
};

/* What is planted at a licence. */
enum plant {
    PLANT_NONE,
    PLANT_TWO_SERVERS,   /* for 20 days: extra-ip confirmed */
    PLANT_TWO_FOR_SHORT, /* for 5 days: extra-ip potential */
    PLANT_NAT_POOL,      /* seen from four addresses: many-addresses */
    PLANT_OUTSIDE,       /* in none of the reseller's networks: outside confirmed */
    PLANT_CLONE,         /* two runs of one agent: forked-identity, extra-ip confirmed */
    PLANT_MOVE,          /* a declared move to a second server: second-server, many-addresses */
    PLANT_SILENT,        /* not seen for ten days: licence and server silent */
    PLANT_GATEWAY,       /* its peer address is also the next licence's: crowded-address */
    PLANT_BEHIND,        /* that next licence: many-addresses, outside confirmed */
};
enum plant plan_plant(int64_t license);

struct plan_machine {
    unsigned slot;
    bool is_second_server;
};

struct plan_sighting {
    unsigned machine; /* index in the plan */
    struct addr address;
    enum source source;
    struct span seen;
};

struct plan {
    struct plan_machine machines[PLAN_SLOTS];
    size_t n_machines;
    struct plan_sighting sightings[160];
    size_t n_sightings;
};

/* Licences are numbered from 0. */
void plan_license(int64_t license, struct plan *ret);
int64_t plan_reseller(int64_t license);
struct addr plan_address(int64_t license); /* of its server */
struct term plan_move(void);               /* of each PLANT_MOVE */

/* What an audit of PLAN_PERIOD as of PLAN_END finds among `licenses` licences; -1 = this kind
 * and state are not foretold. */
int64_t plan_foretold(int64_t licenses, enum finding_kind kind, enum finding_state state);

/* Every hundredth domain is over its limit for ten days. */
bool plan_domain_is_over(int64_t domain);

#endif
