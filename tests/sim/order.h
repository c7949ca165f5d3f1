/* What a command line asks for. */
#ifndef SIM_ORDER_H
#define SIM_ORDER_H

#include "sim/sim.h"

struct order {
    uint64_t seed;
    int64_t runs, seconds, agents, days;
    bool is_brief, is_timed, is_large, is_selftest, no_shrinking;
    const char *replay, *plant;
};

/* Runs a plan and says what came of it; one that fails is kept, and shrunk. */
bool order_run(const struct order *o, const struct plan *p, struct tally_of_run *sum);
bool order_plant(const struct order *o, struct plan *p);
bool order_many(const struct order *o);
bool order_replay(const struct order *o);
bool order_large(const struct order *o);
bool order_selftest(const struct order *o);

#endif
