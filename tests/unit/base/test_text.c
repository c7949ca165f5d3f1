/* Claims about bytes that claim to be text. */
#include "support/leak.h"
#include "support/seed.h"

#include "base/caps.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

SUITE(text);

#define T(s)                                                                                   \
    {                                                                                          \
        (s), sizeof(s) - 1                                                                     \
    }

Test(text, equality_is_of_all_bytes)
{
    cr_assert(text_is(text_of("abc"), "abc"));
    cr_assert_not(text_is(text_of("abc"), "ab"));
    cr_assert_not(text_is(text_of("ab"), "abc"));
    cr_assert_not(text_is((struct text)T("abc\0"), "abc"));
    cr_assert(text_is((struct text){NULL, 0}, ""));
}

static const struct {
    struct text text;
    bool good;
    const char *why;
} utf8[] = {
    {T(""), true, "nothing"},
    {T("plain"), true, "ASCII"},
    {T("a\0b"), true, "NUL is a character"},
    {T("\x7f"), true, "U+007F"},
    {T("\xc2\x80"), true, "U+0080"},
    {T("\xdf\xbf"), true, "U+07FF"},
    {T("\xe0\xa0\x80"), true, "U+0800"},
    {T("\xef\xbf\xbf"), true, "U+FFFF"},
    {T("\xf0\x90\x80\x80"), true, "U+10000"},
    {T("\xf4\x8f\xbf\xbf"), true, "U+10FFFF"},
    {T("\xed\x9f\xbf"), true, "U+D7FF, before the surrogates"},
    {T("\xee\x80\x80"), true, "U+E000, behind them"},
    {T("\x80"), false, "a continuation alone"},
    {T("\xc3"), false, "a start alone"},
    {T("\xc3("), false, "a start without its continuation"},
    {T("\xe2\x82"), false, "cut after two of three"},
    {T("\xf0\x9f\x98"), false, "cut after three of four"},
    {T("\xc0\x80"), false, "overlong NUL"},
    {T("\xc1\xbf"), false, "overlong U+007F"},
    {T("\xe0\x9f\xbf"), false, "overlong U+07FF"},
    {T("\xf0\x8f\xbf\xbf"), false, "overlong U+FFFF"},
    {T("\xed\xa0\x80"), false, "U+D800, a surrogate"},
    {T("\xed\xbf\xbf"), false, "U+DFFF, a surrogate"},
    {T("\xf4\x90\x80\x80"), false, "U+110000"},
    {T("\xf8\x88\x80\x80\x80"), false, "five bytes"},
    {T("\xff"), false, "0xff"},
};

Test(text, utf8_is_that_of_rfc_3629)
{
    for (size_t i = 0; i < ARRAY_LEN(utf8); i++)
        cr_expect_eq(text_is_utf8(utf8[i].text), utf8[i].good, "%s", utf8[i].why);
}

static const struct {
    struct text text;
    bool good;
    const char *why;
} labels[] = {
    {T("r1"), true, "an id"},
    {T("Jansen & Zn. B.V."), true, "a name"},
    {T("\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d"), true, "Hebrew"},
    {T("O'Neil \"Q\""), true, "quotes are text"},
    {T("12345678"), true, "of just the cap of 8"},
    {T(""), false, "empty"},
    {T(" a"), false, "a space in front"},
    {T("a "), false, "a space behind"},
    {T(" "), false, "only a space"},
    {T("\xc2\xa0"
       "a"),
     false, "a no-break space in front"},
    {T("a\xe3\x80\x80"), false, "an ideographic space behind"},
    {T("a\xe2\x80\xa8"), false, "a line separator behind"},
    {T("a\tb"), false, "a tab"},
    {T("a\nb"), false, "a newline"},
    {T("a\0b"), false, "a NUL"},
    {T("a\x7f"
       "b"),
     false, "DEL"},
    {T("a\xc2\x85"
       "b"),
     false, "NEL of C1"},
    {T("a\xc2\x9b"
       "b"),
     false, "CSI of C1 starts a terminal's command"},
    {T("\xff"), false, "no UTF-8"},
};

Test(text, a_label_is_printable_and_trimmed)
{
    for (size_t i = 0; i < ARRAY_LEN(labels); i++)
        cr_expect_eq(text_is_label(labels[i].text, 60), labels[i].good, "%s", labels[i].why);
}

Test(text, a_label_keeps_its_cap_in_bytes)
{
    cr_assert(text_is_label(text_of("12345678"), 8));
    cr_assert_not(text_is_label(text_of("123456789"), 8));
    cr_assert(text_is_label(text_of("\xc3\xa9\xc3\xa9"), 4));
    cr_assert_not(text_is_label(text_of("\xc3\xa9\xc3\xa9"), 3));
}

static const struct {
    const char *text;
    int64_t min, max;
    int code;
    int64_t value;
} integers[] = {
    {"0", 0, 10, 0, 0},
    {"10", 0, 10, 0, 10},
    {"-10", -10, 10, 0, -10},
    {"9223372036854775807", INT64_MIN, INT64_MAX, 0, INT64_MAX},
    {"-9223372036854775808", INT64_MIN, INT64_MAX, 0, INT64_MIN},
    {"11", 0, 10, -ERANGE, 0},
    {"-1", 0, 10, -ERANGE, 0},
    {"9223372036854775808", INT64_MIN, INT64_MAX, -ERANGE, 0},
    {"-9223372036854775809", INT64_MIN, INT64_MAX, -ERANGE, 0},
    {"100000000000000000000000000", INT64_MIN, INT64_MAX, -ERANGE, 0},
    {"", 0, 10, -EBADMSG, 0},
    {"-", -10, 10, -EBADMSG, 0},
    {"-0", -10, 10, -EBADMSG, 0},
    {"00", 0, 10, -EBADMSG, 0},
    {"01", 0, 10, -EBADMSG, 0},
    {"-01", -10, 10, -EBADMSG, 0},
    {"+1", 0, 10, -EBADMSG, 0},
    {" 1", 0, 10, -EBADMSG, 0},
    {"1 ", 0, 10, -EBADMSG, 0},
    {"1.0", 0, 10, -EBADMSG, 0},
    {"1e1", 0, 10, -EBADMSG, 0},
    {"0x1", 0, 10, -EBADMSG, 0},
    {"--1", -10, 10, -EBADMSG, 0},
    {"\xd9\xa1", 0, 10, -EBADMSG, 0},              /* ARABIC-INDIC DIGIT ONE */
    {"99999999999999999999x", 0, 10, -EBADMSG, 0}, /* no number, however large */
};

Test(text, integers_have_one_spelling)
{
    for (size_t i = 0; i < ARRAY_LEN(integers); i++) {
        int64_t v = 77;
        int r = text_to_int(text_of(integers[i].text), integers[i].min, integers[i].max, &v);
        cr_expect_eq(r, integers[i].code, "%s: %d", integers[i].text, r);
        cr_expect_eq(v, r == 0 ? integers[i].value : 77, "%s", integers[i].text);
    }
}

Test(text, integers_survive_a_round_trip)
{
    struct rng rng = {seed_now()};
    for (int i = 0; i < 20000; i++) {
        int64_t v = (int64_t)rng_next(&rng) >> rng_below(&rng, 64);
        char text[32];
        int n = snprintf(text, sizeof text, "%" PRId64, v);
        int64_t back = 0;
        cr_assert_eq(text_to_int((struct text){text, (size_t)n}, INT64_MIN, INT64_MAX, &back),
                     0);
        cr_assert_eq(back, v);
    }
}

Test(text, hex_is_exact_in_length)
{
    uint8_t bytes[3] = {7, 7, 7};
    cr_assert_eq(text_from_hex(text_of("00aBfF"), bytes, 3), 0);
    cr_assert_arr_eq(bytes, ((uint8_t[]){0x00, 0xab, 0xff}), 3);
    static const char *const bad[] = {"",       "00aBf",  "00aBfF0", "00aBfF00",
                                      "00aBfg", "0 aBfF", "-0aBfF"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        cr_expect_eq(text_from_hex(text_of(bad[i]), bytes, 3), -EBADMSG, "%s", bad[i]);
    cr_assert_arr_eq(bytes, ((uint8_t[]){0x00, 0xab, 0xff}), 3,
                     "untouched by what was refused");
    cr_assert_eq(text_from_hex(text_of(""), bytes, 0), 0);
}

#define SIXTY "123456789.123456789.123456789.123456789.123456789.123456789."

static const struct {
    struct text text;
    const char *want;
    const char *why;
} quotes[] = {
    {T(""), "\"\"", "nothing"},
    {T("abc"), "\"abc\"", "plain"},
    {T("caf\xc3\xa9 \xf0\x9f\x98\x80"), "\"caf\xc3\xa9 \xf0\x9f\x98\x80\"", "UTF-8 stays"},
    {T("a\"b\\c"), "\"a\\x22b\\x5cc\"", "quote and backslash"},
    {T("it's"), "\"it's\"", "an apostrophe ends nothing"},
    {T("a\0b\n\x1b[2J\x7f"), "\"a\\x00b\\x0a\\x1b[2J\\x7f\"", "controls"},
    {T("\xc2\x9b"
       "2J"),
     "\"\\xc2\\x9b2J\"", "CSI of C1"},
    {T("\xe2\x80\xae"
       "txt"),
     "\"\\xe2\\x80\\xaetxt\"", "U+202E turns the text around"},
    {T("\xe2\x80\xaa"), "\"\\xe2\\x80\\xaa\"", "U+202A"},
    {T("\xe2\x81\xa6"), "\"\\xe2\\x81\\xa6\"", "U+2066"},
    {T("\xe2\x81\xa9"), "\"\\xe2\\x81\\xa9\"", "U+2069"},
    {T("\xe2\x80\x8e"), "\"\\xe2\\x80\\x8e\"", "U+200E"},
    {T("\xe2\x80\x8f"), "\"\\xe2\\x80\\x8f\"", "U+200F"},
    {T("\xd8\x9c"), "\"\\xd8\\x9c\"", "U+061C"},
    {T("\xe2\x80\xa8\xe2\x80\xa9"), "\"\\xe2\\x80\\xa8\\xe2\\x80\\xa9\"", "U+2028, U+2029"},
    {T("\xef\xbb\xbf"), "\"\\xef\\xbb\\xbf\"", "a byte order mark"},
    {T("\xff\xc3("), "\"\\xff\\xc3(\"", "no UTF-8"},
    {T(SIXTY), "\"" SIXTY "\"", "just the cap"},
    {T(SIXTY "x"), "\"" SIXTY "\xe2\x80\xa6\"", "one byte over the cap"},
    {T("x" SIXTY),
     "\"x123456789.123456789.123456789.123456789.123456789.123456789\xe2\x80\xa6\"",
     "cut after 60 bytes"},
    {T("12345678."
       "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"
       "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"
       "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"),
     "\"12345678."
     "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"
     "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"
     "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xe2\x80\xa6\"",
     "9 + 12 * 4 = 57 bytes; the next character would end at 61"},
};

Test(text, quoting_is_safe_to_show)
{
    for (size_t i = 0; i < ARRAY_LEN(quotes); i++) {
        char out[TEXT_QUOTE_SIZE];
        cr_expect_str_eq(text_quote(quotes[i].text, out), quotes[i].want, "%s: %s",
                         quotes[i].why, out);
    }
}

Test(text, quoting_any_bytes_gives_a_bounded_line_of_utf8)
{
    struct rng rng = {seed_now()};
    for (int i = 0; i < 20000; i++) {
        char bytes[100];
        size_t n = rng_below(&rng, sizeof bytes);
        for (size_t at = 0; at < n; at++)
            bytes[at] = (char)rng_below(&rng, 256);
        char out[TEXT_QUOTE_SIZE];
        struct text quoted = text_of(text_quote((struct text){bytes, n}, out));
        cr_assert_lt(quoted.n, TEXT_QUOTE_SIZE);
        /* As a label it has no control character either. */
        cr_assert(text_is_label(quoted, TEXT_QUOTE_SIZE));
    }
}

static const struct {
    struct text text;
    size_t length;
    uint32_t code;
    const char *why;
} firsts[] = {
    {T(""), 0, 0, "nothing"},
    {T("ab"), 1, 'a', "one of two"},
    {T("\0"), 1, 0, "NUL"},
    {T("\xc3\xa9x"), 2, 0xe9, "two bytes"},
    {T("\xe2\x82\xac"), 3, 0x20ac, "three"},
    {T("\xf0\x9f\x98\x80"), 4, 0x1f600, "four"},
    {T("\xc3"), 0, 0, "cut"},
    {T("\xed\xa0\x80"), 0, 0, "a surrogate"},
    {T("\x80x"), 0, 0, "a continuation"},
};

Test(text, the_first_character_is_told_with_its_length)
{
    for (size_t i = 0; i < ARRAY_LEN(firsts); i++) {
        uint32_t code = 0;
        cr_expect_eq(text_next(firsts[i].text, &code), firsts[i].length, "%s", firsts[i].why);
        cr_expect_eq(code, firsts[i].code, "%s", firsts[i].why);
    }
}
