/* Nights: runs, what each reader was told in them, and what tomorrow is compared with. */
#include "store/sqlite_backend.h"

#include <errno.h>

static const struct query run_add = {
    QUERY_RUN_ADD, "INSERT INTO report_run(day, made_at, as_of, is_failed, is_published, about)"
                   " VALUES(?1, ?2, ?3, ?4, 0, ?5)"};
static const struct query run_publish = {
    QUERY_RUN_PUBLISH,
    "UPDATE report_run SET is_published = 1 WHERE run = ?1 AND is_published = 0"};
static const struct query edition_add = {
    QUERY_EDITION_ADD,
    "INSERT INTO edition(run, reader_kind, reader, serial, language, subject, model)"
    " SELECT run, ?2, ?3, ?4, ?5, ?6, ?7 FROM report_run WHERE run = ?1 AND is_published = 0"};
/* At most one is passed over: that of the night that is being written. */
static const struct query edition_newest = {
    QUERY_EDITION_NEWEST,
    "SELECT e.serial, e.run FROM edition e CROSS JOIN report_run r ON r.run = e.run"
    " WHERE e.reader_kind = ?1 AND e.reader = ?2 AND r.is_published = 1"
    " ORDER BY e.serial DESC LIMIT 1"};
static const struct query edition_model = {
    QUERY_EDITION_MODEL,
    "SELECT e.model FROM edition e JOIN report_run r ON r.run = e.run"
    " WHERE e.run = ?1 AND e.reader_kind = ?2 AND e.reader = ?3 AND r.is_published = 1"};
static const struct query said_clear = {
    QUERY_SAID_CLEAR, "DELETE FROM said WHERE reader_kind = ?1 AND reader = ?2"};
static const struct query said_add = {
    QUERY_SAID_ADD,
    "INSERT INTO said(reader_kind, reader, reseller, kind, subject, period, state, quantity,"
    " goes_on, confirms_at, is_reminded) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"};
static const struct query confirmed_clear = {QUERY_CONFIRMED_CLEAR,
                                             "DELETE FROM confirmed WHERE period = ?1"};
static const struct query confirmed_add = {
    QUERY_CONFIRMED_ADD, "INSERT INTO confirmed(reseller, period, kind, subject, is_trial)"
                         " VALUES(?1, ?2, ?3, ?4, ?5)"};

/* What a night that was never published left behind. */
static const char leftovers[] =
    "DELETE FROM outbox_message WHERE mail IN (SELECT id FROM outbox WHERE run IN"
    "  (SELECT run FROM report_run WHERE is_published = 0));"
    "DELETE FROM outbox WHERE run IN (SELECT run FROM report_run WHERE is_published = 0);"
    "DELETE FROM edition WHERE run IN (SELECT run FROM report_run WHERE is_published = 0);"
    "DELETE FROM report_run WHERE is_published = 0;";

bool lite_read_reader(sqlite3_stmt *st, int column, struct store_reader *ret)
{
    int64_t kind = sqlite3_column_int64(st, column);

    ret->id = (const char *)sqlite3_column_text(st, column + 1);
    ret->kind = (enum store_reader_kind)kind;
    return ret->id && kind >= READER_MANAGER && kind <= READER_OPERATOR;
}

/* ---- Runs ------------------------------------------------------------------------------ */

int lite_begin_run(struct store *store, const struct store_run *x, int64_t *ret_run)
{
    struct lite_store *s = lite_of(store);
    int r = lite_writable(s);

    if (r == 0)
        r = lite_exec(s, leftovers);
    if (r == 0)
        r = LITE_RUN(s, &run_add, INT(x->day), INT(x->made_at.s), INT(x->as_of.s),
                     INT(x->is_failed), TEXT(x->about));
    if (r == 0)
        *ret_run = sqlite3_last_insert_rowid(s->db);
    return r;
}

int lite_no_run(struct lite_store *s, int64_t run)
{
    return diag_set(&s->base.diag, -ENOENT, "%s: no night with number %lld is being written",
                    s->path, (long long)run);
}

int lite_publish_run(struct store *store, int64_t run)
{
    struct lite_store *s = lite_of(store);
    int r = lite_writable(s);

    if (r == 0)
        r = LITE_RUN(s, &run_publish, INT(run));
    if (r == 0 && sqlite3_changes(s->db) != 1)
        r = lite_no_run(s, run);
    return r;
}

int lite_next_run(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);

    if (r <= 0)
        return r;
    struct store_run x = {
        .run = sqlite3_column_int64(scan->st, 0),
        .day = sqlite3_column_int64(scan->st, 1),
        .made_at = {sqlite3_column_int64(scan->st, 2)},
        .as_of = {sqlite3_column_int64(scan->st, 3)},
        .about = (const char *)sqlite3_column_text(scan->st, 5),
    };
    if (!x.about || !lite_read_bool(scan->st, 4, &x.is_failed))
        return lite_damaged(scan->store, "a night's run");
    *(struct store_run *)ret = x;
    return 1;
}

/* ---- Editions -------------------------------------------------------------------------- */

int lite_next_serial(struct store *store, const struct store_reader *reader,
                     int64_t *ret_serial, int64_t *ret_last_run)
{
    struct lite_store *s = lite_of(store);
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    int r = LITE_USE(s, &edition_newest, &st, INT((int64_t)reader->kind), TEXT(reader->id));

    if (r == 0)
        r = lite_step(s, st);
    if (r < 0)
        return r;
    int64_t last = r == 1 ? sqlite3_column_int64(st, 0) : 0;
    if (last < 0 || last == INT64_MAX)
        return lite_damaged(s, "the number of what a reader was told");
    *ret_serial = last + 1;
    *ret_last_run = r == 1 ? sqlite3_column_int64(st, 1) : 0;
    return 0;
}

int lite_put_edition(struct store *store, const struct store_edition *x, int64_t *ret_serial)
{
    struct lite_store *s = lite_of(store);
    int64_t serial = 0, last_run = 0;
    int r = lite_writable(s);

    if (r == 0)
        r = lite_next_serial(store, &x->reader, &serial, &last_run);
    if (r == 0)
        r = LITE_RUN(s, &edition_add, INT(x->run), INT((int64_t)x->reader.kind),
                     TEXT(x->reader.id), INT(serial), INT((int64_t)x->language),
                     TEXT(x->subject), BLOB(x->model.p, x->model.n));
    if (r == 0 && sqlite3_changes(s->db) != 1)
        r = lite_no_run(s, x->run);
    if (r == 0)
        *ret_serial = serial;
    return r;
}

int lite_next_edition(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);

    if (r <= 0)
        return r;
    int64_t language = sqlite3_column_int64(scan->st, 4);
    struct store_edition x = {
        .run = sqlite3_column_int64(scan->st, 0),
        .serial = sqlite3_column_int64(scan->st, 3),
        .language = (enum language)language,
        .subject = (const char *)sqlite3_column_text(scan->st, 5),
        .model = {"", 0},
    };
    if (!lite_read_reader(scan->st, 1, &x.reader) || !x.subject || language < LANGUAGE_EN ||
        language > LANGUAGE_NL)
        return lite_damaged(scan->store, "what a reader was told in a night");
    *(struct store_edition *)ret = x;
    return 1;
}

int lite_get_model(struct store *store, int64_t run, const struct store_reader *reader,
                   struct buf *ret_model)
{
    struct lite_store *s = lite_of(store);
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    int r = LITE_USE(s, &edition_model, &st, INT(run), INT((int64_t)reader->kind),
                     TEXT(reader->id));

    if (r == 0)
        r = lite_step(s, st);
    if (r < 0)
        return r;
    if (r == 0)
        return diag_set(&store->diag, -ENOENT, "run %lld told %s nothing", (long long)run,
                        reader->id);
    return lite_add_blob(s, st, 0, ret_model);
}

int lite_add_blob(struct lite_store *s, sqlite3_stmt *st, int column, struct buf *out)
{
    const void *bytes = sqlite3_column_blob(st, column);
    int n = sqlite3_column_bytes(st, column);

    if (!bytes && n > 0)
        return lite_error(s, SQLITE_NOMEM);
    if (n > 0)
        buf_add(out, bytes, (size_t)n);
    int r = buf_error(out);
    return r < 0 ? diag_set(&s->base.diag, r, "%d bytes do not fit into memory", n) : 0;
}

/* ---- What was said --------------------------------------------------------------------- */

int lite_clear_said(struct store *store, const struct store_reader *reader)
{
    struct lite_store *s = lite_of(store);
    int r = lite_writable(s);

    return r == 0 ? LITE_RUN(s, &said_clear, INT((int64_t)reader->kind), TEXT(reader->id)) : r;
}

int lite_put_said(struct store *store, const struct store_said *x)
{
    struct lite_store *s = lite_of(store);
    int r = lite_writable(s);

    if (r < 0)
        return r;
    return LITE_RUN(s, &said_add, INT((int64_t)x->reader.kind), TEXT(x->reader.id),
                    TEXT(x->reseller), INT(x->kind), TEXT(x->subject), INT(x->period.month),
                    INT(x->state), INT(x->quantity), INT(x->goes_on),
                    lite_moment_value(x->confirms_at, WALL_END), INT(x->is_reminded));
}

int lite_next_said(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);

    if (r <= 0)
        return r;
    sqlite3_stmt *st = scan->st;
    int64_t kind = sqlite3_column_int64(st, 3), state = sqlite3_column_int64(st, 6);
    struct store_said x = {
        .reseller = (const char *)sqlite3_column_text(st, 2),
        .kind = (uint8_t)kind,
        .subject = (const char *)sqlite3_column_text(st, 4),
        .state = (uint8_t)state,
        .quantity = sqlite3_column_int64(st, 7),
        .confirms_at = lite_moment(st, 9, WALL_END),
    };
    if (!lite_read_reader(st, 0, &x.reader) || !x.reseller || !x.subject || kind < 0 ||
        kind > UINT8_MAX || state < 0 || state > UINT8_MAX ||
        !lite_read_period(st, 5, &x.period) || !lite_read_bool(st, 8, &x.goes_on) ||
        !lite_read_bool(st, 10, &x.is_reminded))
        return lite_damaged(scan->store, "what a reader was told of a finding");
    *(struct store_said *)ret = x;
    return 1;
}

/* ---- Confirmed keys -------------------------------------------------------------------- */

int lite_clear_confirmed(struct store *store, period_t period)
{
    struct lite_store *s = lite_of(store);
    int r = lite_writable(s);

    return r == 0 ? LITE_RUN(s, &confirmed_clear, INT(period.month)) : r;
}

int lite_put_confirmed(struct store *store, const struct store_confirmed *x)
{
    struct lite_store *s = lite_of(store);
    int r = lite_writable(s);

    if (r < 0)
        return r;
    return LITE_RUN(s, &confirmed_add, TEXT(x->reseller), INT(x->period.month),
                    INT((int64_t)x->kind), TEXT(x->subject), INT(x->is_trial));
}

int lite_next_confirmed(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);

    if (r <= 0)
        return r;
    struct store_confirmed x = {
        .reseller = (const char *)sqlite3_column_text(scan->st, 0),
        .subject = (const char *)sqlite3_column_text(scan->st, 3),
    };
    if (!x.reseller || !x.subject || !lite_read_period(scan->st, 1, &x.period) ||
        !lite_read_kind(scan->st, 2, &x.kind) || !lite_read_bool(scan->st, 4, &x.is_trial))
        return lite_damaged(scan->store, "a confirmed key");
    *(struct store_confirmed *)ret = x;
    return 1;
}
