/* Transactions and snapshots, and the tally that every commit brings up to date. */
#include "store/sqlite_backend.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* IMMEDIATE takes the write lock at once: a later upgrade could fail half-way. */
static const struct query begin = {QUERY_BEGIN, "BEGIN IMMEDIATE"};
static const struct query commit = {QUERY_COMMIT, "COMMIT"};
static const struct query tally = {
    QUERY_TALLY,
    "UPDATE tally SET first = CASE WHEN ?1 < first THEN ?1 ELSE coalesce(first, ?1) END,"
    " sightings = sightings + ?2, mail_rows = mail_rows + ?3"};
static const struct query tally_get = {QUERY_TALLY_GET,
                                       "SELECT first, sightings + mail_rows FROM tally"};

static void forget_transaction(struct lite_store *s)
{
    s->in_write = false;
    s->has_failed = false;
    s->more_sightings = 0;
    s->more_mail_rows = 0;
    s->earliest = WALL_END;
}

/*
 * Whether the path still leads to the file that is open. A backup put in its place, or its
 * removal, goes unnoticed otherwise: what is then written is gone with the last descriptor.
 */
static int check_place(struct lite_store *s)
{
    struct stat st;
    if (stat(s->path, &st) != 0) {
        if (errno != ENOENT && errno != ENOTDIR)
            return diag_set(&s->base.diag, -EIO, "%s: %s", s->path, strerror(errno));
        return diag_set(&s->base.diag, -ESTALE, "%s was removed: open it anew", s->path);
    }
    if (st.st_dev != s->device || st.st_ino != s->inode)
        return diag_set(&s->base.diag, -ESTALE, "%s was replaced by another file: open it anew",
                        s->path);
    return 0;
}

/* Whether files that SQLite finds by the store's name are there, whosever they are. */
static bool has_companions(const struct lite_store *s)
{
    static const char *const suffixes[] = {"-wal", "-shm"};
    struct stat st;

    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        AUTO_FREE char *name = NULL;
        if (asprintf(&name, "%s%s", s->path, suffixes[i]) < 0) {
            name = NULL;
            return true;
        }
        if (stat(name, &st) == 0)
            return true;
    }
    return false;
}

/*
 * The log, which SQLite finds by its name, is ours as long as it was not moved along: left as
 * it is it would be replayed into the file that is there now. What it holds belongs into the
 * one that we have open, wherever that was put. Somebody who still reads that one keeps its log
 * from being emptied: until then nobody may open the new one.
 */
static int empty_log(struct lite_store *s)
{
    int rc = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if (rc == SQLITE_OK || !has_companions(s))
        return -ESTALE;
    return diag_set(&s->base.diag, -EAGAIN,
                    "%s was replaced or removed, and the log beside it cannot be emptied (%s): "
                    "end the programs that still read the old one",
                    s->path, sqlite3_errstr(rc));
}

int lite_begin(struct store *store)
{
    struct lite_store *s = lite_of(store);
    if (s->is_read_only)
        return lite_writable(s);
    assert(!s->in_write && s->snapshots == 0);
    int r = lite_run(s, &begin, NULL, 0);
    s->in_write = r == 0;
    if (r == 0)
        r = check_place(s); /* after the wait for another writer */
    if (r < 0)
        lite_rollback(store);
    return r == -ESTALE ? empty_log(s) : r;
}

static int write_tally(struct lite_store *s)
{
    if (s->more_sightings == 0 && s->more_mail_rows == 0 && s->earliest.s == WALL_END.s)
        return 0;
    int r = LITE_RUN(s, &tally, s->earliest.s == WALL_END.s ? SQL_NULL : INT(s->earliest.s),
                     INT(s->more_sightings), INT(s->more_mail_rows));
    if (r < 0)
        return r;
    s->more_sightings = 0;
    s->more_mail_rows = 0;
    s->earliest = WALL_END;
    return 0;
}

int lite_commit(struct store *store)
{
    struct lite_store *s = lite_of(store);
    int r = lite_writable(s);
    if (r == 0)
        r = write_tally(s);
    if (r == 0)
        r = lite_run(s, &commit, NULL, 0);
    if (r < 0) {
        lite_rollback(store);
        return r;
    }
    forget_transaction(s);
    return 0;
}

void lite_rollback(struct store *store)
{
    struct lite_store *s = lite_of(store);
    if (!s->in_write)
        return;
    /* After a full disk SQLite may have rolled back already: then there is nothing to do. The
     * message of what went wrong before stays. */
    if (!sqlite3_get_autocommit(s->db))
        (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    /* The numbers that it remembers may have been given by what was now undone. */
    memset(s->senders, 0, LITE_SENDERS * sizeof *s->senders);
    forget_transaction(s);
}

/* The state is that of the first read, which is made here. */
static int hold_state(struct lite_store *s)
{
    int64_t n;
    int r = lite_exec(s, "BEGIN");
    if (r == 0)
        r = lite_get_int(s, "SELECT count(*) FROM tally", &n);
    if (r < 0 && !sqlite3_get_autocommit(s->db))
        (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL); /* the first error is told */
    return r;
}

int lite_snapshot(struct store *store)
{
    struct lite_store *s = lite_of(store);
    int r = 0;
    if (!s->in_write && s->snapshots == 0) /* in a transaction reads see one state anyway */
        r = hold_state(s);
    if (r == 0)
        s->snapshots++;
    return r;
}

void lite_snapshot_end(struct store *store)
{
    struct lite_store *s = lite_of(store);
    if (s->snapshots == 0)
        return;
    s->snapshots--;
    if (s->snapshots == 0 && !s->in_write)
        (void)sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL); /* nothing was written */
}

/* 1 with the tally's row, which `st` holds until reset. */
static int read_tally(struct lite_store *s, sqlite3_stmt **ret)
{
    int r = s->in_write && !s->has_failed ? write_tally(s) : 0;
    if (r == 0)
        r = lite_use(s, &tally_get, NULL, 0, ret);
    if (r == 0)
        r = lite_step(s, *ret);
    return r == 0 ? lite_damaged(s, "the tally is missing") : r;
}

int lite_first_evidence(struct store *store, wall_t *ret)
{
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    int r = read_tally(lite_of(store), &st);
    if (r < 0)
        return r;
    if (sqlite3_column_type(st, 0) == SQLITE_NULL)
        return diag_set(&store->diag, -ENOENT, "nothing was reported yet");
    ret->s = sqlite3_column_int64(st, 0);
    return 0;
}

int lite_estimate_rows(struct store *store, int64_t *ret)
{
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    int r = read_tally(lite_of(store), &st);
    if (r < 0)
        return r;
    *ret = sqlite3_column_int64(st, 1);
    return 0;
}
