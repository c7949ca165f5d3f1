/*
 * A client's side of certificates: a key and a request of its own, the identity that comes of
 * them, and the authority that it was told to believe. Certificates of others are x509.h's.
 */
#ifndef CRYPTO_REQUEST_H
#define CRYPTO_REQUEST_H

#include "crypto/x509.h"

#define REQUEST_KEY_CAP 4096 /* PEM of a key; ours has 241 bytes */

/*
 * A new key, ECDSA P-256, in PKCS #8 (PEM), added to `ret`: to be wiped by the caller
 * (request_wipe()). 0; -EIO; -ENOMEM.
 */
MUST_USE int request_new_key(struct buf *ret, struct diag *d);

/* Makes room for REQUEST_KEY_CAP bytes in a buffer that holds none yet, so that a secret is not
 * moved while it grows, which would leave a copy in memory that was given back. */
void request_make_room(struct buf *b);

/* Overwrites all that a buffer ever held, then empties it; the memory stays. */
void request_wipe(struct buf *b);
/* The same, and the memory is given back: for AUTO(request_secret). */
static inline void request_secret_done(struct buf *b)
{
    request_wipe(b);
    buf_done(b);
}

/*
 * A certificate request (RFC 2986) in PEM for a key in PEM, signed by it, added to `ret`. Its
 * subject is only a word: the collector gives the name. 0; -EBADMSG: not a key; -EIO; -ENOMEM.
 */
MUST_USE int request_make(struct text key_pem, struct buf *ret, struct diag *d);

/*
 * An identity: a key and its certificate in one text (PEM), as the file holds them. `ret` is
 * filled with the key, and then the certificate alone, whatever else its text has. 0; -EBADMSG
 * with the reason: not PEM, or the key is not the certificate's; -ENOMEM.
 */
MUST_USE int request_join(struct text key_pem, struct text certificate_pem, struct buf *ret,
                          struct diag *d);

/* The certificate's time, from 1970 on, in an identity whose key belongs to it. 0; -EBADMSG;
 * -ENOMEM. */
MUST_USE int request_read_identity(struct text pem, struct x509_term *ret, struct diag *d);

/*
 * Among certificates in PEM the one whose SHA-256 (of its DER) is `wanted`, added to `ret` in
 * PEM, alone. 0; -ENOENT: it is not there; -EBADMSG: they cannot be read; -ENOMEM.
 */
MUST_USE int request_find(struct text chain_pem, const struct digest *wanted, struct buf *ret);

/* The one certificate of a text, which must be an authority's (CA:TRUE, and may sign others),
 * added to `ret` in PEM, alone. 0; -EBADMSG with the reason; -ENOMEM. */
MUST_USE int request_read_authority(struct text pem, struct buf *ret, struct diag *d);

#endif
