/*
 * The one writer: a thread that takes jobs from a bounded queue and applies as many as there
 * are, up to a batch, in one transaction of the store (group commit). A job is told of its end
 * only after the commit that made it durable, or after it failed.
 *
 * Where a batch fails, its jobs are tried again one by one, so that one that cannot be stored
 * harms no other. Where the store itself fails it is opened anew before the next batch. Nothing
 * here ends the process.
 */
#ifndef INGEST_WRITER_H
#define INGEST_WRITER_H

#include "base/diag.h"
#include "base/times.h"
#include "store/store.h"

/*
 * Embedded in what is to be done.
 *
 * apply   in the writer's thread, inside a transaction; may be called again after a rollback.
 *         What is refused for its own sake is 0 too, and noted in the job; an error rolls back.
 * done    in the loop's thread: error = 0 when it is on disk.
 */
struct job {
    int (*apply)(struct job *j, struct store *s);
    void (*done)(struct job *j, int error);
    struct job *next;
    int error;
};

struct writer;

/* Beyond so many in one commit little is gained (measured); so nobody waits for more. */
#define WRITER_COMPANY 64

/* All borrowed for the writer's life. */
struct writer_setup {
    const char *store_url;
    int64_t queue, batch;
    int64_t gather_ms; /* how long a job may wait for others; WRITER_COMPANY wait no longer */
    /* Called in the writer's thread when jobs are done: wakes the loop, which then calls
     * writer_reap(). */
    void (*wake)(void *arg);
    void *wake_arg;
    /* The store's failures, each time the text changes or it is well again ("" then). Called
     * in the loop's thread, from writer_reap(). */
    void (*health)(void *arg, const char *trouble);
};

/* Opens the store (an older schema is brought up to date) and starts the thread. Errors as of
 * store_open(). */
MUST_USE int writer_start(const struct writer_setup *setup, struct writer **ret,
                          struct diag *d);

/* Hands a job over. -EAGAIN: the queue is full, the job stays the caller's. */
MUST_USE int writer_put(struct writer *w, struct job *j);

/* Calls `done` of all that have ended since. In the loop's thread. */
void writer_reap(struct writer *w);

/* What was counted since the start. Consistent with each other. */
struct writer_stats {
    uint64_t commits, failures, commit_us, commit_us_max;
    size_t waiting;    /* jobs that have been put and not reaped */
    uint64_t opened;   /* how often the store was opened: more than once after a failure */
    mono_t busy_since; /* with `is_busy`: since when the present batch is being written */
    bool is_busy;
    bool is_well;  /* the last batch was committed */
    bool is_stale; /* the store's file is another than was opened: see writer_open_again() */
};
struct writer_stats writer_stats(struct writer *w);

/*
 * After `is_stale`: the loop has closed its own connection to the old file, so the new one may
 * be opened. (SQLite's locks are the process': as long as one connection to the old file is
 * open, its end would drop those of the new one.) Until then every job fails.
 */
void writer_open_again(struct writer *w);

/* Ends the thread after what is in the queue, reaps, closes the store. */
void writer_stop(struct writer *w);

#endif
