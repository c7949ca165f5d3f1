/* Claims about what an answer means. */
#include "support/leak.h"
#include "uplink/uplink.h"

#include <string.h>

SUITE(judge);

static const struct {
    int64_t status;
    enum message_outcome outcome;
    const char *why;
} statuses[] = {
    {200, MESSAGE_DONE, "on disk"},
    {201, MESSAGE_LATER, "the contract knows 200 alone"},
    {204, MESSAGE_LATER, "the same: nothing says that it is on disk"},
    {301, MESSAGE_LATER, "nobody is followed elsewhere"},
    {400, MESSAGE_REFUSED, "the body"},
    {413, MESSAGE_REFUSED, "too large"},
    {415, MESSAGE_REFUSED, "of a kind that is not taken"},
    {401, MESSAGE_STRANGER, "no certificate that holds"},
    {403, MESSAGE_STRANGER, "revoked"},
    {404, MESSAGE_LATER, "a collector that is being set up"},
    {405, MESSAGE_LATER, "the same"},
    {407, MESSAGE_LATER, "a proxy's word"},
    {411, MESSAGE_LATER, "a balancer's word"},
    {429, MESSAGE_LATER, "too often"},
    {500, MESSAGE_LATER, "no answer that the contract knows"},
    {502, MESSAGE_LATER, "a balancer without a collector"},
    {503, MESSAGE_LATER, "busy"},
    {0, MESSAGE_LATER, "none"},
    {100, MESSAGE_LATER, "no end"},
    {999, MESSAGE_LATER, "none that is known"},
};

Test(judge, each_status_has_its_meaning)
{
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
        cr_expect_eq(uplink_judge(statuses[i].status), statuses[i].outcome, "%lld: %s",
                     (long long)statuses[i].status, statuses[i].why);
}

Test(judge, of_two_outcomes_the_one_that_says_more_is_kept)
{
    static const enum message_outcome order[] = {
        MESSAGE_DONE,     MESSAGE_BROKEN, MESSAGE_NO_IDENTITY, MESSAGE_REFUSED,
        MESSAGE_STRANGER, MESSAGE_LATER,  MESSAGE_UNTRUSTED,   MESSAGE_UNREACHABLE,
    };
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        for (size_t j = 0; j < ARRAY_LEN(order); j++)
            cr_expect_eq(uplink_is_better(order[i], order[j]), i < j, "%zu, %zu", i, j);
}

/* ---- Retry-After ----------------------------------------------------------------------- */

/* 1994-11-06T08:49:37Z, the example of RFC 9110: 9075 days (24 years, six of them leap years,
 * 309 days) and 31777 seconds. */
#define EXAMPLE (INT64_C(9075) * 86400 + 31777)

static const struct {
    const char *value;
    int64_t now, wanted;
    const char *why;
} waits[] = {
    {"0", 0, 0, "at once"},
    {"1", 0, 1, "a second"},
    {"120", 0, 120, "the RFC's example"},
    {"0000120", 0, 120, "zeros in front are digits"},
    {"86400", 0, 86400, "a day"},
    {"86401", 0, 86400, "at most a day"},
    {"99999999999999999999999999", 0, 86400, "whatever it is"},
    {"-1", 0, 0, "no digits"},
    {"+1", 0, 0, "no digits"},
    {"1.5", 0, 0, "no digits"},
    {"", 0, 0, "nothing"},
    {"soon", 0, 0, "no number"},
    {"120s", 0, 0, "something behind it"},
    {"Sun, 06 Nov 1994 08:49:37 GMT", EXAMPLE - 60, 60, "in a minute"},
    {"Sun, 06 Nov 1994 08:49:37 GMT", EXAMPLE, 0, "now"},
    {"Sun, 06 Nov 1994 08:49:37 GMT", EXAMPLE + 1, 0, "past"},
    {"Sun, 06 Nov 1994 08:49:37 GMT", EXAMPLE - 86399, 86399, "within a day"},
    {"Sun, 06 Nov 1994 08:49:37 GMT", EXAMPLE - 86401, 86400, "more than a day"},
    {"Sun, 06 Nov 1994 08:49:37 GMT", 0, 86400, "far more"},
    {"Mon, 06 Nov 1994 08:49:37 GMT", EXAMPLE - 60, 60, "a wrong day's name says nothing"},
    {"Sun, 06 Nov 9999 08:49:37 GMT", 0, 86400, "the last year"},
    {"Thu, 29 Feb 2024 00:00:00 GMT", 1709164800 - 5, 5, "a leap day: 19782 days"},
    {"Wed, 29 Feb 2023 00:00:00 GMT", 0, 0, "a day that does not exist"},
    {"Sun, 00 Nov 1994 08:49:37 GMT", 0, 0, "no day"},
    {"Sun, 06 Nov 1994 24:00:00 GMT", 0, 0, "no hour"},
    {"Sun, 06 Nov 1994 08:60:00 GMT", 0, 0, "no minute"},
    {"Sun, 06 Nov 1994 08:49:61 GMT", 0, 0, "no second"},
    {"Sun, 06 Nov 1994 08:49:60 GMT", EXAMPLE, 23, "a leap second"},
    {"sun, 06 nov 1994 08:49:37 gmt", 0, 0, "its letters have their case"},
    {"Sun, 06 Nov 1994 08:49:37 UTC", 0, 0, "GMT, nothing else"},
    {"Sun, 06 Nov 1994 08:49:37 GMT ", 0, 0, "something behind it"},
    {"Sun, 6 Nov 1994 08:49:37 GMT", 0, 0, "two digits"},
    {"Sun, 06 Foo 1994 08:49:37 GMT", 0, 0, "no month"},
    {"Foo, 06 Nov 1994 08:49:37 GMT", 0, 0, "no day's name"},
    {"Sunday, 06-Nov-94 08:49:37 GMT", 0, 0, "the obsolete forms are not read"},
    {"Sun Nov  6 08:49:37 1994", 0, 0, "the obsolete forms are not read"},
};

Test(judge, retry_after_is_seconds_or_a_date)
{
    for (size_t i = 0; i < ARRAY_LEN(waits); i++)
        cr_expect_eq(uplink_retry_after(text_of(waits[i].value), (wall_t){waits[i].now}),
                     waits[i].wanted, "\"%s\": %s", waits[i].value, waits[i].why);
}

Test(judge, a_date_that_is_cut_off_anywhere_is_none)
{
    static const char whole[] = "Sun, 06 Nov 1994 08:49:37 GMT";
    for (size_t n = 0; n < sizeof whole - 1; n++) {
        char *exact = malloc(n > 0 ? n : 1); /* so that a read behind its end is seen */
        cr_assert_not_null(exact);
        memcpy(exact, whole, n);
        cr_expect_eq(uplink_retry_after((struct text){exact, n}, (wall_t){0}), 0, "%zu", n);
        free(exact);
    }
}

/* ---- Words ----------------------------------------------------------------------------- */

static const struct {
    const char *given, *wanted, *why;
} words[] = {
    {"", "", "nothing"},
    {"plain words", "plain words", "plain"},
    {"  about \t", "about", "no white space at its ends"},
    {"one\r\ntwo", "one  two", "one line"},
    {"red \x1b[31m", "red  [31m", "no escape"},
    {"a\xffz", "a z", "no UTF-8"},
    {"a\xc2\x9bz", "a z", "a control character of two bytes (U+009B)"},
    {"a\xe2\x80\xaez", "a z", "writing from right to left (U+202E)"},
    {"Gr\xc3\xbc\xc3\x9f\x65 \xe2\x80\xa6", "Gr\xc3\xbc\xc3\x9f\x65 \xe2\x80\xa6", "letters"},
    {"is \"a\\b\"", "is \"a\\b\"", "quotes and backslashes stay"},
    {"\xc3", "", "half a character"},
    {"\xe2\x80\x86"
     "a\xc2\xa0z\xe3\x80\x80",
     "a z", "other white space (U+2006, U+A0, U+3000)"},
};

Test(judge, words_for_people_have_nothing_in_them_that_a_terminal_obeys)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        char out[MESSAGE_TEXT_MAX + 1];
        uplink_put_text(text_of(words[i].given), out);
        cr_expect_str_eq(out, words[i].wanted, "%s", words[i].why);
    }
}

Test(judge, long_words_are_cut_between_characters)
{
    char given[2 * MESSAGE_TEXT_MAX];
    char out[MESSAGE_TEXT_MAX + 1];
    memset(given, 'a', sizeof given);
    uplink_put_text((struct text){given, sizeof given}, out);
    cr_expect_eq(strlen(out), MESSAGE_TEXT_MAX);
    for (size_t i = 1; i + 1 < sizeof given; i += 2)
        memcpy(given + i, "\xc3\xbc", 2); /* one letter, then letters of two bytes */
    uplink_put_text((struct text){given, sizeof given - 1}, out);
    cr_expect_eq(strlen(out), MESSAGE_TEXT_MAX - 1, "1 + 2 * 199: one more would be 401");
    cr_expect(text_is_utf8(text_of(out)));
}
