/* The clocks: asked once per event, by the outermost layer only. */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include "base/times.h"

wall_t clock_now(void);

/* CLOCK_MONOTONIC. */
mono_t clock_mono(void);

#endif
