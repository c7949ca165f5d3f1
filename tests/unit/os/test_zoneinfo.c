/* Claims about zones read from the system's data. */
#include "support/leak.h"

#include "domain/period.h"
#include "os/zoneinfo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

SUITE(zoneinfo);

static wall_t at(const char *text)
{
    wall_t t = {0};
    cr_assert_eq(wall_parse(text_of(text), &t), 0, "%s", text);
    return t;
}

static void load(const char *name, struct zone *z)
{
    struct diag d = {""};
    cr_assert_eq(zoneinfo_load(name, z, &d), 0, "%s: %s", name, d.text);
    cr_assert_str_eq(z->name, name);
    cr_assert_eq(z->steps[0].from.s, WALL_BEGIN.s);
    for (size_t i = 1; i < z->n; i++)
        cr_assert_gt(z->steps[i].from.s, z->steps[i - 1].from.s);
}

/* Of the tz database: the clocks of the European Union change at 01:00 UTC. */
static const struct {
    const char *zone, *utc, *local;
} moments[] = {
    {"Europe/Amsterdam", "2026-03-29T00:59:59Z", "2026-03-29 01:59:59 CET"},
    {"Europe/Amsterdam", "2026-03-29T01:00:00Z", "2026-03-29 03:00:00 CEST"},
    {"Europe/Amsterdam", "2026-10-25T00:59:59Z", "2026-10-25 02:59:59 CEST"},
    {"Europe/Amsterdam", "2026-10-25T01:00:00Z", "2026-10-25 02:00:00 CET"},
    {"Europe/Amsterdam", "2026-10-03T00:00:00Z", "2026-10-03 02:00:00 CEST"},
    {"Europe/Amsterdam", "2099-03-29T01:00:00Z", "2099-03-29 03:00:00 CEST"},
    {"UTC", "2026-10-03T00:00:00Z", "2026-10-03 00:00:00 UTC"},
    {"Asia/Kolkata", "2026-10-03T00:00:00Z", "2026-10-03 05:30:00 IST"},
    {"America/New_York", "2026-03-08T07:00:00Z", "2026-03-08 03:00:00 EDT"},
    {"America/New_York", "2026-03-08T06:59:59Z", "2026-03-08 01:59:59 EST"},
    {"Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29 23:59:59 -10"},
    {"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31 00:00:00 +14"},
    {"Australia/Lord_Howe", "2026-04-04T15:00:00Z", "2026-04-05 01:30:00 +1030"},
};

Test(zoneinfo, changes_are_found_to_the_second)
{
    for (size_t i = 0; i < ARRAY_LEN(moments); i++) {
        struct zone z;
        load(moments[i].zone, &z);
        char out[ZONE_TEXT_SIZE];
        cr_expect_str_eq(zone_format(&z, at(moments[i].utc), out), moments[i].local, "%s: %s",
                         moments[i].zone, out);
    }
}

Test(zoneinfo, a_zone_without_changes_is_one_step)
{
    struct zone z;
    load("Asia/Kolkata", &z);
    cr_assert_eq(z.n, 1);
    load("Etc/UTC", &z);
    cr_assert_eq(z.n, 1);
}

Test(zoneinfo, amsterdam_changes_twice_a_year_for_a_century)
{
    struct zone z;
    load("Europe/Amsterdam", &z);
    cr_assert_eq(z.n, 1 + 2 * 100);
}

Test(zoneinfo, periods_begin_at_local_midnight)
{
    static const struct {
        const char *period, *start;
    } rows[] = {{"2026-10", "2026-09-30T22:00:00Z"},
                {"2026-11", "2026-10-31T23:00:00Z"},
                {"2026-03", "2026-02-28T23:00:00Z"},
                {"2026-04", "2026-03-31T22:00:00Z"}};
    struct zone z;
    load("Europe/Amsterdam", &z);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        period_t p = {0};
        char out[WALL_TEXT_SIZE];
        cr_assert_eq(period_parse(text_of(rows[i].period), &p), 0);
        cr_expect_str_eq(wall_format(period_start(&z, p), out), rows[i].start);
    }
}

/* For each of these the C library would say nothing and use UTC. */
static const char *const no_zones[] = {
    "",
    "Europe/Atlantis",
    "europe/amsterdam",
    "Europe",
    "Europe/",
    "Europe/Amsterdam ",
    " Europe/Amsterdam",
    "/usr/share/zoneinfo/Europe/Amsterdam",
    "../zoneinfo/Europe/Amsterdam",
    "Europe/../Europe/Amsterdam",
    "..",
    ".",
    "zone.tab",
    "zone1970.tab",
    "tzdata.zi",
    "leap-seconds.list",
    ":Europe/Amsterdam",
    "CET-1CEST,M3.5.0,M10.5.0/3",
    "<-03>3",
    "Europe/Amsterdam\n",
    "Europe/Amsterdam\x1b[31m",
    "America/A_name_that_is_longer_than_any_that_the_database_has_ever_had",
};

Test(zoneinfo, a_name_without_data_is_refused)
{
    for (size_t i = 0; i < ARRAY_LEN(no_zones); i++) {
        struct zone z = {.n = 77};
        struct diag d = {""};
        cr_expect_eq(zoneinfo_load(no_zones[i], &z, &d), -ENOENT, "%s", no_zones[i]);
        cr_expect_str_neq(d.text, "", "%s", no_zones[i]);
        cr_expect_null(strchr(d.text, '\x1b'), "safe to show");
        cr_expect_eq(z.n, 77, "%s", no_zones[i]);
    }
}

Test(zoneinfo, the_environment_does_not_choose_the_data)
{
    cr_assert_eq(setenv("TZDIR", "/nonexistent", 1), 0);
    cr_assert_eq(setenv("TZ", "Asia/Tokyo", 1), 0);
    struct zone z;
    load("Europe/Amsterdam", &z);
    cr_assert_eq(zone_at(&z, at("2026-07-01T00:00:00Z"))->offset_s, 7200);
}
