/* TLS sessions of a server, by GnuTLS. */
#include "crypto/tls.h"

#include "crypto/gnu.h"
#include "crypto/x509.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <gnutls/gnutls.h>

/*
 * No more than agents and their libraries need, so that there is little to choose wrong; the
 * first that a peer has too is taken, and the cheapest stand first: a handshake with X25519
 * costs the server 282 us, with P-256 325 (measured; both with P-256 certificates). A peer's
 * signature is ECDSA or Ed25519: what an RSA signature costs to check is chosen by who
 * makes the key (the exponent), up to seconds.
 */
#define RULES_COMMON                                                                           \
    "NORMAL:%SERVER_PRECEDENCE:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305"       \
    ":-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1"                                               \
    ":-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA"                                                         \
    ":-SIGN-ALL:+SIGN-ECDSA-SECP256R1-SHA256:+SIGN-ECDSA-SECP384R1-SHA384"                     \
    ":+SIGN-EDDSA-ED25519:+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SHA384"
#define RULES_TLS13 ":-VERS-ALL:+VERS-TLS1.3"
#define RULES_TLS12 ":-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

enum {
    MESSAGE_BYTES = 16384,   /* of a handshake: a chain of a few certificates has 4,000 */
    HANDSHAKE_BYTES = 32768, /* all that a peer sends for one */
    OVERHEAD_BYTES = 262144, /* afterwards, beside the data and what wraps it */
    WRAPPING_BYTES = 32,     /* of a record, at most 29 without padding */
    TICKET_LIFE_S = 7200,    /* agents come every quarter of an hour */
    WARNINGS_MAX = 4,        /* alerts that mean nothing, and cost us a turn each */
};

struct tls_context {
    atomic_uint refs;
    gnutls_certificate_credentials_t credentials;
    gnutls_priority_t rules;
    gnutls_datum_t ticket_key;
};

enum step { STEP_HANDSHAKE, STEP_TICKET, STEP_OPEN };

struct tls {
    struct tls_context *context;
    gnutls_session_t session;
    int failed;        /* a negative error, which every further call gives again */
    int reason;        /* GnuTLS's error for it */
    uint32_t received; /* bytes that have not become data */
    int fd;
    bool is_flooded; /* by bytes that became no data */
    bool is_ended;   /* the peer sends no more */
    uint8_t warnings;
    uint8_t step;
};

/* ---- What sessions share -------------------------------------------------------------- */

static void context_free(struct tls_context *c)
{
    if (c->rules)
        gnutls_priority_deinit(c->rules);
    if (c->credentials)
        gnutls_certificate_free_credentials(c->credentials);
    gnu_secret_done(&c->ticket_key);
    free(c);
}

struct tls_context *tls_context_ref(struct tls_context *c)
{
    atomic_fetch_add(&c->refs, 1);
    return c;
}

void tls_context_unref(struct tls_context *c)
{
    if (c && atomic_fetch_sub(&c->refs, 1) == 1)
        context_free(c);
}

static inline void tls_context_done(struct tls_context **c)
{
    tls_context_unref(*c);
}

static int load_pair(struct tls_context *c, const struct tls_setup *setup, struct diag *d)
{
    gnutls_datum_t certificate = gnu_borrow(setup->certificate_pem);
    gnutls_datum_t key = gnu_borrow(setup->key_pem);
    int r = gnutls_certificate_allocate_credentials(&c->credentials);
    if (r >= 0)
        r = gnutls_certificate_set_x509_key_mem2(c->credentials, &certificate, &key,
                                                 GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN);
    if (r < 0)
        return gnu_fail(d, -EBADMSG, "the certificate and its key (PEM, not encrypted)", r);
    return 0;
}

/* The rules above have signatures for these alone. */
static int check_kind(const struct tls_context *c, struct diag *d)
{
    AUTO(gnu_private) gnutls_x509_privkey_t key = NULL;
    unsigned bits = 0;
    int r = gnutls_certificate_get_x509_key(c->credentials, 0, &key);
    if (r < 0)
        return gnu_fail(d, -EBADMSG, "the key", r);
    int kind = gnutls_x509_privkey_get_pk_algorithm2(key, &bits);
    if (kind == GNUTLS_PK_EDDSA_ED25519 ||
        (kind == GNUTLS_PK_ECDSA && (bits == 256 || bits == 384)))
        return 0;
    return diag_set(d, -EBADMSG,
                    "the key is not ECDSA P-256 or P-384, or Ed25519: others are "
                    "not taken (RSA costs five times as much each time)");
}

static int set_rules(struct tls_context *c, bool allow_tls12, struct diag *d)
{
    const char *rules = allow_tls12 ? RULES_COMMON RULES_TLS12 : RULES_COMMON RULES_TLS13;
    int r = gnutls_priority_init(&c->rules, rules, NULL);
    if (r >= 0)
        r = gnutls_session_ticket_key_generate(&c->ticket_key);
    return r < 0 ? gnu_fail(d, -EIO, "the rules of TLS", r) : 0;
}

int tls_context_new(const struct tls_setup *setup, struct tls_context **ret, struct diag *d)
{
    if (setup->certificate_pem.n > X509_PEM_CAP || setup->key_pem.n > X509_PEM_CAP)
        return diag_set(d, -EBADMSG, "more than %d bytes of PEM", X509_PEM_CAP);
    AUTO(tls_context) struct tls_context *c = calloc(1, sizeof *c);
    if (!c) {
        (void)diag_set(d, -ENOMEM, "out of memory");
        return -ENOMEM; /* plainly not 0, also to one who cannot see diag_set() */
    }
    atomic_init(&c->refs, 1);
    int r = load_pair(c, setup, d);
    if (r == 0)
        r = check_kind(c, d);
    if (r == 0)
        r = set_rules(c, setup->allow_tls12, d);
    if (r == 0)
        *ret = STEAL(c);
    return r;
}

/* ---- A session ------------------------------------------------------------------------ */

void tls_free(struct tls *t)
{
    if (!t)
        return;
    if (t->session)
        gnutls_deinit(t->session);
    tls_context_unref(t->context);
    free(t);
}

static inline void tls_done(struct tls **t)
{
    tls_free(*t);
}

/*
 * As recv(2). GnuTLS collects a message up to the length that the peer claims, 16 MB, before it
 * finds it too long; so the bytes that lead to nothing are counted here.
 */
static ssize_t pull(gnutls_transport_ptr_t context, void *ret, size_t n)
{
    struct tls *t = context;
    uint32_t limit = t->step == STEP_HANDSHAKE ? HANDSHAKE_BYTES : OVERHEAD_BYTES;
    ssize_t got = recv(t->fd, ret, n, 0);
    t->is_ended = got == 0 && n > 0;
    if (got <= 0)
        return got;
    t->received += (uint32_t)got; /* a record, 18 kB, at most */
    if (t->received <= limit)
        return got;
    t->is_flooded = true;
    errno = EMSGSIZE;
    return -1;
}

/* Data has been given out: what it took to bring it is no overhead. */
static void give_out(struct tls *t, size_t n)
{
    size_t used = n + (tls_has_pending(t) ? 0 : WRAPPING_BYTES);
    t->received -= used < t->received ? (uint32_t)used : t->received;
}

/* GnuTLS writes by itself, and reads by pull(). */
static void use_socket(struct tls *t, int fd)
{
    gnutls_transport_ptr_t in = NULL;
    gnutls_transport_ptr_t out = NULL;
    t->fd = fd;
    gnutls_transport_set_int(t->session, fd);
    gnutls_transport_get_ptr2(t->session, &in, &out);
    gnutls_transport_set_ptr2(t->session, t, out);
    gnutls_transport_set_pull_function(t->session, pull);
}

int tls_new(struct tls_context *c, int fd, struct tls **ret)
{
    AUTO(tls) struct tls *t = calloc(1, sizeof *t);
    if (!t)
        return -ENOMEM;
    t->context = tls_context_ref(c);
    int r = gnutls_init(&t->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL |
                                         GNUTLS_NO_AUTO_SEND_TICKET);
    if (r >= 0)
        r = gnutls_priority_set(t->session, c->rules);
    if (r >= 0)
        r = gnutls_credentials_set(t->session, GNUTLS_CRD_CERTIFICATE, c->credentials);
    if (r >= 0)
        r = gnutls_session_ticket_enable_server(t->session, &c->ticket_key);
    if (r < 0)
        return -ENOMEM; /* nothing else can fail: the context has been tried */
    gnutls_db_set_cache_expiration(t->session, TICKET_LIFE_S);
    gnutls_certificate_server_set_request(t->session, GNUTLS_CERT_REQUEST);
    gnutls_handshake_set_max_packet_length(t->session, MESSAGE_BYTES);
    use_socket(t, fd);
    *ret = STEAL(t);
    return 0;
}

/* Who is gone, and who cannot be talked with. */
static int error_of(int error)
{
    switch (error) {
    case GNUTLS_E_MEMORY_ERROR: return -ENOMEM;
    case GNUTLS_E_PULL_ERROR:
    case GNUTLS_E_PUSH_ERROR:
    case GNUTLS_E_PREMATURE_TERMINATION:
    case GNUTLS_E_FATAL_ALERT_RECEIVED: /* it has said why, and closes */
    case GNUTLS_E_INVALID_SESSION:
    case GNUTLS_E_SESSION_EOF: return -EPIPE;
    default: return -EPROTO;
    }
}

/*
 * What a call that did not succeed means: 0 = once more, -EAGAIN, or the end of the session,
 * of which the peer is told.
 */
static int settle(struct tls *t, ssize_t result)
{
    int error = (int)result;
    if (error == GNUTLS_E_AGAIN)
        return -EAGAIN;
    if (error == GNUTLS_E_INTERRUPTED)
        return 0;
    if (error == GNUTLS_E_WARNING_ALERT_RECEIVED && t->warnings < WARNINGS_MAX) {
        t->warnings++;
        return 0;
    }
    if (t->is_flooded)
        error = GNUTLS_E_HANDSHAKE_TOO_LARGE;
    else if (t->is_ended) /* half a record would be called a wrong one */
        error = GNUTLS_E_PREMATURE_TERMINATION;
    t->failed = error_of(error);
    t->reason = error;
    if (error == GNUTLS_E_REHANDSHAKE) /* TLS 1.2: never a second time */
        (void)gnutls_alert_send(t->session, GNUTLS_AL_FATAL, GNUTLS_A_NO_RENEGOTIATION);
    else if (t->failed != -EPIPE) /* as far as it goes: the session ends either way */
        (void)gnutls_alert_send_appropriate(t->session, error);
    return t->failed;
}

/* One is enough for an agent, which makes one connection at a time. */
static int send_ticket(const struct tls *t)
{
    if (gnutls_protocol_get_version(t->session) != GNUTLS_TLS1_3)
        return 0; /* there it was a part of the handshake */
    return gnutls_session_ticket_send(t->session, 1, 0);
}

int tls_handshake(struct tls *t)
{
    while (t->step != STEP_OPEN && !t->failed) {
        int result = t->step == STEP_HANDSHAKE ? gnutls_handshake(t->session) : send_ticket(t);
        if (result == 0) {
            t->step++;
            t->received = 0;
        }
        int r = result == 0 ? 0 : settle(t, result);
        if (r != 0)
            return r;
    }
    return t->failed;
}

ssize_t tls_read(struct tls *t, void *ret, size_t n)
{
    assert(t->step == STEP_OPEN && n > 0);
    while (!t->failed) {
        ssize_t got = gnutls_record_recv(t->session, ret, n);
        int r = got >= 0 ? 0 : settle(t, got);
        if (got > 0)
            give_out(t, (size_t)got);
        if (got >= 0 || r != 0)
            return got >= 0 ? got : r;
    }
    return t->failed;
}

ssize_t tls_write(struct tls *t, const void *p, size_t n)
{
    assert(t->step == STEP_OPEN && n > 0);
    while (!t->failed) {
        ssize_t sent = gnutls_record_send(t->session, p, n);
        int r = sent >= 0 ? 0 : settle(t, sent);
        if (sent >= 0 || r != 0)
            return sent >= 0 ? sent : r;
    }
    return t->failed;
}

void tls_bye(struct tls *t)
{
    if (t->step == STEP_OPEN && !t->failed)
        (void)gnutls_bye(t->session, GNUTLS_SHUT_WR); /* a peer that is not there needs none */
}

const char *tls_problem(const struct tls *t)
{
    const char *alert = NULL;
    if (!t->failed)
        return "";
    if (t->reason == GNUTLS_E_FATAL_ALERT_RECEIVED)
        alert = gnutls_alert_get_name(gnutls_alert_get(t->session));
    return alert ? alert : gnutls_strerror(t->reason);
}

unsigned tls_wants(const struct tls *t)
{
    return gnutls_record_get_direction(t->session) == 0 ? EPOLLIN : EPOLLOUT;
}

bool tls_has_pending(const struct tls *t)
{
    return gnutls_record_check_pending(t->session) > 0;
}

bool tls_is_resumed(const struct tls *t)
{
    return gnutls_session_is_resumed(t->session) != 0;
}

struct text tls_peer_certificate(const struct tls *t)
{
    unsigned n = 0;
    const gnutls_datum_t *all = gnutls_certificate_get_peers(t->session, &n);
    if (!all || n == 0)
        return (struct text){NULL, 0};
    return (struct text){(const char *)all[0].data, all[0].size};
}
