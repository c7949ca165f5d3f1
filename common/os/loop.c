/* An event loop on epoll. */
#include "os/loop.h"

#include "os/clock.h"

#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Events of one turn. More would only delay what has expired; the kernel keeps the rest, and
 * gives it first in the next turn. */
enum { BATCH_MAX = 64 };

struct loop {
    int epoll_fd;
    mono_t now;
    bool is_running;
    bool is_stopped;

    struct watch wake; /* on the eventfd */
    void (*woken)(void *arg);
    void *woken_arg;

    struct deadline_queue *queues;
    struct deadline_queue *next_queue; /* to be looked at in this turn */

    struct deferred *first, **last;
    struct deferred end; /* behind the last one: so NULL can say "not put off" */

    struct epoll_event batch[BATCH_MAX];
    size_t batch_at, batch_n; /* the next event to be told, of how many */
};

/* ---- Descriptors ------------------------------------------------------------------------ */

static int control(const struct loop *l, int how, struct watch *w, uint32_t events)
{
    struct epoll_event e = {.events = events, .data = {.ptr = w}};
    return epoll_ctl(l->epoll_fd, how, w->fd, &e) == 0 ? 0 : -errno;
}

int loop_watch(struct loop *l, struct watch *w, int fd, uint32_t events)
{
    assert(!w->is_watched);
    w->fd = fd;
    int r = control(l, EPOLL_CTL_ADD, w, events);
    if (r == 0) {
        w->armed = events;
        w->is_watched = true;
    }
    return r;
}

int loop_arm(struct loop *l, struct watch *w, uint32_t events)
{
    if (!w->is_watched)
        return -ENOENT;
    if (w->armed == events)
        return 0;
    int r = control(l, EPOLL_CTL_MOD, w, events);
    if (r == 0)
        w->armed = events;
    return r;
}

void loop_unwatch(struct loop *l, struct watch *w)
{
    if (!w->is_watched)
        return;
    int r = control(l, EPOLL_CTL_DEL, w, 0);
    assert(r == 0); /* else the descriptor was closed before, and may be another's by now */
    w->is_watched = false;
    /* What the kernel has told already must not come any more, even if it is watched anew. */
    for (size_t i = l->batch_at; i < l->batch_n; i++) {
        if (l->batch[i].data.ptr == w)
            l->batch[i].data.ptr = NULL;
    }
}

static void tell_ready(struct loop *l)
{
    while (l->batch_at < l->batch_n) {
        const struct epoll_event *e = &l->batch[l->batch_at++];
        struct watch *w = e->data.ptr;
        if (!w)
            continue;
        /* An earlier callback may have armed it for less. */
        uint32_t events = e->events & (w->armed | EPOLLERR | EPOLLHUP);
        if (events != 0)
            w->ready(w, events);
    }
}

/* ---- Deadlines -------------------------------------------------------------------------- */

void loop_add_queue(struct loop *l, struct deadline_queue *q)
{
    q->next_queue = l->queues;
    l->queues = q;
}

void loop_remove_queue(struct loop *l, struct deadline_queue *q)
{
    assert(!q->head);
    struct deadline_queue **at = &l->queues;
    while (*at && *at != q)
        at = &(*at)->next_queue;
    if (!*at)
        return;
    *at = q->next_queue;
    if (l->next_queue == q)
        l->next_queue = q->next_queue;
}

void deadline_set(struct loop *l, struct deadline_queue *q, struct deadline *d)
{
    deadline_clear(d);
    if (!l->is_running)
        l->now = clock_mono();
    /* Later than now: one that is set again as it expires must not hold up the turn. */
    int64_t after_ms = q->after_ms > 0 ? q->after_ms : 1;
    *d = (struct deadline){.prev = q->tail, .queue = q, .at = {l->now.ms + after_ms}};
    if (q->tail)
        q->tail->next = d;
    else
        q->head = d;
    q->tail = d;
}

void deadline_clear(struct deadline *d)
{
    struct deadline_queue *q = d->queue;
    if (!q)
        return;
    if (d->prev)
        d->prev->next = d->next;
    else
        q->head = d->next;
    if (d->next)
        d->next->prev = d->prev;
    else
        q->tail = d->prev;
    *d = (struct deadline){.queue = NULL};
}

static void expire(struct loop *l)
{
    l->next_queue = l->queues;
    while (l->next_queue) {
        struct deadline_queue *q = l->next_queue;
        l->next_queue = q->next_queue;
        while (q->head && q->head->at.ms <= l->now.ms) {
            struct deadline *d = q->head;
            deadline_clear(d);
            q->expired(d);
        }
    }
}

/* How long epoll may wait: until the first of the queues' heads. -1 = for ever. */
static int wait_ms(const struct loop *l)
{
    if (l->first != &l->end)
        return 0;
    int64_t least_ms = -1;
    for (const struct deadline_queue *q = l->queues; q; q = q->next_queue) {
        if (!q->head)
            continue;
        int64_t ms = q->head->at.ms - l->now.ms;
        if (ms <= 0)
            return 0;
        if (least_ms < 0 || ms < least_ms)
            least_ms = ms;
    }
    return least_ms > INT_MAX ? INT_MAX : (int)least_ms;
}

/* ---- Work put off ----------------------------------------------------------------------- */

void loop_defer(struct loop *l, struct deferred *d)
{
    if (d->next)
        return;
    d->next = &l->end;
    *l->last = d;
    l->last = &d->next;
}

static void run_deferred(struct loop *l)
{
    struct deferred *d = l->first;
    l->first = &l->end;
    l->last = &l->first;
    while (d != &l->end) {
        struct deferred *next = d->next;
        d->next = NULL;
        d->run(d);
        d = next;
    }
}

/* ---- Waking ----------------------------------------------------------------------------- */

static void on_wake(struct watch *w, uint32_t events)
{
    struct loop *l = LOOP_OWNER(w, struct loop, wake);
    uint64_t count;
    (void)events; /* it is only ever readable */
    /* Fails only when it was read already. Read first: what comes later wakes anew. */
    ssize_t n = read(w->fd, &count, sizeof count);
    if (n == (ssize_t)sizeof count && l->woken)
        l->woken(l->woken_arg);
}

void loop_on_wake(struct loop *l, void (*woken)(void *arg), void *arg)
{
    l->woken = woken;
    l->woken_arg = arg;
}

void loop_wake(struct loop *l)
{
    static const uint64_t one = 1;
    /* Fails only when its counter is full: then it is readable, which is all that is wanted. */
    ssize_t n = write(l->wake.fd, &one, sizeof one);
    (void)n; /* as said */
}

/* ---- The loop --------------------------------------------------------------------------- */

static int open_descriptors(struct loop *l)
{
    l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (l->epoll_fd < 0)
        return -errno;
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return -errno;
    return loop_watch(l, &l->wake, fd, EPOLLIN); /* which keeps it there, also when it fails */
}

int loop_new(struct loop **ret)
{
    AUTO(loop) struct loop *l = calloc(1, sizeof *l);
    if (!l)
        return -ENOMEM;
    l->wake = (struct watch){.ready = on_wake, .fd = -1};
    l->first = &l->end;
    l->last = &l->first;
    l->now = clock_mono();
    int r = open_descriptors(l);
    if (r == 0)
        *ret = STEAL(l);
    return r;
}

void loop_free(struct loop *l)
{
    if (!l)
        return;
    while (l->first != &l->end)
        run_deferred(l);
    if (l->wake.fd >= 0)
        (void)close(l->wake.fd); /* nothing is kept in it */
    if (l->epoll_fd >= 0)
        (void)close(l->epoll_fd); /* the same */
    free(l);
}

mono_t loop_now(const struct loop *l)
{
    return l->now;
}

static int turn(struct loop *l)
{
    l->now = clock_mono(); /* the last turn took its time, too */
    int n = epoll_wait(l->epoll_fd, l->batch, BATCH_MAX, wait_ms(l));
    if (n < 0 && errno != EINTR)
        return -errno;
    l->now = clock_mono();
    l->batch_at = 0;
    l->batch_n = n > 0 ? (size_t)n : 0;
    tell_ready(l);
    expire(l);
    run_deferred(l);
    return 0;
}

int loop_run(struct loop *l)
{
    int r = 0;
    l->is_running = true;
    while (r == 0 && !l->is_stopped)
        r = turn(l);
    l->is_running = false;
    l->is_stopped = false;
    return r;
}

void loop_stop(struct loop *l)
{
    l->is_stopped = true;
}
