/* The writer thread on a real store: order, one commit for many, and what failures cost. */
#include "ingest/writer.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "os/clock.h"
#include "support/leak.h"
#include "support/store_fixture.h"

SUITE(writer);

enum {
    PATIENCE_S = 60, /* only where something hangs */
    JOBS_MAX = 512,
    TOLD_MAX = 16,
    LONG_MS = 20000, /* a gather time that no test could sit out unnoticed */
};

/* ---- A loop of the test's own ---------------------------------------------------------- */

struct desk {
    struct store_place place;
    struct writer *writer;
    sem_t woken;
    sem_t gate; /* jobs that wait for it hold the thread up */
    sem_t held; /* one of them is there */
    int n_applied;
    int applied[4 * JOBS_MAX]; /* numbers of jobs, in the order of the calls */
    int n_done;
    int done[JOBS_MAX];
    int n_told;
    struct diag told[TOLD_MAX];
};

/* What a job does. */
enum act {
    ACT_STORE, /* an event that bears its number */
    ACT_FAIL,  /* stores too, and fails then for a reason of its own */
    ACT_HOLD,  /* waits for the gate, then stores */
    ACT_MOVE,  /* takes the store's file away, and fails */
};

struct fake {
    struct job job;
    struct desk *desk;
    int number;
    enum act act;
    int error;
    bool is_done;
};

static void path_of(const struct desk *d, char out[static TEMP_PATH_SIZE])
{
    (void)snprintf(out, TEMP_PATH_SIZE, "%s", d->place.url + strlen("sqlite:"));
}

static void move_store(const struct desk *d, const char *suffix)
{
    char from[TEMP_PATH_SIZE], to[TEMP_PATH_SIZE + 16];
    path_of(d, from);
    (void)snprintf(to, sizeof to, "%s%s", from, suffix);
    cr_assert_eq(rename(from, to), 0, "%s: %s", from, strerror(errno));
}

static int apply_fake(struct job *j, struct store *s)
{
    struct fake *f = (struct fake *)j;
    struct desk *d = f->desk;

    d->applied[d->n_applied++] = f->number;
    if (f->act == ACT_HOLD) {
        (void)sem_post(&d->held);
        (void)sem_wait(&d->gate);
    }
    if (f->act == ACT_MOVE) {
        move_store(d, ".moved");
        return -EIO;
    }
    const struct store_event e = {.at = {f->number},
                                  .what = "noted",
                                  .who = "",
                                  .server = "",
                                  .reseller = "",
                                  .details = ""};
    int r = store_put_event(s, &e);
    return r == 0 && f->act == ACT_FAIL ? -EIO : r;
}

static void done_fake(struct job *j, int error)
{
    struct fake *f = (struct fake *)j;

    cr_assert_not(f->is_done, "job %d ended twice", f->number);
    f->is_done = true;
    f->error = error;
    f->desk->done[f->desk->n_done++] = f->number;
}

static void wake(void *arg)
{
    (void)sem_post(&((struct desk *)arg)->woken);
}

static void health(void *arg, const char *trouble)
{
    struct desk *d = arg;
    cr_assert_lt(d->n_told, TOLD_MAX);
    (void)diag_set(&d->told[d->n_told++], 0, "%s", trouble);
}

static void desk_open(struct desk *d, int64_t queue, int64_t batch, int64_t gather_ms)
{
    struct store *s = NULL;
    struct diag e = {""};

    memset(d, 0, sizeof *d);
    cr_assert_eq(sem_init(&d->woken, 0, 0), 0);
    cr_assert_eq(sem_init(&d->gate, 0, 0), 0);
    cr_assert_eq(sem_init(&d->held, 0, 0), 0);
    cr_assert_eq(store_backends[0].find_place(&d->place), 0);
    cr_assert_eq(store_open(d->place.url, STORE_CREATE, &s, &e), 0, "%s", e.text);
    store_close(s);
    const struct writer_setup setup = {d->place.url, queue, batch, gather_ms, wake, d, health};
    cr_assert_eq(writer_start(&setup, &d->writer, &e), 0, "%s", e.text);
}

static void desk_done(struct desk *d)
{
    writer_stop(d->writer);
    (void)sem_destroy(&d->woken);
    (void)sem_destroy(&d->gate);
    (void)sem_destroy(&d->held);
    temp_done(&d->place.dir);
}

static void wait_on(sem_t *s, const char *what)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    cr_assert_eq(sem_timedwait(s, &until), 0, "waited in vain for %s", what);
}

/* Until so many have ended since the desk was opened. */
static void wait_for(struct desk *d, int n)
{
    while (d->n_done < n) {
        wait_on(&d->woken, "the writer");
        writer_reap(d->writer);
    }
}

static struct fake fake(struct desk *d, int number, enum act act)
{
    return (struct fake){.job = {.apply = apply_fake, .done = done_fake},
                         .desk = d,
                         .number = number,
                         .act = act,
                         .error = 1};
}

static void put(struct desk *d, struct fake *f)
{
    cr_assert_eq(writer_put(d->writer, &f->job), 0, "job %d", f->number);
}

/*
 * `n` jobs that make one batch: the thread is held up by another one (number -1) meanwhile.
 * All of them have ended on return.
 */
static void put_batch(struct desk *d, struct fake *jobs, int n)
{
    struct fake first = fake(d, -1, ACT_HOLD);
    int before = d->n_done;

    put(d, &first);
    wait_on(&d->held, "the job that holds it up");
    for (int i = 0; i < n; i++)
        put(d, &jobs[i]);
    (void)sem_post(&d->gate);
    wait_for(d, before + 1 + n);
    cr_assert_eq(first.error, 0);
}

/* The numbers of all jobs that are in the store, as another connection finds them: "1 2 3". */
static void read_stored(const struct desk *d, struct buf *ret)
{
    struct store *s = NULL;
    struct store_scan *scan = NULL;
    struct store_event row;
    struct diag e = {""};
    int r;

    cr_assert_eq(store_open(d->place.url, STORE_READ, &s, &e), 0, "%s", e.text);
    cr_assert_eq(store_scan_events(s, NULL, &scan), 0, "%s", store_diag(s));
    while ((r = store_next_event(scan, &row)) > 0)
        buf_printf(ret, "%s%lld", ret->len > 0 ? " " : "", (long long)row.at.s);
    cr_assert_eq(r, 0, "%s", store_diag(s));
    store_scan_end(scan);
    store_close(s);
}

#define EXPECT_STORED(d, text)                                                                 \
    do {                                                                                       \
        AUTO(buf) struct buf stored_ = BUF_INIT(4096);                                         \
        read_stored(d, &stored_);                                                              \
        cr_assert_str_eq(buf_str(&stored_), text);                                             \
    } while (0)

/* ---- When all is well -------------------------------------------------------------------- */

Test(writer, jobs_are_written_and_told_of_in_their_order)
{
    struct desk d;
    struct fake jobs[5];

    desk_open(&d, 16, 16, 0);
    for (int i = 0; i < 5; i++) {
        jobs[i] = fake(&d, i, ACT_STORE);
        put(&d, &jobs[i]);
    }
    wait_for(&d, 5);
    for (int i = 0; i < 5; i++) {
        cr_assert_eq(jobs[i].error, 0);
        cr_assert_eq(d.done[i], i);
    }
    EXPECT_STORED(&d, "0 1 2 3 4");
    desk_done(&d);
}

Test(writer, what_waits_together_is_one_commit)
{
    struct desk d;
    struct fake jobs[40];

    desk_open(&d, 64, 256, 0);
    for (int i = 0; i < 40; i++)
        jobs[i] = fake(&d, i, ACT_STORE);
    put_batch(&d, jobs, 40);
    cr_assert_eq(writer_stats(d.writer).commits, 2, "the one that held it up, and the 40");
    cr_assert_eq(writer_stats(d.writer).failures, 0);
    desk_done(&d);
}

Test(writer, a_commit_has_no_more_than_a_batch)
{
    struct desk d;
    struct fake jobs[10];

    desk_open(&d, 64, 4, 0);
    for (int i = 0; i < 10; i++)
        jobs[i] = fake(&d, i, ACT_STORE);
    put_batch(&d, jobs, 10);
    cr_assert_eq(writer_stats(d.writer).commits, 1 + 3, "4 and 4 and 2");
    EXPECT_STORED(&d, "-1 0 1 2 3 4 5 6 7 8 9");
    desk_done(&d);
}

Test(writer, a_job_is_told_of_its_end_after_it_is_on_disk)
{
    struct desk d;
    struct fake job = fake(&d, 7, ACT_STORE);

    desk_open(&d, 4, 4, 0);
    put(&d, &job);
    wait_on(&d.woken, "the writer"); /* not reaped: it is there before anybody is told */
    EXPECT_STORED(&d, "7");
    cr_assert_not(job.is_done);
    writer_reap(d.writer);
    cr_assert(job.is_done);
    desk_done(&d);
}

/* ---- Company ------------------------------------------------------------------------------
 */

Test(writer, enough_company_is_waited_for_no_longer)
{
    static const struct {
        int64_t queue, batch;
        int jobs;
        const char *why;
    } rows[] = {
        {256, 256, WRITER_COMPANY, "so many gain little by more"},
        {256, 3, 3, "a batch is full"},
        {5, 5, 5, "the queue is full: no other can come"},
        {256, 1, 1, "each is a batch"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct desk d;
        struct fake jobs[WRITER_COMPANY];
        mono_t began = clock_mono();

        desk_open(&d, rows[i].queue, rows[i].batch, LONG_MS);
        for (int n = 0; n < rows[i].jobs; n++) {
            jobs[n] = fake(&d, n, ACT_STORE);
            put(&d, &jobs[n]);
        }
        wait_for(&d, rows[i].jobs);
        cr_assert_lt(clock_mono().ms - began.ms, LONG_MS / 2, "%s", rows[i].why);
        cr_assert_eq(writer_stats(d.writer).commits, 1, "%s", rows[i].why);
        desk_done(&d);
    }
}

Test(writer, a_job_waits_for_others_as_long_as_it_was_told)
{
    struct desk d;
    struct fake jobs[2];
    mono_t began = clock_mono();

    desk_open(&d, 16, 16, 300);
    for (int i = 0; i < 2; i++) {
        jobs[i] = fake(&d, i, ACT_STORE);
        put(&d, &jobs[i]);
    }
    wait_for(&d, 2);
    cr_assert_geq(clock_mono().ms - began.ms, 300);
    cr_assert_eq(writer_stats(d.writer).commits, 1, "the second was its company");
    desk_done(&d);
}

/* ---- Bounds and the end --------------------------------------------------------------------
 */

Test(writer, a_full_queue_takes_no_more_until_some_have_ended)
{
    struct desk d;
    struct fake held = fake(&d, 0, ACT_HOLD), second = fake(&d, 1, ACT_STORE),
                third = fake(&d, 2, ACT_STORE);

    desk_open(&d, 2, 2, 0);
    put(&d, &held);
    put(&d, &second);
    cr_assert_eq(writer_put(d.writer, &third.job), -EAGAIN);
    cr_assert_eq(writer_stats(d.writer).waiting, 2);
    (void)sem_post(&d.gate);
    wait_for(&d, 2);
    cr_assert_eq(writer_stats(d.writer).waiting, 0);
    put(&d, &third);
    wait_for(&d, 3);
    EXPECT_STORED(&d, "0 1 2");
    desk_done(&d);
}

Test(writer, stopping_writes_what_was_taken_and_does_not_wait_for_company)
{
    struct desk d;
    struct fake jobs[30];
    mono_t began = clock_mono();

    desk_open(&d, 64, 8, LONG_MS);
    for (int i = 0; i < 30; i++) {
        jobs[i] = fake(&d, i, ACT_STORE);
        put(&d, &jobs[i]);
    }
    writer_stop(d.writer);
    d.writer = NULL;
    cr_assert_eq(d.n_done, 30);
    for (int i = 0; i < 30; i++)
        cr_assert_eq(jobs[i].error, 0);
    cr_assert_lt(clock_mono().ms - began.ms, LONG_MS / 2);
    desk_done(&d);
}

Test(writer, without_a_store_it_does_not_start)
{
    struct writer *w = NULL;
    struct diag e = {""};
    const struct writer_setup setup = {
        "sqlite:/nowhere/at/all.db", 1, 1, 0, wake, NULL, health};

    cr_assert_eq(writer_start(&setup, &w, &e), -ENOENT);
    cr_assert_null(w);
    cr_assert(strstr(e.text, "/nowhere/at/all.db"), "%s", e.text);
}

/* ---- Failures
 * -------------------------------------------------------------------------------- */

Test(writer, one_that_fails_harms_no_other)
{
    struct desk d;
    struct fake jobs[6];

    desk_open(&d, 16, 16, 0);
    for (int i = 0; i < 6; i++)
        jobs[i] = fake(&d, i, i == 1 || i == 4 ? ACT_FAIL : ACT_STORE);
    put_batch(&d, jobs, 6);
    for (int i = 0; i < 6; i++) {
        cr_assert_eq(jobs[i].error, i == 1 || i == 4 ? -EIO : 0, "job %d", i);
        cr_assert_eq(d.done[1 + i], i, "in their order, also so");
    }
    EXPECT_STORED(&d, "-1 0 2 3 5");
    desk_done(&d);
}

Test(writer, a_store_that_fails_for_all_is_not_asked_for_each)
{
    struct desk d;
    struct fake jobs[50], after = fake(&d, 99, ACT_STORE);

    desk_open(&d, 64, 64, 0);
    for (int i = 0; i < 50; i++)
        jobs[i] = fake(&d, i, ACT_FAIL);
    put_batch(&d, jobs, 50);
    for (int i = 0; i < 50; i++)
        cr_assert_eq(jobs[i].error, -EIO, "job %d", i);
    cr_assert_eq(d.n_applied, 1 + 1 + 3, "held, the batch's first, three by themselves");
    cr_assert_not(writer_stats(d.writer).is_well);
    put(&d, &after);
    wait_for(&d, 52);
    cr_assert_eq(after.error, 0);
    cr_assert_eq(writer_stats(d.writer).opened, 2, "it was opened anew for it");
    cr_assert(writer_stats(d.writer).is_well);
    EXPECT_STORED(&d, "-1 99");
    desk_done(&d);
}

Test(writer, health_is_told_once_a_change_and_always_with_a_reason)
{
    struct desk d;
    struct fake jobs[6];

    desk_open(&d, 16, 16, 0);
    for (int i = 0; i < 6; i++) { /* well, three times in trouble, well again, twice */
        jobs[i] = fake(&d, i, i >= 1 && i <= 3 ? ACT_FAIL : ACT_STORE);
        put(&d, &jobs[i]);
        wait_for(&d, i + 1);
        cr_assert_eq(writer_stats(d.writer).is_well, jobs[i].error == 0, "job %d", i);
    }
    cr_assert_eq(d.n_told, 2, "%d", d.n_told);
    cr_assert_str_neq(d.told[0].text, "", "its reason");
    cr_assert_str_eq(d.told[1].text, "");
    desk_done(&d);
}

Test(writer, a_file_that_was_replaced_is_opened_when_the_loop_says_so)
{
    struct desk d;
    struct fake jobs[4];
    char path[TEMP_PATH_SIZE];
    struct store *s = NULL;
    struct diag e = {""};

    desk_open(&d, 16, 16, 0);
    for (int i = 0; i < 4; i++)
        jobs[i] = fake(&d, i, ACT_STORE);
    put(&d, &jobs[0]);
    wait_for(&d, 1);
    move_store(&d, ".old");
    path_of(&d, path);
    put(&d, &jobs[1]); /* notices */
    wait_for(&d, 2);
    cr_assert_eq(jobs[1].error, -ESTALE);
    cr_assert(writer_stats(d.writer).is_stale);
    cr_assert_eq(store_open(d.place.url, STORE_CREATE, &s, &e), 0, "%s", e.text);
    store_close(s);
    put(&d, &jobs[2]); /* the loop has not let go of it yet */
    wait_for(&d, 3);
    cr_assert_eq(jobs[2].error, -ESTALE);
    writer_open_again(d.writer);
    put(&d, &jobs[3]);
    wait_for(&d, 4);
    cr_assert_eq(jobs[3].error, 0);
    EXPECT_STORED(&d, "3");
    desk_done(&d);
}

/* Found while the jobs of a batch that failed for another reason are tried one by one. */
Test(writer, a_file_that_goes_in_the_middle_is_waited_for_too)
{
    struct desk d;
    struct fake jobs[2] = {fake(&d, 0, ACT_MOVE), fake(&d, 1, ACT_STORE)};

    desk_open(&d, 16, 16, 0);
    put_batch(&d, jobs, 2);
    cr_assert_eq(jobs[0].error, -ESTALE);
    cr_assert_eq(jobs[1].error, -ESTALE);
    cr_assert(writer_stats(d.writer).is_stale, "the loop still holds the old one");
    desk_done(&d);
}

Test(writer, a_store_that_is_away_is_looked_for_with_each_batch)
{
    struct desk d;
    struct fake jobs[3];
    char path[TEMP_PATH_SIZE], moved[TEMP_PATH_SIZE + 16];

    desk_open(&d, 16, 16, 0);
    for (int i = 0; i < 3; i++)
        jobs[i] = fake(&d, i, i == 0 ? ACT_FAIL : ACT_STORE);
    put(&d, &jobs[0]); /* so it is closed */
    wait_for(&d, 1);
    move_store(&d, ".away");
    put(&d, &jobs[1]);
    wait_for(&d, 2);
    cr_assert_eq(jobs[1].error, -ENOENT);
    path_of(&d, path);
    (void)snprintf(moved, sizeof moved, "%s.away", path);
    cr_assert_eq(rename(moved, path), 0);
    put(&d, &jobs[2]);
    wait_for(&d, 3);
    cr_assert_eq(jobs[2].error, 0);
    cr_assert(writer_stats(d.writer).is_well);
    EXPECT_STORED(&d, "2");
    desk_done(&d);
}
