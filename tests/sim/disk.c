/*
 * The disk: the system's writing calls, as this program and its SQLite meet them. This
 * program's own definitions come before the C library's. Nothing is ever synced: a power loss
 * is not simulated, a death between two writes is.
 */
#include "sim/sim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
    enum disk_mode mode;
    int64_t left;
    int error;
    bool was_met;
} disk;

void disk_arm(enum disk_mode mode, int64_t n, int error)
{
    disk.mode = mode;
    disk.left = n;
    disk.error = error;
    disk.was_met = false;
}

bool disk_disarm(void)
{
    disk.mode = DISK_GOOD;
    return disk.was_met;
}

/* 0: as usual; 1: nothing happens, and all seems well; -1 with errno. Of a write that a death
 * tears *n is what gets there. */
static int meet(size_t *n)
{
    if (disk.mode == DISK_GOOD || --disk.left > 0)
        return 0;
    bool is_first = !disk.was_met;
    disk.was_met = true;
    if (disk.mode == DISK_STOPS && is_first && n && *n > 1) {
        *n /= 2;
        return 0;
    }
    if (disk.mode == DISK_STOPS)
        return 1;
    errno = disk.error;
    return -1;
}

ssize_t pwrite64(int fd, const void *buf, size_t n, off64_t offset)
{
    size_t some = n;
    int r = meet(&some);
    if (r < 0)
        return -1;
    if (r == 0 && syscall(SYS_pwrite64, fd, buf, some, offset) < 0)
        return -1;
    return (ssize_t)n;
}

ssize_t write(int fd, const void *buf, size_t n)
{
    int r = fd > 2 ? meet(NULL) : 0; /* what we print is no disk's business */
    return r < 0 ? -1 : r == 0 ? syscall(SYS_write, fd, buf, n) : (ssize_t)n;
}

int ftruncate64(int fd, off64_t length)
{
    int r = meet(NULL);
    return r < 0 ? -1 : r == 0 ? (int)syscall(SYS_ftruncate, fd, length) : 0;
}

int unlink(const char *name)
{
    int r = meet(NULL);
    return r < 0 ? -1 : r == 0 ? (int)syscall(SYS_unlink, name) : 0;
}

int fdatasync(int fildes)
{
    (void)fildes;
    return meet(NULL) < 0 ? -1 : 0;
}

int fsync(int fd)
{
    (void)fd;
    return meet(NULL) < 0 ? -1 : 0;
}

/* ---- Files as they were -------------------------------------------------------------------
 */

void image_take(const char *path, struct image *ret)
{
    struct stat st;
    image_done(ret);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fstat(fd, &st) < 0 || !(ret->data = malloc((size_t)st.st_size + 1)))
        abort();
    while (ret->n < (size_t)st.st_size) {
        ssize_t n = read(fd, ret->data + ret->n, (size_t)st.st_size - ret->n);
        if (n <= 0)
            abort();
        ret->n += (size_t)n;
    }
    (void)close(fd);
}

void image_put(const char *path, const struct image *x)
{
    (void)unlink(path);
    if (!x->data)
        return; /* there was none */
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    for (size_t at = 0; at < x->n;) {
        ssize_t n = fd < 0 ? -1 : write(fd, x->data + at, x->n - at);
        if (n <= 0) {
            perror(path);
            abort();
        }
        at += (size_t)n;
    }
    (void)close(fd);
}

void image_done(struct image *x)
{
    free(x->data);
    *x = (struct image){0};
}
