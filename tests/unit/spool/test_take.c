/* Reports: whose, what they hold, their limits, their counters. */
#include "support/leak.h"
#include "support/spooling.h"
#include "wire/report_json.h"

#include <errno.h>
#include <string.h>

SUITE(take);

Test(take, the_first_of_a_round_is_live_even_with_nothing_new)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_expect(spooling_is(spooling_take(&f, 10, 0, true), "run 1 counter 1 live\n"));
    cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    cr_expect_null(spooling_take(&f, 20, 0, false), "later ones need something to say");
    cr_expect(spooling_is(spooling_take(&f, 30, 0, true), "run 1 counter 2 live\n"));
}

Test(take, a_live_report_lists_the_licences_and_a_late_one_none)
{
    AUTO(spooling) struct spooling f;
    AUTO(report) struct report live = {.counter = 0};
    AUTO(report) struct report late = {.counter = 0};
    struct report_license l = {.product = "plesk-unified", .version = "0003"};
    spooling_start(&f);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 0, 10)), 0);
    spooling_open(&f);
    spooling_begin(&f, 2, 1, 100, 1100);
    struct spool_now at = spooling_now(110, 0);
    at.licenses = &l;
    at.n_licenses = 1;
    cr_assert_eq(spool_take_report(f.s, &at, true, &live), 1);
    cr_expect(live.is_live && live.n_licenses == 1 && live.n_sightings == 0);
    cr_expect_str_eq(live.licenses[0].product, "plesk-unified");
    cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    cr_assert_eq(spool_take_report(f.s, &at, false, &late), 1);
    cr_expect(!late.is_live && late.n_licenses == 0 && late.n_sightings == 1);
    cr_expect_eq(late.boot.bytes[15], 1);
}

Test(take, earlier_runs_follow_oldest_first_each_with_its_own_counter)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 0, 10)), 0);
    free(spooling_take(&f, 10, 0, true));
    cr_assert_eq(spool_give_back(f.s), 0);
    spooling_open(&f);
    spooling_begin(&f, 2, 1, 100, 1100);
    cr_assert_eq(spooling_put_mailboxes(&f, spooling_mailboxes(1, 5, 100, 110)), 0);
    spooling_open(&f);
    spooling_begin(&f, 3, 1, 200, 1200);
    cr_assert_eq(spooling_put_gap(&f, spooling_gap(GAP_CAPTURE, 200, 210, 1)), 0);
    static const char *const expected[] = {
        "run 3 counter 1 live\ngap capture 200-210 lost 1\n",
        "run 1 counter 2 late\nS1 A1 keyserver 0-10\n",
        "run 2 counter 1 late\nexample1.nl 5 100-110\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        cr_expect(spooling_is(spooling_take(&f, 300, 0, i == 0), expected[i]));
        cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    }
    cr_expect_null(spooling_take(&f, 300, 0, false));
    cr_expect_eq(spooling_counts(&f).runs, 0);
}

Test(take, one_is_on_its_way_at_a_time)
{
    AUTO(spooling) struct spooling f;
    AUTO(report) struct report r = {.counter = 0};
    spooling_start(&f);
    free(spooling_take(&f, 10, 0, true));
    struct spool_now at = spooling_now(10, 0);
    cr_expect_eq(spool_take_report(f.s, &at, true, &r), -EBUSY);
    cr_expect_eq(r.counter, 0);
}

Test(take, no_counter_comes_twice)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_expect(spooling_is(spooling_take(&f, 10, 0, true), "run 1 counter 1 live\n"));
    cr_assert_eq(spool_give_back(f.s), 0);
    cr_expect(spooling_is(spooling_take(&f, 10, 0, true), "run 1 counter 2 live\n"));
    /* The process ends with a body on its way, and comes back with the same run: a program that
     * begins its run anew, after a broken connection say. */
    spooling_open(&f);
    spooling_begin(&f, 1, 1, 0, 1000);
    cr_expect(spooling_is(spooling_take(&f, 10, 0, true), "run 1 counter 3 live\n"));
}

Test(take, times_follow_the_clock_at_the_attempt)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 0, 10)), 0);
    /* The wall clock was set an hour forward since the run began. */
    cr_expect(spooling_is(spooling_take(&f, 20, 3600, true),
                          "run 1 counter 1 live\nS1 A1 keyserver 3600-3610\n"));
    cr_assert_eq(spool_give_back(f.s), 0);
    /* And back again. */
    cr_expect(spooling_is(spooling_take(&f, 30, -7, true),
                          "run 1 counter 2 live\nS1 A1 keyserver -7-3\n"));
}

Test(take, nothing_is_seen_after_now)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 5, 15)), 0);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 2, 14, 15)), 0);
    cr_expect(spooling_is(spooling_take(&f, 10, 0, true), "run 1 counter 1 live\n"
                                                          "S1 A1 keyserver 5-10\n"
                                                          "S1 A2 keyserver 10-10\n"));
}

Test(take, what_is_put_meanwhile_does_not_join_what_is_on_its_way)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 0, 10)), 0);
    free(spooling_take(&f, 10, 0, true));
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 5, 20)), 0);
    cr_expect_eq(spooling_counts(&f).waiting, 2);
    cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    cr_expect(spooling_is(spooling_history(&f), "S1 A1 keyserver 0-10\n"));
    cr_expect(spooling_is(spooling_waiting(&f), "S1 A1 keyserver 5-20\n"));
}

/* Puts n rows of a kind, none of which join. */
static void put_many(struct spooling *f, int n, bool are_domains)
{
    for (int i = 0; i < n; i += 1000) {
        static struct report_sighting s[1000];
        static struct report_mailboxes m[1000];
        for (int k = 0; k < 1000; k++) {
            s[k] = spooling_sighting(1 + i + k, k, i, i);
            m[k] = spooling_mailboxes(i + k, CAP_REPORT_COUNT, i, i);
            m[k].counts = (struct mail_counts){10000000, 10000000, 10000000, 10000000,
                                               10000000, false,    false};
            size_t end = strlen(m[k].domain);
            memset(m[k].domain + end, 'x', (size_t)CAP_DOMAIN - end);
        }
        struct spool_facts facts = {.sightings = s, .mailboxes = m};
        *(are_domains ? &facts.n_mailboxes : &facts.n_sightings) = 1000;
        cr_assert_eq(spool_put(f->s, &facts), 0, "%s", spool_diag(f->s));
    }
}

/* The whole of a report as it leaves. */
static size_t json_bytes(const struct report *r)
{
    AUTO(buf) struct buf out = BUF_INIT(64 << 20);
    report_to_json(r, &out);
    cr_assert_eq(buf_error(&out), 0);
    return out.len;
}

Test(take, no_report_is_over_its_limits_and_what_is_left_follows)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    put_many(&f, 5000, false);
    put_many(&f, 9000, true);
    static struct report_license l[CAP_REPORT_LICENSES + 1];
    for (size_t i = 0; i < ARRAY_LEN(l); i++) {
        cr_assert_eq(license_parse(text_of("PLSK.00000001"), &l[i].license, NULL), 0);
        memset(l[i].version, '\\', CAP_LABEL_TEXT); /* two bytes each, as JSON */
        memset(l[i].product, '\\', CAP_LABEL_TEXT);
        memset(l[i].edition, '\\', CAP_LABEL_TEXT);
        memset(l[i].machine_id, 'a', 64);
    }
    struct spool_now at = spooling_now(100000, 0);
    at.licenses = l;
    at.n_licenses = ARRAY_LEN(l);
    size_t sightings = 0;
    size_t mailboxes = 0;
    int e = 1;
    for (int i = 0; i < 10 && e == 1; i++) {
        AUTO(report) struct report r = {.counter = 0};
        e = spool_take_report(f.s, &at, i == 0, &r);
        cr_assert_geq(e, 0, "%s", spool_diag(f.s));
        cr_expect_leq(r.n_licenses, CAP_REPORT_LICENSES);
        cr_expect_leq(r.n_sightings, CAP_REPORT_SIGHTINGS);
        cr_expect_leq(json_bytes(&r), 3 << 20);
        sightings += r.n_sightings;
        mailboxes += r.n_mailboxes;
        cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    }
    cr_expect_eq(sightings, 5000);
    cr_expect_eq(mailboxes, 9000);
    struct spool_counts c = spooling_counts(&f);
    cr_expect_eq(c.waiting, 0);
    cr_expect_eq(c.history, 14000);
}
