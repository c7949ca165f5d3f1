/*
 * Preloaded: sets the wall clock of one program, as if somebody had set the machine's. The
 * offset in seconds stands in a file (SHIFTED_CLOCK, eight bytes in the machine's order) that
 * is mapped at the start, so it may change at any time and asks for no call that a confined
 * process may not do. Clocks that do not jump are left alone.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *offset_s;

__attribute__((constructor)) static void map_offset(void)
{
    const char *path = getenv("SHIFTED_CLOCK");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *p = fd >= 0 ? mmap(NULL, sizeof *offset_s, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (p == MAP_FAILED)
        abort(); /* a test that shifts nothing must not pass */
    (void)close(fd);
    offset_s = p;
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
    int r = (int)syscall(SYS_clock_gettime, clock, ret);
    if (r == 0 && offset_s && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        ret->tv_sec += *offset_s;
    return r;
}

time_t time(time_t *ret)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now); /* fails only for a clock that does not exist */
    if (ret)
        *ret = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *ret, void *zone)
{
    struct timespec now;
    int r = clock_gettime(CLOCK_REALTIME, &now);
    (void)zone; /* long without a meaning */
    if (r == 0)
        *ret = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return r;
}
