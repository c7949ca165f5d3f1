/*
 * The spool, private to the files of this folder: the connection, its statements, and the rows.
 * In these files `sql_…` is ours and `sqlite3_…` is the library's.
 *
 * One table, `stretch`, holds all that is joined: what waits, what is on its way, what was set
 * aside, what could be sent again, and history. A row is a stretch of one key: what is said,
 * without its times. Its run and its place come first in the primary key, so that joins, and
 * walks over one place of one run, are ranges of it. Times are on the run's steady clock;
 * history, which is of no run (RUN_NONE), has wall time.
 */
#ifndef SPOOL_SPOOL_PARTS_H
#define SPOOL_SPOOL_PARTS_H

#include <sqlite3.h>

#include "spool/spool.h"

#define SPOOL_APPLICATION_ID 0x46725370 /* "FrSp", at offset 68 of the file */
#define SPOOL_SCHEMA 2
#define SPOOL_SCHEMA_OLDEST 1 /* it had no PLACE_SENT; is brought up by the keeper */

#define RUN_NONE INT64_C(0)

/* The numbers are stored. */
enum place {
    PLACE_WAITING = 0,
    PLACE_LEAVING = 1, /* on its way: no join touches it */
    PLACE_ASIDE = 2,   /* refused by the collector */
    PLACE_HISTORY = 3, /* acknowledged; of RUN_NONE */
    PLACE_SENT = 4,    /* acknowledged, too; as it was sent, in case it is lost there */
};

/* In the order of a report's lists; the numbers are stored. */
enum row_kind { ROW_SIGHTING = 0, ROW_MAILBOXES = 1, ROW_GAP = 2 };
#define ROW_KIND_COUNT 3

/* A domain, its end, five counts of three bytes and the flags: the longest key. */
#define ROW_KEY_MAX (CAP_DOMAIN + 1 + 5 * 3 + 1)

struct row {
    int64_t run;
    enum place place;
    enum row_kind kind;
    uint8_t key[ROW_KEY_MAX]; /* its order is that of licence, address, source; or of domains */
    size_t key_n;
    struct span seen;
    int64_t lost;     /* gaps: how much */
    bool was_retried; /* it was set aside before */
    bool was_told;    /* it, or a part of it, was acknowledged before */
    int64_t
        aside_at; /* wall time at which it was set aside, or sent (the last of it); else 0 */
};

enum { SQL_PREPARED = 32 };

struct spool {
    sqlite3 *db;
    char *path;
    int lock_fd; /* -1 = none */
    bool is_reader;
    bool in_write;
    struct diag diag;
    struct {
        const char *sql; /* by its address */
        sqlite3_stmt *st;
    } prepared[SQL_PREPARED]; /* of the present call: none is kept beyond it */
    int64_t cap, history_cap, sent_cap;
    int64_t rows, history_rows, sent_rows; /* what there is; -1 = to be counted again */
    int64_t run;                           /* the current one; RUN_NONE before spool_begin() */
    int64_t schema;                        /* of the file, as it was found */
    struct {
        int64_t run; /* RUN_NONE = nothing is on its way */
        int64_t correction;
        wall_t now;
    } leaving;
};

/* ---- Statements (sql.c) -------------------------------------------------------------- */

struct value {
    enum { VALUE_INT, VALUE_BLOB, VALUE_TEXT } kind;
    int64_t number;
    const void *bytes;
    size_t n;
};

#define INT(x) ((struct value){.kind = VALUE_INT, .number = (x)})
#define BLOB(p, len) ((struct value){.kind = VALUE_BLOB, .bytes = (p), .n = (len)})
#define TEXT(p, len) ((struct value){.kind = VALUE_TEXT, .bytes = (p), .n = (len)})
#define SQL_VALUES(...)                                                                        \
    (const struct value[])                                                                     \
    {                                                                                          \
        __VA_ARGS__                                                                            \
    }
#define SQL_COUNT(...) (sizeof(SQL_VALUES(__VA_ARGS__)) / sizeof(struct value))

/*
 * The error of ours for a result of SQLite's, its text in s->diag: -ENOSPC; -EAGAIN, somebody
 * reads for too long; -ENOMEM; -EROFS; -EBADF, the file is damaged, removed or replaced; -EIO.
 */
int sql_error(struct spool *s, int rc);
int sql_damaged(struct spool *s, const char *what); /* -EBADF */

/* Binds a statement (the text is known by its address) and hands it over, to be stepped and
 * reset before the next use of the same. */
MUST_USE int sql_use(struct spool *s, const char *sql, const struct value *v, size_t n,
                     sqlite3_stmt **ret);
#define SQL_USE(s, sql, ret, ...)                                                              \
    sql_use(s, sql, SQL_VALUES(__VA_ARGS__), SQL_COUNT(__VA_ARGS__), ret)

/* 1 with a row, 0 at the end, or an error. */
MUST_USE int sql_step(struct spool *s, sqlite3_stmt *st);

static inline void sql_reset_done(sqlite3_stmt **st)
{
    (void)sqlite3_reset(*st); /* repeats the step's error, which was dealt with */
}

/* A statement that gives no rows. 0 or an error. */
MUST_USE int sql_run(struct spool *s, const char *sql, const struct value *v, size_t n);
#define SQL_RUN(s, sql, ...) sql_run(s, sql, SQL_VALUES(__VA_ARGS__), SQL_COUNT(__VA_ARGS__))

/* 1 with the first column of the first row, 0 when there is none (or it is NULL), or an error.
 */
MUST_USE int sql_get(struct spool *s, const char *sql, const struct value *v, size_t n,
                     int64_t *ret);
#define SQL_GET(s, sql, ret, ...)                                                              \
    sql_get(s, sql, SQL_VALUES(__VA_ARGS__), SQL_COUNT(__VA_ARGS__), ret)

/* Several at once, without values. */
MUST_USE int sql_exec(struct spool *s, const char *sql);

/* A call that writes is one transaction. sql_end() commits where r is not negative, else it
 * undoes; it returns r, or why it could not be committed. */
MUST_USE int sql_begin(struct spool *s);
MUST_USE int sql_end(struct spool *s, int r);
/* A call that reads more than one statement sees one state; ended by sql_end(). */
MUST_USE int sql_begin_read(struct spool *s);
/* Statements away, memory back. sql_end() does it; a call of one statement does it itself. */
void sql_rest(struct spool *s);

/* ---- Rows (rows.c) ------------------------------------------------------------------- */

/* From what is to be put, run and place left alone: 0, or -EINVAL for what no report may hold
 * (text in s->diag). */
MUST_USE int row_of_sighting(struct spool *s, const struct report_sighting *x, struct row *ret);
MUST_USE int row_of_mailboxes(struct spool *s, const struct report_mailboxes *x,
                              struct row *ret);
MUST_USE int row_of_gap(struct spool *s, const struct report_gap *x, struct row *ret);

/* Back, with the times as they stand in the row. 0, or -EBADF for what was never written so. */
MUST_USE int row_to_sighting(struct spool *s, const struct row *x, struct report_sighting *ret);
MUST_USE int row_to_mailboxes(struct spool *s, const struct row *x,
                              struct report_mailboxes *ret);
MUST_USE int row_to_gap(struct spool *s, const struct row *x, struct report_gap *ret);

/* As the collector is told it: nothing was seen after `now`, whatever a clock said. */
void row_to_wall(struct row *x, int64_t correction, wall_t now);

/* Bytes of the key that name the subject: all but a domain's counts. */
size_t row_subject_n(const struct row *x);
bool row_is_spool_gap(const struct row *x);

/* kind, key, first, last, lost, tried, aside_at of a statement, from column 0; run and place
 * are left alone. 0 or -EBADF. */
#define ROW_COLUMNS "kind, key, first, last, lost, tried, aside_at"
MUST_USE int row_read(struct spool *s, sqlite3_stmt *st, struct row *ret);

/* Where a walk over one place of one run begins, at a kind. */
struct row rows_start(int64_t run, enum place place, enum row_kind kind);
/*
 * The row behind `at`, by kind, key and first. 1 with it in *at, 0 at the end, or an error.
 * Nothing is held between two steps: rows may be removed and added at will.
 */
MUST_USE int rows_next(struct spool *s, struct row *at);

MUST_USE int row_remove(struct spool *s, const struct row *x);
/* Where nothing is near: as it is. */
MUST_USE int row_insert(struct spool *s, const struct row *x);

/* What becomes of `lost` where gaps are joined: added, for what is known to be told once; or
 * the larger, where one lies within the other and may be the same told again. */
enum lost_rule { LOST_ADDED, LOST_IF_NEW };
/* The union with what its place holds (SPEC 3). */
MUST_USE int row_join(struct spool *s, const struct row *x, dur_t gap, enum lost_rule rule);

/* All of one place of a run to another place of it, joined there. */
MUST_USE int rows_move(struct spool *s, int64_t run, enum place from, enum place to);

/* s->rows, s->history_rows and s->sent_rows are known after it. */
MUST_USE int rows_count(struct spool *s);

/* ---- Sums (sum.c) -------------------------------------------------------------------- */

/* What `sum` of a row is made of: sum32() of these, in SQL. */
#define ROW_SUM "sum32(run, place, kind, key, first, last, lost, tried, aside_at)"
#define RUN_SUM(correction, counter, is_leaving)                                               \
    "sum32(id, boot, kernel, started, started_s, " correction ", " counter ", " is_leaving ")"
MUST_USE int sum_install(struct spool *s);

/* ---- Runs (runs.c) ------------------------------------------------------------------- */

/* How many runs may have something left: a crash loop starts one every few seconds. */
enum { RUNS_MAX = 1024 };

/* 0, or -EINVAL while there is no current one. */
MUST_USE int run_begun(struct spool *s);
/* What must be added to the times of a run. */
MUST_USE int run_correction(struct spool *s, int64_t run, int64_t *ret);
/* The clocks as they are: for the current run and those of its kernel. */
MUST_USE int runs_tick(struct spool *s, wall_t now, int64_t boot_s);
/* The report of a run is no longer on its way. */
MUST_USE int run_come_home(struct spool *s, int64_t run);
/* Reports of whatever run that are on their way go back. */
MUST_USE int runs_recall(struct spool *s);
/* Earlier runs without a row. */
MUST_USE int runs_forget(struct spool *s);

/* ---- Room (drop.c, reserve.c) -------------------------------------------------------- */

/* The oldest go until the caps are kept; what never was acknowledged leaves a gap. */
MUST_USE int drop_over_cap(struct spool *s);
MUST_USE int drop_old_history(struct spool *s);
/* The oldest of what could be sent again, until its cap is kept, or at most so many are left.
 */
MUST_USE int drop_over_sent_cap(struct spool *s);
MUST_USE int drop_old_sent(struct spool *s, int64_t most);
/* Runs go until at most RUNS_MAX are left: first those of which all was acknowledged, then the
 * oldest, with a gap. */
MUST_USE int drop_old_runs(struct spool *s);

/* Room that a full disk leaves us to send and to acknowledge with. -ENOSPC. */
MUST_USE int reserve_keep(struct spool *s);
/* The same of the journal; where that is not possible there is none. */
void reserve_journal(struct spool *s);
/* Gives a part of what is free, beyond the reserve, back to the disk. */
void reserve_shrink(struct spool *s);

/* ---- What could be sent again (sent.c) ----------------------------------------------- */

/* A row as it was on its way. */
MUST_USE int sent_keep(struct spool *s, const struct row *x);
/* All that is kept goes, where it was not acknowledged to this server. */
MUST_USE int sent_bind(struct spool *s, const char *server);
/* Notes that the report on its way is the last that this server's collector acknowledged. */
MUST_USE int sent_note(struct spool *s, const char *server);
MUST_USE int sent_forget(struct spool *s); /* all of it */

/* ---- Files (schema.c, broken.c) ------------------------------------------------------ */

/* 1: a spool, sound; 0: an empty file; -EBADF: no spool, or a broken one; -EPROTO; or an error.
 */
MUST_USE int schema_check(struct spool *s);
/* Of an older version: brought up, whole or not at all. */
MUST_USE int schema_upgrade(struct spool *s);
/* With a note of what was set aside to make room for it, or earlier (`found` says nothing). */
MUST_USE int schema_create(struct spool *s, const struct spool_found *found);

/* Renames the file and its journal to a name by `since`, which goes to ret->aside; removes the
 * oldest of such. 0 or -errno. */
MUST_USE int broken_set_aside(struct spool *s, wall_t since, struct spool_found *ret);
/* The newest that was set aside: 1 with ret filled, 0, or -errno. */
MUST_USE int broken_find(struct spool *s, struct spool_found *ret);

/* A file that was set aside and is not yet told of in a gap: the note holds since when. */
#define NOTE_BROKEN "spool.broken"
/* Within a transaction. */
MUST_USE int note_put(struct spool *s, const char *name, const char *value);
MUST_USE int note_get(struct spool *s, const char *name, char **ret);
/* 1 with since when, 0 when there is nothing to tell, or an error. */
MUST_USE int note_get_broken(struct spool *s, wall_t *ret);

#endif
