/* The PROXY protocol's header: who is meant, what is refused, and how early. */
#include <errno.h>
#include <string.h>

#include "http/proxy.h"
#include "support/leak.h"

SUITE(proxy);

#define BYTES(s)                                                                               \
    {                                                                                          \
        s, sizeof(s) - 1                                                                       \
    }
#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

/* From 203.0.113.9 port 40000 (0x9c40) to 198.51.100.1 port 443 (0x01bb). */
#define IPV4 "\xcb\x00\x71\x09\xc6\x33\x64\x01\x9c\x40\x01\xbb"
/* From 2001:db8::9 port 40000 to 2001:db8::1 port 443. */
#define IPV6                                                                                   \
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x09\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"     \
    "\x9c\x40\x01\xbb"
/* From ::ffff:203.0.113.9 likewise. */
#define MAPPED                                                                                 \
    "\0\0\0\0\0\0\0\0\0\0\xff\xff\xcb\0\x71\x09\0\0\0\0\0\0\0\0\0\0\xff\xff\xc6\x33\x64\x01"   \
    "\x9c\x40\x01\xbb"
/* A CRC32c (0x03) that is wrong, 4 bytes; padding (0x04) of 2; an authority (0x02) "a.b". */
#define TLVS                                                                                   \
    "\x03\0\x04\x12\x34\x56\x78\x04\0\x02\0\0\x02\0\x03"                                       \
    "a.b"

static int parse(struct text t, struct proxy_header *ret)
{
    AUTO_FREE char *exact = malloc(t.n > 0 ? t.n : 1);
    cr_assert_not_null(exact);
    memcpy(exact, t.p, t.n);
    return proxy_parse((struct text){exact, t.n}, ret);
}

/* The first bytes of `t` of which proxy_length() says something, and what; all that are more
 * must say the same. */
static size_t decided_at(struct text t, int *ret)
{
    size_t at = 0;
    *ret = 0;
    for (size_t n = 0; n <= t.n; n++) {
        AUTO_FREE char *exact = malloc(n > 0 ? n : 1);
        cr_assert_not_null(exact);
        memcpy(exact, t.p, n);
        int r = proxy_length((struct text){exact, n});
        if (*ret == 0 && r != 0) {
            *ret = r;
            at = n;
        }
        cr_assert_eq(r, *ret, "after %zu bytes", n);
    }
    return at;
}

Test(proxy, the_client_of_a_connection_is_named)
{
    static const struct {
        struct text header;
        const char *source, *why;
    } rows[] = {
        {BYTES(SIGNATURE "\x21\x11\0\x0c" IPV4), "203.0.113.9", "IPv4"},
        {BYTES(SIGNATURE "\x21\x21\0\x24" IPV6), "2001:db8::9", "IPv6"},
        {BYTES(SIGNATURE "\x21\x21\0\x24" MAPPED), "203.0.113.9", "mapped IPv4 is IPv4"},
        {BYTES(SIGNATURE "\x21\x11\0\x1e" IPV4 TLVS), "203.0.113.9", "12 + 18 bytes: TLVs"},
        {BYTES(SIGNATURE "\x21\x21\0\x36" IPV6 TLVS), "2001:db8::9", "36 + 18 bytes"},
        {BYTES(SIGNATURE "\x21\x11\0\x0d" IPV4 "\x04"), "203.0.113.9",
         "half a TLV: not looked at"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct proxy_header h;
        char text[ADDR_TEXT_SIZE];
        int length;
        cr_expect_eq(decided_at(rows[i].header, &length), PROXY_HEAD_BYTES, "%s", rows[i].why);
        cr_expect_eq(length, (int)rows[i].header.n, "%s: %d", rows[i].why, length);
        cr_assert_eq(parse(rows[i].header, &h), 0, "%s", rows[i].why);
        cr_expect_eq(h.command, PROXY_FOR, "%s", rows[i].why);
        cr_expect_str_eq(addr_format(&h.source, text), rows[i].source, "%s", rows[i].why);
        cr_expect_eq(h.port, 40000, "%s", rows[i].why);
    }
}

Test(proxy, a_local_connection_is_the_balancers_own)
{
    static const struct {
        struct text header;
        const char *why;
    } rows[] = {
        {BYTES(SIGNATURE "\x20\0\0\0"), "nothing else"},
        {BYTES(SIGNATURE "\x20\x11\0\x0c" IPV4), "its addresses are not to be used"},
        {BYTES(SIGNATURE "\x20\x31\0\x02"
                         "ab"),
         "nor is its family"},
        {BYTES(SIGNATURE "\x20\xff\0\x02"
                         "ab"),
         "whatever it is"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct proxy_header h = {.port = 1};
        cr_assert_eq(parse(rows[i].header, &h), 0, "%s", rows[i].why);
        cr_expect(h.command == PROXY_LOCAL && h.source.family == 0 && h.port == 0, "%s",
                  rows[i].why);
    }
}

Test(proxy, what_cannot_be_a_header_is_refused_at_once)
{
    static const struct {
        struct text header;
        size_t at;
        const char *why;
    } rows[] = {
        {BYTES("\x16\x03\x01\x02\0\x01\0\x01\xfc"), 1, "TLS without a header"},
        {BYTES("GET / HTTP/1.1\r\n\r\n"), 1, "HTTP without a header"},
        {BYTES("PROXY TCP4 203.0.113.9 198.51.100.1 40000 443\r\n"), 1, "version 1"},
        {BYTES("\r\n\r\n\r\nGET / HTTP/1.1\r\n"), 5, "empty lines"},
        {BYTES("\r\n\r\n\0\r\nQUIX\n\x21\x11\0\x0c" IPV4), 11, "the signature's last letter"},
        {BYTES(SIGNATURE "\x11\x11\0\x0c" IPV4), 13, "version 1 in the form of 2"},
        {BYTES(SIGNATURE "\x31\x11\0\x0c" IPV4), 13, "version 3"},
        {BYTES(SIGNATURE "\x22\x11\0\x0c" IPV4), 13, "a command that is none"},
        {BYTES(SIGNATURE "\x21\0\0\0"), 14, "an unspecified family"},
        {BYTES(SIGNATURE "\x21\x10\0\x0c" IPV4), 14, "an unspecified protocol"},
        {BYTES(SIGNATURE "\x21\x12\0\x0c" IPV4), 14, "UDP"},
        {BYTES(SIGNATURE "\x21\x22\0\x24" IPV6), 14, "UDP over IPv6"},
        {BYTES(SIGNATURE "\x21\x31\0\xd8"), 14, "a Unix socket"},
        {BYTES(SIGNATURE "\x21\x11\0\x0b" IPV4), 16, "a byte less than its addresses"},
        {BYTES(SIGNATURE "\x21\x21\0\x23" IPV6), 16, "likewise"},
        {BYTES(SIGNATURE "\x21\x11\x02\x19" IPV4), 16, "537 bytes behind the head"},
        {BYTES(SIGNATURE "\x20\0\xff\xff"), 16, "65535 bytes of nothing"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int r;
        cr_expect_eq(decided_at(rows[i].header, &r), rows[i].at, "%s", rows[i].why);
        cr_expect_eq(r, -EBADMSG, "%s: %d", rows[i].why, r);
        struct proxy_header h = {.port = 77};
        cr_expect_eq(parse(rows[i].header, &h), -EBADMSG, "%s", rows[i].why);
        cr_expect_eq(h.port, 77, "%s: output touched", rows[i].why);
    }
}

Test(proxy, a_header_of_552_bytes_is_the_longest)
{
    char bytes[552] = SIGNATURE "\x21\x11\x02\x18" IPV4; /* 536 = 0x218 */
    struct proxy_header h;
    cr_expect_eq(proxy_length((struct text){bytes, PROXY_HEAD_BYTES}), 552);
    cr_expect_eq(parse((struct text){bytes, sizeof bytes}, &h), 0);
    cr_expect_eq(h.port, 40000);
}

Test(proxy, only_the_whole_header_is_parsed)
{
    static const char bytes[] = SIGNATURE "\x21\x11\0\x0c" IPV4 "\x16";
    struct proxy_header h;
    for (size_t n = 0; n < sizeof bytes; n++)
        cr_expect_eq(parse((struct text){bytes, n}, &h), n == 28 ? 0 : -EBADMSG, "%zu bytes",
                     n);
}
