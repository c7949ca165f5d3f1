/* Claims about local time as arithmetic. The zones are written down here, from the tz database.
 */
#include "support/leak.h"
#include "support/seed.h"

#include "domain/period.h"
#include "domain/zone.h"

#include <errno.h>

SUITE(zone);

static wall_t at(const char *text)
{
    wall_t t = {0};
    cr_assert_eq(wall_parse(text_of(text), &t), 0, "%s", text);
    return t;
}

static int64_t day(const char *text)
{
    int64_t days = 0;
    cr_assert_eq(civil_parse(text_of(text), &days), 0, "%s", text);
    return days;
}

static void add_step(struct zone *z, const char *from, int32_t offset_s,
                     const char *abbreviation)
{
    struct zone_step *step = &z->steps[z->n++];
    *step = (struct zone_step){.from = *from ? at(from) : WALL_BEGIN, .offset_s = offset_s};
    for (size_t i = 0; i + 1 < sizeof step->abbreviation && abbreviation[i]; i++)
        step->abbreviation[i] = abbreviation[i];
}

/* Europe/Amsterdam: clocks change at 01:00 UTC on the last Sundays of March and October. */
static void amsterdam(struct zone *z)
{
    *z = (struct zone){.name = "Europe/Amsterdam"};
    add_step(z, "", 3600, "CET");
    add_step(z, "2026-03-29T01:00:00Z", 7200, "CEST");
    add_step(z, "2026-10-25T01:00:00Z", 3600, "CET");
    add_step(z, "2027-03-28T01:00:00Z", 7200, "CEST");
}

/* Asia/Beirut: summer time begins at local midnight, which is skipped. */
static void beirut(struct zone *z)
{
    *z = (struct zone){.name = "Asia/Beirut"};
    add_step(z, "", 7200, "EET");
    add_step(z, "2026-03-28T22:00:00Z", 10800, "EEST");
    add_step(z, "2026-10-24T21:00:00Z", 7200, "EET");
}

/* America/St_Johns in 2009: back at 00:01 on the first of November, into October. */
static void st_johns(struct zone *z)
{
    *z = (struct zone){.name = "America/St_Johns"};
    add_step(z, "", -9000, "NDT");
    add_step(z, "2009-11-01T02:31:00Z", -12600, "NST");
}

/* Pacific/Apia: no 2011-12-30 at all. */
static void apia(struct zone *z)
{
    *z = (struct zone){.name = "Pacific/Apia"};
    add_step(z, "", -36000, "-10");
    add_step(z, "2011-12-30T10:00:00Z", 50400, "+14");
}

Test(zone, utc_is_itself)
{
    struct zone z;
    zone_init_utc(&z);
    char out[ZONE_TEXT_SIZE];
    cr_assert_str_eq(zone_format(&z, at("2026-10-03T00:00:00Z"), out),
                     "2026-10-03 00:00:00 UTC");
    cr_assert_eq(zone_day_start(&z, 1).s, 86400);
    cr_assert_eq(zone_date_at(&z, (wall_t){-1}), -1);
    cr_assert_eq(zone_date_at(&z, (wall_t){86399}), 0);
}

static const struct {
    const char *utc;
    const char *local;
} moments[] = {
    {"2026-01-01T00:00:00Z", "2026-01-01 01:00:00 CET"},
    {"1900-01-01T00:00:00Z", "1900-01-01 01:00:00 CET"},
    {"2026-03-29T00:59:59Z", "2026-03-29 01:59:59 CET"},
    {"2026-03-29T01:00:00Z", "2026-03-29 03:00:00 CEST"},
    {"2026-10-03T00:00:00Z", "2026-10-03 02:00:00 CEST"},
    {"2026-10-25T00:30:00Z", "2026-10-25 02:30:00 CEST"},
    {"2026-10-25T01:30:00Z", "2026-10-25 02:30:00 CET"},
    {"2027-03-28T01:00:00Z", "2027-03-28 03:00:00 CEST"},
    {"2030-01-01T00:00:00Z", "2030-01-01 02:00:00 CEST"}, /* the last step holds for ever */
};

Test(zone, moments_are_shown_in_local_time)
{
    struct zone z;
    amsterdam(&z);
    for (size_t i = 0; i < ARRAY_LEN(moments); i++) {
        char out[ZONE_TEXT_SIZE];
        cr_expect_str_eq(zone_format(&z, at(moments[i].utc), out), moments[i].local, "%s: %s",
                         moments[i].utc, out);
    }
}

Test(zone, the_ends_of_time_have_words)
{
    struct zone z;
    amsterdam(&z);
    char out[ZONE_TEXT_SIZE];
    cr_assert_str_eq(zone_format(&z, WALL_BEGIN, out), "always");
    cr_assert_str_eq(zone_format(&z, WALL_END, out), "never");
    cr_assert_str_eq(zone_format(&z, WALL_MAX, out), "9999-12-31 23:59:59 CEST",
                     "not year 10000");
}

static const struct {
    void (*make)(struct zone *z);
    const char *date;
    const char *start;
    const char *why;
} days[] = {
    {amsterdam, "2026-01-01", "2025-12-31T23:00:00Z", "winter"},
    {amsterdam, "2026-03-29", "2026-03-28T23:00:00Z", "the day of 23 hours"},
    {amsterdam, "2026-03-30", "2026-03-29T22:00:00Z", "and the one after it"},
    {amsterdam, "2026-10-25", "2026-10-24T22:00:00Z", "the day of 25 hours"},
    {amsterdam, "2026-10-26", "2026-10-25T23:00:00Z", "and the one after it"},
    {amsterdam, "1950-06-01", "1950-05-31T23:00:00Z", "before all steps"},
    {amsterdam, "2050-06-01", "2050-05-31T22:00:00Z", "after all steps"},
    {beirut, "2026-03-29", "2026-03-28T22:00:00Z", "begins at 01:00, for 00:00 was skipped"},
    {beirut, "2026-03-28", "2026-03-27T22:00:00Z", "the day before"},
    {beirut, "2026-10-25", "2026-10-24T22:00:00Z", "00:00 became 23:00, and came again"},
    {st_johns, "2009-11-01", "2009-11-01T02:30:00Z", "the first of two midnights"},
    {st_johns, "2009-11-02", "2009-11-02T03:30:00Z", "the day after"},
    {apia, "2011-12-29", "2011-12-29T10:00:00Z", "the last day east of the line"},
    {apia, "2011-12-30", "2011-12-30T10:00:00Z", "a day that never was begins with the next"},
    {apia, "2011-12-31", "2011-12-30T10:00:00Z", "the next"},
    {apia, "2012-01-01", "2011-12-31T10:00:00Z", "and on"},
};

Test(zone, a_day_begins_at_its_first_moment)
{
    for (size_t i = 0; i < ARRAY_LEN(days); i++) {
        struct zone z;
        days[i].make(&z);
        char out[WALL_TEXT_SIZE];
        wall_t start = zone_day_start(&z, day(days[i].date));
        cr_expect_str_eq(wall_format(start, out), days[i].start, "%s %s: %s: %s", z.name,
                         days[i].date, days[i].why, out);
    }
}

Test(zone, days_tile_time)
{
    struct zone z;
    amsterdam(&z);
    for (int64_t d = day("2025-12-01"); d < day("2027-06-01"); d++) {
        wall_t start = zone_day_start(&z, d);
        cr_assert_eq(zone_date_at(&z, start), d);
        cr_assert_eq(zone_date_at(&z, (wall_t){start.s - 1}), d - 1);
    }
}

SUITE(period);

static period_t period(const char *text)
{
    period_t p = {0};
    cr_assert_eq(period_parse(text_of(text), &p), 0, "%s", text);
    return p;
}

Test(period, text_is_year_and_month)
{
    char out[PERIOD_TEXT_SIZE];
    cr_assert_eq(period("2026-10").month, 2026 * 12 + 9);
    cr_assert_str_eq(period_format(period("2026-10"), out), "2026-10");
    cr_assert_str_eq(period_format(period_plus(period("2026-12"), 1), out), "2027-01");
    cr_assert_str_eq(period_format(period_plus(period("2026-01"), -1), out), "2025-12");
    cr_assert_str_eq(period_format(period_plus(period("2026-03"), -15), out), "2024-12");
}

Test(period, every_month_of_the_century_survives_a_round_trip)
{
    int count = 0;
    for (period_t p = period("2000-01"); p.month <= period("2099-12").month;
         p.month++, count++) {
        char out[PERIOD_TEXT_SIZE];
        cr_assert_eq(period(period_format(p, out)).month, p.month, "%s", out);
    }
    cr_assert_eq(count, 1200);
}

Test(period, what_is_no_month_is_refused)
{
    static const char *const bad[] = {
        "",        "2026",     "2026-1",     "2026-13", "2026-00", "1999-12", "2100-01",
        "2026/10", "2026-10 ", "2026-10-01", "202610",  "02026-1", "+026-10", "2026-1a",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        period_t p = {7};
        cr_expect_eq(period_parse(text_of(bad[i]), &p), -EBADMSG, "%s", bad[i]);
        cr_expect_eq(p.month, 7);
    }
}

static const struct {
    void (*make)(struct zone *z);
    const char *period;
    const char *start;
} starts[] = {
    {amsterdam, "2026-10", "2026-09-30T22:00:00Z"},
    {amsterdam, "2026-11", "2026-10-31T23:00:00Z"},
    {amsterdam, "2026-03", "2026-02-28T23:00:00Z"},
    {amsterdam, "2026-04", "2026-03-31T22:00:00Z"},
    {amsterdam, "2027-01", "2026-12-31T23:00:00Z"},
    {zone_init_utc, "2024-03", "2024-03-01T00:00:00Z"},
};

Test(period, begins_with_its_first_local_day)
{
    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        struct zone z;
        starts[i].make(&z);
        period_t p = period(starts[i].period);
        char out[WALL_TEXT_SIZE];
        wall_t start = period_start(&z, p);
        cr_expect_str_eq(wall_format(start, out), starts[i].start, "%s", starts[i].period);
        cr_expect_eq(period_at(&z, start).month, p.month, "the end is exclusive");
        cr_expect_eq(period_at(&z, (wall_t){start.s - 1}).month, p.month - 1);
    }
}

Test(period, a_month_once_begun_is_not_left_when_clocks_go_back)
{
    struct zone z;
    st_johns(&z);
    char out[PERIOD_TEXT_SIZE];
    /* 02:31:30 UTC is 23:01:30 on the last of October once more: the first time was 01:31:30.
     */
    cr_assert_str_eq(period_format(period_at(&z, at("2009-11-01T01:31:30Z")), out), "2009-10");
    cr_assert_str_eq(period_format(period_at(&z, at("2009-11-01T02:30:00Z")), out), "2009-11");
    cr_assert_str_eq(period_format(period_at(&z, at("2009-11-01T02:31:30Z")), out), "2009-11");
}

Test(period, holds_exactly_the_moments_from_its_start_to_the_next)
{
    void (*const makers[])(struct zone *) = {amsterdam, beirut, st_johns, apia, zone_init_utc};
    struct rng rng = {seed_now()};
    for (size_t m = 0; m < ARRAY_LEN(makers); m++) {
        struct zone z;
        makers[m](&z);
        for (int i = 0; i < 5000; i++) {
            wall_t t = {
                rng_between(&rng, at("2009-01-01T00:00:00Z").s, at("2028-01-01T00:00:00Z").s)};
            period_t p = period_at(&z, t);
            cr_assert_leq(period_start(&z, p).s, t.s);
            cr_assert_gt(period_start(&z, period_plus(p, 1)).s, t.s);
        }
    }
}

Test(period, the_ends_of_time_have_one_too)
{
    struct zone z;
    amsterdam(&z);
    char out[PERIOD_TEXT_SIZE];
    cr_assert_str_eq(period_format(period_at(&z, WALL_BEGIN), out), "0001-01");
    cr_assert_str_eq(period_format(period_at(&z, (wall_t){WALL_MAX.s - 86400}), out),
                     "9999-12");
}
