/* Money in integers. */
#include "domain/money.h"

#include "base/ckd.h"

#include <errno.h>
#include <string.h>

enum { PRICE_DIGITS = 6 };

/* The active codes of ISO 4217 that have a minor unit, sorted. */
static const struct currency currencies[] = {
    {"AED", 2}, {"AFN", 2}, {"ALL", 2}, {"AMD", 2}, {"ANG", 2}, {"AOA", 2}, {"ARS", 2},
    {"AUD", 2}, {"AWG", 2}, {"AZN", 2}, {"BAM", 2}, {"BBD", 2}, {"BDT", 2}, {"BGN", 2},
    {"BHD", 3}, {"BIF", 0}, {"BMD", 2}, {"BND", 2}, {"BOB", 2}, {"BOV", 2}, {"BRL", 2},
    {"BSD", 2}, {"BTN", 2}, {"BWP", 2}, {"BYN", 2}, {"BZD", 2}, {"CAD", 2}, {"CDF", 2},
    {"CHE", 2}, {"CHF", 2}, {"CHW", 2}, {"CLF", 4}, {"CLP", 0}, {"CNY", 2}, {"COP", 2},
    {"COU", 2}, {"CRC", 2}, {"CUP", 2}, {"CVE", 2}, {"CZK", 2}, {"DJF", 0}, {"DKK", 2},
    {"DOP", 2}, {"DZD", 2}, {"EGP", 2}, {"ERN", 2}, {"ETB", 2}, {"EUR", 2}, {"FJD", 2},
    {"FKP", 2}, {"GBP", 2}, {"GEL", 2}, {"GHS", 2}, {"GIP", 2}, {"GMD", 2}, {"GNF", 0},
    {"GTQ", 2}, {"GYD", 2}, {"HKD", 2}, {"HNL", 2}, {"HTG", 2}, {"HUF", 2}, {"IDR", 2},
    {"ILS", 2}, {"INR", 2}, {"IQD", 3}, {"IRR", 2}, {"ISK", 0}, {"JMD", 2}, {"JOD", 3},
    {"JPY", 0}, {"KES", 2}, {"KGS", 2}, {"KHR", 2}, {"KMF", 0}, {"KPW", 2}, {"KRW", 0},
    {"KWD", 3}, {"KYD", 2}, {"KZT", 2}, {"LAK", 2}, {"LBP", 2}, {"LKR", 2}, {"LRD", 2},
    {"LSL", 2}, {"LYD", 3}, {"MAD", 2}, {"MDL", 2}, {"MGA", 2}, {"MKD", 2}, {"MMK", 2},
    {"MNT", 2}, {"MOP", 2}, {"MRU", 2}, {"MUR", 2}, {"MVR", 2}, {"MWK", 2}, {"MXN", 2},
    {"MXV", 2}, {"MYR", 2}, {"MZN", 2}, {"NAD", 2}, {"NGN", 2}, {"NIO", 2}, {"NOK", 2},
    {"NPR", 2}, {"NZD", 2}, {"OMR", 3}, {"PAB", 2}, {"PEN", 2}, {"PGK", 2}, {"PHP", 2},
    {"PKR", 2}, {"PLN", 2}, {"PYG", 0}, {"QAR", 2}, {"RON", 2}, {"RSD", 2}, {"RUB", 2},
    {"RWF", 0}, {"SAR", 2}, {"SBD", 2}, {"SCR", 2}, {"SDG", 2}, {"SEK", 2}, {"SGD", 2},
    {"SHP", 2}, {"SLE", 2}, {"SOS", 2}, {"SRD", 2}, {"SSP", 2}, {"STN", 2}, {"SVC", 2},
    {"SYP", 2}, {"SZL", 2}, {"THB", 2}, {"TJS", 2}, {"TMT", 2}, {"TND", 3}, {"TOP", 2},
    {"TRY", 2}, {"TTD", 2}, {"TWD", 2}, {"TZS", 2}, {"UAH", 2}, {"UGX", 0}, {"USD", 2},
    {"USN", 2}, {"UYI", 0}, {"UYU", 2}, {"UYW", 4}, {"UZS", 2}, {"VED", 2}, {"VES", 2},
    {"VND", 0}, {"VUV", 0}, {"WST", 2}, {"XAF", 0}, {"XCD", 2}, {"XCG", 2}, {"XOF", 0},
    {"XPF", 0}, {"YER", 2}, {"ZAR", 2}, {"ZMW", 2}, {"ZWG", 2},
};

static int compare_code(const void *key, const void *row)
{
    const struct currency *c = row;
    return memcmp(key, c->code, 3);
}

const struct currency *currency_find(struct text code)
{
    if (code.n != 3)
        return NULL;
    return bsearch(code.p, currencies, ARRAY_LEN(currencies), sizeof currencies[0],
                   compare_code);
}

static int64_t power_of_ten(size_t n)
{
    int64_t v = 1;
    for (; n > 0; n--)
        v *= 10;
    return v;
}

/* Appends digits to a number held below zero, where the range is larger by one. */
static int take_digits(struct text t, int64_t *v)
{
    for (size_t i = 0; i < t.n; i++) {
        if (t.p[i] < '0' || t.p[i] > '9')
            return -EBADMSG;
    }
    for (size_t i = 0; i < t.n; i++) {
        if (!ckd_mul_i64(*v, 10, v) || !ckd_sub_i64(*v, t.p[i] - '0', v))
            return -ERANGE;
    }
    return 0;
}

/* An unsigned decimal with up to `digits` digits after its point, times -10^digits. */
static int parse_negative(struct text t, size_t digits, int64_t *ret)
{
    const char *point = t.n > 0 ? memchr(t.p, '.', t.n) : NULL;
    struct text whole = {t.p, point ? (size_t)(point - t.p) : t.n};
    struct text part = {"", 0};
    if (point)
        part = (struct text){point + 1, t.n - whole.n - 1};
    if (whole.n == 0 || part.n > digits || (point && part.n == 0))
        return -EBADMSG;
    int64_t v = 0;
    int r = take_digits(whole, &v);
    if (r == -EBADMSG)
        return r;
    int r_part = take_digits(part, &v);
    if (r_part != 0 || r != 0)
        return r_part == -EBADMSG ? r_part : -ERANGE;
    if (!ckd_mul_i64(v, power_of_ten(digits - part.n), &v))
        return -ERANGE;
    *ret = v;
    return 0;
}

int price_parse(struct text t, price_t *ret)
{
    int64_t v;
    int r = parse_negative(t, PRICE_DIGITS, &v);
    if (r != 0)
        return r;
    if (!ckd_sub_i64(0, v, &v))
        return -ERANGE;
    *ret = (price_t){v};
    return 0;
}

int money_parse(struct text t, const struct currency *c, money_t *ret)
{
    bool is_negative = t.n > 0 && t.p[0] == '-';
    if (is_negative)
        t = (struct text){t.p + 1, t.n - 1};
    int64_t v;
    int r = parse_negative(t, c->digits, &v);
    if (r != 0)
        return r;
    if (!is_negative && !ckd_sub_i64(0, v, &v))
        return -ERANGE;
    *ret = (money_t){v};
    return 0;
}

/* v / 10^digits, with as many digits after the point. */
static void format_decimal(int64_t v, size_t digits, char out[static MONEY_TEXT_SIZE])
{
    char reversed[MONEY_TEXT_SIZE];
    size_t n = 0;
    /* Also right for the least number of all, whose negation does not fit. */
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    for (size_t i = 0; i <= digits || rest > 0; i++) {
        if (i == digits && digits > 0)
            reversed[n++] = '.';
        reversed[n++] = (char)('0' + rest % 10);
        rest /= 10;
    }
    if (v < 0)
        reversed[n++] = '-';
    for (size_t i = 0; i < n; i++)
        out[i] = reversed[n - 1 - i];
    out[n] = '\0';
}

const char *money_format(money_t m, const struct currency *c, char out[static MONEY_TEXT_SIZE])
{
    format_decimal(m.minor, c->digits, out);
    return out;
}

const char *price_format(price_t p, const struct currency *c, char out[static MONEY_TEXT_SIZE])
{
    int64_t v = p.micro;
    size_t digits = PRICE_DIGITS;
    while (digits > c->digits && v % 10 == 0) {
        v /= 10;
        digits--;
    }
    format_decimal(v, digits, out);
    return out;
}

int money_due(int64_t quantity, int64_t block, price_t price, const struct currency *c,
              struct money_cost *ret)
{
    if (quantity < 0 || block < 1 || price.micro < 0)
        return -ERANGE;
    int64_t units = quantity / block + (quantity % block != 0 ? 1 : 0);
    /* Exact: two 63-bit factors, and half of at most 10^6. */
    __extension__ typedef __int128 wide;
    int64_t divisor = power_of_ten((size_t)PRICE_DIGITS - c->digits);
    wide rounded = ((wide)units * price.micro + divisor / 2) / divisor;
    if (rounded > INT64_MAX)
        return -ERANGE;
    *ret = (struct money_cost){units, {(int64_t)rounded}};
    return 0;
}

int money_add(money_t a, money_t b, money_t *ret)
{
    return ckd_add_i64(a.minor, b.minor, &ret->minor) ? 0 : -ERANGE;
}

int money_sub(money_t a, money_t b, money_t *ret)
{
    return ckd_sub_i64(a.minor, b.minor, &ret->minor) ? 0 : -ERANGE;
}
