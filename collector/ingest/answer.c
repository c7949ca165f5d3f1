/* What agents are told, member by member; and the two small bodies that ask for a certificate.
 */
#include "ingest/answer.h"
#include "json/jsonw.h"
#include "wire/fields.h"
#include <errno.h>
#include <string.h>

void answer_put_error(struct buf *out, const char *code, const char *message, const char *at)
{
    struct jsonw w = jsonw_to(out, false);

    jsonw_object(&w, NULL);
    jsonw_object(&w, "error");
    jsonw_text(&w, "code", code);
    jsonw_text(&w, "message", message);
    if (at)
        jsonw_text(&w, "at", at);
    jsonw_end_object(&w);
    jsonw_end_object(&w);
}

/* ---- Parts ----------------------------------------------------------------------------- */

static void put_texts(struct jsonw *w, const char *key, const char *const *v, size_t n)
{
    jsonw_array(w, key);
    for (size_t i = 0; i < n; i++)
        jsonw_text(w, NULL, v[i]);
    jsonw_end_array(w);
}

static void put_settings(struct jsonw *w, const struct answer_settings *s)
{
    jsonw_object(w, "settings");
    jsonw_int(w, "interval", s->interval.s);
    put_texts(w, "mx_suffixes", s->mx_suffixes, s->n_mx_suffixes);
    put_texts(w, "key_servers", s->key_servers, s->n_key_servers);
    jsonw_end_object(w);
}

static void put_moment(struct jsonw *w, const char *key, bool has, wall_t t)
{
    if (has)
        jsonw_int(w, key, t.s);
    else
        jsonw_null(w, key);
}

/* A text that may not be terminated. What fails on the way fails the answer. */
static void put_text(struct jsonw *w, const char *key, struct text t)
{
    AUTO(buf) struct buf copy = BUF_INIT(CAP_HTTP_ANSWER);

    buf_add(&copy, t.p, t.n);
    jsonw_text(w, key, buf_str(&copy));
    if (w->out->error == 0)
        w->out->error = buf_error(&copy);
}

/* ---- An accepted report ------------------------------------------------------------------ */

static void put_license(struct jsonw *w, license_t license, const struct standings *known,
                        const char *reseller)
{
    struct standing s = {.kinds = 0};
    bool has = known && standings_find(known, license, reseller, &s);
    char text[LICENSE_TEXT_SIZE];

    jsonw_object(w, NULL);
    jsonw_text(w, "license", license_format(license, text));
    jsonw_text(w, "state", !has ? "ok" : s.is_confirmed ? "confirmed" : "potential");
    jsonw_array(w, "kinds");
    for (unsigned k = 0; k < CHARGE_KIND_COUNT; k++)
        if (s.kinds & 1U << k)
            jsonw_text(w, NULL, charge_kind_name((enum charge_kind)k));
    jsonw_end_array(w);
    put_moment(w, "since", has, s.since);
    put_moment(w, "confirms_at", has && s.has_confirms, s.confirms_at);
    jsonw_end_object(w);
}

/* Whether a report's i-th licence stands in it before. There are at most CAP_REPORT_LICENSES.
 */
static bool is_repeated(const struct report *r, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (r->licenses[j].license.code == r->licenses[i].license.code)
            return true;
    return false;
}

void answer_put_accepted(struct buf *out, const struct answer_accepted *a,
                         const struct standings *known, const struct answer_settings *settings)
{
    struct jsonw w = jsonw_to(out, false);
    const struct report *r = a->report;

    jsonw_object(&w, NULL);
    jsonw_bool(&w, "accepted", true);
    if (a->is_lacking)
        jsonw_bool(&w, "resend", true);
    jsonw_array(&w, "licenses");
    for (size_t i = 0; i < r->n_licenses; i++)
        if (!is_repeated(r, i))
            put_license(&w, r->licenses[i].license, known, a->reseller);
    jsonw_end_array(&w);
    put_settings(&w, settings);
    jsonw_end_object(&w);
}

/* ---- A certificate ----------------------------------------------------------------------- */

void answer_put_enrolled(struct buf *out, const struct enrolled *e, struct text authority_pem,
                         const struct answer_settings *settings)
{
    struct jsonw w = jsonw_to(out, false);

    jsonw_object(&w, NULL);
    jsonw_text(&w, "server", e->server);
    jsonw_text(&w, "certificate", buf_str(&e->certificate.pem));
    put_text(&w, "authority", authority_pem);
    jsonw_int(&w, "not_after", e->certificate.term.to.s);
    put_settings(&w, settings);
    jsonw_end_object(&w);
}

static void read_token(struct fields *f, struct token *ret)
{
    struct json v = json_member(f->object, "token");
    struct text t;

    if (!fields_text(f, "token", CAP_ENROL_BYTES, &t) || token_parse(t, ret) == 0)
        return;
    f->error = json_refuse(&v, f->e, "bad-value",
                           "is no token: one begins with fairuse1. and has three parts in hex "
                           "behind that");
}

/* *ret is NULL after a refusal. */
static void read_csr(struct fields *f, char **ret)
{
    struct json v = json_member(f->object, "csr");
    struct text t;

    if (!fields_text(f, "csr", CAP_ENROL_BYTES, &t))
        return;
    if (t.n == 0) {
        f->error = json_refuse(&v, f->e, "bad-value",
                               "is empty, must be a certificate request in PEM");
        return;
    }
    *ret = strndup(t.p, t.n);
    if (!*ret)
        f->error = -ENOMEM;
}

int answer_read_enrol(struct text body, bool has_token, struct enrol_body *ret,
                      struct json_error *reterr)
{
    static const char *const enrol[] = {"token", "csr", NULL}, *const renew[] = {"csr", NULL};
    AUTO(json_doc) struct json_doc *doc = NULL;
    AUTO(enrol_body) struct enrol_body asked = {.csr_pem = NULL};
    int r = fields_read_document(body, CAP_ENROL_BYTES, &doc, reterr);

    if (r < 0)
        return r;
    struct json root = json_root(doc);
    struct fields f = fields_of(&root, has_token ? enrol : renew, reterr);
    if (has_token)
        read_token(&f, &asked.token);
    read_csr(&f, &asked.csr_pem);
    if (f.error < 0)
        return f.error;
    *ret = asked;
    asked.csr_pem = NULL;
    return 0;
}

void enrol_body_done(struct enrol_body *b)
{
    explicit_bzero(&b->token, sizeof(b->token));
    free(b->csr_pem);
    b->csr_pem = NULL;
}
