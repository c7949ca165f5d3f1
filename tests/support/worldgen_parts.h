/* The parts of the generator (worldgen.h); nobody else includes this. */
#ifndef SUPPORT_WORLDGEN_PARTS_H
#define SUPPORT_WORLDGEN_PARTS_H

#include "support/worldgen.h"

enum feature {
    FEATURE_DST = 1 << 0,
    FEATURE_DUAL = 1 << 1,
    FEATURE_POOLS = 1 << 2,
    FEATURE_CLONES = 1 << 3,
    FEATURE_MOVES = 1 << 4,
    FEATURE_NETWORKS = 1 << 5,
    FEATURE_HANDS = 1 << 6,
    FEATURE_MAIL = 1 << 7,
    FEATURE_CLOCKS = 1 << 8,
    FEATURE_STRANGERS = 1 << 9,
    FEATURE_SILENT = 1 << 10,
    FEATURE_POLICY = 1 << 11,
    FEATURE_MONTHS = 1 << 12,
};
#define FEATURE_COUNT 13

enum {
    GEN_MOMENTS = 96,
    GEN_DURATIONS = 48,
    GEN_ADDRESSES = 6,
    GEN_MACHINES = 6,
    GEN_LICENSES = 4,
};

struct gen_machine {
    const char *server;
    unsigned boot;
    int64_t counter; /* the last used */
};

/* A world in the making, and what its parts are drawn from. */
struct gen {
    struct rng *r;
    struct world *w;
    unsigned features;
    wall_t p0, p1;
    wall_t moments[GEN_MOMENTS];
    size_t n_moments;
    int64_t durations_s[GEN_DURATIONS];
    size_t n_durations;
    struct addr addresses[GEN_ADDRESSES];
    size_t n_addresses;
    license_t licenses[GEN_LICENSES];
    size_t n_licenses;
    struct gen_machine machines[GEN_MACHINES];
    size_t n_machines;
};

bool gen_has(const struct gen *g, enum feature f);
bool gen_chance(struct gen *g, uint64_t percent);
size_t gen_pick(struct gen *g, size_t n);

void gen_add_moment(struct gen *g, wall_t t);
void gen_add_duration(struct gen *g, int64_t s);
/* A moment of interest, or one near it. */
wall_t gen_moment(struct gen *g);
int64_t gen_duration(struct gen *g);

void gen_policies(struct gen *g);
void gen_estate(struct gen *g);
void gen_reports(struct gen *g);

#endif
