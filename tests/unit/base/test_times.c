/* Claims about moments, durations and dates. */
#include "support/leak.h"
#include "support/seed.h"

#include "base/times.h"

#include <errno.h>
#include <string.h>

SUITE(times);

/* Worked out from 946684800 = 2000-01-01T00:00:00Z and days of 86400 s. */
static const struct {
    const char *text;
    int64_t s;
    const char *canonical; /* NULL: the text itself */
} walls[] = {
    {"1970-01-01T00:00:00Z", 0, NULL},
    {"1969-12-31T23:59:59Z", -1, NULL},
    {"2000-01-01T00:00:00Z", 946684800, NULL},
    {"2000-02-29T00:00:00Z", 946684800 + 59 * 86400, NULL},
    {"2000-03-01T00:00:00Z", 946684800 + 60 * 86400, NULL},
    /* 2024 begins 24 * 365 days and 6 leap days (2000, 04, 08, 12, 16, 20) after 2000. */
    {"2024-02-29T12:34:56Z", 946684800 + (24 * 365 + 6 + 59) * INT64_C(86400) + 45296, NULL},
    /* 2100 begins 25 leap days after 2000, and has none itself. */
    {"2100-02-28T23:59:59Z", 946684800 + (100 * 365 + 25 + 59) * INT64_C(86400) - 1, NULL},
    {"2100-03-01T00:00:00Z", 946684800 + (100 * 365 + 25 + 59) * INT64_C(86400), NULL},
    {"0001-01-01T00:00:00Z", INT64_C(-62135596800), NULL},
    {"9999-12-31T23:59:59Z", INT64_C(253402300799), NULL},
    {"1970-01-01t00:00:00z", 0, "1970-01-01T00:00:00Z"},
    {"1970-01-01T01:00:00+01:00", 0, "1970-01-01T00:00:00Z"},
    {"1969-12-31T18:30:00-05:30", 0, "1970-01-01T00:00:00Z"},
    {"1970-01-01T23:59:00+23:59", 0, "1970-01-01T00:00:00Z"},
    {"1970-01-01T00:00:00-00:00", 0, "1970-01-01T00:00:00Z"},
    {"0001-01-01T00:01:00+00:01", INT64_C(-62135596800), "0001-01-01T00:00:00Z"},
    {"9999-12-31T23:58:59-00:01", INT64_C(253402300799), "9999-12-31T23:59:59Z"},
};

Test(times, moments_are_read_as_rfc_3339)
{
    for (size_t i = 0; i < ARRAY_LEN(walls); i++) {
        wall_t t = {7};
        cr_expect_eq(wall_parse(text_of(walls[i].text), &t), 0, "%s", walls[i].text);
        cr_expect_eq(t.s, walls[i].s, "%s: %ld", walls[i].text, t.s);
    }
}

Test(times, moments_are_written_with_z)
{
    for (size_t i = 0; i < ARRAY_LEN(walls); i++) {
        char out[WALL_TEXT_SIZE];
        const char *want = walls[i].canonical ? walls[i].canonical : walls[i].text;
        cr_expect_str_eq(wall_format((wall_t){walls[i].s}, out), want);
    }
}

Test(times, the_ends_have_words)
{
    char out[WALL_TEXT_SIZE];
    cr_assert_str_eq(wall_format(WALL_BEGIN, out), "always");
    cr_assert_str_eq(wall_format(WALL_END, out), "never");
    cr_assert_str_eq(wall_format((wall_t){WALL_MIN.s - 1}, out), "always");
    cr_assert_str_eq(wall_format((wall_t){WALL_MAX.s + 1}, out), "never");
    cr_assert_str_eq(wall_format((wall_t){INT64_MIN}, out), "always");
    cr_assert_str_eq(wall_format((wall_t){INT64_MAX}, out), "never");
}

static const char *const not_walls[] = {
    "",
    "2026-10-03",
    "2026-10-03T00:00:00",
    "2026-10-03T00:00:00ZZ",
    "2026-10-03 00:00:00Z",
    "2026-10-03T00:00Z",
    "2026-10-03T00:00:00.5Z",
    "2026-10-03T00:00:60Z",
    "2016-12-31T23:59:60Z",
    "2026-10-03T00:60:00Z",
    "2026-10-03T24:00:00Z",
    "2026-10-03T00:00:00+24:00",
    "2026-10-03T00:00:00+00:60",
    "2026-10-03T00:00:00+0100",
    "2026-10-03T00:00:00+01",
    "2026-10-03T00:00:00 01:00",
    "2026-10-03T00:00:00+1:000",
    "2026-02-29T00:00:00Z",
    "2100-02-29T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-10-00T00:00:00Z",
    "2026-10-32T00:00:00Z",
    "0000-12-31T00:00:00Z",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "-001-01-01T00:00:00Z",
    "2026-10-03T+1:00:00Z",
    "2026-10-03T0 :00:00Z",
    "20261-0-03T00:00:00Z",
    "always",
    "never",
};

Test(times, what_is_no_moment_is_refused)
{
    for (size_t i = 0; i < ARRAY_LEN(not_walls); i++) {
        wall_t t = {7};
        cr_expect_eq(wall_parse(text_of(not_walls[i]), &t), -EBADMSG, "%s", not_walls[i]);
        cr_expect_eq(t.s, 7, "%s", not_walls[i]);
    }
}

Test(times, moments_survive_a_round_trip)
{
    struct rng rng = {seed_now()};
    for (int i = 0; i < 50000; i++) {
        wall_t t = {rng_between(&rng, WALL_MIN.s, WALL_MAX.s)};
        char out[WALL_TEXT_SIZE];
        wall_t back = {0};
        cr_assert_eq(wall_parse(text_of(wall_format(t, out)), &back), 0, "%s", out);
        cr_assert_eq(back.s, t.s, "%s", out);
    }
}

Test(times, damaged_moments_do_no_harm)
{
    struct rng rng = {seed_now()};
    for (int i = 0; i < 50000; i++) {
        char bytes[] = "2026-10-25T03:00:00+01:00";
        size_t n = rng_damage(&rng, bytes, sizeof bytes - 1);
        wall_t t = {0};
        if (wall_parse((struct text){bytes, n}, &t) == 0)
            cr_assert(t.s >= WALL_MIN.s && t.s <= WALL_MAX.s);
    }
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

Test(times, dates_follow_a_calendar_counted_day_by_day)
{
    /* 0001-01-01 is 719162 days before 1970-01-01: 62135596800 / 86400. */
    int64_t days = -719162;
    for (int64_t year = 1; year <= 9999; year++) {
        for (int month = 1; month <= 12; month++) {
            for (int day = 1; day <= month_days(year, month); day++, days++) {
                int64_t y;
                int m;
                int d;
                civil_from_days(days, &y, &m, &d);
                if (civil_to_days(year, month, day) != days || y != year || m != month ||
                    d != day)
                    cr_assert_fail("%ld-%d-%d", year, month, day);
            }
        }
    }
    cr_assert_eq(days, INT64_C(253402300800) / 86400, "the day after 9999-12-31");
}

Test(times, dates_before_the_first_year_are_right_too)
{
    /* Year 0 is a leap year; -1 is none. */
    int64_t y;
    int m;
    int d;
    cr_assert_eq(civil_to_days(0, 12, 31), -719163);
    cr_assert_eq(civil_to_days(0, 1, 1), -719163 - 365);
    cr_assert_eq(civil_to_days(-1, 12, 31), -719163 - 366);
    civil_from_days(-719163 - 366, &y, &m, &d);
    cr_assert(y == -1 && m == 12 && d == 31);
}

static const struct {
    const char *text;
    int code;
    int64_t days;
} dates[] = {
    {"1970-01-01", 0, 0},
    {"1969-12-31", 0, -1},
    {"2000-02-29", 0, 10957 + 59}, /* 946684800 / 86400 = 10957 */
    {"0001-01-01", 0, -719162},
    {"2024-02-30", -EBADMSG, 0},
    {"2023-02-29", -EBADMSG, 0},
    {"1900-02-29", -EBADMSG, 0},
    {"2023-11-31", -EBADMSG, 0},
    {"0000-01-01", -EBADMSG, 0},
    {"2023-1-01", -EBADMSG, 0},
    {"2023-01-1", -EBADMSG, 0},
    {"2023/01/01", -EBADMSG, 0},
    {"2023-01-01 ", -EBADMSG, 0},
    {"20230101", -EBADMSG, 0},
    {"12023-01-01", -EBADMSG, 0},
    {"", -EBADMSG, 0},
};

Test(times, a_date_must_exist)
{
    for (size_t i = 0; i < ARRAY_LEN(dates); i++) {
        int64_t days = 77;
        cr_expect_eq(civil_parse(text_of(dates[i].text), &days), dates[i].code, "%s",
                     dates[i].text);
        cr_expect_eq(days, dates[i].code == 0 ? dates[i].days : 77, "%s", dates[i].text);
    }
}

static const struct {
    const char *text;
    int code;
    int64_t s;
} durations[] = {
    {"14d", 0, 1209600},
    {"26h", 0, 93600},
    {"45m", 0, 2700},
    {"10s", 0, 10},
    {"0s", 0, 0},
    {"0d", 0, 0},
    {"36525d", 0, INT64_C(3155760000)},
    {"3155760000s", 0, INT64_C(3155760000)},
    {"36526d", -ERANGE, 0},
    {"3155760001s", -ERANGE, 0},
    {"99999999999999999999d", -ERANGE, 0},
    {"", -EBADMSG, 0},
    {"d", -EBADMSG, 0},
    {"14", -EBADMSG, 0},
    {"-1d", -EBADMSG, 0},
    {"+1d", -EBADMSG, 0},
    {"1 d", -EBADMSG, 0},
    {" 1d", -EBADMSG, 0},
    {"01d", -EBADMSG, 0},
    {"1D", -EBADMSG, 0},
    {"1w", -EBADMSG, 0},
    {"1.5h", -EBADMSG, 0},
    {"1d2h", -EBADMSG, 0},
    {"1dd", -EBADMSG, 0},
};

Test(times, a_duration_is_digits_and_one_unit)
{
    for (size_t i = 0; i < ARRAY_LEN(durations); i++) {
        dur_t d = {77};
        int r = dur_parse(text_of(durations[i].text), &d);
        cr_expect_eq(r, durations[i].code, "%s: %d", durations[i].text, r);
        cr_expect_eq(d.s, r == 0 ? durations[i].s : 77, "%s", durations[i].text);
    }
}

static const struct {
    int64_t s;
    const char *text;
} shown_durations[] = {
    {0, "0s"},         {1, "1s"},        {60, "1m"},     {90, "90s"},
    {2700, "45m"},     {3600, "1h"},     {93600, "26h"}, {86400, "1d"},
    {86401, "86401s"}, {1209600, "14d"}, {-3600, "-1h"}, {INT64_MIN, "-9223372036854775808s"},
};

Test(times, a_duration_is_written_in_its_largest_whole_unit)
{
    for (size_t i = 0; i < ARRAY_LEN(shown_durations); i++) {
        char out[DUR_TEXT_SIZE];
        cr_expect_str_eq(dur_format((dur_t){shown_durations[i].s}, out),
                         shown_durations[i].text);
    }
}

Test(times, durations_survive_a_round_trip)
{
    struct rng rng = {seed_now()};
    static const int64_t units[] = {1, 60, 3600, 86400};
    for (int i = 0; i < 20000; i++) {
        int64_t unit = units[rng_below(&rng, 4)];
        dur_t d = {rng_between(&rng, 0, INT64_C(3155760000) / unit) * unit};
        char out[DUR_TEXT_SIZE];
        dur_t back = {-1};
        cr_assert_eq(dur_parse(text_of(dur_format(d, out)), &back), 0, "%s", out);
        cr_assert_eq(back.s, d.s, "%s", out);
    }
}

Test(times, earlier_and_later)
{
    wall_t a = {1};
    wall_t b = {2};
    cr_assert_eq(wall_min(a, b).s, 1);
    cr_assert_eq(wall_min(b, a).s, 1);
    cr_assert_eq(wall_max(a, b).s, 2);
    cr_assert_eq(wall_max(b, a).s, 2);
}
