/* Opening a store in SQLite: whose file it is, how the connection behaves, which schema. */
#include "store/sqlite_backend.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "store/sqlite_create.h"

enum { BUSY_MS = 5000 };

static void lite_close(struct store *store)
{
    struct lite_store *s = lite_of(store);
    assert(s->open_scans == 0);
    lite_rollback(store);
    for (size_t i = 0; i < QUERY_COUNT; i++)
        (void)sqlite3_finalize(s->statements[i]); /* repeats an error that was dealt with */
    for (size_t i = 0; i < SCAN_KIND_COUNT; i++)
        (void)sqlite3_finalize(s->idle_scans[i]);
    (void)sqlite3_close(s->db); /* all that was committed is on disk already */
    spans_done(&s->near);
    free(s->senders);
    free(s->path);
    free(s);
}

static const char *lite_path(const struct store *store)
{
    return ((const struct lite_store *)store)->path;
}

static const struct store_ops lite_ops = {
    .close = lite_close,
    .path = lite_path,
    .begin = lite_begin,
    .commit = lite_commit,
    .rollback = lite_rollback,
    .snapshot = lite_snapshot,
    .snapshot_end = lite_snapshot_end,
    .check = lite_check,
    .prune = lite_prune,
    .put_report = lite_put_report,
    .has_report = lite_has_report,
    .get_machine = lite_get_machine,
    .get_server = lite_get_server,
    .find_server = lite_find_server,
    .scan = lite_scan,
    .first_evidence = lite_first_evidence,
    .estimate_rows = lite_estimate_rows,
    .clear_table = lite_clear_table,
    .put_row = lite_put_row,
    .retire_server = lite_retire_server,
    .get_admission = lite_get_admission,
    .enrol_server = lite_enrol_server,
    .revoke_server = lite_revoke_server,
    .put_token = lite_put_token,
    .get_token = lite_get_token,
    .use_token = lite_use_token,
    .revoke_token = lite_revoke_token,
    .put_use = lite_put_use,
    .get_use = lite_get_use,
    .put_event = lite_put_event,
    .clear_standings = lite_clear_standings,
    .put_standing = lite_put_standing,
    .standing_generation = lite_standing_generation,
    .begin_run = lite_begin_run,
    .publish_run = lite_publish_run,
    .put_edition = lite_put_edition,
    .next_serial = lite_next_serial,
    .get_model = lite_get_model,
    .put_mail = lite_put_mail,
    .claim_mail = lite_claim_mail,
    .settle_mail = lite_settle_mail,
    .clear_said = lite_clear_said,
    .put_said = lite_put_said,
    .clear_confirmed = lite_clear_confirmed,
    .put_confirmed = lite_put_confirmed,
    .append_entry = lite_append_entry,
    .append_decision = lite_append_decision,
    .key_decision = lite_key_decision,
    .chain_head = lite_chain_head,
    .last_closed = lite_last_closed,
    .get_note = lite_get_note,
    .set_note = lite_set_note,
};

/* ---- The schema ---------------------------------------------------------------------- */

/* The number that the file gives its schema, if it is one that this program knows. */
static int get_version(struct lite_store *s, int64_t *ret)
{
    int64_t version;
    int r = lite_get_int(s, "PRAGMA user_version", &version);
    if (r < 0)
        return r;
    if (version > LITE_SCHEMA)
        return diag_set(&s->base.diag, -EPROTONOSUPPORT,
                        "%s was made by a newer version (schema %lld, this program knows %d): "
                        "use that version",
                        s->path, (long long)version, LITE_SCHEMA);
    if (version < 0)
        return lite_damaged(s, "the schema's number is negative");
    *ret = version;
    return 0;
}

int lite_migrate(struct lite_store *s)
{
    int64_t version = 0;
    int r = lite_exec(s, "BEGIN IMMEDIATE");
    if (r < 0)
        return r;
    /* Asked again: while this one waited, another may have done it. */
    r = get_version(s, &version);
    for (; r == 0 && version < LITE_SCHEMA; version++)
        r = lite_exec(s, lite_schema_step((int)version));
    if (r == 0)
        r = lite_exec(s, "COMMIT");
    if (r < 0 && !sqlite3_get_autocommit(s->db))
        (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL); /* the first error is told */
    return r;
}

static int settle_schema(struct lite_store *s)
{
    int64_t version = 0;
    int r = get_version(s, &version);
    if (r < 0 || version == LITE_SCHEMA)
        return r;
    if (s->is_read_only)
        return diag_set(&s->base.diag, -EPROTONOSUPPORT,
                        "%s was made by an older version (schema %lld, this program knows %d): "
                        "`fairusectl store init` brings it up to date",
                        s->path, (long long)version, LITE_SCHEMA);
    return lite_migrate(s);
}

/* ---- The connection ------------------------------------------------------------------ */

/*
 * Whether the file says that it is ours: SQLite's magic, and our number at offset 68 (SQLite
 * file format, 1.3). It is read through the library's own file handle: a descriptor of ours
 * would, when closed, drop the locks that other connections of this process hold on the file.
 * Nothing was read by SQLite itself up to here, so a foreign file's journal is not touched.
 */
static int check_owner(struct lite_store *s)
{
    uint8_t head[100] = {0};
    sqlite3_file *file = NULL;
    int rc = sqlite3_file_control(s->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (rc != SQLITE_OK || !file || !file->pMethods)
        return diag_set(&s->base.diag, -EIO, "%s cannot be read", s->path);
    rc = file->pMethods->xRead(file, head, (int)sizeof head, 0);
    if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ)
        return diag_set(&s->base.diag, -EIO, "%s: %s", s->path, sqlite3_errstr(rc));
    uint32_t id = (uint32_t)head[68] << 24 | (uint32_t)head[69] << 16 |
                  (uint32_t)head[70] << 8 | (uint32_t)head[71];
    if (rc != SQLITE_OK || memcmp(head, "SQLite format 3", 16) != 0 ||
        id != LITE_APPLICATION_ID)
        return diag_set(&s->base.diag, -EBADMSG,
                        "%s is no store of this program: it was left as it is", s->path);
    return 0;
}

/*
 * Notes which file the connection holds. SQLite compares the number of the file that it opened
 * with that of the path's: where they still agree after we looked, we saw the file that is
 * open.
 */
static int note_file(struct lite_store *s)
{
    struct stat st;
    int has_moved = 0;
    if (stat(s->path, &st) != 0 ||
        sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved) != SQLITE_OK ||
        has_moved)
        return diag_set(&s->base.diag, -EAGAIN,
                        "%s was replaced while it was opened: try again", s->path);
    s->device = st.st_dev;
    s->inode = st.st_ino;
    return 0;
}

static int connect(struct lite_store *s, const char *name, int flags)
{
    (void)sqlite3_close(s->db); /* a first try that could not read */
    s->db = NULL;
    int rc = sqlite3_open_v2(name, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK)
        return s->db ? lite_error(s, rc) : diag_set(&s->base.diag, -ENOMEM, "out of memory");
    int r = check_owner(s);
    if (r < 0)
        return r;
    (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL); /* a belt more */
    (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    /* Otherwise a statement may be planned anew for each value that is bound, to see whether an
     * index of some rows only would serve. */
    (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
    (void)sqlite3_busy_timeout(s->db, BUSY_MS);
    /* 64 MiB of cache: what a commit of some hundred reports touches. No memory map: an I/O
     * error would be a signal there. */
    return lite_exec(s, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
                        "PRAGMA mmap_size = 0; PRAGMA cache_size = -65536;"
                        "PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON;"
                        "PRAGMA synchronous = FULL; PRAGMA secure_delete = OFF;");
}

/* "file:PATH?immutable=1", with all that a URI gives a meaning written as %XX. */
static int immutable_uri(const char *path, struct buf *ret)
{
    buf_add_str(ret, "file:");
    for (const char *p = path; *p; p++) {
        if (strchr("%?#", *p))
            buf_printf(ret, "%%%02X", (unsigned char)*p);
        else
            buf_add_char(ret, *p);
    }
    buf_add_str(ret, "?immutable=1");
    return buf_error(ret);
}

static bool has_log(const char *path)
{
    AUTO_FREE char *name = NULL;
    if (asprintf(&name, "%s-wal", path) < 0) {
        name = NULL;
        return true;
    }
    struct stat st;
    return stat(name, &st) == 0 && st.st_size > 0;
}

/*
 * A store in write-ahead mode is read together with its log, over a shared index file beside it
 * (-shm). On a disk that cannot be written that index cannot be made. Where there is no log
 * either, the file alone is the whole truth and nobody can be writing it: then it is opened as
 * one that does not change, which needs no index. Never with a log: what it holds would be
 * missing, and a writer might be at work.
 */
static int connect_for_reading(struct lite_store *s)
{
    int64_t n;
    int r = connect(s, s->path, SQLITE_OPEN_READONLY);
    if (r == 0)
        r = lite_get_int(s, "SELECT count(*) FROM sqlite_schema", &n);
    int why = sqlite3_errcode(s->db) & 0xff;
    bool has_no_index = why == SQLITE_CANTOPEN || why == SQLITE_READONLY;
    if (r == 0 || !has_no_index || has_log(s->path))
        return r;
    AUTO(buf) struct buf uri = BUF_INIT(16384);
    r = immutable_uri(s->path, &uri);
    if (r < 0)
        return diag_set(&s->base.diag, -EIO, "%s: the path is too long", s->path);
    return connect(s, buf_str(&uri), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

static int connect_for_writing(struct lite_store *s)
{
    int r = connect(s, s->path, SQLITE_OPEN_READWRITE);
    if (r == 0 && sqlite3_db_readonly(s->db, "main") == 1)
        return lite_error(s, SQLITE_READONLY); /* it opens for reading where it may not write */
    return r == 0 ? note_file(s) : r;
}

/* ---- Opening ------------------------------------------------------------------------- */

static int check_file(const char *path, enum store_mode mode, struct diag *d)
{
    struct stat st;
    if (stat(path, &st) == 0) {
        if (S_ISREG(st.st_mode))
            return 0;
        return diag_set(d, -EBADMSG, "%s is not a file", path);
    }
    if (errno != ENOENT)
        return diag_set(d, -EIO, "%s: %s", path, strerror(errno));
    if (mode == STORE_CREATE)
        return lite_create(path, d);
    return diag_set(d, -ENOENT, "%s: no such store", path);
}

static struct lite_store *lite_new(const char *path)
{
    struct lite_store *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->base.ops = &lite_ops;
    s->earliest = WALL_END;
    s->path = strdup(path);
    s->senders = calloc(LITE_SENDERS, sizeof *s->senders);
    if (!s->path || !s->senders) {
        lite_close(&s->base);
        return NULL;
    }
    return s;
}

int sqlite_store_open(const char *path, enum store_mode mode, struct store **ret,
                      struct diag *reterr)
{
    if (!*path)
        return diag_set(reterr, -EBADMSG, "the store's path is empty: write sqlite:PATH");
    /* SQLite gives ":memory:" and "file:…" a meaning of their own; to us they are names. */
    AUTO_FREE char *name = NULL;
    if (asprintf(&name, "%s%s", *path == '/' ? "" : "./", path) < 0) {
        name = NULL;
        return diag_set(reterr, -ENOMEM, "out of memory");
    }
    int r = check_file(name, mode, reterr);
    if (r < 0)
        return r;
    struct lite_store *s = lite_new(name);
    if (!s)
        return diag_set(reterr, -ENOMEM, "out of memory");
    s->is_read_only = mode == STORE_READ;
    r = s->is_read_only ? connect_for_reading(s) : connect_for_writing(s);
    if (r == 0)
        r = settle_schema(s);
    if (r < 0) {
        *reterr = s->base.diag;
        lite_close(&s->base);
        return r;
    }
    *ret = &s->base;
    return 0;
}
