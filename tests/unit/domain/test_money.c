/* Claims about money in integers. */
#include "support/leak.h"
#include "support/seed.h"

#include "domain/money.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

SUITE(money);

static const struct currency *currency(const char *code)
{
    const struct currency *c = currency_find(text_of(code));
    cr_assert_not_null(c, "%s", code);
    return c;
}

static price_t price(const char *text)
{
    price_t p = {0};
    cr_assert_eq(price_parse(text_of(text), &p), 0, "%s", text);
    return p;
}

/* ISO 4217's exceptions; all others have two digits. */
Test(money, minor_units_are_those_of_iso_4217)
{
    static const struct {
        const char *codes;
        uint8_t digits;
    } rows[] = {
        {"BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF", 0},
        {"AUD CAD CHF CNY CZK DKK EUR GBP HUF INR NOK PLN RON SEK TRY USD ZAR ZWG", 2},
        {"BHD IQD JOD KWD LYD OMR TND", 3},
        {"CLF UYW", 4},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (const char *code = rows[i].codes; *code; code += code[3] ? 4 : 3) {
            const struct currency *c = currency_find((struct text){code, 3});
            cr_assert_not_null(c, "%.3s", code);
            cr_expect_eq(c->digits, rows[i].digits, "%s", c->code);
            cr_expect_eq(strncmp(c->code, code, 3), 0);
        }
    }
}

Test(money, the_table_is_sorted_and_whole)
{
    /* Every code of three letters is asked for: a code out of order would not be found. */
    size_t found = 0;
    size_t not_two = 0;
    char code[4] = "AAA";
    for (code[0] = 'A'; code[0] <= 'Z'; code[0]++) {
        for (code[1] = 'A'; code[1] <= 'Z'; code[1]++) {
            for (code[2] = 'A'; code[2] <= 'Z'; code[2]++) {
                const struct currency *c = currency_find(text_of(code));
                found += c != NULL;
                not_two += c && c->digits != 2;
                cr_assert(!c || strcmp(c->code, code) == 0);
            }
        }
    }
    cr_expect_eq(not_two, 17 + 7 + 2, "the exceptions above");
    cr_expect_gt(found, 150);
}

Test(money, a_code_that_iso_4217_lacks_is_unknown)
{
    static const char *const bad[] = {"",    "EU",  "EURO", "eur", "Eur",
                                      "AAA", "ZZZ", "XXX",  "XAU", "€"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        cr_expect_null(currency_find(text_of(bad[i])), "%s", bad[i]);
}

static const struct {
    const char *text;
    int code;
    int64_t micro;
} prices[] = {
    {"0", 0, 0},
    {"12.50", 0, 12500000},
    {"12.5", 0, 12500000},
    {"0.000001", 0, 1},
    {"1", 0, 1000000},
    {"007.50", 0, 7500000},
    {"9223372036854.775807", 0, INT64_MAX},
    {"9223372036854.775808", -ERANGE, 0},
    {"9223372036855", -ERANGE, 0},
    {"99999999999999999999", -ERANGE, 0},
    {"99999999999999999999.5", -ERANGE, 0},
    {"", -EBADMSG, 0},
    {".", -EBADMSG, 0},
    {".5", -EBADMSG, 0},
    {"5.", -EBADMSG, 0},
    {"1.0000001", -EBADMSG, 0},
    {"-1", -EBADMSG, 0},
    {"+1", -EBADMSG, 0},
    {"1e3", -EBADMSG, 0},
    {"1,50", -EBADMSG, 0},
    {"1.5.0", -EBADMSG, 0},
    {" 1", -EBADMSG, 0},
    {"1 ", -EBADMSG, 0},
    {"0x10", -EBADMSG, 0},
    {"1.-5", -EBADMSG, 0},
    {"EUR 1", -EBADMSG, 0},
    {"99999999999999999999.x", -EBADMSG, 0},
};

Test(money, a_price_is_a_plain_decimal_of_six_digits_at_most)
{
    for (size_t i = 0; i < ARRAY_LEN(prices); i++) {
        price_t p = {77};
        int r = price_parse(text_of(prices[i].text), &p);
        cr_expect_eq(r, prices[i].code, "%s: %d", prices[i].text, r);
        cr_expect_eq(p.micro, r == 0 ? prices[i].micro : 77, "%s", prices[i].text);
    }
}

static const struct {
    const char *text, *currency;
    int code;
    int64_t minor;
} amounts[] = {
    {"12.50", "EUR", 0, 1250},
    {"12.5", "EUR", 0, 1250},
    {"12", "EUR", 0, 1200},
    {"-0.01", "EUR", 0, -1},
    {"-0", "EUR", 0, 0},
    {"5000.00", "EUR", 0, 500000},
    {"12", "JPY", 0, 12},
    {"-12", "JPY", 0, -12},
    {"1.234", "BHD", 0, 1234},
    {"1.2345", "CLF", 0, 12345},
    {"92233720368547758.07", "EUR", 0, INT64_MAX},
    {"-92233720368547758.08", "EUR", 0, INT64_MIN},
    {"9223372036854775807", "JPY", 0, INT64_MAX},
    {"92233720368547758.08", "EUR", -ERANGE, 0},
    {"-92233720368547758.09", "EUR", -ERANGE, 0},
    {"12.505", "EUR", -EBADMSG, 0},
    {"12.0", "JPY", -EBADMSG, 0},
    {"1.2345", "BHD", -EBADMSG, 0},
    {"", "EUR", -EBADMSG, 0},
    {"-", "EUR", -EBADMSG, 0},
    {"--1", "EUR", -EBADMSG, 0},
    {"+1", "EUR", -EBADMSG, 0},
    {"- 1", "EUR", -EBADMSG, 0},
    {"-.5", "EUR", -EBADMSG, 0},
    {"1.", "EUR", -EBADMSG, 0},
    {"1.", "JPY", -EBADMSG, 0},
};

Test(money, an_amount_has_at_most_the_digits_of_its_currency)
{
    for (size_t i = 0; i < ARRAY_LEN(amounts); i++) {
        money_t m = {77};
        int r = money_parse(text_of(amounts[i].text), currency(amounts[i].currency), &m);
        cr_expect_eq(r, amounts[i].code, "%s %s: %d", amounts[i].currency, amounts[i].text, r);
        cr_expect_eq(m.minor, r == 0 ? amounts[i].minor : 77, "%s", amounts[i].text);
    }
}

static const struct {
    int64_t minor;
    const char *currency, *text;
} shown_amounts[] = {
    {0, "EUR", "0.00"},
    {1, "EUR", "0.01"},
    {-1, "EUR", "-0.01"},
    {1250, "EUR", "12.50"},
    {-300, "EUR", "-3.00"},
    {-3, "JPY", "-3"},
    {0, "JPY", "0"},
    {1250, "BHD", "1.250"},
    {5, "CLF", "0.0005"},
    {INT64_MAX, "EUR", "92233720368547758.07"},
    {INT64_MIN, "EUR", "-92233720368547758.08"},
    {INT64_MIN, "JPY", "-9223372036854775808"},
};

Test(money, an_amount_is_shown_with_all_digits_of_its_currency)
{
    for (size_t i = 0; i < ARRAY_LEN(shown_amounts); i++) {
        char out[MONEY_TEXT_SIZE];
        money_t m = {shown_amounts[i].minor};
        cr_expect_str_eq(money_format(m, currency(shown_amounts[i].currency), out),
                         shown_amounts[i].text);
    }
}

static const struct {
    const char *price, *currency, *text;
} shown_prices[] = {
    {"12.5", "EUR", "12.50"},    {"12.500000", "EUR", "12.50"},
    {"0.0125", "EUR", "0.0125"}, {"0.000001", "EUR", "0.000001"},
    {"0", "EUR", "0.00"},        {"100", "JPY", "100"},
    {"12.5", "JPY", "12.5"},     {"1", "BHD", "1.000"},
    {"1.5", "CLF", "1.5000"},    {"9223372036854.775807", "EUR", "9223372036854.775807"},
};

Test(money, a_price_is_shown_with_more_digits_only_where_it_has_them)
{
    for (size_t i = 0; i < ARRAY_LEN(shown_prices); i++) {
        char out[MONEY_TEXT_SIZE];
        cr_expect_str_eq(
            price_format(price(shown_prices[i].price), currency(shown_prices[i].currency), out),
            shown_prices[i].text);
    }
}

static const struct {
    int64_t quantity, block;
    const char *price, *currency;
    int code;
    int64_t units, minor;
    const char *why;
} dues[] = {
    {3, 1, "12.50", "EUR", 0, 3, 3750, "three extra addresses"},
    {0, 1, "12.50", "EUR", 0, 0, 0, "nothing is no due"},
    {5, 1, "0", "EUR", 0, 5, 0, "free"},
    {42, 100, "10.00", "EUR", 0, 1, 1000, "a block begun"},
    {100, 100, "10.00", "EUR", 0, 1, 1000, "a block full"},
    {101, 100, "10.00", "EUR", 0, 2, 2000, "the next begun"},
    {1, 1, "0.005", "EUR", 0, 1, 1, "half a cent goes away from zero"},
    {1, 1, "0.004999", "EUR", 0, 1, 0, "less than half"},
    {1, 1, "0.015", "EUR", 0, 1, 2, "1.5"},
    {1, 1, "0.025", "EUR", 0, 1, 3, "2.5 is 3, not the even 2"},
    {3, 1, "0.335", "EUR", 0, 3, 101, "100.5: rounded once, at the end"},
    {1, 1, "12.5", "JPY", 0, 1, 13, "12.5 yen"},
    {1, 1, "12.499999", "JPY", 0, 1, 12, "less than half a yen"},
    {2, 1, "12.5", "JPY", 0, 2, 25, "25 yen"},
    {1, 1, "1.2345", "BHD", 0, 1, 1235, "1234.5 fils"},
    {1, 1, "1.234499", "BHD", 0, 1, 1234, "less than half a fils"},
    {1, 1, "0.00005", "CLF", 0, 1, 1, "half of 0.0001"},
    {INT64_MAX, INT64_MAX, "1.00", "EUR", 0, 1, 100, "one huge block"},
    {INT64_MAX, 2, "0.01", "EUR", 0, INT64_C(1) << 62, INT64_C(1) << 62,
     "2^62 blocks of a cent"},
    {INT64_MAX, 1, "0.01", "EUR", 0, INT64_MAX, INT64_MAX, "just what fits"},
    {INT64_MAX, 1, "0.010001", "EUR", -ERANGE, 0, 0, "does not fit"},
    {INT64_MAX, 1, "9223372036854.775807", "CLF", -ERANGE, 0, 0, "far from fitting"},
    {1, 1, "9223372036854.775807", "EUR", 0, 1, 922337203685478,
     "the greatest price: ...77.58"},
    {-1, 1, "1", "EUR", -ERANGE, 0, 0, "no negative quantity"},
    {1, 0, "1", "EUR", -ERANGE, 0, 0, "no empty block"},
};

Test(money, due_is_exact_and_rounded_half_away_from_zero)
{
    for (size_t i = 0; i < ARRAY_LEN(dues); i++) {
        struct money_cost cost = {77, {77}};
        int r = money_due(dues[i].quantity, dues[i].block, price(dues[i].price),
                          currency(dues[i].currency), &cost);
        cr_expect_eq(r, dues[i].code, "%s: %d", dues[i].why, r);
        cr_expect_eq(cost.units, r == 0 ? dues[i].units : 77, "%s: %ld", dues[i].why,
                     cost.units);
        cr_expect_eq(cost.amount.minor, r == 0 ? dues[i].minor : 77, "%s: %ld", dues[i].why,
                     cost.amount.minor);
    }
}

Test(money, sums_never_wrap)
{
    money_t m = {77};
    cr_expect_eq(money_add((money_t){INT64_MAX}, (money_t){1}, &m), -ERANGE);
    cr_expect_eq(money_sub((money_t){INT64_MIN}, (money_t){1}, &m), -ERANGE);
    cr_expect_eq(m.minor, 77);
    cr_expect_eq(money_add((money_t){1250}, (money_t){-2500}, &m), 0);
    cr_expect_eq(m.minor, -1250);
    cr_expect_eq(money_sub((money_t){1250}, (money_t){-2500}, &m), 0);
    cr_expect_eq(m.minor, 3750);
}

Test(money, texts_survive_a_round_trip)
{
    static const char *const codes[] = {"EUR", "JPY", "BHD", "CLF"};
    struct rng rng = {seed_now()};
    for (int i = 0; i < 20000; i++) {
        const struct currency *c = currency(codes[rng_below(&rng, ARRAY_LEN(codes))]);
        char out[MONEY_TEXT_SIZE];
        money_t m = {(int64_t)rng_next(&rng) >> rng_below(&rng, 64)};
        money_t m_back = {0};
        cr_assert_eq(money_parse(text_of(money_format(m, c, out)), c, &m_back), 0, "%s", out);
        cr_assert_eq(m_back.minor, m.minor, "%s", out);
        price_t p = {(int64_t)(rng_next(&rng) >> (1 + rng_below(&rng, 63)))};
        price_t p_back = {0};
        cr_assert_eq(price_parse(text_of(price_format(p, c, out)), &p_back), 0, "%s", out);
        cr_assert_eq(p_back.micro, p.micro, "%s", out);
    }
}

Test(money, due_is_the_nearest_amount)
{
    static const char *const codes[] = {"EUR", "JPY", "BHD", "CLF"};
    struct rng rng = {seed_now()};
    for (int i = 0; i < 20000; i++) {
        const struct currency *c = currency(codes[rng_below(&rng, ARRAY_LEN(codes))]);
        int64_t divisor = 1000000;
        for (uint8_t d = 0; d < c->digits; d++)
            divisor /= 10;
        int64_t quantity = rng_between(&rng, 0, 1000000);
        int64_t block = rng_between(&rng, 1, 1000);
        price_t p = {rng_between(&rng, 0, 100000000)};
        struct money_cost cost = {0};
        cr_assert_eq(money_due(quantity, block, p, c, &cost), 0);
        cr_assert(cost.units * block >= quantity && (cost.units - 1) * block < quantity);
        /* Twice the error: from -divisor, for a half rounded up, to less than it. */
        int64_t error = 2 * (cost.units * p.micro - cost.amount.minor * divisor);
        cr_assert(error >= -divisor && error < divisor);
    }
}
