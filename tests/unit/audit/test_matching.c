/* Maximum matching, against all assignments tried one by one. */
#include "audit/matching.h"
#include "support/leak.h"
#include "support/seed.h"

SUITE(matching);

enum { SIDE = 6 };

/* The largest matching of the machines from `m` on, by trying everything. */
static int best(const bool edge[SIDE][SIDE], int m, unsigned used)
{
    if (m == SIDE)
        return 0;
    int most = best(edge, m + 1, used);
    for (int u = 0; u < SIDE; u++)
        if (edge[m][u] && !(used >> u & 1)) {
            int with = 1 + best(edge, m + 1, used | 1u << u);
            most = with > most ? with : most;
        }
    return most;
}

/* The same by the code under test: all pairs present on [0, 10], on IPv4 units. */
static int64_t matched(const bool edge[SIDE][SIDE])
{
    AUTO(presences) struct presences p = {.n_machines = SIDE, .n_places = SIDE};
    AUTO(sweep) struct sweep s = {0};
    AUTO(census) struct census c = {0};
    AUTO(matching) struct matching *m = NULL;

    p.places = calloc(SIDE, sizeof(*p.places));
    p.v = calloc(SIDE * SIDE, sizeof(*p.v));
    cr_assert(p.places && p.v);
    for (uint32_t i = 0; i < SIDE; i++)
        p.places[i].unit =
            (struct network){{.family = ADDR_IPV4, .bytes = {8, 8, 8, (uint8_t)i}}, 32};
    for (uint32_t i = 0; i < SIDE; i++)
        for (uint32_t k = 0; k < SIDE; k++)
            if (edge[i][k])
                p.v[p.n++] = (struct presence){i, k, {{0}, {10}}};
    cr_assert_eq(sweep_init(&s, &p, (struct span){{0}, {10}}, NULL, 0), 0);
    cr_assert_eq(census_init(&c, &p), 0);
    cr_assert_eq(matching_new(&p, &m), 0);
    cr_assert(sweep_next(&s));
    census_take(&c, &s);
    return matching_size(m, &s, &c);
}

Test(matching, of_random_graphs_is_as_large_as_any_assignment)
{
    struct rng rng = {seed_now()};

    for (int round = 0; round < 3000; round++) {
        bool edge[SIDE][SIDE];
        uint64_t density = 1 + rng_below(&rng, 6);
        for (int i = 0; i < SIDE; i++)
            for (int k = 0; k < SIDE; k++)
                edge[i][k] = rng_below(&rng, 7) < density;
        cr_assert_eq(matched(edge), best(edge, 0, 0), "round %d", round);
    }
}

Test(matching, needs_a_path_turned_around)
{
    /* 0-{0,1}, 1-{0}: greedy gives 0-0 and strands 1; the answer is 2. */
    bool edge[SIDE][SIDE] = {{true, true}, {true}};

    cr_assert_eq(matched(edge), 2);
}

Test(matching, of_many_machines_on_one_unit_is_one)
{
    bool edge[SIDE][SIDE] = {{true}, {true}, {true}, {true}};

    cr_assert_eq(matched(edge), 1);
}
