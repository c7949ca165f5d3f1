/*
 * A new store in SQLite. It is made under another name beside its place and linked into it when
 * it is whole and on disk: whoever sees the file sees a store, also after a crash in between,
 * and two who create at once end up with one.
 */
#include "store/sqlite_create.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite_backend.h"

enum { PATH_CAP = 4096 };

/* A file beside another: its path and a suffix. -ENOMEM, -ERANGE. */
static int beside(const char *path, const char *suffix, struct buf *ret)
{
    buf_reset(ret);
    buf_add_str(ret, path);
    buf_add_str(ret, suffix);
    return buf_error(ret);
}

static const char *const companions[] = {"-wal", "-shm", "-journal"};

/* The file and what SQLite may have left beside it. */
static void remove_all(const char *path)
{
    AUTO(buf) struct buf name = BUF_INIT(PATH_CAP);
    for (size_t i = 0; i < ARRAY_LEN(companions); i++) {
        if (beside(path, companions[i], &name) == 0)
            (void)unlink(buf_str(&name)); /* most often there is none */
    }
    (void)unlink(path);
}

/*
 * A write-ahead log of another file would be replayed into ours. It may hold the last of a
 * store that was moved without it, so it is not for us to delete. (Readers leave empty ones.)
 */
static int refuse_leftovers(const char *path, struct diag *d)
{
    AUTO(buf) struct buf name = BUF_INIT(PATH_CAP);
    for (size_t i = 0; i < ARRAY_LEN(companions); i++) {
        int r = beside(path, companions[i], &name);
        if (r < 0)
            return diag_set(d, r, "%s: the path is too long", path);
        struct stat st;
        bool matters = strcmp(companions[i], "-shm") != 0; /* an index only; it is made anew */
        if (matters && lstat(buf_str(&name), &st) == 0 && st.st_size > 0)
            return diag_set(d, -EBADMSG,
                            "%s is left of another store: put that back, or move this away",
                            buf_str(&name));
    }
    return 0;
}

static int fill(sqlite3 *db, const char *path, struct diag *d)
{
    /* Schema and name in one transaction of the old kind, so that both are in the file's first
     * page before it becomes a write-ahead store. */
    struct lite_store s = {.db = db, .path = (char *)path};
    int r = lite_exec(&s, "PRAGMA auto_vacuum = NONE; PRAGMA page_size = 4096;"
                          "PRAGMA synchronous = FULL;"
                          "PRAGMA application_id = 1181898099;");
    static_assert(LITE_APPLICATION_ID == 1181898099, "the pragma takes no parameter");
    if (r == 0)
        r = lite_migrate(&s);
    if (r == 0)
        r = lite_exec(&s, "PRAGMA journal_mode = WAL;");
    return r < 0 ? diag_set(d, r, "%s", s.base.diag.text) : 0;
}

static int fill_file(const char *path, struct diag *d)
{
    sqlite3 *db = NULL;
    int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    int r = rc == SQLITE_OK ? fill(db, path, d)
                            : diag_set(d, rc == SQLITE_NOMEM ? -ENOMEM : -EIO, "%s: %s", path,
                                       db ? sqlite3_errmsg(db) : "out of memory");
    rc = sqlite3_close(db); /* brings what the log holds into the file */
    if (r == 0 && rc != SQLITE_OK)
        r = diag_set(d, -EIO, "%s: cannot be closed: %s", path, sqlite3_errstr(rc));
    return r;
}

static int sync_folder(const char *path)
{
    AUTO(buf) struct buf folder = BUF_INIT(PATH_CAP);
    const char *slash = strrchr(path, '/'); /* there is one: see lite_create() */
    buf_add(&folder, path, (size_t)(slash - path) + 1);
    if (buf_error(&folder) != 0)
        return buf_error(&folder);
    int fd = open(buf_str(&folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int r = fsync(fd) == 0 ? 0 : -errno;
    (void)close(fd); /* nothing was written through it */
    return r;
}

static int put_in_place(const char *made, const char *path, struct diag *d)
{
    /* Where another program was faster, its store is as good as ours. */
    if (link(made, path) != 0 && errno != EEXIST)
        return diag_set(d, -EIO, "%s: %s", path, strerror(errno));
    int r = sync_folder(path);
    return r < 0 ? diag_set(d, -EIO, "%s: its folder: %s", path, strerror(-r)) : 0;
}

int lite_create(const char *path, struct diag *d)
{
    assert(strchr(path, '/'));
    int r = refuse_leftovers(path, d);
    if (r < 0)
        return r;
    AUTO_FREE char *made = NULL;
    if (asprintf(&made, "%s.XXXXXX", path) < 0) {
        made = NULL; /* glibc leaves it undefined */
        return diag_set(d, -ENOMEM, "%s: out of memory", path);
    }
    int fd = mkostemp(made, O_CLOEXEC); /* 0600 */
    if (fd < 0)
        return diag_set(d, errno == EROFS ? -EROFS : -EIO, "%s cannot be made: %s", path,
                        strerror(errno));
    (void)close(fd); /* nothing was written through it */
    r = fill_file(made, d);
    if (r == 0)
        r = put_in_place(made, path, d);
    remove_all(made);
    return r;
}
