/* Group commit: many reports, one transaction, one sync of the disk. */
#include "ingest/writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "os/clock.h"

/* After so many jobs in a row failed each by itself it is the store that fails, not they. */
enum { FAILURES_IN_A_ROW = 3 };

struct chain {
    struct job *head, *tail;
};

struct writer {
    struct writer_setup setup;
    char *url;
    size_t company; /* so many jobs wait for no more */
    pthread_t thread;
    struct store *store; /* the thread's alone; NULL = to be opened anew */

    pthread_mutex_t lock; /* of all below */
    pthread_cond_t has_work;
    struct chain waiting, ended;
    size_t n_queued; /* in `waiting` */
    bool is_stopping;
    struct writer_stats stats;
    struct diag trouble; /* "" = well */
    struct diag told;    /* what health() was last told; the loop's alone */
};

static void chain_add(struct chain *c, struct job *j)
{
    j->next = NULL;
    if (c->tail)
        c->tail->next = j;
    else
        c->head = j;
    c->tail = j;
}

static struct job *chain_take(struct chain *c)
{
    struct job *j = c->head;
    if (j) {
        c->head = j->next;
        if (!c->head)
            c->tail = NULL;
        j->next = NULL;
    }
    return j;
}

static uint64_t now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* ---- The store, in the writer's thread ------------------------------------------------- */

static void note_trouble(struct writer *w, const char *text)
{
    (void)pthread_mutex_lock(&w->lock);
    w->stats.is_well = text[0] == '\0';
    (void)diag_set(&w->trouble, 0, "%s", text);
    (void)pthread_mutex_unlock(&w->lock);
}

/* A job may have failed for a reason of its own, of which the store says nothing. */
static void note_failure(struct writer *w, int error)
{
    struct diag d = {""};
    const char *said = store_diag(w->store);

    errno = -error; /* for %m */
    (void)diag_set(&d, error, "what was to be stored failed: %m");
    note_trouble(w, said[0] ? said : d.text);
}

static int open_store(struct writer *w, struct diag *d)
{
    int r = store_open(w->url, STORE_WRITE, &w->store, d);
    if (r < 0) {
        w->store = NULL;
        return r;
    }
    (void)pthread_mutex_lock(&w->lock);
    w->stats.opened++;
    (void)pthread_mutex_unlock(&w->lock);
    return 0;
}

static int reopen_store(struct writer *w)
{
    struct diag d = {""};
    store_close(w->store);
    w->store = NULL;
    int r = open_store(w, &d);
    if (r < 0)
        note_trouble(w, d.text);
    return r;
}

/* One transaction: what its commit took goes to the statistics. */
static int commit(struct writer *w)
{
    uint64_t began = now_us();
    int r = store_commit(w->store);
    uint64_t took = now_us() - began;

    (void)pthread_mutex_lock(&w->lock);
    w->stats.commits += r == 0;
    w->stats.commit_us += took;
    if (took > w->stats.commit_us_max)
        w->stats.commit_us_max = took;
    (void)pthread_mutex_unlock(&w->lock);
    return r;
}

/* Applies the jobs from `first` until `end` (NULL = all): all of them are on disk, or none. */
static int write_jobs(struct writer *w, struct job *first, const struct job *end)
{
    int r = store_begin(w->store);
    for (struct job *j = first; r == 0 && j != end; j = j->next)
        r = j->apply(j, w->store);
    if (r == 0)
        r = commit(w);
    if (r < 0) {
        note_failure(w, r);
        store_rollback(w->store);
        (void)pthread_mutex_lock(&w->lock);
        w->stats.failures++;
        (void)pthread_mutex_unlock(&w->lock);
    }
    return r;
}

/* After a batch failed: each job by itself, until it is plain that the store is at fault. How
 * the last one that was tried ended. */
static int write_singly(struct writer *w, struct job *first)
{
    int in_a_row = 0, error = 0;

    for (struct job *j = first; j; j = j->next) {
        if (in_a_row < FAILURES_IN_A_ROW && error != -ESTALE)
            error = write_jobs(w, j, j->next);
        in_a_row = error < 0 ? in_a_row + 1 : 0;
        j->error = error;
    }
    return error;
}

static void set_errors(struct job *first, int error)
{
    for (struct job *j = first; j; j = j->next)
        j->error = error;
}

/* Whether the file was put back or taken away under us, and the loop has not yet let go of it.
 */
static bool is_stale(struct writer *w)
{
    (void)pthread_mutex_lock(&w->lock);
    bool stale = w->stats.is_stale;
    (void)pthread_mutex_unlock(&w->lock);
    return stale;
}

/* The store is closed, to be opened anew by the next batch; a stale one when the loop says so.
 */
static void let_go(struct writer *w, int error)
{
    store_close(w->store);
    w->store = NULL;
    (void)pthread_mutex_lock(&w->lock);
    w->stats.is_stale = error == -ESTALE;
    (void)pthread_mutex_unlock(&w->lock);
}

static void write_batch(struct writer *w, struct job *first)
{
    int r = w->store ? 0 : is_stale(w) ? -ESTALE : reopen_store(w);
    if (r == 0)
        r = write_jobs(w, first, NULL);
    set_errors(first, r);
    if (r == 0) {
        note_trouble(w, "");
        return;
    }
    /* Another program that holds the store is waited for once, not once a job. */
    if (r != -EAGAIN && r != -ESTALE && w->store && first->next)
        r = write_singly(w, first);
    bool has_failed = false;
    for (const struct job *j = first; j; j = j->next)
        has_failed |= j->error < 0;
    if (!has_failed)
        note_trouble(w, "");
    else if (w->store && r != -EAGAIN) /* whom it waits for may hold the old of two files */
        let_go(w, r);
}

/* ---- The thread ------------------------------------------------------------------------ */

/*
 * Gives the first job company: a commit costs about the same for one as for many, in time and
 * in wear of the disk. With the lock held.
 */
static void gather(struct writer *w)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until); /* the condition's clock; cannot fail */
    until.tv_nsec += w->setup.gather_ms * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    while (w->n_queued < w->company && !w->is_stopping)
        if (pthread_cond_timedwait(&w->has_work, &w->lock, &until) == ETIMEDOUT)
            return;
}

/* Waits for work: the jobs of the next batch, chained; NULL when it is time to end. */
static struct job *take_batch(struct writer *w)
{
    struct chain batch = {NULL, NULL};

    (void)pthread_mutex_lock(&w->lock);
    while (!w->waiting.head && !w->is_stopping)
        (void)pthread_cond_wait(&w->has_work, &w->lock);
    gather(w);
    for (int64_t n = 0; n < w->setup.batch && w->waiting.head; n++, w->n_queued--)
        chain_add(&batch, chain_take(&w->waiting));
    w->stats.is_busy = batch.head != NULL;
    w->stats.busy_since = clock_mono();
    (void)pthread_mutex_unlock(&w->lock);
    return batch.head;
}

static void give_back(struct writer *w, struct job *first)
{
    (void)pthread_mutex_lock(&w->lock);
    w->stats.is_busy = false;
    while (first) {
        struct job *j = first;
        first = j->next;
        chain_add(&w->ended, j);
    }
    (void)pthread_mutex_unlock(&w->lock);
    w->setup.wake(w->setup.wake_arg);
}

static void *run(void *arg)
{
    struct writer *w = arg;

    for (;;) {
        struct job *batch = take_batch(w);
        if (!batch)
            return NULL;
        write_batch(w, batch);
        give_back(w, batch);
    }
}

/* ---- The loop's side ------------------------------------------------------------------- */

static void writer_free(struct writer *w)
{
    store_close(w->store);
    (void)pthread_cond_destroy(&w->has_work);
    (void)pthread_mutex_destroy(&w->lock);
    free(w->url);
    free(w);
}

/* None of these fails on Linux. */
static void init_condition(struct writer *w)
{
    pthread_condattr_t monotonic;

    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)pthread_cond_init(&w->has_work, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
}

/* More than a batch, or than the queue takes, will not come however long is waited. */
static size_t company_of(const struct writer_setup *setup)
{
    int64_t most = setup->batch < setup->queue ? setup->batch : setup->queue;
    return most < WRITER_COMPANY ? (size_t)most : WRITER_COMPANY;
}

int writer_start(const struct writer_setup *setup, struct writer **ret, struct diag *d)
{
    struct writer *w = calloc(1, sizeof(*w));
    if (!w)
        return diag_set(d, -ENOMEM, "out of memory");
    w->setup = *setup;
    w->stats.is_well = true;
    w->company = company_of(setup);
    init_condition(w);
    w->url = strdup(setup->store_url);
    int r = w->url ? open_store(w, d) : diag_set(d, -ENOMEM, "out of memory");
    if (r == 0) {
        int e = pthread_create(&w->thread, NULL, run, w);
        r = e == 0 ? 0 : diag_set(d, -e, "no thread for the writer: %s", strerror(e));
    }
    if (r < 0) {
        writer_free(w);
        return r;
    }
    *ret = w;
    return 0;
}

int writer_put(struct writer *w, struct job *j)
{
    int r = -EAGAIN;

    (void)pthread_mutex_lock(&w->lock);
    if (w->stats.waiting < (size_t)w->setup.queue && !w->is_stopping) {
        j->error = 0;
        chain_add(&w->waiting, j);
        w->stats.waiting++;
        w->n_queued++;
        if (w->n_queued == 1 || w->n_queued == w->company)
            (void)pthread_cond_signal(&w->has_work); /* in between it waits for company */
        r = 0;
    }
    (void)pthread_mutex_unlock(&w->lock);
    return r;
}

void writer_open_again(struct writer *w)
{
    (void)pthread_mutex_lock(&w->lock);
    w->stats.is_stale = false;
    (void)pthread_mutex_unlock(&w->lock);
}

static void tell_health(struct writer *w)
{
    struct diag now;

    (void)pthread_mutex_lock(&w->lock);
    now = w->trouble;
    (void)pthread_mutex_unlock(&w->lock);
    if (strcmp(now.text, w->told.text) == 0)
        return;
    w->told = now;
    w->setup.health(w->setup.wake_arg, now.text);
}

void writer_reap(struct writer *w)
{
    struct chain ended;

    (void)pthread_mutex_lock(&w->lock);
    ended = w->ended;
    w->ended = (struct chain){NULL, NULL};
    for (const struct job *j = ended.head; j; j = j->next)
        w->stats.waiting--;
    (void)pthread_mutex_unlock(&w->lock);
    tell_health(w);
    for (struct job *j = chain_take(&ended); j; j = chain_take(&ended))
        j->done(j, j->error); /* it may be freed by this */
}

struct writer_stats writer_stats(struct writer *w)
{
    (void)pthread_mutex_lock(&w->lock);
    struct writer_stats stats = w->stats;
    (void)pthread_mutex_unlock(&w->lock);
    return stats;
}

void writer_stop(struct writer *w)
{
    if (!w)
        return;
    (void)pthread_mutex_lock(&w->lock);
    w->is_stopping = true;
    (void)pthread_cond_signal(&w->has_work);
    (void)pthread_mutex_unlock(&w->lock);
    (void)pthread_join(w->thread, NULL); /* it has no way but out */
    writer_reap(w);
    writer_free(w);
}
