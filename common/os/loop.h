/*
 * An event loop on epoll (level-triggered): descriptors, deadlines, and work put off to the end
 * of a turn. One thread runs it; only loop_wake() may be called from another.
 *
 * A turn: wait, read the clock, call back what is ready, then what has expired, then what was
 * deferred. So who is ready and expired at once is served first, and may move its deadline.
 * Nothing that a callback unwatches or clears is called back any more, not even in the turn in
 * which that happens; so memory may be given back by loop_defer() from within any callback.
 */
#ifndef OS_LOOP_H
#define OS_LOOP_H

#include "base/defs.h"
#include "base/times.h"

struct loop;

MUST_USE int loop_new(struct loop **ret); /* 0 or -errno */
void loop_free(struct loop *l); /* runs what was deferred; closes no descriptor of others */
static inline void loop_done(struct loop **l)
{
    loop_free(*l);
}

/* The clock as it was read in this turn. */
mono_t loop_now(const struct loop *l);

/* What a watch, a deadline or a deferred is embedded in: as `member`, in a `type`. */
#define LOOP_OWNER(p, type, member) ((type *)(void *)((char *)(p)-offsetof(type, member)))

/* ---- Descriptors: embedded in their owner, zeroed before the first use ----------------- */

struct watch {
    /* EPOLLIN | EPOLLOUT | EPOLLERR …; again each turn for as long as that is so. */
    void (*ready)(struct watch *w, uint32_t events);
    int fd;
    uint32_t armed;
    bool is_watched;
};

/* Adds it. `events` may be 0: then only EPOLLERR and EPOLLHUP come. 0 or -errno (-EPERM for a
 * file that epoll cannot wait for); it is not watched then. */
MUST_USE int loop_watch(struct loop *l, struct watch *w, int fd, uint32_t events);
/* Changes what is waited for; does nothing when that is the same. 0 or -errno; -ENOENT when it
 * is not watched. */
MUST_USE int loop_arm(struct loop *l, struct watch *w, uint32_t events);
/* To be called before the descriptor is closed. Harmless when it is not watched. */
void loop_unwatch(struct loop *l, struct watch *w);

/* ---- Deadlines: queues of one length each, so that setting and expiring cost nothing ---- */

/* Embedded in its owner, zeroed before the first use. */
struct deadline {
    struct deadline *prev, *next;
    struct deadline_queue *queue; /* NULL = not set */
    mono_t at;
};

struct deadline_queue {
    void (*expired)(struct deadline *d); /* it is cleared already */
    int64_t after_ms; /* may be changed: it holds for deadlines set later, and none of the
                         queue expires before the one ahead of it. At least 1. */
    struct deadline *head, *tail;
    struct deadline_queue *next_queue; /* of the loop */
};

/* The queue is borrowed until it is removed. */
void loop_add_queue(struct loop *l, struct deadline_queue *q);
/* Its deadlines must have been cleared before. */
void loop_remove_queue(struct loop *l, struct deadline_queue *q);
/* `after_ms` from loop_now(), or from the moment when the loop does not run; a deadline that is
 * set already is moved. */
void deadline_set(struct loop *l, struct deadline_queue *q, struct deadline *d);
void deadline_clear(struct deadline *d); /* harmless when it is not set */

/* ---- Work put off to the end of the turn ---------------------------------------------- */

/* Embedded in its owner, zeroed before the first use. */
struct deferred {
    void (*run)(struct deferred *d); /* may free what holds it */
    struct deferred *next;           /* NULL = not put off */
};
/* In the order of the calls; harmless when it is put off already. What is deferred while others
 * are run waits for the end of the next turn, which follows at once. */
void loop_defer(struct loop *l, struct deferred *d);

/* ---- Running -------------------------------------------------------------------------- */

/*
 * From any thread, also often: `woken` is called once or more, in the loop's thread, after
 * this. (An eventfd.)
 */
void loop_on_wake(struct loop *l, void (*woken)(void *arg), void *arg);
void loop_wake(struct loop *l);

/* Until loop_stop(), whose turn is finished; 0 or -errno. */
MUST_USE int loop_run(struct loop *l);
/* From the loop's thread. Before loop_run() it makes that one return at once. */
void loop_stop(struct loop *l);

#endif
