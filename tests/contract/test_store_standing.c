/* Standings: what was last published, all of it or nothing. */
#include "contract.h"

SUITE(store_standing);

static void expect_generation(struct store *s, int64_t generation, wall_t as_of)
{
    int64_t n = -1;
    wall_t t = {-1};
    OK(s, store_standing_generation(s, &n, &t));
    cr_assert_eq(n, generation, "%lld", (long long)n);
    cr_assert_eq(t.s, as_of.s, "%lld", (long long)t.s);
}

static void publish(struct store *s, wall_t as_of, const struct store_standing *v, size_t n)
{
    OK(s, store_begin(s));
    OK(s, store_clear_standings(s, as_of));
    for (size_t i = 0; i < n; i++)
        OK(s, store_put_standing(s, &v[i]));
    OK(s, store_commit(s));
}

CONTRACT(store_standing, before_the_first_there_is_none)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_standing x;
    expect_generation(c->store, 0, WALL_BEGIN);
    OK(c->store, store_scan_standings(c->store, &scan));
    cr_assert_eq(store_next_standing(scan, &x), 0);
}

CONTRACT(store_standing, what_is_published_replaces_what_was)
{
    const struct store_standing first[] = {
        {lic("PLSK.00000002"), "r1", true, 1 << CHARGE_EXTRA_IP, AT(5), false, {0}},
        {lic("PLSK.00000001"), "r2", false, 7, AT(1), true, AT(90)},
        {lic("PLSK.00000001"), "r1", false, 1 << CHARGE_OUTSIDE, AT(2), true, {0}},
    };
    const struct store_standing second[] = {
        {lic("PLSK.00000003"), "r1", true, 1, AT(7), false, {0}}};
    publish(c->store, AT(60), first, ARRAY_LEN(first));
    expect_generation(c->store, 1, AT(60));
    /* 1 << 2 is 4; a moment of 0 is one. */
    expect_dump(c->store, DUMP_STANDINGS,
                "published #1 as of 60\n"
                "standing PLSK.00000001 r1 potential 4 since 2 confirms -1795300000\n"
                "standing PLSK.00000001 r2 potential 7 since 1 confirms 90\n"
                "standing PLSK.00000002 r1 confirmed 1 since 5\n",
                "the first");
    publish(c->store, AT(70), second, 1);
    expect_dump(c->store, DUMP_STANDINGS,
                "published #2 as of 70\n"
                "standing PLSK.00000003 r1 confirmed 1 since 7\n",
                "the second");
    publish(c->store, AT(70), NULL, 0);
    expect_dump(c->store, DUMP_STANDINGS, "published #3 as of 70\n", "all is in order");
    expect_sound(c->store);
}

CONTRACT(store_standing, rows_come_by_licence_and_reseller)
{
    const struct store_standing v[] = {
        {lic("PLSK.00000002"), "a", false, 1, AT(0), false, {0}},
        {lic("PLSK.00000001"), "b", false, 1, AT(0), false, {0}},
        {lic("PLSK.00000001"), "B", false, 1, AT(0), false, {0}},
    };
    static const size_t order[] = {2, 1, 0}; /* texts by bytes: "B" before "b" */
    publish(c->store, AT(0), v, ARRAY_LEN(v));
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_standing x;
    OK(c->store, store_scan_standings(c->store, &scan));
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        cr_assert_eq(store_next_standing(scan, &x), 1);
        cr_assert_eq(x.license.code, v[order[i]].license.code);
        cr_assert_str_eq(x.reseller, v[order[i]].reseller);
    }
    cr_assert_eq(store_next_standing(scan, &x), 0);
}

CONTRACT(store_standing, a_licence_has_one_for_each_reseller)
{
    const struct store_standing x = {lic("PLSK.00000001"), "r1", false, 1, AT(0), false, {0}};
    OK(c->store, store_begin(c->store));
    OK(c->store, store_clear_standings(c->store, AT(0)));
    OK(c->store, store_put_standing(c->store, &x));
    cr_assert_eq(store_put_standing(c->store, &x), -EEXIST);
    store_rollback(c->store);
    expect_generation(c->store, 0, WALL_BEGIN);
    expect_dump(c->store, DUMP_STANDINGS, "", "nothing was published");
}

CONTRACT(store_standing, a_reader_sees_one_publication_whole)
{
    const struct store_standing a = {lic("PLSK.00000001"), "r1", false, 1, AT(0), false, {0}};
    const struct store_standing b = {lic("PLSK.00000002"), "r1", false, 1, AT(0), false, {0}};
    struct store *reader = NULL;
    struct diag d = {""};
    cr_assert_eq(store_open(c->place.url, STORE_READ, &reader, &d), 0, "%s", d.text);
    publish(c->store, AT(1), &a, 1);
    OK(reader, store_snapshot(reader));
    expect_generation(reader, 1, AT(1));
    publish(c->store, AT(2), &b, 1);
    expect_dump(reader, DUMP_STANDINGS,
                "published #1 as of 1\n"
                "standing PLSK.00000001 r1 potential 1 since 0\n",
                "held");
    store_snapshot_end(reader);
    expect_dump(reader, DUMP_STANDINGS,
                "published #2 as of 2\n"
                "standing PLSK.00000002 r1 potential 1 since 0\n",
                "let go");
    store_close(reader);
}

CONTRACT(store_standing, pruning_leaves_what_was_published)
{
    const struct store_standing a = {lic("PLSK.00000001"), "r1", false, 1, AT(0), false, {0}};
    int64_t rows = -1;
    publish(c->store, AT(1), &a, 1);
    OK(c->store, store_begin(c->store));
    OK(c->store, store_prune(c->store, AT(1000), &rows));
    OK(c->store, store_commit(c->store));
    cr_assert_eq(rows, 0);
    expect_dump(c->store, DUMP_STANDINGS,
                "published #1 as of 1\n"
                "standing PLSK.00000001 r1 potential 1 since 0\n",
                "all of it");
}
