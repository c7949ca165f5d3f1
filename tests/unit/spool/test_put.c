/* Observations joined to what waits. */
#include "support/leak.h"
#include "support/spooling.h"

#include <errno.h>
#include <string.h>

SUITE(put);

Test(put, stretches_that_touch_or_are_near_are_one)
{
    static const struct {
        int64_t first, last;
        const char *expected;
        const char *why;
    } rows[] = {
        {1000, 2000, "S1 A1 keyserver 1000-2000\n", "the first"},
        {1000, 2000, "S1 A1 keyserver 1000-2000\n", "the same again changes nothing"},
        {1500, 1600, "S1 A1 keyserver 1000-2000\n", "within"},
        {2000, 2300, "S1 A1 keyserver 1000-2300\n", "it touches"},
        {5000, 5000, "S1 A1 keyserver 1000-5000\n", "2700 s on: 45 minutes are still one"},
        {7701, 7800, "S1 A1 keyserver 1000-5000\nS1 A1 keyserver 7701-7800\n", "2701 s on"},
        {-1700, -1700, "S1 A1 keyserver -1700-5000\nS1 A1 keyserver 7701-7800\n", "before it"},
        {6000, 6000, "S1 A1 keyserver -1700-7800\n", "what lies between makes them one"},
    };
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct report_sighting x = spooling_sighting(1, 1, rows[i].first, rows[i].last);
        cr_expect_eq(spooling_put_sighting(&f, x), 0, "%s", rows[i].why);
        cr_expect(spooling_is(spooling_waiting(&f), rows[i].expected), "%s", rows[i].why);
    }
    cr_expect_eq(spooling_counts(&f).waiting, 1);
}

Test(put, only_equal_keys_are_joined)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    struct report_sighting sightings[4] = {
        spooling_sighting(2, 1, 0, 10), spooling_sighting(1, 2, 0, 10),
        spooling_sighting(1, 1, 0, 10), spooling_sighting(1, 1, 0, 20)};
    sightings[3].source = SOURCE_NAT;
    struct report_mailboxes mailboxes[4] = {
        spooling_mailboxes(2, 5, 0, 10), spooling_mailboxes(1, 6, 0, 10),
        spooling_mailboxes(1, 5, 20, 30), spooling_mailboxes(1, 6, 5, 15)};
    struct report_gap gaps[2] = {spooling_gap(GAP_CONNTRACK, 0, 5, 0),
                                 spooling_gap(GAP_CAPTURE, 0, 5, 3)};
    struct spool_facts facts = {sightings, 4, mailboxes, 4, gaps, 2};
    cr_assert_eq(spool_put(f.s, &facts), 0);
    /* Licence, address, source; domain, time; kind of gap. */
    cr_expect(spooling_is(spooling_waiting(&f), "S1 A1 keyserver 0-10\n"
                                                "S1 A1 nat 0-20\n"
                                                "S1 A2 keyserver 0-10\n"
                                                "S2 A1 keyserver 0-10\n"
                                                "example1.nl 6 0-15\n"
                                                "example1.nl 5 20-30\n"
                                                "example2.nl 5 0-10\n"
                                                "gap capture 0-5 lost 3\n"
                                                "gap conntrack 0-5 lost 0\n"));
}

Test(put, every_value_comes_back_as_it_was_put)
{
    AUTO(spooling) struct spooling f;
    AUTO(report) struct report r = {.counter = 0};
    spooling_start(&f);
    struct report_sighting s = spooling_sighting(99999999, 65535, 1, 2);
    s.source = SOURCE_INTERFACE;
    cr_assert_eq(addr_parse(text_of("2001:db8::ff"), &s.address), 0);
    struct report_mailboxes m = spooling_mailboxes(1, CAP_REPORT_COUNT, 3, 4);
    memset(m.domain, 'x', CAP_DOMAIN);
    m.counts = (struct mail_counts){.mailboxes = CAP_REPORT_COUNT,
                                    .aliases = 1,
                                    .forwards = 65536,
                                    .lists = 300,
                                    .alias_domains = 255,
                                    .catch_all = true,
                                    .is_filtered = false};
    struct report_gap g = spooling_gap(GAP_MAILBOXES, 5, 6, INT64_C(1) << 53);
    struct spool_facts facts = {&s, 1, &m, 1, &g, 1};
    cr_assert_eq(spool_put(f.s, &facts), 0);
    struct spool_now at = spooling_now(100, 0);
    cr_assert_eq(spool_take_report(f.s, &at, true, &r), 1);
    cr_assert_eq(r.n_sightings + r.n_mailboxes + r.n_gaps, 3);
    cr_expect_eq(r.sightings[0].license.code, s.license.code);
    cr_expect_eq(addr_compare(&r.sightings[0].address, &s.address), 0);
    cr_expect_eq(r.sightings[0].source, SOURCE_INTERFACE);
    cr_expect_eq(r.sightings[0].seen.last.s, s.seen.last.s);
    cr_expect_str_eq(r.mailboxes[0].domain, m.domain);
    cr_expect_eq(r.mailboxes[0].counts.mailboxes, CAP_REPORT_COUNT);
    cr_expect_eq(r.mailboxes[0].counts.aliases, 1);
    cr_expect_eq(r.mailboxes[0].counts.forwards, 65536);
    cr_expect_eq(r.mailboxes[0].counts.lists, 300);
    cr_expect_eq(r.mailboxes[0].counts.alias_domains, 255);
    cr_expect(r.mailboxes[0].counts.catch_all && !r.mailboxes[0].counts.is_filtered);
    cr_expect_eq(r.gaps[0].what, GAP_MAILBOXES);
    cr_expect_eq(r.gaps[0].lost, INT64_C(1) << 53);
}

Test(put, what_gaps_lost_is_added_but_not_twice)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_assert_eq(spooling_put_gap(&f, spooling_gap(GAP_CAPTURE, 0, 60, 120)), 0);
    cr_assert_eq(spooling_put_gap(&f, spooling_gap(GAP_CAPTURE, 60, 120, 30)), 0);
    cr_assert_eq(spooling_put_gap(&f, spooling_gap(GAP_CAPTURE, 60, 120, 30)), 0);
    cr_expect(spooling_is(spooling_waiting(&f), "gap capture 0-120 lost 150\n"));
}

Test(put, what_no_report_may_hold_is_refused_with_all_beside_it)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    struct report_sighting sound = spooling_sighting(1, 1, 0, 10);
    struct report_sighting bad[5];
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        bad[i] = sound;
    bad[0].source = SOURCE_PEER;
    bad[1].address.family = 0;
    bad[2].license.code = 0;
    bad[3].seen.last.s = bad[3].seen.first.s - 1;
    bad[4].seen.last = WALL_END;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct report_sighting both[2] = {sound, bad[i]};
        struct spool_facts facts = {.sightings = both, .n_sightings = 2};
        cr_expect_eq(spool_put(f.s, &facts), -EINVAL, "sighting %zu", i);
    }
    struct report_mailboxes m[3] = {spooling_mailboxes(1, -1, 0, 1),
                                    spooling_mailboxes(1, CAP_REPORT_COUNT + 1, 0, 1),
                                    spooling_mailboxes(1, 1, 0, 1)};
    m[2].domain[0] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(m); i++)
        cr_expect_eq(spooling_put_mailboxes(&f, m[i]), -EINVAL, "domain %zu", i);
    cr_expect_eq(spooling_put_gap(&f, spooling_gap(GAP_CAPTURE, 0, 1, -1)), -EINVAL);
    cr_expect_eq(spooling_put_gap(&f, spooling_gap(GAP_KIND_COUNT, 0, 1, 0)), -EINVAL);
    cr_expect(spool_diag(f.s)[0] != '\0');
    cr_expect(spooling_is(spooling_waiting(&f), ""));
}

Test(put, a_month_offline_is_as_large_as_what_is_different)
{
    enum { LICENSES = 5, ADDRESSES = 4, DOMAINS = 300, TICKS = 30 * 288, TICK_S = 300 };
    AUTO(spooling) struct spooling f;
    static struct report_sighting s[LICENSES * ADDRESSES];
    static struct report_mailboxes m[DOMAINS];
    struct spool_facts facts = {.sightings = s, .n_sightings = ARRAY_LEN(s), .mailboxes = m};
    spooling_start(&f);
    for (int tick = 0; tick < TICKS; tick++) {
        int64_t now = (int64_t)tick * TICK_S;
        for (int i = 0; i < (int)ARRAY_LEN(s); i++)
            s[i] = spooling_sighting(1 + i / ADDRESSES, i % ADDRESSES, now, now);
        /* Mailboxes are counted at each sixth tick, twice in the 45 minutes of a join. */
        facts.n_mailboxes = tick % 6 == 0 ? DOMAINS : 0;
        for (int i = 0; i < (int)facts.n_mailboxes; i++)
            m[i] = spooling_mailboxes(i, 10, now, now);
        cr_assert_eq(spool_put(f.s, &facts), 0, "%s", spool_diag(f.s));
    }
    struct spool_counts c = spooling_counts(&f);
    cr_expect_eq(c.waiting, LICENSES * ADDRESSES + DOMAINS);
    cr_expect_eq(c.oldest.s, SPOOLING_T0);
    cr_expect_lt(c.bytes, 1 << 20);
}
