/*
 * A plain HTTPS client for tests and benchmarks: blocking sockets, GnuTLS, one thread a
 * connection. It shares nothing with the collector's own TLS code.
 */
#ifndef LOAD_CLIENT_H
#define LOAD_CLIENT_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whom to talk to. `source` is an address of 127/8 to come from, as a number; 0 = any. */
struct target {
    uint16_t port;
    const char *ca_file;
};

struct client; /* credentials of one server, and its last session for resumption */

/* `pem_file`: certificate and key in one file; NULL = none. Ends the process on failure. */
struct client *client_new(const struct target *target, const char *pem_file);
void client_free(struct client *c);

struct link; /* a connection */
/* NULL when it cannot be made or the handshake fails. */
struct link *link_open(struct client *c, uint32_t source, bool resume);
int link_socket(const struct link *l);
bool link_is_resumed(const struct link *l);
bool link_send(struct link *l, const void *p, size_t n);
/* The status of the next answer, its body (NUL-terminated, cut to size); -1 when it broke. */
int link_answer(struct link *l, char *body, size_t size);
/* Says that no more comes; answers still do. */
void link_finish(struct link *l);
/* All that is still said, until the other side hangs up: the status of the first answer, 0 when
 * there is none, -1 when it does not hang up. */
int link_rest(struct link *l, char *answer, size_t size);
void link_close(struct link *l, bool keep_session);

/* The decimal digits at `text`; *ret_end, where given, is what follows them. -1 when there are
 * none, or too many. */
long read_number(const char *text, const char **ret_end);

/* A new P-256 key and a request for it, both PEM, terminated. */
void make_request(char *key, size_t key_size, char *csr, size_t csr_size);

#endif
