/* Claims about messages of connection tracking. */
#include "probe/track.h"

#include "support/leak.h"

#include <arpa/inet.h>
#include <string.h>
#include <linux/netlink.h>

SUITE(track_parse);

/* Numbers of linux/netfilter/nfnetlink_conntrack.h, written out: the layout is the kernel's
 * promise, so the test spells it by itself. */
enum {
    TUPLE_ORIG = 1,
    TUPLE_REPLY = 2,
    STATUS = 3,
    MARK = 8,
    TUPLE_IP = 1,
    TUPLE_PROTO = 2,
    V4_SRC = 1,
    V4_DST = 2,
    V6_SRC = 3,
    V6_DST = 4,
    PROTO_NUM = 1,
    SRC_PORT = 2,
    DST_PORT = 3,
    NEW = 0x100,
    DESTROY = 0x102,
    CREATE = 0x400,
    NESTED = 0x8000,
};

struct bytes {
    uint8_t v[1024];
    size_t n;
};

static void put(struct bytes *b, const void *p, size_t n)
{
    cr_assert_leq(b->n + n + 4, sizeof b->v);
    memcpy(b->v + b->n, p, n);
    b->n += n;
    while (b->n % 4 != 0)
        b->v[b->n++] = 0;
}

static void put_attribute(struct bytes *b, unsigned type, const void *p, size_t n)
{
    uint16_t head[2] = {(uint16_t)(4 + n), (uint16_t)type};
    put(b, head, sizeof head);
    put(b, p, n);
}

static void put_nested(struct bytes *b, unsigned type, const struct bytes *inner)
{
    put_attribute(b, type | NESTED, inner->v, inner->n);
}

static void put_address(struct bytes *b, unsigned v4, const char *text)
{
    uint8_t a[16];
    if (inet_pton(AF_INET, text, a) == 1)
        put_attribute(b, v4, a, 4);
    else if (inet_pton(AF_INET6, text, a) == 1)
        put_attribute(b, v4 + 2, a, 16);
}

struct tuple {
    const char *from, *to;
    uint8_t protocol;
    uint16_t port;
};

static void put_tuple(struct bytes *b, unsigned type, const struct tuple *t)
{
    struct bytes ip = {.n = 0}, protocol = {.n = 0}, all = {.n = 0};
    uint16_t port_be = htons(t->port);
    put_address(&ip, V4_SRC, t->from);
    put_address(&ip, V4_DST, t->to);
    put_attribute(&protocol, PROTO_NUM, &t->protocol, 1);
    put_attribute(&protocol, SRC_PORT, "\x30\x39", 2);
    put_attribute(&protocol, DST_PORT, &port_be, 2);
    put_nested(&all, TUPLE_IP, &ip);
    put_nested(&all, TUPLE_PROTO, &protocol);
    put_nested(b, type, &all);
}

/* Begins a message; finish() writes its length. */
static struct bytes begin(uint16_t type, uint16_t flags)
{
    struct bytes b = {.n = 0};
    struct nlmsghdr h = {.nlmsg_type = type, .nlmsg_flags = flags};
    put(&b, &h, sizeof h);
    put(&b, "\x02\0\0\0", 4); /* struct nfgenmsg */
    return b;
}

static void finish(struct bytes *b)
{
    uint32_t n = (uint32_t)b->n;
    memcpy(b->v, &n, sizeof n);
}

static const struct tuple out4 = {"203.0.113.10", "198.51.100.7", 6, 443};
static const struct tuple back4 = {"198.51.100.7", "203.0.113.77", 6, 12345};

static struct bytes flow_message(uint16_t type, uint16_t flags, uint32_t status)
{
    struct bytes b = begin(type, flags);
    uint32_t status_be = htonl(status);
    put_tuple(&b, TUPLE_ORIG, &out4);
    put_tuple(&b, TUPLE_REPLY, &back4);
    put_attribute(&b, STATUS, &status_be, 4);
    finish(&b);
    return b;
}

static bool parse(const struct bytes *b, size_t n, struct sight_flow *ret)
{
    uint8_t *exact = malloc(n + 1);
    cr_assert(exact);
    memcpy(exact, b->v, n);
    bool is_flow = track_parse(exact, n, ret);
    free(exact);
    return is_flow;
}

static void expect_address(const struct addr *a, const char *text)
{
    char out[ADDR_TEXT_SIZE];
    cr_assert_str_eq(addr_format(a, out), text);
}

Test(track_parse, a_translated_flow_has_its_three_addresses_and_its_port)
{
    struct sight_flow f;
    struct bytes b = flow_message(NEW, CREATE, 0x198); /* as the kernel says it of SNAT */
    cr_assert(parse(&b, b.n, &f));
    expect_address(&f.from, "203.0.113.10");
    expect_address(&f.to, "198.51.100.7");
    expect_address(&f.seen_from, "203.0.113.77"); /* where answers go to */
    cr_assert_eq(f.port, 443);
    cr_assert(f.is_translated);
}

Test(track_parse, translation_is_said_by_one_bit_alone)
{
    static const struct {
        uint32_t status;
        bool is_translated;
        const char *why;
    } rows[] = {
        {0x188, false, "IPS_SRC_NAT_DONE and the like: a rule was looked for"},
        {0x198, true, "IPS_SRC_NAT"},
        {0x10, true, "IPS_SRC_NAT alone"},
        {0x20, false, "IPS_DST_NAT alone: where to, not from where"},
        {0x10000000, false, "the same bit in another byte"},
        {0, false, "none"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sight_flow f;
        struct bytes b = flow_message(NEW, CREATE, rows[i].status);
        cr_assert(parse(&b, b.n, &f), "%s", rows[i].why);
        cr_assert_eq(f.is_translated, rows[i].is_translated, "%s", rows[i].why);
    }
}

Test(track_parse, only_new_flows_count)
{
    static const struct {
        uint16_t type, flags;
        bool is_flow;
        const char *why;
    } rows[] = {
        {NEW, CREATE, true, "new"},
        {NEW, CREATE | 0x200, true, "new, as the kernel says it: with NLM_F_EXCL"},
        {NEW, 0, false, "news of one that is known"},
        {DESTROY, CREATE, false, "the end of one"},
        {0x200, CREATE, false, "another subsystem: expectations"},
        {NLMSG_DONE, CREATE, false, "the end of a dump"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sight_flow f;
        struct bytes b = flow_message(rows[i].type, rows[i].flags, 0x188);
        cr_assert_eq(parse(&b, b.n, &f), rows[i].is_flow, "%s", rows[i].why);
    }
}

Test(track_parse, ipv6_is_read_too)
{
    static const struct tuple out = {"2001:db8:1::10", "2001:db8:7::7", 6, 443};
    static const struct tuple back = {"2001:db8:7::7", "2001:db8:1::99", 6, 12345};
    struct sight_flow f;
    struct bytes b = begin(NEW, CREATE);
    put_tuple(&b, TUPLE_ORIG, &out);
    put_tuple(&b, TUPLE_REPLY, &back);
    put_attribute(&b, STATUS, "\0\0\x01\x98", 4);
    finish(&b);
    cr_assert(parse(&b, b.n, &f));
    expect_address(&f.from, "2001:db8:1::10");
    expect_address(&f.to, "2001:db8:7::7");
    expect_address(&f.seen_from, "2001:db8:1::99");
}

Test(track_parse, unknown_attributes_and_any_order_are_fine)
{
    struct sight_flow f;
    struct bytes b = begin(NEW, CREATE);
    put_attribute(&b, 77, "from a later kernel", 19);
    put_attribute(&b, STATUS, "\0\0\x01\x98", 4);
    put_tuple(&b, TUPLE_REPLY, &back4);
    put_attribute(&b, MARK, "\0\0\0\1", 4);
    put_tuple(&b, TUPLE_ORIG, &out4);
    finish(&b);
    cr_assert(parse(&b, b.n, &f));
    cr_assert_eq(f.port, 443);
}

Test(track_parse, what_is_not_whole_is_no_flow)
{
    struct sight_flow f;
    struct bytes b = flow_message(NEW, CREATE, 0x198);
    for (size_t n = 0; n < b.n; n++) {
        uint32_t says = (uint32_t)n;
        struct bytes cut = b;
        cr_assert_not(parse(&cut, n, &f), "%zu bytes of %zu", n, b.n);
        memcpy(cut.v, &says, sizeof says); /* and one that says that it is so short */
        cr_assert_not(parse(&cut, n < 4 ? 4 : n, &f), "%zu bytes of %zu", n, b.n);
    }
}

Test(track_parse, fields_of_another_size_are_refused)
{
    static const struct tuple udp = {"203.0.113.10", "198.51.100.7", 17, 443};
    struct sight_flow f;
    struct bytes b = begin(NEW, CREATE);
    put_tuple(&b, TUPLE_ORIG, &udp);
    put_tuple(&b, TUPLE_REPLY, &back4);
    put_attribute(&b, STATUS, "\0\0\x01\x98", 4);
    finish(&b);
    cr_assert_not(parse(&b, b.n, &f), "UDP");
    b = begin(NEW, CREATE);
    put_tuple(&b, TUPLE_ORIG, &out4);
    put_tuple(&b, TUPLE_REPLY, &back4);
    put_attribute(&b, STATUS, "\x98", 1);
    finish(&b);
    cr_assert_not(parse(&b, b.n, &f), "a status of one byte");
}

Test(track_parse, an_attribute_that_says_a_wrong_length_ends_the_search)
{
    struct sight_flow f;
    for (unsigned length = 0; length < 4; length++) {
        struct bytes b = begin(NEW, CREATE);
        uint16_t head[2] = {(uint16_t)length, 77}; /* would be met for ever */
        put(&b, head, sizeof head);
        put_tuple(&b, TUPLE_ORIG, &out4);
        put_tuple(&b, TUPLE_REPLY, &back4);
        put_attribute(&b, STATUS, "\0\0\x01\x98", 4);
        finish(&b);
        cr_assert_not(parse(&b, b.n, &f), "%u", length);
    }
}
