/*
 * A captured frame -> the opening of a TCP connection in it. Pure; reads no byte outside of
 * what it is given, trusts no length in it.
 */
#ifndef PACKET_DECODE_H
#define PACKET_DECODE_H

#include "domain/addr.h"

/* LINKTYPE_ values, as they stand in capture files (tcpdump.org/linktypes.html). */
enum packet_link {
    PACKET_LINK_ETHERNET = 1,
    PACKET_LINK_RAW = 101,
    PACKET_LINK_SLL = 113, /* Linux cooked v1 */
    PACKET_LINK_IPV4 = 228,
    PACKET_LINK_IPV6 = 229,
    PACKET_LINK_SLL2 = 276, /* Linux cooked v2 */
};

/* Which way it went; only cooked captures say. */
enum packet_way { PACKET_WAY_UNKNOWN, PACKET_WAY_IN, PACKET_WAY_OUT };

#define PACKET_FIN 0x01
#define PACKET_SYN 0x02
#define PACKET_RST 0x04
#define PACKET_ACK 0x10

struct packet {
    struct addr source, destination;
    uint16_t source_port, destination_port;
    uint32_t sequence;
    uint8_t flags; /* of TCP: PACKET_SYN … */
    enum packet_way way;
    bool is_loopback;   /* by the link's hardware type; cooked captures only */
    uint32_t interface; /* SLL2's ifindex, 0 = not said */
};

enum packet_kind {
    PACKET_TCP,       /* *ret is filled */
    PACKET_OTHER,     /* sound as far as we look, and no TCP header in it: other protocols,
                         later fragments, encrypted payloads */
    PACKET_TRUNCATED, /* the capture cut it before the end of what we need */
    PACKET_MALFORMED, /* a length or a version that cannot be */
};

/*
 * Ethernet II with any number of 802.1Q/802.1ad tags up to four, cooked v1 and v2 (tags there,
 * too), raw IP; IPv4 with options and fragments (only the first has a TCP header); IPv6 with
 * extension headers (hop-by-hop, routing, destination options, fragment, AH; RFC 8200 4), at
 * most 16 of them. An IPv4-mapped IPv6 address becomes IPv4. Checksums are not looked at:
 * offloading leaves them wrong on our own packets. `link` not listed above: PACKET_OTHER.
 */
enum packet_kind packet_decode(int link, const uint8_t *p, size_t n, struct packet *ret);

/* Whether frames of this link type are understood at all. */
bool packet_knows_link(int link);

#endif
