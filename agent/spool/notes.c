/* Notes: small texts by name. */
#include "spool/spool_parts.h"

#include "base/text.h"

#include <errno.h>
#include <string.h>

static const char put_sql[] = "INSERT INTO note VALUES(?1, ?2)"
                              " ON CONFLICT DO UPDATE SET value = ?2 WHERE value <> ?2";
static const char remove_sql[] = "DELETE FROM note WHERE name = ?1";
static const char get_sql[] = "SELECT value FROM note WHERE name = ?1";

int note_put(struct spool *s, const char *name, const char *value)
{
    struct value by_name = TEXT(name, strlen(name));
    if (!value)
        return SQL_RUN(s, remove_sql, by_name);
    size_t n = strlen(value);
    if (n > SPOOL_NOTE_MAX)
        return diag_set(&s->diag, -ERANGE, "the note %s is too long: %zu bytes", name, n);
    return SQL_RUN(s, put_sql, by_name, TEXT(value, n));
}

int note_get(struct spool *s, const char *name, char **ret)
{
    AUTO(sql_reset) sqlite3_stmt *st = NULL;
    int r = SQL_USE(s, get_sql, &st, TEXT(name, strlen(name)));
    if (r == 0)
        r = sql_step(s, st);
    if (r < 0)
        return r;
    char *value = NULL;
    const char *said = r == 1 ? (const char *)sqlite3_column_text(st, 0) : NULL;
    if (said)
        value = strdup(said);
    if (r == 1 && !value)
        return sql_error(s, SQLITE_NOMEM);
    *ret = value;
    return 0;
}

int note_get_broken(struct spool *s, wall_t *ret)
{
    AUTO_FREE char *text = NULL;
    int64_t since = 0;
    int r = note_get(s, NOTE_BROKEN, &text);
    if (r < 0 || !text)
        return r;
    if (text_to_int(text_of(text), WALL_MIN.s, WALL_MAX.s, &since) != 0)
        return sql_damaged(s, "a note");
    ret->s = since;
    return 1;
}

int spool_note_put(struct spool *s, const char *name, const char *value)
{
    int r = sql_begin(s);
    return r < 0 ? r : sql_end(s, note_put(s, name, value));
}

int spool_note_get(struct spool *s, const char *name, char **ret)
{
    int r = note_get(s, name, ret);
    sql_rest(s);
    return r;
}
