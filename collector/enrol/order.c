/* What a person orders: tokens, revocations, retirement; each with its line in the trail. */
#include "base/grow.h"
#include "enrol/enrol_parts.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static_assert(STORE_TOKEN_ID == TOKEN_ID_BYTES, "one id");

static int check_reseller(struct store *s, const char *id, struct diag *d)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct estate_reseller row;
    char quoted[TEXT_QUOTE_SIZE];
    int r = store_scan_resellers(s, &scan);

    while (r >= 0 && (r = store_next_reseller(scan, &row)) > 0)
        if (strcmp(row.id, id) == 0)
            return 0;
    return r < 0 ? r
                 : diag_set(d, -ENOENT, "there is no reseller %s in the estate",
                            text_quote(text_of(id), quoted));
}

static int check_order(struct store *s, const struct token_order *o, struct diag *d)
{
    if (o->uses < 1 || o->uses > ENROL_USES_MAX)
        return diag_set(d, -EINVAL, "a token has 1 to %d uses", ENROL_USES_MAX);
    if (o->server && o->uses != 1)
        return diag_set(d, -EINVAL, "a token that brings one server back has one use");
    int r = check_reseller(s, o->reseller, d);
    if (r < 0 || !o->server)
        return r;
    return claim_check(s, &(struct claim){o->server, o->reseller, o->now}, d);
}

/* The row of a new token; ids that fit, as they stand in the store already. */
static int put_token(struct store *s, const struct token_order *o, const struct token *t)
{
    struct store_token row = {
        .uses = o->uses,
        .created = o->now,
        .expires = o->expires,
        .revoked = WALL_END,
    };
    struct digest hash;
    int r = token_hash(t, &hash);

    if (r < 0)
        return r;
    memcpy(row.id, t->id, sizeof(row.id));
    memcpy(row.secret_hash, hash.bytes, sizeof(row.secret_hash));
    (void)snprintf(row.reseller, sizeof(row.reseller), "%s", o->reseller);
    (void)snprintf(row.server, sizeof(row.server), "%s", o->server ? o->server : "");
    return store_put_token(s, &row);
}

static int note_created(struct store *s, const struct token_order *o, const struct token *t)
{
    AUTO(buf) struct buf details = BUF_INIT(TRAIL_DETAILS_MAX);
    struct jsonw w = jsonw_to(&details, false);
    char name[TOKEN_NAME_SIZE];

    jsonw_object(&w, NULL);
    jsonw_text(&w, "token", token_name(t->id, name));
    jsonw_int(&w, "uses", o->uses);
    jsonw_int(&w, "expires", o->expires.s);
    jsonw_end_object(&w);
    if (buf_error(&details) < 0)
        return buf_error(&details);
    return store_put_event(s, &(struct store_event){
                                  .at = o->now,
                                  .what = EVENT_TOKEN_CREATED,
                                  .who = o->by,
                                  .server = o->server ? o->server : "",
                                  .reseller = o->reseller,
                                  .details = buf_str(&details),
                              });
}

int enrol_create_token(struct store *s, const struct token_order *order, struct token *ret,
                       struct diag *d)
{
    struct token t;
    int r = check_order(s, order, d);

    if (r >= 0)
        r = token_new(order->authority, &t);
    if (r < 0)
        return r;
    r = put_token(s, order, &t);
    if (r >= 0)
        r = note_created(s, order, &t);
    if (r >= 0)
        *ret = t;
    explicit_bzero(&t, sizeof(t));
    return r < 0 ? r : 0;
}

int enrol_revoke_token(struct store *s, const uint8_t id[static TOKEN_ID_BYTES], const char *by,
                       wall_t now)
{
    AUTO(buf) struct buf details = BUF_INIT(TRAIL_DETAILS_MAX);
    struct jsonw w = jsonw_to(&details, false);
    struct store_token row;
    char name[TOKEN_NAME_SIZE];
    int r = store_get_token(s, id, &row);

    if (r < 0 || row.revoked.s != WALL_END.s)
        return r;
    jsonw_object(&w, NULL);
    jsonw_text(&w, "token", token_name(id, name));
    jsonw_int(&w, "used", row.used);
    jsonw_end_object(&w);
    r = buf_error(&details);
    if (r >= 0)
        r = store_revoke_token(s, id, now);
    if (r < 0)
        return r;
    return store_put_event(s, &(struct store_event){
                                  .at = now,
                                  .what = EVENT_TOKEN_REVOKED,
                                  .who = by,
                                  .server = row.server,
                                  .reseller = row.reseller,
                                  .details = buf_str(&details),
                              });
}

/* The ids of the tokens that could bring a server back, to be freed. */
struct token_ids {
    uint8_t (*v)[STORE_TOKEN_ID];
    size_t n, cap;
};

static void token_ids_done(struct token_ids *ids)
{
    free(ids->v);
}

static int find_tokens(struct store *s, const char *server, struct token_ids *ret)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_token row;
    int r = store_scan_tokens(s, &scan);

    while (r >= 0 && (r = store_next_token(scan, &row)) > 0) {
        if (strcmp(row.server, server) != 0)
            continue;
        r = grow(&ret->v, &ret->cap, ret->n + 1, sizeof(*ret->v), SIZE_MAX);
        if (r >= 0)
            memcpy(ret->v[ret->n++], row.id, sizeof(row.id));
    }
    return r;
}

int enrol_revoke_server(struct store *s, const char *server, const char *by, wall_t now)
{
    AUTO(token_ids) struct token_ids ids = {0};
    struct store_admission a;
    int r = store_get_admission(s, server, &a);

    if (r < 0 || a.revoked.s != WALL_END.s)
        return r;
    r = store_revoke_server(s, server, now);
    if (r >= 0)
        r = store_put_event(s, &(struct store_event){
                                   .at = now,
                                   .what = EVENT_REVOKED,
                                   .who = by,
                                   .server = server,
                                   .reseller = a.reseller,
                                   .details = "{}",
                               });
    if (r >= 0)
        r = find_tokens(s, server, &ids);
    for (size_t i = 0; i < ids.n && r >= 0; i++)
        r = enrol_revoke_token(s, ids.v[i], by, now);
    return r;
}

int enrol_retire_server(struct store *s, const char *server, const char *by, wall_t now)
{
    struct store_server row;
    server_id id = 0;
    int r = store_find_server(s, server, &id);

    if (r >= 0)
        r = store_get_server(s, id, &row);
    if (r < 0 || row.retired.s <= now.s)
        return r;
    r = store_retire_server(s, server, now);
    if (r < 0)
        return r;
    return store_put_event(s, &(struct store_event){
                                  .at = now,
                                  .what = EVENT_RETIRED,
                                  .who = by,
                                  .server = server,
                                  .reseller = row.is_enrolled ? row.enrolled_reseller : "",
                                  .details = "{}",
                              });
}
