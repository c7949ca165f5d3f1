/* Addresses of interfaces, by rtnetlink. */
#include "probe/links.h"

#include <errno.h>
#include <stdalign.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "base/grow.h"

enum {
    LOOPBACK = 1,       /* the index of "lo", in each network namespace */
    PLACES_MAX = 16384, /* sixteen times what counts as own (sight.h); others are passed over */
    /* The kernel makes no part of a dump larger than a page or the largest read before. */
    BUFFER_BYTES = 8192,
};

/* An address on an interface. */
struct place {
    struct addr address;
    uint32_t interface;
    uint32_t round; /* the last dump that had it */
};

struct links {
    struct mnl_socket *socket;
    struct place *places; /* by address, then by interface */
    size_t n_places, cap_places;
    uint32_t round;            /* of the present dump; its sequence number, too */
    bool is_dumping, has_gaps; /* a dump runs; another must follow it */
    links_fn *each;            /* of the present call */
    void *arg;
    int n_changes;
};

/* ---- What is where ---------------------------------------------------------------------- */

static int compare(const struct place *p, const struct addr *a, uint32_t interface)
{
    int c = addr_compare(&p->address, a);
    if (c != 0)
        return c;
    return (p->interface > interface) - (p->interface < interface);
}

/* The first place that is not before these. */
static size_t find(const struct links *l, const struct addr *a, uint32_t interface)
{
    size_t low = 0, high = l->n_places;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&l->places[middle], a, interface) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Whether the place at i is the only one of its address. */
static bool is_alone(const struct links *l, size_t i)
{
    const struct addr *a = &l->places[i].address;
    return (i == 0 || addr_compare(&l->places[i - 1].address, a) != 0) &&
           (i + 1 == l->n_places || addr_compare(&l->places[i + 1].address, a) != 0);
}

static void tell(struct links *l, const struct place *p, bool is_there)
{
    struct link_change change = {p->address, p->interface, is_there};
    l->n_changes++;
    l->each(l->arg, &change);
}

static int add(struct links *l, const struct addr *a, uint32_t interface)
{
    size_t i = find(l, a, interface);
    if (i < l->n_places && compare(&l->places[i], a, interface) == 0) {
        l->places[i].round = l->round;
        return 0;
    }
    int r = grow(&l->places, &l->cap_places, l->n_places + 1, sizeof *l->places, PLACES_MAX);
    if (r < 0)
        return r == -ERANGE ? 0 : r;
    memmove(&l->places[i + 1], &l->places[i], (l->n_places - i) * sizeof *l->places);
    l->places[i] = (struct place){*a, interface, l->round};
    l->n_places++;
    if (is_alone(l, i))
        tell(l, &l->places[i], true);
    return 0;
}

static void remove_at(struct links *l, size_t i)
{
    struct place gone = l->places[i];
    bool was_alone = is_alone(l, i);
    l->n_places--;
    memmove(&l->places[i], &l->places[i + 1], (l->n_places - i) * sizeof *l->places);
    if (was_alone)
        tell(l, &gone, false);
}

static void remove_place(struct links *l, const struct addr *a, uint32_t interface)
{
    size_t i = find(l, a, interface);
    if (i < l->n_places && compare(&l->places[i], a, interface) == 0)
        remove_at(l, i);
}

/* What the dump that just ended did not have is gone. */
static void sweep(struct links *l)
{
    for (size_t i = l->n_places; i-- > 0;) {
        if (l->places[i].round != l->round)
            remove_at(l, i);
    }
}

/* ---- Messages --------------------------------------------------------------------------- */

static int ask(struct links *l)
{
    struct {
        struct nlmsghdr head;
        struct ifaddrmsg body;
    } request = {
        .head = {.nlmsg_len = sizeof request,
                 .nlmsg_type = RTM_GETADDR,
                 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                 .nlmsg_seq = ++l->round},
        .body = {.ifa_family = AF_UNSPEC},
    };
    l->is_dumping = true;
    l->has_gaps = false;
    return mnl_socket_sendto(l->socket, &request, sizeof request) < 0 ? -errno : 0;
}

/* Of one RTM_NEWADDR or RTM_DELADDR. */
struct fields {
    struct addr local, address;
    uint32_t flags;
};

static void read_address(const struct nlattr *a, struct addr *ret)
{
    struct addr found;
    if (addr_from_bytes(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a), &found) == 0)
        *ret = found;
}

static int read_attribute(const struct nlattr *a, void *data)
{
    struct fields *f = data;
    switch (mnl_attr_get_type(a)) {
    case IFA_LOCAL: read_address(a, &f->local); break;
    case IFA_ADDRESS: read_address(a, &f->address); break;
    case IFA_FLAGS:
        if (mnl_attr_get_payload_len(a) >= sizeof(uint32_t))
            f->flags = mnl_attr_get_u32(a);
        break;
    }
    return MNL_CB_OK;
}

/* A tentative address may turn out to be another's, but for an optimistic one, which is used
 * at once (RFC 4429). */
static bool is_usable(uint32_t flags)
{
    return (flags & IFA_F_DADFAILED) == 0 &&
           ((flags & IFA_F_TENTATIVE) == 0 || (flags & IFA_F_OPTIMISTIC) != 0);
}

static int hear_address(struct links *l, const struct nlmsghdr *h)
{
    if (mnl_nlmsg_get_payload_len(h) < sizeof(struct ifaddrmsg))
        return 0;
    const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
    struct fields f = {.flags = m->ifa_flags};
    if (mnl_attr_parse(h, sizeof *m, read_attribute, &f) < 0 || m->ifa_index == LOOPBACK)
        return 0;
    /* On a line between two points IFA_ADDRESS is the other end's. */
    const struct addr *a = f.local.family != 0 ? &f.local : &f.address;
    if (a->family == 0)
        return 0;
    if (h->nlmsg_type == RTM_NEWADDR && is_usable(f.flags))
        return add(l, a, m->ifa_index);
    remove_place(l, a, m->ifa_index);
    return 0;
}

/* The end of a dump; one through which changes went is not whole. */
static int hear_end(struct links *l, const struct nlmsghdr *h)
{
    if (!l->is_dumping || h->nlmsg_seq != l->round)
        return 0;
    l->is_dumping = false;
    if (l->has_gaps)
        return ask(l);
    sweep(l);
    return 0;
}

static int hear_error(struct links *l, const struct nlmsghdr *h)
{
    if (mnl_nlmsg_get_payload_len(h) < sizeof(struct nlmsgerr) || h->nlmsg_seq != l->round)
        return 0;
    const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);
    return e->error;
}

static int hear(struct links *l, const struct nlmsghdr *h)
{
    if (h->nlmsg_flags & NLM_F_DUMP_INTR)
        l->has_gaps = true;
    switch (h->nlmsg_type) {
    case RTM_NEWADDR:
    case RTM_DELADDR: return hear_address(l, h);
    case NLMSG_DONE: return hear_end(l, h);
    case NLMSG_ERROR: return hear_error(l, h);
    case NLMSG_OVERRUN: l->has_gaps = true; return 0;
    default: return 0;
    }
}

/* Bytes of one datagram of the kernel's; 0 = nothing waits. */
static ssize_t receive(struct links *l, void *buffer, size_t size)
{
    for (;;) {
        struct sockaddr_nl from = {0};
        socklen_t from_n = sizeof from;
        ssize_t n = recvfrom(mnl_socket_get_fd(l->socket), buffer, size,
                             MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&from, &from_n);
        if (n >= 0 && (size_t)n > size)
            return -ENOBUFS; /* cut: as good as lost */
        if (n > 0 && from.nl_pid == 0)
            return n;
        if (n < 0 && errno != EINTR)
            return errno == EAGAIN ? 0 : -errno;
    }
}

/* After an overrun, or a cut: all is asked for anew, when the dump that runs has ended. */
static int lose(struct links *l)
{
    l->has_gaps = true;
    return l->is_dumping ? 0 : ask(l);
}

static int read_all(struct links *l)
{
    alignas(struct nlmsghdr) char buffer[BUFFER_BYTES];
    ssize_t n;
    while ((n = receive(l, buffer, sizeof buffer)) != 0) {
        int r = n == -ENOBUFS ? lose(l) : n < 0 ? (int)n : 0;
        int left = n < 0 ? 0 : (int)n;
        for (const struct nlmsghdr *h = (const void *)buffer; r == 0 && mnl_nlmsg_ok(h, left);
             h = mnl_nlmsg_next(h, &left))
            r = hear(l, h);
        if (r < 0)
            return r;
    }
    return 0;
}

int links_read(struct links *l, links_fn *each, void *arg)
{
    l->each = each;
    l->arg = arg;
    l->n_changes = 0;
    int r = read_all(l);
    return r < 0 ? r : l->n_changes;
}

/* ---- Opening ---------------------------------------------------------------------------- */

int links_open(struct links **ret, struct diag *d)
{
    AUTO(links) struct links *l = calloc(1, sizeof *l);
    if (!l)
        return diag_set(d, -ENOMEM, "out of memory");
    l->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (!l->socket || mnl_socket_bind(l->socket, RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
                                      MNL_SOCKET_AUTOPID) < 0)
        return diag_set(d, -errno, "addresses of interfaces cannot be watched: %s",
                        strerror(errno));
    int r = ask(l);
    if (r < 0)
        return diag_set(d, r, "addresses of interfaces cannot be asked for: %s", strerror(-r));
    *ret = STEAL(l);
    return 0;
}

void links_free(struct links *l)
{
    if (!l)
        return;
    if (l->socket)
        (void)mnl_socket_close(l->socket); /* nothing is written to it */
    free(l->places);
    free(l);
}

int links_fd(const struct links *l)
{
    return mnl_socket_get_fd(l->socket);
}
