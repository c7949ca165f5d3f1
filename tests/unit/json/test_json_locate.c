/* The scanner stays within bounds on any bytes: sanitizers watch while every prefix is walked.
 */
#include <stdlib.h>
#include <string.h>

#include "json/json_locate.h"
#include "support/leak.h"
#include "support/seed.h"

SUITE(json_locate);

static const char sample[] = "{\"a\":[1,\"x\\\"]\",{\"b\":null}],\n\"c\":\"\\u00e9\"}";

/* In memory of its own, so that one byte too far is seen. */
static void walk(const char *bytes, size_t n)
{
    AUTO_FREE char *copy = malloc(n + 1);
    cr_assert_not_null(copy);
    char *p = copy + 1; /* the byte in front is not to be read either */
    memcpy(p, bytes, n);
    struct text text = {p, n};
    size_t offset;
    if (json_locate_deep(text, &offset))
        cr_assert_lt(offset, n);
    struct json_trail trail;
    json_locate_trail(text, n, &trail);
    cr_assert_leq(trail.depth, CAP_JSON_DEPTH);
    static const size_t ordinals[] = {0, 2, 0};
    for (size_t depth = 0; depth <= ARRAY_LEN(ordinals); depth++)
        cr_assert_leq(json_locate_value(text, ordinals, depth), n);
}

Test(json_locate, every_prefix_is_walked_within_its_bounds)
{
    for (size_t n = 0; n < sizeof sample; n++)
        walk(sample, n);
}

Test(json_locate, damaged_text_is_walked_within_its_bounds)
{
    struct rng rng = {seed_now()};
    for (int i = 0; i < 5000; i++) {
        char text[sizeof sample];
        memcpy(text, sample, sizeof sample);
        walk(text, rng_damage(&rng, text, sizeof sample - 1));
    }
}

Test(json_locate, values_are_found_by_their_ordinals)
{
    /* Offsets counted in the sample: 5 "[", 6 1, 8 "x..., 15 "{", 20 null, 32 "\u00e9". */
    static const struct {
        size_t ordinals[3], n, offset;
    } rows[] = {
        {{0}, 0, 0},     {{0}, 1, 5},        {{0, 0}, 2, 6}, {{0, 1}, 2, 8},
        {{0, 2}, 2, 15}, {{0, 2, 0}, 3, 20}, {{1}, 1, 32},   {{2}, 1, sizeof sample - 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        cr_expect_eq(json_locate_value(text_of(sample), rows[i].ordinals, rows[i].n),
                     rows[i].offset, "row %zu", i);
}

Test(json_locate, lines_and_columns_count_from_one)
{
    static const struct {
        size_t offset, line, column;
    } rows[] = {{0, 1, 1}, {27, 1, 28}, {28, 2, 1}, {32, 2, 5}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t line;
        size_t column;
        json_locate_place(text_of(sample), rows[i].offset, &line, &column);
        cr_expect(line == rows[i].line && column == rows[i].column, "row %zu: %zu:%zu", i, line,
                  column);
    }
}
