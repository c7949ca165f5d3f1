/* The next report: what it holds, within its limits, and that it is on its way. */
#include "spool/spool_parts.h"

#include "base/grow.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Of JSON, at most: what stands around the texts, the longest numbers included. */
enum {
    BYTES_MAX = 3 << 20,
    BYTES_AROUND = 1024,
    LICENSE_BYTES = 256,
    SIGHTING_BYTES = 192,
    MAILBOXES_BYTES = 256,
    GAP_BYTES = 128,
    ESCAPE_BYTES = 6, /* of one byte of a text */
};

/* On a full disk so many rows at once: they lie in few pages. */
enum { TIGHT_ROWS = 100 };

struct taking {
    int64_t run, correction;
    wall_t now;
    struct report report;
    size_t caps[ROW_KIND_COUNT]; /* allocated */
    int64_t bytes;
    size_t rows_left;
};

static void taking_done(struct taking *t)
{
    report_done(&t->report);
}

/* ---- What goes into it --------------------------------------------------------------- */

static int64_t text_bytes(const char *p)
{
    return (int64_t)strlen(p) * ESCAPE_BYTES;
}

static int add_licenses(struct taking *t, const struct spool_now *at)
{
    struct report *r = &t->report;
    size_t n = at->n_licenses;
    if (n > CAP_REPORT_LICENSES)
        n = CAP_REPORT_LICENSES;
    if (n == 0)
        return 0;
    r->licenses = calloc(n, sizeof *r->licenses);
    if (!r->licenses)
        return -ENOMEM;
    memcpy(r->licenses, at->licenses, n * sizeof *r->licenses);
    r->n_licenses = n;
    for (size_t i = 0; i < n; i++) {
        const struct report_license *l = &r->licenses[i];
        t->bytes += LICENSE_BYTES + text_bytes(l->version) + text_bytes(l->product) +
                    text_bytes(l->edition);
    }
    return 0;
}

static int add_sighting(struct spool *s, struct taking *t, const struct row *x)
{
    struct report *r = &t->report;
    int e = grow(&r->sightings, &t->caps[x->kind], r->n_sightings + 1, sizeof *r->sightings,
                 CAP_REPORT_SIGHTINGS);
    if (e == 0)
        e = row_to_sighting(s, x, &r->sightings[r->n_sightings]);
    if (e == 0)
        r->n_sightings++;
    return e;
}

static int add_mailboxes(struct spool *s, struct taking *t, const struct row *x)
{
    struct report *r = &t->report;
    int e = grow(&r->mailboxes, &t->caps[x->kind], r->n_mailboxes + 1, sizeof *r->mailboxes,
                 CAP_REPORT_MAILBOXES);
    if (e == 0)
        e = row_to_mailboxes(s, x, &r->mailboxes[r->n_mailboxes]);
    if (e == 0)
        r->n_mailboxes++;
    return e;
}

static int add_gap(struct spool *s, struct taking *t, const struct row *x)
{
    struct report *r = &t->report;
    int e = grow(&r->gaps, &t->caps[x->kind], r->n_gaps + 1, sizeof *r->gaps, CAP_REPORT_GAPS);
    if (e == 0)
        e = row_to_gap(s, x, &r->gaps[r->n_gaps]);
    if (e == 0)
        r->n_gaps++;
    return e;
}

static int64_t row_bytes(const struct row *x)
{
    switch (x->kind) {
    case ROW_SIGHTING: return SIGHTING_BYTES;
    case ROW_MAILBOXES: return MAILBOXES_BYTES + (int64_t)row_subject_n(x);
    case ROW_GAP: break;
    }
    return GAP_BYTES;
}

static bool has_room(const struct taking *t, const struct row *x)
{
    const struct report *r = &t->report;
    if (t->rows_left == 0 || t->bytes + row_bytes(x) > BYTES_MAX)
        return false;
    switch (x->kind) {
    case ROW_SIGHTING: return r->n_sightings < CAP_REPORT_SIGHTINGS;
    case ROW_MAILBOXES: return r->n_mailboxes < CAP_REPORT_MAILBOXES;
    case ROW_GAP: break;
    }
    return r->n_gaps < CAP_REPORT_GAPS;
}

static int add_row(struct spool *s, struct taking *t, const struct row *x)
{
    struct row shown = *x;
    row_to_wall(&shown, t->correction, t->now);
    t->bytes += row_bytes(x);
    t->rows_left--;
    switch (x->kind) {
    case ROW_SIGHTING: return add_sighting(s, t, &shown);
    case ROW_MAILBOXES: return add_mailboxes(s, t, &shown);
    case ROW_GAP: break;
    }
    return add_gap(s, t, &shown);
}

static int take_rows(struct spool *s, struct taking *t, enum row_kind kind)
{
    struct row at = rows_start(t->run, PLACE_WAITING, kind);
    int r;
    while ((r = rows_next(s, &at)) == 1 && at.kind == kind && has_room(t, &at)) {
        struct row sent = at;
        sent.place = PLACE_LEAVING;
        r = add_row(s, t, &at);
        if (r == 0)
            r = row_remove(s, &at);
        if (r == 0)
            r = row_insert(s, &sent);
        if (r < 0)
            return r;
    }
    return r < 0 ? r : 0;
}

/* ---- Whose it is --------------------------------------------------------------------- */

/* 1 with the run that is next, 0 when none has anything. */
static int pick_run(struct spool *s, bool is_first, int64_t *ret)
{
    static const char current_sql[] = "SELECT 1 FROM stretch WHERE run = ?1 AND place = 0";
    static const char earlier_sql[] =
        "SELECT id FROM run WHERE id <> ?1 AND EXISTS"
        " (SELECT 1 FROM stretch WHERE stretch.run = run.id AND place = 0)"
        " ORDER BY id LIMIT 1";
    int64_t one = 0;
    int r = is_first ? 1 : SQL_GET(s, current_sql, &one, INT(s->run));
    if (r == 0)
        return SQL_GET(s, earlier_sql, ret, INT(s->run));
    if (r == 1)
        *ret = s->run;
    return r;
}

/* Its boot, its correction, and a counter that no body had: on disk with the rest. */
static int take_counter(struct spool *s, struct taking *t)
{
    static const char count_sql[] =
        "UPDATE run SET counter = counter + 1, is_leaving = 1, sum = " RUN_SUM(
            "correction", "counter + 1", "1") " WHERE id = ?1";
    static const char get_sql[] = "SELECT boot, counter, correction FROM run WHERE id = ?1";
    AUTO(sql_reset) sqlite3_stmt *st = NULL;
    int r = SQL_RUN(s, count_sql, INT(t->run));
    if (r == 0)
        r = SQL_USE(s, get_sql, &st, INT(t->run));
    if (r == 0)
        r = sql_step(s, st);
    if (r < 0)
        return r;
    const void *boot = r == 1 ? sqlite3_column_blob(st, 0) : NULL;
    if (!boot || sqlite3_column_bytes(st, 0) != (int)sizeof t->report.boot.bytes)
        return sql_damaged(s, "a run");
    memcpy(t->report.boot.bytes, boot, sizeof t->report.boot.bytes);
    t->report.counter = sqlite3_column_int64(st, 1);
    t->correction = sqlite3_column_int64(st, 2);
    return 0;
}

/* Mailboxes last: they are many, and take what bytes are left. */
static int fill(struct spool *s, struct taking *t, const struct spool_now *at)
{
    struct report *report = &t->report;
    int r = take_counter(s, t);
    if (r < 0)
        return r;
    (void)snprintf(report->agent_version, sizeof report->agent_version, "%s", FAIRUSE_VERSION);
    report->is_live = t->run == s->run;
    if (report->is_live)
        r = add_licenses(t, at);
    if (r == -ENOMEM)
        return sql_error(s, SQLITE_NOMEM);
    if (r == 0)
        r = take_rows(s, t, ROW_SIGHTING);
    if (r == 0)
        r = take_rows(s, t, ROW_GAP);
    return r < 0 ? r : take_rows(s, t, ROW_MAILBOXES);
}

static int take(struct spool *s, const struct spool_now *at, bool is_first, size_t rows,
                struct report *ret)
{
    AUTO(taking) struct taking t = {.now = at->now, .bytes = BYTES_AROUND, .rows_left = rows};
    int r = sql_begin(s);
    if (r < 0)
        return r;
    r = runs_tick(s, at->now, at->boot_s);
    if (r == 0)
        r = runs_recall(s); /* of a call that failed, and was done nevertheless */
    if (r == 0)
        r = pick_run(s, is_first, &t.run);
    if (r == 1) {
        r = fill(s, &t, at);
        r = r < 0 ? r : 1;
    }
    r = sql_end(s, r);
    if (r != 1)
        return r;
    s->leaving.run = t.run;
    s->leaving.correction = t.correction;
    s->leaving.now = at->now;
    *ret = t.report;
    t.report = (struct report){.counter = 0};
    return 1;
}

int spool_take_report(struct spool *s, const struct spool_now *at, bool is_first,
                      struct report *ret)
{
    int r = run_begun(s);
    if (r < 0)
        return r;
    if (s->leaving.run != RUN_NONE)
        return diag_set(&s->diag, -EBUSY, "%s: a report is on its way already", s->path);
    r = take(s, at, is_first, SIZE_MAX, ret);
    return r == -ENOSPC ? take(s, at, is_first, TIGHT_ROWS, ret) : r;
}
