/* The text report: lines that fit, no word that is not in the table, all that must be said. */
#include "bulletin/text_parts.h"
#include "support/bulletin_sample.h"
#include "support/leak.h"
#include <errno.h>
#include <string.h>

SUITE(text);

static struct bulletin (*const samples[])(enum language) = {
    sample_manager, sample_reseller, sample_empty, sample_failed, sample_hostile, sample_huge};
static const enum language languages[] = {LANGUAGE_NL, LANGUAGE_EN};

#define TEXT_CAP ((size_t)1 << 24)

static struct buf render(const struct bulletin *b)
{
    struct buf out = BUF_INIT(TEXT_CAP);

    cr_assert_eq(bulletin_text(b, &out), 0);
    return out;
}

/* ---- Lines ------------------------------------------------------------------------------- */

static bool may_be_long(struct text line)
{
    static const char command[] = "fairusectl ";

    while (line.n > 0 && line.p[0] == ' ')
        line = (struct text){line.p + 1, line.n - 1};
    return line.n >= sizeof(command) && memcmp(line.p, command, sizeof(command) - 1) == 0;
}

/* Calls `check` with each line. */
static void each_line(const char *text, void check(struct text line))
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        cr_assert_eq(text[n], '\n', "the last line ends, too");
        check((struct text){text, n});
        text += n + 1;
    }
}

static void check_width(struct text line)
{
    if (!may_be_long(line))
        cr_expect_leq(page_columns(line), TEXT_WIDTH, "%.*s", (int)line.n, line.p);
}

static void check_plain(struct text line)
{
    uint32_t code;

    cr_expect(line.n == 0 || line.p[line.n - 1] != ' ', "ends with a space: %.*s", (int)line.n,
              line.p);
    while (line.n > 0) {
        size_t n = text_next(line, &code);
        cr_assert(n > 0, "is UTF-8");
        cr_assert(!text_code_is_control(code), "U+%04x", (unsigned)code);
        cr_assert(code != 0x202e && code != 0x200b, "U+%04x", (unsigned)code);
        line = (struct text){line.p + n, line.n - n};
    }
}

static void each_sample(void check(struct text line))
{
    for (size_t i = 0; i < ARRAY_LEN(samples); i++)
        for (size_t k = 0; k < ARRAY_LEN(languages); k++) {
            struct bulletin b = samples[i](languages[k]);
            AUTO(buf) struct buf out = render(&b);
            each_line(buf_str(&out), check);
        }
}

Test(text, no_line_is_wider_than_78_columns_but_for_commands)
{
    each_sample(check_width);
}

Test(text, every_line_is_harmless_utf8_without_spaces_at_its_end)
{
    each_sample(check_plain);
}

Test(text, no_placeholder_is_left)
{
    for (size_t i = 0; i < ARRAY_LEN(samples); i++)
        for (size_t k = 0; k < ARRAY_LEN(languages); k++) {
            struct bulletin b = samples[i](languages[k]);
            AUTO(buf) struct buf out = render(&b);
            cr_expect(!strstr(buf_str(&out), "{n}") && !strstr(buf_str(&out), "{1}"));
        }
}

Test(text, equal_models_are_equal_bytes)
{
    struct bulletin b = sample_manager(LANGUAGE_NL);
    AUTO(buf) struct buf first = render(&b);
    AUTO(buf) struct buf second = render(&b);

    cr_assert_str_eq(buf_str(&first), buf_str(&second));
}

Test(text, a_cap_that_is_too_small_is_told)
{
    struct bulletin b = sample_manager(LANGUAGE_NL);
    AUTO(buf) struct buf out = BUF_INIT(1000);

    cr_assert_eq(bulletin_text(&b, &out), -ERANGE);
}

/* ---- Columns and breaking ---------------------------------------------------------------- */

static const struct {
    const char *why, *text;
    size_t columns;
} widths[] = {
    {"plain letters", "abc", 3},
    {"two bytes, one column", "gröt", 4},
    {"ideographs take two", "さくら", 6},
    {"a combining accent takes none", "e\xcc\x81", 1},
    {"isolates take none", "\xe2\x81\xa8שלום\xe2\x81\xa9", 4},
    {"a byte that is no character is shown as one", "a\xff", 2},
    {"a no-break space takes one",
     "€\xc2\xa0"
     "1",
     3},
};

Test(text, columns_are_counted_as_a_terminal_shows_them)
{
    for (size_t i = 0; i < ARRAY_LEN(widths); i++)
        cr_expect_eq(page_columns(text_of(widths[i].text)), widths[i].columns, "%s",
                     widths[i].why);
}

struct wrapped {
    struct bulletin r;
    struct buf out;
    struct page page;
};

static void wrapped_done(struct wrapped *w)
{
    buf_done(&w->page.said);
    buf_done(&w->out);
}

static void wrap(struct wrapped *w, const char *text)
{
    *w = (struct wrapped){.out = BUF_INIT(TEXT_CAP)};
    w->page = (struct page){.r = &w->r, .out = &w->out, .said = BUF_INIT(TEXT_CAP)};
    buf_add_str(page_say(&w->page), text);
}

#define TEN "1234567890"
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

Test(text, a_line_breaks_at_the_last_space_that_fits)
{
    AUTO(wrapped) struct wrapped w;

    /* "- " and 70 and " 12345" are 78 columns; one more goes to the next line. */
    wrap(&w, SEVENTY " 12345 6");
    page_wrap(&w.page, "- ", "  ");
    cr_expect_str_eq(buf_str(&w.out), "- " SEVENTY " 12345\n  6\n");
}

Test(text, a_word_that_fits_nowhere_is_broken)
{
    AUTO(wrapped) struct wrapped w;

    wrap(&w, SEVENTY TEN " a");
    page_wrap(&w.page, "", "");
    cr_expect_str_eq(buf_str(&w.out), SEVENTY "12345678\n90 a\n");
}

Test(text, wide_characters_break_by_their_columns)
{
    AUTO(wrapped) struct wrapped w;

    /* 40 of two columns: 39 of them are 78. */
    wrap(&w,
         "ささささささささささささささささささささささささささささささささささささささささ");
    page_wrap(&w.page, "", "");
    const char *at = strchr(buf_str(&w.out), '\n');
    cr_assert_eq(at - buf_str(&w.out), 39 * 3);
    cr_expect_str_eq(at, "\nさ\n");
}

Test(text, empty_lines_of_a_text_stay_with_their_lead)
{
    AUTO(wrapped) struct wrapped w;

    wrap(&w, "one\n\ntwo\n");
    page_wrap(&w.page, "   | ", "   | ");
    cr_expect_str_eq(buf_str(&w.out), "   | one\n   |\n   | two\n");
}

Test(text, nothing_said_is_no_line)
{
    AUTO(wrapped) struct wrapped w;

    wrap(&w, "");
    page_wrap(&w.page, "- ", "  ");
    cr_expect_str_eq(buf_str(&w.out), "");
}

/* ---- Tables ------------------------------------------------------------------------------ */

Test(text, a_table_aligns_by_columns)
{
    static const struct page_column columns[] = {{WORD_COL_CURRENCY, false},
                                                 {WORD_COL_DUE, true}};
    struct voice v = voice_of(LANGUAGE_EN, sample_zone());
    AUTO(page_table) struct page_table t = page_table_of(columns, 2);
    AUTO(wrapped) struct wrapped w;

    wrap(&w, "");
    w.page.v = &v;
    page_cell_name(&w.page, &t, "さくらさくら");
    page_cell_name(&w.page, &t, "7");
    page_table(&w.page, &t, "  ");
    cr_expect_str_eq(buf_str(&w.out), "  Currency      Due\n"
                                      "  さくらさくら    7\n");
}

Test(text, a_table_that_is_too_wide_is_a_list)
{
    static const struct page_column columns[] = {{WORD_COL_CURRENCY, false},
                                                 {WORD_COL_DUE, true}};
    struct voice v = voice_of(LANGUAGE_EN, sample_zone());
    AUTO(page_table) struct page_table t = page_table_of(columns, 2);
    AUTO(wrapped) struct wrapped w;

    wrap(&w, "");
    w.page.v = &v;
    page_cell_name(&w.page, &t, SEVENTY);
    page_cell_name(&w.page, &t, "12345678");
    page_table(&w.page, &t, "  ");
    cr_expect_str_eq(buf_str(&w.out), "  - " SEVENTY ";\n    Due: 12345678\n");
}

/* ---- What is said ------------------------------------------------------------------------ */

static size_t count(const char *text, const char *what)
{
    size_t n = 0;

    for (const char *p = strstr(text, what); p; p = strstr(p + 1, what))
        n++;
    return n;
}

Test(text, the_gravest_are_told_where_not_all_are)
{
    struct bulletin b = sample_huge(LANGUAGE_EN);
    AUTO(buf) struct buf out = render(&b);
    const char *text = buf_str(&out);

    /* 200 are confirmed, 40 are told: none that is potential or a notice. */
    cr_expect_eq(count(text, "\n* PLSK."), BULLETIN_SHOWN_MAX);
    cr_expect(strstr(text, "\n* PLSK.00000040: ") && !strstr(text, "\n* PLSK.00000041: "));
    cr_expect(strstr(text, "1,960 more findings"));
    cr_expect(strstr(text, "1,234"), "those that the model does not hold");
}

Test(text, several_of_one_cause_are_told_as_one)
{
    struct bulletin b = sample_manager(LANGUAGE_EN);
    AUTO(buf) struct buf out = render(&b);

    cr_expect(
        strstr(buf_str(&out), "PLSK.00000121, PLSK.00000122, PLSK.00000123, PLSK.00000124"));
    cr_expect(!strstr(buf_str(&out), "* PLSK.00000122"));
}

Test(text, a_command_stands_on_a_line_of_its_own)
{
    struct bulletin b = sample_manager(LANGUAGE_EN);
    AUTO(buf) struct buf out = render(&b);

    cr_expect(strstr(buf_str(&out),
                     "\n  fairusectl -c /etc/fairuse/collector.conf explain PLSK.00000102"
                     " --period 2026-10 --as-of 2026-10-14T00:15:00Z\n"));
}

Test(text, a_reseller_reads_no_command_and_of_no_other)
{
    struct bulletin b = sample_reseller(LANGUAGE_EN);
    AUTO(buf) struct buf out = render(&b);

    cr_expect(!strstr(buf_str(&out), "fairusectl"));
    cr_expect(!strstr(buf_str(&out), "Linde") && !strstr(buf_str(&out), "Nieuw"));
    cr_expect(!strstr(buf_str(&out), "PLSK.00000107"), "what was decided is not news");
}

Test(text, a_failure_tells_nothing_else)
{
    struct bulletin b = sample_failed(LANGUAGE_EN);
    AUTO(buf) struct buf out = render(&b);

    cr_expect(strstr(buf_str(&out), "connection refused"));
    cr_expect(!strstr(buf_str(&out), "----------"), "no section");
}

/* ---- Every word is the table's ----------------------------------------------------------- */

#define OPEN "⟦"
#define CLOSE "⟧"

struct bracketed {
    char *words[WORD_COUNT];
    struct voice voice;
};

static void bracketed_done(struct bracketed *b)
{
    for (size_t i = 0; i < WORD_COUNT; i++)
        free(b->words[i]);
}

static void bracketed_init(struct bracketed *b, enum language language)
{
    const char *const *words = voice_words(language);

    for (size_t i = 0; i < WORD_COUNT; i++) {
        AUTO(buf) struct buf word = BUF_INIT(TEXT_CAP);
        buf_printf(&word, OPEN "%s" CLOSE, words[i]);
        b->words[i] = buf_take(&word);
        cr_assert(b->words[i]);
    }
    b->voice = voice_of(language, sample_zone());
    b->voice.words = (const char *const *)b->words;
}

/* All texts that are not words: the model's own. */
static void add_data(const struct bulletin *r, struct buf *out)
{
    AUTO(buf) struct buf json = BUF_INIT(TEXT_CAP);

    cr_assert_eq(bulletin_json(r, &json), 0);
    buf_add(out, buf_str(&json), json.len);
    buf_add_str(out, " explain --period --as-of audit 2026-10-14T00:15:00Z");
}

/* Tokens with letters that stand outside of all brackets must be data. */
static void check_outside(const char *text, const char *data)
{
    AUTO(buf) struct buf outside = BUF_INIT(TEXT_CAP);
    int depth = 0;

    for (const char *p = text; *p; p++) {
        bool opens = strncmp(p, OPEN, strlen(OPEN)) == 0;
        bool closes = strncmp(p, CLOSE, strlen(CLOSE)) == 0;
        if (opens || closes) {
            depth += opens ? 1 : -1;
            p += strlen(OPEN) - 1;
        }
        buf_add_char(&outside, opens || closes || depth > 0 ? ' ' : *p);
        cr_assert_geq(depth, 0);
    }
    cr_assert_eq(depth, 0);
    for (const char *p = buf_str(&outside); *p;) {
        static const char apart[] = " \n\t()[]:;,.!?|*-'\"";
        AUTO(buf) struct buf token = BUF_INIT(TEXT_CAP);
        p += strspn(p, apart);
        size_t n = strcspn(p, apart);
        buf_add(&token, p, n);
        if (strpbrk(buf_str(&token), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
            cr_expect(strstr(data, buf_str(&token)), "not in the words: %s", buf_str(&token));
        p += n;
    }
}

Test(text, every_word_comes_from_the_table)
{
    for (size_t i = 0; i < ARRAY_LEN(samples); i++)
        for (size_t k = 0; k < ARRAY_LEN(languages); k++) {
            struct bulletin b = samples[i](languages[k]);
            struct bulletin_reseller copies[16];
            AUTO(bracketed) struct bracketed words = {0};
            AUTO(buf) struct buf out = BUF_INIT(TEXT_CAP), data = BUF_INIT(TEXT_CAP);
            cr_assert_leq(b.n_resellers, ARRAY_LEN(copies));
            if (samples[i] == sample_hostile)
                continue; /* its names are broken over lines */
            for (size_t x = 0; x < b.n_resellers; x++) {
                copies[x] = b.resellers[x];
                copies[x].language = languages[k]; /* texts to forward, too */
            }
            b.resellers = copies;
            bracketed_init(&words, languages[k]);
            cr_assert_eq(bulletin_text_in(&words.voice, &b, &out), 0);
            add_data(&b, &data);
            check_outside(buf_str(&out), buf_str(&data));
        }
}
