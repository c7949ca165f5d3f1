/*
 * Ed25519 signatures (RFC 8032) for proofs. Keys are PEM: the private one PKCS #8 as openssl
 * writes it, the public one SubjectPublicKeyInfo. The private key never leaves this module.
 */
#ifndef CRYPTO_SIGN_H
#define CRYPTO_SIGN_H

#include "base/diag.h"
#include "base/text.h"

#define SIGN_KEY_BYTES 32
#define SIGN_BYTES 64
#define SIGN_PEM_SIZE 512

struct sign_key; /* a private key */

MUST_USE int sign_key_new(struct sign_key **ret, struct diag *d); /* makes one */
MUST_USE int sign_key_read(struct text pem, struct sign_key **ret,
                           struct diag *d); /* -EBADMSG */
/* PEM into `out`, to be written to a 0600 file and wiped by the caller. */
MUST_USE int sign_key_write(const struct sign_key *k, char out[static SIGN_PEM_SIZE],
                            struct diag *d);
void sign_key_free(struct sign_key *k);
static inline void sign_key_done(struct sign_key **k)
{
    sign_key_free(*k);
}

MUST_USE int sign_key_public(const struct sign_key *k, uint8_t ret[static SIGN_KEY_BYTES]);
MUST_USE int sign_make(const struct sign_key *k, struct text data,
                       uint8_t ret[static SIGN_BYTES]);

/* 0 = good; -EBADMSG = not this key's signature of this data; -EIO. */
MUST_USE int sign_check(const uint8_t key[static SIGN_KEY_BYTES], struct text data,
                        const uint8_t signature[static SIGN_BYTES]);

/* The raw 32 bytes of a public key in PEM. 0 or -EBADMSG. */
MUST_USE int sign_public_read(struct text pem, uint8_t ret[static SIGN_KEY_BYTES]);
MUST_USE int sign_public_write(const uint8_t key[static SIGN_KEY_BYTES],
                               char out[static SIGN_PEM_SIZE]);

#endif
