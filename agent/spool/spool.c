/* Opening a spool: whose file it is, whether it is sound, and how the connection behaves. */
#include "spool/spool_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long a reader may hold us up, and we a reader. */
enum { BUSY_MS = 5000 };
/* The file grows by so much, so that it does not lie about in pieces. */
enum { CHUNK_BYTES = 128 << 10 };

void spool_close(struct spool *s)
{
    if (!s)
        return;
    if (s->db)
        sql_rest(s);
    (void)sqlite3_close(s->db); /* all that was committed is on disk already */
    if (s->lock_fd >= 0)
        (void)close(s->lock_fd); /* after the file: whoever waits for it may open that now */
    free(s->path);
    free(s);
}

const char *spool_diag(const struct spool *s)
{
    return s->diag.text;
}

/* SQLite gives ":memory:" and "file:…" a meaning of their own; to us they are names. */
static struct spool *spool_new(const char *path)
{
    struct spool *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->lock_fd = -1;
    s->cap = CAP_SPOOL_ROWS;
    s->history_cap = CAP_HISTORY_ROWS;
    s->sent_cap = CAP_SENT_ROWS;
    s->rows = s->history_rows = s->sent_rows = -1;
    if (asprintf(&s->path, "%s%s", *path == '/' ? "" : "./", path) < 0)
        s->path = NULL;
    if (s->path)
        return s;
    spool_close(s);
    return NULL;
}

static int complain(struct spool *s, int error)
{
    return diag_set(&s->diag, -error, "%s: %s", s->path, strerror(error));
}

/* ---- One keeper ---------------------------------------------------------------------- */

/* A file beside it, so that readers, who share the database's own locks, need not ask. */
static int lock(struct spool *s)
{
    AUTO_FREE char *name = NULL;
    if (asprintf(&name, "%s.lock", s->path) < 0) {
        name = NULL;
        return complain(s, ENOMEM);
    }
    s->lock_fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (s->lock_fd < 0)
        return diag_set(&s->diag, -errno, "%s: %s", name, strerror(errno));
    if (flock(s->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno != EWOULDBLOCK)
        return diag_set(&s->diag, -errno, "%s: %s", name, strerror(errno));
    return diag_set(&s->diag, -EBUSY, "%s is held by another agent that runs", s->path);
}

/* ---- The connection ------------------------------------------------------------------ */

static void disconnect(struct spool *s)
{
    sql_rest(s);
    (void)sqlite3_close(s->db);
    s->db = NULL;
}

static int connect_to(struct spool *s, int flags)
{
    int chunk = CHUNK_BYTES;
    int rc = sqlite3_open_v2(s->path, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK)
        return s->db ? sql_error(s, rc) : complain(s, ENOMEM);
    (void)sqlite3_extended_result_codes(s->db, 1);
    (void)sqlite3_busy_timeout(s->db, BUSY_MS);
    (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL); /* a belt more */
    (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
    (void)sqlite3_file_control(s->db, "main", SQLITE_FCNTL_CHUNK_SIZE, &chunk);
    /* The process is resident and small: 128 KiB of cache, which go back after each call; no
     * memory map, where an I/O error would be a signal. Nothing sorts much. */
    int r = sum_install(s);
    if (r < 0)
        return r;
    return sql_exec(s, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
                       "PRAGMA mmap_size = 0; PRAGMA cache_size = -128;"
                       "PRAGMA temp_store = MEMORY; PRAGMA secure_delete = OFF;"
                       "PRAGMA recursive_triggers = ON; PRAGMA synchronous = FULL");
}

/*
 * A rollback journal, not a log (WAL): on a full disk a log cannot be emptied into the file,
 * and so cannot be written either, while a journal that keeps its length (PERSIST) lets what is
 * there be changed and removed. It needs no shared memory, and what readers would gain by a log
 * they do not need: they hold nothing while they tell.
 */
static int keep_journal(struct spool *s)
{
    return sql_exec(s, "PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = PERSIST;"
                       "PRAGMA journal_size_limit = 262144");
}

/* ---- Opening ------------------------------------------------------------------------- */

/* Makes an empty file where there is none, of ours alone. *ret_since: its last change. */
static int make_file(struct spool *s, wall_t *ret_since)
{
    struct stat st;
    int fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
    if (fd < 0)
        return complain(s, errno);
    int r = fstat(fd, &st) == 0 ? 0 : complain(s, errno);
    (void)close(fd); /* nothing was written */
    if (r < 0)
        return r;
    if (!S_ISREG(st.st_mode))
        return diag_set(&s->diag, -EIO, "%s is not a file", s->path);
    *ret_since = (wall_t){st.st_mtim.tv_sec};
    return 0;
}

/* 1: it holds a sound spool; 0: it is empty; or an error, -EBADF where it is broken. */
static int open_file(struct spool *s)
{
    int r = connect_to(s, SQLITE_OPEN_READWRITE);
    if (r == 0)
        r = schema_check(s); /* the first to read: undoes what a crash left half done */
    if (r >= 0) {
        int e = keep_journal(s);
        r = e < 0 ? e : r;
    }
    if (r == 1 && s->schema < SPOOL_SCHEMA) {
        int e = schema_upgrade(s);
        r = e < 0 ? e : r;
    }
    return r;
}

static int replace_file(struct spool *s, wall_t since, struct spool_found *ret_found)
{
    disconnect(s);
    int r = broken_set_aside(s, since, ret_found);
    if (r == 0)
        r = make_file(s, &since);
    return r < 0 ? r : open_file(s);
}

/* What was set aside when this file was made, and no run has told of yet. */
static int find_untold(struct spool *s, struct spool_found *ret)
{
    wall_t since;
    struct spool_found found = {.was_broken = true};
    int told = note_get_broken(s, &since);
    int r = told == 1 ? broken_find(s, &found) : told;
    sql_rest(s);
    if (r < 0 || told == 0)
        return r;
    found.was_broken = true; /* even when the file itself was removed meanwhile */
    found.broken_since = since;
    *ret = found;
    return 0;
}

static int open_to_keep(struct spool *s, struct spool_found *ret_found)
{
    wall_t since = {0};
    int r = lock(s);
    if (r == 0)
        r = make_file(s, &since);
    if (r == 0)
        r = open_file(s);
    if (r == -EBADF)
        r = replace_file(s, since, ret_found);
    if (r == 0)
        r = schema_create(s, ret_found); /* it is empty, or new */
    if (r < 0)
        return r;
    reserve_journal(s);
    return ret_found->was_broken ? 0 : find_untold(s, ret_found);
}

static int open_to_look(struct spool *s)
{
    struct stat st;
    if (stat(s->path, &st) != 0)
        return complain(s, errno);
    if (!S_ISREG(st.st_mode))
        return diag_set(&s->diag, -EIO, "%s is not a file", s->path);
    s->is_reader = true;
    /* Not for reading only: what a crash left half done must be undone first. */
    int r = connect_to(s, SQLITE_OPEN_READWRITE);
    if (r == 0)
        r = sql_exec(s, "PRAGMA query_only = ON");
    if (r == 0)
        r = schema_check(s);
    if (r == 0)
        return complain(s, ENOENT); /* it is just being made */
    return r < 0 ? r : 0;
}

int spool_open(const char *path, enum spool_open_how how, struct spool **ret,
               struct spool_found *ret_found, struct diag *d)
{
    struct spool_found found = {.broken_since = WALL_END};
    if (!*path)
        return diag_set(d, -ENOENT, "the spool's path is empty");
    if (strlen(path) + 64 > sizeof found.aside)
        return diag_set(d, -ENAMETOOLONG, "the spool's path is too long");
    AUTO(spool) struct spool *s = spool_new(path);
    if (!s)
        return diag_set(d, -ENOMEM, "out of memory");
    int r = how == SPOOL_KEEP ? open_to_keep(s, &found) : open_to_look(s);
    if (r < 0) {
        *d = s->diag;
        return r;
    }
    if (ret_found)
        *ret_found = found;
    *ret = STEAL(s);
    return 0;
}
