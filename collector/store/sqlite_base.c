/* SQLite's values, statements and errors, as the other files of the backend use them. */
#include "store/sqlite_backend.h"

#include <errno.h>
#include <string.h>

/* ---- Errors -------------------------------------------------------------------------- */

int lite_damaged(struct lite_store *s, const char *what)
{
    return diag_set(&s->base.diag, -EIO,
                    "%s is damaged (%s): `fairusectl store check` lists what; restore a backup",
                    s->path, what);
}

static int error_of(struct lite_store *s, int rc)
{
    struct diag *d = &s->base.diag;
    const char *said = sqlite3_errmsg(s->db);
    const char *stored = s->in_write ? "; nothing was stored" : "";
    switch (rc & 0xff) { /* the rest of the bits say which kind of it */
    case SQLITE_FULL:
        return diag_set(d, -EIO, "%s: the disk is full: free some space and try again%s",
                        s->path, stored);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return diag_set(d, -EIO,
                        "%s: %s (%d): look at the disk and its folder, then try again%s",
                        s->path, said, sqlite3_extended_errcode(s->db), stored);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return diag_set(d, -EAGAIN, "%s: another program is writing to it: try again", s->path);
    case SQLITE_NOMEM: return diag_set(d, -ENOMEM, "%s: out of memory%s", s->path, stored);
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return diag_set(d, -EROFS,
                        "%s may only be read: look at its owner and mode, and its "
                        "folder's",
                        s->path);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return lite_damaged(s, said);
    case SQLITE_CONSTRAINT:
        if (sqlite3_extended_errcode(s->db) == SQLITE_CONSTRAINT_FOREIGNKEY)
            return diag_set(d, -ENOENT, "%s: what it refers to is not there", s->path);
        return diag_set(d, -EEXIST, "%s: %s: it is there already, or is not what comes next",
                        s->path, said);
    default: return diag_set(d, -EIO, "%s: %s (%d)%s", s->path, said, rc, stored);
    }
}

int lite_error(struct lite_store *s, int rc)
{
    if (s->in_write)
        s->has_failed = true;
    return error_of(s, rc);
}

int lite_writable(struct lite_store *s)
{
    if (s->is_read_only)
        return diag_set(&s->base.diag, -EROFS, "%s was opened for reading only", s->path);
    assert(s->in_write);
    if (s->has_failed)
        return diag_set(&s->base.diag, -EIO,
                        "%s: an earlier part of this transaction failed; nothing was stored",
                        s->path);
    return 0;
}

/* ---- Values -------------------------------------------------------------------------- */

struct value lite_text(const char *s)
{
    if (!s)
        return SQL_NULL;
    return (struct value){.kind = VALUE_TEXT, .bytes = s, .n = strlen(s)};
}

struct address_key lite_address_key(const struct addr *a)
{
    struct address_key key = {.n = 0};
    if (a->family == 0)
        return key;
    size_t n = addr_len(a);
    assert(n < ADDRESS_KEY_MAX);
    key.bytes[0] = a->family;
    memcpy(key.bytes + 1, a->bytes, n);
    key.n = n + 1;
    return key;
}

int lite_address_from(const uint8_t *p, int n, struct addr *ret)
{
    bool is_ipv4 = p && n == 5 && p[0] == ADDR_IPV4;
    bool is_ipv6 = p && n == 17 && p[0] == ADDR_IPV6;
    if (!is_ipv4 && !is_ipv6)
        return -EBADMSG;
    struct addr a;
    if (addr_from_bytes(p + 1, (size_t)n - 1, &a) != 0 || a.family != p[0])
        return -EBADMSG; /* a mapped address was never stored as IPv6 */
    *ret = a;
    return 0;
}

int lite_address_column(sqlite3_stmt *st, int column, struct addr *ret)
{
    const uint8_t *p = sqlite3_column_blob(st, column);
    return lite_address_from(p, sqlite3_column_bytes(st, column), ret);
}

int lite_copy_text(sqlite3_stmt *st, int column, char *ret, size_t size)
{
    const unsigned char *p = sqlite3_column_text(st, column);
    size_t n = (size_t)sqlite3_column_bytes(st, column);
    if (!p || n >= size)
        return -EBADMSG;
    memcpy(ret, p, n);
    ret[n] = '\0';
    return 0;
}

int lite_copy_bytes(sqlite3_stmt *st, int column, uint8_t *ret, size_t n)
{
    const void *p = sqlite3_column_blob(st, column);
    if (!p || (size_t)sqlite3_column_bytes(st, column) != n)
        return -EBADMSG;
    memcpy(ret, p, n);
    return 0;
}

bool lite_read_bool(sqlite3_stmt *st, int column, bool *ret)
{
    int64_t v = sqlite3_column_int64(st, column);
    *ret = v != 0;
    return v == 0 || v == 1;
}

bool lite_read_kind(sqlite3_stmt *st, int column, enum charge_kind *ret)
{
    int64_t v = sqlite3_column_int64(st, column);
    if (v < 0 || v >= CHARGE_KIND_COUNT)
        return false;
    *ret = (enum charge_kind)v;
    return true;
}

bool lite_read_period(sqlite3_stmt *st, int column, period_t *ret)
{
    int64_t v = sqlite3_column_int64(st, column);
    if (v < 0 || v > INT32_MAX)
        return false;
    ret->month = (int32_t)v;
    return true;
}

wall_t lite_moment(sqlite3_stmt *st, int column, wall_t none)
{
    if (sqlite3_column_type(st, column) == SQLITE_NULL)
        return none;
    return (wall_t){sqlite3_column_int64(st, column)};
}

struct value lite_moment_value(wall_t t, wall_t none)
{
    return t.s == none.s ? SQL_NULL : INT(t.s);
}

static int bind_one(sqlite3_stmt *st, int at, const struct value *v,
                    sqlite3_destructor_type keep)
{
    switch (v->kind) {
    case VALUE_INT: return sqlite3_bind_int64(st, at, v->number);
    case VALUE_TEXT: return sqlite3_bind_text64(st, at, v->bytes, v->n, keep, SQLITE_UTF8);
    case VALUE_BLOB:
        if (v->n == 0) /* a pointer to nothing may be NULL, which would bind NULL */
            return sqlite3_bind_zeroblob(st, at, 0);
        return sqlite3_bind_blob64(st, at, v->bytes, v->n, keep);
    case VALUE_NULL: break;
    }
    return sqlite3_bind_null(st, at);
}

int lite_bind(sqlite3_stmt *st, const struct value *v, size_t n, sqlite3_destructor_type keep)
{
    for (size_t i = 0; i < n; i++) {
        int rc = bind_one(st, (int)i + 1, &v[i], keep);
        if (rc != SQLITE_OK)
            return rc;
    }
    return SQLITE_OK;
}

/* ---- Statements ---------------------------------------------------------------------- */

int lite_use(struct lite_store *s, const struct query *q, const struct value *v, size_t n,
             sqlite3_stmt **ret)
{
    sqlite3_stmt **slot = &s->statements[q->slot];
    if (!*slot) {
        int rc = sqlite3_prepare_v3(s->db, q->sql, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL);
        if (rc != SQLITE_OK)
            return lite_error(s, rc);
    }
    int rc = lite_bind(*slot, v, n, SQLITE_STATIC);
    if (rc != SQLITE_OK)
        return lite_error(s, rc);
    *ret = *slot;
    return 0;
}

int lite_step(struct lite_store *s, sqlite3_stmt *st)
{
    int rc = sqlite3_step(st);
    if (rc == SQLITE_ROW)
        return 1;
    return rc == SQLITE_DONE ? 0 : lite_error(s, rc);
}

int lite_run(struct lite_store *s, const struct query *q, const struct value *v, size_t n)
{
    sqlite3_stmt *st = NULL;
    int r = lite_use(s, q, v, n, &st);
    if (r < 0)
        return r;
    r = lite_step(s, st);
    lite_reset_done(&st);
    return r < 0 ? r : 0;
}

int lite_exec(struct lite_store *s, const char *sql)
{
    int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : lite_error(s, rc);
}

/* Prepares one statement, steps it once, and gives the first column of its row, if any. */
static int exec_once(struct lite_store *s, const char *sql, const struct value *v, int64_t *ret)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);
    if (rc == SQLITE_OK && v)
        rc = lite_bind(st, v, 1, SQLITE_STATIC);
    int r = rc == SQLITE_OK ? lite_step(s, st) : lite_error(s, rc);
    if (r == 1 && ret)
        *ret = sqlite3_column_int64(st, 0);
    (void)sqlite3_finalize(st); /* repeats the step's error */
    return r;
}

int lite_exec_int(struct lite_store *s, const char *sql, int64_t value)
{
    int r = exec_once(s, sql, &INT(value), NULL);
    return r < 0 ? r : 0;
}

int lite_get_int(struct lite_store *s, const char *sql, int64_t *ret)
{
    int r = exec_once(s, sql, NULL, ret);
    if (r == 0)
        return lite_damaged(s, "a row is missing");
    return r < 0 ? r : 0;
}
