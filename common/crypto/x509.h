/*
 * Certificates (RFC 5280): the collector's own authority, what it signs, and what a peer shows.
 * Keys are ECDSA P-256 (never RSA: five times slower) and leave this module only as PEM for a
 * file of mode 0600. The authority may also have been made elsewhere.
 */
#ifndef CRYPTO_X509_H
#define CRYPTO_X509_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/text.h"
#include "base/times.h"
#include "crypto/digest.h"

#define X509_NAME_SIZE 65 /* a server's name (CAP_ID) and a NUL */
#define X509_SERIAL_BYTES 16
#define X509_PEM_CAP 65536 /* of a chain or a key in a file */

/* Clocks differ, by days where nobody looks after them, and reports are set right by the
 * difference (SPEC 3): what is made at a moment is good from so long before it. */
#define X509_BACKDATE ((dur_t){7 * 86400})

/* ---- The authority -------------------------------------------------------------------- */

struct authority; /* certificate and key; immutable, so that threads may share it */

/* A new one, self-signed: CN `name`, CA:TRUE, pathlen 0, keyCertSign, from X509_BACKDATE before
 * `now` until now + lifetime. */
MUST_USE int authority_new(const char *name, wall_t now, dur_t lifetime, struct authority **ret,
                           struct diag *d);
/*
 * From PEM: the first certificate of a file, which may be self-signed or another authority's;
 * either way it is what agents trust. The key is PKCS #8 or as openssl wrote them before, and
 * not encrypted; ECDSA, Ed25519 or RSA. -EBADMSG: not PEM, not a CA, no keyCertSign, or the key
 * is not the certificate's.
 */
MUST_USE int authority_read(struct text certificate, struct text key, struct authority **ret,
                            struct diag *d);
void authority_free(struct authority *a);
static inline void authority_done(struct authority **a)
{
    authority_free(*a);
}
/* PEM. The key's text is to be wiped by the caller. Borrowed; lives with the authority. */
struct text authority_certificate_pem(const struct authority *a);
MUST_USE int authority_key_pem(const struct authority *a, struct buf *ret);
/* SHA-256 of the certificate (DER): what a token carries, what openssl prints as fingerprint.
 */
const struct digest *authority_fingerprint(const struct authority *a);
struct x509_term {
    wall_t from, to; /* notBefore, notAfter */
};
struct x509_term authority_term(const struct authority *a);

/* ---- What it signs -------------------------------------------------------------------- */

/* A certificate as issued. */
struct issued {
    uint8_t serial[X509_SERIAL_BYTES]; /* random, positive */
    struct x509_term term;
    struct digest key_id; /* SHA-256 of the SubjectPublicKeyInfo */
    struct buf pem;       /* the certificate alone; for issued_done() */
};
void issued_done(struct issued *i);

/*
 * A certificate request (RFC 2986) in PEM, looked at before anything is decided: its own
 * signature is right, its key is ECDSA P-256 or Ed25519. Its subject and extensions are not
 * read: the collector names the server. 0 with the key's id; -EBADMSG; -ENOMEM.
 */
MUST_USE int csr_check(struct text pem, struct digest *ret_key_id, struct diag *d);

/*
 * Signs the request's key for a client: CN = name, clientAuth, digitalSignature, not a CA; from
 * X509_BACKDATE before `now` until now + lifetime, but no longer than the authority. -EBADMSG
 * as csr_check(); -ERANGE when the authority has expired, or is not valid yet.
 */
struct x509_client {
    struct text csr_pem;
    const char *name; /* a label of CAP_ID bytes */
    wall_t now;
    dur_t lifetime;
};
MUST_USE int authority_issue_client(const struct authority *a, const struct x509_client *client,
                                    struct issued *ret, struct diag *d);

/*
 * A key of its own and a certificate for a server: serverAuth, the n names as SAN (dNSName, or
 * iPAddress where it is an address), CN the first that is short enough for one. The key's PEM
 * is added to ret_key, to be wiped. -ERANGE as above, or when it is too long.
 */
struct x509_server {
    const char *const *names; /* ASCII */
    size_t n;                 /* at least 1 */
    wall_t now;
    dur_t lifetime;
};
MUST_USE int authority_issue_server(const struct authority *a, const struct x509_server *server,
                                    struct issued *ret, struct buf *ret_key, struct diag *d);

/*
 * Whether a chain in PEM (brought along, the server's certificate first) may be shown to
 * agents: for a server, in its time at `now`, and signed by the authority, directly or through
 * the chain's own issuers. 0; -EBADMSG with the reason; -ENOMEM.
 */
MUST_USE int authority_check_server(const struct authority *a, struct text chain_pem,
                                    wall_t now, struct diag *d);
/* The time of the first certificate in PEM. 0 or -EBADMSG, -ENOMEM. */
MUST_USE int x509_chain_term(struct text pem, struct x509_term *ret);

/* ---- What a peer shows ---------------------------------------------------------------- */

/* A client's certificate. That the client has its key too is the handshake's to see (tls.h). */
struct x509_peer {
    char name[X509_NAME_SIZE]; /* CN; "" when there is none or it is no label of CAP_ID bytes */
    struct x509_term term;
    struct digest key_id;
    uint8_t serial[X509_SERIAL_BYTES];
    size_t serial_n;
    bool is_ours; /* signed by the authority, for clientAuth and digitalSignature, no CA; its
                     times are not looked at */
};

/* Looks at a certificate in DER. 0 (whatever is found); -EBADMSG: not a certificate; -ENOMEM.
 */
MUST_USE int authority_examine(const struct authority *a, struct text der,
                               struct x509_peer *ret);

#endif
