/* Claims about the text of header fields. */
#include "support/leak.h"

#include "mail/words.h"

#include <string.h>

SUITE(words);

/* Columns as behind "Subject:" and "From:". Expected by RFC 2047 and RFC 5322, by hand. */
static const struct {
    const char *from, *to, *why;
} texts[] = {
    {"", "", "nothing"},
    {"A plain subject", " A plain subject", "as it is"},
    {"a, b <c> \"d\"", " a, b <c> \"d\"", "no character is special in a subject"},
    {"caf\xc3\xa9 noir", " =?utf-8?q?caf=C3=A9_noir?=", "UTF-8, mostly ASCII: q"},
    {"\xe4\xb8\xad\xe6\x96\x87", " =?utf-8?b?5Lit5paH?=", "mostly not: b"},
    {"a =?utf-8?q?b?=", " =?utf-8?b?YSA9P3V0Zi04P3E/Yj89?=",
     "what looks like an encoded word is encoded"},
};

Test(words, a_text_is_plain_or_encoded)
{
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        AUTO(buf) struct buf out = BUF_INIT(1000);
        struct words w = {&out, sizeof "Subject:" - 1};
        words_add_text(&w, text_of(texts[i].from));
        cr_expect_eq(buf_error(&out), 0);
        cr_expect_str_eq(buf_str(&out), texts[i].to, "%s", texts[i].why);
    }
}

static const struct {
    const char *from, *to, *why;
} phrases[] = {
    {"", "", "no name"},
    {"Jan de Vries", " Jan de Vries", "atoms"},
    {"J. de Vries", " \"J. de Vries\"", "a dot is none of an atom's"},
    {"a \"b\" \\c", " \"a \\\"b\\\" \\\\c\"", "quotes and backslashes are escaped"},
    {"<x@y.example>,", " \"<x@y.example>,\"", "what would be an address is quoted"},
    {"a.=?", " =?utf-8?b?YS49Pw==?=", "not in quotes either, for some decode there"},
    {"caf\xc3\xa9 noir, x", " =?utf-8?q?caf=C3=A9_noir=2C_x?=", "5 (3): a comma is encoded"},
};

Test(words, a_name_is_atoms_quoted_or_encoded)
{
    for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
        AUTO(buf) struct buf out = BUF_INIT(1000);
        struct words w = {&out, sizeof "From:" - 1};
        words_add_phrase(&w, text_of(phrases[i].from));
        cr_expect_eq(buf_error(&out), 0);
        cr_expect_str_eq(buf_str(&out), phrases[i].to, "%s", phrases[i].why);
    }
}

/* The longest line, the name of the field included. */
static size_t longest(const char *field, const char *text)
{
    size_t most = 0;
    size_t n = strlen(field);
    for (const char *p = text; *p; p++) {
        n = *p == '\n' ? 0 : n + 1;
        most = n > most ? n : most;
    }
    return most;
}

Test(words, long_texts_are_folded)
{
    static const char *const units[] = {
        "word ", "x", "\xc3\xa9", "\xe4\xb8\xad", "\xf0\x9f\x98\x80", "=? ", "a.\xc3\xa9 "};
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        AUTO(buf) struct buf text = BUF_INIT(4000), out = BUF_INIT(8000);
        for (int n = 0; n < 200; n++)
            buf_add_str(&text, units[i]);
        struct words w = {&out, sizeof "Subject:" - 1};
        size_t n = text.len - (buf_str(&text)[text.len - 1] == ' ' ? 1 : 0);
        words_add_text(&w, (struct text){buf_str(&text), n});
        cr_expect_eq(buf_error(&out), 0);
        cr_expect_leq(longest("Subject:", buf_str(&out)), 76, "%s", units[i]);
        cr_expect_null(strstr(buf_str(&out), "\n\n"));
        cr_expect_eq(buf_str(&out)[0], ' ');
    }
}

Test(words, a_long_address_goes_on_a_line_of_its_own)
{
    AUTO(buf) struct buf out = BUF_INIT(1000);
    struct words w = {&out, sizeof "To:" - 1};
    words_add_phrase(&w, text_of("A name of some length that stands before"));
    words_add(&w, text_of("<an.address.of.forty.bytes@tests.example>"));
    cr_assert_str_eq(buf_str(&out), " A name of some length that stands before\n"
                                    " <an.address.of.forty.bytes@tests.example>");
}

Test(words, the_first_word_stays_on_the_line_of_its_name)
{
    AUTO(buf) struct buf out = BUF_INIT(1000);
    char word[101];
    struct words w = {&out, sizeof "To:" - 1};
    memset(word, 'x', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    words_add(&w, text_of(word));
    cr_assert_eq(out.len, sizeof word);
    cr_assert_null(strchr(buf_str(&out), '\n'));
}

Test(words, a_full_buffer_says_so)
{
    AUTO(buf) struct buf out = BUF_INIT(10);
    struct words w = {&out, 8};
    words_add_text(&w, text_of("caf\xc3\xa9 caf\xc3\xa9"));
    cr_assert_neq(buf_error(&out), 0);
}
