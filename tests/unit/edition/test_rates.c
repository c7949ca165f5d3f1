/* How often charges did not stand; the newest period is October 2026. */
#include "support/sides.h"

#include "support/leak.h"

SUITE(rates);

#define KEY(n) "2026-05/r1/extra-ip/PLSK.0000000" n

static const char *const october[] = {"2026-10"};

static void make(struct sides *s, const struct bulletin_rate **ret, size_t *ret_n)
{
    sides_set(s, nights_at(20, 0), october, 1, 0);
    cr_assert_eq(rates_make(&s->setup, &s->keep, ret, ret_n), 0, "%s", store_diag(s->store));
}

Test(rates, nothing_was_charged)
{
    const struct bulletin_rate *v = NULL;
    size_t n = 99;
    struct sides s;
    sides_init(&s);
    make(&s, &v, &n);
    cr_assert_eq(n, 0);
    sides_done(&s);
}

Test(rates, keys_that_were_charged_and_those_taken_back)
{
    const struct bulletin_rate *v = NULL;
    size_t n = 0;
    struct sides s;
    sides_init(&s);
    sides_entry(&s, KEY("1"), 1000); /* stands */
    sides_entry(&s, KEY("2"), 1000); /* taken back */
    sides_entry(&s, KEY("2"), -1000);
    sides_entry(&s, KEY("3"), 1000); /* less, but it stands */
    sides_entry(&s, KEY("3"), -400);
    sides_entry(&s, KEY("4"), 1000); /* waived: the adjustment is to come */
    sides_decide(&s, DECISION_WAIVE, KEY("4"));
    sides_decide(&s, DECISION_DISPUTE, KEY("5")); /* not entered: it waits */
    sides_decide(&s, DECISION_WAIVE, KEY("6"));   /* never entered */
    /* These two are not charged yet, nor is anything held against them. */
    sides_decide(&s, DECISION_WAIVE, KEY("7"));
    sides_decide(&s, DECISION_REINSTATE, KEY("7"));
    sides_decide(&s, DECISION_DISPUTE, KEY("8"));
    sides_decide(&s, DECISION_UPHOLD, KEY("8"));
    /* Upheld, and entered: it stands. */
    sides_decide(&s, DECISION_DISPUTE, KEY("9"));
    sides_decide(&s, DECISION_UPHOLD, KEY("9"));
    sides_entry(&s, KEY("9"), 1000);
    /* A dispute that ended in a waiver. */
    sides_decide(&s, DECISION_DISPUTE, "2026-06/r3/outside/PLSK.00000001");
    sides_decide(&s, DECISION_WAIVE, "2026-06/r3/outside/PLSK.00000001");
    /* A trial is not charged. */
    sides_decide(&s, DECISION_WAIVE, "2026-06/trial/mailboxes/a.example");
    sides_close(&s, "2026-05");
    make(&s, &v, &n);
    cr_assert_eq(n, 2, "no mailboxes were charged");
    cr_assert_eq(v[0].kind, CHARGE_EXTRA_IP);
    cr_assert_eq(v[0].charged, 7, "1 2 3 4 5 6 9");
    cr_assert_eq(v[0].withdrawn, 3, "2 4 6");
    cr_assert_eq(v[1].kind, CHARGE_OUTSIDE);
    cr_assert_eq(v[1].charged, 1);
    cr_assert_eq(v[1].withdrawn, 1);
    sides_done(&s);
}

/* The 12 periods are November 2025 to October 2026. */
Test(rates, of_twelve_periods)
{
    const struct bulletin_rate *v = NULL;
    size_t n = 0;
    struct sides s;
    sides_init(&s);
    sides_entry(&s, "2025-10/r1/extra-ip/PLSK.00000001", 1000);
    sides_decide(&s, DECISION_WAIVE, "2025-10/r1/extra-ip/PLSK.00000002");
    sides_entry(&s, "2025-11/r1/extra-ip/PLSK.00000003", 1000);
    sides_decide(&s, DECISION_DISPUTE, "2026-10/r1/extra-ip/PLSK.00000004");
    sides_decide(&s, DECISION_DISPUTE, "2026-11/r1/extra-ip/PLSK.00000005");
    make(&s, &v, &n);
    cr_assert_eq(n, 1);
    cr_assert_eq(v[0].charged, 2);
    cr_assert_eq(v[0].withdrawn, 0);
    sides_done(&s);
}
