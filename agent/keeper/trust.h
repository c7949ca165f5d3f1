/*
 * The time that reports are told by: wall time, or the collector's where ours is more than a
 * minute off it. Pure.
 *
 * What an earlier start of the machine left behind has its times by the clock as it then was;
 * no later look at our clock can tell whether that was right. So what the collector's clock
 * says is taken note of at each answer (its Date, RFC 9110 6.6.1), and the times of a run are
 * reckoned by it as long as the run goes on. Until the first answer our clock is taken to be as
 * far off as it was at the last one: a machine's clock is as right after a start as it was
 * before.
 */
#ifndef KEEPER_TRUST_H
#define KEEPER_TRUST_H

#include "base/times.h"

#define TRUST_SLACK ((dur_t){60}) /* SPEC 3: a clock that is no further off is right */

/* Zeroed before the first use. */
struct trust {
    bool is_known; /* there was an answer since the machine started */
    wall_t boot;   /* then: the collector's clock at that start */
    dur_t error;   /* by the last answer: what must be added to our clock; 0 within the slack */
};

/* Wall time at the machine's start by the clock to be believed. `boot`: the same by ours. */
wall_t trust_boot(const struct trust *t, wall_t boot);

/* An answer came, by which the collector's clock had `theirs` at the machine's start. True:
 * `error` is another than before, to be kept for the next run. */
bool trust_learn(struct trust *t, wall_t theirs, wall_t boot);

#endif
