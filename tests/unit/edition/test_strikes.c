/*
 * Strikes: the newest period is October 2026, so that the 12 begin with November 2025. August
 * is closed and still corrected, September and October are open. Steps at 1, 3 and 6.
 */
#include "support/sides.h"

#include <string.h>

#include "support/leak.h"

SUITE(strikes);

#define L1 "PLSK.00000001"
#define L2 "PLSK.00000002"

static const char *const audited[] = {"2026-08", "2026-09", "2026-10"};

static const struct row {
    const char *why;
    const char *tonight[6]; /* of r1, but for the row of a trial */
    const char *kept[6];
    const char *kept_trial[2];
    const char *entries[3]; /* of 10 euros */
    const char *back[2];    /* of 10 euros less */
    const char *waived[2];
    int64_t periods;
    enum bulletin_step step;
    int64_t next_at, licenses;
} rows[] = {
    {"nothing", .next_at = 1},
    {"one tonight", .tonight = {"2026-10/r1/extra-ip/" L1}, .periods = 1, .step = STEP_NOTICE,
     .next_at = 3, .licenses = 1},
    {"two keys of one period are one strike",
     .tonight = {"2026-10/r1/extra-ip/" L1, "2026-10/r1/extra-ip/" L2}, .periods = 1,
     .step = STEP_NOTICE, .next_at = 3, .licenses = 2},
    {"a licence counts once, whatever was said of it and when",
     .tonight = {"2026-10/r1/extra-ip/" L1, "2026-09/r1/outside/" L1},
     .kept = {"2026-05/r1/extra-ip/" L1}, .periods = 3, .step = STEP_WARNING, .next_at = 6,
     .licenses = 1},
    {"a domain is a strike and no licence", .tonight = {"2026-10/r1/mailboxes/a.example"},
     .periods = 1, .step = STEP_NOTICE, .next_at = 3},
    {"six, and there is no step beyond",
     .tonight = {"2026-08/r1/extra-ip/" L1, "2026-09/r1/extra-ip/" L1,
                 "2026-10/r1/extra-ip/" L1},
     .kept = {"2026-07/r1/extra-ip/" L1, "2026-06/r1/extra-ip/" L1, "2026-05/r1/extra-ip/" L1},
     .periods = 6, .step = STEP_REVIEW, .licenses = 1},
    {"what an audited period was said to have, and tonight has not, is gone",
     .kept = {"2026-08/r1/extra-ip/" L1, "2026-10/r1/extra-ip/" L1}, .next_at = 1},
    {"the 12th period counts, the 13th does not",
     .kept = {"2025-11/r1/extra-ip/" L1, "2025-10/r1/extra-ip/" L2}, .periods = 1,
     .step = STEP_NOTICE, .next_at = 3, .licenses = 1},
    {"neither does it tonight",
     .tonight = {"2025-10/r1/extra-ip/" L1, "2026-11/r1/extra-ip/" L1}, .next_at = 1},
    {"what is to come does not", .kept = {"2026-11/r1/extra-ip/" L1}, .next_at = 1},
    {"another's", .kept = {"2026-05/r3/extra-ip/" L1}, .entries = {"2026-04/r3/extra-ip/" L1},
     .next_at = 1},
    {"found while it was a trial", .kept_trial = {"2026-05/r1/extra-ip/" L1}, .next_at = 1},
    {"waived since", .kept = {"2026-05/r1/extra-ip/" L1},
     .entries = {"2026-05/r1/extra-ip/" L1}, .waived = {"2026-05/r1/extra-ip/" L1},
     .next_at = 1},
    {"of two one is waived", .kept = {"2026-05/r1/extra-ip/" L1, "2026-05/r1/extra-ip/" L2},
     .waived = {"2026-05/r1/extra-ip/" L1}, .periods = 1, .step = STEP_NOTICE, .next_at = 3,
     .licenses = 1},
    {"the ledger remembers what no night kept", .entries = {"2026-03/r1/extra-ip/" L1},
     .periods = 1, .step = STEP_NOTICE, .next_at = 3, .licenses = 1},
    {"the ledger and the night agree: one strike", .kept = {"2026-03/r1/extra-ip/" L1},
     .entries = {"2026-03/r1/extra-ip/" L1}, .periods = 1, .step = STEP_NOTICE, .next_at = 3,
     .licenses = 1},
    {"taken back", .entries = {"2026-03/r1/extra-ip/" L1}, .back = {"2026-03/r1/extra-ip/" L1},
     .next_at = 1},
    {"entered of a period that is audited, and no longer found",
     .entries = {"2026-08/r1/extra-ip/" L1}, .next_at = 1},
};

static struct bulletin_strikes ask(struct sides *s, const struct tonight_key *keys, size_t n,
                                   const char *reseller)
{
    struct bulletin_strikes x;
    struct strikes *strikes = NULL;
    struct strikes_question q = {reseller, keys, n};
    cr_assert_eq(strikes_make(&s->setup, &strikes), 0, "%s", store_diag(s->store));
    cr_assert_eq(strikes_of(strikes, &q, &x), 0, "%s", store_diag(s->store));
    strikes_free(strikes);
    return x;
}

static size_t read_keys(const char *const *texts, size_t n, struct ledger_key *keys,
                        struct tonight_key *ret)
{
    struct diag d = {""};
    size_t i = 0;
    for (; i < n && texts[i]; i++) {
        cr_assert_eq(ledger_key_parse(text_of(texts[i]), &keys[i], &d), 0, "%s", d.text);
        ret[i] = (struct tonight_key){keys[i].period, keys[i].kind, keys[i].subject};
    }
    return i;
}

static void fill(struct sides *s, const struct row *row)
{
    for (size_t i = 0; i < ARRAY_LEN(row->kept) && row->kept[i]; i++)
        sides_kept(s, row->kept[i], false);
    if (row->kept_trial[0])
        sides_kept(s, row->kept_trial[0], true);
    for (size_t i = 0; i < ARRAY_LEN(row->entries) && row->entries[i]; i++)
        sides_entry(s, row->entries[i], 1000);
    if (row->back[0])
        sides_entry(s, row->back[0], -1000);
    if (row->waived[0])
        sides_decide(s, DECISION_WAIVE, row->waived[0]);
}

Test(strikes, periods_of_the_last_twelve_with_something_confirmed)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct row *row = &rows[i];
        struct ledger_key keys[6];
        struct tonight_key tonight[6];
        struct sides s;
        sides_init(&s);
        fill(&s, row);
        sides_set(&s, nights_at(20, 0), audited, 3, 1);
        size_t n = read_keys(row->tonight, ARRAY_LEN(row->tonight), keys, tonight);
        struct bulletin_strikes x = ask(&s, tonight, n, "r1");
        cr_assert_eq(x.periods, row->periods, "%s: %lld", row->why, (long long)x.periods);
        cr_assert_eq(x.step, row->step, "%s", row->why);
        cr_assert_eq(x.next_at, row->next_at, "%s", row->why);
        cr_assert_eq(x.licenses_concerned, row->licenses, "%s", row->why);
        cr_assert_eq(x.licenses_known, 0, "%s", row->why);
        sides_done(&s);
    }
}

Test(strikes, a_trial_has_none_by_tonight)
{
    const struct tonight_key key = {{2026 * 12 + 9}, CHARGE_EXTRA_IP, L1};
    struct sides s;
    sides_init(&s);
    sides_set(&s, nights_at(20, 0), audited, 3, 1);
    cr_assert_eq(ask(&s, &key, 1, "trial").periods, 0);
    cr_assert_eq(ask(&s, &key, 1, "r1").periods, 1);
    sides_done(&s);
}

/* r1's own steps are 2, 4, 8. */
Test(strikes, steps_are_those_of_the_reseller)
{
    const struct tonight_key keys[] = {{{2026 * 12 + 9}, CHARGE_EXTRA_IP, L1},
                                       {{2026 * 12 + 8}, CHARGE_EXTRA_IP, L1}};
    struct policy_override own = {.reseller = "r1"};
    struct sides s;
    sides_init(&s);
    own.policy = s.nights.version.base;
    own.policy.strikes[0] = 2;
    own.policy.strikes[1] = 4;
    own.policy.strikes[2] = 8;
    s.nights.version.overrides = &own;
    s.nights.version.n_overrides = 1;
    sides_set(&s, nights_at(20, 0), audited, 3, 1);
    struct bulletin_strikes one = ask(&s, keys, 1, "r1"), two = ask(&s, keys, 2, "r1");
    cr_assert_eq(one.step, STEP_NONE);
    cr_assert_eq(one.next_at, 2);
    cr_assert_eq(two.step, STEP_NOTICE);
    cr_assert_eq(two.next_at, 4);
    cr_assert_eq(ask(&s, keys, 2, "r3").step, STEP_NOTICE);
    sides_done(&s);
}

/* Asked in turn, resellers do not mix. */
Test(strikes, resellers_are_asked_one_after_the_other)
{
    struct strikes *strikes = NULL;
    struct bulletin_strikes x;
    struct sides s;
    sides_init(&s);
    sides_entry(&s, "2026-03/r3/extra-ip/" L1, 1000);
    sides_entry(&s, "2026-03/r1/extra-ip/" L2, 1000);
    sides_entry(&s, "2026-04/r1/extra-ip/" L1, 1000);
    sides_set(&s, nights_at(20, 0), audited, 3, 1);
    cr_assert_eq(strikes_make(&s.setup, &strikes), 0);
    static const struct {
        const char *reseller;
        int64_t periods, licenses;
    } asked[] = {{"r1", 2, 2}, {"r2", 0, 0}, {"r3", 1, 1}, {"r1", 2, 2}, {"nobody", 0, 0}};
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        struct strikes_question q = {asked[i].reseller, NULL, 0};
        cr_assert_eq(strikes_of(strikes, &q, &x), 0);
        cr_assert_eq(x.periods, asked[i].periods, "%s", asked[i].reseller);
        cr_assert_eq(x.licenses_concerned, asked[i].licenses, "%s", asked[i].reseller);
    }
    strikes_free(strikes);
    sides_done(&s);
}
