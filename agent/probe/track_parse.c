/*
 * One message of the kernel's connection tracking. Read here by bytes, not by the library: that
 * one ends the process (abort) on an attribute that is shorter than it expects.
 */
#include "probe/track.h"

#include <arpa/inet.h>
#include <string.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>

enum { ALIGNMENT = 4 };

/* Numbers of this machine's order, wherever they lie. */
static uint16_t read_u16(const uint8_t *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* A run of attributes, and what lies in one. */
struct run {
    const uint8_t *p;
    size_t n;
};

/* The attribute of a type, by its first occurrence; {NULL} when it is not there or when what is
 * before it is broken. */
static struct run find(struct run all, unsigned type)
{
    while (all.n >= sizeof(struct nlattr)) {
        size_t n = read_u16(all.p);
        if (n < sizeof(struct nlattr) || n > all.n)
            break;
        if ((read_u16(all.p + 2) & NLA_TYPE_MASK) == type)
            return (struct run){all.p + sizeof(struct nlattr), n - sizeof(struct nlattr)};
        size_t step = (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        if (step >= all.n)
            break;
        all = (struct run){all.p + step, all.n - step};
    }
    return (struct run){NULL, 0};
}

static struct run find_in(struct run all, unsigned outer, unsigned inner)
{
    return find(find(all, outer), inner);
}

/* The address of a tuple, by its attribute of either family. */
static bool read_address(struct run ip, unsigned v4, unsigned v6, struct addr *ret)
{
    struct run a = find(ip, v4);
    if (a.p)
        return a.n == 4 && addr_from_bytes(a.p, 4, ret) == 0;
    a = find(ip, v6);
    return a.p && a.n == 16 && addr_from_bytes(a.p, 16, ret) == 0;
}

static bool is_tcp(struct run tuple)
{
    struct run protocol = find_in(tuple, CTA_TUPLE_PROTO, CTA_PROTO_NUM);
    return protocol.n == 1 && protocol.p[0] == IPPROTO_TCP;
}

static bool read_flow(struct run all, struct sight_flow *ret)
{
    struct run there = find(all, CTA_TUPLE_ORIG), back = find(all, CTA_TUPLE_REPLY);
    struct run status = find(all, CTA_STATUS);
    struct run port = find_in(there, CTA_TUPLE_PROTO, CTA_PROTO_DST_PORT);
    struct sight_flow f = {.port = 0};
    if (!is_tcp(there) || status.n != sizeof(uint32_t) || port.n != sizeof(uint16_t) ||
        !read_address(find(there, CTA_TUPLE_IP), CTA_IP_V4_SRC, CTA_IP_V6_SRC, &f.from) ||
        !read_address(find(there, CTA_TUPLE_IP), CTA_IP_V4_DST, CTA_IP_V6_DST, &f.to) ||
        !read_address(find(back, CTA_TUPLE_IP), CTA_IP_V4_DST, CTA_IP_V6_DST, &f.seen_from))
        return false;
    f.port = ntohs(read_u16(port.p));
    /* Big-endian; IPS_SRC_NAT lies in the last byte. IPS_SRC_NAT_DONE would only say that a
     * rule was looked for. */
    f.is_translated = (status.p[3] & IPS_SRC_NAT) != 0;
    *ret = f;
    return true;
}

bool track_parse(const uint8_t *p, size_t n, struct sight_flow *ret)
{
    struct nlmsghdr h;
    const size_t head = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct nfgenmsg));
    if (n < head)
        return false;
    memcpy(&h, p, sizeof h);
    if (h.nlmsg_len < head || h.nlmsg_len > n ||
        h.nlmsg_type != ((NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_NEW) ||
        (h.nlmsg_flags & NLM_F_CREATE) == 0) /* else news of one that is known already */
        return false;
    return read_flow((struct run){p + head, h.nlmsg_len - head}, ret);
}
