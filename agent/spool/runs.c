/* Runs and their clocks. */
#include "spool/spool_parts.h"

#include <errno.h>
#include <stdlib.h>

/* Both clocks are cut to whole seconds, each at its own moment: less than that is no step. So
 * what goes out a second time says the same times, as long as nobody sets the clock. */
enum { TICK_SLACK_S = 2 };

int run_begun(struct spool *s)
{
    if (s->run != RUN_NONE)
        return 0;
    return diag_set(&s->diag, -EINVAL, "%s: no run was begun", s->path);
}

int run_correction(struct spool *s, int64_t run, int64_t *ret)
{
    static const char sql[] = "SELECT correction FROM run WHERE id = ?1";
    int r = SQL_GET(s, sql, ret, INT(run));
    return r == 0 ? sql_damaged(s, "a run is missing") : r;
}

int runs_tick(struct spool *s, wall_t now, int64_t boot_s)
{
    /* ?1 is wall time at the kernel's start, by both clocks. */
    static const char sql[] =
        "UPDATE run SET correction = ?1 - (started - started_s), sum = " RUN_SUM(
            "?1 - (started - started_s)", "counter",
            "is_leaving") " WHERE kernel = (SELECT kernel FROM run WHERE id = ?2)"
                          " AND abs(correction - (?1 - (started - started_s))) >= ?3";
    return SQL_RUN(s, sql, INT(now.s - boot_s), INT(s->run), INT(TICK_SLACK_S));
}

int run_come_home(struct spool *s, int64_t run)
{
    static const char sql[] = "UPDATE run SET is_leaving = 0, sum = " RUN_SUM(
        "correction", "counter", "0") " WHERE id = ?1";
    return SQL_RUN(s, sql, INT(run));
}

int runs_recall(struct spool *s)
{
    static const char find_sql[] = "SELECT id FROM run WHERE is_leaving ORDER BY id LIMIT 1";
    int64_t run = RUN_NONE;
    int r;
    while ((r = sql_get(s, find_sql, NULL, 0, &run)) == 1) {
        r = rows_move(s, run, PLACE_LEAVING, PLACE_WAITING);
        if (r == 0)
            r = run_come_home(s, run);
        if (r < 0)
            return r;
    }
    return r;
}

int runs_forget(struct spool *s)
{
    static const char sql[] = "DELETE FROM run WHERE id <> ?1 AND NOT EXISTS"
                              " (SELECT 1 FROM stretch WHERE stretch.run = run.id)";
    return SQL_RUN(s, sql, INT(s->run));
}

/* Its number, in s->run. */
static int add_run(struct spool *s, const struct spool_run *run)
{
    static const char add_sql[] =
        "INSERT INTO run(boot, kernel, started, started_s, correction, counter, is_leaving,"
        " sum) VALUES(?1, ?2, ?3, ?4, 0, 0, 0, 0) ON CONFLICT DO NOTHING";
    static const char sum_sql[] = "UPDATE run SET sum = " RUN_SUM(
        "correction", "counter", "is_leaving") " WHERE boot = ?1";
    static const char find_sql[] = "SELECT id FROM run WHERE boot = ?1";
    struct value boot = BLOB(run->boot.bytes, sizeof run->boot.bytes);
    int r = SQL_RUN(s, add_sql, boot, BLOB(run->kernel.bytes, sizeof run->kernel.bytes),
                    INT(run->started.s), INT(run->started_s));

    if (r == 0)
        r = SQL_RUN(s, sum_sql, boot);
    if (r == 0)
        r = SQL_GET(s, find_sql, &s->run, boot);
    return r == 0 ? sql_damaged(s, "a run is missing") : r;
}

/* A file that was set aside is told of by the first run after it. */
static int tell_broken(struct spool *s, const struct spool_run *run)
{
    wall_t since;
    int r = note_get_broken(s, &since);
    if (r <= 0)
        return r;
    struct report_gap gap = {.what = GAP_SPOOL,
                             .seen = {wall_min(since, run->started), run->started}};
    struct row row = {.run = s->run, .place = PLACE_WAITING};
    r = row_of_gap(s, &gap, &row);
    if (r == 0)
        r = row_join(s, &row, SPOOL_MERGE_GAP, LOST_IF_NEW);
    return r < 0 ? r : note_put(s, NOTE_BROKEN, NULL);
}

int spool_begin(struct spool *s, const struct spool_run *run)
{
    int64_t before = s->run;
    int r = sql_begin(s);
    if (r < 0)
        return r;
    r = runs_recall(s);
    if (r >= 0)
        r = add_run(s, run);
    if (r >= 0)
        r = runs_forget(s);
    if (r >= 0)
        r = drop_old_runs(s);
    if (r >= 0)
        r = tell_broken(s, run);
    r = sql_end(s, r);
    if (r < 0) {
        s->run = before;
        return r;
    }
    s->leaving.run = RUN_NONE;
    return 0;
}

int spool_tick(struct spool *s, wall_t now, int64_t boot_s)
{
    int r = run_begun(s);
    if (r == 0)
        r = sql_begin(s);
    return r < 0 ? r : sql_end(s, runs_tick(s, now, boot_s));
}
