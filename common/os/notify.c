/* What systemd and a daemon tell each other. */
#include "os/notify.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- State ------------------------------------------------------------------------------ */

union name {
    struct sockaddr any;
    struct sockaddr_un local;
};

/* The address that NOTIFY_SOCKET names: a path, or behind '@' a name without one (unix(7)). Its
 * length; 0 where there is none. */
static socklen_t find_socket(union name *ret)
{
    const char *where = getenv("NOTIFY_SOCKET");
    size_t n = where ? strlen(where) : 0;
    if (n < 2 || n >= sizeof ret->local.sun_path || (where[0] != '/' && where[0] != '@'))
        return 0;
    memset(ret, 0, sizeof *ret);
    ret->local.sun_family = AF_UNIX;
    memcpy(ret->local.sun_path, where, n);
    if (where[0] == '@')
        ret->local.sun_path[0] = '\0';
    else
        n++; /* a path has its terminator with it; in such a name that would be one more byte */
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

void notify_send(const char *state)
{
    static const struct timeval patience = {.tv_sec = 1};
    union name name;
    socklen_t n = find_socket(&name);
    if (n == 0)
        return;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    /* It all may fail: systemd then shows an older state, or ends us as one that hangs. */
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0)
        (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, &name.any, n);
    (void)close(fd); /* a datagram is sent or not sent */
}

/* ---- Numbers in the environment --------------------------------------------------------- */

/* 0; -ENOENT when it is not set; -EBADMSG when it is not a number from 0 to max. */
static int read_number(const char *variable, int64_t max, int64_t *ret)
{
    const char *value = getenv(variable);
    if (!value)
        return -ENOENT;
    return text_to_int(text_of(value), 0, max, ret) == 0 ? 0 : -EBADMSG;
}

/* Variables are inherited: what stands there may be meant for the process that started us. */
static int read_is_meant(const char *variable, bool *ret)
{
    int64_t pid;
    int r = read_number(variable, INT32_MAX, &pid);
    if (r == 0)
        *ret = pid == getpid();
    return r;
}

int64_t notify_watchdog_ms(void)
{
    int64_t us;
    bool is_meant = true;
    int r = read_is_meant("WATCHDOG_PID", &is_meant);
    if ((r != 0 && r != -ENOENT) || !is_meant ||
        read_number("WATCHDOG_USEC", INT64_MAX, &us) != 0 || us == 0)
        return 0;
    int64_t half_ms = us / 2000;
    return half_ms > 0 ? half_ms : 1;
}

/* ---- Sockets passed on ------------------------------------------------------------------ */

/* LISTEN_FDNAMES: as many as there are sockets, with colons between them. */
static int read_names(struct notify_listen *l)
{
    const char *rest = getenv("LISTEN_FDNAMES");
    if (!rest || l->n == 0)
        return 0;
    for (size_t i = 0; i < l->n; i++) {
        const char *colon = strchr(rest, ':');
        size_t n = colon ? (size_t)(colon - rest) : strlen(rest);
        bool is_last = i + 1 == l->n;
        if (is_last != !colon)
            return -EBADMSG;
        if (n >= sizeof l->names[i])
            return -ERANGE;
        memcpy(l->names[i], rest, n);
        rest += n + !is_last;
    }
    return 0;
}

static int read_listen(struct notify_listen *l)
{
    int64_t n;
    bool is_meant = false;
    int r = read_is_meant("LISTEN_PID", &is_meant);
    if (r == -ENOENT || (r == 0 && !is_meant))
        return 0;
    if (r == 0)
        r = read_number("LISTEN_FDS", INT32_MAX, &n);
    if (r != 0)
        return -EBADMSG;
    if (n > NOTIFY_LISTEN_MAX)
        return -ERANGE;
    l->n = (size_t)n;
    return read_names(l);
}

/* systemd passes them on blocking, and open for whatever we might start. */
static int prepare(int fd)
{
    int status = fcntl(fd, F_GETFL);
    int flags = fcntl(fd, F_GETFD);
    if (status < 0 || flags < 0)
        return -EBADMSG; /* there is none */
    if (fcntl(fd, F_SETFL, status | O_NONBLOCK) != 0 ||
        fcntl(fd, F_SETFD, flags | FD_CLOEXEC) != 0)
        return -errno;
    return 0;
}

int notify_listen_fds(struct notify_listen *ret)
{
    static const char *const variables[] = {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES",
                                            "LISTEN_PIDFDID"};
    struct notify_listen found = {.n = 0};
    int r = read_listen(&found);
    for (size_t i = 0; i < ARRAY_LEN(variables); i++)
        (void)unsetenv(variables[i]); /* fails only for what is no name */
    for (size_t i = 0; r == 0 && i < found.n; i++)
        r = prepare(NOTIFY_LISTEN_FIRST + (int)i);
    if (r == 0)
        *ret = found;
    return r;
}
