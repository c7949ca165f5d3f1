/* What was acknowledged, and what waits, as it is told. */
#include "support/leak.h"
#include "support/spooling.h"

#include <errno.h>
#include <stdio.h>

SUITE(history);

static void acknowledge_all(struct spooling *f, int64_t now)
{
    free(spooling_take(f, now, 0, true));
    cr_assert_eq(spool_acknowledge(f->s, "srv", false), 0);
}

static int count_one(void *arg, const struct report_sighting *x)
{
    (void)x;
    ++*(int *)arg;
    return 0;
}

static int stop_at_three(void *arg, const struct report_sighting *x)
{
    (void)x;
    return ++*(int *)arg == 3 ? -ECANCELED : 0;
}

Test(history, a_window_gives_the_stretches_that_meet_it_whole)
{
    static const struct {
        int64_t first, last;
        int expected;
        const char *why;
    } rows[] = {{0, 100000, 3, "all"},
                {101, 9999, 0, "between two"},
                {100, 100, 1, "its last"},
                {10000, 10000, 1, "its first"},
                {50, 15000, 2, "reaches into"}};
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    for (int i = 0; i < 3; i++) {
        struct report_sighting x = spooling_sighting(1, 1, i * 10000, i * 10000 + 100);
        cr_assert_eq(spooling_put_sighting(&f, x), 0);
    }
    acknowledge_all(&f, 30000);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int n = 0;
        struct spool_reader r = {.sighting = count_one, .arg = &n};
        struct span window = {{SPOOLING_T0 + rows[i].first}, {SPOOLING_T0 + rows[i].last}};
        cr_assert_eq(spool_history(f.s, window, &r), 0);
        cr_expect_eq(n, rows[i].expected, "%s: %d", rows[i].why, n);
    }
}

Test(history, more_than_is_read_at_once_comes_whole_and_in_order)
{
    enum { DOMAINS = 7, TIMES = 40 };
    AUTO(spooling) struct spooling f;
    char expected[DOMAINS * TIMES * 40];
    int n = 0;
    spooling_start(&f);
    for (int d = 0; d < DOMAINS; d++)
        for (int t = 0; t < TIMES; t++) {
            /* Counts fall with time: by keys alone they would come the other way round. */
            struct report_mailboxes x =
                spooling_mailboxes(d, TIMES - t, t * 10000, t * 10000 + 5);
            cr_assert_eq(spooling_put_mailboxes(&f, x), 0);
            n += snprintf(expected + n, sizeof expected - (size_t)n, "example%d.nl %d %d-%d\n",
                          d, TIMES - t, t * 10000, t * 10000 + 5);
        }
    cr_expect(spooling_is(spooling_waiting(&f), expected));
    acknowledge_all(&f, 1000000);
    cr_expect(spooling_is(spooling_history(&f), expected));
}

Test(history, a_callback_ends_the_walk_with_what_it_says)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    for (int i = 0; i < 5; i++)
        cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, i, 0, 1)), 0);
    int n = 0;
    struct spool_reader r = {.sighting = stop_at_three, .arg = &n};
    cr_expect_eq(spool_waiting(f.s, &r), -ECANCELED);
    acknowledge_all(&f, 10);
    n = 0;
    cr_expect_eq(spool_history(f.s, (struct span){WALL_BEGIN, WALL_END}, &r), -ECANCELED);
    cr_expect_eq(n, 3);
}

Test(history, lists_without_a_callback_are_passed_over)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_assert_eq(spooling_put_mailboxes(&f, spooling_mailboxes(1, 1, 0, 1)), 0);
    cr_assert_eq(spooling_put_gap(&f, spooling_gap(GAP_CAPTURE, 0, 1, 1)), 0);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 0, 1)), 0);
    int n = 0;
    struct spool_reader r = {.sighting = count_one, .arg = &n};
    cr_expect_eq(spool_waiting(f.s, &r), 0);
    cr_expect_eq(n, 1);
}

Test(history, what_waits_is_joined_over_runs)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 0, 10)), 0);
    cr_assert_eq(spooling_put_gap(&f, spooling_gap(GAP_CAPTURE, 0, 10, 3)), 0);
    spooling_open(&f);
    spooling_begin(&f, 2, 1, 20, 1020);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 20, 30)), 0);
    cr_assert_eq(spooling_put_gap(&f, spooling_gap(GAP_CAPTURE, 20, 30, 4)), 0);
    cr_expect(spooling_is(spooling_waiting(&f), "S1 A1 keyserver 0-30\n"
                                                "gap capture 0-30 lost 7\n"));
    struct spool_counts c = spooling_counts(&f);
    cr_expect_eq(c.waiting, 4, "rows, though");
    cr_expect_eq(c.runs, 2);
}

Test(history, prune_drops_what_ended_before_and_gives_room_back)
{
    AUTO(spooling) struct spooling f;
    static struct report_mailboxes m[4000];
    spooling_start(&f);
    for (int t = 0; t < 5; t++) {
        for (int i = 0; i < (int)ARRAY_LEN(m); i++)
            m[i] = spooling_mailboxes(i, t, t * 10000, t * 10000 + 5);
        struct spool_facts facts = {.mailboxes = m, .n_mailboxes = ARRAY_LEN(m)};
        cr_assert_eq(spool_put(f.s, &facts), 0);
        acknowledge_all(&f, t * 10000 + 10);
    }
    int64_t before = spooling_counts(&f).bytes;
    cr_assert_eq(spool_prune(f.s, (wall_t){SPOOLING_T0 + 40005}, WALL_BEGIN), 0);
    cr_expect_eq(spooling_counts(&f).history, 4000, "what ended just then stays");
    cr_assert_eq(spool_prune(f.s, WALL_END, WALL_END), 0);
    struct spool_counts c = spooling_counts(&f);
    cr_expect_eq(c.history, 0);
    cr_expect_lt(c.bytes, before / 2);
}
