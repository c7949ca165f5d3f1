/* Claims about what others wrote, made harmless. */
#include "support/leak.h"

#include "mail/clean.h"

#include <string.h>

SUITE(clean);

static const struct {
    const char *from, *to, *why;
} lines[] = {
    {"plain", "plain", "as it is"},
    {"", "", "nothing"},
    {"  a \t b  ", "a b", "one space within, none at the ends"},
    {"a\r\nBcc: b", "a Bcc: b", "no line ends"},
    {"\r\n\r\n", "", "nothing but line ends"},
    {"a\x1b[31mb\x7f", "a [31mb", "control characters are spaces"},
    {"a\xc2\x9b"
     "b",
     "a b", "C1 too (U+009B)"},
    {"a\xc2\xa0\xe2\x80\xa8\xe3\x80\x80z", "a z", "spaces of all kinds"},
    {"\xe2\x80\xae"
     "a\xe2\x80\xac\xe2\x81\xa6z",
     "az", "bidirectional marks"},
    {"a\xe2\x80\x8b\xef\xbb\xbf\xf3\xa0\x81\x81z", "az", "zero width, BOM, tags"},
    {"\xe0\xa4\x95\xe2\x80\x8d\xe0\xa4\xb7", "\xe0\xa4\x95\xe2\x80\x8d\xe0\xa4\xb7",
     "a joiner that Devanagari needs"},
    {"a\xe2\x80\x8dz", "az", "the same joiner among Latin letters"},
    {"\xe2\x80\x8d\xe0\xa4\x95", "\xe0\xa4\x95", "nothing to join to"},
    {"\xe0\xa4\x95\xe2\x80\x8d\xe2\x80\x8d\xe0\xa4\xb7", "\xe0\xa4\x95\xe2\x80\x8d\xe0\xa4\xb7",
     "one joiner is enough"},
    {"a\xff\xc3z", "a\xef\xbf\xbd\xef\xbf\xbdz", "not UTF-8"},
    {"12345678", "12345678", "as many as may be"},
    {"123456789", "1234567\xe2\x80\xa6", "one too many"},
    {"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9",
     "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xe2\x80\xa6",
     "characters are counted, not bytes"},
    {"12345678   \r\n", "12345678", "what is left out does not count"},
};

Test(clean, a_line_is_one_and_harmless)
{
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        AUTO(buf) struct buf out = BUF_INIT(1000);
        clean_line(text_of(lines[i].from), 8, &out);
        cr_expect_eq(buf_error(&out), 0);
        cr_expect_str_eq(buf_str(&out), lines[i].to, "%s", lines[i].why);
    }
}

Test(clean, a_line_is_added_to_what_is_there)
{
    AUTO(buf) struct buf out = BUF_INIT(1000);
    buf_add_str(&out, "before ");
    clean_line(text_of("123456"), 4, &out);
    cr_assert_str_eq(buf_str(&out), "before 123\xe2\x80\xa6");
}

Test(clean, a_line_may_hold_nul)
{
    AUTO(buf) struct buf out = BUF_INIT(1000);
    clean_line((struct text){"a\0b", 3}, 100, &out);
    cr_assert_str_eq(buf_str(&out), "a b");
}

Test(clean, lines_keep_their_ends_and_tabs_alone)
{
    AUTO(buf) struct buf out = BUF_INIT(1000);
    clean_lines(text_of("a \r\n\tb\x1b\xff\n\n.\n"), &out);
    cr_assert_str_eq(buf_str(&out), "a \n\tb\xef\xbf\xbd\n\n.\n");
}

Test(clean, a_full_buffer_says_so)
{
    AUTO(buf) struct buf out = BUF_INIT(3);
    clean_line(text_of("123456"), 5, &out);
    cr_assert_neq(buf_error(&out), 0);
}
