/* Claims about addresses and networks. */
#include "support/leak.h"
#include "support/seed.h"

#include "domain/addr.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

SUITE(addr);

static struct addr address(const char *text)
{
    struct addr a = {0};
    cr_assert_eq(addr_parse(text_of(text), &a), 0, "%s", text);
    return a;
}

static struct network network(const char *text)
{
    struct network n = {0};
    cr_assert_eq(network_parse(text_of(text), &n), 0, "%s", text);
    return n;
}

static const struct {
    const char *text;
    const char *canonical;
    const char *why;
} texts[] = {
    {"203.0.113.9", "203.0.113.9", "IPv4"},
    {"0.0.0.0", "0.0.0.0", "the least"},
    {"255.255.255.255", "255.255.255.255", "the greatest"},
    {"10.100.5.99", "10.100.5.99", "one, two and three digits"},
    {"::ffff:203.0.113.9", "203.0.113.9", "IPv4-mapped"},
    {"::FFFF:cb00:7109", "203.0.113.9", "IPv4-mapped in hexadecimal"},
    {"0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1", "RFC 5952, 5, folded"},
    {"2001:0db8::0001", "2001:db8::1", "RFC 5952, 4.1"},
    {"2001:db8:0:0:0:0:2:1", "2001:db8::2:1", "RFC 5952, 4.2.1"},
    {"2001:db8::0:1", "2001:db8::1", "RFC 5952, 4.2.1"},
    {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1", "RFC 5952, 4.2.2"},
    {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", "RFC 5952, 4.2.2"},
    {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1", "RFC 5952, 4.2.3: the longest"},
    {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", "RFC 5952, 4.2.3: the first of equals"},
    {"2001:db8::1:0:0:1", "2001:db8::1:0:0:1", "RFC 5952, 4.2.3"},
    {"2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:0001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1", "4.3"},
    {"2001:db8:aaaa:bbbb:cccc:dddd:0:1", "2001:db8:aaaa:bbbb:cccc:dddd:0:1", "RFC 5952, 2.2"},
    {"::", "::", "all zero"},
    {"::1", "::1", "loopback"},
    {"1::", "1::", "zeros at the end"},
    {"0:0:0:0:0:0:0:1", "::1", "zeros at the start"},
    {"0:1:0:1:0:1:0:1", "0:1:0:1:0:1:0:1", "no run at all"},
    {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0", "one group is not shortened"},
    {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8", "one group is not shortened"},
    {"::1.2.3.4", "::102:304", "IPv4-compatible is long gone (RFC 4291, 2.5.5.1)"},
    {"64:ff9b::1.2.3.4", "64:ff9b::102:304", "translated, but IPv6"},
    {"::ffff:0:1.2.3.4", "::ffff:0:102:304", "ffff in the wrong place"},
    {"::fffe:1.2.3.4", "::fffe:102:304", "almost mapped"},
    {"fe80::", "fe80::", "link-local"},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
     "long"},
    {"2001:db8:10:100:1000:f00f:a:0", "2001:db8:10:100:1000:f00f:a:0",
     "zeros within a group stay"},
};

Test(addr, text_is_that_of_rfc_5952)
{
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct addr a = address(texts[i].text);
        char out[ADDR_TEXT_SIZE];
        cr_expect_str_eq(addr_format(&a, out), texts[i].canonical, "%s: %s", texts[i].why, out);
        struct addr again = address(out);
        cr_expect_eq(addr_compare(&a, &again), 0, "%s", texts[i].why);
    }
}

static const char *const not_addresses[] = {
    "",
    "1",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.04",
    "1.2.3.00",
    "0x1.2.3.4",
    "1.2.3.-4",
    "+1.2.3.4",
    " 1.2.3.4",
    "1.2.3.4 ",
    "1.2.3.4/32",
    "1..3.4",
    "1.2.3.",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "12345::",
    "00001::",
    "g::",
    "::1%eth0",
    "fe80::1%1",
    "[::1]",
    "::ffff:01.2.3.4",
    "::1.2.3",
    "1.2.3.4::",
    "2001:db8::1:",
    ":2001:db8::1",
    "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
    "0000:0000:0000:0000:0000:ffff:255.255.255.255000", /* ADDR_TEXT_SIZE bytes */
};

Test(addr, what_is_no_address_is_refused)
{
    for (size_t i = 0; i < ARRAY_LEN(not_addresses); i++) {
        struct addr a = {.family = 7};
        cr_expect_eq(addr_parse(text_of(not_addresses[i]), &a), -EBADMSG, "%s",
                     not_addresses[i]);
        cr_expect_eq(a.family, 7, "%s", not_addresses[i]);
    }
    struct addr a;
    cr_expect_eq(addr_parse((struct text){"1.2.3.4\0", 8}, &a), -EBADMSG, "a NUL behind");
    cr_expect_eq(addr_parse((struct text){NULL, 0}, &a), -EBADMSG, "nothing");
}

Test(addr, comes_from_4_or_16_bytes)
{
    static const uint8_t mapped[16] = {
        [10] = 0xff, [11] = 0xff, [12] = 203, [14] = 113, [15] = 9};
    struct addr a = {0};
    struct addr want = address("203.0.113.9");
    cr_assert_eq(addr_from_bytes(mapped, 16, &a), 0);
    cr_assert_eq(addr_compare(&a, &want), 0, "folded");
    cr_assert_eq(addr_len(&a), 4);
    cr_assert_eq(addr_from_bytes(mapped + 12, 4, &a), 0);
    cr_assert_eq(addr_compare(&a, &want), 0);
    cr_assert_eq(addr_from_bytes(mapped, 15, &a), -EBADMSG);
    cr_assert_eq(addr_from_bytes(mapped, 0, &a), -EBADMSG);
    want = address("::1");
    cr_assert_eq(addr_len(&want), 16);
    cr_assert_eq(addr_len(&(struct addr){0}), 0);
}

Test(addr, none_has_a_text_too)
{
    char out[ADDR_TEXT_SIZE];
    cr_assert_str_eq(addr_format(&(struct addr){0}, out), "none");
}

Test(addr, ipv4_comes_first_then_bytes)
{
    static const char *const rising[] = {"0.0.0.0", "1.2.3.4", "1.2.4.0", "255.255.255.255",
                                         "::",      "::1",     "1::",     "ff00::"};
    for (size_t i = 0; i < ARRAY_LEN(rising); i++) {
        for (size_t j = 0; j < ARRAY_LEN(rising); j++) {
            struct addr a = address(rising[i]);
            struct addr b = address(rising[j]);
            int order = addr_compare(&a, &b);
            cr_expect_eq(order < 0, i < j);
            cr_expect_eq(order > 0, i > j);
        }
    }
}

/* The ends of each range of the contract's list, and their neighbours outside. */
static const struct {
    const char *text;
    bool is_public;
} publics[] = {
    {"0.0.0.0", false},
    {"0.255.255.255", false},
    {"1.0.0.0", true},
    {"9.255.255.255", true},
    {"10.0.0.0", false},
    {"10.255.255.255", false},
    {"11.0.0.0", true},
    {"100.63.255.255", true},
    {"100.64.0.0", false},
    {"100.127.255.255", false},
    {"100.128.0.0", true},
    {"126.255.255.255", true},
    {"127.0.0.1", false},
    {"127.255.255.255", false},
    {"128.0.0.0", true},
    {"169.253.255.255", true},
    {"169.254.0.0", false},
    {"169.254.255.255", false},
    {"169.255.0.0", true},
    {"172.15.255.255", true},
    {"172.16.0.0", false},
    {"172.31.255.255", false},
    {"172.32.0.0", true},
    {"191.255.255.255", true},
    {"192.0.0.0", false},
    {"192.0.0.255", false},
    {"192.0.1.0", true},
    {"192.0.1.255", true},
    {"192.0.2.0", false},
    {"192.0.2.255", false},
    {"192.0.3.0", true},
    {"192.88.98.255", true},
    {"192.88.99.0", false},
    {"192.88.99.255", false},
    {"192.88.100.0", true},
    {"192.167.255.255", true},
    {"192.168.0.0", false},
    {"192.168.255.255", false},
    {"192.169.0.0", true},
    {"198.17.255.255", true},
    {"198.18.0.0", false},
    {"198.19.255.255", false},
    {"198.20.0.0", true},
    {"198.51.99.255", true},
    {"198.51.100.0", false},
    {"198.51.100.255", false},
    {"198.51.101.0", true},
    {"203.0.112.255", true},
    {"203.0.113.0", false},
    {"203.0.113.255", false},
    {"203.0.114.0", true},
    {"223.255.255.255", true},
    {"224.0.0.0", false},
    {"255.255.255.255", false},
    {"::", false},
    {"::1", false},
    {"64:ff9b::1", false},
    {"1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
    {"2000::", true},
    {"2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true},
    {"2001::", false},
    {"2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", false},
    {"2001:200::", true},
    {"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", true},
    {"2001:db8::", false},
    {"2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", false},
    {"2001:db9::", true},
    {"2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true},
    {"2002::", false},
    {"2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
    {"2003::", true},
    {"2a00:1450:4009::1", true},
    {"3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true},
    {"3fff::", false},
    {"3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", false},
    {"3fff:1000::", true},
    {"3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true},
    {"4000::", false},
    {"fc00::1", false},
    {"fe80::1", false},
    {"ff02::1", false},
};

Test(addr, public_is_what_the_contract_lists)
{
    for (size_t i = 0; i < ARRAY_LEN(publics); i++) {
        struct addr a = address(publics[i].text);
        cr_expect_eq(addr_is_public(&a, NULL, 0), publics[i].is_public, "%s", publics[i].text);
    }
    cr_expect_not(addr_is_public(&(struct addr){0}, NULL, 0), "none is not public");
}

Test(addr, lab_networks_are_public_too)
{
    struct network lab[] = {network("203.0.113.0/24"), network("2001:db8::/32")};
    static const struct {
        const char *text;
        bool is_public;
    } rows[] = {{"203.0.113.9", true}, {"203.0.112.9", true}, {"192.0.2.1", false},
                {"2001:db8::1", true}, {"2001:db9::1", true}, {"10.0.0.1", false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct addr a = address(rows[i].text);
        cr_expect_eq(addr_is_public(&a, lab, ARRAY_LEN(lab)), rows[i].is_public, "%s",
                     rows[i].text);
    }
}

Test(addr, texts_survive_a_round_trip)
{
    struct rng rng = {seed_now()};
    for (int i = 0; i < 50000; i++) {
        uint8_t bytes[16];
        for (size_t at = 0; at < sizeof bytes; at++)
            bytes[at] = rng_below(&rng, 2) ? 0 : (uint8_t)rng_below(&rng, 256);
        struct addr a = {0};
        struct addr back = {0};
        char out[ADDR_TEXT_SIZE];
        cr_assert_eq(addr_from_bytes(bytes, rng_below(&rng, 2) ? 4 : 16, &a), 0);
        cr_assert_eq(addr_parse(text_of(addr_format(&a, out)), &back), 0, "%s", out);
        cr_assert_eq(addr_compare(&a, &back), 0, "%s", out);
    }
}

SUITE(network);

static const struct {
    const char *text;
    int code;
    const char *canonical;
} networks[] = {
    {"203.0.113.0/24", 0, "203.0.113.0/24"},
    {"203.0.113.5/32", 0, "203.0.113.5/32"},
    {"10.0.0.0/8", 0, "10.0.0.0/8"},
    {"172.16.0.0/12", 0, "172.16.0.0/12"},
    {"203.0.113.128/25", 0, "203.0.113.128/25"},
    {"2001:DB8:1::/48", 0, "2001:db8:1::/48"},
    {"2001:db8::1/128", 0, "2001:db8::1/128"},
    {"2a00:2000::/19", 0, "2a00:2000::/19"},
    {"::ffff:203.0.113.0/120", 0, "203.0.113.0/24"},
    {"::ffff:203.0.113.5/128", 0, "203.0.113.5/32"},
    {"::ffff:10.0.0.0/104", 0, "10.0.0.0/8"},
    {"::ffff:0:0/96", -ERANGE, NULL},
    {"8.0.0.0/7", -ERANGE, NULL},
    {"0.0.0.0/0", -ERANGE, NULL},
    {"2a00::/18", -ERANGE, NULL},
    {"::/0", -ERANGE, NULL},
    {"203.0.113.1/24", -EBADMSG, NULL},
    {"203.0.113.128/24", -EBADMSG, NULL},
    {"2001:db8::1/64", -EBADMSG, NULL},
    {"::ffff:203.0.113.1/120", -EBADMSG, NULL},
    {"::ffff:203.0.113.0/24", -EBADMSG, NULL},
    {"203.0.113.0/33", -EBADMSG, NULL},
    {"2001:db8::/129", -EBADMSG, NULL},
    {"203.0.113.0/-1", -EBADMSG, NULL},
    {"203.0.113.0/024", -EBADMSG, NULL},
    {"203.0.113.0/ 24", -EBADMSG, NULL},
    {"203.0.113.0/255.255.255.0", -EBADMSG, NULL},
    {"203.0.113.0/24/24", -EBADMSG, NULL},
    {"203.0.113.0/", -EBADMSG, NULL},
    {"/24", -EBADMSG, NULL},
    {"/", -EBADMSG, NULL},
    {"", -EBADMSG, NULL},
    {"203.0.113.5", -EBADMSG, NULL},
    {"203.0.113/24", -EBADMSG, NULL},
};

Test(network, is_cidr_without_host_bits_and_not_implausibly_wide)
{
    for (size_t i = 0; i < ARRAY_LEN(networks); i++) {
        struct network n = {.bits = 77};
        char out[NETWORK_TEXT_SIZE];
        int r = network_parse(text_of(networks[i].text), &n);
        cr_expect_eq(r, networks[i].code, "%s: %d", networks[i].text, r);
        if (r == 0)
            cr_expect_str_eq(network_format(&n, out), networks[i].canonical);
        else
            cr_expect_eq(n.bits, 77, "%s", networks[i].text);
    }
}

static const struct {
    const char *network, *address;
    bool holds;
} holdings[] = {
    {"203.0.113.0/24", "203.0.113.0", true},
    {"203.0.113.0/24", "203.0.113.255", true},
    {"203.0.113.0/24", "203.0.114.0", false},
    {"203.0.113.0/24", "::ffff:203.0.113.7", true},
    {"203.0.113.64/26", "203.0.113.63", false},
    {"203.0.113.64/26", "203.0.113.64", true},
    {"203.0.113.64/26", "203.0.113.127", true},
    {"203.0.113.64/26", "203.0.113.128", false},
    {"203.0.113.5/32", "203.0.113.5", true},
    {"203.0.113.5/32", "203.0.113.4", false},
    {"2001:db8::/33", "2001:db8:7fff:ffff::", true},
    {"2001:db8::/33", "2001:db8:8000::", false},
    {"2001:db8::1/128", "2001:db8::1", true},
    {"2001:db8::1/128", "2001:db8::", false},
    {"2001:db8::/32", "203.0.113.5", false},
};

Test(network, holds_the_addresses_of_its_range)
{
    for (size_t i = 0; i < ARRAY_LEN(holdings); i++) {
        struct network n = network(holdings[i].network);
        struct addr a = address(holdings[i].address);
        cr_expect_eq(network_holds(&n, &a), holdings[i].holds, "%s %s", holdings[i].network,
                     holdings[i].address);
    }
    /* Four zero bytes begin both families' bytes. */
    struct network zero = {.base = address("0.0.0.0"), .bits = 8};
    struct addr loopback = address("::1");
    cr_expect_not(network_holds(&zero, &loopback));
}

Test(network, holds_those_within_it)
{
    struct network wide = network("203.0.112.0/23");
    struct network narrow = network("203.0.113.0/24");
    struct network other = network("203.0.114.0/24");
    struct network ipv6 = network("2001:db8::/32");
    cr_expect(network_holds_network(&wide, &narrow));
    cr_expect(network_holds_network(&wide, &wide));
    cr_expect_not(network_holds_network(&narrow, &wide));
    cr_expect_not(network_holds_network(&wide, &other));
    cr_expect_not(network_holds_network(&wide, &ipv6));
}

Test(network, order_is_by_base_then_the_wider)
{
    static const char *const rising[] = {"10.0.0.0/8", "10.0.0.0/16", "10.1.0.0/16",
                                         "2001:db8::/32", "2001:db8::/48"};
    for (size_t i = 0; i < ARRAY_LEN(rising); i++) {
        for (size_t j = 0; j < ARRAY_LEN(rising); j++) {
            struct network a = network(rising[i]);
            struct network b = network(rising[j]);
            int order = network_compare(&a, &b);
            cr_expect_eq(order < 0, i < j);
            cr_expect_eq(order > 0, i > j);
        }
    }
}

Test(network, a_default_unit_is_the_address_or_its_64)
{
    static const struct {
        const char *address, *unit;
    } rows[] = {
        {"203.0.113.9", "203.0.113.9/32"},
        {"::ffff:203.0.113.9", "203.0.113.9/32"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
        {"2001:db8:1:2::", "2001:db8:1:2::/64"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct addr a = address(rows[i].address);
        struct network unit = network_default_unit(&a);
        char out[NETWORK_TEXT_SIZE];
        cr_expect_str_eq(network_format(&unit, out), rows[i].unit);
    }
}

Test(network, texts_survive_a_round_trip)
{
    struct rng rng = {seed_now()};
    for (int i = 0; i < 20000; i++) {
        struct addr a = {.family = rng_below(&rng, 2) ? ADDR_IPV4 : ADDR_IPV6};
        int64_t least = a.family == ADDR_IPV4 ? 8 : 19;
        int64_t bits = rng_between(&rng, least, (int64_t)addr_len(&a) * 8);
        for (int64_t bit = 0; bit < bits; bit++)
            a.bytes[bit / 8] |= (uint8_t)(rng_below(&rng, 2) << (7 - bit % 8));
        /* Folding belongs to IPv6 texts alone, and there it is tested above. */
        struct network n = {.base = a, .bits = (uint8_t)bits};
        char out[NETWORK_TEXT_SIZE];
        struct network back = network(network_format(&n, out));
        cr_assert_eq(network_compare(&n, &back), 0, "%s", out);
        cr_assert(network_holds(&n, &a));
    }
}
