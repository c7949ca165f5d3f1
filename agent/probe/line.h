/*
 * The line to the keeper: one at a time, a newer one replaces the older one. What comes over it
 * can only be lists of targets; anything else ends it.
 */
#ifndef PROBE_LINE_H
#define PROBE_LINE_H

#include <sys/types.h>

#include "message/message.h"
#include "os/log.h"
#include "os/loop.h"
#include "packet/sight.h"

struct line;

#define LINE_USERS 2

struct line_order {
    struct loop *loop; /* borrowed, with the log */
    const struct log *log;
    uid_t users[LINE_USERS]; /* who may connect, beside root */
    /* A keeper is there. */
    void (*opened)(void *arg);
    /* It is gone, as line_say() may find, too; was_read: it took all that was said to it. */
    void (*closed)(void *arg, bool was_read);
    /* After a line_say() that could not: now it can. */
    void (*ready)(void *arg);
    void (*targets)(void *arg, const struct sight_target *v, size_t n); /* borrowed */
    /* The line that was handed over with line_take() has ended: there will be no other. */
    void (*ended)(void *arg);
    void *arg;
};

MUST_USE int line_new(const struct line_order *o, struct line **ret); /* 0 or -ENOMEM */
void line_free(struct line *l); /* closes what it was given; calls nobody */
static inline void line_done(struct line **l)
{
    line_free(*l);
}

/* Keepers connect to this listener / this is the line to the only one. 0 or -errno; the
 * descriptor is the line's in any case. */
MUST_USE int line_listen(struct line *l, int listener);
MUST_USE int line_take(struct line *l, int fd);

bool line_is_open(const struct line *l);
/* 0; -EAGAIN: not now, ready() follows; -EPIPE: there is no keeper (any more). */
MUST_USE int line_say(struct line *l, const struct message *m);
/* Whether the keeper took all that was said to it. False where the kernel cannot tell. */
bool line_was_read(const struct line *l);

#endif
