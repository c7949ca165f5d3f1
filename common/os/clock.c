/* The clocks. */
#include "os/clock.h"

#include <time.h>

wall_t clock_now(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_REALTIME, &t); /* fails only for a clock that does not exist */
    return (wall_t){t.tv_sec};
}

mono_t clock_mono(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* the same */
    return (mono_t){t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000};
}

int64_t clock_boot(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_BOOTTIME, &t); /* the same */
    return t.tv_sec;
}

struct clock_pair clock_both(void)
{
    enum { TRIES = 8 }; /* nobody sets it as often as that */
    struct clock_pair p;
    int64_t apart = 0;
    int tries = 0;
    do {
        wall_t before = clock_now();
        p.boot_s = clock_boot();
        p.wall = clock_now();
        apart = p.wall.s - before.s;
    } while ((apart < 0 || apart > 1) && ++tries < TRIES);
    return p;
}
