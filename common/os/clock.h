/* The clocks: asked once per event, by the outermost layer only. */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include "base/times.h"

wall_t clock_now(void);

/* CLOCK_MONOTONIC. */
mono_t clock_mono(void);

/* CLOCK_BOOTTIME in seconds: never jumps, goes on while the machine sleeps, is the same for all
 * processes of the machine, and begins anew with it. */
int64_t clock_boot(void);

/* clock_now() and clock_boot() of one moment, also while somebody sets the clock: what one says
 * of the other is a second off at most, for each is cut to whole ones. */
struct clock_pair {
    wall_t wall;
    int64_t boot_s;
};
struct clock_pair clock_both(void);

#endif
