/*
 * Sums over rows. What is sent is evidence: a byte that a bad disk changes must not become an
 * address that nobody had. SQLite's own check sees damage to its structure, not to values; so
 * each row carries a sum of itself, which opening compares. It guards against chance, not
 * against people.
 */
#include "spool/spool_parts.h"

#include <string.h>

/* FNV-1a: each step is one to one, so a single changed byte always changes the sum. */
#define SUM_START UINT32_C(2166136261)
#define SUM_PRIME UINT32_C(16777619)

static uint32_t add_bytes(uint32_t sum, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum = (sum ^ p[i]) * SUM_PRIME;
    return sum;
}

static uint32_t add_number(uint32_t sum, uint64_t v)
{
    uint8_t bytes[sizeof v];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(v >> (8 * i));
    return add_bytes(sum, bytes, sizeof bytes);
}

static uint32_t add_value(uint32_t sum, sqlite3_value *v)
{
    if (sqlite3_value_type(v) != SQLITE_BLOB)
        return add_number(sum, (uint64_t)sqlite3_value_int64(v));
    const uint8_t *p = sqlite3_value_blob(v);
    size_t n = (size_t)sqlite3_value_bytes(v);
    sum = add_number(sum, n);
    return p ? add_bytes(sum, p, n) : sum;
}

/* sum32(value, …): numbers and bytes, as a number of 32 bits with a sign, the shortest that
 * SQLite stores. */
static void sum32(sqlite3_context *context, int n, sqlite3_value **values)
{
    uint32_t sum = SUM_START;
    for (int i = 0; i < n; i++)
        sum = add_value(sum, values[i]);
    sqlite3_result_int64(context, (int64_t)sum - (INT64_C(1) << 31));
}

int sum_install(struct spool *s)
{
    int rc = sqlite3_create_function_v2(s->db, "sum32", -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                        NULL, sum32, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : sql_error(s, rc);
}
