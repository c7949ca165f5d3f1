/* What the authority signs: clients' requests, and a server's key of its own. */
#include "crypto/x509.h"

#include "crypto/authority.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

enum { CERTIFICATE_CAP = 32768 }; /* PEM; a server's with 64 names of 253 bytes has 23 kB */

/* ---- Requests ------------------------------------------------------------------------- */

static const char bad_request[] = "not a certificate request in PEM";

static bool is_wanted_key(gnutls_pubkey_t key)
{
    gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;
    int kind = gnutls_pubkey_get_pk_algorithm(key, NULL);
    if (kind == GNUTLS_PK_EDDSA_ED25519)
        return true;
    return kind == GNUTLS_PK_ECDSA &&
           gnutls_pubkey_export_ecc_raw(key, &curve, NULL, NULL) >= 0 &&
           curve == GNUTLS_ECC_CURVE_SECP256R1;
}

/*
 * The key of a request that is in order. Its kind comes before its signature, which is checked
 * with it: what that costs is the maker's choice in RSA, up to seconds.
 */
static int csr_key(struct text pem, gnutls_pubkey_t *ret, struct diag *d)
{
    AUTO(gnu_crq) gnutls_x509_crq_t crq = NULL;
    AUTO(gnu_pubkey) gnutls_pubkey_t key = NULL;
    if (pem.n > X509_PEM_CAP)
        return diag_set(d, -EBADMSG, "%s: more than %d bytes", bad_request, X509_PEM_CAP);
    gnutls_datum_t data = gnu_borrow(pem);
    int r = gnutls_x509_crq_init(&crq);
    if (r >= 0)
        r = gnutls_pubkey_init(&key);
    if (r >= 0)
        r = gnutls_x509_crq_import(crq, &data, GNUTLS_X509_FMT_PEM);
    if (r >= 0)
        r = gnutls_pubkey_import_x509_crq(key, crq, 0);
    if (r < 0)
        return gnu_fail(d, -EBADMSG, bad_request, r);
    if (!is_wanted_key(key))
        return diag_set(d, -EBADMSG, "the request's key is neither ECDSA P-256 nor Ed25519");
    r = gnutls_x509_crq_verify(crq, 0);
    if (r < 0)
        return gnu_fail(d, -EBADMSG, "the request's signature is not good", r);
    *ret = STEAL(key);
    return 0;
}

static int key_id_of(gnutls_pubkey_t key, struct digest *ret)
{
    size_t n = DIGEST_BYTES;
    return gnutls_pubkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, ret->bytes, &n);
}

int csr_check(struct text pem, struct digest *ret_key_id, struct diag *d)
{
    AUTO(gnu_pubkey) gnutls_pubkey_t key = NULL;
    struct digest id;
    int r = csr_key(pem, &key, d);
    if (r != 0)
        return r;
    r = key_id_of(key, &id);
    if (r < 0)
        return gnu_fail(d, -EBADMSG, "the request's key", r);
    *ret_key_id = id;
    return 0;
}

/* ---- Certificates --------------------------------------------------------------------- */

/* What is to be said of a key. */
struct order {
    gnutls_pubkey_t key;
    struct text name;
    const char *purpose;
    const char *const *names; /* SAN; none for a client */
    size_t n;
    wall_t now;
    dur_t lifetime;
};

void issued_done(struct issued *i)
{
    buf_done(&i->pem);
}

static int put_alternative(gnutls_x509_crt_t crt, const char *name)
{
    uint8_t address[sizeof(struct in6_addr)];
    unsigned n = 0;
    if (inet_pton(AF_INET, name, address) == 1)
        n = sizeof(struct in_addr);
    else if (inet_pton(AF_INET6, name, address) == 1)
        n = sizeof(struct in6_addr);
    if (n > 0)
        return gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, address, n,
                                                    GNUTLS_FSAN_APPEND);
    return gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, name,
                                                (unsigned)strlen(name), GNUTLS_FSAN_APPEND);
}

static int put_usage(gnutls_x509_crt_t crt, const struct authority *a, const struct order *o)
{
    int r = gnutls_x509_crt_set_basic_constraints(crt, 0, -1);
    if (r >= 0)
        r = gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE);
    if (r >= 0)
        r = gnutls_x509_crt_set_key_purpose_oid(crt, o->purpose, 0);
    if (r >= 0)
        r = gnutls_x509_crt_set_authority_key_id(crt, a->id, a->id_n);
    for (size_t i = 0; r >= 0 && i < o->n; i++)
        r = put_alternative(crt, o->names[i]);
    return r;
}

/* Never beyond the authority's own end; -ERANGE when that has come, or its beginning has not.
 */
static int term_for(const struct authority *a, const struct order *o, struct x509_term *ret,
                    struct diag *d)
{
    char from[WALL_TEXT_SIZE], to[WALL_TEXT_SIZE];
    if (o->now.s < a->term.from.s || o->now.s > a->term.to.s)
        return diag_set(d, -ERANGE, "the authority's certificate is good from %s to %s only",
                        wall_format(a->term.from, from), wall_format(a->term.to, to));
    ret->from = (wall_t){o->now.s - X509_BACKDATE.s};
    ret->to = wall_min((wall_t){o->now.s + o->lifetime.s}, a->term.to);
    return 0;
}

static int put_all(gnutls_x509_crt_t crt, const struct authority *a, const struct order *o,
                   const struct issued *i)
{
    const struct x509_body body = {o->key, o->name, i->term, i->serial};
    int r = x509_put_body(crt, &body);
    if (r >= 0)
        r = put_usage(crt, a, o);
    if (r >= 0)
        r = gnutls_x509_crt_privkey_sign(crt, a->crt, a->key, a->hash, 0);
    return r;
}

static int issue(const struct authority *a, const struct order *o, struct issued *ret,
                 struct diag *d)
{
    AUTO(gnu_crt) gnutls_x509_crt_t crt = NULL;
    AUTO(gnu_datum) gnutls_datum_t pem = {NULL, 0};
    struct issued made = {.pem = BUF_INIT(CERTIFICATE_CAP)};
    int r = term_for(a, o, &made.term, d);
    if (r != 0)
        return r;
    if (x509_new_serial(made.serial) != 0)
        return diag_set(d, -EIO, "no random bytes for a certificate");
    r = gnutls_x509_crt_init(&crt);
    if (r >= 0)
        r = put_all(crt, a, o, &made);
    if (r >= 0)
        r = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem);
    if (r >= 0)
        r = key_id_of(o->key, &made.key_id);
    if (r < 0)
        return gnu_fail(d, -EIO, "signing a certificate", r);
    buf_add(&made.pem, pem.data, pem.size);
    r = buf_error(&made.pem);
    if (r != 0) {
        buf_done(&made.pem);
        return diag_set(d, r, "no room for a certificate");
    }
    *ret = made;
    return 0;
}

int authority_issue_client(const struct authority *a, const struct x509_client *client,
                           struct issued *ret, struct diag *d)
{
    AUTO(gnu_pubkey) gnutls_pubkey_t key = NULL;
    assert(text_is_label(text_of(client->name), CAP_ID));
    int r = csr_key(client->csr_pem, &key, d);
    if (r != 0)
        return r;
    const struct order o = {
        .key = key,
        .name = text_of(client->name),
        .purpose = GNUTLS_KP_TLS_WWW_CLIENT,
        .now = client->now,
        .lifetime = client->lifetime,
    };
    return issue(a, &o, ret, d);
}

/* Something must stand there; what is checked are the alternative names. */
static struct text common_name(const struct x509_server *server)
{
    for (size_t i = 0; i < server->n; i++) {
        struct text name = text_of(server->names[i]);
        if (name.n <= CAP_ID)
            return name;
    }
    return text_of("server");
}

int authority_issue_server(const struct authority *a, const struct x509_server *server,
                           struct issued *ret, struct buf *ret_key, struct diag *d)
{
    AUTO(gnu_private) gnutls_x509_privkey_t key = NULL;
    AUTO(gnu_pubkey) gnutls_pubkey_t public = NULL;
    struct issued made;
    assert(server->n > 0);
    int r = x509_new_key(&key);
    if (r >= 0)
        r = x509_public_of(key, &public);
    if (r < 0)
        return gnu_fail(d, -EIO, "making a key", r);
    const struct order o = {
        .key = public,
        .name = common_name(server),
        .purpose = GNUTLS_KP_TLS_WWW_SERVER,
        .names = server->names,
        .n = server->n,
        .now = server->now,
        .lifetime = server->lifetime,
    };
    r = issue(a, &o, &made, d);
    if (r != 0)
        return r;
    r = x509_key_pem(key, ret_key);
    if (r != 0) {
        issued_done(&made);
        return diag_set(d, r, "no room for a key");
    }
    *ret = made;
    return 0;
}
