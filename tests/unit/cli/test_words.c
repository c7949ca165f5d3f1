/* The sentences of status. */
#include "cli/words.h"

#include <criterion/criterion.h>
#include <string.h>

#include "support/leak.h"

SUITE(words);

Test(words, every_sentence_exists_in_both_languages)
{
    for (int w = 0; w < WORD_COUNT; w++)
        for (int l = LANGUAGE_EN; l <= LANGUAGE_NL; l++) {
            AUTO(buf) struct buf b = BUF_INIT(4096);
            words_put(&b, (enum language)l, (enum word)w, &(struct filling){"A", "B", "C"});
            cr_assert_gt(b.len, 0, "word %d, language %d", w, l);
            cr_assert_null(strchr(buf_str(&b), '{'), "%s", buf_str(&b));
        }
}

Test(words, both_languages_take_the_same_fillings)
{
    for (int w = 0; w < WORD_COUNT; w++)
        for (const char *const *f = (const char *const[]){"a", "b", "c", NULL}; *f; f++) {
            AUTO(buf) struct buf en = BUF_INIT(4096), nl = BUF_INIT(4096);
            const char *mark = "\x01";
            words_put(&en, LANGUAGE_EN, (enum word)w,
                      &(struct filling){**f == 'a' ? mark : "", **f == 'b' ? mark : "",
                                        **f == 'c' ? mark : ""});
            words_put(&nl, LANGUAGE_NL, (enum word)w,
                      &(struct filling){**f == 'a' ? mark : "", **f == 'b' ? mark : "",
                                        **f == 'c' ? mark : ""});
            cr_assert_eq(strchr(buf_str(&en), 1) != NULL, strchr(buf_str(&nl), 1) != NULL,
                         "word %d: %s differs", w, *f);
        }
}

Test(words, dates_are_read_by_people)
{
    AUTO(buf) struct buf b = BUF_INIT(4096);
    words_date(&b, LANGUAGE_EN, (wall_t){1790985600}); /* 2026-10-03T00:00:00Z */
    buf_add_str(&b, "|");
    words_date(&b, LANGUAGE_NL, (wall_t){1790985600});
    buf_add_str(&b, "|");
    words_time(&b, LANGUAGE_NL, (wall_t){1790985599});
    cr_assert_str_eq(buf_str(&b), "3 October 2026|3 oktober 2026|2 oktober 2026, 23:59 UTC");
}

Test(words, the_environment_chooses_the_language)
{
    cr_assert_eq(words_language(NULL, NULL, "nl_NL.UTF-8"), LANGUAGE_NL);
    cr_assert_eq(words_language(NULL, "nl_BE", "en_GB"), LANGUAGE_NL);
    cr_assert_eq(words_language("C", "nl_NL", "nl_NL"), LANGUAGE_EN);
    cr_assert_eq(words_language("", NULL, NULL), LANGUAGE_EN);
}
