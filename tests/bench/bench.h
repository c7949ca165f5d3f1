/* What the benchmark's commands share: results as lines of "name value", and how to give up. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/defs.h"

/* The commands: each prints its results and returns an exit code. */
int bench_generate(const char *path, int64_t licenses);
int bench_read(const char *path);
int bench_audit(const char *path, int64_t periods);
int bench_expect(const char *path, int64_t licenses);
int bench_sql(const char *path);
int bench_reports(const char *path, int64_t servers, int64_t reports);
int bench_import(const char *program, const char *store, const char *reports);
/* Reports of five facts from so many servers, a commit for each batch; the times of each are
 * `spacing_s` after those of the one before of its server. */
struct bench_run {
    int64_t servers, reports, batch, spacing_s;
};
int bench_put(const char *path, const struct bench_run *run);
int bench_insert(const char *from, const char *to, int64_t commits);

/* Processor time (user and system) and wall time from here. */
struct meter {
    int64_t cpu_us, children_us, wall_us;
};
struct meter meter_start(void);
/* Prints cpu_ms and wall_ms since then, of this process and of children it waited for, and
 * the most memory that either ever held. */
void meter_print(const struct meter *start);
void bench_value(const char *name, int64_t value);

/* A benchmark has no one to return an error to: it says what failed and exits. */
_Noreturn void bench_die(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* SQLite by itself, beside the store: all of these die on an error. */
sqlite3 *raw_open(const char *path);
void raw_exec(sqlite3 *db, const char *sql);
sqlite3_stmt *raw_prepare(sqlite3 *db, const char *sql);
void raw_ints(sqlite3_stmt *st, int at, size_t n, const int64_t *v); /* ?at … */
void raw_text(sqlite3_stmt *st, int at, const char *text);
void raw_run(sqlite3_stmt *st);  /* one step that gives no row, and a reset */
bool raw_next(sqlite3_stmt *st); /* whether there is another row */

#endif
