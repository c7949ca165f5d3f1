/*
 * What goes when there is too much. The oldest goes first, by the time at which a stretch
 * ended: what still goes on would be put again at once. It goes in chunks, since to find the
 * oldest means to look at all.
 */
#include "spool/spool_parts.h"

#include <errno.h>
#include <stdlib.h>

enum { CHUNKS = 16 }; /* of a cap */

/* Larger than any two times are apart: all such gaps of a run become one. */
#define ANY_GAP ((dur_t){INT64_C(1) << 54})

/* What was dropped, in wall time. */
struct dropped {
    struct span seen; /* first > last = nothing */
    int64_t lost;
};

#define DROPPED_NONE ((struct dropped){.seen = {WALL_END, WALL_BEGIN}})

static void add_dropped(struct dropped *d, const struct row *x, int64_t correction)
{
    struct span seen = {{x->seen.first.s + correction}, {x->seen.last.s + correction}};
    d->seen = span_union(seen, &d->seen, 1);
    d->lost += row_is_spool_gap(x) ? x->lost : 1;
}

/* Says it in the current run: one gap, however often. */
static int tell_dropped(struct spool *s, const struct dropped *d)
{
    int64_t correction = 0;
    if (d->seen.first.s > d->seen.last.s)
        return 0;
    int r = run_correction(s, s->run, &correction);
    if (r < 0)
        return r;
    struct report_gap gap = {
        .what = GAP_SPOOL,
        .seen = {{d->seen.first.s - correction}, {d->seen.last.s - correction}},
        .lost = d->lost};
    struct row row = {.run = s->run, .place = PLACE_WAITING};
    r = row_of_gap(s, &gap, &row);
    return r < 0 ? r : row_join(s, &row, ANY_GAP, LOST_ADDED);
}

/* ---- Which are the oldest ------------------------------------------------------------ */

/* What may go of a run: not what is on its way, and not what says that something went. */
#define MAY_GO "place NOT IN (1, 4) AND NOT (kind = 2 AND key = x'02')"
static_assert(PLACE_LEAVING == 1 && PLACE_SENT == 4 && ROW_GAP == 2 && GAP_SPOOL == 2,
              "as MAY_GO writes them");

static const char waiting_ends_sql[] =
    "SELECT stretch.last + run.correction FROM run CROSS JOIN stretch"
    " ON stretch.run = run.id WHERE " MAY_GO;
static const char history_ends_sql[] = "SELECT last FROM stretch WHERE run = 0";
/* Of what could be sent again: when it was sent. */
static const char sent_ends_sql[] = "SELECT aside_at FROM stretch WHERE run > 0 AND place = 4";

/* Up to `most` of the ends that a statement gives. *ret is to be freed. */
static int read_ends(struct spool *s, const char *sql, int64_t most, int64_t **ret,
                     int64_t *ret_n)
{
    AUTO(sql_reset) sqlite3_stmt *st = NULL;
    AUTO_FREE int64_t *ends = calloc((size_t)most, sizeof *ends);
    int64_t n = 0;
    if (!ends)
        return sql_error(s, SQLITE_NOMEM);
    int r = sql_use(s, sql, NULL, 0, &st);
    if (r < 0)
        return r;
    while (n < most && (r = sql_step(s, st)) == 1)
        ends[n++] = sqlite3_column_int64(st, 0);
    if (r < 0)
        return r;
    *ret = STEAL(ends);
    *ret_n = n;
    return 0;
}

static int compare_ends(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* What goes, from that place on: all that ended before `before`, and `ties` of those that ended
 * just then. */
struct oldest {
    int64_t before, ties;
    enum place from;
};

/* The `n` oldest. 1, or 0 when nothing may go. */
static int find_oldest(struct spool *s, const char *sql, int64_t rows, int64_t n,
                       struct oldest *ret)
{
    AUTO_FREE int64_t *ends = NULL;
    int64_t count = 0;
    int r = read_ends(s, sql, rows, &ends, &count);
    if (r < 0 || count == 0)
        return r;
    qsort(ends, (size_t)count, sizeof *ends, compare_ends);
    n = n < count ? n : count;
    ret->before = ends[n - 1];
    ret->ties = 0;
    for (int64_t i = n; i-- > 0 && ends[i] == ret->before;)
        ret->ties++;
    return 1;
}

/* ---- Dropping ------------------------------------------------------------------------ */

#define NEXT_OLD(which)                                                                        \
    "SELECT " ROW_COLUMNS ", place FROM stretch"                                               \
    " WHERE run = ?1 AND (place, kind, key, first) >"                                          \
    " (?2, ?3, ?4, ?5) AND " which " <= ?6 ORDER BY place, kind, key, first LIMIT 1"
static const char next_old_sql[] = NEXT_OLD(MAY_GO " AND last");
static const char next_sent_sql[] = NEXT_OLD("place = 4 AND aside_at");

/* The next row of at->run that ended at `until` or before, as rows_next(), over all places. */
static int next_old(struct spool *s, struct row *at, int64_t until)
{
    const char *sql = at->place == PLACE_SENT ? next_sent_sql : next_old_sql;
    sqlite3_stmt *st = NULL;
    int r = SQL_USE(s, sql, &st, INT(at->run), INT(at->place), INT(at->kind),
                    BLOB(at->key, at->key_n), INT(at->seen.first.s), INT(until));
    if (r < 0)
        return r;
    r = sql_step(s, st);
    if (r == 1) {
        int64_t place = sqlite3_column_int64(st, 7);
        int read = row_read(s, st, at);
        r = read < 0 ? read : r;
        at->place = place == PLACE_SENT      ? PLACE_SENT
                    : place == PLACE_ASIDE   ? PLACE_ASIDE
                    : place == PLACE_HISTORY ? PLACE_HISTORY
                                             : PLACE_WAITING;
    }
    sql_reset_done(&st);
    return r;
}

static int drop_of_run(struct spool *s, int64_t run, int64_t correction, struct oldest *what,
                       struct dropped *d)
{
    bool is_sent = what->from == PLACE_SENT;
    int64_t until = what->before - (is_sent ? 0 : correction);
    struct row at = rows_start(run, what->from, ROW_SIGHTING);
    int r;
    while ((r = next_old(s, &at, until)) == 1) {
        if ((is_sent ? at.aside_at : at.seen.last.s) == until && what->ties-- <= 0)
            continue;
        add_dropped(d, &at, correction);
        r = row_remove(s, &at);
        if (r < 0)
            return r;
    }
    return r;
}

static const char next_run_sql[] = "SELECT id FROM run WHERE id > ?1 ORDER BY id LIMIT 1";

static int drop_of_runs(struct spool *s, struct oldest *what, struct dropped *d)
{
    int64_t run = RUN_NONE;
    int64_t correction = 0;
    int r;
    while ((r = SQL_GET(s, next_run_sql, &run, INT(run))) == 1) {
        r = run_correction(s, run, &correction);
        if (r >= 0)
            r = drop_of_run(s, run, correction, what, d);
        if (r < 0)
            return r;
    }
    return r;
}

int drop_over_cap(struct spool *s)
{
    struct dropped d = DROPPED_NONE;
    struct oldest what = {.ties = 0};
    int r = rows_count(s);
    while (r >= 0 && s->rows > s->cap) {
        int64_t n = s->rows - s->cap + s->cap / CHUNKS;
        r = find_oldest(s, waiting_ends_sql, s->rows, n, &what);
        if (r == 0)
            break; /* the rest is on its way, or says what went */
        if (r > 0)
            r = drop_of_runs(s, &what, &d);
    }
    return r < 0 ? r : tell_dropped(s, &d);
}

/* It was acknowledged: the collector has it. */
int drop_old_history(struct spool *s)
{
    struct dropped d = DROPPED_NONE;
    struct oldest what = {.ties = 0};
    int r = rows_count(s);
    if (r < 0 || s->history_rows <= s->history_cap)
        return r;
    int64_t n = s->history_rows - s->history_cap + s->history_cap / CHUNKS;
    r = find_oldest(s, history_ends_sql, s->history_rows, n, &what);
    return r <= 0 ? r : drop_of_run(s, RUN_NONE, 0, &what, &d);
}

/* The same: nobody misses it but whoever lost what it was told. */
int drop_old_sent(struct spool *s, int64_t most)
{
    struct dropped d = DROPPED_NONE;
    struct oldest what = {.from = PLACE_SENT};
    int r = rows_count(s);
    if (r < 0 || s->sent_rows <= most)
        return r;
    r = find_oldest(s, sent_ends_sql, s->sent_rows, s->sent_rows - most, &what);
    return r <= 0 ? r : drop_of_runs(s, &what, &d);
}

int drop_over_sent_cap(struct spool *s)
{
    int r = rows_count(s);
    if (r < 0 || s->sent_rows <= s->sent_cap)
        return r;
    return drop_old_sent(s, s->sent_cap - s->sent_cap / CHUNKS);
}

/* All of a run, the gaps that it had to tell of included; of what was acknowledged nothing is
 * said. */
static int drop_run(struct spool *s, int64_t run, struct dropped *d)
{
    static const enum place places[] = {PLACE_WAITING, PLACE_ASIDE};
    static const char run_sql[] = "DELETE FROM run WHERE id = ?1";
    static const char sent_sql[] = "DELETE FROM stretch WHERE run = ?1";
    int64_t correction = 0;
    int r = run_correction(s, run, &correction);
    for (size_t i = 0; i < ARRAY_LEN(places) && r >= 0; i++) {
        struct row at = rows_start(run, places[i], ROW_SIGHTING);
        while (r >= 0 && (r = rows_next(s, &at)) == 1) {
            add_dropped(d, &at, correction);
            r = row_remove(s, &at);
        }
    }
    s->sent_rows = -1;
    if (r >= 0)
        r = SQL_RUN(s, sent_sql, INT(run));
    return r < 0 ? r : SQL_RUN(s, run_sql, INT(run));
}

int drop_old_runs(struct spool *s)
{
    static const char count_sql[] = "SELECT count(*) FROM run";
    static const char done_sql[] =
        "SELECT id FROM run WHERE id <> ?1 AND NOT EXISTS"
        " (SELECT 1 FROM stretch WHERE stretch.run = run.id AND place < 4) ORDER BY id LIMIT 1";
    static const char oldest_sql[] = "SELECT id FROM run WHERE id <> ?1 ORDER BY id LIMIT 1";
    struct dropped d = DROPPED_NONE;
    int64_t run = RUN_NONE;
    int64_t left = 0;
    int r;
    while ((r = sql_get(s, count_sql, NULL, 0, &left)) == 1 && left > RUNS_MAX) {
        r = SQL_GET(s, done_sql, &run, INT(s->run));
        if (r == 0)
            r = SQL_GET(s, oldest_sql, &run, INT(s->run));
        if (r == 1)
            r = drop_run(s, run, &d);
        if (r < 0)
            return r;
    }
    if (r >= 0)
        r = tell_dropped(s, &d);
    return r < 0 ? r : runs_forget(s);
}
