/* Ed25519 signatures, by GnuTLS. */
#include "crypto/sign.h"

#include "crypto/gnu.h"

#include <errno.h>
#include <string.h>

struct sign_key {
    gnutls_x509_privkey_t x509; /* reads and writes PEM */
    gnutls_privkey_t key;       /* signs; refers to the one above */
};

static int key_alloc(struct sign_key **ret, struct diag *d)
{
    AUTO(sign_key) struct sign_key *k = calloc(1, sizeof *k);
    if (!k || gnutls_x509_privkey_init(&k->x509) != 0 || gnutls_privkey_init(&k->key) != 0) {
        (void)diag_set(d, -ENOMEM, "out of memory");
        return -ENOMEM; /* plainly not 0, also to one who cannot see diag_set() */
    }
    *ret = STEAL(k);
    return 0;
}

int sign_key_new(struct sign_key **ret, struct diag *d)
{
    AUTO(sign_key) struct sign_key *k = NULL;
    int r = key_alloc(&k, d);
    if (r != 0)
        return r;
    r = gnutls_x509_privkey_generate(k->x509, GNUTLS_PK_EDDSA_ED25519,
                                     GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519), 0);
    if (r == 0)
        r = gnutls_privkey_import_x509(k->key, k->x509, 0);
    if (r != 0)
        return gnu_fail(d, -EIO, "making an Ed25519 key", r);
    *ret = STEAL(k);
    return 0;
}

int sign_key_read(struct text pem, struct sign_key **ret, struct diag *d)
{
    static const char what[] = "not an unencrypted Ed25519 key in PEM (PKCS #8)";
    AUTO(sign_key) struct sign_key *k = NULL;
    int r = key_alloc(&k, d);
    if (r != 0)
        return r;
    if (!gnu_is_short_enough(pem))
        return diag_set(d, -EBADMSG, "%s", what);
    gnutls_datum_t data = gnu_borrow(pem);
    r = gnutls_x509_privkey_import_pkcs8(k->x509, &data, GNUTLS_X509_FMT_PEM, NULL,
                                         GNUTLS_PKCS_PLAIN);
    if (r != 0)
        return gnu_fail(d, -EBADMSG, what, r);
    if (gnutls_x509_privkey_get_pk_algorithm(k->x509) != GNUTLS_PK_EDDSA_ED25519)
        return diag_set(d, -EBADMSG, "%s", what);
    r = gnutls_privkey_import_x509(k->key, k->x509, 0);
    if (r != 0)
        return gnu_fail(d, -EIO, "using the key", r);
    *ret = STEAL(k);
    return 0;
}

int sign_key_write(const struct sign_key *k, char out[static SIGN_PEM_SIZE], struct diag *d)
{
    size_t n = SIGN_PEM_SIZE - 1;
    int r = gnutls_x509_privkey_export_pkcs8(k->x509, GNUTLS_X509_FMT_PEM, NULL,
                                             GNUTLS_PKCS_PLAIN, out, &n);
    if (r != 0)
        return gnu_fail(d, -EIO, "writing the key", r);
    out[n] = '\0';
    return 0;
}

void sign_key_free(struct sign_key *k)
{
    if (!k)
        return;
    /* GnuTLS overwrites the secret numbers of a key before it frees them. */
    if (k->key)
        gnutls_privkey_deinit(k->key);
    if (k->x509)
        gnutls_x509_privkey_deinit(k->x509);
    free(k);
}

/* The raw form of RFC 8032, 5.1.5; -EBADMSG for a key of another kind. */
static int raw_of(gnutls_pubkey_t p, uint8_t ret[static SIGN_KEY_BYTES])
{
    gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;
    AUTO(gnu_datum) gnutls_datum_t x = {NULL, 0};
    AUTO(gnu_datum) gnutls_datum_t y = {NULL, 0}; /* stays empty for this curve */
    if (gnutls_pubkey_get_pk_algorithm(p, NULL) != GNUTLS_PK_EDDSA_ED25519 ||
        gnutls_pubkey_export_ecc_raw(p, &curve, &x, &y) != 0 || x.size != SIGN_KEY_BYTES)
        return -EBADMSG;
    memcpy(ret, x.data, SIGN_KEY_BYTES);
    return 0;
}

int sign_key_public(const struct sign_key *k, uint8_t ret[static SIGN_KEY_BYTES])
{
    AUTO(gnu_pubkey) gnutls_pubkey_t p = NULL;
    if (gnutls_pubkey_init(&p) != 0)
        return -ENOMEM;
    if (gnutls_pubkey_import_privkey(p, k->key, 0, 0) != 0 || raw_of(p, ret) != 0)
        return -EIO;
    return 0;
}

int sign_make(const struct sign_key *k, struct text data, uint8_t ret[static SIGN_BYTES])
{
    if (!gnu_is_short_enough(data))
        return -ERANGE;
    gnutls_datum_t in = gnu_borrow(data);
    AUTO(gnu_datum) gnutls_datum_t signature = {NULL, 0};
    if (gnutls_privkey_sign_data2(k->key, GNUTLS_SIGN_EDDSA_ED25519, 0, &in, &signature) != 0 ||
        signature.size != SIGN_BYTES)
        return -EIO;
    memcpy(ret, signature.data, SIGN_BYTES);
    return 0;
}

/* A public key from its raw form. */
static int import_raw(const uint8_t key[static SIGN_KEY_BYTES], gnutls_pubkey_t *ret)
{
    AUTO(gnu_pubkey) gnutls_pubkey_t p = NULL;
    if (gnutls_pubkey_init(&p) != 0)
        return -ENOMEM;
    gnutls_datum_t x = gnu_borrow((struct text){(const char *)key, SIGN_KEY_BYTES});
    if (gnutls_pubkey_import_ecc_raw(p, GNUTLS_ECC_CURVE_ED25519, &x, NULL) != 0)
        return -EIO;
    *ret = STEAL(p);
    return 0;
}

int sign_check(const uint8_t key[static SIGN_KEY_BYTES], struct text data,
               const uint8_t signature[static SIGN_BYTES])
{
    AUTO(gnu_pubkey) gnutls_pubkey_t p = NULL;
    if (!gnu_is_short_enough(data))
        return -ERANGE;
    int r = import_raw(key, &p);
    if (r != 0)
        return r;
    gnutls_datum_t in = gnu_borrow(data);
    gnutls_datum_t sig = gnu_borrow((struct text){(const char *)signature, SIGN_BYTES});
    r = gnutls_pubkey_verify_data2(p, GNUTLS_SIGN_EDDSA_ED25519, 0, &in, &sig);
    if (r == GNUTLS_E_PK_SIG_VERIFY_FAILED)
        return -EBADMSG;
    return r < 0 ? -EIO : 0;
}

int sign_public_read(struct text pem, uint8_t ret[static SIGN_KEY_BYTES])
{
    AUTO(gnu_pubkey) gnutls_pubkey_t p = NULL;
    if (!gnu_is_short_enough(pem) || gnutls_pubkey_init(&p) != 0)
        return -EBADMSG;
    gnutls_datum_t data = gnu_borrow(pem);
    if (gnutls_pubkey_import(p, &data, GNUTLS_X509_FMT_PEM) != 0)
        return -EBADMSG;
    return raw_of(p, ret);
}

int sign_public_write(const uint8_t key[static SIGN_KEY_BYTES], char out[static SIGN_PEM_SIZE])
{
    AUTO(gnu_pubkey) gnutls_pubkey_t p = NULL;
    int r = import_raw(key, &p);
    if (r != 0)
        return r;
    size_t n = SIGN_PEM_SIZE - 1;
    if (gnutls_pubkey_export(p, GNUTLS_X509_FMT_PEM, out, &n) != 0)
        return -EIO;
    out[n] = '\0';
    return 0;
}
