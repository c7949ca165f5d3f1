/* Which addresses a packet or a tracked connection shows in use, and which it does not. */
#include <errno.h>

#include "packet/sight.h"
#include "support/leak.h"

SUITE(sight);

#define OWN "203.0.113.9"
#define OTHER_OWN "203.0.113.10"
#define KEY_SERVER "198.51.100.7"
#define COLLECTOR "198.51.100.8"
#define STRANGER "192.0.2.1"
enum { SYN = PACKET_SYN, SYN_ACK = PACKET_SYN | PACKET_ACK };

static void sight_freed(struct sight **s)
{
    sight_done(s);
}
#define AUTO_SIGHT __attribute__((cleanup(sight_freed)))

static struct addr addr(const char *text)
{
    struct addr a;

    cr_assert_eq(addr_parse(text_of(text), &a), 0, "%s", text);
    return a;
}

/* A live probe's: two own addresses, a key server at 443, a collector, Plesk's ports. */
static struct sight *rules(void)
{
    const struct sight_target targets[] = {{addr(KEY_SERVER), 443, false},
                                           {addr("2001:db8:1::7"), 443, false},
                                           {addr(COLLECTOR), 8444, true}};
    static const uint16_t ports[] = {8443, 8880};
    const struct addr own[] = {addr(OWN), addr(OTHER_OWN), addr("2001:db8::9")};
    struct sight *s = NULL;

    cr_assert_eq(sight_new(&s), 0);
    cr_assert_eq(sight_set_targets(s, targets, ARRAY_LEN(targets)), 0);
    cr_assert_eq(sight_set_ports(s, ports, ARRAY_LEN(ports)), 0);
    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        cr_assert_eq(sight_own_add(s, &own[i]), 0);
    sight_need_way(s, true);
    return s;
}

struct row {
    const char *from;
    uint16_t from_port;
    const char *to;
    uint16_t to_port;
    uint8_t flags;
    enum packet_way way;
    bool is_loopback;
    int source; /* enum source; -1 = shows nothing */
    const char *why;
};

static struct packet packet_of(const struct row *r, uint32_t sequence)
{
    return (struct packet){.source = addr(r->from),
                           .destination = addr(r->to),
                           .source_port = r->from_port,
                           .destination_port = r->to_port,
                           .sequence = sequence,
                           .flags = r->flags,
                           .way = r->way,
                           .is_loopback = r->is_loopback};
}

static void expect_row(struct sight *s, const struct row *r, uint32_t sequence)
{
    const struct packet p = packet_of(r, sequence);
    struct sight_seen seen;
    bool is_seen = sight_packet(s, &p, 1000, &seen);

    cr_expect_eq(is_seen, r->source >= 0, "%s", r->why);
    if (!is_seen || r->source < 0)
        return;
    cr_expect_eq((int)seen.source, r->source, "%s", r->why);
    cr_expect_eq(addr_compare(&seen.address, &p.source), 0, "%s", r->why);
}

#define OUT PACKET_WAY_OUT, false
#define IN PACKET_WAY_IN, false

Test(sight, a_live_packet_shows_an_address_when)
{
    static const struct row rows[] = {
        {OWN, 40000, KEY_SERVER, 443, SYN, OUT, SOURCE_KEYSERVER, "we open to a key server"},
        {"2001:db8::9", 1, "2001:db8:1::7", 443, SYN, OUT, SOURCE_KEYSERVER, "over IPv6"},
        {OWN, 40000, KEY_SERVER, 443, SYN | 0xc0, OUT, SOURCE_KEYSERVER, "with ECN's bits"},
        {OWN, 40000, KEY_SERVER, 443, SYN_ACK, OUT, -1, "it is an answer"},
        {OWN, 40000, KEY_SERVER, 443, PACKET_ACK, OUT, -1, "it is open already"},
        {OWN, 40000, KEY_SERVER, 443, PACKET_RST, OUT, -1, "it ends"},
        {OWN, 40000, KEY_SERVER, 80, SYN, OUT, -1, "another port"},
        {OWN, 40000, COLLECTOR, 8444, SYN, OUT, -1, "a collector is conntrack's"},
        {OWN, 40000, STRANGER, 443, SYN, OUT, -1, "no key server"},
        {STRANGER, 40000, KEY_SERVER, 443, SYN, OUT, -1, "not our address"},
        {OWN, 40000, KEY_SERVER, 443, SYN, IN, -1, "it comes in: not from us"},
        {OWN, 40000, KEY_SERVER, 443, SYN, PACKET_WAY_UNKNOWN, false, -1, "who says"},
        {OWN, 40000, KEY_SERVER, 443, SYN, PACKET_WAY_OUT, true, -1, "loopback"},
        {OWN, 8443, STRANGER, 50000, SYN_ACK, OUT, SOURCE_PANEL, "the panel answers"},
        {OWN, 8880, STRANGER, 50000, SYN_ACK, OUT, SOURCE_PANEL, "on its other port"},
        {"2001:db8::9", 8443, "2001:db8:2::1", 5, SYN_ACK, OUT, SOURCE_PANEL, "over IPv6"},
        {OWN, 8443, STRANGER, 50000, SYN, OUT, -1, "it opens"},
        {OWN, 8443, STRANGER, 50000, PACKET_RST | PACKET_ACK, OUT, -1, "it refuses"},
        {OWN, 443, STRANGER, 50000, SYN_ACK, OUT, -1, "not the panel"},
        {OWN, 8443, OWN, 50000, SYN_ACK, OUT, -1, "to itself"},
        {STRANGER, 8443, STRANGER, 50000, SYN_ACK, OUT, -1, "not our address"},
        {OWN, 8443, STRANGER, 50000, SYN_ACK, IN, -1, "it comes in"},
        {OWN, 8443, STRANGER, 50000, SYN_ACK, PACKET_WAY_OUT, true, -1, "loopback"},
    };
    AUTO_SIGHT struct sight *s = rules();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect_row(s, &rows[i], (uint32_t)i);
}

Test(sight, a_key_server_on_this_server_is_no_key_server)
{
    const struct sight_target target = {addr(OTHER_OWN), 443, false};
    static const struct row row = {OWN, 1,   OTHER_OWN, 443,
                                   SYN, OUT, -1,        "two of our addresses"};
    AUTO_SIGHT struct sight *s = rules();

    cr_assert_eq(sight_set_targets(s, &target, 1), 0);
    expect_row(s, &row, 1);
}

Test(sight, a_port_of_0_is_any)
{
    const struct sight_target target = {addr(KEY_SERVER), 0, false};
    static const struct row row = {OWN, 1, KEY_SERVER, 7, SYN, OUT, SOURCE_KEYSERVER, "port 7"};
    AUTO_SIGHT struct sight *s = rules();

    cr_assert_eq(sight_set_targets(s, &target, 1), 0);
    expect_row(s, &row, 1);
}

/* An opening from `from`, of that sequence number. */
static bool opens(struct sight *s, const char *from, enum packet_way way, uint32_t sequence,
                  int64_t at_s)
{
    const struct row r = {from, 40000, KEY_SERVER, 443, SYN, way, false, -1, ""};
    const struct packet p = packet_of(&r, sequence);
    struct sight_seen seen;

    return sight_packet(s, &p, at_s, &seen);
}

static bool answers(struct sight *s, const char *from, enum packet_way way, uint32_t sequence,
                    int64_t at_s)
{
    const struct row r = {from, 8443, STRANGER, 40000, SYN_ACK, way, false, SOURCE_PANEL, ""};
    const struct packet p = packet_of(&r, sequence);
    struct sight_seen seen;

    return sight_packet(s, &p, at_s, &seen);
}

/* A panel of another machine, to which this one passes visitors on: its answer comes in from
 * 10.0.0.5 and goes out again under our address. */
Test(sight, an_answer_that_came_in_is_another_machines)
{
    AUTO_SIGHT struct sight *s = rules();

    cr_expect_not(answers(s, "10.0.0.5", PACKET_WAY_IN, 7, 1000));
    cr_expect_not(answers(s, OWN, PACKET_WAY_OUT, 7, 1000), "passed on");
    cr_expect(answers(s, OWN, PACKET_WAY_OUT, 8, 1000), "another answer is our own panel's");
    cr_expect(answers(s, OWN, PACKET_WAY_OUT, 7, 1031), "31 s later it is another one");
}

Test(sight, answers_that_come_in_crowd_no_openings_out)
{
    AUTO_SIGHT struct sight *s = rules();
    const struct row in = {"10.0.0.5",    5000,  KEY_SERVER, 443, SYN,
                           PACKET_WAY_IN, false, -1,         ""};
    const struct row out = {
        OWN, 5000, KEY_SERVER, 443, SYN, PACKET_WAY_OUT, false, -1, "still known as forwarded"};

    expect_row(s, &in, 99);
    for (uint32_t i = 0; i < 4 * SIGHT_OPENINGS; i++)
        cr_expect_not(answers(s, "10.0.0.5", PACKET_WAY_IN, 1000 + i, 1000));
    expect_row(s, &out, 99);
}

Test(sight, an_opening_that_came_in_is_only_forwarded)
{
    AUTO_SIGHT struct sight *s = rules();

    /* A container's, which goes on under our address. */
    cr_expect_not(opens(s, "10.0.3.5", PACKET_WAY_IN, 77, 1000));
    cr_expect_not(opens(s, OWN, PACKET_WAY_OUT, 77, 1000));
    cr_expect_not(opens(s, OWN, PACKET_WAY_OUT, 77, 1030), "still known after 30 s");
    cr_expect(opens(s, OWN, PACKET_WAY_OUT, 77, 1031), "forgotten");
    cr_expect(opens(s, OWN, PACKET_WAY_OUT, 78, 1000), "another one is ours");
}

Test(sight, an_opening_that_comes_in_again_is_known_from_then_on)
{
    AUTO_SIGHT struct sight *s = rules();

    cr_expect_not(opens(s, "10.0.3.5", PACKET_WAY_IN, 77, 1000));
    cr_expect_not(opens(s, "10.0.3.5", PACKET_WAY_IN, 77, 1025));
    cr_expect_not(opens(s, OWN, PACKET_WAY_OUT, 77, 1055));
    cr_expect(opens(s, OWN, PACKET_WAY_OUT, 77, 1056));
}

Test(sight, a_clock_that_was_set_back_changes_nothing)
{
    AUTO_SIGHT struct sight *s = rules();

    cr_expect_not(opens(s, "10.0.3.5", PACKET_WAY_IN, 77, 1000));
    cr_expect_not(opens(s, OWN, PACKET_WAY_OUT, 77, 970));
    cr_expect(opens(s, OWN, PACKET_WAY_OUT, 77, 969));
}

Test(sight, the_openings_that_came_first_are_forgotten_first)
{
    AUTO_SIGHT struct sight *s = rules();

    for (uint32_t i = 0; i <= SIGHT_OPENINGS; i++) /* one more than there is room for */
        cr_expect_not(opens(s, "10.0.3.5", PACKET_WAY_IN, i, 1000 + i / 64));
    cr_expect_not(opens(s, OWN, PACKET_WAY_OUT, SIGHT_OPENINGS, 1002), "the last is there");
    uint32_t known = 0;
    for (uint32_t i = 0; i < SIGHT_OPENINGS; i++)
        known += !opens(s, OWN, PACKET_WAY_OUT, i, 1002);
    cr_expect_eq(known, SIGHT_OPENINGS - 1U, "%u", known);
    cr_expect_not(opens(s, OWN, PACKET_WAY_OUT, SIGHT_OPENINGS - 1, 1002));
}

Test(sight, what_was_opened_to_others_is_not_remembered)
{
    static const struct row in = {STRANGER, 1, COLLECTOR, 8444, SYN, IN, -1, "a stranger's"};
    AUTO_SIGHT struct sight *s = rules();

    cr_expect_not(opens(s, "10.0.3.5", PACKET_WAY_IN, 5, 1000));
    for (uint32_t i = 0; i < 2 * SIGHT_OPENINGS; i++)
        expect_row(s, &in, i);
    cr_expect_not(opens(s, OWN, PACKET_WAY_OUT, 5, 1000), "no flood pushes it out");
}

Test(sight, a_replay_takes_what_it_gets)
{
    static const struct row rows[] = {
        {OWN, 1, KEY_SERVER, 443, SYN, PACKET_WAY_UNKNOWN, false, SOURCE_KEYSERVER, "unknown"},
        {OWN, 2, KEY_SERVER, 443, SYN, IN, SOURCE_KEYSERVER, "a router's capture"},
        {OWN, 3, KEY_SERVER, 443, SYN, OUT, SOURCE_KEYSERVER, "outgoing"},
        {OWN, 8443, STRANGER, 5, SYN_ACK, IN, SOURCE_PANEL, "a router's capture"},
        {OWN, 4, KEY_SERVER, 443, SYN, PACKET_WAY_OUT, true, -1, "but never loopback"},
    };
    AUTO_SIGHT struct sight *s = rules();

    sight_need_way(s, false);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect_row(s, &rows[i], (uint32_t)i);
    cr_expect(opens(s, OWN, PACKET_WAY_IN, 90, 1000));
    cr_expect(opens(s, OWN, PACKET_WAY_IN, 90, 1001), "sent again, it counts again");
    cr_expect_not(opens(s, OWN, PACKET_WAY_OUT, 90, 1001), "forwarded, it was counted");
}

Test(sight, whole_networks_may_be_own)
{
    static const struct row rows[] = {
        {"203.0.113.200", 1, KEY_SERVER, 443, SYN, OUT, SOURCE_KEYSERVER, "in the network"},
        {"203.0.114.1", 1, KEY_SERVER, 443, SYN, OUT, -1, "beside it"},
        {"2001:db8::9", 1, "2001:db8:1::7", 443, SYN, OUT, -1, "no network of IPv6"},
        {KEY_SERVER, 1, KEY_SERVER, 443, SYN, OUT, -1, "to itself"},
        {"198.51.100.20", 1, KEY_SERVER, 443, SYN, OUT, SOURCE_KEYSERVER,
         "a key server in the same network is another server"},
    };
    struct network networks[2];
    AUTO_SIGHT struct sight *s = rules();

    cr_assert_eq(network_parse(text_of("203.0.113.0/24"), &networks[0]), 0);
    cr_assert_eq(network_parse(text_of("198.51.100.0/24"), &networks[1]), 0);
    cr_assert_eq(sight_set_networks(s, networks, 2), 0);
    sight_set_own(s, SIGHT_OWN_NETWORKS);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect_row(s, &rows[i], (uint32_t)i);
    cr_assert_eq(sight_set_networks(s, NULL, 0), 0);
    cr_expect_not(sight_is_own(s, &networks[0].base), "none is left");
}

Test(sight, every_address_may_be_own)
{
    static const struct row rows[] = {
        {STRANGER, 1, KEY_SERVER, 443, SYN, OUT, SOURCE_KEYSERVER, "any"},
        {STRANGER, 8443, OWN, 5, SYN_ACK, OUT, SOURCE_PANEL, "any"},
        {KEY_SERVER, 1, KEY_SERVER, 443, SYN, OUT, -1, "to itself"},
    };
    AUTO_SIGHT struct sight *s = rules();
    const struct addr none = {.family = 0};

    sight_set_own(s, SIGHT_OWN_ALL);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect_row(s, &rows[i], (uint32_t)i);
    cr_expect_not(sight_is_own(s, &none));
}

Test(sight, an_address_on_two_interfaces_goes_with_the_second)
{
    AUTO_SIGHT struct sight *s = rules();
    const struct addr a = addr(OWN), stranger = addr(STRANGER);

    cr_assert_eq(sight_own_add(s, &a), 0); /* once more */
    cr_expect(sight_is_own(s, &a));
    sight_own_remove(s, &a);
    cr_expect(sight_is_own(s, &a));
    sight_own_remove(s, &a);
    cr_expect_not(sight_is_own(s, &a));
    sight_own_remove(s, &a); /* nobody has it: nothing happens */
    sight_own_remove(s, &stranger);
    cr_assert_eq(sight_own_add(s, &a), 0);
    cr_expect(sight_is_own(s, &a));
}

static struct addr numbered(size_t i)
{
    return (struct addr){ADDR_IPV4, {10, 0, (uint8_t)(i >> 8), (uint8_t)i}};
}

Test(sight, own_addresses_have_a_cap)
{
    AUTO_SIGHT struct sight *s = NULL;

    cr_assert_eq(sight_new(&s), 0);
    for (size_t i = SIGHT_OWN_MAX; i > 0; i--) {
        const struct addr a = numbered(i);
        cr_assert_eq(sight_own_add(s, &a), 0);
    }
    const struct addr first = numbered(1), beyond = numbered(SIGHT_OWN_MAX + 1);
    cr_expect_eq(sight_own_add(s, &beyond), -ERANGE);
    cr_expect_not(sight_is_own(s, &beyond));
    cr_expect_eq(sight_own_add(s, &first), 0, "one that is there needs no room");
    for (size_t i = 1; i <= SIGHT_OWN_MAX; i++) {
        const struct addr a = numbered(i);
        cr_expect(sight_is_own(s, &a), "%zu", i);
    }
    const struct addr last = numbered(SIGHT_OWN_MAX);
    sight_own_remove(s, &last);
    cr_expect_eq(sight_own_add(s, &beyond), 0, "there is room again");
}

Test(sight, what_is_over_a_cap_changes_nothing)
{
    static const struct sight_target targets[SIGHT_TARGETS_MAX + 1];
    static const uint16_t ports[SIGHT_PORTS_MAX + 1];
    static const struct network networks[SIGHT_OWN_MAX + 1];
    static const struct row row = {OWN, 1,   KEY_SERVER,       443,
                                   SYN, OUT, SOURCE_KEYSERVER, "still"};
    AUTO_SIGHT struct sight *s = rules();

    cr_expect_eq(sight_set_targets(s, targets, ARRAY_LEN(targets)), -ERANGE);
    cr_expect_eq(sight_set_ports(s, ports, ARRAY_LEN(ports)), -ERANGE);
    cr_expect_eq(sight_set_networks(s, networks, ARRAY_LEN(networks)), -ERANGE);
    expect_row(s, &row, 1);
    cr_expect_eq(sight_set_targets(s, targets, SIGHT_TARGETS_MAX), 0);
    cr_expect_eq(sight_set_ports(s, ports, SIGHT_PORTS_MAX), 0);
    cr_expect_eq(sight_set_networks(s, networks, SIGHT_OWN_MAX), 0);
    cr_expect_eq(sight_set_networks(s, networks, 1), 0);
}

Test(sight, a_translated_connection_shows_the_other_address)
{
    static const struct {
        const char *from, *to, *seen_from;
        uint16_t port;
        bool is_translated, is_ours, is_seen;
        const char *why;
    } rows[] = {
        {OWN, KEY_SERVER, STRANGER, 443, true, true, true, "to a key server"},
        {OWN, COLLECTOR, STRANGER, 8444, true, true, true, "to a collector"},
        {OWN, KEY_SERVER, OTHER_OWN, 443, true, true, true, "to another of our own"},
        {OWN, KEY_SERVER, OWN, 443, true, true, false, "to the same: only the port changed"},
        {OWN, KEY_SERVER, OWN, 443, false, true, false, "not translated"},
        {OWN, KEY_SERVER, STRANGER, 443, false, true, false, "only its destination was"},
        {STRANGER, KEY_SERVER, OWN, 443, true, false, false, "a container's"},
        {OWN, KEY_SERVER, STRANGER, 444, true, false, false, "another port"},
        {OWN, STRANGER, OTHER_OWN, 443, true, false, false, "to anybody"},
    };
    AUTO_SIGHT struct sight *s = rules();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct sight_flow f = {addr(rows[i].from), addr(rows[i].to),
                                     addr(rows[i].seen_from), rows[i].port,
                                     rows[i].is_translated};
        struct sight_seen seen;
        cr_expect_eq(sight_flow_is_ours(s, &f), rows[i].is_ours, "%s", rows[i].why);
        cr_assert_eq(sight_flow(s, &f, &seen), rows[i].is_seen, "%s", rows[i].why);
        if (!rows[i].is_seen)
            continue;
        cr_expect_eq(seen.source, SOURCE_NAT, "%s", rows[i].why);
        cr_expect_eq(addr_compare(&seen.address, &f.seen_from), 0, "%s", rows[i].why);
    }
}
