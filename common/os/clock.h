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

#endif
