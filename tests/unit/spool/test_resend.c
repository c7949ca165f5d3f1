/* What was acknowledged, sent again. T0 is the start of run 1; the boot clock is 1000 then. */
#include "support/leak.h"
#include "support/spooling.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

SUITE(resend);

enum { CAP = 1000, CHUNK = CAP / 16, DAY = 86400 };

/* Sends one round of the current run, and has it acknowledged. */
static void send_all(struct spooling *f, int64_t now)
{
    char *said = spooling_take(f, now, 0, true);
    cr_assert_not_null(said);
    free(said);
    cr_assert_eq(spool_acknowledge(f->s, "srv", false), 0, "%s", spool_diag(f->s));
}

static int64_t resend(struct spooling *f, const char *server)
{
    int64_t rows = -1;
    int r = spool_resend(f->s, server, &rows);
    cr_assert_eq(r, 0, "%d %s", r, spool_diag(f->s));
    return rows;
}

static bool is_noted(struct spooling *f, const char *expected)
{
    AUTO_FREE char *note = NULL;
    cr_assert_eq(spool_note_get(f->s, SPOOL_NOTE_ACKNOWLEDGED, &note), 0);
    return spooling_is(note ? strdup(note) : NULL, expected);
}

static void put_rows(struct spooling *f, int from, int n)
{
    static struct report_sighting s[CAP + CHUNK];
    for (int i = 0; i < n; i++)
        s[i] = spooling_sighting(1 + from + i, 1, from + i, from + i);
    struct spool_facts facts = {.sightings = s, .n_sightings = (size_t)n};
    cr_assert_eq(spool_put(f->s, &facts), 0, "%s", spool_diag(f->s));
}

Test(resend, of_this_run_all_goes_again_as_it_was_seen)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 0, 10)), 0);
    cr_assert_eq(spooling_put_mailboxes(&f, spooling_mailboxes(1, 5, 0, 10)), 0);
    cr_assert_eq(spooling_put_gap(&f, spooling_gap(GAP_CAPTURE, 0, 10, 3)), 0);
    send_all(&f, 20);
    struct spool_counts c = spooling_counts(&f);
    cr_expect(c.waiting == 0 && c.runs == 0 && c.history == 3, "what is kept does not wait");
    cr_expect_eq(c.oldest.s, WALL_END.s);
    cr_expect_null(spooling_take(&f, 30, 0, false), "nor is it sent of itself");

    cr_expect_eq(resend(&f, "srv"), 3);
    /* The clock was set by 100 meanwhile: times are told as it shows them now. */
    cr_expect(spooling_is(spooling_take(&f, 40, 100, true), "run 1 counter 2 live\n"
                                                            "S1 A1 keyserver 100-110\n"
                                                            "example1.nl 5 100-110\n"
                                                            "gap capture 100-110 lost 3\n"));
}

Test(resend, it_joins_what_waits_and_twice_is_once)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 0, 10)), 0);
    cr_assert_eq(spooling_put_gap(&f, spooling_gap(GAP_CAPTURE, 0, 10, 3)), 0);
    send_all(&f, 20);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 900, 910)), 0);
    cr_assert_eq(spooling_put_gap(&f, spooling_gap(GAP_CAPTURE, 900, 910, 4)), 0);
    cr_expect_eq(resend(&f, "srv"), 2);
    static const char joined[] = "S1 A1 keyserver 0-910\ngap capture 0-910 lost 7\n";
    cr_expect(spooling_is(spooling_waiting(&f), joined));
    cr_expect_eq(resend(&f, "srv"), 0);
    cr_expect(spooling_is(spooling_waiting(&f), joined));
    /* It is kept anew when that is acknowledged, and history has it once. */
    send_all(&f, 920);
    cr_expect(spooling_is(spooling_history(&f), joined));
    cr_expect_eq(resend(&f, "srv"), 2);
    cr_expect(spooling_is(spooling_waiting(&f), joined));
}

Test(resend, earlier_runs_go_by_their_own_name_and_clock)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 0, 10)), 0);
    send_all(&f, 20);
    spooling_open(&f);
    spooling_begin(&f, 2, 1, 30, 1030);
    cr_expect_eq(spooling_counts(&f).runs, 0, "nothing of run 1 waits");
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 2, 30, 40)), 0);
    send_all(&f, 50);
    cr_expect_eq(resend(&f, "srv"), 2);
    cr_expect_eq(spooling_counts(&f).runs, 2);
    cr_expect(spooling_is(spooling_take(&f, 60, 0, true),
                          "run 2 counter 2 live\nS1 A2 keyserver 30-40\n"));
    cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    cr_expect(spooling_is(spooling_take(&f, 60, 0, false),
                          "run 1 counter 2 late\nS1 A1 keyserver 0-10\n"));
}

Test(resend, what_is_on_its_way_is_left_alone)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 0, 10)), 0);
    send_all(&f, 20);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 2, 20, 30)), 0);
    free(spooling_take(&f, 40, 0, true));
    cr_expect_eq(resend(&f, "srv"), 1);
    cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    cr_expect(spooling_is(spooling_waiting(&f), "S1 A1 keyserver 0-10\n"));
    /* Killed between the two it is the same, and the report goes again. */
    free(spooling_take(&f, 50, 0, true));
    spooling_open(&f);
    spooling_begin(&f, 2, 1, 60, 1060);
    cr_expect(spooling_is(spooling_waiting(&f), "S1 A1 keyserver 0-10\n"));
    cr_expect_eq(resend(&f, "srv"), 1, "what was acknowledged last");
}

#define RUN_1 "00000000-0000-0000-0000-000000000001"

Test(resend, the_last_that_was_acknowledged_is_noted_unless_the_collector_lacks)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_expect(is_noted(&f, "") == false, "nothing yet");
    send_all(&f, 10);
    cr_expect(is_noted(&f, RUN_1 " 1 srv"));
    free(spooling_take(&f, 20, 0, true));
    cr_assert_eq(spool_give_back(f.s), 0);
    cr_expect(is_noted(&f, RUN_1 " 1 srv"), "nor what was given back");
    free(spooling_take(&f, 30, 0, true));
    cr_assert_eq(spool_acknowledge(f.s, "srv", true), 0);
    cr_expect(is_noted(&f, RUN_1 " 1 srv"), "it must ask again");
    free(spooling_take(&f, 40, 0, true));
    cr_assert_eq(spool_acknowledge(f.s, "", false), 0);
    cr_expect(is_noted(&f, RUN_1 " 1 srv"), "nobody knows whose");
    spooling_open(&f);
    cr_expect(is_noted(&f, RUN_1 " 1 srv"));
    spooling_begin(&f, 2, 1, 50, 1050);
    send_all(&f, 60);
    cr_expect(is_noted(&f, "00000000-0000-0000-0000-000000000002 1 srv"));
}

Test(resend, what_was_seen_as_one_server_is_never_said_as_another)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 0, 10)), 0);
    send_all(&f, 20);
    cr_expect_eq(resend(&f, "other"), 0);
    cr_expect_eq(resend(&f, "srv"), 0, "it is gone for good");
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 2, 20, 30)), 0);
    send_all(&f, 40);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 3, 40, 50)), 0);
    free(spooling_take(&f, 60, 0, true));
    cr_assert_eq(spool_acknowledge(f.s, "sr", false), 0);
    cr_expect_eq(resend(&f, "sr"), 1);
    cr_expect(spooling_is(spooling_waiting(&f), "S1 A3 keyserver 40-50\n"));
    /* What has no name is not kept. */
    free(spooling_take(&f, 70, 0, true));
    cr_assert_eq(spool_acknowledge(f.s, "", false), 0);
    cr_expect_eq(resend(&f, "sr"), 0);
}

Test(resend, it_is_pruned_by_when_it_was_sent_and_its_run_with_it)
{
    AUTO(spooling) struct spooling f;
    int64_t late = 90 * DAY; /* run 1 was offline for so long */
    spooling_start(&f);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 0, 10)), 0);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 2, 0, 10)), 0);
    send_all(&f, late);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 2, 20, 30)), 0);
    send_all(&f, late + 100);
    spooling_open(&f);
    spooling_begin(&f, 2, 1, late + 200, 1000 + late + 200);
    cr_expect_eq(SPOOL_RESEND.s, 35 * DAY);
    wall_t sent = {SPOOLING_T0 + late};
    cr_assert_eq(spool_prune(f.s, WALL_BEGIN, sent), 0);
    cr_expect_eq(spooling_counts(&f).history, 2);
    cr_assert_eq(spool_prune(f.s, WALL_BEGIN, (wall_t){sent.s + 1}), 0);
    cr_expect_eq(resend(&f, "srv"), 1, "the other was sent again, in part, a while later");
    cr_expect(spooling_is(spooling_waiting(&f), "S1 A2 keyserver 0-30\n"));
    cr_assert_eq(spool_prune(f.s, WALL_BEGIN, WALL_END), 0);
    cr_expect_eq(spooling_counts(&f).waiting, 1, "what waits is not touched");
    free(spooling_take(&f, late + 300, 0, true));
    cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    cr_expect(spooling_is(spooling_take(&f, late + 300, 0, false),
                          "run 1 counter 3 late\nS1 A2 keyserver 0-30\n"));
    cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    cr_assert_eq(spool_prune(f.s, WALL_BEGIN, WALL_END), 0);
    cr_expect_eq(resend(&f, "srv"), 0);
}

Test(resend, over_its_cap_the_oldest_go_and_nothing_is_said)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    spool_set_sent_cap(f.s, CAP);
    put_rows(&f, 0, CAP);
    send_all(&f, 2000);
    put_rows(&f, 2000, 1);
    send_all(&f, 3000);
    cr_expect_eq(spooling_counts(&f).history, CAP + 1);
    cr_expect_eq(resend(&f, "srv"), CAP - CHUNK, "those that were sent last");
    AUTO_FREE char *all = spooling_waiting(&f);
    cr_expect_not_null(strstr(all, "S2001 A1 keyserver 2000-2000\n"));
    cr_expect_not_null(strstr(all, "S1000 A1"));
    cr_expect_null(strstr(all, "S1 A1"));
    cr_expect_null(strstr(all, "gap"));
}

Test(resend, it_takes_no_more_room_than_what_waits_leaves)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    spool_set_cap(f.s, CAP);
    put_rows(&f, 0, 400);
    send_all(&f, 1000);
    put_rows(&f, 5000, 700);
    cr_expect_eq(resend(&f, "srv"), 300, "the newest");
    put_rows(&f, 5000, 1); /* known already */
    AUTO_FREE char *all = spooling_waiting(&f);
    cr_expect_null(strstr(all, "gap"), "nothing that waited went");
    cr_expect_not_null(strstr(all, "S101 A1"));
    cr_expect_null(strstr(all, "S100 A1"));
    cr_expect_eq(spooling_counts(&f).waiting, CAP);
}

Test(resend, runs_of_which_all_was_acknowledged_go_before_one_that_waits)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 0, 5)), 0);
    for (int i = 2; i <= 1030; i++) {
        spooling_open(&f);
        spooling_begin(&f, i, 1, i * 10, 1000 + i * 10);
        cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(i, 1, i * 10, i * 10 + 5)), 0);
        send_all(&f, i * 10 + 6);
    }
    cr_expect(spooling_is(spooling_waiting(&f), "S1 A1 keyserver 0-5\n"), "and no gap");
    /* 1,024 are held when run 1030 begins: runs 1 and 1030, and of those between the newest
     * 1,022. */
    cr_expect_eq(resend(&f, "srv"), 1023);
    AUTO_FREE char *all = spooling_waiting(&f);
    cr_expect_null(strstr(all, "S7 A1"));
    cr_expect_not_null(strstr(all, "S8 A1"));
}

/* ---- Files of version 1 -------------------------------------------------------------- */

/* As the program of that version left it: 16 rows of history, 4 of run 1 that wait. */
static void copy_old(const char *to)
{
    static char bytes[1 << 20];
    FILE *in = fopen(SOURCE_DIR "/tests/fuzz/corpus/spool/spool", "rb");
    FILE *out = fopen(to, "wb");
    cr_assert(in && out);
    size_t n = fread(bytes, 1, sizeof bytes, in);
    cr_assert_eq(fwrite(bytes, 1, n, out), n);
    (void)fclose(in);
    cr_assert_eq(fclose(out), 0);
}

Test(resend, a_file_of_version_1_is_read_and_brought_up)
{
    AUTO(spooling) struct spooling f = {.s = NULL};
    struct spool_counts c;
    struct diag d = {""};
    cr_assert_eq(temp_make(&f.temp), 0);
    (void)temp_file(&f.temp, "spool.db", f.path);
    copy_old(f.path);

    cr_assert_eq(spool_open(f.path, SPOOL_LOOK, &f.s, NULL, &d), 0, "%s", d.text);
    c = spooling_counts(&f);
    cr_expect(c.waiting == 4 && c.history == 16);
    AUTO_FREE char *before = spooling_history(&f);

    spooling_open(&f);
    cr_expect_not(f.found.was_broken);
    cr_expect(spooling_is(spooling_history(&f), before));
    spooling_begin(&f, 2, 1, 200000, 201000);
    free(spooling_take(&f, 200010, 0, true));
    cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    AUTO_FREE char *late = spooling_take(&f, 200010, 0, false);
    cr_expect_not_null(strstr(late, "run 1 counter 6 late\n"), "its counter goes on");
    cr_assert_eq(spool_acknowledge(f.s, "srv", false), 0);
    cr_expect_eq(resend(&f, "srv"), 4);

    spooling_open(&f); /* as a file of the present version */
    cr_expect_not(f.found.was_broken);
    c = spooling_counts(&f);
    cr_expect(c.waiting == 4 && c.history == 20);
}
