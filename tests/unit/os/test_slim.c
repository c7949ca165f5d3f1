/* Claims about letting go of code. */
#include "os/slim.h"

#include "support/leak.h"

#include <stdint.h>

SUITE(slim);

static bool holds(const struct slim *s, uintptr_t at)
{
    for (size_t i = 0; i < s->n; i++) {
        uintptr_t from = (uintptr_t)s->ranges[i].from;
        if (at >= from && at < from + s->ranges[i].bytes)
            return true;
    }
    return false;
}

Test(slim, code_is_found_and_data_is_not)
{
    static const char constant[] = "only to be read";
    static char variable[4] = "abc";
    char local = 'l';
    struct slim s;
    slim_find(&s);
    cr_assert_geq(s.n, 2); /* this program, the C library */
    cr_assert(holds(&s, (uintptr_t)slim_find));
    cr_assert(holds(&s, (uintptr_t)leak_check));
    cr_assert(constant[0] ==
              'o'); /* constants may be let go of, or not: as the loader left them */
    cr_assert_not(holds(&s, (uintptr_t)variable));
    cr_assert_not(holds(&s, (uintptr_t)&local));
}

Test(slim, what_was_let_go_of_runs_as_before)
{
    struct slim s, again;
    slim_find(&s);
    slim_drop(&s);
    slim_find(&again);
    cr_assert_eq(again.n, s.n);
}
