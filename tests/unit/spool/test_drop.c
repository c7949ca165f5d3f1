/* What goes when there is too much. */
#include "support/leak.h"
#include "support/spooling.h"

#include <string.h>

SUITE(drop);

enum { CAP = 1000, CHUNK = CAP / 16 };

/* n sightings a second apart, from `from` on, that do not join. */
static void put_rows(struct spooling *f, int from, int n)
{
    static struct report_sighting s[4096];
    cr_assert_leq(n, (int)ARRAY_LEN(s));
    for (int i = 0; i < n; i++)
        s[i] = spooling_sighting(1 + from + i, 1, from + i, from + i);
    struct spool_facts facts = {.sightings = s, .n_sightings = (size_t)n};
    cr_assert_eq(spool_put(f->s, &facts), 0, "%s", spool_diag(f->s));
}

Test(drop, at_the_cap_nothing_goes)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    spool_set_cap(f.s, 1); /* at least 1,000 */
    put_rows(&f, 0, CAP);
    cr_expect_eq(spooling_counts(&f).waiting, CAP);
}

Test(drop, over_the_cap_the_oldest_go_and_one_gap_says_which)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    spool_set_cap(f.s, CAP);
    put_rows(&f, 0, CAP);
    put_rows(&f, CAP, 1);
    /* One too many, and a sixteenth more: 1 + 62. The gap is a row of its own. */
    cr_expect_eq(spooling_counts(&f).waiting, CAP + 1 - (1 + CHUNK) + 1);
    AUTO_FREE char *all = spooling_waiting(&f);
    cr_expect_not_null(strstr(all, "gap spool 0-62 lost 63\n"));
    cr_expect_null(strstr(all, "S63 "), "the last that went was seen at 62");
    cr_expect_not_null(strstr(all, "S64 A1 keyserver 63-63\n"));
}

Test(drop, the_gap_grows_and_never_goes_itself)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    spool_set_cap(f.s, CAP);
    for (int i = 0; i < 20; i++)
        put_rows(&f, i * 10000, 400); /* far enough apart that gaps would not join */
    struct spool_counts c = spooling_counts(&f);
    cr_expect_leq(c.waiting, CAP + 1);
    AUTO_FREE char *all = spooling_waiting(&f);
    const char *gap = strstr(all, "gap spool 0-");
    cr_assert_not_null(gap);
    cr_expect_null(strstr(gap + 1, "gap spool"), "one gap: %s", gap);
    int64_t lost = 0;
    const char *said = strstr(gap, "lost ") + strlen("lost ");
    cr_assert_eq(text_to_int((struct text){said, strcspn(said, "\n")}, 0, 8000, &lost), 0);
    cr_expect_eq(lost + c.waiting - 1, 8000, "what was put is there, or counted");
}

Test(drop, what_still_goes_on_stays_longest)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    spool_set_cap(f.s, CAP);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(5000, 1, -100, 2000)), 0);
    put_rows(&f, 0, CAP);
    AUTO_FREE char *all = spooling_waiting(&f);
    cr_expect_not_null(strstr(all, "S5000 A1 keyserver -100-2000\n"));
}

Test(drop, of_equal_age_no_more_go_than_must)
{
    AUTO(spooling) struct spooling f;
    static struct report_sighting s[CAP + 10];
    spooling_start(&f);
    spool_set_cap(f.s, CAP);
    for (int i = 0; i < CAP + 10; i++)
        s[i] = spooling_sighting(1 + i, 1, 0, 0);
    struct spool_facts facts = {.sightings = s, .n_sightings = ARRAY_LEN(s)};
    cr_assert_eq(spool_put(f.s, &facts), 0);
    cr_expect_eq(spooling_counts(&f).waiting, CAP + 10 - (10 + CHUNK) + 1);
}

Test(drop, what_is_on_its_way_stays)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    spool_set_cap(f.s, CAP);
    put_rows(&f, 0, 100);
    free(spooling_take(&f, 100, 0, true));
    put_rows(&f, 5000, CAP);
    cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    cr_expect_eq(spooling_counts(&f).history, 100);
}

Test(drop, the_oldest_of_all_runs_go_by_the_clock_as_it_is)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    put_rows(&f, 0, 10);
    cr_assert_eq(spool_tick(f.s, spooling_now(20, 100000).now, 1020), 0);
    spooling_open(&f);
    spool_set_cap(f.s, CAP);
    spooling_begin(&f, 2, 2, 1000, 5);
    put_rows(&f, 1000, CAP);
    /* The first run's rows lie at 100000 and later: they are the newest. */
    AUTO_FREE char *all = spooling_waiting(&f);
    cr_expect_not_null(strstr(all, "S1 A1 keyserver 100000-100000\n"));
    cr_expect_not_null(strstr(all, "gap spool 1000-1071 lost 72\n"), "10 too many, and 62");
}

Test(drop, what_was_set_aside_counts_and_goes_too)
{
    AUTO(spooling) struct spooling f;
    int64_t rows = 0;
    spooling_start(&f);
    spool_set_cap(f.s, CAP);
    put_rows(&f, 0, 500);
    free(spooling_take(&f, 500, 0, true));
    cr_assert_eq(spool_set_aside(f.s, "", "no", &rows), 0);
    cr_assert_eq(rows, 500);
    put_rows(&f, 5000, 600);
    struct spool_counts c = spooling_counts(&f);
    cr_expect_eq(c.aside, 500 - 100 - CHUNK);
    cr_expect_eq(c.waiting, 600 + 1);
}

Test(drop, history_over_its_cap_loses_its_oldest)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    spool_set_history_cap(f.s, CAP);
    put_rows(&f, 0, CAP);
    free(spooling_take(&f, 1000, 0, true));
    cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    cr_expect_eq(spooling_counts(&f).history, CAP);
    put_rows(&f, 2000, 1);
    free(spooling_take(&f, 3000, 0, true));
    cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    cr_expect_eq(spooling_counts(&f).history, CAP - CHUNK);
    AUTO_FREE char *all = spooling_history(&f);
    cr_expect_not_null(strstr(all, "S2001 A1 keyserver 2000-2000\n"));
    cr_expect_null(strstr(all, "S1 A1"));
    cr_expect_null(strstr(all, "gap"), "the collector has it");
}
