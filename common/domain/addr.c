/* IP addresses and networks. */
#include "domain/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

enum { IPV4_BYTES = 4, IPV6_BYTES = 16, MAPPED_BITS = 96 };

int addr_from_bytes(const uint8_t *p, size_t n, struct addr *ret)
{
    static const uint8_t mapped[] = {0, 0, 0, 0, 0,    0,
                                     0, 0, 0, 0, 0xff, 0xff}; /* RFC 4291 2.5.5.2 */
    struct addr a = {0};
    if (n == IPV6_BYTES && memcmp(p, mapped, sizeof mapped) == 0) {
        p += sizeof mapped;
        n = IPV4_BYTES;
    }
    if (n != IPV4_BYTES && n != IPV6_BYTES)
        return -EBADMSG;
    a.family = n == IPV4_BYTES ? ADDR_IPV4 : ADDR_IPV6;
    memcpy(a.bytes, p, n);
    *ret = a;
    return 0;
}

size_t addr_len(const struct addr *a)
{
    if (a->family == ADDR_IPV4)
        return IPV4_BYTES;
    return a->family == ADDR_IPV6 ? IPV6_BYTES : 0;
}

int addr_parse(struct text t, struct addr *ret)
{
    char text[ADDR_TEXT_SIZE];
    uint8_t bytes[IPV6_BYTES];
    if (t.n == 0 || t.n >= sizeof text || memchr(t.p, '\0', t.n))
        return -EBADMSG;
    memcpy(text, t.p, t.n);
    text[t.n] = '\0';
    if (inet_pton(AF_INET, text, bytes) == 1)
        return addr_from_bytes(bytes, IPV4_BYTES, ret);
    if (inet_pton(AF_INET6, text, bytes) == 1)
        return addr_from_bytes(bytes, IPV6_BYTES, ret);
    return -EBADMSG;
}

/* Writes v in decimal; returns the end. */
static char *put_decimal(char *p, unsigned v)
{
    if (v >= 100)
        *p++ = (char)('0' + v / 100);
    if (v >= 10)
        *p++ = (char)('0' + v / 10 % 10);
    *p++ = (char)('0' + v % 10);
    return p;
}

/* Lower-case hexadecimal without leading zeros (RFC 5952 4.1 and 4.3). */
static char *put_group(char *p, unsigned v)
{
    static const char digits[] = "0123456789abcdef";
    for (int shift = 12; shift > 0; shift -= 4) {
        if (v >> shift)
            *p++ = digits[v >> shift & 15];
    }
    *p++ = digits[v & 15];
    return p;
}

enum { GROUPS = 8 };

/* A run of groups that are zero. */
struct zeros {
    size_t start, n;
};

/* The longest of two or more, the first of equals (RFC 5952 4.2); none: from GROUPS on. */
static struct zeros longest_zeros(const unsigned groups[static GROUPS])
{
    struct zeros longest = {GROUPS, 1}; /* one group alone is not shortened */
    size_t run = 0;

    for (size_t i = 0; i < GROUPS; i++) {
        run = groups[i] == 0 ? run + 1 : 0;
        if (run > longest.n)
            longest = (struct zeros){i + 1 - run, run};
    }
    return longest;
}

static char *put_ipv6(char *p, const uint8_t *bytes)
{
    unsigned groups[GROUPS];
    for (size_t i = 0; i < GROUPS; i++)
        groups[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
    struct zeros longest = longest_zeros(groups);
    for (size_t i = 0; i < GROUPS; i++) {
        if (i == longest.start) {
            *p++ = ':';
            *p++ = ':';
            i += longest.n - 1;
            continue;
        }
        if (i > 0 && p[-1] != ':')
            *p++ = ':';
        p = put_group(p, groups[i]);
    }
    return p;
}

const char *addr_format(const struct addr *a, char out[static ADDR_TEXT_SIZE])
{
    char *p = out;
    if (a->family == ADDR_IPV6) {
        p = put_ipv6(p, a->bytes);
    } else if (a->family == ADDR_IPV4) {
        for (size_t i = 0; i < IPV4_BYTES; i++) {
            if (i > 0)
                *p++ = '.';
            p = put_decimal(p, a->bytes[i]);
        }
    } else {
        memcpy(p, "none", 4);
        p += 4;
    }
    *p = '\0';
    return out;
}

int addr_compare(const struct addr *a, const struct addr *b)
{
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

/* Sets all but the first `bits` bits to zero. */
static void mask_host(struct addr *a, unsigned bits)
{
    for (size_t i = 0; i < sizeof a->bytes; i++) {
        unsigned kept = bits < 8 ? bits : 8;
        a->bytes[i] = (uint8_t)(a->bytes[i] & (0xff00U >> kept));
        bits -= kept;
    }
}

bool network_holds(const struct network *n, const struct addr *a)
{
    if (a->family != n->base.family)
        return false;
    size_t whole = n->bits / 8;
    if (memcmp(a->bytes, n->base.bytes, whole) != 0)
        return false;
    unsigned rest = n->bits % 8;
    return rest == 0 ||
           ((a->bytes[whole] ^ n->base.bytes[whole]) & (0xff00U >> rest) & 0xff) == 0;
}

bool network_holds_network(const struct network *outer, const struct network *inner)
{
    return outer->bits <= inner->bits && network_holds(outer, &inner->base);
}

int network_compare(const struct network *a, const struct network *b)
{
    int order = addr_compare(&a->base, &b->base);
    return order != 0 ? order : (a->bits > b->bits) - (a->bits < b->bits);
}

struct network network_default_unit(const struct addr *a)
{
    struct network unit = {.base = *a, .bits = a->family == ADDR_IPV4 ? 32 : 64};
    mask_host(&unit.base, unit.bits);
    return unit;
}

int network_parse(struct text t, struct network *ret)
{
    enum { LEAST_IPV4 = 8, LEAST_IPV6 = 19 };
    const char *slash = t.n > 0 ? memchr(t.p, '/', t.n) : NULL;
    if (!slash)
        return -EBADMSG;
    struct text host = {t.p, (size_t)(slash - t.p)};
    struct text length = {slash + 1, t.n - host.n - 1};
    struct addr a;
    int64_t bits;
    if (addr_parse(host, &a) != 0)
        return -EBADMSG;
    /* A mapped address has become IPv4; the length beside it still counts from the IPv6 one. */
    bool is_mapped = a.family == ADDR_IPV4 && memchr(host.p, ':', host.n);
    int64_t most = a.family == ADDR_IPV4 && !is_mapped ? 32 : 128;
    if (text_to_int(length, is_mapped ? MAPPED_BITS : 0, most, &bits) != 0)
        return -EBADMSG;
    if (is_mapped)
        bits -= MAPPED_BITS;
    struct network n = {.base = a, .bits = (uint8_t)bits};
    mask_host(&n.base, n.bits);
    if (addr_compare(&n.base, &a) != 0)
        return -EBADMSG;
    if (bits < (a.family == ADDR_IPV4 ? LEAST_IPV4 : LEAST_IPV6))
        return -ERANGE;
    *ret = n;
    return 0;
}

const char *network_format(const struct network *n, char out[static NETWORK_TEXT_SIZE])
{
    (void)addr_format(&n->base, out);
    char *p = out + strlen(out);
    *p++ = '/';
    p = put_decimal(p, n->bits);
    *p = '\0';
    return out;
}

/* The ranges of SPEC 1, "address". */
#define IPV4(a, b, c, length)                                                                  \
    {                                                                                          \
        {ADDR_IPV4, {a, b, c}}, length                                                         \
    }
static const struct network not_public_ipv4[] = {
    IPV4(0, 0, 0, 8),      IPV4(10, 0, 0, 8),     IPV4(100, 64, 0, 10), IPV4(127, 0, 0, 8),
    IPV4(169, 254, 0, 16), IPV4(172, 16, 0, 12),  IPV4(192, 0, 0, 24),  IPV4(192, 0, 2, 24),
    IPV4(192, 88, 99, 24), IPV4(192, 168, 0, 16), IPV4(198, 18, 0, 15), IPV4(198, 51, 100, 24),
    IPV4(203, 0, 113, 24), IPV4(224, 0, 0, 3),
};
#define IPV6(a, b, c, d, length)                                                               \
    {                                                                                          \
        {ADDR_IPV6, {a, b, c, d}}, length                                                      \
    }
static const struct network public_ipv6 = IPV6(0x20, 0, 0, 0, 3);
static const struct network not_public_ipv6[] = {
    IPV6(0x20, 0x01, 0, 0, 23),
    IPV6(0x20, 0x01, 0x0d, 0xb8, 32),
    IPV6(0x20, 0x02, 0, 0, 16),
    IPV6(0x3f, 0xff, 0, 0, 20),
};

static bool holds_any(const struct network *list, size_t n, const struct addr *a)
{
    for (size_t i = 0; i < n; i++) {
        if (network_holds(&list[i], a))
            return true;
    }
    return false;
}

bool addr_is_public(const struct addr *a, const struct network *lab, size_t n)
{
    if (holds_any(lab, n, a))
        return true;
    if (a->family == ADDR_IPV4)
        return !holds_any(not_public_ipv4, ARRAY_LEN(not_public_ipv4), a);
    return network_holds(&public_ipv6, a) &&
           !holds_any(not_public_ipv6, ARRAY_LEN(not_public_ipv6), a);
}
