/* An authority's inside, for the files of this room that make and judge certificates. */
#ifndef CRYPTO_AUTHORITY_H
#define CRYPTO_AUTHORITY_H

#include "crypto/gnu.h"
#include "crypto/x509.h"

#define AUTHORITY_ID_CAP 64 /* bytes of a subjectKeyIdentifier; 20 are usual */

struct authority {
    gnutls_x509_crt_t crt;
    gnutls_x509_privkey_t x509; /* reads and writes PEM */
    gnutls_privkey_t key;       /* signs; refers to the one above */
    gnutls_digest_algorithm_t hash;
    uint8_t id[AUTHORITY_ID_CAP]; /* what its certificates name as their authority's key */
    size_t id_n;
    gnutls_datum_t pem;
    struct digest fingerprint;
    struct x509_term term;
};

/* What every certificate says, of an authority or not. */
struct x509_body {
    gnutls_pubkey_t key;
    struct text name; /* CN */
    struct x509_term term;
    const uint8_t *serial; /* X509_SERIAL_BYTES */
};

/* Version, serial, term, CN, key and its identifier. 0 or an error of GnuTLS. */
MUST_USE int x509_put_body(gnutls_x509_crt_t crt, const struct x509_body *body);

/* Positive, and always of the same length in DER. 0 or -EIO. */
MUST_USE int x509_new_serial(uint8_t ret[static X509_SERIAL_BYTES]);

/* A new key pair, ECDSA P-256. 0 or an error of GnuTLS. */
MUST_USE int x509_new_key(gnutls_x509_privkey_t *ret);

/* The public half. 0 or an error of GnuTLS. */
MUST_USE int x509_public_of(gnutls_x509_privkey_t key, gnutls_pubkey_t *ret);

/* The private key in PKCS #8, PEM. 0; -ENOMEM; -EIO. */
MUST_USE int x509_key_pem(gnutls_x509_privkey_t key, struct buf *ret);

/* Whether the certificate lets its key sign others. 0; -EBADMSG with the reason. */
MUST_USE int authority_check_purpose(gnutls_x509_crt_t crt, struct diag *d);

/* notBefore and notAfter. 0 or -EBADMSG. */
MUST_USE int x509_term_of(gnutls_x509_crt_t crt, struct x509_term *ret);

#endif
