/*
 * Room on the disk. What is sent and acknowledged makes room; but to get there, pages must be
 * written and journalled first. So each put leaves some pages of the file free, and the journal
 * keeps some of its length: on a disk that ran full, what waits can still be sent.
 */
#include "spool/spool_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A report of some hundred rows changes about 20 pages. */
enum { RESERVE_PAGES = 48, PAGE_BYTES = 4096 };
enum { JOURNAL_BYTES = RESERVE_PAGES * (PAGE_BYTES + 8) + PAGE_BYTES };
/* At most so many pages go back at once: 2 MiB that are moved and journalled. */
enum { SHRINK_PAGES = 512, SHRINK_FROM_PAGES = 2 * RESERVE_PAGES };

static int get_pages(struct spool *s, int64_t *ret_all, int64_t *ret_free)
{
    int r = sql_get(s, "PRAGMA page_count", NULL, 0, ret_all);
    if (r >= 0)
        r = sql_get(s, "PRAGMA freelist_count", NULL, 0, ret_free);
    return r < 0 ? r : 0;
}

int reserve_keep(struct spool *s)
{
    int64_t all = 0;
    int64_t unused = 0;
    int r = get_pages(s, &all, &unused);
    if (r < 0 || unused >= RESERVE_PAGES)
        return r;
    /* Beyond its last page the file may be longer: the library asks the disk for it. */
    sqlite3_int64 bytes = (all + RESERVE_PAGES - unused) * PAGE_BYTES;
    errno = 0;
    int rc = sqlite3_file_control(s->db, "main", SQLITE_FCNTL_SIZE_HINT, &bytes);
    if (rc == SQLITE_OK)
        return 0;
    if (errno == EIO)
        return diag_set(&s->diag, -EIO, "%s: %s: look at the disk", s->path, strerror(EIO));
    return sql_error(s, SQLITE_FULL);
}

void reserve_journal(struct spool *s)
{
    AUTO_FREE char *name = NULL;
    struct stat st;
    if (asprintf(&name, "%s-journal", s->path) < 0) {
        name = NULL;
        return;
    }
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return;
    /* Zeros mean that there is nothing in it. The first bytes are the library's to write. */
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size < JOURNAL_BYTES)
        (void)posix_fallocate(fd, st.st_size,
                              JOURNAL_BYTES - st.st_size); /* or there is none */
    (void)close(fd);
}

void reserve_shrink(struct spool *s)
{
    char sql[64];
    int64_t all = 0;
    int64_t unused = 0;
    int r = get_pages(s, &all, &unused);
    sql_rest(s);
    if (r < 0 || unused < SHRINK_FROM_PAGES)
        return;
    int64_t more = unused - RESERVE_PAGES;
    (void)snprintf(sql, sizeof sql, "PRAGMA incremental_vacuum(%lld)",
                   (long long)(more < SHRINK_PAGES ? more : SHRINK_PAGES));
    /* A transaction of its own; where it fails nothing changed, and the next may do. */
    (void)sqlite3_exec(s->db, sql, NULL, NULL, NULL);
    sql_rest(s);
}
