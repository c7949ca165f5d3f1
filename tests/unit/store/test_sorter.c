/* The sorter: order of keys, stability, more than fits in its memory. */
#include "store/sorter.h"

#include "support/leak.h"
#include "support/seed.h"

#include <stdio.h>
#include <string.h>

SUITE(sorter);

static struct sorter *new_sorter(void)
{
    struct sorter *s = NULL;
    struct diag d = {""};
    cr_assert_eq(sorter_new(&s, &d), 0, "%s", d.text);
    return s;
}

static void put(struct sorter *s, struct text key, struct text value)
{
    cr_assert_eq(sorter_put(s, key, value), 0);
}

static void expect_next(struct sorter *s, struct text key, struct text value)
{
    struct text k;
    struct text v;
    cr_assert_eq(sorter_next(s, &k, &v), 1);
    cr_assert(k.n == key.n && memcmp(k.p, key.p, k.n) == 0, "key %.*s", (int)k.n, k.p);
    cr_assert(v.n == value.n && memcmp(v.p, value.p, v.n) == 0, "value %.*s", (int)v.n, v.p);
}

static void expect_end(struct sorter *s)
{
    struct text k;
    struct text v;
    cr_assert_eq(sorter_next(s, &k, &v), 0);
    cr_assert_eq(sorter_next(s, &k, &v), 0, "the end stays the end");
}

Test(sorter, keys_come_by_bytes_and_the_shorter_first)
{
    AUTO(sorter) struct sorter *s = new_sorter();
    static const struct text keys[] = {{"", 0},     {"\0", 1},   {"\0\0", 2}, {"A", 1},
                                       {"Ab", 2},   {"a", 1},    {"a\0", 2},  {"a\0b", 3},
                                       {"\x7f", 1}, {"\x80", 1}, {"\xff", 1}, {"\xff\xff", 2}};
    for (size_t i = ARRAY_LEN(keys); i-- > 0;)
        put(s, keys[i], keys[i]);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        expect_next(s, keys[i], keys[i]);
    expect_end(s);
}

Test(sorter, equal_keys_keep_their_order)
{
    AUTO(sorter) struct sorter *s = new_sorter();
    put(s, text_of("b"), text_of("3"));
    put(s, text_of("a"), text_of("2"));
    put(s, text_of("b"), text_of("1"));
    put(s, text_of("a"), text_of("1"));
    put(s, text_of("b"), text_of("1"));
    expect_next(s, text_of("a"), text_of("2"));
    expect_next(s, text_of("a"), text_of("1"));
    expect_next(s, text_of("b"), text_of("3"));
    expect_next(s, text_of("b"), text_of("1"));
    expect_next(s, text_of("b"), text_of("1"));
    expect_end(s);
}

Test(sorter, an_empty_one_ends_at_once_and_nothing_is_a_value)
{
    AUTO(sorter) struct sorter *empty = new_sorter();
    expect_end(empty);
    AUTO(sorter) struct sorter *s = new_sorter();
    put(s, (struct text){NULL, 0}, (struct text){NULL, 0});
    expect_next(s, (struct text){"", 0}, (struct text){"", 0});
    expect_end(s);
}

Test(sorter, rewinding_begins_again)
{
    AUTO(sorter) struct sorter *s = new_sorter();
    put(s, text_of("b"), text_of("2"));
    put(s, text_of("a"), text_of("1"));
    expect_next(s, text_of("a"), text_of("1"));
    cr_assert_eq(sorter_rewind(s), 0);
    expect_next(s, text_of("a"), text_of("1"));
    expect_next(s, text_of("b"), text_of("2"));
    expect_end(s);
    cr_assert_eq(sorter_rewind(s), 0);
    expect_next(s, text_of("a"), text_of("1"));
}

/* 60,000 pairs of 1,000 bytes: about four times what it may hold. */
Test(sorter, more_than_fits_in_memory_is_sorted)
{
    enum { PAIRS = 60000, VALUE = 1000 };
    struct rng rng = {seed_now()};
    AUTO(sorter) struct sorter *s = new_sorter();
    char value[VALUE] = {0};
    uint64_t sum = 0;
    for (uint32_t i = 0; i < PAIRS; i++) {
        char key[16];
        int n = snprintf(key, sizeof key, "%05u", (unsigned)rng_below(&rng, 20000));
        memcpy(value, &i, sizeof i);
        sum += i;
        put(s, (struct text){key, (size_t)n}, (struct text){value, sizeof value});
    }
    char last[16] = "";
    uint32_t last_number = 0;
    struct text k;
    struct text v;
    for (uint32_t i = 0; i < PAIRS; i++) {
        uint32_t number;
        cr_assert_eq(sorter_next(s, &k, &v), 1);
        cr_assert_eq(v.n, VALUE);
        memcpy(&number, v.p, sizeof number);
        int order = memcmp(last, k.p, k.n);
        cr_assert(order < 0 || (order == 0 && number > last_number), "pair %u", i);
        memcpy(last, k.p, k.n);
        last_number = number;
        sum -= number;
    }
    cr_assert_eq(sum, 0, "each came back once");
    expect_end(s);
}
