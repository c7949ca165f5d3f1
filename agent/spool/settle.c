/* What becomes of the report that was on its way. */
#include "spool/spool_parts.h"

#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Ends the call; where it was done nothing is on its way any more. */
static int settled(struct spool *s, int r)
{
    r = sql_end(s, r);
    if (r >= 0)
        s->leaving.run = RUN_NONE;
    return r;
}

/* ---- Acknowledged -------------------------------------------------------------------- */

/* History has the times that the collector was told. What was told before is in it already. */
static int to_history(struct spool *s, const struct row *x)
{
    struct row kept = *x;
    enum lost_rule rule = x->was_told ? LOST_IF_NEW : LOST_ADDED;
    row_to_wall(&kept, s->leaving.correction, s->leaving.now);
    kept.run = RUN_NONE;
    kept.place = PLACE_HISTORY;
    kept.was_retried = kept.was_told = false;
    return row_join(s, &kept, SPOOL_MERGE_GAP, rule);
}

static int keep_rows(struct spool *s, bool is_sent_kept)
{
    struct row at = rows_start(s->leaving.run, PLACE_LEAVING, ROW_SIGHTING);
    int r;
    while ((r = rows_next(s, &at)) == 1) {
        r = row_remove(s, &at);
        if (r == 0)
            r = to_history(s, &at);
        if (r == 0 && is_sent_kept)
            r = sent_keep(s, &at);
        if (r < 0)
            return r;
    }
    return r;
}

/* Without room: what could be sent again gives its own up, and not a page more is written. */
static int acknowledge(struct spool *s, const char *server, bool is_lacking, bool has_room)
{
    bool is_sent_kept = has_room && server[0] != '\0';
    int r = sql_begin(s);
    if (r < 0)
        return r;
    r = is_sent_kept ? sent_bind(s, server) : has_room ? 0 : sent_forget(s);
    if (r == 0)
        r = keep_rows(s, is_sent_kept);
    if (r == 0 && is_sent_kept)
        r = reserve_keep(s); /* else the next report could not be made */
    if (r == 0 && is_sent_kept && !is_lacking)
        r = sent_note(s, server);
    if (r == 0)
        r = run_come_home(s, s->leaving.run);
    if (r == 0)
        r = drop_over_sent_cap(s);
    if (r == 0)
        r = runs_forget(s);
    if (r == 0)
        r = drop_old_history(s);
    return settled(s, r);
}

int spool_acknowledge(struct spool *s, const char *server, bool is_lacking)
{
    if (s->leaving.run == RUN_NONE)
        return 0;
    int r = acknowledge(s, server, is_lacking, true);
    if (r == -ENOSPC) /* what is free now is needed here: it is not given back to the disk */
        return acknowledge(s, server, is_lacking, false);
    if (r == 0)
        reserve_shrink(s);
    return r;
}

/* ---- Given back ---------------------------------------------------------------------- */

int spool_give_back(struct spool *s)
{
    if (s->leaving.run == RUN_NONE)
        return 0;
    int r = sql_begin(s);
    return r < 0 ? r : settled(s, runs_recall(s));
}

/* ---- Refused ------------------------------------------------------------------------- */

/* Which entry a pointer names. */
struct entry {
    enum { ENTRY_ALL, ENTRY_LICENSE, ENTRY_ROW } what;
    enum row_kind kind;
    int64_t index;
};

/* "/mailboxes/3/domain", "/sightings/0". */
static struct entry read_pointer(const char *at)
{
    static const struct {
        const char *list;
        struct entry entry;
    } lists[] = {{"/licenses/", {ENTRY_LICENSE, ROW_SIGHTING, 0}},
                 {"/sightings/", {ENTRY_ROW, ROW_SIGHTING, 0}},
                 {"/mailboxes/", {ENTRY_ROW, ROW_MAILBOXES, 0}},
                 {"/gaps/", {ENTRY_ROW, ROW_GAP, 0}}};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        struct entry entry = lists[i].entry;
        size_t n = strlen(lists[i].list);
        if (strncmp(at, lists[i].list, n) != 0)
            continue;
        struct text index = {at + n, strcspn(at + n, "/")};
        if (text_to_int(index, 0, INT32_MAX, &entry.index) == 0)
            return entry;
    }
    return (struct entry){.what = ENTRY_ALL};
}

static int set_row_aside(struct spool *s, struct row *x)
{
    struct row kept = *x;
    kept.place = PLACE_ASIDE;
    kept.aside_at = s->leaving.now.s;
    int r = row_remove(s, x);
    return r < 0 ? r : row_join(s, &kept, SPOOL_MERGE_GAP, LOST_ADDED);
}

/* The entry of that number, in the order in which the report's lists were filled. *ret_rows =
 * 1, or untouched where there is none. */
static int set_entry_aside(struct spool *s, const struct entry *entry, int64_t *ret_rows)
{
    struct row at = rows_start(s->leaving.run, PLACE_LEAVING, entry->kind);
    int r = 1;
    for (int64_t i = 0; i <= entry->index && r == 1; i++) {
        r = rows_next(s, &at);
        if (r == 1 && at.kind != entry->kind)
            r = 0;
    }
    if (r <= 0)
        return r;
    *ret_rows = 1;
    return set_row_aside(s, &at);
}

static int set_all_aside(struct spool *s, int64_t *ret_rows)
{
    struct row at = rows_start(s->leaving.run, PLACE_LEAVING, ROW_SIGHTING);
    int64_t n = 0;
    int r;
    while ((r = rows_next(s, &at)) == 1) {
        r = set_row_aside(s, &at);
        if (r < 0)
            return r;
        n++;
    }
    *ret_rows = n;
    return r;
}

/* The last refusal, for status. */
static int note_refusal(struct spool *s, const char *at, const char *why)
{
    char text[CAP_DIAG];
    (void)snprintf(text, sizeof text, "%.*s: %.*s", REPORT_AT_SIZE, at, CAP_REASON / 2, why);
    return note_put(s, SPOOL_NOTE_REFUSED, text);
}

int spool_set_aside(struct spool *s, const char *at, const char *why, int64_t *ret_rows)
{
    struct entry entry = read_pointer(at);
    int64_t rows = 0;
    if (s->leaving.run == RUN_NONE) {
        *ret_rows = 0;
        return 0;
    }
    int r = sql_begin(s);
    if (r < 0)
        return r;
    if (entry.what == ENTRY_ROW)
        r = set_entry_aside(s, &entry, &rows);
    if (r == 0 && rows == 0 && entry.what != ENTRY_LICENSE)
        r = set_all_aside(s, &rows);
    if (r == 0)
        r = runs_recall(s); /* the others */
    if (r == 0)
        r = note_refusal(s, at, why);
    r = settled(s, r);
    if (r == 0)
        *ret_rows = rows;
    return r;
}

/* ---- Tried again --------------------------------------------------------------------- */

static int retry_run(struct spool *s, int64_t run, wall_t before)
{
    struct row at = rows_start(run, PLACE_ASIDE, ROW_SIGHTING);
    int r;
    while ((r = rows_next(s, &at)) == 1) {
        if (at.was_retried || at.aside_at >= before.s)
            continue;
        struct row again = at;
        again.place = PLACE_WAITING;
        again.was_retried = true;
        again.aside_at = 0;
        r = row_remove(s, &at);
        if (r == 0)
            r = row_join(s, &again, SPOOL_MERGE_GAP, LOST_ADDED);
        if (r < 0)
            return r;
    }
    return r;
}

int spool_retry_aside(struct spool *s, wall_t before)
{
    static const char next_sql[] = "SELECT id FROM run WHERE id > ?1 ORDER BY id LIMIT 1";
    int64_t run = RUN_NONE;
    int r = sql_begin(s);
    if (r < 0)
        return r;
    while ((r = SQL_GET(s, next_sql, &run, INT(run))) == 1) {
        r = retry_run(s, run, before);
        if (r < 0)
            break;
    }
    return sql_end(s, r);
}
