/* A captured frame -> the TCP header in it, layer by layer. */
#include "packet/decode.h"

enum {
    TYPE_IPV4 = 0x0800,
    TYPE_IPV6 = 0x86dd,
    TYPE_TAG = 0x8100,         /* 802.1Q */
    TYPE_SERVICE_TAG = 0x88a8, /* 802.1ad */
    TAGS_MAX = 4,
    TAG_BYTES = 4,

    ETHERNET_BYTES = 14,
    SLL_BYTES = 16,
    SLL2_BYTES = 20,
    IPV4_BYTES = 20,
    IPV6_BYTES = 40,
    TCP_BYTES = 20,
    TCP_NEEDED = 14, /* up to the flags */

    NEXT_HOP_BY_HOP = 0, /* IANA's protocol numbers */
    NEXT_TCP = 6,
    NEXT_ROUTING = 43,
    NEXT_FRAGMENT = 44,
    NEXT_AH = 51,
    NEXT_DESTINATION = 60,
    EXTENSIONS_MAX = 16,
    EXTENSION_BYTES = 8, /* of the shortest */
};

/* Hardware types (linux/if_arp.h). The frames of these three do not begin with what the cooked
 * header's protocol field would say (tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html). */
enum {
    HARDWARE_LOOPBACK = 772,
    HARDWARE_FRAD = 770,
    HARDWARE_RADIO = 803,
    HARDWARE_NETLINK = 824
};

/* What is still to be read. */
struct rest {
    const uint8_t *p;
    size_t n;         /* captured */
    size_t length;    /* there was, by the headers so far; SIZE_MAX = they did not say */
    bool is_fragment; /* the first of several: what does not fit stands in the next */
};

static unsigned read_be16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static uint32_t read_be32(const uint8_t *p)
{
    return (uint32_t)read_be16(p) << 16 | read_be16(p + 2);
}

/* What it means that a header does not fit into the length that was announced. */
static enum packet_kind too_short(const struct rest *r)
{
    return r->is_fragment ? PACKET_OTHER : PACKET_MALFORMED;
}

/* PACKET_TCP: the next n bytes can be read. */
static enum packet_kind need(const struct rest *r, size_t n)
{
    if (n > r->length)
        return too_short(r);
    return n > r->n ? PACKET_TRUNCATED : PACKET_TCP;
}

/* Only behind a need() of as many. */
static void skip(struct rest *r, size_t n)
{
    r->p += n;
    r->n -= n;
    if (r->length != SIZE_MAX)
        r->length -= n;
}

/* What is captured behind the announced end is padding. */
static void limit(struct rest *r, size_t length)
{
    r->length = length;
    if (r->n > length)
        r->n = length;
}

static enum packet_kind decode_tcp(const struct rest *r, struct packet *ret)
{
    if (r->length < TCP_BYTES)
        return too_short(r);
    if (r->n < TCP_NEEDED)
        return PACKET_TRUNCATED;
    size_t header_bytes = (size_t)(r->p[12] >> 4) * 4;
    if (header_bytes < TCP_BYTES || (header_bytes > r->length && !r->is_fragment))
        return PACKET_MALFORMED;
    ret->source_port = (uint16_t)read_be16(r->p);
    ret->destination_port = (uint16_t)read_be16(r->p + 2);
    ret->sequence = read_be32(r->p + 4);
    ret->flags = r->p[13];
    return PACKET_TCP;
}

/* Both, side by side; 4 and 16 bytes are always taken. */
static bool read_addresses(const uint8_t *p, size_t n, struct packet *ret)
{
    return addr_from_bytes(p, n, &ret->source) == 0 &&
           addr_from_bytes(p + n, n, &ret->destination) == 0;
}

static enum packet_kind decode_ipv4(struct rest *r, struct packet *ret)
{
    enum packet_kind k = need(r, 1);
    if (k != PACKET_TCP)
        return k;
    if (r->p[0] >> 4 != 4)
        return PACKET_MALFORMED;
    k = need(r, IPV4_BYTES);
    if (k != PACKET_TCP)
        return k;
    const uint8_t *p = r->p;
    size_t header_bytes = (size_t)(p[0] & 15) * 4, total = read_be16(p + 2);
    /* A packet of over 64 kB that the card will cut says 0: its end is the frame's. */
    if (header_bytes < IPV4_BYTES || (total != 0 && total < header_bytes))
        return PACKET_MALFORMED;
    if (total != 0)
        limit(r, total);
    if ((read_be16(p + 6) & 0x1fff) != 0 || p[9] != NEXT_TCP)
        return PACKET_OTHER;
    k = need(r, header_bytes);
    if (k != PACKET_TCP)
        return k;
    if (!read_addresses(p + 12, 4, ret))
        return PACKET_MALFORMED;
    r->is_fragment = (p[6] & 0x20) != 0;
    skip(r, header_bytes);
    return decode_tcp(r, ret);
}

/* How long an extension header is. At least EXTENSION_BYTES of it can be read. */
static size_t extension_bytes(unsigned kind, const uint8_t *p)
{
    if (kind == NEXT_FRAGMENT)
        return EXTENSION_BYTES;
    if (kind == NEXT_AH) /* in words of four, without the first two (RFC 4302 2.2) */
        return ((size_t)p[1] + 2) * 4;
    return ((size_t)p[1] + 1) * 8;
}

static bool is_extension(unsigned kind)
{
    return kind == NEXT_HOP_BY_HOP || kind == NEXT_ROUTING || kind == NEXT_FRAGMENT ||
           kind == NEXT_AH || kind == NEXT_DESTINATION;
}

/* Behind the fixed IPv6 header, at a header of that kind. */
static enum packet_kind decode_chain(struct rest *r, unsigned kind, struct packet *ret)
{
    for (int i = 0; i < EXTENSIONS_MAX && is_extension(kind); i++) {
        enum packet_kind k = need(r, EXTENSION_BYTES);
        if (k != PACKET_TCP)
            return k;
        const uint8_t *p = r->p;
        if (kind == NEXT_AH && p[1] < 1) /* it has a fixed part of three words */
            return PACKET_MALFORMED;
        if (kind == NEXT_FRAGMENT && (read_be16(p + 2) & 0xfff8) != 0)
            return PACKET_OTHER;
        size_t n = extension_bytes(kind, p);
        if (kind == NEXT_FRAGMENT && (p[3] & 1) != 0)
            r->is_fragment = true;
        k = need(r, n);
        if (k != PACKET_TCP)
            return k;
        kind = p[0];
        skip(r, n);
    }
    return kind == NEXT_TCP ? decode_tcp(r, ret) : PACKET_OTHER;
}

static enum packet_kind decode_ipv6(struct rest *r, struct packet *ret)
{
    enum packet_kind k = need(r, 1);
    if (k != PACKET_TCP)
        return k;
    if (r->p[0] >> 4 != 6)
        return PACKET_MALFORMED;
    k = need(r, IPV6_BYTES);
    if (k != PACKET_TCP)
        return k;
    const uint8_t *p = r->p;
    size_t payload = read_be16(p + 4);
    /* 0: a jumbogram (RFC 2675), or one of over 64 kB that the card will cut. */
    if (payload != 0)
        limit(r, IPV6_BYTES + payload);
    if (!read_addresses(p + 8, 16, ret))
        return PACKET_MALFORMED;
    skip(r, IPV6_BYTES);
    return decode_chain(r, p[6], ret);
}

/* Behind a link's header; `type` is what its type field said. */
static enum packet_kind decode_network(struct rest *r, unsigned type, struct packet *ret)
{
    for (int i = 0; i < TAGS_MAX && (type == TYPE_TAG || type == TYPE_SERVICE_TAG); i++) {
        enum packet_kind k = need(r, TAG_BYTES);
        if (k != PACKET_TCP)
            return k;
        type = read_be16(r->p + 2);
        skip(r, TAG_BYTES);
    }
    if (type == TYPE_IPV4)
        return decode_ipv4(r, ret);
    return type == TYPE_IPV6 ? decode_ipv6(r, ret) : PACKET_OTHER;
}

/* linux/if_packet.h, PACKET_HOST to PACKET_OUTGOING. */
static enum packet_way way_of(unsigned packet_type)
{
    if (packet_type < 4)
        return PACKET_WAY_IN;
    return packet_type == 4 ? PACKET_WAY_OUT : PACKET_WAY_UNKNOWN;
}

struct cooked {
    unsigned hardware, packet_type, protocol;
    uint32_t interface;
};

static enum packet_kind decode_cooked(struct rest *r, const struct cooked *c,
                                      struct packet *ret)
{
    if (c->hardware == HARDWARE_FRAD || c->hardware == HARDWARE_RADIO ||
        c->hardware == HARDWARE_NETLINK)
        return PACKET_OTHER;
    ret->is_loopback = c->hardware == HARDWARE_LOOPBACK;
    ret->way = way_of(c->packet_type);
    ret->interface = c->interface;
    return decode_network(r, c->protocol, ret);
}

static enum packet_kind decode_sll(struct rest *r, struct packet *ret)
{
    enum packet_kind k = need(r, SLL_BYTES);
    if (k != PACKET_TCP)
        return k;
    const uint8_t *p = r->p;
    const struct cooked c = {.hardware = read_be16(p + 2),
                             .packet_type = read_be16(p),
                             .protocol = read_be16(p + 14)};
    skip(r, SLL_BYTES);
    return decode_cooked(r, &c, ret);
}

static enum packet_kind decode_sll2(struct rest *r, struct packet *ret)
{
    enum packet_kind k = need(r, SLL2_BYTES);
    if (k != PACKET_TCP)
        return k;
    const uint8_t *p = r->p;
    const struct cooked c = {.hardware = read_be16(p + 8),
                             .packet_type = p[10],
                             .protocol = read_be16(p),
                             .interface = read_be32(p + 4)};
    skip(r, SLL2_BYTES);
    return decode_cooked(r, &c, ret);
}

static enum packet_kind decode_ethernet(struct rest *r, struct packet *ret)
{
    enum packet_kind k = need(r, ETHERNET_BYTES);
    if (k != PACKET_TCP)
        return k;
    unsigned type = read_be16(r->p + 12);
    skip(r, ETHERNET_BYTES);
    return decode_network(r, type, ret);
}

/* No header of a link: the version says what it is. */
static enum packet_kind decode_raw(struct rest *r, struct packet *ret)
{
    enum packet_kind k = need(r, 1);
    if (k != PACKET_TCP)
        return k;
    return r->p[0] >> 4 == 6 ? decode_ipv6(r, ret) : decode_ipv4(r, ret);
}

static enum packet_kind decode_link(int link, struct rest *r, struct packet *ret)
{
    switch (link) {
    case PACKET_LINK_ETHERNET: return decode_ethernet(r, ret);
    case PACKET_LINK_SLL: return decode_sll(r, ret);
    case PACKET_LINK_SLL2: return decode_sll2(r, ret);
    case PACKET_LINK_RAW: return decode_raw(r, ret);
    case PACKET_LINK_IPV4: return decode_ipv4(r, ret);
    case PACKET_LINK_IPV6: return decode_ipv6(r, ret);
    default: return PACKET_OTHER;
    }
}

enum packet_kind packet_decode(int link, const uint8_t *p, size_t n, struct packet *ret)
{
    struct packet packet = {.way = PACKET_WAY_UNKNOWN};
    struct rest rest = {.p = p, .n = n, .length = SIZE_MAX};
    enum packet_kind k = decode_link(link, &rest, &packet);

    if (k == PACKET_TCP)
        *ret = packet;
    return k;
}

bool packet_knows_link(int link)
{
    return link == PACKET_LINK_ETHERNET || link == PACKET_LINK_RAW || link == PACKET_LINK_SLL ||
           link == PACKET_LINK_IPV4 || link == PACKET_LINK_IPV6 || link == PACKET_LINK_SLL2;
}
