/* Which tariff, and what is due: SPEC 6.5, worked out by hand. */
#include "ledger/ledger.h"
#include "support/leak.h"
#include <errno.h>
#include <string.h>

SUITE(due);

static const struct currency *currency(const char *code)
{
    return currency_find(text_of(code));
}

static price_t price(const char *text)
{
    price_t p;
    cr_assert_eq(price_parse(text_of(text), &p), 0);
    return p;
}

static struct estate_tariff tariff(const char *reseller, const char *code,
                                   const char *unit_price, int64_t block, int64_t from)
{
    return (struct estate_tariff){CHARGE_EXTRA_IP,   reseller, currency(code),
                                  price(unit_price), block,    {from}};
}

static const struct estate_tariff *price_of(const struct estate_tariff *v, size_t n,
                                            enum charge_kind kind, const char *reseller,
                                            const char *code, int64_t start)
{
    struct tariff_query q = {kind, reseller, currency(code), {start}};
    return ledger_tariff(v, n, &q);
}

Test(due, the_resellers_own_tariff_comes_before_a_later_general_one)
{
    struct estate_tariff v[] = {tariff(NULL, "EUR", "12.50", 1, 200),
                                tariff("r1", "EUR", "10.00", 1, 100)};

    cr_assert_eq(price_of(v, 2, CHARGE_EXTRA_IP, "r1", "EUR", 300), &v[1]);
    cr_assert_eq(price_of(v, 2, CHARGE_EXTRA_IP, "r2", "EUR", 300), &v[0]);
}

Test(due, among_equals_the_latest_that_has_begun_on_the_periods_first_day_holds)
{
    struct estate_tariff v[] = {tariff(NULL, "EUR", "1", 1, 100),
                                tariff(NULL, "EUR", "2", 1, 200),
                                tariff(NULL, "EUR", "3", 1, 301)};

    cr_assert_eq(price_of(v, 3, CHARGE_EXTRA_IP, "r1", "EUR", 300), &v[1]);
    cr_assert_eq(price_of(v, 3, CHARGE_EXTRA_IP, "r1", "EUR", 301), &v[2]);
    cr_assert_null(price_of(v, 3, CHARGE_EXTRA_IP, "r1", "EUR", 99));
}

Test(due, a_tariff_of_another_currency_or_kind_is_none)
{
    struct estate_tariff v[] = {tariff(NULL, "JPY", "1", 1, 100)};

    cr_assert_null(price_of(v, 1, CHARGE_EXTRA_IP, "r1", "EUR", 300));
    cr_assert_null(price_of(v, 1, CHARGE_OUTSIDE, "r1", "JPY", 300));
}

static const struct {
    const char *code, *unit_price;
    int64_t quantity, block, units;
    const char *due, *why;
} rows[] = {
    {"EUR", "12.50", 1, 1, 1, "12.50", "one extra IP"},
    {"EUR", "12.50", 3, 1, 3, "37.50", "three"},
    {"EUR", "5.00", 42, 25, 2, "10.00", "42 mailboxes in blocks of 25 are 2 blocks"},
    {"EUR", "5.00", 25, 25, 1, "5.00", "25 fill one block exactly"},
    {"EUR", "0.005", 1, 1, 1, "0.01", "half a cent goes away from zero"},
    {"EUR", "0.0049", 1, 1, 1, "0.00", "less than half does not"},
    {"EUR", "0.125", 3, 1, 3, "0.38",
     "3 * 0.125 = 0.375: the product is rounded, not the price"},
    {"JPY", "2000", 2, 1, 2, "4000", "a currency without decimals"},
    {"JPY", "0.5", 3, 1, 3, "2", "1.5 yen: away from zero"},
    {"BHD", "1.2345", 2, 1, 2, "2.469", "three decimals: 2.4690"},
};

Test(due, is_the_blocks_times_the_price_rounded_half_away_from_zero)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct estate_tariff t =
            tariff(NULL, rows[i].code, rows[i].unit_price, rows[i].block, 0);
        char text[MONEY_TEXT_SIZE];
        struct due d;
        cr_assert_eq(ledger_due(&(struct due_question){STATE_CONFIRMED, rows[i].quantity, false,
                                                       &t, t.currency},
                                &d),
                     0);
        cr_assert_eq(d.basis, DUE_CONFIRMED);
        cr_assert_eq(d.units, rows[i].units, "%s", rows[i].why);
        cr_assert_str_eq(money_format(d.amount, t.currency, text), rows[i].due, "%s",
                         rows[i].why);
    }
}

Test(due, without_a_confirmed_finding_is_nothing)
{
    struct estate_tariff t = tariff(NULL, "EUR", "12.50", 1, 0);
    struct due d;

    cr_assert_eq(
        ledger_due(&(struct due_question){STATE_POTENTIAL, 3, false, &t, t.currency}, &d), 0);
    cr_assert_eq(d.basis, DUE_CLEAR);
    cr_assert_eq(d.amount.minor, 0);
    cr_assert_eq(d.quantity, 0);
}

Test(due, without_a_tariff_is_nothing_and_says_so)
{
    struct due d;

    cr_assert_eq(
        ledger_due(&(struct due_question){STATE_CONFIRMED, 3, false, NULL, currency("EUR")},
                   &d),
        0);
    cr_assert_eq(d.basis, DUE_UNPRICED);
    cr_assert_eq(d.amount.minor, 0);
}

Test(due, of_a_waived_key_is_nothing)
{
    struct estate_tariff t = tariff(NULL, "EUR", "12.50", 1, 0);
    struct due d;

    cr_assert_eq(
        ledger_due(&(struct due_question){STATE_CONFIRMED, 3, true, &t, t.currency}, &d), 0);
    cr_assert_eq(d.basis, DUE_WAIVED);
    cr_assert_eq(d.amount.minor, 0);
    cr_assert_eq(d.quantity, 3, "what was seen is not waived");
}

Test(due, that_no_integer_holds_is_an_error_not_a_wrap)
{
    struct estate_tariff t = tariff(NULL, "EUR", "9000000000", 1, 0);
    struct due d = {.quantity = 77};

    cr_assert_eq(
        ledger_due(&(struct due_question){STATE_CONFIRMED, INT64_MAX, false, &t, t.currency},
                   &d),
        -ERANGE);
    cr_assert_eq(d.quantity, 77, "nothing is stored on error");
}
