/* Standings in memory: each reseller is told of his own licences, and of no others. */
#include "unit/ingest/known.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "support/seed.h"

SUITE(standings);

#define EXTRA_IP (1U << CHARGE_EXTRA_IP)
#define OUTSIDE (1U << CHARGE_OUTSIDE)

Test(standings, before_the_first_publishing_nothing_is_said)
{
    AUTO(known) struct known k;
    struct standing s;
    known_make(&k);
    cr_assert_eq(standings_load(k.store, &k.standings), 0, "%s", store_diag(k.store));
    cr_assert_eq(standings_generation(k.standings), 0);
    cr_assert_not(standings_find(k.standings, lic("PLSK.00000001"), "r1", &s));
}

Test(standings, what_was_published_is_found_in_full)
{
    AUTO(known) struct known k;
    struct standing s = {.kinds = 0};
    known_make(&k);
    const struct store_standing rows[] = {
        {lic("PLSK.00000001"), "r1", false, EXTRA_IP, AT(10), true, AT(99)},
        {lic("PLSK.00000002"), "r1", true, EXTRA_IP | OUTSIDE, AT(20), false, {0}},
    };
    known_publish(&k, rows, 2);
    cr_assert(standings_find(k.standings, lic("PLSK.00000001"), "r1", &s));
    cr_assert_not(s.is_confirmed);
    cr_assert_eq(s.kinds, EXTRA_IP);
    cr_assert_eq(s.since.s, AT(10).s);
    cr_assert(s.has_confirms);
    cr_assert_eq(s.confirms_at.s, AT(99).s);
    cr_assert(standings_find(k.standings, lic("PLSK.00000002"), "r1", &s));
    cr_assert(s.is_confirmed);
    cr_assert_eq(s.kinds, EXTRA_IP | OUTSIDE);
    cr_assert_not(s.has_confirms);
}

Test(standings, another_resellers_licence_is_not_told)
{
    AUTO(known) struct known k;
    struct standing s;
    known_make(&k);
    const struct store_standing row = {
        lic("PLSK.00000001"), "r1", true, EXTRA_IP, AT(10), false, {0}};
    known_publish(&k, &row, 1);
    cr_assert(standings_find(k.standings, row.license, "r1", &s));
    static const char *const others[] = {"", "r", "r0", "r11", "r2", "R1"};
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        cr_expect_not(standings_find(k.standings, row.license, others[i], &s), "%s", others[i]);
}

Test(standings, a_later_publishing_is_another_generation_and_forgets_the_former)
{
    AUTO(known) struct known k;
    struct standing s;
    known_make(&k);
    const struct store_standing rows[] = {
        {lic("PLSK.00000001"), "r1", true, EXTRA_IP, AT(10), false, {0}},
        {lic("PLSK.00000002"), "r1", true, EXTRA_IP, AT(10), false, {0}},
    };
    known_publish(&k, &rows[0], 1);
    int64_t first = standings_generation(k.standings);
    known_publish(&k, &rows[1], 1);
    cr_assert_gt(standings_generation(k.standings), first);
    cr_assert_not(standings_find(k.standings, rows[0].license, "r1", &s));
    cr_assert(standings_find(k.standings, rows[1].license, "r1", &s));
}

/* ---- Many, against a table that is simply looked through ----------------------------------
 */

enum { LICENSES = 400, RESELLERS = 40 };

static bool stands[LICENSES][RESELLERS];

static const char *reseller_name(size_t i, char out[static 16])
{
    (void)snprintf(out, 16, "r%zu", i); /* r1 and r10 … r19: by bytes they stand together */
    return out;
}

static license_t license_number(size_t i)
{
    license_t l = {0};
    cr_assert_eq(license_from_number((int64_t)i + 1, &l), 0);
    return l;
}

static void publish_some(struct known *k, struct rng *rng)
{
    char name[16];
    cr_assert_eq(store_begin(k->store), 0);
    cr_assert_eq(store_clear_standings(k->store, T0), 0);
    for (size_t l = 0; l < LICENSES; l++)
        for (size_t r = 0; r < RESELLERS; r++) {
            stands[l][r] = rng_below(rng, 20) == 0;
            struct store_standing row = {.license = license_number(l),
                                         .reseller = reseller_name(r, name),
                                         .kinds = EXTRA_IP,
                                         .since = AT((int64_t)(l * RESELLERS + r))};
            if (stands[l][r])
                cr_assert_eq(store_put_standing(k->store, &row), 0, "%s", store_diag(k->store));
        }
    cr_assert_eq(store_commit(k->store), 0);
    cr_assert_eq(standings_load(k->store, &k->standings), 0, "%s", store_diag(k->store));
}

Test(standings, of_many_each_is_found_and_no_other)
{
    AUTO(known) struct known k;
    struct rng rng = {seed_now()};
    char name[16];
    known_make(&k);
    publish_some(&k, &rng);
    for (size_t l = 0; l < LICENSES; l++)
        for (size_t r = 0; r < RESELLERS; r++) {
            struct standing s = {.kinds = 0};
            bool found =
                standings_find(k.standings, license_number(l), reseller_name(r, name), &s);
            cr_assert_eq(found, stands[l][r], "licence %zu of reseller %zu", l, r);
            if (found)
                cr_assert_eq(s.since.s, AT((int64_t)(l * RESELLERS + r)).s);
        }
}
