/* Claims about random bytes and secret comparisons. */
#include "support/leak.h"

#include "crypto/random.h"

#include <string.h>

SUITE(random);

Test(random, two_draws_differ_and_fill_all_that_was_asked_for)
{
    uint8_t a[64] = {0};
    uint8_t b[64] = {0};
    uint8_t seen[64] = {0};
    cr_assert_eq(random_bytes(a, sizeof a), 0);
    cr_assert_eq(random_bytes(b, sizeof b), 0);
    cr_assert_arr_neq(a, b, sizeof a);
    for (int round = 0; round < 64; round++) { /* a byte stays 0 by chance in 1 of 2^512 */
        cr_assert_eq(random_bytes(a, sizeof a), 0);
        for (size_t i = 0; i < sizeof a; i++)
            seen[i] |= a[i];
    }
    for (size_t i = 0; i < sizeof seen; i++)
        cr_expect_neq(seen[i], 0, "byte %zu", i);
}

Test(random, no_more_is_written_than_was_asked_for)
{
    uint8_t a[8];
    memset(a, 7, sizeof a);
    cr_assert_eq(random_bytes(a, 0), 0);
    cr_assert_eq(random_bytes(a, 4), 0);
    for (size_t i = 4; i < sizeof a; i++)
        cr_expect_eq(a[i], 7);
}

Test(random, secrets_are_the_same_only_if_every_byte_is)
{
    uint8_t a[32] = {1, 2, 3};
    uint8_t b[32] = {1, 2, 3};
    cr_expect(random_same(a, b, sizeof a));
    cr_expect(random_same(a, b, 0));
    for (size_t i = 0; i < sizeof a; i++) {
        b[i] ^= 0x80;
        cr_expect(!random_same(a, b, sizeof a), "byte %zu", i);
        b[i] ^= 0x80;
    }
    b[31] = 9;
    cr_expect(random_same(a, b, 31), "what lies behind is not looked at");
}
