/* The PROXY protocol, version 2: the header before a connection that a balancer passes on. */
#include "http/proxy.h"

#include <errno.h>

/* Offsets in the header: the signature, version and command, family and protocol, length. */
enum { AT_COMMAND = 12, AT_FAMILY = 13, AT_LENGTH = 14 };
enum { COMMAND_LOCAL = 0x20, COMMAND_PROXY = 0x21 }; /* with the version, 2 */
enum { TCP_OVER_IPV4 = 0x11, TCP_OVER_IPV6 = 0x21 };

/* Without its NUL: CR LF CR LF NUL CR LF QUIT LF. */
static const char signature[] = "\r\n\r\n\0\r\nQUIT\n";
static_assert(sizeof signature - 1 == AT_COMMAND, "twelve bytes");

static unsigned byte_at(struct text t, size_t i)
{
    return (uint8_t)t.p[i];
}

/* Bytes of one address of a family; 0 = not TCP over IP. Two of them and two ports follow. */
static size_t address_bytes(unsigned family)
{
    if (family == TCP_OVER_IPV4)
        return 4;
    return family == TCP_OVER_IPV6 ? 16 : 0;
}

/* Whether what has come of the first bytes can begin a header. */
static bool can_begin(struct text t)
{
    for (size_t i = 0; i < t.n && i < AT_COMMAND; i++)
        if (t.p[i] != signature[i])
            return false;
    if (t.n > AT_COMMAND && byte_at(t, AT_COMMAND) != COMMAND_LOCAL &&
        byte_at(t, AT_COMMAND) != COMMAND_PROXY)
        return false;
    /* Whom a LOCAL connection is for does not matter, and its family is to be passed over. */
    return t.n <= AT_FAMILY || byte_at(t, AT_COMMAND) == COMMAND_LOCAL ||
           address_bytes(byte_at(t, AT_FAMILY)) > 0;
}

int proxy_length(struct text so_far)
{
    if (!can_begin(so_far))
        return -EBADMSG;
    if (so_far.n < PROXY_HEAD_BYTES)
        return 0;
    unsigned rest = byte_at(so_far, AT_LENGTH) << 8 | byte_at(so_far, AT_LENGTH + 1);
    size_t least = 0;
    if (byte_at(so_far, AT_COMMAND) == COMMAND_PROXY)
        least = 2 * (address_bytes(byte_at(so_far, AT_FAMILY)) + sizeof(uint16_t));
    if (rest < least || rest > PROXY_MAX_BYTES - PROXY_HEAD_BYTES)
        return -EBADMSG;
    return PROXY_HEAD_BYTES + (int)rest;
}

/*
 * What follows the addresses (TLVs) is passed over unread: none of it says whose connection it
 * is. That holds for the CRC32c too. It is there against damage on the way, which TCP's own
 * checksum and the TLS handshake behind it find as well; it is no signature, so it tells
 * nothing of who wrote the header.
 */
int proxy_parse(struct text header, struct proxy_header *ret)
{
    int length = proxy_length(header);
    if (length <= 0 || (size_t)length != header.n)
        return -EBADMSG;
    if (byte_at(header, AT_COMMAND) == COMMAND_LOCAL) {
        *ret = (struct proxy_header){.command = PROXY_LOCAL};
        return 0;
    }
    struct proxy_header found = {.command = PROXY_FOR};
    struct text body = {header.p + PROXY_HEAD_BYTES, header.n - PROXY_HEAD_BYTES};
    size_t n = address_bytes(byte_at(header, AT_FAMILY));
    int r = addr_from_bytes((const uint8_t *)body.p, n, &found.source);
    if (r < 0)
        return r;
    found.port = (uint16_t)(byte_at(body, 2 * n) << 8 | byte_at(body, 2 * n + 1));
    *ret = found;
    return 0;
}
