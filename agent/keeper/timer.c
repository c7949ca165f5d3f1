/* One thing at one time. */
#include "keeper/timer.h"

static void expired(struct deadline *d)
{
    struct timer *t = LOOP_OWNER(d, struct timer, deadline);
    t->fired(t);
}

void timer_init(struct timer *t, struct loop *l, void (*fired)(struct timer *t))
{
    *t = (struct timer){.loop = l, .fired = fired};
    t->queue = (struct deadline_queue){.expired = expired, .after_ms = 1};
    loop_add_queue(l, &t->queue);
}

void timer_set(struct timer *t, int64_t after_ms)
{
    t->queue.after_ms = after_ms < 1 ? 1 : after_ms;
    deadline_set(t->loop, &t->queue, &t->deadline);
}

bool timer_is_set(const struct timer *t)
{
    return t->deadline.queue != NULL;
}

void timer_clear(struct timer *t)
{
    deadline_clear(&t->deadline);
}

void timer_done(struct timer *t)
{
    if (!t->loop)
        return;
    deadline_clear(&t->deadline);
    loop_remove_queue(t->loop, &t->queue);
    t->loop = NULL;
}
