/* From a licence's number to its machines and sightings. */
#include "bench/plan.h"

#include <string.h>

#include "support/seed.h"

enum { DAY = 86400, DOWN = 120, POOL = 4, POOL_ROUNDS = 6 };

enum plant plan_plant(int64_t license)
{
    static const enum plant rare[] = {PLANT_NONE,    PLANT_NONE,   PLANT_OUTSIDE, PLANT_CLONE,
                                      PLANT_MOVE,    PLANT_SILENT, PLANT_NONE,    PLANT_NONE,
                                      PLANT_GATEWAY, PLANT_BEHIND};
    if (license % 100 == 1)
        return PLANT_NAT_POOL;
    if (license % 100 == 0)
        return license % 200 == 0 ? PLANT_TWO_SERVERS : PLANT_TWO_FOR_SHORT;
    size_t at = (size_t)(license % 1000);
    return at < ARRAY_LEN(rare) ? rare[at] : PLANT_NONE;
}

int64_t plan_reseller(int64_t license)
{
    return license % PLAN_RESELLERS;
}

/* 5.r.0.0/16 is reseller r's; the host part is the licence's number among the reseller's. */
static struct addr address_at(int64_t first_byte, int64_t reseller, int64_t host)
{
    return (struct addr){ADDR_IPV4,
                         {(uint8_t)first_byte, (uint8_t)reseller, (uint8_t)(host >> 8 & 0xff),
                          (uint8_t)(host & 0xff)}};
}

struct addr plan_address(int64_t license)
{
    int64_t own = plan_plant(license) == PLANT_OUTSIDE ? 91 : 5;
    return address_at(own, plan_reseller(license), license / PLAN_RESELLERS);
}

/* 2a02:r00::/32 is reseller r's, a /64 for each licence in it. */
static struct addr address_v6(int64_t license)
{
    int64_t host = license / PLAN_RESELLERS;
    return (struct addr){ADDR_IPV6,
                         {0x2a, 0x02, (uint8_t)plan_reseller(license), 0, 0, 0,
                          (uint8_t)(host >> 8 & 0xff), (uint8_t)(host & 0xff), 0, 0, 0, 0, 0, 0,
                          0, 1}};
}

struct term plan_move(void)
{
    return (struct term){{PLAN_END.s - 30 * DAY}, WALL_END};
}

static void see(struct plan *p, unsigned machine, struct addr address, enum source source,
                struct span seen)
{
    assert(p->n_sightings < ARRAY_LEN(p->sightings));
    p->sightings[p->n_sightings++] = (struct plan_sighting){machine, address, source, seen};
}

static unsigned add_machine(struct plan *p, unsigned slot, bool is_second_server)
{
    assert(p->n_machines < ARRAY_LEN(p->machines));
    p->machines[p->n_machines] = (struct plan_machine){slot, is_second_server};
    return (unsigned)p->n_machines++;
}

/* One run of the agent at its own address; now and then the capture was away for some hours. */
static void see_run(struct plan *p, unsigned machine, int64_t license, struct span up,
                    struct rng *r)
{
    struct addr own = plan_address(license);
    wall_t middle = {up.first.s + (up.last.s - up.first.s) / 2};
    bool is_broken = rng_below(r, 10) == 0;

    see(p, machine, own, SOURCE_PEER, up);
    see(p, machine, own, SOURCE_INTERFACE, up);
    if (is_broken) {
        see(p, machine, own, SOURCE_KEYSERVER, (struct span){up.first, middle});
        see(p, machine, own, SOURCE_KEYSERVER, (struct span){{middle.s + 6 * 3600}, up.last});
    } else {
        see(p, machine, own, SOURCE_KEYSERVER, up);
    }
    if (license % 5 < 2)
        see(p, machine, address_v6(license), SOURCE_INTERFACE, up);
}

/* The network's translator spreads the connections over a pool: each address every few days. */
static void see_pool(struct plan *p, unsigned machine, int64_t license, wall_t end)
{
    for (int64_t round = 0; round < POOL_ROUNDS; round++)
        for (int64_t i = 0; i < POOL; i++) {
            struct addr a =
                address_at(5, plan_reseller(license), 0xc000 + license % 4096 * 4 + i);
            int64_t at = end.s - round * 3 * DAY - (i + 1) * 7200;
            see(p, machine, a, SOURCE_NAT, (struct span){{at - 3600}, {at}});
        }
}

/* A second machine, at the address `host` of the reseller, up to the end. */
static void see_second(struct plan *p, int64_t license, bool is_second_server, int64_t days,
                       wall_t end)
{
    unsigned m = add_machine(p, PLAN_SECOND, is_second_server);
    struct addr a = address_at(5, plan_reseller(license), 0x8000 + license % 4096 * 4);
    struct span seen = {{end.s - days * DAY}, end};

    see(p, m, a, SOURCE_PEER, seen);
    see(p, m, a, SOURCE_KEYSERVER, seen);
    see(p, m, a, SOURCE_INTERFACE, seen);
}

static void see_plant(struct plan *p, int64_t license, wall_t end)
{
    unsigned last = (unsigned)p->n_machines - 1;

    switch (plan_plant(license)) {
    case PLANT_TWO_SERVERS: see_second(p, license, true, 20, end); break;
    case PLANT_TWO_FOR_SHORT: see_second(p, license, true, 5, end); break;
    case PLANT_MOVE: see_second(p, license, true, 20, end); break;
    case PLANT_CLONE: see_second(p, license, false, 20, end); break;
    case PLANT_NAT_POOL: see_pool(p, last, license, end); break;
    case PLANT_BEHIND:
        see(p, last, plan_address(license - 1), SOURCE_PEER,
            (struct span){{end.s - 18 * DAY}, end});
        break;
    case PLANT_NONE:
    case PLANT_OUTSIDE:
    case PLANT_SILENT:
    case PLANT_GATEWAY: break;
    }
}

void plan_license(int64_t license, struct plan *ret)
{
    struct rng r = {.state = (uint64_t)license * UINT64_C(0x2545f4914f6cdd1d)};
    int64_t boots = rng_between(&r, 4, PLAN_BOOTS_MOST);
    wall_t from = PLAN_BEGIN, end = {PLAN_END.s - rng_between(&r, 60, 900)};

    if (plan_plant(license) == PLANT_SILENT)
        end.s -= 10 * DAY;
    ret->n_machines = ret->n_sightings = 0;
    for (int64_t i = 0; i < boots; i++) {
        int64_t step = (end.s - PLAN_BEGIN.s) / boots;
        wall_t to = {PLAN_BEGIN.s + step * (i + 1) + rng_between(&r, -3 * DAY, 3 * DAY)};
        if (i == boots - 1)
            to = end;
        unsigned m = add_machine(ret, (unsigned)i, false);
        see_run(ret, m, license, (struct span){from, to}, &r);
        from.s = to.s + DOWN;
    }
    see_plant(ret, license, end);
}

bool plan_domain_is_over(int64_t domain)
{
    return domain % 100 == 0;
}

/* How many of the numbers below n leave `rest` when divided by `by`. */
static int64_t count(int64_t n, int64_t by, int64_t rest)
{
    return n > rest ? (n - rest - 1) / by + 1 : 0;
}

int64_t plan_foretold(int64_t n, enum finding_kind kind, enum finding_state state)
{
    int64_t domains = n / PLAN_LICENSES_A_DOMAIN;
    const struct {
        enum finding_kind kind;
        enum finding_state state;
        int64_t count;
    } rows[] = {
        {FINDING_EXTRA_IP, STATE_CONFIRMED, count(n, 200, 0) + count(n, 1000, 3)},
        {FINDING_EXTRA_IP, STATE_POTENTIAL, count(n, 200, 100)},
        {FINDING_MANY_ADDRESSES, STATE_NOTICE,
         count(n, 100, 1) + count(n, 1000, 4) + count(n, 1000, 9)},
        {FINDING_SECOND_SERVER, STATE_NOTICE, count(n, 1000, 4)},
        {FINDING_OUTSIDE, STATE_CONFIRMED, count(n, 1000, 2) + count(n, 1000, 9)},
        {FINDING_FORKED_IDENTITY, STATE_NOTICE, count(n, 1000, 3)},
        {FINDING_SILENT, STATE_NOTICE, 2 * count(n, 1000, 5)},
        {FINDING_CROWDED_ADDRESS, STATE_NOTICE, count(n, 1000, 9)},
        {FINDING_MAILBOXES, STATE_CONFIRMED, count(domains, 100, 0)},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].kind == kind && rows[i].state == state)
            return rows[i].count;
    return -1;
}
