/* One thing at one time: a deadline with a length of its own. */
#ifndef KEEPER_TIMER_H
#define KEEPER_TIMER_H

#include "os/loop.h"

/* Embedded in its owner; LOOP_OWNER() finds it from `fired`'s argument. */
struct timer {
    struct loop *loop;
    struct deadline_queue queue;
    struct deadline deadline;
    void (*fired)(struct timer *t);
};

void timer_init(struct timer *t, struct loop *l, void (*fired)(struct timer *t));
/* Once, so many milliseconds from now (at least 1), instead of what was set before. */
void timer_set(struct timer *t, int64_t after_ms);
bool timer_is_set(const struct timer *t);
void timer_clear(struct timer *t);
/* Not from within its own `fired`. Harmless for one that is zeroed. */
void timer_done(struct timer *t);

#endif
