/*
 * The least that can be done for a connection over mutual TLS: what the library needs by
 * itself. A limit to compare the collector with, not a model: it blocks, and has no limits of
 * its own.
 *
 * bare PORT CA PEM COUNT
 *     says "listening", serves COUNT connections on loopback, one after the other, each with a
 *     verified client certificate, one request and a fixed answer, and prints "connections"
 *     and "cpu_us", the processor time of it all. PEM: certificate and key.
 */
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void must(const char *what, int r)
{
    if (r >= 0)
        return;
    (void)fprintf(stderr, "load: %s: %s\n", what, gnutls_strerror(r));
    exit(1);
}

static int listen_on(uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 1024) != 0) {
        (void)fputs("load: the port is taken\n", stderr);
        exit(1);
    }
    return fd;
}

/* Handshake with a verified client certificate, one request read, one answer said. */
static bool serve_one(int fd, gnutls_certificate_credentials_t credentials,
                      gnutls_priority_t priority)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
                                 "Connection: close\r\n\r\n{}";
    char request[16384];
    gnutls_session_t tls;
    int r;

    must("session", gnutls_init(&tls, GNUTLS_SERVER | GNUTLS_NO_SIGNAL));
    must("priority", gnutls_priority_set(tls, priority));
    must("credentials", gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, credentials));
    gnutls_certificate_server_set_request(tls, GNUTLS_CERT_REQUIRE);
    gnutls_session_set_verify_cert(tls, NULL, 0);
    gnutls_transport_set_int(tls, fd);
    do
        r = gnutls_handshake(tls);
    while (r < 0 && !gnutls_error_is_fatal(r));
    bool is_served = r == 0 && gnutls_record_recv(tls, request, sizeof request) > 0 &&
                     gnutls_record_send(tls, answer, sizeof answer - 1) > 0;
    (void)gnutls_bye(tls, GNUTLS_SHUT_WR);
    gnutls_deinit(tls);
    (void)close(fd);
    return is_served;
}

static long cpu_us(void)
{
    struct rusage u;
    (void)getrusage(RUSAGE_SELF, &u);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000L + u.ru_utime.tv_usec +
           u.ru_stime.tv_usec;
}

static gnutls_certificate_credentials_t load_credentials(const char *ca, const char *pem)
{
    gnutls_certificate_credentials_t c;

    must("credentials", gnutls_certificate_allocate_credentials(&c));
    must(ca, gnutls_certificate_set_x509_trust_file(c, ca, GNUTLS_X509_FMT_PEM));
    must(pem, gnutls_certificate_set_x509_key_file(c, pem, pem, GNUTLS_X509_FMT_PEM));
    return c;
}

int main(int argc, char **argv)
{
    gnutls_priority_t priority;
    long served = 0;

    if (argc != 5) {
        (void)fputs("usage: bare PORT CA PEM COUNT\n", stderr);
        return 64;
    }
    long count = (long)strtoimax(argv[4], NULL, 10);
    int listener = listen_on((uint16_t)strtoimax(argv[1], NULL, 10));
    gnutls_certificate_credentials_t credentials = load_credentials(argv[2], argv[3]);
    must("priority", gnutls_priority_init(&priority, "NORMAL:-VERS-ALL:+VERS-TLS1.3", NULL));
    (void)puts("listening");
    (void)fflush(stdout);
    long began = cpu_us();
    while (served < count) {
        int fd = accept(listener, NULL, NULL);
        served += fd >= 0 && serve_one(fd, credentials, priority);
    }
    (void)printf("connections %ld\ncpu_us %ld\n", served, cpu_us() - began);
    gnutls_priority_deinit(priority);
    gnutls_certificate_free_credentials(credentials);
    (void)close(listener);
    return 0;
}
