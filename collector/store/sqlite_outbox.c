/* The outbox: mails that wait, one row each; their bytes in a table beside, read once a try. */
#include "store/sqlite_backend.h"

#include "base/arena.h"
#include <errno.h>

static const struct query mail_add = {
    QUERY_MAIL_PUT,
    "INSERT INTO outbox(run, reader_kind, reader, sender, recipient, message_id, state,"
    " attempts, next_try, settled, last_code, may_be_double, last_text)"
    " SELECT run, ?2, ?3, ?4, ?5, ?6, 0, 0, ?7, NULL, 0, 0, '' FROM report_run"
    " WHERE run = ?1 AND is_published = 0"};
static const struct query message_add = {
    QUERY_MESSAGE_PUT, "INSERT INTO outbox_message(mail, message) VALUES(?1, ?2)"};
/* The index of those that wait is walked from the one that has been due longest. */
static const struct query mail_due = {
    QUERY_MAIL_DUE, "SELECT " LITE_MAIL_COLUMNS " FROM outbox o INDEXED BY outbox_due"
                    " CROSS JOIN report_run r ON r.run = o.run AND r.is_published = 1"
                    " WHERE o.state = 0 AND o.next_try <= ?1"
                    " ORDER BY o.next_try, o.id LIMIT 1"};
static const struct query mail_claim = {QUERY_MAIL_CLAIM,
                                        "UPDATE outbox SET next_try = ?2 WHERE id = ?1"};
static const struct query message_get = {QUERY_MESSAGE_GET,
                                         "SELECT message FROM outbox_message WHERE mail = ?1"};
#define OF_PUBLISHED " AND run IN (SELECT run FROM report_run WHERE is_published = 1)"
static const struct query mail_settle = {
    QUERY_MAIL_SETTLE,
    "UPDATE outbox SET state = ?2, next_try = ?3, settled = ?4, last_code = ?5, last_text = ?6,"
    " may_be_double = ?7, attempts = attempts + 1"
    " WHERE id = ?1 AND (state = 0 OR (state = 2 AND ?2 = 1))" OF_PUBLISHED};
static const struct query mail_settle_late = {
    QUERY_MAIL_SETTLE_LATE,
    "UPDATE outbox SET attempts = attempts + 1,"
    " may_be_double = CASE WHEN ?2 = 1 OR ?3 THEN 1 ELSE may_be_double END"
    " WHERE id = ?1" OF_PUBLISHED};
static_assert(MAIL_STATE_WAITS == 0 && MAIL_STATE_SENT == 1 && MAIL_STATE_DEAD == 2,
              "the numbers in the queries");

int lite_put_mail(struct store *store, const struct store_mail *m)
{
    struct lite_store *s = lite_of(store);
    int r = lite_writable(s);

    if (r == 0)
        r = LITE_RUN(s, &mail_add, INT(m->run), INT((int64_t)m->reader.kind),
                     TEXT(m->reader.id), TEXT(m->sender), TEXT(m->recipient),
                     TEXT(m->message_id), INT(m->next_try.s));
    if (r == 0 && sqlite3_changes(s->db) != 1)
        r = lite_no_run(s, m->run);
    if (r == 0)
        r = LITE_RUN(s, &message_add, INT(sqlite3_last_insert_rowid(s->db)),
                     BLOB(m->message.p, m->message.n));
    return r;
}

/* A row of LITE_MAIL_COLUMNS; its texts are the statement's. */
static int read_mail(struct lite_store *s, sqlite3_stmt *st, struct store_mail *ret)
{
    int64_t state = sqlite3_column_int64(st, 7);
    struct store_mail x = {
        .id = sqlite3_column_int64(st, 0),
        .run = sqlite3_column_int64(st, 1),
        .sender = (const char *)sqlite3_column_text(st, 4),
        .recipient = (const char *)sqlite3_column_text(st, 5),
        .message_id = (const char *)sqlite3_column_text(st, 6),
        .message = {"", 0},
        .state = (enum mail_state)state,
        .attempts = sqlite3_column_int64(st, 8),
        .next_try = {sqlite3_column_int64(st, 9)},
        .settled = lite_moment(st, 10, WALL_END),
        .last_code = sqlite3_column_int64(st, 11),
        .last_text = (const char *)sqlite3_column_text(st, 13),
    };
    if (!lite_read_reader(st, 2, &x.reader) || !x.sender || !x.recipient || !x.message_id ||
        !x.last_text || state < MAIL_STATE_WAITS || state > MAIL_STATE_DEAD ||
        !lite_read_bool(st, 12, &x.may_be_double))
        return lite_damaged(s, "a mail");
    *ret = x;
    return 0;
}

int lite_next_mail(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);

    if (r <= 0)
        return r;
    r = read_mail(scan->store, scan->st, ret);
    return r < 0 ? r : 1;
}

/* Its texts outlive the statement. */
static int keep_texts(struct arena *keep, struct store_mail *m)
{
    const char **texts[] = {&m->reader.id, &m->sender, &m->recipient, &m->message_id,
                            &m->last_text};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        *texts[i] = arena_text(keep, text_of(*texts[i]));
        if (!*texts[i])
            return -ENOMEM;
    }
    return 0;
}

static int find_due(struct lite_store *s, wall_t now, struct arena *keep,
                    struct store_mail *ret)
{
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    int r = LITE_USE(s, &mail_due, &st, INT(now.s));

    if (r == 0)
        r = lite_step(s, st);
    if (r <= 0)
        return r;
    r = read_mail(s, st, ret);
    if (r == 0 && keep_texts(keep, ret) < 0)
        r = lite_error(s, SQLITE_NOMEM);
    return r < 0 ? r : 1;
}

int lite_claim_mail(struct store *store, const struct store_claim *c, struct store_mail *ret,
                    struct buf *ret_message)
{
    struct lite_store *s = lite_of(store);
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    struct store_mail found = {0};
    int r = lite_writable(s);

    if (r == 0)
        r = find_due(s, c->now, c->keep, &found);
    if (r <= 0)
        return r;
    r = LITE_RUN(s, &mail_claim, INT(found.id), INT(c->until.s));
    if (r == 0)
        r = LITE_USE(s, &message_get, &st, INT(found.id));
    if (r == 0)
        r = lite_step(s, st);
    if (r == 0)
        return lite_damaged(s, "a mail that waits has no text");
    if (r > 0)
        r = lite_add_blob(s, st, 0, ret_message);
    if (r < 0)
        return r;
    found.next_try = c->until;
    *ret = found;
    return 1;
}

int lite_settle_mail(struct store *store, const struct store_mail *m)
{
    struct lite_store *s = lite_of(store);
    int r = lite_writable(s);

    assert((m->state == MAIL_STATE_WAITS) == (m->settled.s == WALL_END.s));
    if (r == 0)
        r = LITE_RUN(s, &mail_settle, INT(m->id), INT((int64_t)m->state), INT(m->next_try.s),
                     lite_moment_value(m->settled, WALL_END), INT(m->last_code),
                     TEXT(m->last_text), INT(m->may_be_double));
    if (r == 0 && sqlite3_changes(s->db) == 1)
        return 0;
    /* Another attempt settled it since, when the time of this one's claim was over. */
    if (r == 0)
        r = LITE_RUN(s, &mail_settle_late, INT(m->id), INT((int64_t)m->state),
                     INT(m->may_be_double));
    if (r == 0 && sqlite3_changes(s->db) != 1)
        r = diag_set(&store->diag, -ENOENT, "%s: there is no mail with number %lld", s->path,
                     (long long)m->id);
    return r;
}
