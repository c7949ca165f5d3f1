/*
 * The PROXY protocol, version 2 (haproxy's proxy-protocol.txt): how a balancer says whose
 * connection it passes on. It comes before TLS, and only from addresses that are configured.
 * Version 1 is not spoken. Pure.
 */
#ifndef HTTP_PROXY_H
#define HTTP_PROXY_H

#include "domain/addr.h"

#define PROXY_HEAD_BYTES 16
/* Addresses and TLVs of a sensible length: with their own head they fit the smallest segment
 * that every path carries (536 bytes), and some more. */
#define PROXY_MAX_BYTES (16 + 536)

enum proxy_command {
    PROXY_LOCAL, /* the balancer's own connection, a health check: the socket's peer counts */
    PROXY_FOR,   /* on behalf of `source` */
};
struct proxy_header {
    enum proxy_command command;
    struct addr source; /* IPv4-mapped IPv6 is IPv4 */
    uint16_t port;
};

/*
 * How many bytes the header has, told from its first PROXY_HEAD_BYTES. n > 0; 0 = more is
 * needed; -EBADMSG as soon as it cannot be one (so nobody waits for the rest of a ClientHello):
 * not the signature, another version, a Unix or unspecified family, UDP, too short for its
 * addresses, longer than PROXY_MAX_BYTES. What is LOCAL may have any family, and no addresses.
 */
MUST_USE int proxy_length(struct text so_far);
/*
 * The whole header, exactly proxy_length() bytes: 0 or -EBADMSG. TLVs are passed over. Of
 * PROXY_LOCAL, source.family and port are 0.
 */
MUST_USE int proxy_parse(struct text header, struct proxy_header *ret);

#endif
