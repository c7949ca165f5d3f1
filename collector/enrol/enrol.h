/*
 * Who may come in (SPEC 3): enrolment by token, renewal, coming back, admission. All of it
 * works on the store inside the caller's transaction, takes `now` as an argument, and leaves a
 * line in the trail for everything that it changes.
 */
#ifndef ENROL_ENROL_H
#define ENROL_ENROL_H

#include "crypto/x509.h"
#include "enrol/token.h"
#include "store/store.h"

struct enrol_rules {
    const struct authority *authority;
    dur_t certificate_lifetime; /* default 90 days; an agent renews in the last third */
    dur_t late_renewal;         /* so long after its end a certificate can still be renewed */
};

/* Why somebody is not let in: for the log, never for the one who asked. */
enum refusal {
    REFUSAL_NONE,
    REFUSAL_NO_CERTIFICATE,
    REFUSAL_NOT_OURS, /* another authority's, or not for a client */
    REFUSAL_EXPIRED,
    REFUSAL_NOT_YET,
    REFUSAL_NOT_ENROLLED,
    REFUSAL_REVOKED,
    REFUSAL_REPLACED, /* the server was enrolled anew since */
    REFUSAL_NO_TOKEN, /* unknown, wrong secret */
    REFUSAL_TOKEN_EXPIRED,
    REFUSAL_TOKEN_USED_UP,
    REFUSAL_TOKEN_REVOKED,
    REFUSAL_NOT_THEIRS, /* the server that was to come back is another reseller's by now */
};
#define REFUSAL_COUNT 13
const char *refusal_name(enum refusal r); /* "no-certificate" … */
/* Whether it is said as 401 (who are you?) or as 403 (not you). */
int refusal_status(enum refusal r);

struct admit_question {
    const struct x509_peer *peer; /* NULL = it showed no certificate */
    dur_t late;                   /* 0 for a report, rules->late_renewal for a renewal */
    wall_t now;
};

/*
 * Whether a peer is let in: its certificate's times, and what the store says of its server. 0
 * and *ret (with *ret_admission where it is NONE); or an error of the store.
 */
MUST_USE int enrol_admit(struct store *s, const struct admit_question *q, enum refusal *ret,
                         struct store_admission *ret_admission);

/* What an enrolment or a renewal gives. */
struct enrolled {
    char server[CAP_ID + 1];
    char reseller[CAP_ID + 1];
    struct issued certificate;
};
void enrolled_done(struct enrolled *e);

/* What is asked for. `from` is the peer's address as text, for the trail. */
struct enrol_request {
    const struct enrol_rules *rules;
    const struct token *token;    /* for an enrolment */
    const struct x509_peer *peer; /* for a renewal */
    struct text csr_pem;
    const char *from;
    wall_t now;
};

/*
 * One use of a token: names the server ("srv-" and 10 letters or digits, or the token's own),
 * signs the request. Asked for again with the same token and key, it is the same server and no
 * further use, as long as the token holds and nobody else was enrolled as that server since.
 * Who comes back makes all earlier certificates of the server void; a token that is older than
 * the server's revocation does not bring it back. Within a write transaction; where it is
 * refused, nothing was written. 0 and *ret_refusal (with *ret where it is NONE); -EBADMSG: the
 * request (CSR) is no good, d says why; -ERANGE: the authority has expired; else an error of
 * the store (its text in store_diag()) or -EIO.
 */
MUST_USE int enrol_by_token(struct store *s, const struct enrol_request *request,
                            struct enrolled *ret, enum refusal *ret_refusal, struct diag *d);

/* The next certificate for a peer that enrol_admit() lets in (asked here, so that it holds in
 * this transaction), for the key of the request, the same or a new one. The earlier certificate
 * stays good until it ends. Returns as enrol_by_token(). */
MUST_USE int enrol_renew(struct store *s, const struct enrol_request *request,
                         struct enrolled *ret, enum refusal *ret_refusal, struct diag *d);

/* ---- What a person does ---------------------------------------------------------------- */

struct token_order {
    const struct digest *authority;
    wall_t now;
    const char *reseller; /* must stand in the estate */
    const char *server;   /* NULL, or who comes back: that reseller's now, by the estate, or by
                             its enrolment where the estate says nothing of it now */
    int64_t uses;         /* 1 to ENROL_USES_MAX; 1 with a server, which is only one */
    wall_t expires;
    const char *by; /* who orders: for the trail, as below */
};
#define ENROL_USES_MAX 1000000
/* Within a write transaction, as all below. -ENOENT: no such reseller; -ESRCH: no such server
 * of that reseller; -EINVAL: the uses; d says which. Else an error of the store, or -EIO. */
MUST_USE int enrol_create_token(struct store *s, const struct token_order *order,
                                struct token *ret, struct diag *d);
MUST_USE int enrol_revoke_token(struct store *s, const uint8_t id[static TOKEN_ID_BYTES],
                                const char *by, wall_t now); /* -ENOENT */
/* Its certificates and the tokens that were made to bring it back are no good from now on. A
 * second time changes nothing, as with a token. */
MUST_USE int enrol_revoke_server(struct store *s, const char *server, const char *by,
                                 wall_t now); /* -ENOENT: not enrolled */
/* As store_retire_server(), with its line in the trail. One that is retired already stays so
 * from when it was. */
MUST_USE int enrol_retire_server(struct store *s, const char *server, const char *by,
                                 wall_t now);

#endif
