/* Claims about how a report's times come to the collector's clock. */
#include "support/leak.h"
#include "support/seed.h"

#include "domain/report.h"

#include <errno.h>
#include <string.h>

SUITE(report);

/* 2026-11-22T06:13:20Z, and the least time that a report may name: 2020-01-01T00:00:00Z. */
enum { SENT = 1795328000, EARLIEST_S = 1577836800 };

/* A report of one sighting, one row of mailboxes and one gap, all of the same time. */
static void make(struct report *r, int64_t first, int64_t last)
{
    struct span seen = {{first}, {last}};
    *r = (struct report){.n_licenses = 1, .n_sightings = 1, .n_mailboxes = 1, .n_gaps = 1};
    r->licenses = calloc(1, sizeof *r->licenses);
    r->sightings = calloc(1, sizeof *r->sightings);
    r->mailboxes = calloc(1, sizeof *r->mailboxes);
    r->gaps = calloc(1, sizeof *r->gaps);
    r->sightings[0].seen = seen;
    r->mailboxes[0].seen = seen;
    r->gaps[0].seen = seen;
}

/* Times are relative to the moment of sending. */
static const struct {
    int64_t first, last, received;
    int64_t want_first, want_last;
    const char *why;
} settled[] = {
    {-3600, -60, 3, -3600, -60, "clocks that agree change nothing"},
    {-3600, -60, 60, -3600, -60, "60 s apart is not yet apart"},
    {-3600, -60, -60, -3600, -60, "nor is it the other way"},
    {-3600, -60, 61, -3539, 1, "61 s apart: shifted by 61"},
    {-3600, -60, -61, -3661, -121, "shifted back by 61"},
    {-3600, -60, 86400, 82800, 86340, "a clock a day behind"},
    {-3600, -60, -86400, -90000, -86460, "a clock a day ahead"},
    {-10, 60, 3, -10, 3, "what lies after the receipt is brought to it"},
    {50, 60, 3, 3, 3, "both ends of it"},
    {50, 60, -60, -60, -60, "of it, not of the sending"},
    {-10, 60, 1000, 990, 1000, "first shifted, then brought to the receipt"},
    {-70, 0, -60, -70, -60, "unshifted, but after the receipt"},
    {0, 0, 0, 0, 0, "a moment stays one"},
};

Test(report, times_are_shifted_then_brought_to_the_receipt)
{
    for (size_t i = 0; i < ARRAY_LEN(settled); i++) {
        AUTO(report) struct report r;
        char at[REPORT_AT_SIZE] = "";
        struct diag d = {""};
        make(&r, SENT + settled[i].first, SENT + settled[i].last);
        wall_t received = {SENT + settled[i].received};
        cr_expect_eq(report_settle(&r, (wall_t){SENT}, received, at, &d), 0, "%s",
                     settled[i].why);
        const struct span *all[] = {&r.sightings[0].seen, &r.mailboxes[0].seen,
                                    &r.gaps[0].seen};
        for (size_t k = 0; k < ARRAY_LEN(all); k++) {
            cr_expect_eq(all[k]->first.s - SENT, settled[i].want_first, "%s", settled[i].why);
            cr_expect_eq(all[k]->last.s - SENT, settled[i].want_last, "%s", settled[i].why);
        }
    }
}

static const struct {
    int64_t first, last, sent, received;
    const char *at;
    const char *why;
} refused[] = {
    {SENT, SENT - 1, SENT, SENT, "/sightings/0/first", "first after last"},
    {SENT, SENT + 61, SENT, SENT, "/sightings/0/last", "61 s into the sender's future"},
    {SENT, SENT + 61, SENT, SENT + 100000, "/sightings/0/last", "checked before the shift"},
    {EARLIEST_S - 1, SENT, SENT, SENT, "/sightings/0/first", "before 2020"},
    {EARLIEST_S, SENT, SENT, SENT - 61, "/sightings/0/first", "before 2020 once shifted"},
    {INT64_MIN, INT64_MIN, SENT, SENT - 1000, "/sightings/0/first", "no overflow backwards"},
    {INT64_MIN, INT64_MAX, SENT, SENT, "/sightings/0/last", "no overflow forwards"},
    {INT64_MAX, INT64_MIN, SENT, SENT, "/sightings/0/first", "no overflow at all"},
    {SENT, SENT, INT64_MAX, SENT, "", "a time of sending that no clock shows"},
    {SENT, SENT, INT64_MIN, SENT, "", "a time of sending that no clock shows"},
};

Test(report, impossible_times_refuse_it)
{
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        AUTO(report) struct report r;
        char at[REPORT_AT_SIZE] = "?";
        struct diag d = {""};
        make(&r, refused[i].first, refused[i].last);
        int code =
            report_settle(&r, (wall_t){refused[i].sent}, (wall_t){refused[i].received}, at, &d);
        cr_expect_eq(code, -EBADMSG, "%s", refused[i].why);
        cr_expect_str_eq(at, refused[i].at, "%s: %s", refused[i].why, at);
        cr_expect_str_neq(d.text, "", "%s", refused[i].why);
    }
}

Test(report, what_the_shift_brings_beyond_2020_is_taken)
{
    AUTO(report) struct report r;
    char at[REPORT_AT_SIZE];
    struct diag d = {""};
    /* A clock that began at 1970 and was asked an hour later. */
    make(&r, 10, 3000);
    cr_assert_eq(report_settle(&r, (wall_t){3600}, (wall_t){SENT}, at, &d), 0);
    cr_assert_eq(r.sightings[0].seen.first.s, SENT - 3590);
    cr_assert_eq(r.sightings[0].seen.last.s, SENT - 600);
}

Test(report, the_first_fault_is_named_by_its_place)
{
    static const char *const want[] = {"/sightings/3/last", "/mailboxes/0/last",
                                       "/gaps/0/last"};
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        AUTO(report) struct report r;
        char at[REPORT_AT_SIZE] = "";
        struct diag d = {""};
        make(&r, SENT - 10, SENT - 5);
        free(r.sightings);
        r.n_sightings = 4;
        r.sightings = calloc(r.n_sightings, sizeof *r.sightings);
        for (size_t k = 0; k < r.n_sightings; k++)
            r.sightings[k].seen = r.gaps[0].seen;
        r.gaps[0].seen.last.s = SENT + 100;
        if (i <= 1)
            r.mailboxes[0].seen.last.s = SENT + 100;
        if (i == 0)
            r.sightings[3].seen.last.s = SENT + 100;
        cr_expect_eq(report_settle(&r, (wall_t){SENT}, (wall_t){SENT}, at, &d), -EBADMSG);
        cr_expect_str_eq(at, want[i]);
    }
}

Test(report, order_is_checked_everywhere_before_2020_is_anywhere)
{
    AUTO(report) struct report r;
    char at[REPORT_AT_SIZE] = "";
    struct diag d = {""};
    make(&r, EARLIEST_S - 10, EARLIEST_S - 5);
    r.gaps[0].seen = (struct span){{SENT}, {SENT - 1}};
    cr_expect_eq(report_settle(&r, (wall_t){SENT}, (wall_t){SENT}, at, &d), -EBADMSG);
    cr_expect_str_eq(at, "/gaps/0/first");
}

Test(report, an_empty_one_has_nothing_to_settle)
{
    AUTO(report) struct report r = {.n_licenses = 0};
    char at[REPORT_AT_SIZE] = "";
    struct diag d = {""};
    cr_assert_eq(report_settle(&r, (wall_t){SENT}, (wall_t){SENT}, at, &d), 0);
}

Test(report, settled_times_lie_in_order_between_2020_and_the_receipt)
{
    struct rng rng = {seed_now()};
    for (int i = 0; i < 20000; i++) {
        AUTO(report) struct report r;
        char at[REPORT_AT_SIZE];
        struct diag d = {""};
        wall_t sent = {rng_between(&rng, 0, 2 * (int64_t)SENT)};
        wall_t received = {SENT + rng_between(&rng, -200, 200)};
        int64_t first = sent.s - rng_between(&rng, -100, 1000000);
        make(&r, first, first + rng_between(&rng, -10, 10000));
        bool is_sound = r.gaps[0].seen.first.s <= r.gaps[0].seen.last.s &&
                        r.gaps[0].seen.last.s <= sent.s + 60;
        int code = report_settle(&r, sent, received, at, &d);
        cr_assert_eq(code == 0, is_sound);
        if (code != 0)
            continue;
        cr_assert_leq(r.gaps[0].seen.first.s, r.gaps[0].seen.last.s);
        cr_assert_leq(r.gaps[0].seen.last.s, received.s);
        cr_assert_geq(r.gaps[0].seen.first.s, EARLIEST_S);
    }
}
