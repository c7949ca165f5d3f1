/* Enrolment: tokens, their uses, and the trail of what was done. */
#include "store/sqlite_backend.h"

#include <errno.h>
#include <string.h>

static const struct query token_add = {QUERY_TOKEN_ADD,
                                       "INSERT INTO token(" LITE_TOKEN_COLUMNS ")"
                                       " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"};
static const struct query token_get = {QUERY_TOKEN_GET, "SELECT " LITE_TOKEN_COLUMNS
                                                        " FROM token WHERE id = ?1"};
static const struct query token_use = {QUERY_TOKEN_USE,
                                       "UPDATE token SET used = used + 1 WHERE id = ?1"};
static const struct query token_revoke = {
    QUERY_TOKEN_REVOKE, "UPDATE token SET revoked = coalesce(revoked, ?2) WHERE id = ?1"};
static const struct query use_add = {QUERY_USE_ADD,
                                     "INSERT INTO token_use(token, key_id, server)"
                                     " VALUES(?1, ?2, ?3)"};
static const struct query use_get = {
    QUERY_USE_GET, "SELECT s.name FROM token_use u JOIN server s ON s.id = u.server"
                   " WHERE u.token = ?1 AND u.key_id = ?2"};
static const struct query event_add = {
    QUERY_EVENT_ADD, "INSERT INTO event(sequence, at, what, who, server, reseller, details)"
                     " VALUES((SELECT 1 + coalesce(max(sequence), 0) FROM event),"
                     "  ?1, ?2, ?3, ?4, ?5, ?6)"};

/* ---- Tokens --------------------------------------------------------------------------- */

static int no_token(struct lite_store *s)
{
    return diag_set(&s->base.diag, -ENOENT, "there is no such token");
}

int lite_put_token(struct store *store, const struct store_token *t)
{
    struct lite_store *s = lite_of(store);
    int r = lite_writable(s);
    if (r < 0)
        return r;
    return LITE_RUN(s, &token_add, BLOB(t->id, sizeof t->id),
                    BLOB(t->secret_hash, sizeof t->secret_hash), TEXT(t->reseller),
                    TEXT(t->server), INT(t->uses), INT(t->used), INT(t->created.s),
                    INT(t->expires.s), lite_moment_value(t->revoked, WALL_END));
}

/* LITE_TOKEN_COLUMNS. */
static int read_token(struct lite_store *s, sqlite3_stmt *st, struct store_token *ret)
{
    struct store_token x = {
        .uses = sqlite3_column_int64(st, 4),
        .used = sqlite3_column_int64(st, 5),
        .created = {sqlite3_column_int64(st, 6)},
        .expires = {sqlite3_column_int64(st, 7)},
        .revoked = lite_moment(st, 8, WALL_END),
    };
    if (lite_copy_bytes(st, 0, x.id, sizeof x.id) < 0 ||
        lite_copy_bytes(st, 1, x.secret_hash, sizeof x.secret_hash) < 0 ||
        lite_copy_text(st, 2, x.reseller, sizeof x.reseller) < 0 ||
        lite_copy_text(st, 3, x.server, sizeof x.server) < 0 || x.uses < 0 || x.used < 0)
        return lite_damaged(s, "a token");
    *ret = x;
    return 0;
}

int lite_get_token(struct store *store, const uint8_t id[static STORE_TOKEN_ID],
                   struct store_token *ret)
{
    struct lite_store *s = lite_of(store);
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    int r = LITE_USE(s, &token_get, &st, BLOB(id, STORE_TOKEN_ID));
    if (r == 0)
        r = lite_step(s, st);
    if (r <= 0)
        return r == 0 ? no_token(s) : r;
    return read_token(s, st, ret);
}

int lite_use_token(struct store *store, const uint8_t id[static STORE_TOKEN_ID])
{
    struct lite_store *s = lite_of(store);
    int r = lite_writable(s);
    if (r == 0)
        r = LITE_RUN(s, &token_use, BLOB(id, STORE_TOKEN_ID));
    if (r == 0 && sqlite3_changes(s->db) == 0)
        r = no_token(s);
    return r;
}

int lite_revoke_token(struct store *store, const uint8_t id[static STORE_TOKEN_ID], wall_t at)
{
    struct lite_store *s = lite_of(store);
    int r = lite_writable(s);
    if (r == 0)
        r = LITE_RUN(s, &token_revoke, BLOB(id, STORE_TOKEN_ID), INT(at.s));
    if (r == 0 && sqlite3_changes(s->db) == 0)
        r = no_token(s);
    return r;
}

int lite_next_token(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);
    if (r <= 0)
        return r;
    r = read_token(scan->store, scan->st, ret);
    return r < 0 ? r : 1;
}

/* ---- Uses ------------------------------------------------------------------------------ */

int lite_put_use(struct store *store, const struct store_use *u)
{
    struct lite_store *s = lite_of(store);
    server_id server;
    int r = lite_writable(s);
    if (r == 0)
        r = lite_find_server(store, u->server, &server);
    if (r < 0)
        return r;
    return LITE_RUN(s, &use_add, BLOB(u->token, sizeof u->token),
                    BLOB(u->key_id, sizeof u->key_id), INT(server));
}

int lite_get_use(struct store *store, struct store_use *use)
{
    struct lite_store *s = lite_of(store);
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    int r = LITE_USE(s, &use_get, &st, BLOB(use->token, sizeof use->token),
                     BLOB(use->key_id, sizeof use->key_id));
    if (r == 0)
        r = lite_step(s, st);
    if (r == 0)
        return diag_set(&store->diag, -ENOENT, "the token was not used with this key");
    if (r < 0)
        return r;
    r = lite_copy_text(st, 0, use->server, sizeof use->server);
    return r < 0 ? lite_damaged(s, "a server's name") : 0;
}

/* ---- The trail ------------------------------------------------------------------------- */

int lite_put_event(struct store *store, const struct store_event *e)
{
    struct lite_store *s = lite_of(store);
    int r = lite_writable(s);
    if (r < 0)
        return r;
    return LITE_RUN(s, &event_add, INT(e->at.s), TEXT(e->what), TEXT(e->who), TEXT(e->server),
                    TEXT(e->reseller), TEXT(e->details));
}

int lite_next_event(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);
    if (r <= 0)
        return r;
    sqlite3_stmt *st = scan->st;
    struct store_event x = {
        .sequence = sqlite3_column_int64(st, 0),
        .at = {sqlite3_column_int64(st, 1)},
        .what = (const char *)sqlite3_column_text(st, 2),
        .who = (const char *)sqlite3_column_text(st, 3),
        .server = (const char *)sqlite3_column_text(st, 4),
        .reseller = (const char *)sqlite3_column_text(st, 5),
        .details = (const char *)sqlite3_column_text(st, 6),
    };
    if (!x.what || !x.who || !x.server || !x.reseller || !x.details)
        return lite_damaged(scan->store, "an event of the trail");
    *(struct store_event *)ret = x;
    return 1;
}
