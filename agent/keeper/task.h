/*
 * A child with something to do: bytes in, messages out, a deadline. Used for the look and the
 * uplink, so that what they touch is in no memory of ours once they ended.
 */
#ifndef KEEPER_TASK_H
#define KEEPER_TASK_H

#include "base/text.h"
#include "message/message.h"
#include "os/loop.h"

struct task;

struct task_order {
    const char *program;     /* one of our own (spawn_find) */
    const char *const *argv; /* NULL-terminated; borrowed for the call */
    char *take_input; /* for its standard input; freed by the task in any case; may be NULL */
    size_t input_bytes;
    uint32_t allowed; /* kinds that it may send (MESSAGE_BIT); all else ends it */
    int64_t deadline_ms;
    /* Each message, as it comes. */
    void (*message)(void *arg, const struct message *m);
    /* Once, at last. `why` NULL: it ended with 0, and everything it sent was whole. The task is
     * gone after this call; it may start another. */
    void (*ended)(void *arg, const char *why);
    void *arg;
};

/* 0 or -errno with the reason; `ended` is not called then. */
MUST_USE int task_start(struct loop *l, const struct task_order *o, struct task **ret,
                        struct diag *d);
/* Ends it at once; `ended` is not called. Takes NULL. */
void task_kill(struct task *t);

#endif
