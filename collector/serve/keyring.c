/* Whom agents trust, and what the server shows them. */
#include "serve/keyring.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "enrol/keys.h"
#include "os/file.h"

enum {
    OWN_DAYS = 30
}; /* of a certificate that is made at each start, and again before its end */

/* PEM texts, wiped when they go. */
struct pair {
    struct buf certificate, key;
};

static void pair_done(struct pair *p)
{
    if (p->key.data)
        explicit_bzero(p->key.data, p->key.size);
    buf_done(&p->key);
    buf_done(&p->certificate);
}

static struct text text_in(const struct buf *b)
{
    return (struct text){buf_str(b), b->len};
}

static int read_pair(const struct settings_collector *rules, struct pair *ret, struct diag *d)
{
    int r = file_read(rules->certificate, &ret->certificate, d);
    return r < 0 ? r : enrol_key_read(rules->key, &ret->key, d);
}

/* The names agents reach it by; where none are set, the host's. */
static int make_pair(const struct settings_collector *rules, const struct authority *a,
                     wall_t now, struct pair *ret, struct diag *d)
{
    const char *names[TABLE_TEXTS_MAX];
    char host[256] = "localhost";
    struct issued issued = {.serial = {0}};
    size_t n = rules->names.n;

    for (size_t i = 0; i < n; i++)
        names[i] = rules->names.v[i];
    if (n == 0) {
        (void)gethostname(host, sizeof host - 1); /* else the name above stays */
        names[n++] = host;
    }
    const struct x509_server order = {names, n, now, {INT64_C(86400) * OWN_DAYS}};
    int r = authority_issue_server(a, &order, &issued, &ret->key, d);
    if (r == 0) {
        buf_add(&ret->certificate, issued.pem.data, issued.pem.len);
        struct text issuer = authority_certificate_pem(a);
        buf_add(&ret->certificate, issuer.p, issuer.n);
        r = buf_error(&ret->certificate);
    }
    issued_done(&issued);
    return r;
}

static int tls_of(const struct settings_collector *rules, const struct pair *pair,
                  struct tls_context **ret, struct diag *d)
{
    struct tls_setup setup = {.certificate_pem = text_in(&pair->certificate),
                              .key_pem = text_in(&pair->key),
                              .allow_tls12 = rules->allow_tls12};
    int r = tls_context_new(&setup, ret, d);
    if (r < 0 && rules->certificate[0])
        diag_within(d, "%s with %s", rules->certificate, rules->key);
    return r;
}

static int load_server(const struct settings_collector *rules, const struct authority *a,
                       wall_t now, struct pair *pair, struct diag *d)
{
    if (!rules->certificate[0])
        return make_pair(rules, a, now, pair, d);
    int r = read_pair(rules, pair, d);
    if (r == 0) {
        r = authority_check_server(a, text_in(&pair->certificate), now, d);
        if (r < 0)
            diag_within(d, "%s", rules->certificate);
    }
    return r;
}

static int check_authority(const struct authority *a, const struct enrol_files *files,
                           wall_t now, struct diag *d)
{
    struct x509_term term = authority_term(a);
    char text[WALL_TEXT_SIZE];

    if (now.s < term.from.s)
        return diag_set(d, -EBADMSG, "%s is valid from %s on: is the clock right?",
                        files->certificate, wall_format(term.from, text));
    if (now.s >= term.to.s)
        return diag_set(d, -EBADMSG, "%s ended at %s: a new authority is needed",
                        files->certificate, wall_format(term.to, text));
    return 0;
}

int keyring_load(const struct keyring_order *order, struct keys **ret, wall_t *ret_until,
                 struct diag *d)
{
    const struct settings_collector *rules = order->rules;
    struct enrol_files files;
    struct tls_context *tls = NULL;
    AUTO(authority) struct authority *a = NULL;
    AUTO(pair) struct pair pair = {BUF_INIT(X509_PEM_CAP), BUF_INIT(X509_PEM_CAP)};
    int r = enrol_files_find(order->store, rules->authority, rules->authority_key, &files);

    if (r < 0)
        return diag_set(d, r, "where is the authority? Set `authority` and `authority_key`");
    r = enrol_files_load(&files, &a, d);
    if (r == 0)
        r = check_authority(a, &files, order->now, d);
    if (r == 0)
        r = load_server(rules, a, order->now, &pair, d);
    if (r == 0)
        r = tls_of(rules, &pair, &tls, d);
    if (r < 0)
        return r;
    struct x509_term term;
    r = x509_chain_term(text_in(&pair.certificate), &term);
    struct keys *keys = r == 0 ? keys_new(a, tls) : NULL;
    if (!keys) {
        tls_context_unref(tls);
        return diag_set(d, r < 0 ? r : -ENOMEM, "the server's certificate cannot be kept");
    }
    (void)STEAL(a);
    *ret = keys;
    *ret_until = term.to;
    return 0;
}
