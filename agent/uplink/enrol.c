/* How a server comes by its identity: by a token the first time, by the identity itself later.
 */
#include "uplink/uplink_parts.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/request.h"
#include "json/jsonw.h"
#include "os/file.h"

enum { TOKEN_BYTES_MAX = 256, KEY_MODE = 0600, AUTHORITY_MODE = 0644 };

/* A certificate that is asked for. */
struct asked {
    struct buf key, body;  /* secrets, both */
    const char *url;       /* of an enrolment; NULL = a renewal */
    struct text authority; /* of an enrolment: whom the token vouches for */
};

static void asked_done(struct asked *a)
{
    request_secret_done(&a->key);
    request_secret_done(&a->body);
}

static struct text text_in(const struct buf *b)
{
    return (struct text){buf_str(b), b->len};
}

/* A request's body: the certificate request for the key, and a token where there is one. */
static int make_body(struct asked *a, struct text token, struct diag *d)
{
    AUTO(buf) struct buf csr = BUF_INIT(CAP_ENROL_BYTES);
    char word[TOKEN_BYTES_MAX + 1];
    int r = request_make(text_in(&a->key), &csr, d);
    if (r != 0)
        return r;
    request_make_room(&a->body);
    struct jsonw w = jsonw_to(&a->body, false);
    jsonw_object(&w, NULL);
    if (token.n > 0) {
        memcpy(word, token.p, token.n);
        word[token.n] = '\0';
        jsonw_text(&w, "token", word);
        explicit_bzero(word, sizeof word);
    }
    jsonw_text(&w, "csr", buf_str(&csr));
    jsonw_end_object(&w);
    r = buf_error(&a->body);
    return r == 0 ? 0 : diag_set(d, r, "no room for a request");
}

static int read_enrolled(struct uplink *u, void *arg, struct text body, struct buf *out,
                         struct diag *d)
{
    struct asked *a = arg;
    AUTO(answer_enrolled)
    struct answer_enrolled e = {"", BUF_INIT(CAP_HTTP_ANSWER), BUF_INIT(CAP_HTTP_ANSWER)};
    int r = answer_read_enrolled(body, &e, out, d);
    if (r != 0)
        return r;
    /* Of an enrolment what the token vouches for is believed; a later answer of that one may
     * name its successor. */
    struct text authority = a->url ? a->authority : text_in(&e.authority);
    const struct uplink_news news = {text_in(&a->key), text_in(&e.certificate), authority,
                                     a->url, e.server};
    return uplink_write(u, &news, d);
}

/* ---- Renewal --------------------------------------------------------------------------- */

void uplink_renew(struct uplink *u)
{
    AUTO(asked)
    struct asked a = {BUF_INIT(REQUEST_KEY_CAP), BUF_INIT(CAP_ENROL_BYTES), .url = NULL};
    struct diag d = {""};
    if (!uplink_read_identity(u))
        return;
    int r = request_new_key(&a.key, &d);
    if (r == 0)
        r = make_body(&a, (struct text){NULL, 0}, &d);
    if (r != 0) {
        uplink_end(u, MESSAGE_BROKEN, &d);
        return;
    }
    uplink_ask_all(u, &(const struct uplink_question){.path = "/v1/renew",
                                                      .authority = u->authority,
                                                      .identity = u->identity,
                                                      .body = text_in(&a.body),
                                                      .read = read_enrolled,
                                                      .arg = &a});
}

/* ---- Enrolment ------------------------------------------------------------------------- */

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/*
 * The token without white space around it, and the digest in its last part: whom it vouches
 * for. The parts before that are the collector's business. Nothing of it is ever said.
 */
static int read_token(struct text *t, struct digest *ret)
{
    static const char start[] = "fairuse1.";
    while (t->n > 0 && is_space(t->p[0]))
        *t = (struct text){t->p + 1, t->n - 1};
    while (t->n > 0 && is_space(t->p[t->n - 1]))
        t->n--;
    if (t->n > TOKEN_BYTES_MAX || t->n < sizeof start - 1 + 2 * DIGEST_BYTES ||
        memcmp(t->p, start, sizeof start - 1) != 0)
        return -EBADMSG;
    for (size_t i = 0; i < t->n; i++)
        if (t->p[i] < '!' || t->p[i] > '~')
            return -EBADMSG;
    size_t at = t->n - 2 * DIGEST_BYTES;
    if (t->p[at - 1] != '.')
        return -EBADMSG;
    return text_from_hex((struct text){t->p + at, 2 * DIGEST_BYTES}, ret->bytes, DIGEST_BYTES);
}

/*
 * The key of an enrolment whose answer never came, or a new one, which is on disk before anyone
 * hears of it: a token may be good for one key alone, and the same key again is let in again.
 */
static int take_key(const struct uplink *u, struct asked *a, struct diag *d)
{
    AUTO(buf) struct buf trial = BUF_INIT(CAP_ENROL_BYTES);
    request_make_room(&a->key);
    int r = file_read(u->new_key, &a->key, d);
    if (r == 0 && request_make(text_in(&a->key), &trial, d) == 0)
        return 0;
    if (r != 0 && r != -ENOENT && r != -ERANGE)
        return r;
    request_wipe(&a->key); /* there is none, or what is there is no key */
    r = request_new_key(&a->key, d);
    return r == 0 ? file_write(u->new_key, text_in(&a->key), KEY_MODE, d) : r;
}

/* Among what the one at the URL shows: the certificate that the token vouches for, in a file of
 * its own. False after uplink_end(). */
static bool find_authority(struct uplink *u, const char *url, const struct digest *wanted,
                           struct buf *ret)
{
    const struct exchange_order order = {.url = url, .path = "/", .proxy = u->options->proxy};
    AUTO(exchange_answer) struct exchange_answer answer;
    struct diag d = {""};
    exchange_look(&order, &answer);
    if (answer.outcome != MESSAGE_DONE) {
        uplink_end(u, answer.outcome, &answer.why);
        return false;
    }
    int r = request_find((struct text){buf_str(&answer.body), answer.body.len}, wanted, ret);
    if (r != 0 && r != -ENOMEM) {
        (void)diag_set(&d, 0,
                       "%s: who answers there is not the collector that the token was made by; "
                       "the token was not shown to it",
                       url);
        uplink_end(u, MESSAGE_UNTRUSTED, &d);
        return false;
    }
    if (r == 0)
        r = file_write(u->new_authority, text_in(ret), AUTHORITY_MODE, &d);
    else
        (void)diag_set(&d, 0, "out of memory");
    if (r != 0)
        uplink_end(u, MESSAGE_BROKEN, &d);
    return r == 0;
}

/* The files of the way are in the way afterwards. A key whose request was refused for what it
 * is would be refused again; after any other refusal it may still be the one that was let in.
 */
static void clear(const struct uplink *u)
{
    (void)unlink(u->new_authority); /* if it stays, the next one overwrites it */
    if (u->result.outcome == MESSAGE_DONE || u->result.outcome == MESSAGE_REFUSED)
        (void)unlink(u->new_key); /* the same */
}

static bool may_begin(struct uplink *u, bool may_replace)
{
    struct diag d;
    struct stat there;
    if (may_replace || stat(u->identity, &there) != 0)
        return true;
    (void)diag_set(&d, 0,
                   "this server has an identity already (%s); --replace puts another in its "
                   "place",
                   u->identity);
    uplink_end(u, MESSAGE_BROKEN, &d);
    return false;
}

void uplink_enrol(struct uplink *u, const char *url, struct text token, bool may_replace)
{
    AUTO(asked)
    struct asked a = {BUF_INIT(REQUEST_KEY_CAP), BUF_INIT(CAP_ENROL_BYTES), .url = url};
    AUTO(buf) struct buf authority = BUF_INIT(X509_PEM_CAP);
    struct digest wanted;
    struct diag d = {""};
    if (!may_begin(u, may_replace))
        return;
    int r = read_token(&token, &wanted);
    if (r != 0)
        (void)diag_set(&d, 0,
                       "what came on standard input is no token: one begins with fairuse1. and "
                       "has three parts in hex behind that");
    if (r == 0)
        r = take_key(u, &a, &d);
    if (r == 0)
        r = make_body(&a, token, &d);
    if (r != 0) {
        uplink_end(u, MESSAGE_BROKEN, &d);
        return;
    }
    if (find_authority(u, url, &wanted, &authority)) {
        a.authority = text_in(&authority);
        uplink_ask(u, url,
                   &(const struct uplink_question){.path = "/v1/enrol",
                                                   .authority = u->new_authority,
                                                   .body = text_in(&a.body),
                                                   .read = read_enrolled,
                                                   .arg = &a});
    }
    clear(u);
}
