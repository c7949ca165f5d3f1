/* Events of connection tracking, from the kernel. */
#include "probe/track.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <arpa/inet.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>

enum {
    EVENT_BYTES = 8192, /* an event has about 200 */
    /* What the library's filter holds: from 82 and 21 on its jumps, of one byte each, wrap. */
    FILTER_IPV4_MAX = 64,
    FILTER_IPV6_MAX = 16,
};

struct track {
    struct nfct_handle *handle;
};

static struct nfct_filter *new_filter(void)
{
    struct nfct_filter *f = nfct_filter_create();
    if (f)
        nfct_filter_add_attr_u32(f, NFCT_FILTER_L4PROTO, IPPROTO_TCP);
    return f;
}

static void filter_done(struct nfct_filter **f)
{
    if (*f)
        nfct_filter_destroy(*f);
}

/* One address more that connections may go to; the library wants 32-bit words of ours. */
static void filter_add(struct nfct_filter *f, const struct addr *a)
{
    uint32_t words[4];
    memcpy(words, a->bytes, sizeof words);
    if (a->family == ADDR_IPV4) {
        struct nfct_filter_ipv4 v4 = {ntohl(words[0]), UINT32_MAX};
        nfct_filter_add_attr(f, NFCT_FILTER_DST_IPV4, &v4);
        return;
    }
    struct nfct_filter_ipv6 v6;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        v6.addr[i] = ntohl(words[i]);
        v6.mask[i] = UINT32_MAX;
    }
    nfct_filter_add_attr(f, NFCT_FILTER_DST_IPV6, &v6);
}

static void filter_add_family(struct nfct_filter *f, enum addr_family family,
                              const struct sight_target *v, size_t n)
{
    size_t most = family == ADDR_IPV4 ? FILTER_IPV4_MAX : FILTER_IPV6_MAX, count = 0;
    for (size_t i = 0; i < n; i++)
        count += v[i].address.family == family;
    if (count > most)
        return;
    /* Without an address the library would let the whole family through. Nothing is ever
     * connected to this one: the kernel puts its own address there. */
    filter_add(f, &(struct addr){.family = (uint8_t)family});
    for (size_t i = 0; i < n; i++) {
        if (v[i].address.family == family)
            filter_add(f, &v[i].address);
    }
}

int track_filter(struct track *t, const struct sight_target *v, size_t n)
{
    AUTO(filter) struct nfct_filter *f = new_filter();
    if (!f)
        return -ENOMEM;
    filter_add_family(f, ADDR_IPV4, v, n);
    filter_add_family(f, ADDR_IPV6, v, n);
    return nfct_filter_attach(track_fd(t), f) < 0 ? -errno : 0;
}

/* Our own size, also beyond the system's limit where we may: an overrun is a gap in what we
 * know. (NETLINK_NO_ENOBUFS would hide it.) */
static int prepare(int fd)
{
    static const int size = TRACK_BUFFER_BYTES;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0 &&
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) < 0)
        return -errno;
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
        return -errno;
    return 0;
}

int track_open(struct track **ret, struct diag *d)
{
    AUTO(track) struct track *t = calloc(1, sizeof *t);
    if (!t)
        return diag_set(d, -ENOMEM, "out of memory");
    t->handle = nfct_open(CONNTRACK, NF_NETLINK_CONNTRACK_NEW);
    int r = t->handle ? prepare(track_fd(t)) : -errno;
    if (r == 0)
        r = track_filter(t, NULL, 0);
    if (r == -EPERM)
        return diag_set(d, r, "connections cannot be followed without CAP_NET_ADMIN");
    if (r < 0)
        return diag_set(d, r, "connections cannot be followed: %s", strerror(-r));
    *ret = STEAL(t);
    return 0;
}

void track_free(struct track *t)
{
    if (!t)
        return;
    if (t->handle)
        (void)nfct_close(t->handle); /* nothing is written to it */
    free(t);
}

int track_fd(const struct track *t)
{
    return nfct_fd(t->handle);
}

/* Each message of a datagram. */
static void hear(const uint8_t *p, size_t n, track_fn *each, void *arg)
{
    struct nlmsghdr h;
    struct sight_flow flow;
    while (n >= sizeof h) {
        memcpy(&h, p, sizeof h);
        if (h.nlmsg_len < sizeof h || h.nlmsg_len > n)
            return;
        if (track_parse(p, h.nlmsg_len, &flow))
            each(arg, &flow);
        size_t step = NLMSG_ALIGN((size_t)h.nlmsg_len);
        if (step >= n)
            return;
        p += step;
        n -= step;
    }
}

int track_read(struct track *t, int most, track_fn *each, void *arg)
{
    uint8_t event[EVENT_BYTES];
    int count = 0;
    while (count < most) {
        struct sockaddr_nl from = {0};
        socklen_t from_n = sizeof from;
        ssize_t n = recvfrom(track_fd(t), event, sizeof event, MSG_DONTWAIT,
                             (struct sockaddr *)&from, &from_n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN ? count : -errno;
        count++;
        if (from.nl_pid == 0) /* the kernel's */
            hear(event, (size_t)n, each, arg);
    }
    return count;
}
