/* A server's session and GnuTLS's client at the other end of a pair of sockets. */
#ifndef UNIT_CRYPTO_LINE_H
#define UNIT_CRYPTO_LINE_H

#include "crypto/tls.h"
#include "unit/crypto/pki.h"

#include <gnutls/gnutls.h>
#include <sys/socket.h>
#include <unistd.h>

#define P256 "EC -pkeyopt ec_paramgen_curve:P-256"
#define TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3"
#define TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.2"

/* An authority, its server, and what a client may have. */
struct scene {
    struct pki pki;
    struct tls_context *context;
};

static inline struct tls_context *new_context(const struct pki *p, bool allow_tls12)
{
    static const char *const names[] = {"localhost"};
    AUTO(buf) struct buf key = BUF_INIT(X509_PEM_CAP);
    struct tls_context *c = NULL;
    struct issued issued;
    struct diag d = {""};
    const struct x509_server server = {names, 1, p->now, DAYS(30)};
    cr_assert_eq(authority_issue_server(p->authority, &server, &issued, &key, &d), 0, "%s",
                 d.text);
    const struct tls_setup setup = {
        {issued.pem.data, issued.pem.len}, {key.data, key.len}, allow_tls12};
    cr_assert_eq(tls_context_new(&setup, &c, &d), 0, "%s", d.text);
    issued_done(&issued);
    return c;
}

static inline void scene_init(struct scene *s, bool allow_tls12)
{
    pki_init(&s->pki);
    s->context = new_context(&s->pki, allow_tls12);
}

static inline void scene_done(struct scene *s)
{
    tls_context_unref(s->context);
    pki_done(&s->pki);
}

/* A connection with a client at its other end. */
struct line {
    struct tls *server;
    gnutls_session_t client;
    gnutls_certificate_credentials_t credentials;
    int fds[2]; /* the server's, the client's; -1 = closed */
};

struct caller {
    const char *rules;             /* NULL = TLS 1.3 */
    const char *certificate;       /* the folder's NAME.pem and NAME.key; NULL = none */
    const gnutls_datum_t *resumed; /* NULL = a full handshake */
    gnutls_certificate_credentials_t credentials;
    unsigned flags;
};

static inline void line_close(struct line *l, int end)
{
    if (l->fds[end] >= 0)
        (void)close(l->fds[end]);
    l->fds[end] = -1;
}

static inline void line_done(struct line *l)
{
    tls_free(l->server);
    if (l->client)
        gnutls_deinit(l->client);
    if (l->credentials)
        gnutls_certificate_free_credentials(l->credentials);
    line_close(l, 0);
    line_close(l, 1);
}

static inline void line_open(struct line *l, struct tls_context *context)
{
    *l = (struct line){.fds = {-1, -1}};
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, l->fds), 0);
    cr_assert_eq(tls_new(context, l->fds[0], &l->server), 0);
}

static inline void line_dial(struct line *l, const struct pki *p, const struct caller *caller)
{
    char certificate[TEMP_PATH_SIZE];
    char key[TEMP_PATH_SIZE];
    char name[64];
    cr_assert_eq(gnutls_certificate_allocate_credentials(&l->credentials), 0);
    if (caller->certificate) {
        (void)snprintf(name, sizeof name, "%s.pem", caller->certificate);
        (void)temp_file(&p->folder, name, certificate);
        (void)snprintf(name, sizeof name, "%s.key", caller->certificate);
        cr_assert_geq(gnutls_certificate_set_x509_key_file(l->credentials, certificate,
                                                           temp_file(&p->folder, name, key),
                                                           GNUTLS_X509_FMT_PEM),
                      0);
    }
    cr_assert_eq(gnutls_init(&l->client, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL |
                                             caller->flags),
                 0);
    cr_assert_eq(
        gnutls_priority_set_direct(l->client, caller->rules ? caller->rules : TLS13, NULL), 0);
    cr_assert_eq(gnutls_credentials_set(l->client, GNUTLS_CRD_CERTIFICATE, l->credentials), 0);
    if (caller->resumed)
        cr_assert_eq(
            gnutls_session_set_data(l->client, caller->resumed->data, caller->resumed->size),
            0);
    gnutls_transport_set_int(l->client, l->fds[1]);
}

/* Lets both ends go on in turn until neither waits for the other. The server's end. */
static inline int shake(struct line *l, int *ret_client)
{
    int server = -EAGAIN;
    int client = GNUTLS_E_AGAIN;
    for (int i = 0; i < 100; i++) {
        if (client == GNUTLS_E_AGAIN || client == GNUTLS_E_INTERRUPTED)
            client = gnutls_handshake(l->client);
        if (server == -EAGAIN)
            server = tls_handshake(l->server);
    }
    *ret_client = client;
    return server;
}

/* A line on which the handshake went well. */
static inline void line_up(struct line *l, const struct scene *s, const struct caller *caller)
{
    int client = 0;
    line_open(l, s->context);
    line_dial(l, &s->pki, caller);
    int server = shake(l, &client);
    cr_assert_eq(client, 0, "%s", gnutls_strerror(client));
    cr_assert_eq(server, 0, "%s", tls_problem(l->server));
    cr_assert_str_eq(tls_problem(l->server), "");
}

static inline void put_client(const struct pki *p)
{
    pki_request(p, "c", P256);
    pki_issue(p, "c", "srv-1");
}

static inline void expect_certificate(const struct line *l, const struct pki *p,
                                      const char *file)
{
    AUTO(buf) struct buf der = BUF_INIT(X509_PEM_CAP);
    struct text want = openssl_file(&p->folder, file, &der);
    struct text got = tls_peer_certificate(l->server);
    cr_assert_eq(got.n, want.n);
    cr_assert_arr_eq(got.p, want.p, want.n);
}

/* One byte each way, so that all that belongs to the handshake has come. */
static inline void exchange(struct line *l)
{
    char c = '\0';
    ssize_t r = 0;
    cr_assert_eq(gnutls_record_send(l->client, "q", 1), 1);
    cr_assert_eq(tls_read(l->server, &c, 1), 1);
    cr_assert_eq(c, 'q');
    cr_assert_eq(tls_write(l->server, "a", 1), 1);
    for (int i = 0; i < 10 && (r = gnutls_record_recv(l->client, &c, 1)) < 0; i++)
        cr_assert(!gnutls_error_is_fatal((int)r), "%s", gnutls_strerror((int)r));
    cr_assert_eq(r, 1);
    cr_assert_eq(c, 'a');
}

#endif
