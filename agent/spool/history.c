/*
 * What was acknowledged, and what waits, told in order. Whoever listens may be slow, a pager
 * say: so rows are read some at a time, and nothing is locked while they are told.
 */
#include "spool/spool_parts.h"

#include "base/arena.h"
#include "base/grow.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* ---- Telling ------------------------------------------------------------------------- */

/*
 * The stretches of one subject, in wall time: of a sighting's key, or of a domain whatever its
 * counts, which are told in the order of time.
 */
struct telling {
    struct spool *s;
    const struct spool_reader *reader;
    struct row *rows;
    size_t n, cap;
};

static void telling_done(struct telling *t)
{
    free(t->rows);
}

static int tell_row(struct telling *t, const struct row *x)
{
    const struct spool_reader *to = t->reader;
    union {
        struct report_sighting sighting;
        struct report_mailboxes mailboxes;
        struct report_gap gap;
    } v;
    int r = 0;
    switch (x->kind) {
    case ROW_SIGHTING:
        r = to->sighting ? row_to_sighting(t->s, x, &v.sighting) : 0;
        return r == 0 && to->sighting ? to->sighting(to->arg, &v.sighting) : r;
    case ROW_MAILBOXES:
        r = to->mailboxes ? row_to_mailboxes(t->s, x, &v.mailboxes) : 0;
        return r == 0 && to->mailboxes ? to->mailboxes(to->arg, &v.mailboxes) : r;
    case ROW_GAP: break;
    }
    r = to->gap ? row_to_gap(t->s, x, &v.gap) : 0;
    return r == 0 && to->gap ? to->gap(to->arg, &v.gap) : r;
}

static int compare_times(const void *a, const void *b)
{
    const struct row *x = a;
    const struct row *y = b;
    return span_compare(&x->seen, &y->seen);
}

/* Tells what was gathered, and begins anew. */
static int tell(struct telling *t)
{
    int r = 0;
    if (t->n > 1)
        qsort(t->rows, t->n, sizeof *t->rows, compare_times);
    for (size_t i = 0; i < t->n && r == 0; i++)
        r = tell_row(t, &t->rows[i]);
    t->n = 0;
    return r;
}

static bool has_same_subject(const struct row *a, const struct row *b)
{
    size_t n = row_subject_n(a);
    return a->kind == b->kind && n == row_subject_n(b) && memcmp(a->key, b->key, n) == 0;
}

static bool has_same_key(const struct row *a, const struct row *b)
{
    return a->kind == b->kind && a->key_n == b->key_n && memcmp(a->key, b->key, a->key_n) == 0;
}

/* Rows come by kind, key and first: what is near is the row before. */
static int gather(struct telling *t, const struct row *x)
{
    struct row *last = t->n > 0 ? &t->rows[t->n - 1] : NULL;
    if (last && has_same_key(last, x) &&
        x->seen.first.s - last->seen.last.s <= SPOOL_MERGE_GAP.s) {
        last->seen = span_union(x->seen, &last->seen, 1);
        last->lost += x->lost;
        return 0;
    }
    int r = last && !has_same_subject(last, x) ? tell(t) : 0;
    if (r != 0)
        return r;
    r = grow(&t->rows, &t->cap, t->n + 1, sizeof *t->rows, SIZE_MAX / sizeof *t->rows);
    if (r < 0)
        return sql_error(t->s, SQLITE_NOMEM);
    t->rows[t->n++] = *x;
    return 0;
}

/* ---- History ------------------------------------------------------------------------- */

enum { BATCH = 64 };

struct batch {
    struct row rows[BATCH];
    size_t n;
};

/* The next ones behind `at`, which moves along. */
static int read_batch(struct spool *s, struct span window, struct row *at, struct batch *ret)
{
    static const char sql[] = "SELECT " ROW_COLUMNS " FROM stretch"
                              " WHERE run = 0 AND place = 3 AND (kind, key, first) >"
                              " (?1, ?2, ?3) AND last >= ?4 AND first <= ?5"
                              " ORDER BY kind, key, first";
    struct row from = *at;
    AUTO(sql_reset) sqlite3_stmt *st = NULL;
    int r = SQL_USE(s, sql, &st, INT(from.kind), BLOB(from.key, from.key_n),
                    INT(from.seen.first.s), INT(window.first.s), INT(window.last.s));
    ret->n = 0;
    while (r >= 0 && ret->n < BATCH && (r = sql_step(s, st)) == 1) {
        *at = from;
        r = row_read(s, st, at);
        if (r == 0)
            ret->rows[ret->n++] = *at;
    }
    return r < 0 ? r : 0;
}

static int tell_batch(struct telling *t, const struct batch *b)
{
    int r = 0;
    for (size_t i = 0; i < b->n && r == 0; i++)
        r = gather(t, &b->rows[i]);
    return r;
}

int spool_history(struct spool *s, struct span window, const struct spool_reader *reader)
{
    AUTO(telling) struct telling t = {.s = s, .reader = reader};
    AUTO_FREE struct batch *b = calloc(1, sizeof *b);
    struct row at = rows_start(RUN_NONE, PLACE_HISTORY, ROW_SIGHTING);
    int r = 0;
    if (!b)
        return sql_error(s, SQLITE_NOMEM);
    do {
        r = read_batch(s, window, &at, b);
        sql_rest(s);
        if (r == 0)
            r = tell_batch(&t, b);
    } while (r == 0 && b->n == BATCH);
    return r == 0 ? tell(&t) : r;
}

/* ---- What waits ---------------------------------------------------------------------- */

/* A row without the room for the longest key. */
struct kept_row {
    struct kept_row *next;
    enum row_kind kind;
    struct span seen;
    int64_t lost;
    size_t key_n;
    uint8_t key[];
};

static struct kept_row *keep_row(struct arena *arena, const struct row *x)
{
    struct kept_row *k = arena_alloc(arena, sizeof *k + x->key_n);
    if (!k)
        return NULL;
    k->kind = x->kind;
    k->seen = x->seen;
    k->lost = x->lost;
    k->key_n = x->key_n;
    memcpy(k->key, x->key, x->key_n);
    return k;
}

/* Of all runs, in wall time; in order, in the arena. */
static int read_waiting(struct spool *s, struct arena *arena, struct kept_row **ret)
{
    static const char sql[] =
        "SELECT s.kind, s.key, s.first + r.correction, s.last + r.correction, s.lost, s.tried,"
        " s.aside_at FROM run r CROSS JOIN stretch s ON s.run = r.id"
        " WHERE s.place < 2 ORDER BY 1, 2, 3";
    static_assert(PLACE_LEAVING == 1 && PLACE_ASIDE == 2, "as it says");
    struct row row = rows_start(RUN_NONE, PLACE_WAITING, ROW_SIGHTING);
    struct kept_row **end = ret;
    AUTO(sql_reset) sqlite3_stmt *st = NULL;
    int r = sql_use(s, sql, NULL, 0, &st);
    while (r >= 0 && (r = sql_step(s, st)) == 1) {
        r = row_read(s, st, &row);
        if (r < 0)
            break;
        *end = keep_row(arena, &row);
        if (!*end)
            return sql_error(s, SQLITE_NOMEM);
        end = &(*end)->next;
    }
    return r < 0 ? r : 0;
}

static int tell_kept(struct telling *t, const struct kept_row *k)
{
    int r = 0;
    for (; k && r == 0; k = k->next) {
        struct row row = rows_start(RUN_NONE, PLACE_WAITING, k->kind);
        row.seen = k->seen;
        row.lost = k->lost;
        row.key_n = k->key_n;
        memcpy(row.key, k->key, k->key_n);
        r = gather(t, &row);
    }
    return r == 0 ? tell(t) : r;
}

int spool_waiting(struct spool *s, const struct spool_reader *reader)
{
    AUTO(arena) struct arena arena = {.blocks = NULL};
    AUTO(telling) struct telling t = {.s = s, .reader = reader};
    struct kept_row *first = NULL;
    int r = read_waiting(s, &arena, &first);
    sql_rest(s);
    return r < 0 ? r : tell_kept(&t, first);
}

/* ---- Counts -------------------------------------------------------------------------- */

static int count_all(struct spool *s, struct spool_counts *c)
{
    static const char waiting_sql[] =
        "SELECT count(*) FROM run CROSS JOIN stretch ON stretch.run = run.id WHERE place < 2";
    static const char aside_sql[] =
        "SELECT count(*) FROM run CROSS JOIN stretch ON stretch.run = run.id WHERE place = 2";
    static const char history_sql[] = "SELECT count(*) FROM stretch WHERE run = 0";
    static const char runs_sql[] =
        "SELECT count(*) FROM run WHERE EXISTS"
        " (SELECT 1 FROM stretch WHERE stretch.run = run.id AND place < 2)";
    static const char oldest_sql[] = "SELECT min(stretch.first + run.correction) FROM run"
                                     " CROSS JOIN stretch ON stretch.run = run.id"
                                     " WHERE place < 2";
    const struct {
        const char *sql;
        int64_t *ret;
    } all[] = {{waiting_sql, &c->waiting},
               {aside_sql, &c->aside},
               {history_sql, &c->history},
               {runs_sql, &c->runs},
               {oldest_sql, &c->oldest.s}};
    int r = 0;
    for (size_t i = 0; i < ARRAY_LEN(all) && r >= 0; i++)
        r = sql_get(s, all[i].sql, NULL, 0, all[i].ret);
    return r < 0 ? r : 0;
}

int spool_count(struct spool *s, struct spool_counts *ret)
{
    struct spool_counts c = {.oldest = WALL_END};
    struct stat st;
    int r = sql_begin_read(s);
    if (r < 0)
        return r;
    r = sql_end(s, count_all(s, &c));
    if (r < 0)
        return r;
    if (stat(s->path, &st) != 0)
        return diag_set(&s->diag, -errno, "%s: %s", s->path, strerror(errno));
    c.bytes = st.st_size;
    *ret = c;
    return 0;
}

/* ---- What is too old ----------------------------------------------------------------- */

int spool_prune(struct spool *s, wall_t before, wall_t sent_before)
{
    static const char history_sql[] = "DELETE FROM stretch WHERE run = 0 AND last < ?1";
    static const char sent_sql[] =
        "DELETE FROM stretch WHERE run > 0 AND place = 4 AND aside_at < ?1";
    static_assert(PLACE_SENT == 4, "as it says");
    int r = sql_begin(s);
    if (r < 0)
        return r;
    s->history_rows = s->sent_rows = -1;
    r = SQL_RUN(s, history_sql, INT(before.s));
    if (r == 0)
        r = SQL_RUN(s, sent_sql, INT(sent_before.s));
    if (r == 0 && s->run != RUN_NONE)
        r = runs_forget(s);
    r = sql_end(s, r);
    if (r == 0)
        reserve_shrink(s);
    return r;
}
