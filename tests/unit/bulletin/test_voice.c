/* Two languages: numbers, money, days, moments, durations and shares as each writes them. */
#include "bulletin/voice.h"
#include "support/bulletin_sample.h"
#include "support/leak.h"
#include <string.h>

SUITE(voice);

#define NBSP "\xc2\xa0"

static struct voice voice(enum language language)
{
    return voice_of(language, sample_zone());
}

/* ---- Words with places ----------------------------------------------------------------- */

Test(voice, what_is_put_in_stands_where_the_word_says)
{
    static const char *words[WORD_COUNT];
    struct voice v = {LANGUAGE_EN, words, sample_zone()};
    AUTO(buf) struct buf out = BUF_INIT(4096);

    words[WORD_SINCE] = "{2}{1}, {1} {9} {x} {} {";
    SAY(&v, &out, WORD_SINCE, "one", "two");
    /* What is no place, or has nothing to stand in it, stays as it is. */
    cr_expect_str_eq(buf_str(&out), "twoone, one {9} {x} {} {");
}

Test(voice, what_is_put_in_is_not_read_again)
{
    static const char *words[WORD_COUNT];
    struct voice v = {LANGUAGE_EN, words, sample_zone()};
    AUTO(buf) struct buf out = BUF_INIT(4096);

    words[WORD_SINCE] = "{1} {2}";
    SAY(&v, &out, WORD_SINCE, "{2}", "{1}{n}");
    cr_expect_str_eq(buf_str(&out), "{2} {1}{n}");
}

static const struct {
    int64_t n;
    const char *nl, *en;
} plurals[] = {
    {0, "0 dagen", "0 days"},
    {1, "1 dag", "1 day"},
    {2, "2 dagen", "2 days"},
    {21, "21 dagen", "21 days"},
    {1000, "1.000 dagen", "1,000 days"},
    {-1, "-1 dagen", "-1 days"},
};

Test(voice, one_is_one_and_all_else_is_many)
{
    struct voice nl = voice(LANGUAGE_NL), en = voice(LANGUAGE_EN);

    for (size_t i = 0; i < ARRAY_LEN(plurals); i++) {
        AUTO(buf) struct buf dutch = BUF_INIT(4096), english = BUF_INIT(4096);
        SAY_N(&nl, &dutch, WORD_DAYS, plurals[i].n);
        SAY_N(&en, &english, WORD_DAYS, plurals[i].n);
        cr_expect_str_eq(buf_str(&dutch), plurals[i].nl);
        cr_expect_str_eq(buf_str(&english), plurals[i].en);
    }
}

/* ---- Numbers ----------------------------------------------------------------------------- */

static const struct {
    int64_t n;
    const char *nl, *en;
} numbers[] = {
    {0, "0", "0"},
    {7, "7", "7"},
    {999, "999", "999"},
    {1000, "1.000", "1,000"},
    {-1, "-1", "-1"},
    {-999, "-999", "-999"},
    {-1000, "-1.000", "-1,000"},
    {12345, "12.345", "12,345"},
    {1234567, "1.234.567", "1,234,567"},
    {INT64_MAX, "9.223.372.036.854.775.807", "9,223,372,036,854,775,807"},
    {INT64_MIN, "-9.223.372.036.854.775.808", "-9,223,372,036,854,775,808"},
};

Test(voice, numbers_are_grouped_by_three)
{
    struct voice nl = voice(LANGUAGE_NL), en = voice(LANGUAGE_EN);
    char out[VOICE_TEXT_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        cr_expect_str_eq(voice_number(&nl, numbers[i].n, out), numbers[i].nl);
        cr_expect_str_eq(voice_number(&en, numbers[i].n, out), numbers[i].en);
    }
}

static const struct currency eur = {"EUR", 2}, gbp = {"GBP", 2}, usd = {"USD", 2},
                             jpy = {"JPY", 0}, bhd = {"BHD", 3}, sek = {"SEK", 2};

static const struct {
    const char *why;
    int64_t minor;
    const struct currency *currency;
    const char *nl, *en;
} moneys[] = {
    {"two digits, always", 123450, &eur, "€" NBSP "1.234,50", "€1,234.50"},
    {"nothing", 0, &eur, "€" NBSP "0,00", "€0.00"},
    {"less than one", 5, &eur, "€" NBSP "0,05", "€0.05"},
    {"negative: the sign stands before all", -123450, &eur, "-€" NBSP "1.234,50", "-€1,234.50"},
    {"negative, less than one", -5, &eur, "-€" NBSP "0,05", "-€0.05"},
    {"of the dollars, whose", 100, &usd, "US$" NBSP "1,00", "US$1.00"},
    {"pounds", 100000000, &gbp, "£" NBSP "1.000.000,00", "£1,000,000.00"},
    {"a currency without a minor unit", 123450, &jpy, "JP¥" NBSP "123.450", "JP¥123,450"},
    {"a currency with three digits", 1234567, &bhd, "BHD" NBSP "1.234,567",
     "BHD" NBSP "1,234.567"},
    {"without a common sign: by its code", -1250, &sek, "-SEK" NBSP "12,50",
     "-SEK" NBSP "12.50"},
    {"as much as there can be", INT64_MAX, &eur, "€" NBSP "92.233.720.368.547.758,07",
     "€92,233,720,368,547,758.07"},
};

Test(voice, money_is_written_as_people_do)
{
    struct voice nl = voice(LANGUAGE_NL), en = voice(LANGUAGE_EN);
    char out[VOICE_TEXT_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(moneys); i++) {
        money_t m = {moneys[i].minor};
        cr_expect_str_eq(voice_money(&nl, m, moneys[i].currency, out), moneys[i].nl, "%s",
                         moneys[i].why);
        cr_expect_str_eq(voice_money(&en, m, moneys[i].currency, out), moneys[i].en, "%s",
                         moneys[i].why);
    }
}

Test(voice, a_price_may_be_finer_than_money)
{
    struct voice nl = voice(LANGUAGE_NL), en = voice(LANGUAGE_EN);
    char out[VOICE_TEXT_SIZE];

    cr_expect_str_eq(voice_price(&nl, (price_t){12500000}, &eur, out), "€" NBSP "12,50");
    cr_expect_str_eq(voice_price(&nl, (price_t){1234005000}, &eur, out), "€" NBSP "1.234,005");
    cr_expect_str_eq(voice_price(&en, (price_t){1}, &jpy, out), "JP¥0.000001");
}

static const struct {
    const char *why;
    int64_t part, whole;
    const char *nl, *en;
} shares[] = {
    {"all", 12, 12, "100,0" NBSP "%", "100.0%"},
    {"none", 0, 12, "0,0" NBSP "%", "0.0%"},
    {"a quarter", 3, 12, "25,0" NBSP "%", "25.0%"},
    {"two thirds are 66.66…: down", 2, 3, "66,6" NBSP "%", "66.6%"},
    {"nearly all is not all: 99.99…", 9999, 10000, "99,9" NBSP "%", "99.9%"},
    {"nearly none", 1, 10000, "0,0" NBSP "%", "0.0%"},
    {"of nothing there is no share", 0, 0, "-", "-"},
};

Test(voice, shares_are_rounded_down)
{
    struct voice nl = voice(LANGUAGE_NL), en = voice(LANGUAGE_EN);
    char out[VOICE_TEXT_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
        cr_expect_str_eq(voice_share(&nl, shares[i].part, shares[i].whole, out), shares[i].nl,
                         "%s", shares[i].why);
        cr_expect_str_eq(voice_share(&en, shares[i].part, shares[i].whole, out), shares[i].en,
                         "%s", shares[i].why);
    }
}

/* ---- Time -------------------------------------------------------------------------------- */

/* Days since 1970: 1 January 2026 is day 20,454, 29 March 20,541, 25 October 20,751. */
#define UTC(day, h, m, s) (INT64_C(86400) * (day) + 3600 * (h) + 60 * (m) + (s))

static const struct {
    const char *why;
    int64_t at;
    const char *nl, *en;
} moments[] = {
    {"winter: an hour ahead", UTC(20454, 12, 0, 0), "1 januari 2026 om 13:00 uur",
     "1 January 2026 at 13:00"},
    {"midnight here is another day than in UTC", UTC(20453, 23, 0, 0),
     "1 januari 2026 om 00:00 uur", "1 January 2026 at 00:00"},
    {"the last second of the year", UTC(20453, 22, 59, 59), "31 december 2025 om 23:59:59 uur",
     "31 December 2025 at 23:59:59"},
    {"the last second of winter time", UTC(20541, 0, 59, 59), "29 maart 2026 om 01:59:59 uur",
     "29 March 2026 at 01:59:59"},
    {"an hour is skipped", UTC(20541, 1, 0, 0), "29 maart 2026 om 03:00 uur",
     "29 March 2026 at 03:00"},
    {"summer: two hours ahead", UTC(20740, 0, 15, 0), "14 oktober 2026 om 02:15 uur",
     "14 October 2026 at 02:15"},
    {"before the hour that comes twice", UTC(20750, 23, 59, 59),
     "25 oktober 2026 om 01:59:59 uur", "25 October 2026 at 01:59:59"},
    {"in it, the first time", UTC(20751, 0, 30, 0), "25 oktober 2026 om 02:30 uur (CEST)",
     "25 October 2026 at 02:30 (CEST)"},
    {"in it, the second time", UTC(20751, 1, 30, 0), "25 oktober 2026 om 02:30 uur (CET)",
     "25 October 2026 at 02:30 (CET)"},
    {"the second time, its first second", UTC(20751, 1, 0, 0),
     "25 oktober 2026 om 02:00 uur (CET)", "25 October 2026 at 02:00 (CET)"},
    {"behind it", UTC(20751, 2, 0, 0), "25 oktober 2026 om 03:00 uur",
     "25 October 2026 at 03:00"},
};

Test(voice, moments_are_of_the_zone_and_never_doubtful)
{
    struct voice nl = voice(LANGUAGE_NL), en = voice(LANGUAGE_EN);
    char out[VOICE_TEXT_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(moments); i++) {
        wall_t t = {moments[i].at};
        cr_expect_str_eq(voice_moment(&nl, t, out), moments[i].nl, "%s", moments[i].why);
        cr_expect_str_eq(voice_moment(&en, t, out), moments[i].en, "%s", moments[i].why);
    }
}

Test(voice, days_are_of_the_zone)
{
    struct voice nl = voice(LANGUAGE_NL), en = voice(LANGUAGE_EN);
    char out[VOICE_TEXT_SIZE];

    /* 30 September 22:00 UTC is midnight in Amsterdam; day 20,726. */
    cr_expect_str_eq(voice_day(&nl, (wall_t){UTC(20726, 22, 0, 0)}, out), "1 oktober 2026");
    cr_expect_str_eq(voice_day(&en, (wall_t){UTC(20726, 21, 59, 59)}, out),
                     "30 September 2026");
}

Test(voice, every_month_has_its_name)
{
    static const char *const dutch[] = {"januari 2026", "februari 2026", "maart 2026",
                                        "april 2026",   "mei 2026",      "juni 2026",
                                        "juli 2026",    "augustus 2026", "september 2026",
                                        "oktober 2026", "november 2026", "december 2026"};
    static const char *const english[] = {"January 2026", "February 2026", "March 2026",
                                          "April 2026",   "May 2026",      "June 2026",
                                          "July 2026",    "August 2026",   "September 2026",
                                          "October 2026", "November 2026", "December 2026"};
    struct voice nl = voice(LANGUAGE_NL), en = voice(LANGUAGE_EN);
    char out[VOICE_TEXT_SIZE];

    for (int i = 0; i < 12; i++) {
        period_t p = {2026 * 12 + i};
        cr_expect_str_eq(voice_period(&nl, p, out), dutch[i]);
        cr_expect_str_eq(voice_period(&en, p, out), english[i]);
    }
}

static const struct {
    int64_t seconds;
    const char *nl, *en;
} durations[] = {
    {0, "0 minuten", "0 minutes"},
    {1, "1 seconde", "1 second"},
    {59, "59 seconden", "59 seconds"},
    {60, "1 minuut", "1 minute"},
    {61, "1 minuut en 1 seconde", "1 minute and 1 second"},
    {3600, "1 uur", "1 hour"},
    {3601, "1 uur", "1 hour"}, /* a second is no part of hours */
    {5400, "1 uur en 30 minuten", "1 hour and 30 minutes"},
    {86399, "23 uur en 59 minuten", "23 hours and 59 minutes"},
    {86400, "1 dag", "1 day"},
    {86400 + 1800, "1 dag", "1 day"},
    {15 * 86400 + 3 * 3600 + 59 * 60, "15 dagen en 3 uur", "15 days and 3 hours"},
    {INT64_C(1000) * 86400, "1.000 dagen", "1,000 days"},
    {-5, "0 minuten", "0 minutes"},
};

Test(voice, durations_are_told_by_their_two_largest_parts)
{
    struct voice nl = voice(LANGUAGE_NL), en = voice(LANGUAGE_EN);
    char out[VOICE_TEXT_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(durations); i++) {
        dur_t d = {durations[i].seconds};
        cr_expect_str_eq(voice_duration(&nl, d, out), durations[i].nl);
        cr_expect_str_eq(voice_duration(&en, d, out), durations[i].en);
    }
}
