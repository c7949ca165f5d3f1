/* The client's connections. */
#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

struct client {
    const struct target *target;
    gnutls_certificate_credentials_t credentials;
    gnutls_priority_t priority;
    gnutls_datum_t session; /* of the last connection */
};

struct link {
    struct client *client;
    int fd;
    gnutls_session_t tls;
    char in[8192];
    size_t have;
};

static void die(const char *what, int error)
{
    (void)fprintf(stderr, "load: %s: %s\n", what, gnutls_strerror(error));
    exit(1);
}

static void must(const char *what, int r)
{
    if (r < 0)
        die(what, r);
}

struct client *client_new(const struct target *target, const char *pem_file)
{
    struct client *c = calloc(1, sizeof(*c));
    if (!c)
        die("memory", GNUTLS_E_MEMORY_ERROR);
    c->target = target;
    must("credentials", gnutls_certificate_allocate_credentials(&c->credentials));
    must(target->ca_file, gnutls_certificate_set_x509_trust_file(
                              c->credentials, target->ca_file, GNUTLS_X509_FMT_PEM));
    if (pem_file)
        must(pem_file, gnutls_certificate_set_x509_key_file(c->credentials, pem_file, pem_file,
                                                            GNUTLS_X509_FMT_PEM));
    must("priority", gnutls_priority_init(&c->priority, "NORMAL:-VERS-ALL:+VERS-TLS1.3", NULL));
    return c;
}

void client_free(struct client *c)
{
    gnutls_free(c->session.data);
    gnutls_priority_deinit(c->priority);
    gnutls_certificate_free_credentials(c->credentials);
    free(c);
}

static int connect_from(uint16_t port, uint32_t source)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(source)};
    struct timeval patience = {.tv_sec = 30};
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (source) { /* the port is chosen when it connects: more connections than ports */
        (void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
        (void)bind(fd, (struct sockaddr *)&from, sizeof from);
    }
    if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

static void start_tls(struct link *l, bool resume)
{
    struct client *c = l->client;

    must("session", gnutls_init(&l->tls, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL));
    must("priority", gnutls_priority_set(l->tls, c->priority));
    must("credentials", gnutls_credentials_set(l->tls, GNUTLS_CRD_CERTIFICATE, c->credentials));
    gnutls_transport_set_int(l->tls, l->fd);
    gnutls_handshake_set_timeout(l->tls, 30000);
    gnutls_session_set_verify_cert(l->tls, NULL, 0);
    if (resume && c->session.data)
        must("resumption", gnutls_session_set_data(l->tls, c->session.data, c->session.size));
}

struct link *link_open(struct client *c, uint32_t source, bool resume)
{
    struct link *l = calloc(1, sizeof(*l));
    int r;

    if (!l)
        die("memory", GNUTLS_E_MEMORY_ERROR);
    l->client = c;
    l->fd = connect_from(c->target->port, source);
    if (l->fd < 0) {
        free(l);
        return NULL;
    }
    start_tls(l, resume);
    do
        r = gnutls_handshake(l->tls);
    while (r < 0 && !gnutls_error_is_fatal(r));
    if (r == 0)
        return l;
    link_close(l, false);
    return NULL;
}

int link_socket(const struct link *l)
{
    return l->fd;
}

bool link_is_resumed(const struct link *l)
{
    return gnutls_session_is_resumed(l->tls) != 0;
}

bool link_send(struct link *l, const void *p, size_t n)
{
    const char *at = p;

    while (n > 0) {
        ssize_t sent = gnutls_record_send(l->tls, at, n);
        if (sent == GNUTLS_E_INTERRUPTED)
            continue;
        if (sent <= 0)
            return false;
        at += sent;
        n -= (size_t)sent;
    }
    return true;
}

/* A ticket that comes before the answer reads as GNUTLS_E_AGAIN, as does our patience's end. */
static bool read_more(struct link *l)
{
    ssize_t n = GNUTLS_E_AGAIN;

    if (l->have + 1 >= sizeof l->in)
        return false;
    for (int tries = 0; tries < 8 && n < 0 && !gnutls_error_is_fatal((int)n); tries++)
        n = gnutls_record_recv(l->tls, l->in + l->have, sizeof l->in - 1 - l->have);
    if (n <= 0)
        return false;
    l->have += (size_t)n;
    l->in[l->have] = '\0';
    return true;
}

long read_number(const char *text, const char **ret_end)
{
    const char *at = text + strspn(text, " ");
    size_t n = strspn(at, "0123456789");
    long value = 0;

    if (n == 0 || n > 18) /* 18 digits fit */
        return -1;
    for (size_t i = 0; i < n; i++)
        value = value * 10 + (at[i] - '0');
    if (ret_end)
        *ret_end = at + n;
    return value;
}

int link_answer(struct link *l, char *body, size_t size)
{
    char *end = NULL;

    while (l->have == 0 || !(end = strstr(l->in, "\r\n\r\n")))
        if (!read_more(l))
            return -1;
    const char *length = strcasestr(l->in, "\r\nContent-Length:");
    size_t head = (size_t)(end - l->in) + 4;
    long given = length && length < end ? read_number(length + 17, NULL) : 0;
    size_t wanted = given > 0 ? (size_t)given : 0;
    while (l->have < head + wanted)
        if (!read_more(l))
            return -1;
    int status = (int)read_number(l->in + 9, NULL);
    (void)snprintf(body, size, "%.*s", (int)wanted, l->in + head);
    l->have -= head + wanted;
    memmove(l->in, l->in + head + wanted, l->have + 1);
    return status;
}

void link_finish(struct link *l)
{
    (void)gnutls_bye(l->tls, GNUTLS_SHUT_WR);
}

int link_rest(struct link *l, char *answer, size_t size)
{
    char part[8192];
    ssize_t n = 1;

    l->have = 0;
    l->in[0] = '\0';
    for (int waits = 0; n > 0 || (n < 0 && !gnutls_error_is_fatal((int)n));) {
        n = gnutls_record_recv(l->tls, part, sizeof part);
        if (n > 0 && l->have == 0) {
            memcpy(l->in, part, (size_t)n - 1);
            l->in[n - 1] = '\0';
            l->have = (size_t)n;
        }
        waits += n == GNUTLS_E_AGAIN; /* a ticket, or the end of our patience */
        if (waits > 4)
            return -1;
    }
    (void)snprintf(answer, size, "%s", l->in);
    return l->have > 12 ? (int)read_number(l->in + 9, NULL) : 0;
}

void link_close(struct link *l, bool keep_session)
{
    struct client *c = l->client;

    if (keep_session) {
        gnutls_free(c->session.data);
        c->session = (gnutls_datum_t){NULL, 0};
        (void)gnutls_session_get_data2(l->tls, &c->session);
    }
    (void)gnutls_bye(l->tls, GNUTLS_SHUT_WR);
    gnutls_deinit(l->tls);
    (void)close(l->fd);
    free(l);
}

void make_request(char *key, size_t key_size, char *csr, size_t csr_size)
{
    gnutls_x509_privkey_t k;
    gnutls_x509_crq_t q;

    must("key", gnutls_x509_privkey_init(&k));
    must("key", gnutls_x509_privkey_generate(
                    k, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
    must("request", gnutls_x509_crq_init(&q));
    must("request", gnutls_x509_crq_set_version(q, 1));
    must("request", gnutls_x509_crq_set_key(q, k));
    must("request", gnutls_x509_crq_sign2(q, k, GNUTLS_DIG_SHA256, 0));
    must("request", gnutls_x509_crq_export(q, GNUTLS_X509_FMT_PEM, csr, &csr_size));
    must("key", gnutls_x509_privkey_export_pkcs8(k, GNUTLS_X509_FMT_PEM, NULL,
                                                 GNUTLS_PKCS_PLAIN, key, &key_size));
    csr[csr_size] = '\0';
    key[key_size] = '\0';
    gnutls_x509_crq_deinit(q);
    gnutls_x509_privkey_deinit(k);
}
