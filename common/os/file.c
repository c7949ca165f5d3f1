/* Whole files: read within a cap, written at once or not at all; and lines. */
#include "os/file.h"

#include "base/grow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_CHUNK = 1 << 16 };

static void fd_done(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* what was written was synced before, and said so */
}

static int fail(struct diag *d, const char *path)
{
    return diag_set(d, -errno, "%s: %m", path);
}

/* As read(2), started again after a signal. */
static ssize_t read_some(int fd, void *bytes, size_t n)
{
    ssize_t got = read(fd, bytes, n);
    while (got < 0 && errno == EINTR)
        got = read(fd, bytes, n);
    return got;
}

static int read_all(int fd, const char *path, struct buf *out, struct diag *d)
{
    AUTO_FREE char *chunk = malloc(READ_CHUNK);
    if (!chunk)
        return diag_set(d, -ENOMEM, "out of memory");
    for (;;) {
        ssize_t got = read_some(fd, chunk, READ_CHUNK);
        if (got < 0)
            return fail(d, path);
        if (got == 0)
            return 0;
        buf_add(out, chunk, (size_t)got);
        if (buf_error(out) == -ERANGE)
            return diag_set(d, -ERANGE, "%s: larger than %zu bytes", path, out->cap);
        if (buf_error(out))
            return diag_set(d, buf_error(out), "out of memory");
    }
}

int file_read(const char *path, struct buf *out, struct diag *d)
{
    AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(d, path);
    buf_reset(out);
    int r = read_all(fd, path, out, d);
    if (r != 0)
        buf_reset(out);
    return r;
}

static int write_all(int fd, struct text data)
{
    while (data.n > 0) {
        ssize_t n = write(fd, data.p, data.n);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0)
            data = (struct text){data.p + n, data.n - (size_t)n};
    }
    return 0;
}

/* All that can fail before the new file takes the place of the old one. */
static int fill(int fd, struct text data, mode_t mode)
{
    if (fchmod(fd, mode) != 0)
        return -errno;
    int r = write_all(fd, data);
    if (r == 0 && fsync(fd) != 0)
        r = -errno;
    return r;
}

/* The name in a folder is on disk only when the folder is. */
static int sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    AUTO_FREE char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    if (!folder)
        return -ENOMEM;
    AUTO(fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 || fsync(fd) != 0 ? -errno : 0;
}

int file_write(const char *path, struct text data, mode_t mode, struct diag *d)
{
    AUTO_FREE char *draft = NULL;
    if (asprintf(&draft, "%s.XXXXXX", path) < 0) {
        draft = NULL;
        return diag_set(d, -ENOMEM, "out of memory");
    }
    AUTO(fd) int fd = mkostemp(draft, O_CLOEXEC);
    if (fd < 0)
        return fail(d, path);
    int r = fill(fd, data, mode);
    if (r == 0 && rename(draft, path) != 0)
        r = -errno;
    if (r != 0)
        (void)unlink(draft); /* the first error is the one to tell */
    else
        r = sync_folder(path);
    errno = -r;
    return r == 0 ? 0 : fail(d, path);
}

struct line_reader {
    int fd;
    char *data; /* what was read and not yet given: [start, end) */
    size_t size, start, end;
    size_t cap;
    size_t number;
    int64_t done_bytes, total_bytes;
};

int line_reader_open(const char *path, size_t cap, struct line_reader **ret, struct diag *d)
{
    AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0)
        return fail(d, path);
    if (S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return fail(d, path);
    }
    struct line_reader *r = calloc(1, sizeof *r);
    if (!r)
        return diag_set(d, -ENOMEM, "out of memory");
    r->fd = fd;
    fd = -1;
    r->cap = cap;
    r->total_bytes = S_ISREG(st.st_mode) ? st.st_size : 0;
    *ret = r;
    return 0;
}

/* Reads more behind what is there. 1; 0 at the end of the file; -EIO; -ENOMEM. */
static int read_more(struct line_reader *r)
{
    if (r->start > 0) {
        memmove(r->data, r->data + r->start, r->end - r->start);
        r->end -= r->start;
        r->start = 0;
    }
    if (r->end == r->size &&
        grow(&r->data, &r->size, r->end + READ_CHUNK, 1, SIZE_MAX / 2) != 0)
        return -ENOMEM;
    ssize_t got = read_some(r->fd, r->data + r->end, r->size - r->end);
    if (got < 0)
        return -EIO;
    r->end += (size_t)got;
    return got > 0;
}

/* Moves behind a line of `n` bytes and, where it has one, its newline. */
static void consume(struct line_reader *r, size_t n, size_t newline)
{
    r->start += n + newline;
    r->done_bytes += (int64_t)(n + newline);
}

/* Throws away the rest of a line that is too long, without holding it. */
static int skip_line(struct line_reader *r)
{
    for (;;) {
        size_t n = r->end - r->start;
        char *newline = n > 0 ? memchr(r->data + r->start, '\n', n) : NULL;
        if (newline) {
            consume(r, (size_t)(newline - (r->data + r->start)), 1);
            return -ERANGE;
        }
        consume(r, n, 0);
        int more = read_more(r);
        if (more <= 0)
            return more < 0 ? more : -ERANGE;
    }
}

static int give(struct line_reader *r, size_t n, size_t newline, struct text *ret)
{
    r->number++;
    *ret = (struct text){r->data + r->start, n};
    consume(r, n, newline);
    return 1;
}

int line_reader_next(struct line_reader *r, struct text *ret)
{
    size_t searched = 0;
    for (;;) {
        size_t n = r->end - r->start;
        char *line = n > 0 ? r->data + r->start : NULL;
        char *newline = n > searched ? memchr(line + searched, '\n', n - searched) : NULL;
        size_t length = newline ? (size_t)(newline - line) : n;
        if (length > r->cap) {
            r->number++;
            return skip_line(r);
        }
        if (newline)
            return give(r, length, 1, ret);
        searched = n;
        int more = read_more(r);
        if (more < 0)
            return more;
        if (more == 0)
            return n > 0 ? give(r, n, 0, ret) : 0;
    }
}

size_t line_reader_number(const struct line_reader *r)
{
    return r->number;
}

int64_t line_reader_done_bytes(const struct line_reader *r)
{
    return r->done_bytes;
}

int64_t line_reader_total_bytes(const struct line_reader *r)
{
    return r->total_bytes;
}

void line_reader_free(struct line_reader *r)
{
    if (!r)
        return;
    fd_done(&r->fd);
    free(r->data);
    free(r);
}
