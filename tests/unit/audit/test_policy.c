/* The policy's defaults, and which version and whose settings hold. */
#include "audit/policy.h"

#include "support/leak.h"

SUITE(policy);

/* The table of SPEC 5, row by row. */
Test(policy, defaults_are_those_of_the_contract)
{
    struct policy p;
    policy_init(&p);
    static const int64_t hour = 3600, day = 86400;
    cr_assert_eq(p.count_sources,
                 1U << SOURCE_PEER | 1U << SOURCE_KEYSERVER | 1U << SOURCE_NAT);
    cr_assert_eq(p.charge_by, CHARGE_BY_BOTH);
    cr_assert_eq(p.grace.s, 14 * day);
    cr_assert_eq(p.outside_grace.s, 14 * day);
    cr_assert_eq(p.period_min.s, 24 * hour);
    cr_assert_eq(p.bridge.s, 26 * hour);
    cr_assert_eq(p.flag_after.s, hour);
    cr_assert_eq(p.mailbox_basis, BASIS_MAILBOXES);
    cr_assert_eq(p.mailbox_split, SPLIT_MAX);
    cr_assert(p.mailbox_filtered_only);
    cr_assert_eq(p.mailbox_sustain.s, 7 * day);
    cr_assert_eq(p.max_places, 4);
    cr_assert_eq(p.silent_after.s, 72 * hour);
    cr_assert_eq(p.strikes[0], 1);
    cr_assert_eq(p.strikes[1], 3);
    cr_assert_eq(p.strikes[2], 6);
    cr_assert_eq(p.close_after.s, 5 * day);
    cr_assert_eq(p.reaudit_periods, 3);
    cr_assert_eq(p.max_close_entries, 500);
    cr_assert_eq(p.max_close_amount.micro, INT64_C(5000000000)); /* 5000.00 in millionths */
}

Test(policy, version_at_is_the_latest_that_has_begun)
{
    struct policy_version versions[] = {
        {.version = "a", .from = {100}},
        {.version = "b", .from = {200}},
        {.version = "c", .from = {300}},
    };
    const struct policy_book book = {versions, ARRAY_LEN(versions)};
    static const struct {
        int64_t at;
        const char *version, *why;
    } rows[] = {
        {100, "a", "at its very beginning"},
        {199, "a", "a second before the next"},
        {200, "b", "the next begins"},
        {1000, "c", "the last has no end"},
        {99, "a", "none has begun: the oldest stands in"},
        {-(INT64_C(1) << 53), "a", "the beginning of time"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct policy_version *v = policy_version_at(&book, (wall_t){rows[i].at});
        cr_assert_str_eq(v->version, rows[i].version, "%s", rows[i].why);
    }
}

Test(policy, one_that_always_holds_holds_at_any_time)
{
    struct policy_version only = {.version = "1", .from = WALL_BEGIN};
    const struct policy_book book = {&only, 1};
    cr_assert_eq(policy_version_at(&book, WALL_BEGIN), &only);
    cr_assert_eq(policy_version_at(&book, (wall_t){0}), &only);
    cr_assert_eq(policy_version_at(&book, WALL_END), &only);
}

Test(policy, reseller_without_settings_of_its_own_has_the_base)
{
    struct policy_override overrides[] = {
        {.reseller = "R2", .policy.max_places = 12},
        {.reseller = "r1", .policy.max_places = 11},
        {.reseller = "r10", .policy.max_places = 110},
        {.reseller = "r2", .policy.max_places = 22},
    };
    const struct policy_version v = {
        .base.max_places = 4, .overrides = overrides, .n_overrides = ARRAY_LEN(overrides)};
    static const struct {
        const char *reseller;
        int64_t places;
        const char *why;
    } rows[] = {
        {NULL, 4, "no reseller: the base"},
        {"r1", 11, "by its id"},
        {"r10", 110, "an id that begins like another"},
        {"r2", 22, "the last"},
        {"R2", 12, "ids differ by case; the first"},
        {"", 4, "before all"},
        {"r", 4, "between two"},
        {"z", 4, "after all"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        cr_assert_eq(policy_for(&v, rows[i].reseller)->max_places, rows[i].places, "%s",
                     rows[i].why);
    const struct policy_version bare = {.base.max_places = 4};
    cr_assert_eq(policy_for(&bare, "r1"), &bare.base);
}
