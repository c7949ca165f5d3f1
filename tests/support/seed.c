/* Seeds for random tests. */
#include "support/seed.h"

#include "base/text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool is_same_program(const char *exe, const char *other)
{
    struct stat a;
    struct stat b;
    return stat(exe, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

/*
 * Criterion runs each test in a process of its own: they take one seed, from the process that
 * started them, so that the line printed is the right one whichever of them fails.
 */
static uint64_t seed_of_this_run(void)
{
    char parent_exe[32];
    (void)snprintf(parent_exe, sizeof parent_exe, "/proc/%d/exe", (int)getppid());
    bool is_child = is_same_program("/proc/self/exe", parent_exe);
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_REALTIME, &t); /* any number will do */
    uint64_t day = (uint64_t)t.tv_sec / 86400;
    struct rng r = {is_child ? day << 32 ^ (uint64_t)getppid()
                             : (uint64_t)t.tv_sec << 30 ^ (uint64_t)t.tv_nsec};
    return rng_next(&r) >> 32; /* short enough to type again */
}

uint64_t seed_now(void)
{
    static bool is_known;
    static uint64_t seed;
    if (is_known)
        return seed;
    const char *text = getenv("FAIRUSE_SEED");
    int64_t given = (int64_t)seed_of_this_run();
    if (text && *text && text_to_int(text_of(text), 0, INT64_MAX, &given) != 0) {
        fprintf(stderr, "FAIRUSE_SEED is not a number: %s\n", text);
        abort();
    }
    seed = (uint64_t)given;
    is_known = true;
    fprintf(stderr, "seed %" PRIu64 "\n", seed);
    return seed;
}

uint64_t rng_next(struct rng *r)
{
    r->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = r->state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t rng_below(struct rng *r, uint64_t n)
{
    assert(n > 0);
    /* What lies above the last whole multiple of n would favour the small numbers. */
    uint64_t limit = UINT64_MAX - UINT64_MAX % n;
    uint64_t v = rng_next(r);
    while (v >= limit)
        v = rng_next(r);
    return v % n;
}

int64_t rng_between(struct rng *r, int64_t low, int64_t high)
{
    assert(low <= high);
    uint64_t width = (uint64_t)high - (uint64_t)low + 1;
    return (int64_t)((uint64_t)low + rng_below(r, width));
}

size_t rng_damage(struct rng *r, char *p, size_t n)
{
    if (n == 0)
        return 0;
    for (uint64_t times = 1 + rng_below(r, 3); times > 0; times--) {
        size_t at = rng_below(r, n);
        size_t other = rng_below(r, n);
        char kept = p[at];
        switch (rng_below(r, 3)) {
        case 0: p[at] = (char)(kept ^ (1 << rng_below(r, 8))); break;
        case 1:
            p[at] = p[other];
            p[other] = kept;
            break;
        default: p[at] = (char)rng_below(r, 256); break;
        }
    }
    return rng_below(r, 4) == 0 ? rng_below(r, n) : n;
}
