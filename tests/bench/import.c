/* Recorded reports, their import, and the bare insert of the rows that it leaves. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/plan.h"
#include "store/store.h"

enum { REPORT_STEP = 3600, SEEN = 600 };

/*
 * One report of one server: its licence, three sources of sightings, two mail domains. Reports
 * of a server lie an hour apart and what each saw lasts ten minutes, so that nothing joins:
 * each leaves rows of its own.
 */
static void write_report(FILE *f, int64_t server, int64_t report)
{
    int64_t at = PLAN_BEGIN.s + report * REPORT_STEP + server % REPORT_STEP;
    long long first = at - SEEN, last = at - 60, number = server + 1;
    char host[32];

    (void)snprintf(host, sizeof host, "5.%lld.%lld.%lld", (long long)(server % PLAN_RESELLERS),
                   (long long)(server / PLAN_RESELLERS >> 8),
                   (long long)(server / PLAN_RESELLERS & 255));
    fprintf(f,
            "{\"server\":\"srv-%lld\",\"sent_at\":%lld,\"received_at\":%lld,\"peer\":\"%s\","
            "\"report\":{\"format\":1,\"agent_version\":\"1.0.0\",\"boot_id\":"
            "\"0d9c6f0e-7c1c-4f7e-9d0f-%012llx\",\"counter\":%lld,\"live\":true,\"licenses\":"
            "[{\"license\":\"PLSK.%08lld\",\"version\":\"0003\",\"product\":\"plesk-unified\","
            "\"edition\":\"web-pro\",\"expires\":\"2026-12-04\"}],\"sightings\":[",
            number, (long long)at, (long long)at + 1, host, (unsigned long long)number,
            (long long)report + 1, number);
    for (int i = 0; i < 3; i++)
        fprintf(f,
                "%s{\"license\":\"PLSK.%08lld\",\"address\":\"%s\",\"source\":\"%s\","
                "\"first\":%lld,\"last\":%lld}",
                i > 0 ? "," : "", number, host,
                (const char *const[]){"keyserver", "interface", "panel"}[i], first, last);
    fputs("],\"mailboxes\":[", f);
    for (int i = 0; i < 2; i++)
        fprintf(f,
                "%s{\"domain\":\"d%lld-%d.example.net\",\"mailboxes\":%d,\"aliases\":12,"
                "\"forwards\":3,\"lists\":0,\"catch_all\":false,\"alias_domains\":1,"
                "\"filtered\":true,\"first\":%lld,\"last\":%lld}",
                i > 0 ? "," : "", number, i, 40 + i, first, last);
    fputs("]}}\n", f);
}

int bench_reports(const char *path, int64_t servers, int64_t reports)
{
    FILE *f = fopen(path, "we");

    if (!f)
        bench_die("%s: %s", path, strerror(errno));
    for (int64_t r = 0; r < reports; r++)
        for (int64_t s = 0; s < servers; s++)
            write_report(f, s, r);
    if (fclose(f) != 0)
        bench_die("%s: %s", path, strerror(errno));
    bench_value("reports", servers * reports);
    return 0;
}

static void make_empty(const char *path)
{
    struct store *s = NULL;
    struct diag d = {""};
    AUTO_FREE char *url = NULL;

    if (asprintf(&url, "sqlite:%s", path) < 0 || store_open(url, STORE_CREATE, &s, &d) < 0)
        bench_die("%s: %s", path, d.text);
    store_close(s);
}

int bench_import(const char *program, const char *store, const char *reports)
{
    AUTO_FREE char *url = NULL;
    int status = 0;

    if (asprintf(&url, "sqlite:%s", store) < 0)
        bench_die("out of memory");
    make_empty(store);
    struct meter m = meter_start();
    pid_t child = fork();
    if (child == 0) {
        int quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(quiet, STDOUT_FILENO);
        execl(program, program, "--store", url, "import", "reports", reports, (char *)NULL);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
        bench_die("%s import reports: status %d", program, status);
    meter_print(&m);
    return 0;
}

/* ---- The bare loop --------------------------------------------------------------------- */

/* The tables that a report fills, each by the time of its rows: the order in which they came.
 */
static const struct bare_table {
    const char *select, *insert;
} tables[] = {
    {"SELECT id, name FROM server ORDER BY id", "INSERT INTO server(id, name) VALUES(?1, ?2)"},
    {"SELECT * FROM machine ORDER BY id", "INSERT INTO machine VALUES(?1, ?2, ?3)"},
    {"SELECT * FROM sighting ORDER BY first",
     "INSERT INTO sighting VALUES(?1, ?2, ?3, ?4, ?5, ?6)"},
    {"SELECT * FROM license_seen ORDER BY first_received",
     "INSERT INTO license_seen VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"},
    {"SELECT * FROM report ORDER BY received", "INSERT INTO report VALUES(?1, ?2, ?3, ?4)"},
    {"SELECT * FROM mail_row ORDER BY first",
     "INSERT INTO mail_row VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"},
};
enum { TABLES = ARRAY_LEN(tables), COLUMNS_MOST = 11 };

/* A table's rows in memory, so that the loop does nothing but insert. */
struct rows {
    sqlite3_value **cells;
    int64_t n, cap;
    int columns;
};

static void rows_load(struct rows *rows, sqlite3 *db, const char *select)
{
    sqlite3_stmt *st = raw_prepare(db, select);

    rows->columns = sqlite3_column_count(st);
    for (; raw_next(st); rows->n++) {
        if (rows->n == rows->cap) {
            rows->cap = 2 * rows->cap + 1024;
            rows->cells =
                realloc(rows->cells, (size_t)rows->cap * COLUMNS_MOST * sizeof *rows->cells);
            if (!rows->cells)
                bench_die("out of memory");
        }
        for (int i = 0; i < rows->columns; i++)
            rows->cells[rows->n * rows->columns + i] =
                sqlite3_value_dup(sqlite3_column_value(st, i));
    }
    sqlite3_finalize(st);
}

static void rows_free(struct rows *rows)
{
    for (int64_t i = 0; i < rows->n * rows->columns; i++)
        sqlite3_value_free(rows->cells[i]);
    free(rows->cells);
}

static void rows_insert(const struct rows *rows, sqlite3_stmt *st, int64_t from, int64_t to)
{
    for (int64_t i = from; i < to; i++) {
        for (int k = 0; k < rows->columns; k++)
            sqlite3_bind_value(st, k + 1, rows->cells[i * rows->columns + k]);
        raw_run(st);
    }
}

int bench_insert(const char *from, const char *to, int64_t commits)
{
    struct rows rows[TABLES] = {{.n = 0}};
    sqlite3_stmt *insert[TABLES];
    int64_t n = 0;
    sqlite3 *source = raw_open(from);

    for (size_t t = 0; t < TABLES; t++)
        rows_load(&rows[t], source, tables[t].select);
    sqlite3_close(source);
    make_empty(to);
    struct meter m = meter_start();
    sqlite3 *db = raw_open(to);
    raw_exec(db,
             "PRAGMA synchronous = FULL; PRAGMA mmap_size = 0; PRAGMA cache_size = -65536;");
    for (size_t t = 0; t < TABLES; t++)
        insert[t] = raw_prepare(db, tables[t].insert);
    for (int64_t c = 0; c < commits; c++) {
        raw_exec(db, "BEGIN IMMEDIATE");
        for (size_t t = 0; t < TABLES; t++)
            rows_insert(&rows[t], insert[t], rows[t].n * c / commits,
                        rows[t].n * (c + 1) / commits);
        raw_exec(db, "COMMIT");
    }
    for (size_t t = 0; t < TABLES; t++) {
        sqlite3_finalize(insert[t]);
        n += rows[t].n;
    }
    sqlite3_close(db);
    meter_print(&m);
    for (size_t t = 0; t < TABLES; t++)
        rows_free(&rows[t]);
    bench_value("rows", n);
    return 0;
}
