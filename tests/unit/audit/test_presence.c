/* Gathering what counts: one order, whatever the order in which it came, as often as asked. */
#include "audit/presence.h"
#include "support/leak.h"
#include <string.h>

SUITE(presence);

enum { SIGHTINGS = 6 };

static const struct term EVER = {WALL_BEGIN, WALL_END};

static struct addr address(const char *text)
{
    struct addr a;
    cr_assert_eq(addr_parse(text_of(text), &a), 0);
    return a;
}

/* What is gathered of some sightings of one machine: 11.0.0.0/8 is one place. */
static void gather(struct presences *p, const struct audit_sighting *v, size_t n)
{
    struct estate_network network = {.valid = EVER, .is_one_place = true};
    struct audit_reseller r1 = {.id = "r1", .networks = &network, .n_networks = 1};
    struct tenure tenure = {&r1, EVER};
    struct audit_server server = {"srv-1", &tenure, 1, WALL_END};
    struct audit_machine machine = {.server = &server};
    struct policy_version policy = {.version = "1"};
    struct audit_row row = {&r1, EVER, {0}, 0};
    struct audit a = {.p0 = {0}, .p1 = {1000}, .end = {1000}, .policy = &policy};
    struct license_case c = {.machines = &machine, .n_machines = 1, .sightings = v};

    c.n_sightings = n;
    policy_init(&policy.base);
    cr_assert_eq(network_parse(text_of("11.0.0.0/8"), &network.network), 0);
    struct entry e = entry_at(&a, &row, 1, 0);
    cr_assert_eq(presences_gather(p, &a, &c, &e), 0);
}

/* By place, machine, first, last, source and address. */
Test(presence, is_gathered_in_one_order)
{
    const struct audit_sighting sorted[SIGHTINGS] = {
        {0, SOURCE_NAT, address("9.9.9.9"), {{500}, {600}}},
        {0, SOURCE_PEER, address("11.0.0.1"), {{10}, {20}}},
        {0, SOURCE_KEYSERVER, address("11.0.0.1"), {{10}, {20}}},
        {0, SOURCE_KEYSERVER, address("11.0.0.2"), {{10}, {20}}},
        {0, SOURCE_NAT, address("11.0.0.1"), {{10}, {20}}},
        {0, SOURCE_PEER, address("11.0.0.1"), {{30}, {40}}},
    };
    AUTO(presences) struct presences p = {0};
    for (size_t turn = 0; turn < 2 * SIGHTINGS; turn++) {
        struct audit_sighting v[SIGHTINGS];
        for (size_t i = 0; i < SIGHTINGS; i++) {
            size_t at = (i + turn) % SIGHTINGS;
            v[i] = sorted[turn < SIGHTINGS ? at : SIGHTINGS - 1 - at];
        }
        gather(&p, v, SIGHTINGS);
        cr_assert_eq(p.n_places, 2);
        cr_assert_not(p.places[0].is_one_place);
        cr_assert(p.places[1].is_one_place);
        cr_assert_eq(p.n_seen, SIGHTINGS);
        for (size_t i = 0; i < SIGHTINGS; i++) {
            cr_assert_eq(p.seen[i].place, i > 0, "turn %zu", turn);
            cr_assert_eq(p.seen[i].source, sorted[i].source, "turn %zu, %zu", turn, i);
            cr_assert_eq(addr_compare(&p.seen[i].address, &sorted[i].address), 0);
            cr_assert_eq(p.seen[i].span.first.s, sorted[i].seen.first.s);
        }
        cr_assert_eq(p.n, 2);
    }
}

Test(presence, of_two_places_is_numbered_by_their_addresses)
{
    const struct audit_sighting v[] = {
        {0, SOURCE_PEER, address("9.9.9.9"), {{10}, {20}}},
        {0, SOURCE_PEER, address("8.8.8.8"), {{10}, {20}}},
    };
    AUTO(presences) struct presences p = {0};

    gather(&p, v, 2);
    cr_assert_eq(p.n_places, 2);
    cr_assert_eq(p.places[0].unit.base.bytes[0], 8);
    gather(&p, v, 1);
    cr_assert_eq(p.n_places, 1);
    cr_assert_eq(p.places[0].unit.base.bytes[0], 9);
    cr_assert_eq(p.n_seen, 1);
}

/* As evidence may have them: two are enough to stand wrong, or the last two of three. What
 * stands before the first is none of them. */
Test(presence, is_bridged_in_any_order_of_what_was_seen)
{
    static const struct {
        size_t n;
        struct seen seen[3];
    } rows[] = {
        {2, {{.span = {{50}, {60}}}, {.span = {{10}, {20}}}}},
        {3, {{.span = {{10}, {20}}}, {.span = {{50}, {60}}}, {.span = {{20}, {30}}}}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct seen v[4] = {0};
        AUTO(presences) struct presences p = {0};
        memcpy(&v[1], rows[i].seen, sizeof(rows[i].seen));
        p.seen = &v[1];
        p.n_seen = rows[i].n;
        cr_assert_eq(presences_bridge(&p, (dur_t){20}), 0);
        p.seen = NULL;                                 /* not to be freed */
        cr_assert_eq(p.n, 1 + (i == 0), "row %zu", i); /* 30 s apart, or 20 */
        cr_assert_eq(p.v[0].span.first.s, 10);
        cr_assert_eq(p.v[p.n - 1].span.last.s, 60);
    }
}
