/* Sockets for servers: listening, accepting, whose address it is. */
#ifndef OS_SOCKET_H
#define OS_SOCKET_H

#include "base/diag.h"
#include "domain/addr.h"

/* Where to listen: "[::]:9443", "0.0.0.0:9443", "127.0.0.1:9444". Port 0 = a free one. No
 * names, no zone index, no needless zeros; an IPv4-mapped address is the IPv4 one. */
struct endpoint {
    struct addr address; /* "[::]" stays IPv6 and takes IPv4 too (IPV6_V6ONLY off) */
    uint16_t port;
};
#define ENDPOINT_TEXT_SIZE 64
MUST_USE int endpoint_parse(struct text t, struct endpoint *ret); /* 0 or -EBADMSG */
const char *endpoint_format(const struct endpoint *e, char out[static ENDPOINT_TEXT_SIZE]);

/* A listening TCP socket, non-blocking, close-on-exec, SO_REUSEADDR. The descriptor or -errno,
 * with what to do in d. */
MUST_USE int socket_listen(const struct endpoint *e, int backlog, struct diag *d);

/* The next connection: non-blocking, close-on-exec, TCP_NODELAY. The descriptor; -EAGAIN when
 * there is none, or it has gone already; -EMFILE and the like; -EAFNOSUPPORT when the listener
 * is not one of TCP. An IPv4-mapped peer is IPv4. */
MUST_USE int socket_accept(int listener, struct endpoint *ret_peer);

bool socket_listens(int fd);                             /* false of whatever else it is */
MUST_USE int socket_local(int fd, struct endpoint *ret); /* getsockname: 0 or -errno */

/* Raises the soft limit of open files to the hard one; returns the limit that holds. */
uint64_t socket_raise_limit(void);

#endif
