/*
 * A preloaded library (LD_PRELOAD) that makes one chosen system call or allocation of a program
 * fail, or ends the program there. What it is to do comes from the environment:
 *
 *   FAULT_WRITE=n    the n-th write fails: write, pwrite, pwritev, ftruncate, fsync, fdatasync,
 *                    fallocate, rename, link, mkdir, and the making of a file, counted
 *                    together, never those on descriptors 0 to 2. (Unlink is counted too, and
 *                    never fails: a full disk still deletes.)
 *   FAULT_ERRNO=e    with that number (ENOSPC = 28, EIO = 5; default EIO)
 *   FAULT_STICKY=1   and so does each write after it
 *   FAULT_HALF=1     a half of its bytes are written first
 *   FAULT_KILL=n     SIGKILL at the n-th write instead (with FAULT_HALF: in the middle of it)
 *   FAULT_ALLOC=n    the n-th allocation after the beginning of main() gets NULL, once
 *   FAULT_COUNT=FILE how many writes and allocations there were is written there at the end;
 *                    and at once, which library asked for the memory that it did not get
 *   FAULT_SERVER=1   main() is not called, but once for each line on standard input, in a
 *                    child of its own: the line has more such settings, the child writes to
 *                    the files "out" and "err", and its wait status is told on standard
 *                    output. This saves the loading of libraries, which takes longer than
 *                    most runs.
 *   FAULT_CONTROL=FILE  instead of the above, for a program that goes on running: the file is
 *                    a `struct control`, shared with whoever writes into it. Counted are then
 *                    only writes to files, not to sockets, by other threads than the first,
 *                    and no deletion.
 *
 * With FAULT_WRITES_ONLY it leaves allocations alone, so that it can stand beside a sanitizer
 * (which wants verify_asan_link_order=0). The product is never changed for this: it runs as it
 * ships.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* glibc's own allocator, under the names that nobody replaces. */
extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t alignment, size_t n);

static struct {
    bool is_on; /* main() has begun */
    long write, kill, alloc;
    int error;
    bool is_sticky, is_half;
    long writes, allocs; /* counted */
} plan;

/* What is to fail in a program that runs. The one outside writes `write` last, and takes it
 * away first. */
struct control {
    int64_t write; /* 0 = none */
    int64_t error, is_sticky, is_half;
    int64_t writes, failed; /* counted here */
};
static struct control *control; /* NULL = the plan holds */

/* ---- The plan ------------------------------------------------------------------------ */

static long number_of(const char *name, long otherwise)
{
    const char *s = getenv(name);
    long n = 0;

    if (!s || !*s)
        return otherwise;
    for (; *s >= '0' && *s <= '9'; s++)
        n = n * 10 + (*s - '0');
    return n;
}

static void plan_read(void)
{
    plan.write = number_of("FAULT_WRITE", 0);
    plan.kill = number_of("FAULT_KILL", 0);
    plan.alloc = number_of("FAULT_ALLOC", 0);
    plan.error = (int)number_of("FAULT_ERRNO", EIO);
    plan.is_sticky = number_of("FAULT_STICKY", 0) != 0;
    plan.is_half = number_of("FAULT_HALF", 0) != 0;
    plan.writes = plan.allocs = 0;
}

static void *real(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

/* Functions by the type of a pointer to them. */
#define REAL(type, name) ((type)(uintptr_t)real(name))

typedef int open_call(const char *, int, ...);
typedef ssize_t write_call(int, const void *, size_t);

/* One line more in the file of the counts. */
static void note(const char *text)
{
    const char *path = getenv("FAULT_COUNT");

    if (!path)
        return;
    int fd = REAL(open_call *, "open")(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || REAL(write_call *, "write")(fd, text, strlen(text)) < 0 || close(fd) != 0)
        _exit(99);
}

static void share_control(void)
{
    const char *path = getenv("FAULT_CONTROL");
    if (!path)
        return;
    int fd = REAL(open_call *, "open")(path, O_RDWR | O_CLOEXEC);
    void *page = fd < 0
                     ? MAP_FAILED
                     : mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED || close(fd) != 0)
        _exit(99);
    plan.kill = -1; /* nothing ends it */
    control = page;
}

static void tell_counts(void)
{
    char text[64];

    plan.is_on = false;
    (void)snprintf(text, sizeof text, "%ld %ld\n", plan.writes, plan.allocs);
    note(text);
}

/* ---- main(), and the server ------------------------------------------------------------ */

typedef int main_call(int, char **, char **);
static main_call *real_main;

static void redirect(const char *path, int fd)
{
    int file = REAL(open_call *, "open")(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (file < 0 || dup2(file, fd) < 0 || close(file) != 0)
        _exit(99);
}

/* "A=1 B=2" into the environment; the line stays where it is. */
static void take_settings(char *line)
{
    for (char *s = line; *s;) {
        size_t n = strcspn(s, " \n");
        bool is_last = s[n] == '\0';
        s[n] = '\0';
        if (n > 0 && putenv(s) != 0)
            _exit(99);
        s += n + (is_last ? 0 : 1);
    }
}

/* One line, without stdio, whose buffers a child would share. False at the end. */
static bool read_line(char *line, size_t size)
{
    size_t n = 0;

    while (n + 1 < size && read(0, line + n, 1) == 1)
        if (line[n++] == '\n') {
            line[n] = '\0';
            return true;
        }
    return false;
}

/* Returns in each child, with what its line says. */
static void serve(void)
{
    static char line[512];
    char text[32];

    while (read_line(line, sizeof line)) {
        int status = 0;
        pid_t child = fork();
        if (child == 0) {
            redirect("/dev/null", 0);
            redirect("out", 1);
            redirect("err", 2);
            take_settings(line);
            return;
        }
        if (child < 0 || waitpid(child, &status, 0) != child)
            _exit(99);
        int n = snprintf(text, sizeof text, "%d\n", status);
        if (write(1, text, (size_t)n) != n)
            _exit(99);
    }
    _exit(0);
}

static int begin(int argc, char **argv, char **env)
{
    if (getenv("FAULT_SERVER"))
        serve();
    if (atexit(tell_counts) != 0)
        _exit(99);
    plan_read();
    share_control();
    plan.is_on = true;
    return real_main(argc, argv, env);
}

typedef int start_call(main_call *, int, char **, void (*)(void), void (*)(void),
                       void (*)(void), void *);
extern start_call __libc_start_main;

int __libc_start_main(main_call *m, int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
    real_main = m;
    return REAL(start_call *, "__libc_start_main")(begin, argc, argv, init, fini, rtld_fini,
                                                   stack_end);
}

/* ---- Writes ---------------------------------------------------------------------------- */

enum verdict { GO_ON, FAIL, HALF };

static _Noreturn void die(void)
{
    (void)kill(getpid(), SIGKILL);
    for (;;)
        (void)pause();
}

static enum verdict count_controlled(void)
{
    if (gettid() == getpid())
        return GO_ON; /* the first thread only reads: it may open the files at any time */
    int64_t n = __atomic_add_fetch(&control->writes, 1, __ATOMIC_SEQ_CST);
    int64_t at = __atomic_load_n(&control->write, __ATOMIC_SEQ_CST);

    if (at == 0 || n < at || (n > at && control->is_sticky == 0))
        return GO_ON;
    (void)__atomic_add_fetch(&control->failed, 1, __ATOMIC_SEQ_CST);
    plan.error = (int)control->error;
    errno = plan.error;
    return n == at && control->is_half != 0 ? HALF : FAIL;
}

/* Counts a write that has not happened yet. HALF: a half of it is to happen. */
static enum verdict count_write(void)
{
    if (!plan.is_on)
        return GO_ON;
    if (control)
        return count_controlled();
    plan.writes++;
    if (plan.writes == plan.kill && !plan.is_half)
        die();
    if (plan.writes == plan.kill || (plan.writes == plan.write && plan.is_half))
        return HALF;
    bool fails = plan.write > 0 &&
                 (plan.writes == plan.write || (plan.is_sticky && plan.writes > plan.write));
    if (fails)
        errno = plan.error;
    return fails ? FAIL : GO_ON;
}

/* What has no half: it happens, or it fails. */
static bool fails_whole(void)
{
    enum verdict v = count_write();

    if (v == HALF && plan.writes == plan.kill)
        die();
    if (v == HALF)
        errno = plan.error;
    return v != GO_ON;
}

/* After the first half of n bytes, of which `done` were written. */
static ssize_t after_half(ssize_t done)
{
    if (plan.writes == plan.kill)
        die();
    if (done == 0)
        errno = plan.error;
    return done > 0 ? done : -1;
}

static bool is_spared(int fd)
{
    struct stat st;

    if (fd >= 0 && fd <= 2)
        return true;
    return control && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode);
}

ssize_t write(int fd, const void *p, size_t n)
{
    enum verdict v = is_spared(fd) ? GO_ON : count_write();

    if (v == FAIL)
        return -1;
    write_call *call = REAL(write_call *, "write");
    return v == HALF ? after_half(n / 2 ? call(fd, p, n / 2) : 0) : call(fd, p, n);
}

#define DEFINE_PWRITE(name)                                                                    \
    ssize_t name(int fd, const void *p, size_t n, off_t at)                                    \
    {                                                                                          \
        typedef ssize_t call_type(int, const void *, size_t, off_t);                           \
        enum verdict v = is_spared(fd) ? GO_ON : count_write();                                \
                                                                                               \
        if (v == FAIL)                                                                         \
            return -1;                                                                         \
        call_type *call = REAL(call_type *, #name);                                            \
        return v == HALF ? after_half(n / 2 ? call(fd, p, n / 2, at) : 0)                      \
                         : call(fd, p, n, at);                                                 \
    }

DEFINE_PWRITE(pwrite)
DEFINE_PWRITE(pwrite64)

/* What is only let through or not: the rest of the calls. */
#define DEFINE_WHOLE(result, name, parameters, arguments, is_ours)                             \
    result name parameters                                                                     \
    {                                                                                          \
        typedef result call_type parameters;                                                   \
                                                                                               \
        if (!(is_ours) && fails_whole())                                                       \
            return -1;                                                                         \
        return REAL(call_type *, #name) arguments;                                             \
    }

DEFINE_WHOLE(ssize_t, writev, (int fd, const struct iovec *v, int n), (fd, v, n), is_spared(fd))
DEFINE_WHOLE(ssize_t, pwritev, (int fd, const struct iovec *v, int n, off_t at), (fd, v, n, at),
             is_spared(fd))
DEFINE_WHOLE(ssize_t, pwritev64, (int fd, const struct iovec *v, int n, off_t at),
             (fd, v, n, at), is_spared(fd))
DEFINE_WHOLE(int, ftruncate, (int fd, off_t n), (fd, n), is_spared(fd))
DEFINE_WHOLE(int, ftruncate64, (int fd, off_t n), (fd, n), is_spared(fd))
DEFINE_WHOLE(int, fsync, (int fd), (fd), is_spared(fd))
DEFINE_WHOLE(int, fdatasync, (int fd), (fd), is_spared(fd))
DEFINE_WHOLE(int, fallocate, (int fd, int mode, off_t at, off_t n), (fd, mode, at, n),
             is_spared(fd))
DEFINE_WHOLE(int, fallocate64, (int fd, int mode, off_t at, off_t n), (fd, mode, at, n),
             is_spared(fd))
DEFINE_WHOLE(int, rename, (const char *from, const char *to), (from, to), false)
DEFINE_WHOLE(int, link, (const char *from, const char *to), (from, to), false)
DEFINE_WHOLE(int, mkdir, (const char *path, mode_t mode), (path, mode), false)
DEFINE_WHOLE(int, mkostemp, (char *pattern, int flags), (pattern, flags), false)
DEFINE_WHOLE(int, mkostemp64, (char *pattern, int flags), (pattern, flags), false)

int unlink(const char *path)
{
    typedef int call_type(const char *);
    int before = errno;

    if (!control)
        (void)fails_whole(); /* it may be the end, and no more */
    errno = before;
    return REAL(call_type *, "unlink")(path);
}

/* It returns its error, and leaves errno alone. */
#define DEFINE_POSIX_FALLOCATE(name)                                                           \
    int name(int fd, off_t at, off_t n)                                                        \
    {                                                                                          \
        typedef int call_type(int, off_t, off_t);                                              \
        return fails_whole() ? errno : REAL(call_type *, #name)(fd, at, n);                    \
    }

DEFINE_POSIX_FALLOCATE(posix_fallocate)
DEFINE_POSIX_FALLOCATE(posix_fallocate64)

/* Opening is a write where it makes a file. */
static bool makes_file(const char *path, int flags)
{
    return (flags & O_CREAT) != 0 && access(path, F_OK) != 0;
}

#define DEFINE_OPEN(name)                                                                      \
    int name(const char *path, int flags, ...)                                                 \
    {                                                                                          \
        va_list args;                                                                          \
        va_start(args, flags);                                                                 \
        mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;                       \
        va_end(args);                                                                          \
        if (makes_file(path, flags) && fails_whole())                                          \
            return -1;                                                                         \
        return REAL(open_call *, #name)(path, flags, mode);                                    \
    }

DEFINE_OPEN(open)
DEFINE_OPEN(open64)

#ifndef FAULT_WRITES_ONLY
/* ---- Allocations ----------------------------------------------------------------------- */

/* Which object file the code at an address is of. */
static void note_asker(const void *address)
{
    Dl_info info;
    char text[256];

    plan.is_on = false;
    if (dladdr(address, &info) != 0 && info.dli_fname) {
        const char *slash = strrchr(info.dli_fname, '/');
        (void)snprintf(text, sizeof text, "%s\n", slash ? slash + 1 : info.dli_fname);
        note(text);
    }
    plan.is_on = true;
}

static bool is_refused(const void *asker)
{
    if (!plan.is_on)
        return false;
    plan.allocs++;
    if (plan.allocs != plan.alloc)
        return false;
    note_asker(asker);
    errno = ENOMEM;
    return true;
}

/* Where the function that is called here goes back to. */
#define ASKER __builtin_return_address(0)

void *malloc(size_t n)
{
    return is_refused(ASKER) ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
    return is_refused(ASKER) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
    return is_refused(ASKER) ? NULL : __libc_realloc(p, n);
}

void *reallocarray(void *p, size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes) || is_refused(ASKER)) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_realloc(p, bytes);
}

void *memalign(size_t alignment, size_t n)
{
    return is_refused(ASKER) ? NULL : __libc_memalign(alignment, n);
}

void *aligned_alloc(size_t alignment, size_t n)
{
    return is_refused(ASKER) ? NULL : __libc_memalign(alignment, n);
}

int posix_memalign(void **ret, size_t alignment, size_t n)
{
    void *p = is_refused(ASKER) ? NULL : __libc_memalign(alignment, n);

    if (!p)
        return ENOMEM;
    *ret = p;
    return 0;
}
#endif
