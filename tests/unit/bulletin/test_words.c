/* The table of words: no row half translated, none that says nothing, none that nobody says. */
#include "bulletin/voice.h"
#include "os/file.h"
#include "support/leak.h"
#include <ctype.h>
#include <dirent.h>
#include <string.h>

SUITE(words);

/* A row of the table with all its forms; the many of a WORD are NULL. */
struct row {
    const char *name;
    const char *nl, *nl_many, *en, *en_many;
};

#undef WORD
#undef PLURAL
#define WORD(name, nl, en) {#name, (nl), NULL, (en), NULL},
#define PLURAL(name, nl_one, nl_other, en_one, en_other)                                       \
    {#name, (nl_one), (nl_other), (en_one), (en_other)},
static const struct row rows[] = {
#include "bulletin/words.def"
};
#undef WORD
#undef PLURAL

static bool is_in(const char *name, const char *const list[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(name, list[i]) == 0)
            return true;
    return false;
}
#define IS_IN(name, list) is_in((name), (list), ARRAY_LEN(list))

/* ---- Both languages ---------------------------------------------------------------------- */

/* The same word in Dutch and in English. */
static const char *const same[] = {
    "MONTH_4",         "MONTH_9",     "MONTH_11",       "MONTH_12",        "COL_RESELLER",
    "PICTURE_JAN",     "PICTURE_FEB", "PICTURE_APR",    "PICTURE_JUN",     "PICTURE_JUL",
    "PICTURE_AUG",     "PICTURE_SEP", "PICTURE_NOV",    "PICTURE_DEC",     "PICTURE_DAYS",
    "PICTURE_MINUTES", "IS_TRIAL",    "SUBJECT_NUMBER", "SUBJECT_PREVIEW",
};

static bool has_letters(const char *s)
{
    for (; *s; s++) {
        size_t place = s[0] == '{' && s[1] && s[2] == '}' ? 3 : 0;
        if (isalpha((unsigned char)s[place]))
            return true;
        s += place ? place - 1 : 0;
    }
    return false;
}

Test(words, no_row_is_the_same_in_both_languages)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct row *r = &rows[i];
        /* "DECEMBER" apart: a capital letter is no translation by itself. */
        bool is_same = strcasecmp(r->nl, r->en) == 0 &&
                       (!r->nl_many || strcasecmp(r->nl_many, r->en_many) == 0);
        if (has_letters(r->nl) && !IS_IN(r->name, same))
            cr_expect(!is_same, "%s is not translated: %s", r->name, r->nl);
    }
}

/* Nothing stands before, or behind, what is put between the two. */
static const char *const may_be_empty[] = {"PICTURE_MORE_AFTER"};

Test(words, no_row_is_empty)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct row *r = &rows[i];
        const char *const forms[] = {r->nl, r->en, r->nl_many ? r->nl_many : r->nl,
                                     r->en_many ? r->en_many : r->en};
        for (size_t k = 0; k < ARRAY_LEN(forms) && !IS_IN(r->name, may_be_empty); k++)
            cr_expect(forms[k][0] != '\0', "%s", r->name);
    }
}

Test(words, the_tables_have_all_rows)
{
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_expect_str_eq(voice_words(LANGUAGE_NL)[n], rows[i].nl);
        cr_expect_str_eq(voice_words(LANGUAGE_EN)[n], rows[i].en);
        n++;
        if (!rows[i].nl_many)
            continue;
        cr_expect_str_eq(voice_words(LANGUAGE_NL)[n], rows[i].nl_many);
        cr_expect_str_eq(voice_words(LANGUAGE_EN)[n], rows[i].en_many);
        n++;
    }
    cr_expect_eq(n, WORD_COUNT);
}

/* ---- Places ------------------------------------------------------------------------------ */

enum { NUMBER = 1 << 10 }; /* "{n}"; "{1}" to "{9}" are bits 1 to 9 */

/* The places of a word as bits; fails the test where there is another brace. */
static unsigned places(const char *name, const char *s)
{
    unsigned set = 0;

    for (; (s = strpbrk(s, "{}")) != NULL; s += 3) {
        bool is_place = s[0] == '{' && s[1] && s[2] == '}';
        cr_assert(is_place && ((s[1] >= '1' && s[1] <= '9') || s[1] == 'n'), "%s: %s", name, s);
        set |= s[1] == 'n' ? (unsigned)NUMBER : 1U << (s[1] - '0');
    }
    return set;
}

Test(words, all_forms_of_a_row_have_the_same_places)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct row *r = &rows[i];
        unsigned set = places(r->name, r->nl);
        cr_expect_eq(places(r->name, r->en), set, "%s", r->name);
        /* They are counted from 1, without a gap. */
        unsigned args = (set & ~(unsigned)NUMBER) >> 1;
        cr_expect_eq(args & (args + 1), 0, "%s", r->name);
        cr_expect(r->nl_many || !(set & NUMBER), "%s has a number and no plural", r->name);
        if (!r->nl_many)
            continue;
        cr_expect_eq(places(r->name, r->nl_many), set, "%s", r->name);
        cr_expect_eq(places(r->name, r->en_many), set, "%s", r->name);
        cr_expect(set & NUMBER, "%s is a plural without a number", r->name);
    }
}

/* ---- Manners ----------------------------------------------------------------------------- */

Test(words, no_row_has_spaces_at_its_ends_or_two_together)
{
    static const char *const joints[] = {"PICTURE_MORE_BEFORE", "PICTURE_MORE_AFTER"};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *const forms[] = {rows[i].nl, rows[i].en};
        for (size_t k = 0; k < 2 && !IS_IN(rows[i].name, joints); k++) {
            size_t n = strlen(forms[k]);
            cr_expect(n > 0 && forms[k][0] != ' ' && forms[k][n - 1] != ' ', "%s",
                      rows[i].name);
            cr_expect_null(strstr(forms[k], "  "), "%s", rows[i].name);
        }
    }
}

/* Dutch by mistake in English, and the other way: words that only one of the two has. */
static const char *const dutch_only[] = {" de ",   " het ", " een ",
                                         " niet ", " van ", " wordt "};
static const char *const english_only[] = {" the ", " and ", " not ", " of the ", " with "};

Test(words, each_language_speaks_itself)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t k = 0; k < ARRAY_LEN(dutch_only); k++)
            cr_expect_null(strstr(rows[i].en, dutch_only[k]), "%s", rows[i].name);
        for (size_t k = 0; k < ARRAY_LEN(english_only); k++)
            cr_expect_null(strstr(rows[i].nl, english_only[k]), "%s", rows[i].name);
    }
}

/* ---- Nobody says it ---------------------------------------------------------------------- */

#define SOURCES_CAP ((size_t)1 << 24)

static void add_sources(const char *folder, struct buf *out)
{
    DIR *d = opendir(folder);
    const struct dirent *e;

    cr_assert(d, "%s", folder);
    while ((e = readdir(d)) != NULL) {
        size_t n = strlen(e->d_name);
        AUTO(buf) struct buf path = BUF_INIT(4096), file = BUF_INIT(SOURCES_CAP);
        struct diag diag = {0};
        if (n < 3 || strcmp(e->d_name + n - 2, ".c") != 0)
            continue;
        buf_printf(&path, "%s/%s", folder, e->d_name);
        cr_assert_eq(file_read(buf_str(&path), &file, &diag), 0, "%s", buf_str(&path));
        buf_add(out, buf_str(&file), file.len);
    }
    (void)closedir(d);
}

static bool is_named(const char *sources, const char *name)
{
    AUTO(buf) struct buf word = BUF_INIT(4096);

    buf_printf(&word, "WORD_%s", name);
    for (const char *p = sources; (p = strstr(p, buf_str(&word))) != NULL; p++) {
        char after = p[word.len];
        if (!isalnum((unsigned char)after) && after != '_')
            return true;
    }
    return false;
}

/* Those that follow a first one by their number. */
static bool is_counted(const char *name)
{
    static const char *const months[] = {"PICTURE_FEB", "PICTURE_MAR", "PICTURE_APR",
                                         "PICTURE_MAY", "PICTURE_JUN", "PICTURE_JUL",
                                         "PICTURE_AUG", "PICTURE_SEP", "PICTURE_OCT",
                                         "PICTURE_NOV", "PICTURE_DEC"};
    return strncmp(name, "MONTH_", 6) == 0 || IS_IN(name, months);
}

Test(words, every_word_is_said_somewhere)
{
    AUTO(buf) struct buf sources = BUF_INIT(SOURCES_CAP);

    add_sources(SOURCE_DIR "/collector/bulletin", &sources);
    add_sources(SOURCE_DIR "/collector/edition", &sources);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        cr_expect(is_counted(rows[i].name) || is_named(buf_str(&sources), rows[i].name), "%s",
                  rows[i].name);
}
