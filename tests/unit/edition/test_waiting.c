/* Which periods wait to be closed; close_after is 5 days, so September waits from 6 October. */
#include "support/sides.h"

#include "support/leak.h"

SUITE(waiting);

#define L1 "PLSK.00000001"
#define L2 "PLSK.00000002"

static const char *const audited[] = {"2026-08", "2026-09", "2026-10"};

static const struct bulletin_waiting *make(struct sides *s, size_t *ret_n)
{
    const struct bulletin_waiting *v = NULL;
    cr_assert_eq(waiting_make(&s->setup, &s->keep, &v, ret_n), 0, "%s", store_diag(s->store));
    return v;
}

Test(waiting, a_period_waits_from_close_after_on)
{
    static const struct {
        int day, hour;
        size_t n;
    } rows[] = {{5, 23, 0}, {6, 0, 1}, {31, 0, 1}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sides s;
        size_t n = 99;
        sides_init(&s);
        sides_close(&s, "2026-08");
        sides_set(&s, nights_at(rows[i].day, rows[i].hour), audited, 3, 1);
        const struct bulletin_waiting *v = make(&s, &n);
        cr_assert_eq(n, rows[i].n, "day %d", rows[i].day);
        if (n == 1) {
            cr_assert_eq(v[0].period.month, 2026 * 12 + 8);
            cr_assert_eq(v[0].since.s, nights_at(6, 0).s);
            cr_assert_eq(v[0].drafts, 0, "it waits all the same");
        }
        sides_done(&s);
    }
}

Test(waiting, drafts_are_those_that_closing_it_would_enter)
{
    struct sides s;
    size_t n = 0;
    sides_init(&s);
    sides_close(&s, "2026-08");
    /* Of August what was entered is no longer found: an adjustment. */
    sides_entry(&s, "2026-08/r1/extra-ip/" L1, 1000);
    sides_decide(&s, DECISION_DISPUTE, "2026-09/r3/extra-ip/" L2);
    sides_decide(&s, DECISION_WAIVE, "2026-09/r3/extra-ip/" L1);
    sides_set(&s, nights_at(20, 0), audited, 3, 1);
    sides_find(&s, "2026-09/r1/extra-ip/" L1);
    sides_find(&s, "2026-09/r1/extra-ip/" L2);
    sides_find(&s, "2026-09/r3/extra-ip/" L1);    /* waived */
    sides_find(&s, "2026-09/r3/extra-ip/" L2);    /* disputed */
    sides_find(&s, "2026-09/trial/extra-ip/" L1); /* a trial's */
    sides_find(&s, "2026-09/r1/outside/" L1);     /* without a tariff */
    sides_find(&s, "2026-10/r1/extra-ip/" L1);    /* not over */
    const struct bulletin_waiting *v = make(&s, &n);
    cr_assert_eq(n, 1);
    cr_assert_eq(v[0].drafts, 3, "two of September, and the adjustment");
    sides_done(&s);
}

/* On 20 October, with nothing closed yet: August since 6 September, then September. */
Test(waiting, the_oldest_is_the_first)
{
    struct sides s;
    size_t n = 0;
    sides_init(&s);
    sides_set(&s, nights_at(20, 0), audited, 3, 0);
    sides_find(&s, "2026-08/r1/extra-ip/" L1);
    sides_find(&s, "2026-09/r1/extra-ip/" L1);
    sides_find(&s, "2026-09/r1/extra-ip/" L2);
    const struct bulletin_waiting *v = make(&s, &n);
    cr_assert_eq(n, 2);
    cr_assert_eq(v[0].period.month, 2026 * 12 + 7);
    cr_assert_eq(v[0].since.s, nights_at(6, 0).s - 30 * 86400);
    cr_assert_eq(v[0].drafts, 1);
    cr_assert_eq(v[1].period.month, 2026 * 12 + 8);
    cr_assert_eq(v[1].drafts, 2);
    sides_done(&s);
}

/* On 10 November: September and October wait. */
Test(waiting, corrections_go_with_the_oldest_alone)
{
    static const char *const periods[] = {"2026-08", "2026-09", "2026-10", "2026-11"};
    struct sides s;
    size_t n = 0;
    sides_init(&s);
    sides_close(&s, "2026-08");
    sides_entry(&s, "2026-08/r1/extra-ip/" L1, 1000);
    sides_set(&s, nights_at(41, 0), periods, 4, 1);
    sides_find(&s, "2026-10/r1/extra-ip/" L2);
    const struct bulletin_waiting *v = make(&s, &n);
    cr_assert_eq(n, 2);
    cr_assert_eq(v[0].drafts, 1, "August's adjustment");
    cr_assert_eq(v[1].drafts, 1, "its own");
    sides_done(&s);
}
