/* Letting a server in: by a token, and again with the certificate that it has. */
#include "enrol/enrol.h"
#include "crypto/random.h"
#include "enrol/enrol_parts.h"
#include <errno.h>
#include <string.h>

void enrolled_done(struct enrolled *e)
{
    issued_done(&e->certificate);
}

/* ---- What both give ------------------------------------------------------------------- */

/*
 * Signs the request for a server whose certificates hold from `certs_from` on: a clock that was
 * set back a little since must not make one that is void already.
 */
static int issue(const struct enrol_request *q, const char *server, wall_t certs_from,
                 struct issued *ret, struct diag *d)
{
    const struct x509_client client = {
        .csr_pem = q->csr_pem,
        .name = server,
        .now = wall_max(q->now, (wall_t){certs_from.s + X509_BACKDATE.s}),
        .lifetime = q->rules->certificate_lifetime,
    };

    return authority_issue_client(q->rules->authority, &client, ret, d);
}

static int note_issued(struct store *s, const struct enrol_request *q, const struct enrolled *e,
                       const char *what)
{
    AUTO(buf) struct buf details = BUF_INIT(TRAIL_DETAILS_MAX);

    trail_put_issued(&details, &e->certificate, q->token ? q->token->id : NULL);
    if (buf_error(&details) < 0)
        return buf_error(&details);
    return store_put_event(s, &(struct store_event){
                                  .at = q->now,
                                  .what = what,
                                  .who = q->from,
                                  .server = e->server,
                                  .reseller = e->reseller,
                                  .details = buf_str(&details),
                              });
}

/* ---- By token ------------------------------------------------------------------------- */

/* An enrolment on its way: what is known of it so far. */
struct attempt {
    struct store *store;
    const struct enrol_request *request;
    struct store_token token;
    struct store_use use; /* the token, the key, and the server that they are to be */
    bool is_again;        /* this token and key were let in before */
    bool is_back;         /* the server was enrolled before, by whatever token */
    wall_t certs_from;
};

/* The token by itself. What is wrong with one is only told to who knows its secret. */
static int weigh_token(struct attempt *a, enum refusal *ret)
{
    const struct token *shown = a->request->token;
    struct digest hash;
    int r = store_get_token(a->store, shown->id, &a->token);

    if (r == -ENOENT) {
        *ret = REFUSAL_NO_TOKEN;
        return 0;
    }
    if (r >= 0)
        r = token_hash(shown, &hash);
    if (r < 0)
        return r;
    if (!random_same(hash.bytes, a->token.secret_hash, sizeof(hash.bytes)))
        *ret = REFUSAL_NO_TOKEN;
    else if (a->token.revoked.s != WALL_END.s)
        *ret = REFUSAL_TOKEN_REVOKED;
    else if (a->request->now.s >= a->token.expires.s)
        *ret = REFUSAL_TOKEN_EXPIRED;
    return 0;
}

/* The same token and key again: as long as that enrolment is the server's last one, and it was
 * not shut out since. Else an old token and a stolen key would be a way around both. */
static int weigh_again(struct attempt *a, enum refusal *ret)
{
    struct store_admission found;
    int r = store_get_admission(a->store, a->use.server, &found);

    a->is_again = true;
    if (r == -ENOENT) {
        *ret = REFUSAL_NOT_ENROLLED;
        return 0;
    }
    if (r < 0)
        return r;
    a->certs_from = found.certs_from;
    if (found.revoked.s != WALL_END.s) {
        *ret = REFUSAL_REVOKED;
        return 0;
    }
    r = trail_is_last(a->store, &a->use);
    if (r == 0)
        *ret = REFUSAL_REPLACED;
    return r < 0 ? r : 0;
}

enum { NEW_NAME_CHARS = 10, NEW_NAME_TRIES = 8 };

/* 50 random bits; letters and digits that are not taken for one another. */
static int name_server(struct store *s, char out[static CAP_ID + 1])
{
    static const char signs[] = "abcdefghijkmnpqrstuvwxyz23456789";
    static_assert(sizeof(signs) - 1 == 32, "five bits each");
    char name[sizeof("srv-") + NEW_NAME_CHARS] = "srv-";
    uint8_t bytes[NEW_NAME_CHARS];
    server_id id;

    for (int i = 0; i < NEW_NAME_TRIES; i++) {
        int r = random_bytes(bytes, sizeof(bytes));
        if (r < 0)
            return r;
        for (size_t k = 0; k < NEW_NAME_CHARS; k++)
            name[strlen("srv-") + k] = signs[bytes[k] & 31];
        r = store_find_server(s, name, &id);
        if (r == -ENOENT) {
            memcpy(out, name, sizeof(name));
            return 0;
        }
        if (r < 0)
            return r;
    }
    return -EIO; /* these bytes are not random */
}

/* Who comes back is still that reseller's: months can lie between a token and its use. */
static int weigh_return(struct attempt *a, enum refusal *ret)
{
    const struct claim claim = {a->token.server, a->token.reseller, a->request->now};
    struct store_admission found;
    struct diag why;
    int r = claim_check(a->store, &claim, &why);

    if (r == -ESRCH) {
        *ret = REFUSAL_NOT_THEIRS;
        return 0;
    }
    if (r >= 0)
        r = store_get_admission(a->store, a->token.server, &found);
    if (r < 0 && r != -ENOENT)
        return r;
    a->is_back = r >= 0;
    /* A second later than anything that was ever issued to it before. */
    a->certs_from.s = a->request->now.s + 1 - X509_BACKDATE.s;
    memcpy(a->use.server, a->token.server, sizeof(a->use.server));
    return 0;
}

/* A use of the token, or the same use again: which server it is. */
static int weigh_use(struct attempt *a, enum refusal *ret, struct diag *d)
{
    struct digest key_id;
    int r = csr_check(a->request->csr_pem, &key_id, d);

    if (r < 0)
        return r;
    memcpy(a->use.token, a->token.id, sizeof(a->use.token));
    memcpy(a->use.key_id, key_id.bytes, sizeof(a->use.key_id));
    r = store_get_use(a->store, &a->use);
    if (r >= 0)
        return weigh_again(a, ret);
    if (r != -ENOENT)
        return r;
    if (a->token.used >= a->token.uses) {
        *ret = REFUSAL_TOKEN_USED_UP;
        return 0;
    }
    if (a->token.server[0])
        return weigh_return(a, ret);
    return name_server(a->store, a->use.server);
}

static int write_use(struct attempt *a, const struct enrolled *e)
{
    int r = 0;

    if (!a->is_again) {
        r = store_enrol_server(a->store, e->server, e->reseller, a->request->now,
                               a->certs_from);
        if (r >= 0)
            r = store_use_token(a->store, a->token.id);
        if (r >= 0)
            r = store_put_use(a->store, &a->use);
    }
    if (r < 0)
        return r;
    return note_issued(a->store, a->request, e,
                       a->is_again  ? EVENT_ASKED_AGAIN
                       : a->is_back ? EVENT_CAME_BACK
                                    : EVENT_ENROLLED);
}

static int grant(struct attempt *a, struct enrolled *ret, struct diag *d)
{
    AUTO(enrolled) struct enrolled e = {0};

    memcpy(e.server, a->use.server, sizeof(e.server));
    memcpy(e.reseller, a->token.reseller, sizeof(e.reseller));
    int r = issue(a->request, e.server, a->certs_from, &e.certificate, d);
    if (r >= 0)
        r = write_use(a, &e);
    if (r < 0)
        return r;
    *ret = e;
    e = (struct enrolled){0};
    return 0;
}

int enrol_by_token(struct store *s, const struct enrol_request *request, struct enrolled *ret,
                   enum refusal *ret_refusal, struct diag *d)
{
    struct attempt a = {.store = s, .request = request, .certs_from = WALL_BEGIN};
    enum refusal refusal = REFUSAL_NONE;
    int r = weigh_token(&a, &refusal);

    if (r >= 0 && refusal == REFUSAL_NONE)
        r = weigh_use(&a, &refusal, d);
    if (r >= 0 && refusal == REFUSAL_NONE)
        r = grant(&a, ret, d);
    if (r >= 0)
        *ret_refusal = refusal;
    return r < 0 ? r : 0;
}

/* ---- By the certificate that it has ---------------------------------------------------- */

int enrol_renew(struct store *s, const struct enrol_request *request, struct enrolled *ret,
                enum refusal *ret_refusal, struct diag *d)
{
    AUTO(enrolled) struct enrolled e = {0};
    const struct admit_question question = {
        .peer = request->peer,
        .late = request->rules->late_renewal,
        .now = request->now,
    };
    struct store_admission admission;
    int r = enrol_admit(s, &question, ret_refusal, &admission);

    if (r < 0 || *ret_refusal != REFUSAL_NONE)
        return r;
    memcpy(e.server, request->peer->name, sizeof(e.server));
    memcpy(e.reseller, admission.reseller, sizeof(e.reseller));
    r = issue(request, e.server, admission.certs_from, &e.certificate, d);
    if (r >= 0)
        r = note_issued(s, request, &e, EVENT_RENEWED);
    if (r < 0)
        return r;
    *ret = e;
    e = (struct enrolled){0};
    return 0;
}
