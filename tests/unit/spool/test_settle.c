/* What becomes of a report: acknowledged, given back, refused, tried again. */
#include "support/leak.h"
#include "support/spooling.h"

SUITE(settle);

static void put_three(struct spooling *f)
{
    struct report_sighting s[2] = {spooling_sighting(1, 1, 0, 10),
                                   spooling_sighting(1, 2, 0, 10)};
    struct report_mailboxes m = spooling_mailboxes(1, 5, 0, 10);
    struct spool_facts facts = {
        .sightings = s, .n_sightings = 2, .mailboxes = &m, .n_mailboxes = 1};
    cr_assert_eq(spool_put(f->s, &facts), 0);
}

static const char three[] = "S1 A1 keyserver 0-10\n"
                            "S1 A2 keyserver 0-10\n"
                            "example1.nl 5 0-10\n";

Test(settle, what_was_acknowledged_is_history_with_the_times_that_were_told)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    put_three(&f);
    free(spooling_take(&f, 10, 100, true));
    /* The clock is set right between the sending and the answer. */
    cr_assert_eq(spool_tick(f.s, spooling_now(20, 5).now, 1020), 0);
    cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    cr_expect(spooling_is(spooling_history(&f), "S1 A1 keyserver 100-110\n"
                                                "S1 A2 keyserver 100-110\n"
                                                "example1.nl 5 100-110\n"));
    cr_expect(spooling_is(spooling_waiting(&f), ""));
    cr_expect_eq(spool_acknowledge(f.s, "srv", false), 0, "again is nothing");
}

Test(settle, history_is_joined_over_reports_and_runs)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    put_three(&f);
    free(spooling_take(&f, 10, 0, true));
    cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    spooling_open(&f);
    spooling_begin(&f, 2, 2, 1000, 50);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 1000, 1010)), 0);
    AUTO(report) struct report r = {.counter = 0};
    struct spool_now at = {.now = {SPOOLING_T0 + 1010}, .boot_s = 60};
    cr_assert_eq(spool_take_report(f.s, &at, true, &r), 1);
    cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    cr_expect(spooling_is(spooling_history(&f), "S1 A1 keyserver 0-1010\n"
                                                "S1 A2 keyserver 0-10\n"
                                                "example1.nl 5 0-10\n"));
}

Test(settle, what_is_given_back_joins_what_came_meanwhile)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    put_three(&f);
    cr_assert_eq(spooling_put_gap(&f, spooling_gap(GAP_CAPTURE, 0, 10, 3)), 0);
    free(spooling_take(&f, 10, 0, true));
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 15, 20)), 0);
    cr_assert_eq(spooling_put_gap(&f, spooling_gap(GAP_CAPTURE, 15, 20, 4)), 0);
    cr_assert_eq(spool_give_back(f.s), 0);
    cr_expect(spooling_is(spooling_waiting(&f), "S1 A1 keyserver 0-20\n"
                                                "S1 A2 keyserver 0-10\n"
                                                "example1.nl 5 0-10\n"
                                                "gap capture 0-20 lost 7\n"));
    cr_expect_eq(spool_give_back(f.s), 0, "again is nothing");
    cr_expect_eq(spooling_counts(&f).waiting, 4);
}

Test(settle, what_was_on_its_way_when_the_process_ended_waits_again)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    put_three(&f);
    free(spooling_take(&f, 10, 0, true));
    spooling_open(&f);
    cr_expect(spooling_is(spooling_waiting(&f), three), "also before a run begins");
    spooling_begin(&f, 2, 1, 20, 1020);
    free(spooling_take(&f, 30, 0, true));
    cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    cr_expect(spooling_is(spooling_take(&f, 30, 0, false),
                          "run 1 counter 2 late\n"
                          "S1 A1 keyserver 0-10\nS1 A2 keyserver 0-10\nexample1.nl 5 0-10\n"));
}

Test(settle, a_refused_entry_goes_alone_and_a_report_without_one_goes_whole)
{
    static const struct {
        const char *at;
        int64_t rows;
        const char *waiting;
        const char *why;
    } cases[] = {
        {"/sightings/1/address", 1, "S1 A1 keyserver 0-10\nexample1.nl 5 0-10\n", "a field"},
        {"/sightings/0", 1, "S1 A2 keyserver 0-10\nexample1.nl 5 0-10\n", "an entry"},
        {"/mailboxes/0/domain", 1, "S1 A1 keyserver 0-10\nS1 A2 keyserver 0-10\n", "a list's"},
        {"/sightings/2/first", 3, "", "there is none of that number"},
        {"/gaps/0", 3, "", "a list that it did not have"},
        {"/sightings/x", 3, "", "no number"},
        {"/sightings/-1/first", 3, "", "no index"},
        {"/sightings", 3, "", "a whole list"},
        {"/boot_id", 3, "", "a field of the report itself"},
        {"", 3, "", "the report"},
        {"/licenses/0/product", 0, three, "a licence, which the spool does not hold"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(spooling) struct spooling f;
        int64_t rows = -1;
        spooling_start(&f);
        put_three(&f);
        free(spooling_take(&f, 10, 0, true));
        cr_assert_eq(spool_set_aside(f.s, cases[i].at, "no", &rows), 0, "%s", cases[i].why);
        cr_expect_eq(rows, cases[i].rows, "%s: %lld", cases[i].why, (long long)rows);
        cr_expect(spooling_is(spooling_waiting(&f), cases[i].waiting), "%s", cases[i].why);
        cr_expect_eq(spooling_counts(&f).aside, rows);
    }
}

Test(settle, the_last_refusal_is_noted)
{
    AUTO(spooling) struct spooling f;
    AUTO_FREE char *said = NULL;
    int64_t rows = -1;
    spooling_start(&f);
    put_three(&f);
    free(spooling_take(&f, 10, 0, true));
    cr_assert_eq(spool_set_aside(f.s, "/mailboxes/0/domain", "not a domain", &rows), 0);
    cr_assert_eq(spool_note_get(f.s, SPOOL_NOTE_REFUSED, &said), 0);
    cr_expect_str_eq(said, "/mailboxes/0/domain: not a domain");
    cr_expect_eq(spool_set_aside(f.s, "", "", &rows), 0, "nothing is on its way");
    cr_expect_eq(rows, 0);
}

Test(settle, what_was_set_aside_is_tried_again_once)
{
    AUTO(spooling) struct spooling f;
    int64_t rows = 0;
    spooling_start(&f);
    put_three(&f);
    free(spooling_take(&f, 10, 0, true)); /* set aside at 10 */
    cr_assert_eq(spool_set_aside(f.s, "", "no", &rows), 0);
    cr_assert_eq(spool_retry_aside(f.s, (wall_t){SPOOLING_T0 + 10}), 0);
    cr_expect(spooling_is(spooling_waiting(&f), ""), "not before its time");
    cr_assert_eq(spool_retry_aside(f.s, (wall_t){SPOOLING_T0 + 11}), 0);
    cr_expect(spooling_is(spooling_waiting(&f), three));
    free(spooling_take(&f, 20, 0, true));
    cr_assert_eq(spool_set_aside(f.s, "/sightings/0", "still no", &rows), 0);
    cr_assert_eq(spool_retry_aside(f.s, WALL_END), 0);
    struct spool_counts c = spooling_counts(&f);
    cr_expect_eq(c.aside, 1, "it was tried, and is kept");
    cr_expect_eq(c.waiting, 2);
    /* The others, also tried before, were not refused: they go their way. */
    free(spooling_take(&f, 30, 0, true));
    cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    cr_expect_eq(spooling_counts(&f).history, 2);
}

Test(settle, what_is_set_aside_is_joined)
{
    AUTO(spooling) struct spooling f;
    int64_t rows = 0;
    spooling_start(&f);
    for (int i = 0; i < 20; i++) {
        int64_t now = i * 900;
        cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, now, now)), 0);
        free(spooling_take(&f, now, 0, true));
        cr_assert_eq(spool_set_aside(f.s, "/sightings/0", "no", &rows), 0);
        cr_expect_eq(rows, 1);
    }
    cr_expect_eq(spooling_counts(&f).aside, 1);
}

Test(settle, runs_without_anything_are_forgotten_when_they_are_done)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    put_three(&f);
    spooling_open(&f);
    spooling_begin(&f, 2, 1, 20, 1020);
    cr_expect_eq(spooling_counts(&f).runs, 1);
    free(spooling_take(&f, 30, 0, true));
    cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    free(spooling_take(&f, 30, 0, false));
    cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    struct spool_counts c = spooling_counts(&f);
    cr_expect_eq(c.runs, 0);
    cr_expect_eq(c.oldest.s, WALL_END.s);
}
