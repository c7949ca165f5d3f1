/*
 * Money in integers (SPEC 6.5). An amount is in minor units of its currency (ISO 4217); a
 * price may be finer, and is held in millionths of the major unit. No function wraps.
 */
#ifndef DOMAIN_MONEY_H
#define DOMAIN_MONEY_H

#include "base/text.h"

struct currency {
    char code[4];   /* ISO 4217, upper case */
    uint8_t digits; /* of the minor unit: EUR 2, JPY 0, BHD 3 */
};

typedef struct {
    int64_t minor;
} money_t;

typedef struct {
    int64_t micro; /* millionths of the major unit, >= 0 */
} price_t;

/* NULL when ISO 4217 knows no such code. The table is static. */
const struct currency *currency_find(struct text code);

/*
 * A decimal: digits, optionally a point and 1 to 6 digits; no sign, no exponent.
 * 0; -EBADMSG; -ERANGE.
 */
MUST_USE int price_parse(struct text t, price_t *ret);

/* A decimal of at most the currency's digits, optionally with '-'. 0; -EBADMSG; -ERANGE. */
MUST_USE int money_parse(struct text t, const struct currency *c, money_t *ret);

#define MONEY_TEXT_SIZE 32
/* "12.50", "-3", "1.250": with exactly the currency's digits. */
const char *money_format(money_t m, const struct currency *c, char out[static MONEY_TEXT_SIZE]);
/* At least the currency's digits, more only where the price has them. */
const char *price_format(price_t p, const struct currency *c, char out[static MONEY_TEXT_SIZE]);

/* What a quantity costs. */
struct money_cost {
    int64_t units; /* blocks, begun ones whole */
    money_t amount;
};

/*
 * ceil(quantity / block) * price, rounded half away from zero to the minor unit.
 * quantity >= 0, block >= 1. 0 or -ERANGE.
 */
MUST_USE int money_due(int64_t quantity, int64_t block, price_t price, const struct currency *c,
                       struct money_cost *ret);

MUST_USE int money_add(money_t a, money_t b, money_t *ret); /* 0 or -ERANGE */
MUST_USE int money_sub(money_t a, money_t b, money_t *ret); /* 0 or -ERANGE */

#endif
