/* Claims about the clocks. */
#include "support/leak.h"

#include "os/clock.h"

#include <time.h>

SUITE(clock);

Test(clock, shows_the_system_s_time)
{
    time_t before = time(NULL);
    wall_t now = clock_now();
    time_t after = time(NULL);
    /* time(2) may lag behind by the kernel's tick. */
    cr_assert(before <= now.s && now.s <= after + 1);
}

Test(clock, of_the_monotonic_kind_goes_with_the_kernel_s_and_never_back)
{
    struct timespec t;
    mono_t last = clock_mono();
    cr_assert_eq(clock_gettime(CLOCK_MONOTONIC, &t), 0);
    cr_assert_leq(last.ms, t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000);
    for (size_t i = 0; i < 1000; i++) {
        mono_t now = clock_mono();
        cr_assert_geq(now.ms, last.ms);
        last = now;
    }
    cr_assert_geq(last.ms, t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000);
}
