/* SQLite's statements, errors and transactions, as the other files of the spool use them. */
#include "spool/spool_parts.h"

#include "base/text.h"

#include <errno.h>
#include <string.h>

/* ---- Errors -------------------------------------------------------------------------- */

int sql_damaged(struct spool *s, const char *what)
{
    char said[TEXT_QUOTE_SIZE]; /* the library repeats what it reads, whatever that is */
    return diag_set(&s->diag, -EBADF, "%s is damaged (%s): it will be set aside", s->path,
                    text_quote(text_of(what), said));
}

/* Whether the path leads elsewhere by now: what is written would be gone with the last
 * descriptor. */
static bool has_moved(struct spool *s)
{
    int moved = 0;
    int rc = sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return rc == SQLITE_OK && moved != 0;
}

static int moved_error(struct spool *s)
{
    return diag_set(&s->diag, -EBADF, "%s was removed or replaced: open it anew", s->path);
}

/* What the system said is worth more than "disk I/O error". */
static int disk_error(struct spool *s, const char *said)
{
    int system = sqlite3_system_errno(s->db);
    if (has_moved(s))
        return moved_error(s);
    if (system == ENOSPC || system == EDQUOT)
        return diag_set(&s->diag, -ENOSPC, "%s: the disk is full: free some space", s->path);
    return diag_set(&s->diag, -EIO, "%s: %s (%s): look at the disk and its folder", s->path,
                    said, strerror(system));
}

int sql_error(struct spool *s, int rc)
{
    struct diag *d = &s->diag;
    const char *said = sqlite3_errmsg(s->db);
    if (rc == SQLITE_READONLY_DBMOVED)
        return moved_error(s);
    switch (rc & 0xff) { /* the rest of the bits say which kind of it */
    case SQLITE_FULL:
        return diag_set(d, -ENOSPC, "%s: the disk is full: free some space", s->path);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN: return disk_error(s, said);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return diag_set(d, -EAGAIN, "%s: another program holds it: try again", s->path);
    case SQLITE_NOMEM: return diag_set(d, -ENOMEM, "%s: out of memory", s->path);
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return diag_set(d, -EROFS,
                        "%s may only be read: look at its owner and mode, and its folder's",
                        s->path);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:    /* a table that is not there, a format of a later library's */
    case SQLITE_MISMATCH: /* values that this program never writes */
    case SQLITE_CONSTRAINT: return sql_damaged(s, said);
    default: return diag_set(d, -EIO, "%s: %s (%d)", s->path, said, rc);
    }
}

/* ---- Statements ---------------------------------------------------------------------- */

static int bind_one(sqlite3_stmt *st, int at, const struct value *v)
{
    switch (v->kind) {
    case VALUE_INT: return sqlite3_bind_int64(st, at, v->number);
    case VALUE_TEXT:
        return sqlite3_bind_text64(st, at, v->bytes, v->n, SQLITE_STATIC, SQLITE_UTF8);
    case VALUE_BLOB: break;
    }
    if (v->n == 0) /* a pointer to nothing may be NULL, which would bind NULL */
        return sqlite3_bind_zeroblob(st, at, 0);
    return sqlite3_bind_blob64(st, at, v->bytes, v->n, SQLITE_STATIC);
}

/* The statement of a text, prepared where it is not yet. */
static int find_prepared(struct spool *s, const char *sql, sqlite3_stmt **ret)
{
    size_t i = 0;
    while (i < SQL_PREPARED && s->prepared[i].sql && s->prepared[i].sql != sql)
        i++;
    assert(i < SQL_PREPARED); /* no call has so many */
    int rc = SQLITE_OK;
    if (!s->prepared[i].sql)
        rc = sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->prepared[i].st,
                                NULL);
    if (rc != SQLITE_OK)
        return sql_error(s, rc);
    s->prepared[i].sql = sql;
    *ret = s->prepared[i].st;
    return 0;
}

int sql_use(struct spool *s, const char *sql, const struct value *v, size_t n,
            sqlite3_stmt **ret)
{
    sqlite3_stmt *st = NULL;
    int r = find_prepared(s, sql, &st);
    if (r < 0)
        return r;
    for (size_t i = 0; i < n; i++) {
        int rc = bind_one(st, (int)i + 1, &v[i]);
        if (rc != SQLITE_OK)
            return sql_error(s, rc);
    }
    *ret = st;
    return 0;
}

int sql_step(struct spool *s, sqlite3_stmt *st)
{
    int rc = sqlite3_step(st);
    if (rc == SQLITE_ROW)
        return 1;
    return rc == SQLITE_DONE ? 0 : sql_error(s, rc);
}

int sql_run(struct spool *s, const char *sql, const struct value *v, size_t n)
{
    sqlite3_stmt *st = NULL;
    int r = sql_use(s, sql, v, n, &st);
    if (r < 0)
        return r;
    r = sql_step(s, st);
    sql_reset_done(&st);
    return r < 0 ? r : 0;
}

int sql_get(struct spool *s, const char *sql, const struct value *v, size_t n, int64_t *ret)
{
    sqlite3_stmt *st = NULL;
    int r = sql_use(s, sql, v, n, &st);
    if (r < 0)
        return r;
    r = sql_step(s, st);
    if (r == 1 && sqlite3_column_type(st, 0) == SQLITE_NULL)
        r = 0;
    if (r == 1)
        *ret = sqlite3_column_int64(st, 0);
    sql_reset_done(&st);
    return r;
}

int sql_exec(struct spool *s, const char *sql)
{
    int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : sql_error(s, rc);
}

/* ---- Transactions -------------------------------------------------------------------- */

void sql_rest(struct spool *s)
{
    for (size_t i = 0; i < SQL_PREPARED && s->prepared[i].sql; i++) {
        (void)sqlite3_finalize(s->prepared[i].st); /* repeats an error that was dealt with */
        s->prepared[i].sql = NULL;
        s->prepared[i].st = NULL;
    }
    (void)sqlite3_db_release_memory(s->db);
}

/* After some errors SQLite has undone it already. The message of what went wrong stays. */
static void roll_back(struct spool *s)
{
    if (!sqlite3_get_autocommit(s->db))
        (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    s->rows = s->history_rows = s->sent_rows = -1;
}

int sql_begin(struct spool *s)
{
    if (s->is_reader)
        return diag_set(&s->diag, -EROFS, "%s was opened for reading only", s->path);
    assert(!s->in_write);
    /* The write lock at once: a later upgrade could fail half-way. */
    int r = sql_exec(s, "BEGIN IMMEDIATE");
    s->in_write = r == 0;
    if (r == 0 && has_moved(s))
        r = sql_end(s, moved_error(s));
    return r;
}

int sql_begin_read(struct spool *s)
{
    return sql_exec(s, "BEGIN");
}

int sql_end(struct spool *s, int r)
{
    s->in_write = false;
    if (r >= 0) {
        int committed = sql_exec(s, "COMMIT");
        r = committed < 0 ? committed : r;
    }
    if (r < 0)
        roll_back(s);
    sql_rest(s);
    return r;
}
