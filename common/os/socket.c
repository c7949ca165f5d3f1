/* Sockets for servers: listening, accepting, whose address it is. */
#include "os/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static_assert(ENDPOINT_TEXT_SIZE >= ADDR_TEXT_SIZE + sizeof "[]:65535", "every endpoint fits");

/* The kernel's form of an endpoint. */
union name {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static void fd_done(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* nothing was sent through it */
}

/* Hands a descriptor over. */
static int fd_take(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

/* ---- Endpoints -------------------------------------------------------------------------- */

int endpoint_parse(struct text t, struct endpoint *ret)
{
    bool is_bracketed = t.n > 0 && t.p[0] == '[';
    const char *end = t.n > 0 ? memchr(t.p, is_bracketed ? ']' : ':', t.n) : NULL;
    if (!end)
        return -EBADMSG;
    struct text host = {t.p + is_bracketed, (size_t)(end - t.p) - is_bracketed};
    struct text rest = {end + is_bracketed, t.n - (size_t)(end - t.p) - is_bracketed};
    struct endpoint e;
    int64_t port;
    /* In brackets stands what has colons, and nothing else does. */
    bool has_colon = host.n > 0 && memchr(host.p, ':', host.n);
    if (has_colon != is_bracketed || addr_parse(host, &e.address) != 0)
        return -EBADMSG;
    if (rest.n == 0 || rest.p[0] != ':' ||
        text_to_int((struct text){rest.p + 1, rest.n - 1}, 0, UINT16_MAX, &port) != 0)
        return -EBADMSG;
    e.port = (uint16_t)port;
    *ret = e;
    return 0;
}

const char *endpoint_format(const struct endpoint *e, char out[static ENDPOINT_TEXT_SIZE])
{
    char address[ADDR_TEXT_SIZE];
    (void)snprintf(out, ENDPOINT_TEXT_SIZE,
                   e->address.family == ADDR_IPV6 ? "[%s]:%u" : "%s:%u",
                   addr_format(&e->address, address), (unsigned)e->port);
    return out;
}

static socklen_t endpoint_to_name(const struct endpoint *e, union name *ret)
{
    memset(ret, 0, sizeof *ret);
    if (e->address.family == ADDR_IPV6) {
        ret->v6.sin6_family = AF_INET6;
        ret->v6.sin6_port = htons(e->port);
        memcpy(&ret->v6.sin6_addr, e->address.bytes, sizeof ret->v6.sin6_addr);
        return sizeof ret->v6;
    }
    ret->v4.sin_family = AF_INET;
    ret->v4.sin_port = htons(e->port);
    memcpy(&ret->v4.sin_addr, e->address.bytes, sizeof ret->v4.sin_addr);
    return sizeof ret->v4;
}

static int endpoint_from_name(const union name *name, struct endpoint *ret)
{
    struct endpoint e = {.port = 0};
    uint8_t bytes[sizeof name->v6.sin6_addr];
    size_t n;
    if (name->any.sa_family == AF_INET6) {
        n = sizeof name->v6.sin6_addr;
        memcpy(bytes, &name->v6.sin6_addr, n);
        e.port = ntohs(name->v6.sin6_port);
    } else if (name->any.sa_family == AF_INET) {
        n = sizeof name->v4.sin_addr;
        memcpy(bytes, &name->v4.sin_addr, n);
        e.port = ntohs(name->v4.sin_port);
    } else {
        return -EAFNOSUPPORT;
    }
    int r = addr_from_bytes(bytes, n, &e.address);
    if (r == 0)
        *ret = e;
    return r;
}

/* ---- Listening -------------------------------------------------------------------------- */

static const char *advice(int error)
{
    switch (error) {
    case EADDRINUSE:
        return ": another program listens there (`ss -ltnp` names it), or two of our own do: "
               "[::] takes IPv4 too";
    case EACCES:
        return ": ports below 1024 need the right CAP_NET_BIND_SERVICE (AmbientCapabilities= "
               "in "
               "the unit), or a socket from systemd";
    case EADDRNOTAVAIL:
        return ": no interface of this machine has that address (`ip address` shows them; at "
               "boot, it may come later: After=network-online.target)";
    case EAFNOSUPPORT: return ": this machine has no IPv6; listen on an IPv4 address";
    default: return "";
    }
}

/* The descriptor or -errno. */
static int listen_on(const struct endpoint *e, int backlog)
{
    static const int on = 1;
    static const int off = 0;
    union name name;
    socklen_t n = endpoint_to_name(e, &name);
    AUTO(fd) int fd = socket(name.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    /* A restart must not wait for what is left of the connections of the one before. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
        return -errno;
    if (e->address.family == ADDR_IPV6 &&
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0)
        return -errno;
    if (bind(fd, &name.any, n) != 0 || listen(fd, backlog) != 0)
        return -errno;
    return fd_take(&fd);
}

int socket_listen(const struct endpoint *e, int backlog, struct diag *d)
{
    int fd = listen_on(e, backlog);
    if (fd >= 0)
        return fd;
    char where[ENDPOINT_TEXT_SIZE];
    errno = -fd; /* for %m */
    return diag_set(d, fd, "cannot listen on %s: %m%s", endpoint_format(e, where), advice(-fd));
}

/* ---- Accepting -------------------------------------------------------------------------- */

/* Errors of the connection that was to be accepted, not of the listener (accept(2)). */
static bool has_gone(int error)
{
    switch (error) {
    case ECONNABORTED:
    case EPROTO:
    case ENOPROTOOPT:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENONET:
    case EINTR: return true;
    default: return false;
    }
}

int socket_accept(int listener, struct endpoint *ret_peer)
{
    static const int on = 1;
    union name name = {.v6 = {0}};
    socklen_t n = sizeof name;
    AUTO(fd) int fd = accept4(listener, &name.any, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return has_gone(errno) ? -EAGAIN : -errno;
    int r = endpoint_from_name(&name, ret_peer);
    if (r != 0)
        return r;
    /* Answers are written whole. Without it they only come later, should it ever fail. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd_take(&fd);
}

bool socket_listens(int fd)
{
    int is_listening = 0;
    socklen_t n = sizeof is_listening;
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &n) == 0 && is_listening;
}

int socket_local(int fd, struct endpoint *ret)
{
    union name name = {.v6 = {0}};
    socklen_t n = sizeof name;
    if (getsockname(fd, &name.any, &n) != 0)
        return -errno;
    return endpoint_from_name(&name, ret);
}

uint64_t socket_raise_limit(void)
{
    struct rlimit limit = {0};
    (void)getrlimit(RLIMIT_NOFILE, &limit); /* fails only for what is no limit */
    struct rlimit wanted = {.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
    return setrlimit(RLIMIT_NOFILE, &wanted) == 0 ? wanted.rlim_cur : limit.rlim_cur;
}
