/* Runs and their clocks. */
#include "support/leak.h"
#include "support/spooling.h"

#include <string.h>

SUITE(runs);

Test(runs, one_of_the_same_kernel_follows_the_clock_after_a_restart)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 0, 10)), 0);
    spooling_open(&f);
    /* The agent starts again at 20 by a clock that is still an hour slow, then it is set. */
    spooling_begin(&f, 2, 1, 20, 1020);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 2, 20, 30)), 0);
    cr_assert_eq(spool_tick(f.s, spooling_now(40, 3600).now, 1040), 0);
    cr_expect(spooling_is(spooling_waiting(&f), "S1 A1 keyserver 3600-3610\n"
                                                "S1 A2 keyserver 3620-3630\n"));
    free(spooling_take(&f, 50, 3600, true));
    cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    cr_expect(spooling_is(spooling_take(&f, 50, 3600, false),
                          "run 1 counter 1 late\nS1 A1 keyserver 3600-3610\n"));
}

Test(runs, one_of_another_kernel_keeps_what_was_known_last)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 0, 10)), 0);
    cr_assert_eq(spool_tick(f.s, spooling_now(15, 100).now, 1015), 0);
    spooling_open(&f);
    spooling_begin(&f, 2, 2, 500, 7);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 2, 500, 510)), 0);
    /* The new kernel's clock, boot clock 17 at 510, turns out 3600 s slow. */
    cr_assert_eq(spool_tick(f.s, (wall_t){SPOOLING_T0 + 510 + 3600}, 17), 0);
    cr_expect(spooling_is(spooling_waiting(&f), "S1 A1 keyserver 100-110\n"
                                                "S1 A2 keyserver 4100-4110\n"));
}

/* Both clocks are cut to whole seconds: 10.9 and 5.1 are five apart, 11.1 and 5.3 six. Nobody
 * has set anything. */
Test(runs, a_second_between_the_clocks_is_no_step)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 0, 10)), 0);
    cr_expect(spooling_is(spooling_take(&f, 20, 1, true),
                          "run 1 counter 1 live\nS1 A1 keyserver 0-10\n"));
    cr_assert_eq(spool_give_back(f.s), 0);
    cr_expect(spooling_is(spooling_take(&f, 30, -1, true),
                          "run 1 counter 2 live\nS1 A1 keyserver 0-10\n"));
    cr_assert_eq(spool_give_back(f.s), 0);
    cr_expect(spooling_is(spooling_take(&f, 40, 2, true),
                          "run 1 counter 3 live\nS1 A1 keyserver 2-12\n"));
}

Test(runs, history_does_not_move_with_the_clock)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 0, 10)), 0);
    free(spooling_take(&f, 10, 0, true));
    cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 2, 20, 30)), 0);
    cr_assert_eq(spool_tick(f.s, spooling_now(40, 3600).now, 1040), 0);
    cr_expect(spooling_is(spooling_history(&f), "S1 A1 keyserver 0-10\n"));
    cr_expect(spooling_is(spooling_waiting(&f), "S1 A2 keyserver 3620-3630\n"));
}

Test(runs, a_loop_of_crashes_is_bounded_and_says_what_it_lost)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    for (int i = 1; i <= 1030; i++) {
        spooling_open(&f);
        spooling_begin(&f, i, 1, i * 10, 1000 + i * 10);
        struct report_sighting x = spooling_sighting(1, 1, i * 10, i * 10 + 5);
        cr_assert_eq(spooling_put_sighting(&f, x), 0);
    }
    struct spool_counts c = spooling_counts(&f);
    cr_expect_eq(c.runs, 1024);
    /* Of 1030 runs 6 went: 10-15 to 60-65. Runs 1025 to 1030 each began by dropping one, and
     * each said so itself. */
    AUTO(report) struct report r = {.counter = 0};
    struct spool_now at = spooling_now(20000, 0);
    cr_assert_eq(spool_take_report(f.s, &at, true, &r), 1);
    cr_assert_eq(r.n_gaps, 1);
    cr_expect_eq(r.gaps[0].what, GAP_SPOOL);
    cr_expect_eq(r.gaps[0].seen.first.s, SPOOLING_T0 + 60);
    cr_expect_eq(r.gaps[0].seen.last.s, SPOOLING_T0 + 65);
    cr_expect_eq(r.gaps[0].lost, 1);
    AUTO_FREE char *all = spooling_waiting(&f);
    cr_expect_not_null(strstr(all, "gap spool 10-65 lost 6\n"), "%.200s", all);
    cr_expect_not_null(strstr(all, "S1 A1 keyserver 70-10305\n"));
}

Test(runs, what_a_forgotten_run_had_to_say_of_lost_rows_is_said_again)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_assert_eq(spooling_put_gap(&f, spooling_gap(GAP_SPOOL, 0, 100, 40)), 0);
    for (int i = 2; i <= 1026; i++) {
        spooling_open(&f);
        spooling_begin(&f, i, 1, 200, 1200);
        cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 200, 201)), 0);
    }
    /* Runs 1 (40 rows) and 2 (one) went, as runs 1025 and 1026 began. */
    AUTO_FREE char *all = spooling_waiting(&f);
    cr_expect_not_null(strstr(all, "gap spool 0-201 lost 41\n"), "%.200s", all);
}
