/* Frames of every link and every shape: what is found in them, and that nothing is read that is
 * not there. */
#include <string.h>

#include "packet/decode.h"
#include "support/frame.h"
#include "support/leak.h"

SUITE(decode);

#define FROM4 "203.0.113.9"
#define TO4 "198.51.100.7"
#define FROM6 "2001:db8::9"
#define TO6 "2001:db8::7"
enum {
    IPV4 = 0x0800,
    IPV6 = 0x86dd,
    TAG = 0x8100,
    SERVICE_TAG = 0x88a8,
    TCP = 6,
    ETHER = 1, /* a hardware type; 772 = loopback */
    SEQUENCE = 0x01020304
};

static void tcp4(struct frame *f)
{
    frame_ip(f, FROM4, TO4, TCP);
    frame_tcp(f, 40000, 443, SEQUENCE, PACKET_SYN);
}

static void tcp6(struct frame *f)
{
    frame_ip(f, FROM6, TO6, TCP);
    frame_tcp(f, 40000, 443, SEQUENCE, PACKET_SYN);
}

static void ethernet4(struct frame *f)
{
    frame_ethernet(f, IPV4);
    tcp4(f);
}

static void ethernet6(struct frame *f)
{
    frame_ethernet(f, IPV6);
    tcp6(f);
}

static void ethernet_tag(struct frame *f)
{
    frame_ethernet(f, TAG);
    frame_tag(f, IPV4);
    tcp4(f);
}

static void ethernet_four_tags(struct frame *f)
{
    frame_ethernet(f, SERVICE_TAG);
    frame_tag(f, TAG);
    frame_tag(f, TAG);
    frame_tag(f, TAG);
    frame_tag(f, IPV6);
    tcp6(f);
}

static void ethernet_five_tags(struct frame *f)
{
    frame_ethernet(f, SERVICE_TAG);
    frame_tag(f, TAG);
    frame_tag(f, TAG);
    frame_tag(f, TAG);
    frame_tag(f, TAG);
    frame_tag(f, IPV4);
    tcp4(f);
}

static void ethernet_arp(struct frame *f)
{
    frame_ethernet(f, 0x0806);
    f->ip_at = f->n;
    frame_bytes(f, 28);
}

static void sll_in(struct frame *f)
{
    frame_sll(f, IPV4, 0, ETHER);
    tcp4(f);
}

static void sll_to_another(struct frame *f)
{
    frame_sll(f, IPV4, 3, ETHER);
    tcp4(f);
}

static void sll_out(struct frame *f)
{
    frame_sll(f, IPV6, 4, ETHER);
    tcp6(f);
}

static void sll_other_way(struct frame *f)
{
    frame_sll(f, IPV4, 5, ETHER);
    tcp4(f);
}

static void sll_loopback(struct frame *f)
{
    frame_sll(f, IPV4, 0, 772);
    tcp4(f);
}

static void sll_tag(struct frame *f)
{
    frame_sll(f, TAG, 4, ETHER);
    frame_tag(f, IPV4);
    tcp4(f);
}

static void sll_netlink(struct frame *f)
{
    frame_sll(f, IPV4, 4, 824);
    tcp4(f);
}

static void sll2_in(struct frame *f)
{
    frame_sll2(f, IPV6, 0, ETHER);
    tcp6(f);
}

static void sll2_out(struct frame *f)
{
    frame_sll2(f, IPV4, 4, ETHER);
    tcp4(f);
}

static void sll2_loopback(struct frame *f)
{
    frame_sll2(f, IPV4, 4, 772);
    tcp4(f);
}

static void sll2_tag(struct frame *f)
{
    frame_sll2(f, SERVICE_TAG, 4, ETHER);
    frame_tag(f, TAG);
    frame_tag(f, IPV6);
    tcp6(f);
}

static void options(struct frame *f)
{
    frame_ip(f, FROM4, TO4, TCP);
    frame_options(f, 10); /* as many as there can be */
    frame_tcp(f, 40000, 443, SEQUENCE, PACKET_SYN);
}

static void udp4(struct frame *f)
{
    frame_ip(f, FROM4, TO4, 17);
    frame_bytes(f, 40);
}

static void first_fragment4(struct frame *f)
{
    tcp4(f);
    frame_fragment(f, true, 0);
    frame_bytes(f, 4); /* 24 bytes: a multiple of eight */
}

static void later_fragment4(struct frame *f)
{
    tcp4(f);
    frame_fragment(f, true, 3);
}

static void last_fragment4(struct frame *f)
{
    tcp4(f);
    frame_fragment(f, false, 8191);
}

/* A TCP header that goes on in the next fragment. */
static void short_fragment4(struct frame *f)
{
    frame_ip(f, FROM4, TO4, TCP);
    frame_fragment(f, true, 0);
    frame_bytes(f, 16);
}

static void esp4(struct frame *f)
{
    frame_ip(f, FROM4, TO4, 50);
    frame_bytes(f, 60);
}

static void every_extension(struct frame *f)
{
    frame_ip(f, FROM6, TO6, 0);
    frame_extension(f, 0, 60, 1);
    frame_extension(f, 60, 43, 3);
    frame_extension(f, 43, 44, 2);
    frame_fragment_header(f, 51, false, 0); /* one that is not divided (RFC 6946) */
    frame_extension(f, 51, 60, 2);
    frame_extension(f, 60, TCP, 1);
    frame_tcp(f, 40000, 443, SEQUENCE, PACKET_SYN);
}

static void longest_extension(struct frame *f)
{
    frame_ip(f, FROM6, TO6, 60);
    frame_extension(f, 60, TCP, 100);
    frame_tcp(f, 40000, 443, SEQUENCE, PACKET_SYN);
}

static void extensions(struct frame *f, int n)
{
    frame_ip(f, FROM6, TO6, 60);
    for (int i = 1; i <= n; i++)
        frame_extension(f, 60, i < n ? 60 : TCP, 1);
    frame_tcp(f, 40000, 443, SEQUENCE, PACKET_SYN);
}

static void sixteen_extensions(struct frame *f)
{
    extensions(f, 16);
}

static void seventeen_extensions(struct frame *f)
{
    extensions(f, 17);
}

static void first_fragment6(struct frame *f)
{
    frame_ip(f, FROM6, TO6, 44);
    frame_fragment_header(f, TCP, true, 0);
    frame_tcp(f, 40000, 443, SEQUENCE, PACKET_SYN);
    frame_bytes(f, 4);
}

static void later_fragment6(struct frame *f)
{
    frame_ip(f, FROM6, TO6, 44);
    frame_fragment_header(f, TCP, false, 3);
    frame_tcp(f, 40000, 443, SEQUENCE, PACKET_SYN);
}

static void short_fragment6(struct frame *f)
{
    frame_ip(f, FROM6, TO6, 44);
    frame_fragment_header(f, TCP, true, 0);
    frame_bytes(f, 8);
}

/* The header behind the fragment's does not end in it (RFC 7112 forbids that). */
static void cut_chain6(struct frame *f)
{
    frame_ip(f, FROM6, TO6, 44);
    frame_fragment_header(f, 60, true, 0);
    frame_extension(f, 60, TCP, 2);
    f->n -= 8;
}

static void esp6(struct frame *f)
{
    frame_ip(f, FROM6, TO6, 60);
    frame_extension(f, 60, 50, 1);
    frame_bytes(f, 60);
}

static void no_next6(struct frame *f)
{
    frame_ip(f, FROM6, TO6, 59);
}

static void icmp6(struct frame *f)
{
    frame_ip(f, FROM6, TO6, 58);
    frame_bytes(f, 40);
}

/* What is to be found, and from how many captured bytes on. */
struct sample {
    void (*make)(struct frame *f);
    int link;
    enum packet_kind kind;
    size_t needed;
    enum packet_way way;
    bool is_loopback;
    const char *why;
};

/* Needed: the headers before TCP's and 14 bytes of that, e.g. 14 + 20 + 14 = 48. */
static const struct sample samples[] = {
    {ethernet4, PACKET_LINK_ETHERNET, PACKET_TCP, 48, 0, false, "Ethernet, IPv4"},
    {ethernet6, PACKET_LINK_ETHERNET, PACKET_TCP, 68, 0, false, "Ethernet, IPv6: 14+40+14"},
    {ethernet_tag, PACKET_LINK_ETHERNET, PACKET_TCP, 52, 0, false, "a tag: four more"},
    {ethernet_four_tags, PACKET_LINK_ETHERNET, PACKET_TCP, 84, 0, false, "14+4*4+40+14"},
    {ethernet_five_tags, PACKET_LINK_ETHERNET, PACKET_OTHER, 30, 0, false, "a fifth: 14+4*4"},
    {ethernet_arp, PACKET_LINK_ETHERNET, PACKET_OTHER, 14, 0, false, "ARP"},
    {sll_in, PACKET_LINK_SLL, PACKET_TCP, 50, PACKET_WAY_IN, false, "16+20+14"},
    {sll_to_another, PACKET_LINK_SLL, PACKET_TCP, 50, PACKET_WAY_IN, false, "a stranger's"},
    {sll_out, PACKET_LINK_SLL, PACKET_TCP, 70, PACKET_WAY_OUT, false, "16+40+14"},
    {sll_other_way, PACKET_LINK_SLL, PACKET_TCP, 50, 0, false, "neither in nor out"},
    {sll_loopback, PACKET_LINK_SLL, PACKET_TCP, 50, PACKET_WAY_IN, true, "loopback"},
    {sll_tag, PACKET_LINK_SLL, PACKET_TCP, 54, PACKET_WAY_OUT, false, "16+4+20+14"},
    {sll_netlink, PACKET_LINK_SLL, PACKET_OTHER, 16, 0, false, "no Ethernet type there"},
    {sll2_in, PACKET_LINK_SLL2, PACKET_TCP, 74, PACKET_WAY_IN, false, "20+40+14"},
    {sll2_out, PACKET_LINK_SLL2, PACKET_TCP, 54, PACKET_WAY_OUT, false, "20+20+14"},
    {sll2_loopback, PACKET_LINK_SLL2, PACKET_TCP, 54, PACKET_WAY_OUT, true, "loopback"},
    {sll2_tag, PACKET_LINK_SLL2, PACKET_TCP, 82, PACKET_WAY_OUT, false, "20+2*4+40+14"},
    {tcp4, PACKET_LINK_RAW, PACKET_TCP, 34, 0, false, "raw: 20+14"},
    {tcp6, PACKET_LINK_RAW, PACKET_TCP, 54, 0, false, "raw: 40+14"},
    {tcp4, PACKET_LINK_IPV4, PACKET_TCP, 34, 0, false, "raw IPv4"},
    {tcp6, PACKET_LINK_IPV6, PACKET_TCP, 54, 0, false, "raw IPv6"},
    {tcp6, PACKET_LINK_IPV4, PACKET_MALFORMED, 1, 0, false, "version 6 where 4 belongs"},
    {tcp4, PACKET_LINK_IPV6, PACKET_MALFORMED, 1, 0, false, "version 4 where 6 belongs"},
    {options, PACKET_LINK_RAW, PACKET_TCP, 74, 0, false, "20+40+14"},
    {udp4, PACKET_LINK_RAW, PACKET_OTHER, 20, 0, false, "UDP"},
    {first_fragment4, PACKET_LINK_RAW, PACKET_TCP, 34, 0, false, "the first has the header"},
    {later_fragment4, PACKET_LINK_RAW, PACKET_OTHER, 20, 0, false, "a later one has not"},
    {last_fragment4, PACKET_LINK_RAW, PACKET_OTHER, 20, 0, false, "nor has the last"},
    {short_fragment4, PACKET_LINK_RAW, PACKET_OTHER, 20, 0, false, "16 bytes of 20"},
    {esp4, PACKET_LINK_RAW, PACKET_OTHER, 20, 0, false, "ESP"},
    /* 40 + 8 + 24 + 16 + 8 + 16 + 8 + 14 */
    {every_extension, PACKET_LINK_RAW, PACKET_TCP, 134, 0, false, "each extension header"},
    {longest_extension, PACKET_LINK_RAW, PACKET_TCP, 854, 0, false, "40+800+14"},
    {sixteen_extensions, PACKET_LINK_RAW, PACKET_TCP, 182, 0, false, "40+16*8+14"},
    {seventeen_extensions, PACKET_LINK_RAW, PACKET_OTHER, 168, 0, false, "40+16*8"},
    {first_fragment6, PACKET_LINK_RAW, PACKET_TCP, 62, 0, false, "40+8+14"},
    {later_fragment6, PACKET_LINK_RAW, PACKET_OTHER, 48, 0, false, "40+8"},
    {short_fragment6, PACKET_LINK_RAW, PACKET_OTHER, 48, 0, false, "8 bytes of 20"},
    {cut_chain6, PACKET_LINK_RAW, PACKET_OTHER, 56, 0, false, "40+8, 8 bytes of 16"},
    {esp6, PACKET_LINK_RAW, PACKET_OTHER, 48, 0, false, "ESP behind an extension"},
    {no_next6, PACKET_LINK_RAW, PACKET_OTHER, 40, 0, false, "nothing behind"},
    {icmp6, PACKET_LINK_RAW, PACKET_OTHER, 40, 0, false, "ICMPv6"},
    {tcp4, 0, PACKET_OTHER, 0, 0, false, "BSD loopback: a link that is not known"},
    {tcp4, 127, PACKET_OTHER, 0, 0, false, "radio: a link that is not known"},
};

/* The first n bytes, in memory that ends behind them. */
static enum packet_kind decode(int link, const uint8_t *bytes, size_t n, struct packet *ret)
{
    AUTO_FREE uint8_t *exact = malloc(n > 0 ? n : 1);

    cr_assert_not_null(exact);
    memcpy(exact, bytes, n);
    return packet_decode(link, exact, n, ret);
}

static void expect_fields(const struct sample *s, const struct packet *p, bool is_ipv6)
{
    char from[ADDR_TEXT_SIZE], to[ADDR_TEXT_SIZE];

    cr_expect_str_eq(addr_format(&p->source, from), is_ipv6 ? FROM6 : FROM4, "%s", s->why);
    cr_expect_str_eq(addr_format(&p->destination, to), is_ipv6 ? TO6 : TO4, "%s", s->why);
    cr_expect(p->source_port == 40000 && p->destination_port == 443, "%s: ports", s->why);
    cr_expect_eq(p->sequence, SEQUENCE, "%s: sequence", s->why);
    cr_expect_eq(p->flags, PACKET_SYN, "%s: flags", s->why);
    cr_expect_eq(p->way, s->way, "%s: way", s->why);
    cr_expect_eq(p->is_loopback, s->is_loopback, "%s: loopback", s->why);
    cr_expect_eq(p->interface, s->link == PACKET_LINK_SLL2 ? 3U : 0, "%s", s->why);
}

Test(decode, each_sample_says_what_is_in_it)
{
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        const struct sample *s = &samples[i];
        struct frame f = {.n = 0};
        struct packet p;
        s->make(&f);
        frame_end(&f);
        enum packet_kind k = decode(s->link, f.bytes, f.n, &p);
        cr_expect_eq(k, s->kind, "%s: %d", s->why, (int)k);
        if (k == PACKET_TCP)
            expect_fields(s, &p, f.bytes[f.ip_at] >> 4 == 6);
    }
}

Test(decode, a_sample_cut_anywhere_says_the_same_or_that_it_is_cut)
{
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        const struct sample *s = &samples[i];
        struct frame f = {.n = 0};
        s->make(&f);
        frame_end(&f);
        cr_assert_leq(s->needed, f.n, "%s", s->why);
        for (size_t n = 0; n <= f.n; n++) {
            struct packet p = {.flags = 0xff};
            enum packet_kind k = decode(s->link, f.bytes, n, &p);
            enum packet_kind wanted = n < s->needed ? PACKET_TRUNCATED : s->kind;
            cr_expect_eq(k, wanted, "%s: %zu bytes: %d", s->why, n, (int)k);
            cr_expect_eq(p.flags, k == PACKET_TCP ? PACKET_SYN : 0xff, "%s: %zu", s->why, n);
        }
    }
}

Test(decode, padding_is_not_part_of_the_packet)
{
    /* 16 bytes of TCP are announced; what follows to make the header whole is padding. */
    struct frame f = {.n = 0};
    struct packet p;

    frame_ethernet(&f, IPV4);
    frame_ip(&f, FROM4, TO4, TCP);
    frame_bytes(&f, 16);
    frame_end(&f);
    frame_bytes(&f, 40);
    cr_expect_eq(decode(PACKET_LINK_ETHERNET, f.bytes, f.n, &p), PACKET_MALFORMED);
}

Test(decode, lengths_and_versions_that_cannot_be_are_refused)
{
    /* One byte of raw samples without a link's header, made another. */
    static const struct {
        void (*make)(struct frame *f);
        size_t at;
        uint8_t value;
        enum packet_kind kind;
        const char *why;
    } rows[] = {
        {tcp4, 0, 0x44, PACKET_MALFORMED, "an IPv4 header of 16 bytes"},
        {tcp4, 0, 0x40, PACKET_MALFORMED, "of none"},
        {tcp4, 0, 0x4f, PACKET_MALFORMED, "of 60, in a packet of 40"},
        {tcp4, 0, 0x55, PACKET_MALFORMED, "version 5"},
        {tcp4, 0, 0x05, PACKET_MALFORMED, "version 0"},
        {tcp4, 0, 0x65, PACKET_TRUNCATED, "version 6: what would follow is not there"},
        {tcp4, 3, 19, PACKET_MALFORMED, "a packet shorter than its header"},
        {tcp4, 3, 20, PACKET_MALFORMED, "no TCP header fits"},
        {tcp4, 3, 39, PACKET_MALFORMED, "no whole TCP header fits"},
        {tcp4, 3, 0, PACKET_TCP, "0: as long as the frame"},
        {tcp4, 2, 0xff, PACKET_TCP, "longer than the frame: it was cut"},
        {tcp4, 32, 4 << 4, PACKET_MALFORMED, "a TCP header of 16 bytes"},
        {tcp4, 32, 0, PACKET_MALFORMED, "of none"},
        {tcp4, 32, 6 << 4, PACKET_MALFORMED, "of 24, where 20 are"},
        {first_fragment4, 32, 15 << 4, PACKET_TCP, "its options go on in the next fragment"},
        {first_fragment4, 32, 4 << 4, PACKET_MALFORMED, "too short even so"},
        {tcp6, 0, 0x70, PACKET_MALFORMED, "version 7"},
        {tcp6, 5, 19, PACKET_MALFORMED, "no whole TCP header fits"},
        {tcp6, 5, 1, PACKET_MALFORMED, "nearly nothing fits"},
        {tcp6, 5, 0, PACKET_TCP, "0: a jumbogram, or one that the card cuts"},
        {tcp6, 4, 0xff, PACKET_TCP, "longer than the frame: it was cut"},
        {every_extension, 5, 7, PACKET_MALFORMED, "the first extension header does not fit"},
        {every_extension, 5, 31, PACKET_MALFORMED, "the second does not fit"},
        {every_extension, 41, 255, PACKET_MALFORMED, "one of 2,048 bytes"},
        {every_extension, 97, 0, PACKET_MALFORMED, "an AH of 8 bytes"},
        {longest_extension, 41, 255, PACKET_MALFORMED, "beyond the packet's end"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct frame f = {.n = 0};
        struct packet p;
        rows[i].make(&f);
        frame_end(&f);
        f.bytes[rows[i].at] = rows[i].value;
        enum packet_kind k = decode(PACKET_LINK_RAW, f.bytes, f.n, &p);
        cr_expect_eq(k, rows[i].kind, "%s: %d", rows[i].why, (int)k);
    }
}

Test(decode, a_jumbogram_is_read)
{
    /* RFC 2675: payload length 0, and the length in a hop-by-hop option. */
    static const uint8_t option[] = {0xc2, 4, 0, 1, 0, 0};
    struct frame f = {.n = 0};
    struct packet p;

    frame_ip(&f, FROM6, TO6, 0);
    frame_extension(&f, 0, TCP, 1);
    memcpy(f.bytes + 42, option, sizeof option);
    frame_tcp(&f, 40000, 443, SEQUENCE, PACKET_ACK);
    frame_bytes(&f, 100);
    cr_assert_eq(decode(PACKET_LINK_RAW, f.bytes, f.n, &p), PACKET_TCP);
    cr_expect_eq(p.flags, PACKET_ACK);
}

Test(decode, a_mapped_address_is_ipv4)
{
    static const uint8_t mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 203, 0, 113, 9};
    struct frame f = {.n = 0};
    struct packet p;
    char text[ADDR_TEXT_SIZE];

    tcp6(&f);
    frame_end(&f);
    memcpy(f.bytes + 8, mapped, sizeof mapped);
    cr_assert_eq(decode(PACKET_LINK_RAW, f.bytes, f.n, &p), PACKET_TCP);
    cr_expect_str_eq(addr_format(&p.source, text), FROM4);
}

Test(decode, all_flags_come_as_they_are)
{
    for (unsigned flags = 0; flags < 256; flags++) {
        struct frame f = {.n = 0};
        struct packet p;
        frame_ip(&f, FROM4, TO4, TCP);
        frame_tcp(&f, 0, 65535, UINT32_MAX, flags);
        frame_end(&f);
        cr_assert_eq(decode(PACKET_LINK_RAW, f.bytes, f.n, &p), PACKET_TCP);
        cr_expect(p.flags == flags && p.source_port == 0 && p.destination_port == 65535 &&
                  p.sequence == UINT32_MAX);
    }
}

Test(decode, the_links_that_are_known)
{
    static const int known[] = {1, 101, 113, 228, 229, 276};
    size_t n = 0;

    for (int link = -1; link < 300; link++)
        n += packet_knows_link(link);
    cr_expect_eq(n, ARRAY_LEN(known));
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        cr_expect(packet_knows_link(known[i]), "%d", known[i]);
}
