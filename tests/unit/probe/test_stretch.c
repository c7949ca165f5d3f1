/* Moments become stretches, whatever their order and number. */
#include <errno.h>

#include "probe/stretch.h"
#include "support/leak.h"
#include "support/seed.h"

SUITE(stretch);

static struct sight_seen seen(uint8_t last, enum source source)
{
    return (struct sight_seen){{ADDR_IPV4, {203, 0, 113, last}}, source};
}

static void add(struct stretches *s, uint8_t last, enum source source, int64_t at_s)
{
    const struct sight_seen one = seen(last, source);

    cr_assert_eq(stretches_add(s, &one, at_s), 0);
}

struct wanted {
    uint8_t last;
    enum source source;
    int64_t first_s, last_s, packets;
};

static void expect(struct stretches *s, const struct wanted *v, size_t n)
{
    stretches_join(s);
    cr_assert_eq(s->n, n, "%zu stretches", s->n);
    for (size_t i = 0; i < n; i++) {
        const struct sight_seen one = seen(v[i].last, v[i].source);
        cr_expect_eq(addr_compare(&s->v[i].seen.address, &one.address), 0, "%zu", i);
        cr_expect_eq(s->v[i].seen.source, one.source, "%zu", i);
        cr_expect(s->v[i].first_s == v[i].first_s && s->v[i].last_s == v[i].last_s, "%zu", i);
        cr_expect_eq(s->v[i].packets, v[i].packets, "%zu", i);
    }
}

Test(stretch, of_nothing_there_is_none)
{
    AUTO(stretches) struct stretches s = {.n = 0};

    expect(&s, NULL, 0);
}

Test(stretch, up_to_45_minutes_apart_is_one)
{
    static const struct wanted wanted[] = {{9, SOURCE_PANEL, 1000, 1000 + 5400, 3},
                                           {9, SOURCE_PANEL, 1000 + 8101, 1000 + 8101, 1}};
    AUTO(stretches) struct stretches s = {.n = 0};

    add(&s, 9, SOURCE_PANEL, 1000);
    add(&s, 9, SOURCE_PANEL, 1000 + 2700);
    add(&s, 9, SOURCE_PANEL, 1000 + 5400);
    add(&s, 9, SOURCE_PANEL, 1000 + 5400 + 2701);
    expect(&s, wanted, ARRAY_LEN(wanted));
}

Test(stretch, a_late_packet_joins_two)
{
    static const struct wanted wanted[] = {{9, SOURCE_PANEL, 0, 5000, 4}};
    AUTO(stretches) struct stretches s = {.n = 0};

    add(&s, 9, SOURCE_PANEL, 5000);
    add(&s, 9, SOURCE_PANEL, 0);
    add(&s, 9, SOURCE_PANEL, 2500);
    add(&s, 9, SOURCE_PANEL, 2500);
    expect(&s, wanted, ARRAY_LEN(wanted));
}

Test(stretch, they_come_by_address_source_and_beginning)
{
    static const struct wanted wanted[] = {{8, SOURCE_PANEL, 9000, 9000, 1},
                                           {9, SOURCE_KEYSERVER, 9000, 9000, 1},
                                           {9, SOURCE_PANEL, 1000, 1000, 1},
                                           {9, SOURCE_PANEL, 9000, 9000, 2}};
    AUTO(stretches) struct stretches s = {.n = 0};

    add(&s, 9, SOURCE_PANEL, 9000);
    add(&s, 9, SOURCE_KEYSERVER, 9000);
    add(&s, 8, SOURCE_PANEL, 9000);
    add(&s, 9, SOURCE_PANEL, 1000);
    add(&s, 9, SOURCE_PANEL, 9000);
    expect(&s, wanted, ARRAY_LEN(wanted));
}

Test(stretch, many_packets_in_disorder_are_few_stretches)
{
    /* Four addresses, each for two hours of four, 100,000 packets: a moment every 0.3 s. */
    struct rng r = {seed_now()};
    AUTO(stretches) struct stretches s = {.n = 0};

    for (int i = 0; i < 100000; i++) {
        int64_t at = (int64_t)rng_below(&r, 7200);
        add(&s, (uint8_t)rng_below(&r, 4), SOURCE_PANEL, at < 3600 ? at : at + 7200);
    }
    stretches_join(&s);
    cr_expect_eq(s.n, 8, "%zu", s.n);
    cr_expect_leq(s.cap, 64, "joined while they come: room for %zu", s.cap);
}

Test(stretch, there_is_a_cap)
{
    AUTO(stretches) struct stretches s = {.n = 0};
    const struct sight_seen one = seen(9, SOURCE_PANEL);
    int64_t i = 0;
    int r = 0;

    while (r == 0 && i < INT64_C(3) * STRETCH_MAX)
        r = stretches_add(&s, &one, i++ * (STRETCH_GAP_S + 1));
    cr_expect_eq(r, -ERANGE);
    cr_expect_gt(i, STRETCH_MAX);
    cr_expect_gt(s.n, STRETCH_MAX, "what was there stays");
}
