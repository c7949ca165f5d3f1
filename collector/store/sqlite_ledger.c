/* The ledger's rows and the notes. The tables themselves refuse what the ledger must never do.
 */
#include "store/sqlite_backend.h"

#include <errno.h>
#include <string.h>

static const struct query entry_add = {
    QUERY_ENTRY_ADD, "INSERT INTO entry(sequence, period, booked, kind, reseller, subject,"
                     " currency, amount, hash, body, evidence)"
                     " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"};
static const struct query entry_head = {
    QUERY_ENTRY_HEAD, "SELECT sequence, hash FROM entry ORDER BY sequence DESC LIMIT 1"};
static const struct query decision_add = {
    QUERY_DECISION_ADD,
    "INSERT INTO decision(sequence, decision, period, kind, reseller, subject, hash, body)"
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"};
static const struct query decision_head = {
    QUERY_DECISION_HEAD, "SELECT sequence, hash FROM decision ORDER BY sequence DESC LIMIT 1"};
static const struct query decision_of_key = {
    QUERY_DECISION_OF_KEY,
    "SELECT decision FROM decision WHERE period = ?1 AND kind = ?2 AND reseller = ?3"
    " AND subject = ?4 AND decision <> 4 ORDER BY sequence DESC LIMIT 1"};
static const struct query last_closed = {QUERY_LAST_CLOSED,
                                         "SELECT max(period) FROM decision WHERE decision = 4"};
static_assert(DECISION_CLOSE == 4, "the number in the queries and in the schema's index");
static const struct query note_get = {QUERY_NOTE_GET, "SELECT value FROM note WHERE name = ?1"};
static const struct query note_set = {QUERY_NOTE_SET,
                                      "INSERT INTO note VALUES(?1, ?2)"
                                      " ON CONFLICT DO UPDATE SET value = excluded.value"
                                      " WHERE excluded.value <> value"};

int lite_append_entry(struct store *store, const struct store_entry *e)
{
    struct lite_store *s = lite_of(store);
    int r = lite_writable(s);
    if (r < 0)
        return r;
    return LITE_RUN(s, &entry_add, INT(e->sequence), INT(e->period.month), INT(e->booked.month),
                    INT((int64_t)e->kind), TEXT(e->reseller), TEXT(e->subject),
                    TEXT(e->currency), INT(e->amount.minor), TEXT(e->hash), TEXT(e->body),
                    TEXT(e->evidence));
}

int lite_append_decision(struct store *store, const struct store_decision *d)
{
    struct lite_store *s = lite_of(store);
    int r = lite_writable(s);
    if (r < 0)
        return r;
    return LITE_RUN(s, &decision_add, INT(d->sequence), INT((int64_t)d->decision),
                    INT(d->period.month), INT((int64_t)d->kind), TEXT(d->reseller),
                    TEXT(d->subject), TEXT(d->hash), TEXT(d->body));
}

/* ---- Scans --------------------------------------------------------------------------- */

static const char *text_at(sqlite3_stmt *st, int column)
{
    return (const char *)sqlite3_column_text(st, column);
}

int lite_next_entry(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);
    if (r <= 0)
        return r;
    sqlite3_stmt *st = scan->st;
    struct store_entry x = {.sequence = sqlite3_column_int64(st, 0),
                            .reseller = text_at(st, 4),
                            .subject = text_at(st, 5),
                            .currency = text_at(st, 6),
                            .amount = {sqlite3_column_int64(st, 7)},
                            .body = text_at(st, 8),
                            .evidence = text_at(st, 9),
                            .hash = text_at(st, 10)};
    if (!lite_read_period(st, 1, &x.period) || !lite_read_period(st, 2, &x.booked) ||
        !lite_read_kind(st, 3, &x.kind) || !x.reseller || !x.subject || !x.currency ||
        !x.body || !x.evidence || !x.hash)
        return lite_damaged(scan->store, "an entry of the ledger");
    *(struct store_entry *)ret = x;
    return 1;
}

int lite_next_balance(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);
    if (r <= 0)
        return r;
    sqlite3_stmt *st = scan->st;
    struct store_balance x = {.reseller = text_at(st, 2),
                              .subject = text_at(st, 3),
                              .currency = text_at(st, 4),
                              .amount = {sqlite3_column_int64(st, 5)},
                              .entries = sqlite3_column_int64(st, 6)};
    if (!lite_read_period(st, 0, &x.period) || !lite_read_kind(st, 1, &x.kind) || !x.reseller ||
        !x.subject || !x.currency)
        return lite_damaged(scan->store, "an entry of the ledger");
    *(struct store_balance *)ret = x;
    return 1;
}

static bool read_decision(sqlite3_stmt *st, int column, enum decision *ret)
{
    int64_t v = sqlite3_column_int64(st, column);
    if (v < DECISION_WAIVE || v > DECISION_CLOSE)
        return false;
    *ret = (enum decision)v;
    return true;
}

int lite_next_decision(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);
    if (r <= 0)
        return r;
    sqlite3_stmt *st = scan->st;
    struct store_decision x = {.sequence = sqlite3_column_int64(st, 0),
                               .reseller = text_at(st, 4),
                               .subject = text_at(st, 5),
                               .body = text_at(st, 6),
                               .hash = text_at(st, 7)};
    if (!read_decision(st, 1, &x.decision) || !lite_read_period(st, 2, &x.period) ||
        !lite_read_kind(st, 3, &x.kind) || !x.reseller || !x.subject || !x.body || !x.hash)
        return lite_damaged(scan->store, "a decision");
    *(struct store_decision *)ret = x;
    return 1;
}

/* ---- Look-ups ------------------------------------------------------------------------ */

int lite_key_decision(struct store *store, const struct store_key *key, enum decision *ret)
{
    struct lite_store *s = lite_of(store);
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    int r = LITE_USE(s, &decision_of_key, &st, INT(key->period.month), INT((int64_t)key->kind),
                     TEXT(key->reseller), TEXT(key->subject));
    if (r == 0)
        r = lite_step(s, st);
    if (r < 0)
        return r;
    if (r == 0)
        return diag_set(&store->diag, -ENOENT, "nothing was decided on it");
    return read_decision(st, 0, ret) ? 0 : lite_damaged(s, "a decision");
}

int lite_chain_head(struct store *store, bool decisions, int64_t *ret_sequence,
                    char ret_hash[static 65])
{
    struct lite_store *s = lite_of(store);
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    int r = lite_use(s, decisions ? &decision_head : &entry_head, NULL, 0, &st);
    if (r == 0)
        r = lite_step(s, st);
    if (r < 0)
        return r;
    if (r == 1 && lite_copy_text(st, 1, ret_hash, 65) < 0)
        return lite_damaged(s, "a hash of the ledger");
    if (r == 0)
        ret_hash[0] = '\0';
    *ret_sequence = r == 1 ? sqlite3_column_int64(st, 0) : 0;
    return 0;
}

int lite_last_closed(struct store *store, period_t *ret)
{
    struct lite_store *s = lite_of(store);
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    int r = lite_use(s, &last_closed, NULL, 0, &st);
    if (r == 0)
        r = lite_step(s, st);
    if (r < 0)
        return r;
    if (r == 0 || sqlite3_column_type(st, 0) == SQLITE_NULL)
        return diag_set(&store->diag, -ENOENT, "no period was closed yet");
    return lite_read_period(st, 0, ret) ? 0 : lite_damaged(s, "a closing");
}

/* ---- Notes --------------------------------------------------------------------------- */

int lite_get_note(struct store *store, const char *name, struct buf *ret)
{
    struct lite_store *s = lite_of(store);
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    int r = LITE_USE(s, &note_get, &st, TEXT(name));
    if (r == 0)
        r = lite_step(s, st);
    if (r <= 0)
        return r;
    const void *value = sqlite3_column_text(st, 0);
    if (!value)
        return lite_damaged(s, "a note");
    buf_reset(ret);
    buf_add(ret, value, (size_t)sqlite3_column_bytes(st, 0));
    r = buf_error(ret);
    return r < 0 ? diag_set(&store->diag, r, "note %s does not fit into memory", name) : 1;
}

int lite_set_note(struct store *store, const char *name, const char *value)
{
    struct lite_store *s = lite_of(store);
    int r = lite_writable(s);
    return r == 0 ? LITE_RUN(s, &note_set, TEXT(name), TEXT(value)) : r;
}
