/* Claims about growing arrays. */
#include "support/leak.h"

#include "base/grow.h"

#include <errno.h>
#include <stdint.h>

SUITE(grow);

Test(grow, contents_survive_and_room_doubles)
{
    AUTO_FREE int *v = NULL;
    size_t cap = 0;
    size_t moves = 0;
    for (size_t n = 0; n < 1000; n++) {
        size_t before = cap;
        cr_assert_eq(grow(&v, &cap, n + 1, sizeof *v, 1000), 0);
        cr_assert_geq(cap, n + 1);
        moves += cap != before;
        v[n] = (int)n;
    }
    for (size_t n = 0; n < 1000; n++)
        cr_assert_eq(v[n], (int)n);
    cr_assert_leq(moves, 11, "2^10 > 1000");
    cr_assert_eq(cap, 1000, "never beyond the maximum");
}

Test(grow, beyond_the_maximum_nothing_changes)
{
    AUTO_FREE int *v = NULL;
    size_t cap = 0;
    cr_assert_eq(grow(&v, &cap, 3, sizeof *v, 3), 0);
    int *before = v;
    cr_assert_eq(grow(&v, &cap, 4, sizeof *v, 3), -ERANGE);
    cr_assert_eq(v, before);
    cr_assert_eq(cap, 3);
}

Test(grow, a_size_that_wraps_is_out_of_memory)
{
    AUTO_FREE int *v = NULL;
    size_t cap = 0;
    cr_assert_eq(grow(&v, &cap, SIZE_MAX / 2, sizeof *v, SIZE_MAX), -ENOMEM);
    cr_assert_null(v);
    cr_assert_eq(cap, 0);
}

Test(grow, enough_room_is_left_alone)
{
    AUTO_FREE int *v = NULL;
    size_t cap = 0;
    cr_assert_eq(grow(&v, &cap, 0, sizeof *v, 10), 0);
    cr_assert_null(v);
    cr_assert_eq(grow(&v, &cap, 5, sizeof *v, 10), 0);
    size_t before = cap;
    cr_assert_eq(grow(&v, &cap, 2, sizeof *v, 1), 0, "no need to grow, whatever the maximum");
    cr_assert_eq(cap, before);
}
