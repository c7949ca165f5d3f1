/*
 * What was acknowledged, kept for a while as it was sent: a collector whose store is put back
 * from a backup has lost what it was told since. Bound to the server as which it was sent: what
 * one server saw is never said again in the name of another.
 */
#include "spool/spool_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int sent_keep(struct spool *s, const struct row *x)
{
    struct row kept = *x;
    kept.place = PLACE_SENT;
    kept.aside_at = s->leaving.now.s;
    kept.was_retried = kept.was_told = false;
    return row_join(s, &kept, SPOOL_MERGE_GAP, LOST_ADDED);
}

int sent_forget(struct spool *s)
{
    static const char sql[] = "DELETE FROM stretch WHERE run > 0 AND place = 4";
    static_assert(PLACE_SENT == 4, "as it says");
    s->sent_rows = -1;
    return sql_run(s, sql, NULL, 0);
}

/* ---- Whose it is --------------------------------------------------------------------- */

/* Behind "BOOT COUNTER " of the note. */
static bool is_of(const char *note, const char *server)
{
    const char *counter = strchr(note, ' ');
    const char *name = counter ? strchr(counter + 1, ' ') : NULL;
    return name && strcmp(name + 1, server) == 0;
}

/* 1 when what is kept was acknowledged to this server, 0, or an error. */
static int is_bound(struct spool *s, const char *server)
{
    AUTO_FREE char *note = NULL;
    int r = note_get(s, SPOOL_NOTE_ACKNOWLEDGED, &note);
    return r < 0 ? r : note && is_of(note, server);
}

int sent_bind(struct spool *s, const char *server)
{
    int r = is_bound(s, server);
    return r == 0 ? sent_forget(s) : r < 0 ? r : 0;
}

int sent_note(struct spool *s, const char *server)
{
    static const char sql[] = "SELECT boot, counter FROM run WHERE id = ?1";
    char note[UUID_TEXT_SIZE + CAP_ID + 32];
    char text[UUID_TEXT_SIZE];
    struct uuid boot;
    AUTO(sql_reset) sqlite3_stmt *st = NULL;
    int r = SQL_USE(s, sql, &st, INT(s->leaving.run));
    if (r == 0)
        r = sql_step(s, st);
    if (r < 0)
        return r;
    const void *bytes = r == 1 ? sqlite3_column_blob(st, 0) : NULL;
    if (!bytes || sqlite3_column_bytes(st, 0) != (int)sizeof boot.bytes)
        return sql_damaged(s, "a run");
    memcpy(boot.bytes, bytes, sizeof boot.bytes);
    (void)snprintf(note, sizeof note, "%s %" PRId64 " %.*s", uuid_format(&boot, text),
                   (int64_t)sqlite3_column_int64(st, 1), CAP_ID, server);
    return note_put(s, SPOOL_NOTE_ACKNOWLEDGED, note);
}

/* ---- Again --------------------------------------------------------------------------- */

static int run_waits_again(struct spool *s, int64_t run)
{
    struct row at = rows_start(run, PLACE_SENT, ROW_SIGHTING);
    int r;
    while ((r = rows_next(s, &at)) == 1) {
        struct row again = at;
        again.place = PLACE_WAITING;
        again.was_told = true;
        again.aside_at = 0;
        r = row_remove(s, &at);
        if (r == 0)
            r = row_join(s, &again, SPOOL_MERGE_GAP, LOST_ADDED);
        if (r < 0)
            return r;
    }
    return r;
}

static int wait_again(struct spool *s)
{
    static const char next_sql[] = "SELECT id FROM run WHERE id > ?1 ORDER BY id LIMIT 1";
    int64_t run = RUN_NONE;
    int r;
    while ((r = SQL_GET(s, next_sql, &run, INT(run))) == 1) {
        r = run_waits_again(s, run);
        if (r < 0)
            return r;
    }
    return r;
}

int spool_resend(struct spool *s, const char *server, int64_t *ret_rows)
{
    int64_t rows = 0;
    int r = sql_begin(s);
    if (r < 0)
        return r;
    r = sent_bind(s, server);
    if (r == 0)
        r = rows_count(s);
    if (r == 0) /* what never was acknowledged must not go for it */
        r = drop_old_sent(s, s->rows < s->cap ? s->cap - s->rows : 0);
    if (r == 0)
        r = rows_count(s);
    if (r == 0) {
        rows = s->sent_rows;
        r = wait_again(s);
    }
    r = sql_end(s, r);
    if (r == 0)
        *ret_rows = rows;
    return r;
}
