/*
 * TLS for a server (GnuTLS): sessions on non-blocking sockets. A client certificate is asked
 * for but not demanded, and whoever's it is the handshake ends well: what it is worth is judged
 * at each request (a resumed session runs no verification, so a judgement at the handshake
 * would not be enough), and a refusal can be said in HTTP.
 */
#ifndef CRYPTO_TLS_H
#define CRYPTO_TLS_H

#include "base/diag.h"
#include "base/text.h"
#include <sys/types.h>

/*
 * Certificate, key, rules: everything that sessions share; counted references (atomically), so
 * that a new one can take over while old sessions go on.
 */
struct tls_context;

struct tls_setup {
    struct text certificate_pem; /* the server's, then its issuers' */
    struct text key_pem;         /* not encrypted */
    bool allow_tls12;
};
/*
 * A new key for session tickets: what was resumed with another context is a full handshake with
 * this one. -EBADMSG: not PEM, the key is not the certificate's, or it is not ECDSA (P-256,
 * P-384) or Ed25519: an RSA key costs five times as much, and would need RSA to be allowed to
 * peers, whose keys can be made to cost seconds each.
 */
MUST_USE int tls_context_new(const struct tls_setup *setup, struct tls_context **ret,
                             struct diag *d);
struct tls_context *tls_context_ref(struct tls_context *c);
void tls_context_unref(struct tls_context *c);

struct tls;

/* A server's session on a connected non-blocking socket, which stays the caller's. Its own
 * reference to the context goes with it. 11 kB while it is idle. */
MUST_USE int tls_new(struct tls_context *c, int fd, struct tls **ret); /* 0 or -ENOMEM */
void tls_free(struct tls *t); /* says nothing to the peer, never waits; see tls_bye() */

/*
 * All give a count or 0, or a negative error:
 * -EAGAIN   the socket is not ready: wait for tls_wants()
 * -EPIPE    the peer went away, also in the middle, or ended it with an alert
 * -EPROTO   it does not keep to the protocol; the alert has been sent, as far as it went
 * -ENOMEM
 * The last three end the session: each further call gives the same.
 */
MUST_USE int tls_handshake(struct tls *t); /* 0 again when it is done already */
/* After the handshake, n > 0. 0 = the end, properly closed. One record at most is given at a
 * time: read until -EAGAIN. */
MUST_USE ssize_t tls_read(struct tls *t, void *ret, size_t n);
/* After the handshake, n > 0. May take less than n; after -EAGAIN repeat with the same. */
MUST_USE ssize_t tls_write(struct tls *t, const void *p, size_t n);
/* What ended the session, for a log: GnuTLS's words or the name of the peer's alert. "" when
 * nothing did. */
const char *tls_problem(const struct tls *t);

/* Close notify, as far as it goes without waiting. */
void tls_bye(struct tls *t);

/* What the last -EAGAIN waits for: EPOLLIN or EPOLLOUT. */
unsigned tls_wants(const struct tls *t);
/* Decrypted bytes that epoll cannot see. */
bool tls_has_pending(const struct tls *t);
bool tls_is_resumed(const struct tls *t);

/*
 * The peer's certificate in DER, n = 0 when it showed none; also that of the first handshake
 * when the session was resumed. It has the key to it; nothing else was checked (see
 * authority_examine()). Borrowed from the session.
 */
struct text tls_peer_certificate(const struct tls *t);

#endif
