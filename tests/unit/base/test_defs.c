/* Claims about the language's gaps. */
#include "support/leak.h"

#include "base/ckd.h"
#include "base/defs.h"

SUITE(defs);

static void counter_done(int **counter)
{
    ++**counter;
}

Test(defs, an_owning_local_is_released_on_the_way_out)
{
    int released = 0;
    {
        AUTO(counter) int *owner = &released;
        cr_assert_eq(*owner, 0);
    }
    cr_assert_eq(released, 1);
}

Test(defs, steal_leaves_the_owner_empty)
{
    AUTO_FREE char *owner = malloc(1);
    char *before = owner;
    AUTO_FREE char *thief = STEAL(owner);
    cr_assert_eq(thief, before);
    cr_assert_null(owner);
}

Test(defs, array_length_counts_elements)
{
    int three[3] = {0};
    cr_assert_eq(ARRAY_LEN(three), 3);
}

SUITE(ckd);

static const struct {
    int64_t a, b;
    bool adds, subtracts, multiplies;
    const char *why;
} sums[] = {
    {1, 2, true, true, true, "small"},
    {INT64_MAX, 0, true, true, true, "the greatest with nothing"},
    {INT64_MAX, 1, false, true, true, "one above the greatest"},
    {INT64_MIN, 1, true, false, true, "one below the least"},
    {INT64_MIN, -1, false, true, false, "minus the least is one above the greatest"},
    {INT64_C(1) << 32, INT64_C(1) << 31, true, true, false, "2^63 as a product"},
    {-(INT64_C(1) << 32), INT64_C(1) << 31, true, true, true, "-2^63 as a product fits"},
};

Test(ckd, only_an_exact_result_is_stored)
{
    for (size_t i = 0; i < ARRAY_LEN(sums); i++) {
        int64_t r = 7;
        cr_expect_eq(ckd_add_i64(sums[i].a, sums[i].b, &r), sums[i].adds, "%s", sums[i].why);
        cr_expect_eq(r == 7, !sums[i].adds, "sum: %s", sums[i].why);
        r = 7;
        cr_expect_eq(ckd_sub_i64(sums[i].a, sums[i].b, &r), sums[i].subtracts, "%s",
                     sums[i].why);
        cr_expect_eq(r == 7, !sums[i].subtracts, "difference: %s", sums[i].why);
        r = 7;
        cr_expect_eq(ckd_mul_i64(sums[i].a, sums[i].b, &r), sums[i].multiplies, "%s",
                     sums[i].why);
        cr_expect_eq(r == 7, !sums[i].multiplies, "product: %s", sums[i].why);
    }
}

Test(ckd, sizes_do_not_wrap)
{
    size_t r = 7;
    cr_expect(ckd_mul_size(SIZE_MAX / 2, 2, &r));
    cr_expect_eq(r, SIZE_MAX - 1);
    r = 7;
    cr_expect_not(ckd_mul_size(SIZE_MAX / 2 + 1, 2, &r));
    cr_expect_eq(r, 7);
}
