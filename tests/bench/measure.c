/* Times and memory, and SQLite without ceremony. */
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <time.h>

#include "bench/bench.h"

void bench_die(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fputs("bench: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    exit(EX_SOFTWARE);
}

static int64_t cpu_us(int who)
{
    struct rusage u;
    getrusage(who, &u);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * INT64_C(1000000) + u.ru_utime.tv_usec +
           u.ru_stime.tv_usec;
}

static int64_t memory_kb(int who)
{
    struct rusage u;
    getrusage(who, &u);
    return u.ru_maxrss;
}

static int64_t wall_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

struct meter meter_start(void)
{
    return (struct meter){cpu_us(RUSAGE_SELF), cpu_us(RUSAGE_CHILDREN), wall_us()};
}

void meter_print(const struct meter *start)
{
    int64_t own = memory_kb(RUSAGE_SELF), child = memory_kb(RUSAGE_CHILDREN);
    int64_t cpu =
        cpu_us(RUSAGE_SELF) - start->cpu_us + cpu_us(RUSAGE_CHILDREN) - start->children_us;

    bench_value("cpu_ms", cpu / 1000);
    bench_value("wall_ms", (wall_us() - start->wall_us) / 1000);
    bench_value("memory_kb", own > child ? own : child);
}

void bench_value(const char *name, int64_t value)
{
    printf("%s %lld\n", name, (long long)value);
    fflush(stdout);
}

sqlite3 *raw_open(const char *path)
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        bench_die("%s: %s", path, db ? sqlite3_errmsg(db) : "out of memory");
    return db;
}

void raw_exec(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        bench_die("%s: %s", sql, sqlite3_errmsg(db));
}

sqlite3_stmt *raw_prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
        bench_die("%s: %s", sql, sqlite3_errmsg(db));
    return st;
}

void raw_ints(sqlite3_stmt *st, int at, size_t n, const int64_t *v)
{
    for (size_t i = 0; i < n; i++)
        sqlite3_bind_int64(st, at + (int)i, v[i]);
}

void raw_text(sqlite3_stmt *st, int at, const char *text)
{
    sqlite3_bind_text(st, at, text, -1, SQLITE_STATIC);
}

bool raw_next(sqlite3_stmt *st)
{
    int rc = sqlite3_step(st);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        bench_die("%s", sqlite3_errmsg(sqlite3_db_handle(st)));
    return rc == SQLITE_ROW;
}

void raw_run(sqlite3_stmt *st)
{
    if (raw_next(st))
        bench_die("a row that nobody asked for: %s", sqlite3_sql(st));
    sqlite3_reset(st);
}
