/* Claims about a licence's identity. */
#include "support/leak.h"
#include "support/seed.h"

#include "domain/license.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

SUITE(license);

static const struct {
    const char *text;
    int code;
    const char *canonical, *version;
} spellings[] = {
    /* As Plesk, its tools, its partners and its resellers write them. */
    {"PLSK.01234567", 0, "PLSK.01234567", ""},
    {"PLSK.01234567.0003", 0, "PLSK.01234567", "0003"},
    {"PLSK012345670003", 0, "PLSK.01234567", "0003"},
    {"PLSK01234567", 0, "PLSK.01234567", ""},
    {"plsk.01234567.0003", 0, "PLSK.01234567", "0003"},
    {"plsk012345670003", 0, "PLSK.01234567", "0003"},
    {"Plsk.01234567", 0, "PLSK.01234567", ""},
    {"EXT.12345678", 0, "EXT.12345678", ""},
    {"APS.02960584.0008", 0, "APS.02960584", "0008"},
    {"VZ.00000001", 0, "VZ.00000001", ""},
    {"PCSS.99999999.9999", 0, "PCSS.99999999", "9999"},
    {"ABCDEF.00000010", 0, "ABCDEF.00000010", ""},
    {"ABCDEF000000100000", 0, "ABCDEF.00000010", "0000"},
    /* No licence. */
    {"plsk.00000000.0000", 1, NULL, NULL},
    {"plsk000000000000", 1, NULL, NULL},
    {"PLSK.00000000", 1, NULL, NULL},
    {"PLSK00000000", 1, NULL, NULL},
    {"PLSK.00000000.0003", 1, NULL, NULL},
    /* No key number. */
    {"", -EBADMSG, NULL, NULL},
    {"PLSK", -EBADMSG, NULL, NULL},
    {"PLSK.", -EBADMSG, NULL, NULL},
    {"01234567", -EBADMSG, NULL, NULL},
    {"1234567", -EBADMSG, NULL, NULL},
    {".01234567", -EBADMSG, NULL, NULL},
    {"P.01234567", -EBADMSG, NULL, NULL},
    {"ABCDEFG.01234567", -EBADMSG, NULL, NULL},
    {"PLSK.1234567", -EBADMSG, NULL, NULL},
    {"PLSK.012345678", -EBADMSG, NULL, NULL},
    {"PLSK.01234567.", -EBADMSG, NULL, NULL},
    {"PLSK.01234567.3", -EBADMSG, NULL, NULL},
    {"PLSK.01234567.00003", -EBADMSG, NULL, NULL},
    {"PLSK.01234567.0003.", -EBADMSG, NULL, NULL},
    {"PLSK.01234567.000x", -EBADMSG, NULL, NULL},
    {"PLSK.012345670003", -EBADMSG, NULL, NULL},
    {"PLSK01234567.0003", -EBADMSG, NULL, NULL},
    {"PLSK0123456", -EBADMSG, NULL, NULL},
    {"PLSK012345678", -EBADMSG, NULL, NULL},
    {"PLSK01234567000", -EBADMSG, NULL, NULL},
    {"PLSK0123456700031", -EBADMSG, NULL, NULL},
    {"PLSK..01234567", -EBADMSG, NULL, NULL},
    {"PLSK-01234567", -EBADMSG, NULL, NULL},
    {"PLSK 01234567", -EBADMSG, NULL, NULL},
    {" PLSK.01234567", -EBADMSG, NULL, NULL},
    {"PLSK.01234567 ", -EBADMSG, NULL, NULL},
    {"PL5K.01234567", -EBADMSG, NULL, NULL},
    {"PLSK.+1234567", -EBADMSG, NULL, NULL},
    {"PLSK.-1234567", -EBADMSG, NULL, NULL},
    {"PLSK.0123456\xd9\xa1", -EBADMSG, NULL, NULL},
    {"PLS\xd0\x9a.01234567", -EBADMSG, NULL, NULL},               /* CYRILLIC KA */
    {"A00B00-XXXXXX-4MDN86-XXXXXX-DVE103", -EBADMSG, NULL, NULL}, /* an activation code */
};

Test(license, every_spelling_comes_to_one_form)
{
    for (size_t i = 0; i < ARRAY_LEN(spellings); i++) {
        license_t l = {77};
        char version[LICENSE_VERSION_SIZE] = "old";
        int r = license_parse(text_of(spellings[i].text), &l, version);
        cr_expect_eq(r, spellings[i].code, "%s: %d", spellings[i].text, r);
        if (r == 0) {
            char out[LICENSE_TEXT_SIZE];
            cr_expect_str_eq(license_format(l, out), spellings[i].canonical);
            cr_expect_str_eq(version, spellings[i].version);
        } else {
            cr_expect(l.code == 77 && strcmp(version, "old") == 0, "untouched: %s",
                      spellings[i].text);
        }
    }
}

Test(license, the_version_may_be_left)
{
    license_t l = {0};
    cr_assert_eq(license_parse(text_of("PLSK.01234567.0003"), &l, NULL), 0);
    cr_assert_eq(license_parse((struct text){"PLSK.01234567\0", 14}, &l, NULL), -EBADMSG,
                 "a NUL");
    cr_assert_eq(license_parse((struct text){NULL, 0}, &l, NULL), -EBADMSG, "nothing");
}

Test(license, a_bare_number_is_plesks)
{
    license_t l = {77};
    char out[LICENSE_TEXT_SIZE];
    cr_assert_eq(license_from_number(0, &l), 1);
    cr_assert_eq(license_from_number(-1, &l), -ERANGE);
    cr_assert_eq(license_from_number(100000000, &l), -ERANGE);
    cr_assert_eq(l.code, 77);
    cr_assert_eq(license_from_number(4867003, &l), 0);
    cr_assert_str_eq(license_format(l, out), "PLSK.04867003");
    cr_assert_eq(license_from_number(99999999, &l), 0);
    cr_assert_str_eq(license_format(l, out), "PLSK.99999999");
}

Test(license, order_is_that_of_the_text)
{
    static const char *const rising[] = {"AA.99999999",   "AAA.00000001",   "AAAAAA.00000001",
                                         "AAB.00000001",  "EXT.12345678",   "PLSK.00000001",
                                         "PLSK.00000002", "PLSK.10000000",  "PLSKA.00000001",
                                         "VZ.00000001",   "ZZZZZZ.99999999"};
    license_t before = {0};
    for (size_t i = 0; i < ARRAY_LEN(rising); i++) {
        license_t l = {0};
        cr_assert_eq(license_parse(text_of(rising[i]), &l, NULL), 0);
        cr_assert_gt(l.code, before.code, "%s", rising[i]);
        before = l;
    }
}

Test(license, a_code_that_no_text_gives_is_refused)
{
    /* 27^6 = 387420489 prefixes; one letter alone is 27^5 = 14348907 times it. */
    static const struct {
        int64_t code;
        const char *why;
    } bad[] = {
        {0, "nothing"},
        {-1, "negative"},
        {INT64_MIN, "negative"},
        {1, "no prefix"},
        {INT64_C(14348907) * 100000000 + 1, "one letter: A"},
        {(INT64_C(14348907) + 531441 + 1) * 100000000 + 1, "AA, none, none, none, A"},
        {(INT64_C(14348907) + 531441) * 100000000, "AA, number zero"},
        {INT64_C(387420489) * 100000000 + 1, "seven letters"},
        {INT64_MAX, "far beyond"},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        license_t l = {77};
        cr_expect_eq(license_from_code(bad[i].code, &l), -EBADMSG, "%s", bad[i].why);
        cr_expect_eq(l.code, 77);
    }
    license_t l = {0};
    char out[LICENSE_TEXT_SIZE];
    cr_assert_eq(license_from_code((INT64_C(14348907) + 531441) * 100000000 + 1, &l), 0);
    cr_assert_str_eq(license_format(l, out), "AA.00000001");
}

Test(license, prefixes_are_compared_whole)
{
    license_t l = {0};
    cr_assert_eq(license_parse(text_of("PLSK.01234567"), &l, NULL), 0);
    cr_expect(license_has_prefix(l, "PLSK"));
    cr_expect_not(license_has_prefix(l, "PLS"));
    cr_expect_not(license_has_prefix(l, "PLSKA"));
    cr_expect_not(license_has_prefix(l, "EXT"));
    cr_expect_not(license_has_prefix(l, ""));
}

Test(license, texts_and_codes_survive_a_round_trip)
{
    struct rng rng = {seed_now()};
    for (int i = 0; i < 50000; i++) {
        char text[32] = "";
        size_t n = 2 + rng_below(&rng, 5);
        for (size_t at = 0; at < n; at++)
            text[at] = (char)('A' + rng_below(&rng, 26));
        (void)snprintf(text + n, sizeof text - n, ".%08u",
                       (unsigned)(1 + rng_below(&rng, 99999999)));
        license_t l = {0};
        license_t back = {0};
        char out[LICENSE_TEXT_SIZE];
        cr_assert_eq(license_parse(text_of(text), &l, NULL), 0, "%s", text);
        cr_assert_str_eq(license_format(l, out), text);
        cr_assert_eq(license_from_code(l.code, &back), 0, "%s", text);
        cr_assert_eq(back.code, l.code);
    }
}

Test(license, whatever_is_accepted_has_a_canonical_form)
{
    struct rng rng = {seed_now()};
    for (int i = 0; i < 100000; i++) {
        char bytes[] = "PLSK.01234567.0003";
        size_t n = rng_damage(&rng, bytes, sizeof bytes - 1);
        license_t l = {0};
        license_t back = {0};
        char out[LICENSE_TEXT_SIZE];
        if (license_parse((struct text){bytes, n}, &l, NULL) != 0)
            continue;
        cr_assert_eq(license_parse(text_of(license_format(l, out)), &back, NULL), 0, "%s", out);
        cr_assert_eq(back.code, l.code, "%s", out);
    }
}
