/*
 * The sorter on SQLite: pairs are appended to a table of an unnamed temporary database, and
 * read back by its merging sorter. Both keep to a fixed amount of memory and spill to unlinked
 * files.
 */
#include "store/sorter.h"

#include <errno.h>
#include <sqlite3.h>

struct sorter {
    sqlite3 *db;
    sqlite3_stmt *put, *next;
    bool is_over;
};

static int error_of(int rc)
{
    return (rc & 0xff) == SQLITE_NOMEM ? -ENOMEM : -EIO;
}

void sorter_free(struct sorter *s)
{
    if (!s)
        return;
    (void)sqlite3_finalize(s->put); /* repeats an error that was returned */
    (void)sqlite3_finalize(s->next);
    (void)sqlite3_close(s->db);
    free(s);
}

/*
 * 16 MiB of cache; what is more lies in the file. A rowid table, so that putting appends; the
 * rowid is the running number that keeps equal keys in order. Nothing here need survive a
 * crash: no journal, one transaction that is never committed.
 */
static const char setup[] = "PRAGMA cache_size = -16384; PRAGMA temp_store = FILE;"
                            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                            "PRAGMA locking_mode = EXCLUSIVE; PRAGMA secure_delete = OFF;"
                            "BEGIN;"
                            "CREATE TABLE pair(number INTEGER PRIMARY KEY, key BLOB NOT NULL,"
                            " value BLOB NOT NULL) STRICT;";

static int set_up(struct sorter *s)
{
    int rc = sqlite3_open_v2(
        "", &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(s->db, setup, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(s->db, "INSERT INTO pair(key, value) VALUES(?1, ?2)", -1,
                                &s->put, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(s->db, "SELECT key, value FROM pair ORDER BY key, number", -1,
                                &s->next, NULL);
    return rc;
}

int sorter_new(struct sorter **ret, struct diag *d)
{
    struct sorter *s = calloc(1, sizeof *s);
    if (!s)
        return diag_set(d, -ENOMEM, "out of memory");
    int rc = set_up(s);
    if (rc != SQLITE_OK) {
        int r = diag_set(d, error_of(rc), "a temporary file for sorting: %s: look at TMPDIR",
                         s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(rc));
        sorter_free(s);
        return r;
    }
    *ret = s;
    return 0;
}

/* A pointer to nothing may be NULL, which would bind NULL. */
static int bind(sqlite3_stmt *st, int at, struct text t)
{
    if (t.n == 0)
        return sqlite3_bind_zeroblob(st, at, 0);
    return sqlite3_bind_blob64(st, at, t.p, t.n, SQLITE_STATIC);
}

int sorter_put(struct sorter *s, struct text key, struct text value)
{
    int rc = bind(s->put, 1, key);
    if (rc == SQLITE_OK)
        rc = bind(s->put, 2, value);
    if (rc != SQLITE_OK)
        return error_of(rc);
    (void)sqlite3_step(s->put); /* the reset tells how it went */
    rc = sqlite3_reset(s->put);
    return rc == SQLITE_OK ? 0 : error_of(rc);
}

static struct text column(sqlite3_stmt *st, int i)
{
    const char *p = sqlite3_column_blob(st, i); /* before its length; NULL for an empty one */
    return (struct text){p ? p : "", (size_t)sqlite3_column_bytes(st, i)};
}

int sorter_next(struct sorter *s, struct text *ret_key, struct text *ret_value)
{
    if (s->is_over)
        return 0; /* another step would begin from the start */
    int rc = sqlite3_step(s->next);
    s->is_over = rc != SQLITE_ROW;
    if (rc != SQLITE_ROW)
        return rc == SQLITE_DONE ? 0 : error_of(rc);
    *ret_key = column(s->next, 0);
    *ret_value = column(s->next, 1);
    return 1;
}

int sorter_rewind(struct sorter *s)
{
    (void)sqlite3_reset(s->next); /* repeats an error that was returned */
    s->is_over = false;
    return 0;
}
