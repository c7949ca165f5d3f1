/* Claims about the wall clock. */
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
