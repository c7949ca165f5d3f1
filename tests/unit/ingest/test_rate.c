/* Token buckets by hand, and counts against a plain list. */
#include <errno.h>
#include <string.h>

#include "base/caps.h"
#include "ingest/rate.h"
#include "support/leak.h"
#include "support/seed.h"

SUITE(rate);

#define SEED UINT64_C(0x0123456789abcdef)

static struct rate_table *table_of(size_t slots)
{
    struct rate_table *t = NULL;
    cr_assert_eq(rate_table_new(slots, SEED, &t), 0);
    return t;
}

static struct tally *tally_of(size_t most)
{
    struct tally *t = NULL;
    cr_assert_eq(tally_new(most, SEED, &t), 0);
    return t;
}

static int64_t take_at(struct rate_table *t, const struct rate_rule *rule, const char *key,
                       int64_t ms)
{
    return rate_take(t, rule, text_of(key), (mono_t){ms});
}

Test(rate, a_bucket_empties_and_fills_as_by_hand)
{
    /* Three at once, then six a minute: one each ten seconds. */
    static const struct rate_rule rule = {.burst = 3, .per_minute = 6};
    static const struct {
        int64_t ms, wait_s;
        const char *why;
    } rows[] = {
        {1000, 0, "the first of three"},
        {1000, 0, "the second"},
        {1000, 0, "the third"},
        {1000, 10, "empty: a whole one takes ten seconds"},
        {1000, 10, "who is refused is not set back"},
        {4500, 7, "6.5 seconds are left, told as 7"},
        {10999, 1, "a millisecond is left"},
        {11000, 0, "ten seconds on there is one"},
        {11000, 10, "and no more"},
        {30999, 0, "two, but for a millisecond: the first"},
        {30999, 1, "the second is not whole"},
        {31000, 0, "now it is"},
        {61000, 0, "three, after thirty seconds"},
        {61000, 0, "the second of them"},
        {61000, 0, "the third"},
        {61000, 10, "and no more"},
        {3661000, 0, "an hour fills it with no more than three"},
        {3661000, 0, "the second"},
        {3661000, 0, "the third"},
        {3661000, 10, "empty"},
    };
    AUTO(rate_table) struct rate_table *t = table_of(64);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        cr_expect_eq(take_at(t, &rule, "a", rows[i].ms), rows[i].wait_s, "row %zu: %s", i,
                     rows[i].why);
}

Test(rate, asking_often_loses_nothing_to_rounding)
{
    /* Seven a minute: after the two at once the k-th is there after ceil(60000 k / 7)
     * milliseconds. */
    static const struct rate_rule rule = {.burst = 2, .per_minute = 7};
    static const int64_t expected[] = {0, 1, 8572, 17143, 25715, 34286, 42858, 51429, 60000};
    AUTO(rate_table) struct rate_table *t = table_of(64);
    size_t count = 0;
    for (int64_t ms = 0; ms <= 60000; ms++) {
        if (take_at(t, &rule, "a", ms) != 0)
            continue;
        cr_assert(count < ARRAY_LEN(expected));
        cr_expect_eq(ms, expected[count], "take %zu at %lld", count, (long long)ms);
        count++;
    }
    cr_expect_eq(count, ARRAY_LEN(expected));
}

Test(rate, the_wait_is_in_whole_seconds_from_one)
{
    static const struct {
        struct rate_rule rule;
        int64_t ms, wait_s;
        const char *why;
    } rows[] = {
        {{1, 1}, 0, 60, "one a minute"},
        {{1, 1}, 30500, 30, "29.5 seconds are left"},
        {{1, 1}, 59999, 1, "a millisecond is left"},
        {{1, 60}, 0, 1, "one a second"},
        {{1, 60000}, 0, 1, "one a millisecond"},
        {{1, 1000000}, 0, 1, "many a millisecond"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(rate_table) struct rate_table *t = table_of(8);
        cr_expect_eq(take_at(t, &rows[i].rule, "a", 0), 0, "%s", rows[i].why);
        cr_expect_eq(take_at(t, &rows[i].rule, "a", rows[i].ms), rows[i].wait_s, "%s",
                     rows[i].why);
    }
}

Test(rate, no_rate_is_no_limit)
{
    static const struct rate_rule rule = {.burst = 1, .per_minute = 0};
    AUTO(rate_table) struct rate_table *t = table_of(8);
    for (int i = 0; i < 1000; i++)
        cr_expect_eq(take_at(t, &rule, "a", 0), 0);
}

Test(rate, keys_differ_by_every_byte_and_their_length)
{
    static const struct rate_rule rule = {.burst = 1, .per_minute = 1};
    char longest[CAP_ID] = "x", other[CAP_ID] = "x";
    other[CAP_ID - 1] = 'y';
    const struct text keys[] = {
        {"a", 1},    {"b", 1},        {"a\0", 2},       {"\0a", 2},        {"\0", 1},
        {"\0\0", 2}, {"aaaaaaaa", 8}, {"aaaaaaaaa", 9}, {longest, CAP_ID}, {other, CAP_ID}};
    AUTO(rate_table) struct rate_table *t = table_of(1024);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        cr_expect_eq(rate_take(t, &rule, keys[i], (mono_t){0}), 0, "key %zu", i);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        cr_expect_eq(rate_take(t, &rule, keys[i], (mono_t){0}), 60, "key %zu again", i);
}

Test(rate, a_clock_that_stands_or_goes_back_gives_nothing)
{
    static const struct rate_rule rule = {.burst = 1, .per_minute = 60};
    AUTO(rate_table) struct rate_table *t = table_of(8);
    cr_expect_eq(take_at(t, &rule, "a", 5000), 0);
    cr_expect_eq(take_at(t, &rule, "a", 0), 1);
    cr_expect_eq(take_at(t, &rule, "a", 5999), 1, "counted from 5000, not from 0");
    cr_expect_eq(take_at(t, &rule, "a", 6000), 0);
}

Test(rate, a_smaller_burst_holds_from_then_on)
{
    static const struct rate_rule wide = {.burst = 10, .per_minute = 60};
    static const struct rate_rule narrow = {.burst = 2, .per_minute = 60};
    AUTO(rate_table) struct rate_table *t = table_of(8);
    cr_expect_eq(take_at(t, &wide, "a", 0), 0);
    cr_expect_eq(take_at(t, &narrow, "a", 0), 0);
    cr_expect_eq(take_at(t, &narrow, "a", 0), 0);
    cr_expect_eq(take_at(t, &narrow, "a", 0), 1, "two were left of the nine");
}

Test(rate, the_largest_numbers_do_not_overflow)
{
    static const struct rate_rule rule = {.burst = INT64_MAX, .per_minute = INT64_MAX};
    AUTO(rate_table) struct rate_table *t = table_of(8);
    cr_expect_eq(take_at(t, &rule, "a", 0), 0);
    cr_expect_eq(take_at(t, &rule, "a", 1), 0);
    cr_expect_eq(take_at(t, &rule, "a", INT64_MAX), 0);
    cr_expect_eq(take_at(t, &rule, "b", INT64_MAX), 0);
}

Test(rate, where_it_is_full_the_stalest_is_forgotten)
{
    /* Eight slots are one neighbourhood: the ninth key takes the place of the stalest. */
    static const struct rate_rule rule = {.burst = 1, .per_minute = 1};
    static const char *const keys[] = {"0", "1", "2", "3", "4", "5", "6", "7"};
    AUTO(rate_table) struct rate_table *t = table_of(1); /* rounded up to 8 */
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        cr_expect_eq(take_at(t, &rule, keys[i], (int64_t)i), 0);
    cr_expect_eq(take_at(t, &rule, "0", 100), 60, "all are known: 59.9 s are left");
    cr_expect_eq(take_at(t, &rule, "8", 101), 0, "in the place of 1, seen last at 1 ms");
    cr_expect_eq(take_at(t, &rule, "0", 102), 60, "0 came again meanwhile");
    cr_expect_eq(take_at(t, &rule, "2", 103), 60, "2 is known");
    cr_expect_eq(take_at(t, &rule, "1", 104), 0, "1 is not, and takes the place of 3");
    cr_expect_eq(take_at(t, &rule, "3", 105), 0, "which takes that of 4");
}

Test(rate, a_table_half_full_forgets_next_to_nobody)
{
    static const struct rate_rule rule = {.burst = 1, .per_minute = 1};
    AUTO(rate_table) struct rate_table *t = table_of(4096);
    size_t known = 0;
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 2048; i++) {
            struct text key = {(const char *)&i, sizeof i};
            known += rate_take(t, &rule, key, (mono_t){0}) > 0;
        }
    }
    cr_expect_geq(known, 2000, "%zu of 2048", known);
}

Test(rate, an_absurd_size_is_out_of_memory)
{
    struct rate_table *t = NULL;
    struct tally *c = NULL;
    cr_expect_eq(rate_table_new(SIZE_MAX, SEED, &t), -ENOMEM);
    cr_expect_eq(rate_table_new(SIZE_MAX / 2, SEED, &t), -ENOMEM);
    cr_expect_eq(tally_new(SIZE_MAX, SEED, &c), -ENOMEM);
    cr_expect_eq(tally_new(SIZE_MAX / 4, SEED, &c), -ENOMEM);
    cr_expect(t == NULL && c == NULL);
    rate_table_free(NULL);
    tally_free(NULL);
}

static struct text key_of(const char *address, uint8_t out[static RATE_ADDRESS_KEY])
{
    struct addr a = {.family = 0};
    if (address != NULL)
        cr_assert_eq(addr_parse(text_of(address), &a), 0);
    return rate_address_key(&a, out);
}

Test(rate, an_ipv6_address_counts_as_its_64)
{
    static const struct {
        const char *a, *b; /* NULL = no address */
        bool are_one;
        const char *why;
    } rows[] = {
        {"203.0.113.9", "203.0.113.9", true, "itself"},
        {"203.0.113.9", "203.0.113.8", false, "IPv4 counts alone"},
        {"203.0.113.9", "::ffff:203.0.113.9", true, "mapped is IPv4"},
        {"2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", true, "one /64"},
        {"2001:db8:0:1::1", "2001:db8:0:2::1", false, "the next /64"},
        {"32.1.13.184", "2001:db8::", false, "equal bytes of another family"},
        {NULL, NULL, true, "none is a key too"},
        {NULL, "0.0.0.0", false, "but not that of an address"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint8_t a[RATE_ADDRESS_KEY], b[RATE_ADDRESS_KEY];
        struct text one = key_of(rows[i].a, a), two = key_of(rows[i].b, b);
        bool are_one = one.n == two.n && memcmp(one.p, two.p, one.n) == 0;
        cr_expect_eq(are_one, rows[i].are_one, "%s", rows[i].why);
        cr_expect(one.n >= 1 && one.n <= RATE_ADDRESS_KEY, "%s", rows[i].why);
    }
}

Test(rate, a_count_ends_at_its_limit)
{
    AUTO(tally) struct tally *t = tally_of(4);
    struct text a = text_of("a"), b = text_of("b");
    cr_expect(!tally_take(t, a, 0), "none is allowed");
    cr_expect(tally_take(t, a, 2) && tally_take(t, a, 2), "two are");
    cr_expect(!tally_take(t, a, 2), "the third is not");
    cr_expect(tally_take(t, b, 2), "nor does it concern another");
    tally_give(t, a);
    cr_expect(tally_take(t, a, 2), "one was given back");
    cr_expect(!tally_take(t, a, 2), "and only one");
}

Test(rate, no_more_keys_than_were_said_have_a_count)
{
    AUTO(tally) struct tally *t = tally_of(2);
    cr_expect(tally_take(t, text_of("a"), 9) && tally_take(t, text_of("b"), 9));
    cr_expect(!tally_take(t, text_of("c"), 9), "two are all");
    cr_expect(tally_take(t, text_of("a"), 9), "those that are there may have more");
    tally_give(t, text_of("b"));
    cr_expect(tally_take(t, text_of("c"), 9), "b is gone");
}

enum { KEYS = 48, MOST = 32, LIMIT = 3, STEPS = 20000 };

/* What a plain list says of the same step; false = more is not allowed. */
static bool list_take(uint32_t counts[static KEYS], size_t key)
{
    size_t used = 0;
    for (size_t i = 0; i < KEYS; i++)
        used += counts[i] > 0;
    if (counts[key] >= LIMIT || (counts[key] == 0 && used == MOST))
        return false;
    counts[key]++;
    return true;
}

/* 32 keys in 64 slots touch each other all the time, so deletion has chains to mend. */
Test(rate, counts_are_exact_whatever_comes_and_goes)
{
    struct rng rng = {seed_now()};
    uint32_t counts[KEYS] = {0};
    AUTO(tally) struct tally *t = NULL;
    cr_assert_eq(tally_new(MOST, rng_next(&rng), &t), 0);
    for (size_t step = 0; step < STEPS; step++) {
        uint32_t key = (uint32_t)rng_below(&rng, KEYS);
        struct text text = {(const char *)&key, sizeof key};
        bool takes = rng_below(&rng, 2) == 0;
        if (takes) {
            bool expected = list_take(counts, key);
            cr_assert_eq(tally_take(t, text, LIMIT), expected, "step %zu", step);
        } else if (counts[key] > 0) {
            counts[key]--;
            tally_give(t, text);
        }
    }
    for (uint32_t key = 0; key < KEYS; key++) {
        for (; counts[key] > 0; counts[key]--)
            tally_give(t, (struct text){(const char *)&key, sizeof key});
    }
    for (uint32_t key = 0; key < MOST; key++)
        cr_expect(tally_take(t, (struct text){(const char *)&key, sizeof key}, 1),
                  "all is free");
}
