/* What a due says of the tariff that it was priced by (SPEC 6.5: every entry carries it). */
#include "ledger/ledger.h"
#include "support/leak.h"

SUITE(due_tariff);

static struct due due_by(const struct estate_tariff *tariff)
{
    struct due_question q = {.state = STATE_CONFIRMED, .quantity = 3, .tariff = tariff};
    struct due due;

    q.currency = currency_find(text_of("EUR"));
    cr_assert_eq(ledger_due(&q, &due), 0);
    return due;
}

/* 3 by blocks of 2 at 5.00: 2 units, 10.00. */
Test(due_tariff, names_its_beginning_and_whose_it_is)
{
    const struct currency *eur = currency_find(text_of("EUR"));
    const struct estate_tariff general = {.kind = CHARGE_MAILBOXES,
                                          .currency = eur,
                                          .unit_price = {5000000},
                                          .block = 2,
                                          .from = {1700000000}};
    struct estate_tariff own = general;

    own.reseller = "r1";
    struct due due = due_by(&general);
    cr_assert_eq(due.tariff_from.s, 1700000000);
    cr_assert_not(due.tariff_is_own);
    cr_assert_eq(due.block, 2);
    cr_assert_eq(due.unit_price.micro, 5000000);
    cr_assert_eq(due.units, 2);
    cr_assert_eq(due.amount.minor, 1000);
    cr_assert(due_by(&own).tariff_is_own);
    due = due_by(NULL);
    cr_assert_eq(due.tariff_from.s, WALL_BEGIN.s);
    cr_assert_not(due.tariff_is_own);
    cr_assert_eq(due.basis, DUE_UNPRICED);
}
