/* The authority: made here or read from files, and what makes a key and certificate one. */
#include "crypto/authority.h"

#include <errno.h>
#include <string.h>

#include <gnutls/crypto.h>

enum { RSA_BITS_MIN = 2048 };

/* ---- Parts that issuing needs too ----------------------------------------------------- */

int x509_new_serial(uint8_t ret[static X509_SERIAL_BYTES])
{
    uint8_t serial[X509_SERIAL_BYTES];
    if (gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial) != 0)
        return -EIO;
    serial[0] = (uint8_t)((serial[0] & 0x3f) | 0x40);
    memcpy(ret, serial, sizeof serial);
    return 0;
}

int x509_new_key(gnutls_x509_privkey_t *ret)
{
    AUTO(gnu_private) gnutls_x509_privkey_t key = NULL;
    int r = gnutls_x509_privkey_init(&key);
    if (r >= 0)
        r = gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                         GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
    if (r >= 0)
        *ret = STEAL(key);
    return r;
}

int x509_public_of(gnutls_x509_privkey_t key, gnutls_pubkey_t *ret)
{
    AUTO(gnu_pubkey) gnutls_pubkey_t public = NULL;
    gnutls_privkey_t private = NULL;
    int r = gnutls_pubkey_init(&public);
    if (r >= 0)
        r = gnutls_privkey_init(&private);
    if (r < 0)
        return r;
    r = gnutls_privkey_import_x509(private, key, 0);
    if (r >= 0)
        r = gnutls_pubkey_import_privkey(public, private, 0, 0);
    gnutls_privkey_deinit(private);
    if (r >= 0)
        *ret = STEAL(public);
    return r;
}

int x509_key_pem(gnutls_x509_privkey_t key, struct buf *ret)
{
    AUTO(gnu_secret) gnutls_datum_t pem = {NULL, 0};
    int r = gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN,
                                              &pem);
    if (r < 0)
        return r == GNUTLS_E_MEMORY_ERROR ? -ENOMEM : -EIO;
    buf_add(ret, pem.data, pem.size);
    return buf_error(ret);
}

int x509_term_of(gnutls_x509_crt_t crt, struct x509_term *ret)
{
    time_t from = gnutls_x509_crt_get_activation_time(crt);
    time_t to = gnutls_x509_crt_get_expiration_time(crt);
    if (from == (time_t)-1 || to == (time_t)-1)
        return -EBADMSG;
    *ret = (struct x509_term){.from = {from}, .to = {to}};
    return 0;
}

/* subjectKeyIdentifier: a hash of the key, as anyone makes one (RFC 5280, 4.2.1.2). */
static int put_key_id(gnutls_x509_crt_t crt, gnutls_pubkey_t key)
{
    uint8_t id[AUTHORITY_ID_CAP];
    size_t n = sizeof id;
    int r = gnutls_pubkey_get_key_id(key, GNUTLS_KEYID_USE_SHA1, id, &n);
    if (r >= 0)
        r = gnutls_x509_crt_set_subject_key_id(crt, id, n);
    return r;
}

int x509_put_body(gnutls_x509_crt_t crt, const struct x509_body *body)
{
    int r = gnutls_x509_crt_set_version(crt, 3);
    if (r >= 0)
        r = gnutls_x509_crt_set_serial(crt, body->serial, X509_SERIAL_BYTES);
    if (r >= 0)
        r = gnutls_x509_crt_set_activation_time(crt, body->term.from.s);
    if (r >= 0)
        r = gnutls_x509_crt_set_expiration_time(crt, body->term.to.s);
    if (r >= 0)
        r = gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, body->name.p,
                                          (unsigned)body->name.n);
    if (r >= 0)
        r = gnutls_x509_crt_set_pubkey(crt, body->key);
    if (r >= 0)
        r = put_key_id(crt, body->key);
    return r;
}

/* ---- From a certificate and a key ----------------------------------------------------- */

static int authority_alloc(struct authority **ret, struct diag *d)
{
    struct authority *a = calloc(1, sizeof *a);
    if (!a) {
        (void)diag_set(d, -ENOMEM, "out of memory");
        return -ENOMEM; /* plainly not 0, also to one who cannot see diag_set() */
    }
    *ret = a;
    return 0;
}

void authority_free(struct authority *a)
{
    if (!a)
        return;
    /* GnuTLS overwrites the secret numbers of a key before it frees them. */
    if (a->key)
        gnutls_privkey_deinit(a->key);
    gnu_private_done(&a->x509);
    gnu_crt_done(&a->crt);
    gnu_datum_done(&a->pem);
    free(a);
}

int authority_check_purpose(gnutls_x509_crt_t crt, struct diag *d)
{
    unsigned critical = 0;
    unsigned usage = 0;
    if (gnutls_x509_crt_get_ca_status(crt, &critical) <= 0)
        return diag_set(d, -EBADMSG, "the certificate is no authority's (CA:TRUE is missing)");
    if (gnutls_x509_crt_get_key_usage(crt, &usage, &critical) < 0 ||
        !(usage & GNUTLS_KEY_KEY_CERT_SIGN))
        return diag_set(d, -EBADMSG, "the certificate may not sign others (keyCertSign)");
    return 0;
}

/* Keys that agents and the openssl command can check without being asked to. */
static int check_kind(gnutls_pubkey_t public, struct diag *d)
{
    unsigned bits = 0;
    int kind = gnutls_pubkey_get_pk_algorithm(public, &bits);
    if (kind == GNUTLS_PK_EDDSA_ED25519 || kind == GNUTLS_PK_ECDSA ||
        (kind == GNUTLS_PK_RSA && bits >= RSA_BITS_MIN))
        return 0;
    return diag_set(d, -EBADMSG,
                    "a key of this kind is of no use: ECDSA, Ed25519, or RSA of "
                    "at least %d bits",
                    RSA_BITS_MIN);
}

/* The key fits the certificate if the one finds good what the other signed. */
static int check_pair(struct authority *a, gnutls_pubkey_t public, struct diag *d)
{
    static const char what[] = "the key is not the certificate's";
    int kind = gnutls_pubkey_get_pk_algorithm(public, NULL);
    if (gnutls_privkey_get_pk_algorithm(a->key, NULL) != kind)
        return diag_set(d, -EBADMSG, "%s", what);
    gnutls_datum_t data = gnu_borrow(text_of("a trial"));
    AUTO(gnu_datum) gnutls_datum_t signature = {NULL, 0};
    gnutls_sign_algorithm_t how = gnutls_pk_to_sign((gnutls_pk_algorithm_t)kind, a->hash);
    int r = gnutls_privkey_sign_data2(a->key, how, 0, &data, &signature);
    if (r >= 0)
        r = gnutls_pubkey_verify_data2(public, how, 0, &data, &signature);
    if (r == GNUTLS_E_PK_SIG_VERIFY_FAILED)
        return diag_set(d, -EBADMSG, "%s", what);
    return r < 0 ? gnu_fail(d, -EBADMSG, "using the key", r) : 0;
}

/* The certificate's own identifier, or the usual one where it has none. */
static int find_id(struct authority *a, gnutls_pubkey_t public)
{
    unsigned critical = 0;
    size_t n = sizeof a->id;
    int r = gnutls_x509_crt_get_subject_key_id(a->crt, a->id, &n, &critical);
    if (r == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
        n = sizeof a->id;
        r = gnutls_pubkey_get_key_id(public, GNUTLS_KEYID_USE_SHA1, a->id, &n);
    }
    a->id_n = n;
    return r;
}

/* Copies of what is asked for often. */
static int describe(struct authority *a, struct diag *d)
{
    AUTO(gnu_datum) gnutls_datum_t der = {NULL, 0};
    int r = gnutls_x509_crt_export2(a->crt, GNUTLS_X509_FMT_DER, &der);
    if (r >= 0)
        r = gnutls_x509_crt_export2(a->crt, GNUTLS_X509_FMT_PEM, &a->pem);
    if (r < 0)
        return gnu_fail(d, -EIO, "writing the certificate", r);
    if (digest_sha256((struct text){(const char *)der.data, der.size}, &a->fingerprint) != 0)
        return diag_set(d, -EIO, "the certificate's digest cannot be made");
    if (x509_term_of(a->crt, &a->term) != 0)
        return diag_set(d, -EBADMSG, "the certificate's dates cannot be read");
    return 0;
}

/* Of a certificate and a private key that are both there: checks them and fills the rest. */
static int complete(struct authority *a, struct diag *d)
{
    AUTO(gnu_pubkey) gnutls_pubkey_t public = NULL;
    int r = gnutls_pubkey_init(&public);
    if (r >= 0)
        r = gnutls_pubkey_import_x509(public, a->crt, 0);
    if (r >= 0)
        r = gnutls_pubkey_get_preferred_hash_algorithm(public, &a->hash, NULL);
    if (r >= 0)
        r = find_id(a, public);
    if (r < 0)
        return gnu_fail(d, -EBADMSG, "the certificate's key", r);
    r = gnutls_privkey_init(&a->key);
    if (r >= 0)
        r = gnutls_privkey_import_x509(a->key, a->x509, 0);
    if (r < 0)
        return gnu_fail(d, -EBADMSG, "the key", r);
    r = check_kind(public, d);
    if (r == 0)
        r = check_pair(a, public, d);
    return r == 0 ? describe(a, d) : r;
}

/* ---- Made and read -------------------------------------------------------------------- */

/* A certificate for the key, signed by it. */
static int put_authority(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key,
                         const struct x509_body *body)
{
    int r = x509_put_body(crt, body);
    if (r >= 0)
        r = gnutls_x509_crt_set_basic_constraints(crt, 1, 0);
    if (r >= 0)
        r = gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_KEY_CERT_SIGN);
    if (r >= 0)
        r = gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0);
    return r;
}

/*
 * GnuTLS gives what it finds in an object that it wrote only after it has read it: a
 * certificate that was made is read again, by which it is the one that others will see.
 */
static int read_again(gnutls_x509_crt_t made, gnutls_x509_crt_t *ret)
{
    AUTO(gnu_crt) gnutls_x509_crt_t crt = NULL;
    AUTO(gnu_datum) gnutls_datum_t der = {NULL, 0};
    int r = gnutls_x509_crt_export2(made, GNUTLS_X509_FMT_DER, &der);
    if (r >= 0)
        r = gnutls_x509_crt_init(&crt);
    if (r >= 0)
        r = gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER);
    if (r >= 0)
        *ret = STEAL(crt);
    return r;
}

int authority_new(const char *name, wall_t now, dur_t lifetime, struct authority **ret,
                  struct diag *d)
{
    uint8_t serial[X509_SERIAL_BYTES];
    AUTO(authority) struct authority *a = NULL;
    AUTO(gnu_pubkey) gnutls_pubkey_t public = NULL;
    AUTO(gnu_crt) gnutls_x509_crt_t crt = NULL;
    int r = authority_alloc(&a, d);
    if (r != 0)
        return r;
    if (x509_new_serial(serial) != 0)
        return diag_set(d, -EIO, "no random bytes for a certificate");
    struct x509_body body = {
        .name = text_of(name),
        .term = {{now.s - X509_BACKDATE.s}, wall_min((wall_t){now.s + lifetime.s}, WALL_MAX)},
        .serial = serial,
    };
    r = x509_new_key(&a->x509);
    if (r >= 0)
        r = x509_public_of(a->x509, &public);
    if (r >= 0)
        r = gnutls_x509_crt_init(&crt);
    body.key = public;
    if (r >= 0)
        r = put_authority(crt, a->x509, &body);
    if (r >= 0)
        r = read_again(crt, &a->crt);
    if (r < 0)
        return gnu_fail(d, -EIO, "making an authority", r);
    r = complete(a, d);
    if (r == 0)
        *ret = STEAL(a);
    return r;
}

int authority_read(struct text certificate, struct text key, struct authority **ret,
                   struct diag *d)
{
    AUTO(authority) struct authority *a = NULL;
    int r = authority_alloc(&a, d);
    if (r != 0)
        return r;
    if (certificate.n > X509_PEM_CAP || key.n > X509_PEM_CAP)
        return diag_set(d, -EBADMSG, "more than %d bytes of PEM", X509_PEM_CAP);
    gnutls_datum_t pem = gnu_borrow(certificate);
    r = gnutls_x509_crt_init(&a->crt);
    if (r >= 0)
        r = gnutls_x509_crt_import(a->crt, &pem, GNUTLS_X509_FMT_PEM);
    if (r < 0)
        return gnu_fail(d, -EBADMSG, "not a certificate in PEM", r);
    pem = gnu_borrow(key);
    r = gnutls_x509_privkey_init(&a->x509);
    if (r >= 0)
        r = gnutls_x509_privkey_import2(a->x509, &pem, GNUTLS_X509_FMT_PEM, NULL,
                                        GNUTLS_PKCS_PLAIN);
    if (r < 0)
        return gnu_fail(d, -EBADMSG, "not an unencrypted private key in PEM", r);
    r = authority_check_purpose(a->crt, d);
    if (r == 0)
        r = complete(a, d);
    if (r == 0)
        *ret = STEAL(a);
    return r;
}

/* ---- What it says of itself ----------------------------------------------------------- */

struct text authority_certificate_pem(const struct authority *a)
{
    return (struct text){(const char *)a->pem.data, a->pem.size};
}

int authority_key_pem(const struct authority *a, struct buf *ret)
{
    return x509_key_pem(a->x509, ret);
}

const struct digest *authority_fingerprint(const struct authority *a)
{
    return &a->fingerprint;
}

struct x509_term authority_term(const struct authority *a)
{
    return a->term;
}
