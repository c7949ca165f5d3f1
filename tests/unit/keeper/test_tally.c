/* What is not on disk yet: joined, bounded, and never lost without a word. */
#include "keeper/tally.h"

#include <criterion/criterion.h>

#include "support/leak.h"

SUITE(tally);

enum { T0 = 1795300000 };

static struct report_sighting sighting(uint8_t host, int64_t first, int64_t last)
{
    struct report_sighting s = {.source = SOURCE_PANEL, .seen = {{T0 + first}, {T0 + last}}};
    s.address = (struct addr){.family = ADDR_IPV4, .bytes = {8, 8, 8, host}};
    cr_assert_eq(license_parse(text_of("PLSK.00000001"), &s.license, NULL), 0);
    return s;
}

static void add(struct tally *t, uint8_t host, int64_t first, int64_t last)
{
    struct report_sighting s = sighting(host, first, last);
    tally_sighting(t, &s);
}

static void add_gap(struct tally *t, enum gap_kind what, int64_t first, int64_t last,
                    int64_t lost)
{
    tally_gap(t, &(struct report_gap){what, {{T0 + first}, {T0 + last}}, lost});
}

/* 45 minutes are 2,700 seconds. */
Test(tally, stretches_at_most_45_minutes_apart_are_one)
{
    AUTO(tally) struct tally t = {.n_gaps = 0};
    add(&t, 1, 0, 10);
    add(&t, 1, 2710, 2720);
    cr_assert_eq(t.n_sightings, 1);
    cr_assert_eq(t.sightings[0].seen.first.s, T0);
    cr_assert_eq(t.sightings[0].seen.last.s, T0 + 2720);
    add(&t, 1, 2720 + 2701, 6000);
    cr_assert_eq(t.n_sightings, 2);
}

Test(tally, another_address_is_another_stretch)
{
    AUTO(tally) struct tally t = {.n_gaps = 0};
    add(&t, 1, 0, 10);
    add(&t, 2, 0, 10);
    cr_assert_eq(t.n_sightings, 2);
}

Test(tally, gaps_join_only_where_they_touch_and_add_what_was_lost)
{
    AUTO(tally) struct tally t = {.n_gaps = 0};
    add_gap(&t, GAP_CAPTURE, 0, 10, 5);
    add_gap(&t, GAP_CAPTURE, 10, 20, 7);
    add_gap(&t, GAP_CAPTURE, 21, 30, 1);
    add_gap(&t, GAP_SPOOL, 0, 10, 1);
    cr_assert_eq(t.n_gaps, 3);
    cr_assert_eq(t.gaps[0].seen.last.s, T0 + 20);
    cr_assert_eq(t.gaps[0].lost, 12);
}

Test(tally, over_the_cap_the_oldest_goes_and_is_a_gap)
{
    AUTO(tally) struct tally t = {.n_gaps = 0};
    /* Stretches of one address, an hour apart: none of them joins. */
    for (int i = 0; i <= CAP_PRESENCES; i++)
        add(&t, 1, i * 3600, i * 3600 + 5);
    cr_assert_eq(t.n_sightings, CAP_PRESENCES);
    cr_assert_eq(t.n_gaps, 1);
    cr_assert_eq(t.gaps[0].what, GAP_SPOOL);
    cr_assert_eq(t.gaps[0].seen.first.s, T0);
    cr_assert_eq(t.gaps[0].seen.last.s, T0 + 5);
    cr_assert_eq(t.gaps[0].lost, 1);
}

Test(tally, gaps_beyond_their_cap_become_fewer_and_wider)
{
    AUTO(tally) struct tally t = {.n_gaps = 0};
    int64_t lost = 0;
    for (int i = 0; i < 3 * CAP_REPORT_GAPS; i++)
        add_gap(&t, GAP_CAPTURE, i * 100, i * 100 + 5, 1);
    cr_assert_leq(t.n_gaps, CAP_REPORT_GAPS);
    for (size_t i = 0; i < t.n_gaps; i++)
        lost += t.gaps[i].lost;
    cr_assert_eq(lost, 3 * CAP_REPORT_GAPS, "none of them is forgotten");
}

Test(tally, what_was_lost_is_at_most_what_a_report_can_say)
{
    AUTO(tally) struct tally t = {.n_gaps = 0};
    add_gap(&t, GAP_CAPTURE, 0, 10, INT64_C(1) << 53);
    add_gap(&t, GAP_CAPTURE, 10, 20, INT64_C(1) << 53);
    cr_assert_eq(t.gaps[0].lost, INT64_C(1) << 53);
}

Test(tally, cleared_it_is_empty)
{
    struct tally t = {.n_gaps = 0};
    add(&t, 1, 0, 10);
    add_gap(&t, GAP_SPOOL, 0, 1, 1);
    cr_assert(!tally_is_empty(&t));
    tally_clear(&t);
    cr_assert(tally_is_empty(&t));
}
