/* Claims about the server's own addresses and what the keeper knows of them. */
#include "probe/own.h"

#include "support/leak.h"

#include <errno.h>

SUITE(own);

static struct addr address(const char *text)
{
    struct addr a = {.family = 0};
    cr_assert_eq(addr_parse(text_of(text), &a), 0);
    return a;
}

static void came(struct own *o, const char *text, int64_t at_s)
{
    struct addr a = address(text);
    cr_assert_eq(own_came(o, &a, at_s), 0);
}

static void went(struct own *o, const char *text, int64_t at_s)
{
    struct addr a = address(text);
    own_went(o, &a, at_s);
}

static void expect(struct own *o, const char *text, bool is_there, int64_t at_s)
{
    struct message_address m;
    struct addr a = address(text);
    cr_assert(own_next(o, &m));
    cr_assert_eq(addr_compare(&m.address, &a), 0);
    cr_assert_eq(m.is_there, is_there);
    cr_assert_eq(m.at_s, at_s);
    own_tell(o, &m);
}

static void expect_nothing(const struct own *o)
{
    struct message_address m;
    cr_assert_not(own_next(o, &m));
}

Test(own, an_address_that_comes_and_goes_is_told_twice)
{
    struct own o = {.n = 0};
    came(&o, "203.0.113.10", 5);
    expect(&o, "203.0.113.10", true, 5);
    expect_nothing(&o);
    went(&o, "203.0.113.10", 9);
    expect(&o, "203.0.113.10", false, 9);
    expect_nothing(&o);
    cr_assert_eq(o.n, 0);
    own_done(&o);
}

Test(own, one_that_came_and_went_untold_is_told_all_the_same)
{
    struct own o = {.n = 0};
    came(&o, "203.0.113.10", 5);
    went(&o, "203.0.113.10", 9);
    expect(&o, "203.0.113.10", true, 5);
    expect(&o, "203.0.113.10", false, 9);
    expect_nothing(&o);
    own_done(&o);
}

Test(own, one_that_was_away_for_less_than_it_takes_to_tell_was_there)
{
    struct own o = {.n = 0};
    came(&o, "203.0.113.10", 5);
    expect(&o, "203.0.113.10", true, 5);
    went(&o, "203.0.113.10", 9);
    came(&o, "203.0.113.10", 9);
    expect_nothing(&o);
    own_done(&o);
}

Test(own, the_next_keeper_is_told_all_from_the_end_of_the_one_before)
{
    struct own o = {.n = 0};
    came(&o, "203.0.113.10", 5);
    came(&o, "2001:db8::10", 6);
    expect(&o, "203.0.113.10", true, 5);
    expect(&o, "2001:db8::10", true, 6);
    own_was_lost(&o, 100);
    came(&o, "203.0.113.11", 105);
    expect(&o, "203.0.113.10", true, 100);
    expect(&o, "2001:db8::10", true, 100);
    expect(&o, "203.0.113.11", true, 105);
    expect_nothing(&o);
    own_done(&o);
}

Test(own, one_that_went_while_nobody_listened_was_there_until_then)
{
    struct own o = {.n = 0};
    came(&o, "203.0.113.10", 5);
    expect(&o, "203.0.113.10", true, 5);
    own_was_lost(&o, 100);
    went(&o, "203.0.113.10", 130);
    expect(&o, "203.0.113.10", true, 100);
    expect(&o, "203.0.113.10", false, 130);
    own_done(&o);
}

Test(own, what_the_last_keeper_took_to_be_there_until_its_end_is_not_told_again)
{
    struct own o = {.n = 0};
    came(&o, "203.0.113.10", 5);
    expect(&o, "203.0.113.10", true, 5);
    went(&o, "203.0.113.10", 99); /* and it ends before it is told */
    own_was_lost(&o, 100);
    expect_nothing(&o);
    own_done(&o);
}

Test(own, no_more_than_the_cap)
{
    struct own o = {.n = 0};
    for (int i = 0; i <= OWN_MAX; i++) {
        struct addr a = {.family = ADDR_IPV4,
                         .bytes = {203, 0, (uint8_t)(i >> 8), (uint8_t)(i & 0xff)}};
        cr_assert_eq(own_came(&o, &a, 1), i < OWN_MAX ? 0 : -ERANGE);
    }
    own_done(&o);
}
