/* What SQLite alone needs: the rows of all sightings in key order, each column looked at. */
#include "bench/bench.h"

int bench_read(const char *path)
{
    struct meter m = meter_start();
    sqlite3 *db = raw_open(path);
    /* The cache that the store gives itself. */
    raw_exec(db, "PRAGMA mmap_size = 0; PRAGMA cache_size = -65536;");
    sqlite3_stmt *st =
        raw_prepare(db, "SELECT license, machine, address, source, first, last FROM sighting"
                        " ORDER BY license, machine, address, source, first");
    int64_t rows = 0;
    uint64_t sum = 0;
    for (; raw_next(st); rows++) {
        const uint8_t *address = sqlite3_column_blob(st, 2);
        sum += (uint64_t)sqlite3_column_int64(st, 0) + (uint64_t)sqlite3_column_int64(st, 1);
        sum += (uint64_t)sqlite3_column_bytes(st, 2) + (address ? address[0] : 0);
        sum += (uint64_t)sqlite3_column_int64(st, 3) + (uint64_t)sqlite3_column_int64(st, 4);
        sum += (uint64_t)sqlite3_column_int64(st, 5);
    }
    sqlite3_finalize(st);
    sqlite3_close(db);
    bench_value("rows", rows);
    bench_value("checksum",
                (int64_t)(sum % 1000000007)); /* so that nothing is optimised away */
    meter_print(&m);
    return 0;
}
