/*
 * Closing a period: what it bounds, and that nothing is half done. Reseller r1's licence is on
 * two servers from 5 October to 28 November (nights_begin_with_two), which costs 10 euros in
 * October and 10 in November.
 */
#include <errno.h>
#include <string.h>

#include "run/close.h"
#include "support/leak.h"
#include "support/nights.h"

SUITE(close);

static struct nights n;

/* As nights_close(), but within the bounds, and it may fail. */
static int close_period(const char *period, wall_t at, struct closing *ret, struct diag *d)
{
    struct run_setup setup = nights_setup(&n, at);
    struct close_order order = {.who = "Carol"};

    cr_assert_eq(period_parse(text_of(period), &order.period), 0);
    return ledger_close(&setup, &order, ret, d);
}

static int64_t head(bool of_decisions)
{
    char hash[DIGEST_TEXT_SIZE];
    int64_t sequence = -1;

    cr_assert_eq(store_chain_head(n.store, of_decisions, &sequence, hash), 0);
    return sequence;
}

/* ---- The bound on amounts -------------------------------------------------------------- */

/* October's 10 euros were entered; then they are waived, and November's are due. */
static void begin_with_a_credit(int64_t max_euros)
{
    nights_begin_with_two(&n);
    nights_close(&n, "2026-10", nights_at(40, 0));
    nights_decide(&n, DECISION_WAIVE, "2026-10/r1/extra-ip/" NIGHTS_L1, nights_at(41, 0));
    n.version.base.max_close_amount = (price_t){max_euros * 1000000};
}

Test(close, a_credit_counts_like_a_charge)
{
    struct closing closing;
    struct diag d = {""};

    begin_with_a_credit(19);
    cr_assert_eq(close_period("2026-11", nights_at(70, 0), &closing, &d), -EAGAIN);
    cr_assert(strstr(d.text, "2 entries of EUR 20.00 in all"), "%s", d.text);
    cr_assert_eq(head(false), 1, "October's alone");
    nights_done(&n);
}

Test(close, a_credit_and_a_charge_within_the_bound)
{
    struct closing closing;
    struct diag d = {""};

    begin_with_a_credit(20);
    cr_assert_eq(close_period("2026-11", nights_at(70, 0), &closing, &d), 0, "%s", d.text);
    cr_assert_eq(closing.entries, 2);
    nights_done(&n);
}

/* ---- Half done ------------------------------------------------------------------------- */

/* The linker turns the product's calls here; which one fails, counted from 1 (0: none). */
static int fails_at, calls;

int __real_ledger_hash(struct text body, char ret[static DIGEST_TEXT_SIZE]);
int __wrap_ledger_hash(struct text body, char ret[static DIGEST_TEXT_SIZE]);
int __wrap_ledger_hash(struct text body, char ret[static DIGEST_TEXT_SIZE])
{
    return ++calls == fails_at ? -ENOMEM : __real_ledger_hash(body, ret);
}

/*
 * The entry goes in; the decision after it, which says that the period is closed, does not. It
 * is not the store that fails: that would refuse to commit by itself.
 */
Test(close, what_fails_half_way_leaves_nothing)
{
    struct closing closing;
    struct diag d = {""};
    period_t closed;

    nights_begin_with_two(&n);
    fails_at = 2;
    cr_assert_eq(close_period("2026-10", nights_at(40, 0), &closing, &d), -ENOMEM);
    cr_assert_eq(calls, 2, "the entry's and the decision's");
    cr_assert_eq(head(false), 0, "no entry is left");
    cr_assert_eq(head(true), 0);
    cr_assert_eq(store_last_closed(n.store, &closed), -ENOENT);

    cr_assert_eq(close_period("2026-10", nights_at(40, 0), &closing, &d), 0, "%s", d.text);
    cr_assert_eq(closing.entries, 1);
    cr_assert_eq(head(false), 1, "once");
    nights_done(&n);
}
