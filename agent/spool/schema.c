/* The tables of a spool: how they are made, and whether a file holds them, sound. */
#include "spool/spool_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A number beyond it is no version, but damage. */
enum { SCHEMA_MAX = 255 };

/* What a file may claim without the sums of this program overflowing. */
#define SANE(column) #column " BETWEEN -9007199254740992 AND 9007199254740992"

/* Its places are numbered from 0 to this one. */
#define STRETCH_TABLE(last_place)                                                              \
    "CREATE TABLE stretch("                                                                    \
    "run INTEGER NOT NULL, "                                                                   \
    "place INTEGER NOT NULL, "                                                                 \
    "kind INTEGER NOT NULL, "                                                                  \
    "key BLOB NOT NULL, "                                                                      \
    "first INTEGER NOT NULL, "                                                                 \
    "last INTEGER NOT NULL, "                                                                  \
    "lost INTEGER NOT NULL, "                                                                  \
    "tried INTEGER NOT NULL, "                                                                 \
    "aside_at INTEGER NOT NULL, "                                                              \
    "sum INTEGER NOT NULL, "                                                                   \
    "CHECK(first <= last AND " SANE(first) " AND " SANE(last) " AND " SANE(                    \
        aside_at) "), "                                                                        \
                  "CHECK(run >= 0 AND place BETWEEN 0 AND " last_place                         \
                  " AND (run = 0) = (place = 3)), "                                            \
                  "PRIMARY KEY(run, place, kind, key, first)) STRICT, WITHOUT ROWID"
static_assert(PLACE_HISTORY == 3 && PLACE_SENT == 4, "as they are written here");

static const char stretch_of_1[] = STRETCH_TABLE("3");

/* As SQLite keeps them, and as they are compared: any other text is no spool of ours. */
enum { TABLE_STRETCH = 1 };
static const char *const tables[] = {
    "CREATE TABLE run("
    "id INTEGER PRIMARY KEY, "
    "boot BLOB NOT NULL UNIQUE, "
    "kernel BLOB NOT NULL, "
    "started INTEGER NOT NULL, "
    "started_s INTEGER NOT NULL, "
    "correction INTEGER NOT NULL, " /* as last known */
    "counter INTEGER NOT NULL, "    /* the last that a body had */
    "is_leaving INTEGER NOT NULL, " /* a report of it is on its way */
    "sum INTEGER NOT NULL, "
    "CHECK(length(boot) = 16 AND length(kernel) = 16 AND id > 0 AND counter >= 0), "
    "CHECK(" SANE(id) " AND " SANE(started) " AND " SANE(started_s) " AND " SANE(
        correction) " AND " SANE(counter) ")) STRICT",

    [TABLE_STRETCH] = STRETCH_TABLE("4"),

    "CREATE TABLE note("
    "name TEXT PRIMARY KEY NOT NULL, "
    "value TEXT NOT NULL) STRICT, WITHOUT ROWID",
};

/* The number that PRAGMA says of the file. */
static int get_number(struct spool *s, const char *pragma, int64_t *ret)
{
    int r = sql_get(s, pragma, NULL, 0, ret);
    return r == 0 ? sql_damaged(s, "its head") : r;
}

/* Whose file it is, and of which version. 1, 0 for an empty one. */
static int check_head(struct spool *s)
{
    int64_t pages = 0;
    int64_t id = 0;
    int64_t version = 0;
    int r = get_number(s, "PRAGMA page_count", &pages);
    if (r >= 0)
        r = get_number(s, "PRAGMA application_id", &id);
    if (r >= 0)
        r = get_number(s, "PRAGMA user_version", &version);
    if (r < 0)
        return r;
    if (pages == 0 || (pages == 1 && id == 0 && version == 0))
        return 0; /* one page: the process ended after it had said how the file is kept */
    if (id != SPOOL_APPLICATION_ID)
        return diag_set(&s->diag, -EBADF, "%s is no spool of this program", s->path);
    if (version > SPOOL_SCHEMA && version <= SCHEMA_MAX)
        return diag_set(&s->diag, -EPROTO,
                        "%s was made by a newer version (schema %lld, this program knows %d): "
                        "use that version, or move the file away",
                        s->path, (long long)version, SPOOL_SCHEMA);
    if (version < SPOOL_SCHEMA_OLDEST || version > SPOOL_SCHEMA)
        return sql_damaged(s, "the schema's number");
    s->schema = version;
    return 1;
}

/* The table as a file of that version has it. */
static const char *table_of(size_t i, int64_t schema)
{
    return i == TABLE_STRETCH && schema == SPOOL_SCHEMA_OLDEST ? stretch_of_1 : tables[i];
}

static int check_tables(struct spool *s)
{
    static const char count_sql[] = "SELECT count(*) FROM sqlite_schema WHERE sql IS NOT NULL";
    static const char table_sql[] = "SELECT count(*) FROM sqlite_schema WHERE sql = ?1";
    int64_t n = 0;
    int r = sql_get(s, count_sql, NULL, 0, &n);
    if (r >= 0 && n != (int64_t)ARRAY_LEN(tables))
        return sql_damaged(s, "its tables");
    for (size_t i = 0; i < ARRAY_LEN(tables) && r >= 0; i++) {
        const char *table = table_of(i, s->schema);
        r = SQL_GET(s, table_sql, &n, TEXT(table, strlen(table)));
        if (r >= 0 && n != 1)
            return sql_damaged(s, "its tables");
    }
    return r < 0 ? r : 0;
}

/* All of it: the file is bounded by its caps, so this is too. */
static int check_whole(struct spool *s)
{
    sqlite3_stmt *st = NULL;
    int r = sql_use(s, "PRAGMA integrity_check(1)", NULL, 0, &st);
    if (r < 0)
        return r;
    r = sql_step(s, st);
    const char *said = r == 1 ? (const char *)sqlite3_column_text(st, 0) : NULL;
    if (r >= 0)
        r = said && strcmp(said, "ok") == 0 ? 0 : sql_damaged(s, said ? said : "its check");
    sql_reset_done(&st);
    return r;
}

/* Each row is what was written. */
static int check_sums(struct spool *s)
{
    static const char runs_sql[] =
        "SELECT 1 FROM run WHERE sum <> " RUN_SUM("correction", "counter", "is_leaving");
    static const char rows_sql[] = "SELECT 1 FROM stretch WHERE sum <> " ROW_SUM;
    static const char stray_sql[] = "SELECT 1 FROM stretch WHERE run > 0"
                                    " AND NOT EXISTS (SELECT 1 FROM run WHERE id = run)";
    static const char *const all[] = {runs_sql, rows_sql, stray_sql};
    int64_t one = 0;
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        int r = sql_get(s, all[i], NULL, 0, &one);
        if (r != 0)
            return r < 0 ? r : sql_damaged(s, "a row");
    }
    return 0;
}

int schema_check(struct spool *s)
{
    int found = check_head(s);
    int r = found == 1 ? check_tables(s) : 0;
    /* A write version that the library does not know makes it read-only, whatever its mode. */
    if (r == 0 && found == 1 && !s->is_reader && sqlite3_db_readonly(s->db, "main") == 1)
        r = sql_damaged(s, "its format");
    if (r == 0 && found == 1 && !s->is_reader)
        r = check_whole(s);
    if (r == 0 && found == 1 && !s->is_reader)
        r = check_sums(s);
    sql_rest(s);
    return r < 0 ? r : found;
}

/* The texts are compared, so the new table is made by its own and filled from the old one. The
 * rows are the same in both, and their sums with them. */
int schema_upgrade(struct spool *s)
{
    char head[64];
    (void)snprintf(head, sizeof head, "PRAGMA user_version = %d", SPOOL_SCHEMA);
    const char *const steps[] = {
        "ALTER TABLE stretch RENAME TO stretch_before", tables[TABLE_STRETCH],
        "INSERT INTO stretch SELECT * FROM stretch_before", "DROP TABLE stretch_before", head};
    int r = sql_begin(s);
    if (r < 0)
        return r;
    for (size_t i = 0; i < ARRAY_LEN(steps) && r == 0; i++)
        r = sql_exec(s, steps[i]);
    r = sql_end(s, r);
    if (r == 0)
        s->schema = SPOOL_SCHEMA;
    return r;
}

/* That a spool was set aside; also one of earlier, where there was no time, or no room, to make
 * a new one then. */
static int note_broken(struct spool *s, const struct spool_found *found)
{
    char since[32];
    struct spool_found known = *found;
    int r = known.was_broken ? 1 : broken_find(s, &known);
    if (r <= 0)
        return r;
    (void)snprintf(since, sizeof since, "%lld", (long long)known.broken_since.s);
    return note_put(s, NOTE_BROKEN, since);
}

int schema_create(struct spool *s, const struct spool_found *found)
{
    char head[128];
    (void)snprintf(head, sizeof head, "PRAGMA application_id = %d; PRAGMA user_version = %d",
                   SPOOL_APPLICATION_ID, SPOOL_SCHEMA);
    int r = sql_exec(s, "PRAGMA auto_vacuum = INCREMENTAL");
    if (r == 0)
        r = sql_begin(s);
    if (r < 0)
        return r;
    for (size_t i = 0; i < ARRAY_LEN(tables) && r == 0; i++)
        r = sql_exec(s, tables[i]);
    if (r == 0)
        r = sql_exec(s, head);
    if (r == 0)
        r = note_broken(s, found);
    return sql_end(s, r);
}
