/* Any bytes as a frame of any link: nothing outside of them is read, what is decided is not
 * undone by more bytes, and only own addresses come out. */
#include <string.h>

#include "packet/sight.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { LONGEST = 400 };

/* The first n bytes, in memory that ends behind them. */
static enum packet_kind decode_first(int link, const uint8_t *data, size_t n,
                                     struct packet *ret)
{
    AUTO_FREE uint8_t *exact = malloc(n > 0 ? n : 1);

    if (exact == NULL)
        abort();
    if (n > 0)
        memcpy(exact, data, n);
    return packet_decode(link, exact, n, ret);
}

static void check_same(const struct packet *a, const struct packet *b)
{
    assert(addr_compare(&a->source, &b->source) == 0);
    assert(addr_compare(&a->destination, &b->destination) == 0);
    assert(a->source_port == b->source_port && a->destination_port == b->destination_port);
    assert(a->sequence == b->sequence && a->flags == b->flags && a->way == b->way);
    assert(a->is_loopback == b->is_loopback && a->interface == b->interface);
}

static struct sight *make_rules(uint8_t how)
{
    /* 198.51.100.7 and 2001:db8:1::7 are key servers, 203.0.113.9 and 2001:db8::9 are own. */
    static const struct sight_target targets[] = {
        {{ADDR_IPV4, {198, 51, 100, 7}}, 443, false},
        {{ADDR_IPV6, {0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}}, 0, false}};
    static const struct addr own[] = {
        {ADDR_IPV4, {203, 0, 113, 9}},
        {ADDR_IPV6, {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}}};
    static const uint16_t ports[] = {8443, 8880};
    struct sight *s = NULL;

    if (sight_new(&s) < 0 || sight_set_targets(s, targets, ARRAY_LEN(targets)) < 0 ||
        sight_set_ports(s, ports, ARRAY_LEN(ports)) < 0)
        abort();
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        if (sight_own_add(s, &own[i]) < 0)
            abort();
    }
    sight_need_way(s, (how & 1) != 0);
    sight_set_own(s, (how & 2) != 0 ? SIGHT_OWN_ALL : SIGHT_OWN_LISTED);
    return s;
}

static void check_sight(const struct packet *p, uint8_t how)
{
    struct sight *s = make_rules(how);
    struct sight_seen seen;

    /* What came in is known the second time. */
    for (int64_t at_s = 0; at_s < 2; at_s++) {
        if (!sight_packet(s, p, at_s, &seen))
            continue;
        assert(addr_compare(&seen.address, &p->source) == 0);
        assert(sight_is_own(s, &seen.address) && !p->is_loopback);
        assert((p->flags & PACKET_SYN) != 0 && ((how & 1) == 0 || p->way == PACKET_WAY_OUT));
        assert(seen.source == SOURCE_KEYSERVER || seen.source == SOURCE_PANEL);
    }
    sight_free(s);
}

/* The first byte is the link, the second how sight's rules are set. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const int links[] = {PACKET_LINK_ETHERNET,
                                PACKET_LINK_RAW,
                                PACKET_LINK_SLL,
                                PACKET_LINK_SLL2,
                                PACKET_LINK_IPV4,
                                PACKET_LINK_IPV6,
                                0};
    if (n < 2 || n > LONGEST + 2)
        return 0;
    int link = links[data[0] % ARRAY_LEN(links)];
    uint8_t how = data[1];
    struct packet whole, part;
    enum packet_kind k = decode_first(link, data + 2, n - 2, &whole);
    for (size_t cut = 0; cut < n - 2; cut++) {
        enum packet_kind of_part = decode_first(link, data + 2, cut, &part);
        assert(of_part == PACKET_TRUNCATED || of_part == k);
        if (of_part == PACKET_TCP)
            check_same(&part, &whole);
    }
    if (k == PACKET_TCP)
        check_sight(&whole, how);
    return 0;
}
