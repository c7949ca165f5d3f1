/* Local (AF_UNIX) sockets of whole messages, between our own processes. */
#include "os/local.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    TYPE = SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
    WAITING = 8, /* one or two processes ever connect */
    MODE = 0660,
};

union name {
    struct sockaddr any;
    struct sockaddr_un local;
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

int local_pair(int ret[static 2])
{
    int ends[2];
    if (socketpair(AF_UNIX, TYPE, 0, ends) != 0)
        return -errno;
    ret[0] = ends[0];
    ret[1] = ends[1];
    return 0;
}

/* ---- At a path -------------------------------------------------------------------------- */

static int name_of(const char *path, union name *ret)
{
    size_t n = strlen(path);
    if (n == 0)
        return -ENOENT;
    if (n >= sizeof ret->local.sun_path)
        return -ENAMETOOLONG;
    memset(ret, 0, sizeof *ret);
    ret->local.sun_family = AF_UNIX;
    memcpy(ret->local.sun_path, path, n);
    return 0;
}

/* The other end's user, as the kernel saw it when it listened or connected. */
static int read_uid(int fd, uid_t *ret)
{
    struct ucred peer = {0};
    socklen_t n = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) != 0)
        return -errno;
    *ret = peer.uid;
    return 0;
}

int local_connect(const char *path, uid_t *ret_uid)
{
    union name name;
    int r = name_of(path, &name);
    if (r != 0)
        return r;
    AUTO(fd) int fd = socket(AF_UNIX, TYPE, 0);
    if (fd < 0 || connect(fd, &name.any, sizeof name.local) != 0)
        return -errno;
    r = read_uid(fd, ret_uid);
    return r == 0 ? fd_take(&fd) : r;
}

/* Removes a socket that nobody listens on. 0: the path is free; -EADDRINUSE: it is not. */
static int clear_stale(const char *path)
{
    struct stat s;
    uid_t uid;
    if (lstat(path, &s) != 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(s.st_mode))
        return -EEXIST;
    AUTO(fd) int fd = local_connect(path, &uid);
    if (fd == -ENOENT)
        return 0;
    if (fd != -ECONNREFUSED)
        return -EADDRINUSE; /* somebody answers, or does not let us ask */
    return unlink(path) == 0 || errno == ENOENT ? 0 : -errno;
}

static int listen_at(const char *path)
{
    union name name;
    int r = name_of(path, &name);
    if (r == 0)
        r = clear_stale(path);
    if (r != 0)
        return r;
    AUTO(fd) int fd = socket(AF_UNIX, TYPE, 0);
    /* The socket's own mode, less the umask, becomes the file's: never wider than it is to be,
     * and then what the umask took away. */
    if (fd < 0 || fchmod(fd, MODE) != 0 || bind(fd, &name.any, sizeof name.local) != 0 ||
        chmod(path, MODE) != 0 || listen(fd, WAITING) != 0)
        return -errno;
    return fd_take(&fd);
}

static const char *advice(int error)
{
    switch (error) {
    case EADDRINUSE: return ": another process listens there (`ss -xlp` names it)";
    case EEXIST: return ": it is no socket; remove it, or name another path";
    case EACCES: return ": its folder must be writable for the user that runs this";
    case ENOENT: return ": its folder must be there";
    case ENAMETOOLONG: return ": a socket's path has at most 107 bytes";
    default: return "";
    }
}

int local_listen(const char *path, struct diag *d)
{
    int fd = listen_at(path);
    if (fd >= 0)
        return fd;
    errno = -fd; /* for %m */
    return diag_set(d, fd, "cannot listen at %s: %m%s", path, advice(-fd));
}

int local_accept(int listener, uid_t *ret_uid)
{
    AUTO(fd) int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) /* it went before it was taken, or a signal came: as if nobody had */
        return errno == ECONNABORTED || errno == EINTR ? -EAGAIN : -errno;
    int r = read_uid(fd, ret_uid);
    return r == 0 ? fd_take(&fd) : r;
}

/* ---- Messages --------------------------------------------------------------------------- */

int local_send(int fd, const void *p, size_t n)
{
    assert(n > 0); /* an empty one could not be told from the end */
    if (send(fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
        return 0; /* whole: a message is never cut */
    return errno == ECONNRESET || errno == ENOTCONN ? -EPIPE : -errno;
}

ssize_t local_receive(int fd, void *p, size_t n)
{
    ssize_t got = recv(fd, p, n, MSG_TRUNC | MSG_DONTWAIT);
    /* The other end went without reading all of ours: that is told once, and before what it
     * had said itself. */
    if (got < 0 && errno == ECONNRESET)
        got = recv(fd, p, n, MSG_TRUNC | MSG_DONTWAIT);
    if (got < 0)
        return errno == ECONNRESET || errno == ENOTCONN ? -EPIPE : -errno;
    if (got == 0)
        return -EPIPE;
    return (size_t)got <= n ? got : -EMSGSIZE;
}
