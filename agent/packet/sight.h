/*
 * What packets and tracked connections say of the server's own addresses (SPEC 3, sources).
 * Pure: moments come in with them. Only own addresses are ever kept: what a stranger's packet
 * holds is forgotten when the call returns, but for the openings described at sight_packet().
 */
#ifndef PACKET_SIGHT_H
#define PACKET_SIGHT_H

#include "domain/source.h"
#include "packet/decode.h"

enum {
    SIGHT_TARGETS_MAX = 128, /* addresses of key servers and collectors */
    SIGHT_PORTS_MAX = 8,     /* of the panel */
    SIGHT_OWN_MAX = 1024, /* addresses of this server, or networks; beyond them none is own */
    SIGHT_OPENINGS = 128, /* connections that came in lately and may go on as forwarded ones */
    SIGHT_OPENING_S = 30, /* for how long they are remembered */
};

struct sight_target {
    struct addr address;
    uint16_t port; /* 0 = any */
    bool is_collector;
};

/* What the server's own addresses are. */
enum sight_own {
    SIGHT_OWN_LISTED,   /* those of sight_own_add(): of interfaces, in the live probe */
    SIGHT_OWN_NETWORKS, /* those in given networks (a replay with --local) */
    SIGHT_OWN_ALL,      /* any (a replay that does not say) */
};

struct sight; /* opaque: rules, own addresses, recent openings */

MUST_USE int sight_new(struct sight **ret); /* 0 or -ENOMEM */
void sight_free(struct sight *s);
static inline void sight_done(struct sight **s)
{
    sight_free(*s);
}

/* Each replaces what was set before. -ERANGE over the caps above, -ENOMEM; nothing changes
 * then. */
MUST_USE int sight_set_targets(struct sight *s, const struct sight_target *v, size_t n);
MUST_USE int sight_set_ports(struct sight *s, const uint16_t *v, size_t n);
MUST_USE int sight_set_networks(struct sight *s, const struct network *v, size_t n);
/* From the beginning: listed. */
void sight_set_own(struct sight *s, enum sight_own what);
/* A live probe believes only what the kernel marked as going out; a replay takes what it gets.
 * From the beginning they are not needed. */
void sight_need_way(struct sight *s, bool is_needed);

/* An interface's address. Counted: one may be on two interfaces. -ERANGE beyond the cap. */
MUST_USE int sight_own_add(struct sight *s, const struct addr *a);
void sight_own_remove(struct sight *s, const struct addr *a);
bool sight_is_own(const struct sight *s, const struct addr *a);

struct sight_seen {
    struct addr address;
    enum source source;
};

/*
 * One decoded packet. True with *ret when it shows
 * - keyserver: an own address opens (SYN without ACK) a connection to a key server that is not
 *   this server itself (not the same address; nor, where own addresses are listed, another of
 *   them), and the same opening (destination, port, sequence number) did not come in within
 *   SIGHT_OPENING_S: that one is only forwarded, perhaps under our address.
 * - panel: an own address answers (SYN with ACK) from one of the panel's ports, to an address
 *   other than itself, and the same answer did not come in before: that one is another
 * machine's behind this one. Of those that come in, port and number are kept, never the
 * visitor's address. Loopback never counts, nor a packet that came in, where ways are known and
 * needed.
 */
bool sight_packet(struct sight *s, const struct packet *p, int64_t at_s,
                  struct sight_seen *ret);

/* A tracked connection: `from` and `to` as its opener wrote them, `seen_from` the address that
 * answers go to. */
struct sight_flow {
    struct addr from, to, seen_from;
    uint16_t port;      /* of `to` */
    bool is_translated; /* IPS_SRC_NAT */
};

/* True with *ret (nat) when an own address opened it, to a key server or a collector, and the
 * host's own translation made another source of it. */
bool sight_flow(const struct sight *s, const struct sight_flow *f, struct sight_seen *ret);
/* Whether it was one that sight_flow() would look at, translated or not: tracking works. */
bool sight_flow_is_ours(const struct sight *s, const struct sight_flow *f);

#endif
