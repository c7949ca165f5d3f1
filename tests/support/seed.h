/* Seeds for random tests: printed, so that a failure can be run again with FAIRUSE_SEED=N. */
#ifndef SUPPORT_SEED_H
#define SUPPORT_SEED_H

#include <stddef.h>
#include <stdint.h>

/*
 * FAIRUSE_SEED where it is set, else one for this run of the program, the same in all the tests
 * of an executable. Prints "seed N" to stderr once a process.
 */
uint64_t seed_now(void);

/* A splitmix64 generator: `struct rng r = {seed_now()};` starts one; equal seeds, equal runs.
 */
struct rng {
    uint64_t state;
};

uint64_t rng_next(struct rng *r);

/* Evenly from [0, n); n >= 1. */
uint64_t rng_below(struct rng *r, uint64_t n);

/* Evenly from [low, high]; low <= high, and not the whole range of the type. */
int64_t rng_between(struct rng *r, int64_t low, int64_t high);

/*
 * Damages a text of `n` bytes in place: a few bytes flipped, swapped or overwritten. Returns
 * the new length, which is at most n.
 */
size_t rng_damage(struct rng *r, char *p, size_t n);

#endif
