/* IP addresses and networks (SPEC 1 and 2). An IPv4-mapped IPv6 address is the IPv4 one. */
#ifndef DOMAIN_ADDR_H
#define DOMAIN_ADDR_H

#include "base/text.h"

enum addr_family { ADDR_IPV4 = 4, ADDR_IPV6 = 6 };

struct addr {
    uint8_t family;    /* enum addr_family; 0 = none */
    uint8_t bytes[16]; /* network order; IPv4 in the first four, the rest zero */
};

/* `bits` 0 to 32 or 128; the host bits of `base` are zero. */
struct network {
    struct addr base;
    uint8_t bits;
};

#define ADDR_TEXT_SIZE 48
#define NETWORK_TEXT_SIZE 56

/* Any RFC 4291 text or dotted quad, no zone index, no leading zeros in a quad. 0 or -EBADMSG.
 */
MUST_USE int addr_parse(struct text t, struct addr *ret);

/* RFC 5952. */
const char *addr_format(const struct addr *a, char out[static ADDR_TEXT_SIZE]);

/* From the bytes that a store or a socket holds: n is 4 or 16 (mapped is folded). 0 or
 * -EBADMSG. */
MUST_USE int addr_from_bytes(const uint8_t *p, size_t n, struct addr *ret);
size_t addr_len(const struct addr *a);

/* IPv4 before IPv6, then by bytes. */
int addr_compare(const struct addr *a, const struct addr *b);

/* Public by SPEC 1; `lab` are the n configured networks that are public too. */
bool addr_is_public(const struct addr *a, const struct network *lab, size_t n);

/*
 * CIDR. -EBADMSG: not a network, or host bits set; -ERANGE: shorter than /8 (IPv4) or /19
 * (IPv6), which nobody has (SPEC 2).
 */
MUST_USE int network_parse(struct text t, struct network *ret);
const char *network_format(const struct network *n, char out[static NETWORK_TEXT_SIZE]);
bool network_holds(const struct network *n, const struct addr *a);
bool network_holds_network(const struct network *outer, const struct network *inner);
/* By base, then the wider first. */
int network_compare(const struct network *a, const struct network *b);

/* The address itself (/32) or its /64: what counts where nothing is declared (SPEC 1, unit). */
struct network network_default_unit(const struct addr *a);

#endif
