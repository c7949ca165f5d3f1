/* A loop of a test's own, and a trail of letters in the order of what was called. */
#ifndef UNIT_OS_LOOP_TRAIL_H
#define UNIT_OS_LOOP_TRAIL_H

#include "support/leak.h"

#include "os/loop.h"

#include <string.h>

static struct loop *loop;
static char trail[64];

static inline void leave(char mark)
{
    size_t n = strlen(trail);
    cr_assert_lt(n, sizeof trail - 1);
    trail[n] = mark;
}

static inline void make_loop(void)
{
    cr_assert_eq(loop_new(&loop), 0);
}

static inline void free_loop(void)
{
    loop_free(loop);
    leak_check();
}

/* A loop that nothing stops is ended by the limit. */
#define LOOP_SUITE(name) TestSuite(name, .init = make_loop, .fini = free_loop, .timeout = 60)

static inline void run(void)
{
    cr_assert_eq(loop_run(loop), 0);
}

#endif
