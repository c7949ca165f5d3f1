/*
 * What is one place (SPEC 1, unit; SPEC 6.1, step 2), and which notice is given where nothing
 * is charged. All stretches are 15 days of October 2026: whatever counts is confirmed.
 */
#include "support/expect.h"
#include "support/leak.h"

SUITE(places);

static const struct term EVER = {WALL_BEGIN, WALL_END};
static struct casebuild c;

static void expect(enum finding_kind kind, enum finding_state state, int64_t quantity)
{
    expect_of(&c, kind, state, quantity);
}

static uint32_t new_machine(void)
{
    return case_boot(&c, case_server(&c, 0));
}

static void seen(uint32_t machine, const char *address)
{
    case_seen(&c, machine, SOURCE_KEYSERVER, address, october(5), october(20));
}

static void nothing_is_said_of_addresses(void)
{
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
    expect(FINDING_MANY_ADDRESSES, STATE_CLEAR, 0);
    expect(FINDING_SECOND_SERVER, STATE_CLEAR, 0);
    expect(FINDING_ROAMING, STATE_CLEAR, 0);
}

Test(places, dual_stack_is_one_place)
{
    case_begin(&c);
    uint32_t m = new_machine();
    seen(m, "203.0.113.1");
    seen(m, "2001:db8:1::1");
    case_audit(&c, october(31));
    nothing_is_said_of_addresses();
}

/* Two machines, each on IPv4 and IPv6: two places, not four. */
Test(places, two_dual_stack_machines_are_two_places)
{
    case_begin(&c);
    uint32_t m = new_machine(), other = new_machine();
    seen(m, "203.0.113.1");
    seen(m, "2001:db8:1::1");
    seen(other, "203.0.113.2");
    seen(other, "2001:db8:2::1");
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CONFIRMED, 1);
}

/* Behind one IPv4 address, each with a /64 of its own: their IPv4 is one, and it is the place.
 */
Test(places, machines_behind_one_ipv4_address_are_one_place_whatever_their_ipv6)
{
    case_begin(&c);
    uint32_t m = new_machine(), other = new_machine();
    seen(m, "203.0.113.1");
    seen(m, "2001:db8:1::1");
    seen(other, "203.0.113.1");
    seen(other, "2001:db8:2::1");
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
    expect(FINDING_SECOND_SERVER, STATE_NOTICE, 1);
}

/* One on IPv4, one on IPv6 alone: the /64 is nobody's second stack. */
Test(places, a_machine_on_ipv6_alone_is_a_place)
{
    case_begin(&c);
    seen(new_machine(), "203.0.113.1");
    seen(new_machine(), "2001:db8:1::1");
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CONFIRMED, 1);
}

Test(places, addresses_of_one_64_are_one_place)
{
    case_begin(&c);
    seen(new_machine(), "2001:db8:1::1");
    seen(new_machine(), "2001:db8:1::ffff");
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
    expect(FINDING_SECOND_SERVER, STATE_NOTICE, 1);
}

Test(places, two_64s_of_one_machine_are_many_addresses)
{
    case_begin(&c);
    uint32_t m = new_machine();
    seen(m, "2001:db8:1::1");
    seen(m, "2001:db8:2::1");
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
    expect(FINDING_MANY_ADDRESSES, STATE_NOTICE, 1);
}

/* Three machines in a network that is declared one place: one unit, two machines too many. */
Test(places, a_network_declared_one_place_is_one_unit)
{
    case_begin(&c);
    case_network(&c, 0, "203.0.113.0/24", EVER, true);
    seen(new_machine(), "203.0.113.1");
    seen(new_machine(), "203.0.113.2");
    seen(new_machine(), "203.0.113.3");
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
    expect(FINDING_SECOND_SERVER, STATE_NOTICE, 2);
}

/* "At whatever time": that it was one place once is enough to never charge it. */
Test(places, a_network_that_was_one_place_once_is_one_unit_always)
{
    case_begin(&c);
    case_network(&c, 0, "203.0.113.0/24", (struct term){october(-300), october(-200)}, true);
    seen(new_machine(), "203.0.113.1");
    seen(new_machine(), "203.0.113.2");
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
}

Test(places, one_place_and_an_address_outside_of_it_are_two)
{
    case_begin(&c);
    case_network(&c, 0, "203.0.113.0/24", EVER, true);
    seen(new_machine(), "203.0.113.1");
    seen(new_machine(), "198.51.100.1");
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CONFIRMED, 1);
}

/* Dual stack is one place, but this IPv6 network was declared to be a place: that makes two. */
Test(places, a_declared_ipv6_place_counts_beside_ipv4)
{
    case_begin(&c);
    case_network(&c, 0, "2001:db8:1::/48", EVER, true);
    uint32_t m = new_machine();
    seen(m, "203.0.113.1");
    seen(m, "2001:db8:1:2::1");
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
    expect(FINDING_MANY_ADDRESSES, STATE_NOTICE, 1);
}

/* And the other /64 of a machine that is there is its second stack. */
Test(places, a_64_beside_a_declared_ipv6_place_is_the_same_place)
{
    case_begin(&c);
    case_network(&c, 0, "2001:db8:1::/48", EVER, true);
    uint32_t m = new_machine();
    seen(m, "2001:db8:1:2::1");
    seen(m, "2001:db8:2::1");
    case_audit(&c, october(31));
    nothing_is_said_of_addresses();
}

/* The declaration is the reseller's own: r2's says nothing of r1's servers. */
Test(places, another_resellers_one_place_is_not_ours)
{
    case_begin(&c);
    case_network(&c, 1, "203.0.113.0/24", EVER, true);
    seen(new_machine(), "203.0.113.1");
    seen(new_machine(), "203.0.113.2");
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CONFIRMED, 1);
}

/* A move excuses; it does not hide. */
Test(places, the_notices_outlive_a_declared_move)
{
    case_begin(&c);
    case_move(&c, october(1), october(32));
    seen(new_machine(), "203.0.113.1");
    seen(new_machine(), "203.0.113.2");
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CLEAR, 0);
    expect(FINDING_MANY_ADDRESSES, STATE_NOTICE, 1);
    expect(FINDING_SECOND_SERVER, STATE_NOTICE, 1);
}

/* Notices stand where extra-ip says nothing of the entry, and only there. */
Test(places, no_notice_beside_a_charge)
{
    case_begin(&c);
    seen(new_machine(), "203.0.113.1");
    seen(new_machine(), "203.0.113.2");
    case_audit(&c, october(31));
    expect(FINDING_EXTRA_IP, STATE_CONFIRMED, 1);
    expect(FINDING_MANY_ADDRESSES, STATE_CLEAR, 0);
    expect(FINDING_SECOND_SERVER, STATE_CLEAR, 0);
}

/* Of a family without a network nothing is known: IPv6 is not outside, IPv4 is. */
Test(places, only_a_family_with_a_network_can_be_outside)
{
    case_begin(&c);
    case_network(&c, 0, "203.0.113.0/24", EVER, false);
    seen(new_machine(), "2001:db8:1::1");
    case_audit(&c, october(31));
    expect(FINDING_OUTSIDE, STATE_CLEAR, 0);
    seen(new_machine(), "198.51.100.1");
    case_audit(&c, october(31));
    expect(FINDING_OUTSIDE, STATE_CONFIRMED, 1);
}
