/* The texts that people and files give for single values: parsing, printing and parsing agree.
 */
#include <string.h>

#include "domain/addr.h"
#include "domain/dname.h"
#include "domain/license.h"
#include "domain/money.h"
#include "domain/period.h"
#include "domain/uuid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_duration(struct text t)
{
    dur_t a, b;
    char out[DUR_TEXT_SIZE];
    if (dur_parse(t, &a) != 0)
        return;
    int r = dur_parse(text_of(dur_format(a, out)), &b);
    assert(r == 0 && a.s == b.s && a.s >= 0);
}

static void check_license(struct text t)
{
    license_t a, b;
    char version[LICENSE_VERSION_SIZE], out[LICENSE_TEXT_SIZE];
    if (license_parse(t, &a, version) != 0)
        return;
    assert(strlen(version) == 0 || strlen(version) == 4);
    int r = license_parse(text_of(license_format(a, out)), &b, version);
    assert(r == 0 && a.code == b.code && version[0] == '\0');
    r = license_from_code(a.code, &b);
    assert(r == 0 && a.code == b.code);
}

static void check_address(struct text t)
{
    struct addr a, b;
    char out[ADDR_TEXT_SIZE];
    if (addr_parse(t, &a) != 0)
        return;
    int r = addr_parse(text_of(addr_format(&a, out)), &b);
    assert(r == 0 && addr_compare(&a, &b) == 0);
    struct network unit = network_default_unit(&a);
    assert(network_holds(&unit, &a));
}

static void check_network(struct text t)
{
    struct network a, b;
    char out[NETWORK_TEXT_SIZE];
    if (network_parse(t, &a) != 0)
        return;
    int r = network_parse(text_of(network_format(&a, out)), &b);
    assert(r == 0 && network_compare(&a, &b) == 0);
    assert(network_holds(&a, &a.base) && network_holds_network(&a, &b));
}

static void check_domain(struct text t)
{
    char a[DNAME_SIZE], b[DNAME_SIZE], shown[DNAME_SHOWN_SIZE];
    if (dname_parse(t, a) != 0)
        return;
    int r = dname_parse(text_of(a), b);
    assert(r == 0 && strcmp(a, b) == 0);
    const char *u = dname_show(a, shown);
    assert(text_is_utf8(text_of(u)));
    r = dname_parse(text_of(u), b);
    assert(r == 0 && strcmp(a, b) == 0);
}

static void check_price(struct text t)
{
    static const char *const codes[] = {"EUR", "JPY", "BHD", "CLF"};
    price_t a, b;
    if (price_parse(t, &a) != 0)
        return;
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        char out[MONEY_TEXT_SIZE];
        const struct currency *c = currency_find(text_of(codes[i]));
        int r = price_parse(text_of(price_format(a, c, out)), &b);
        assert(r == 0 && a.micro == b.micro && a.micro >= 0);
    }
}

static void check_money(struct text t)
{
    static const char *const codes[] = {"EUR", "JPY", "BHD", "CLF"};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        char out[MONEY_TEXT_SIZE];
        const struct currency *c = currency_find(text_of(codes[i]));
        money_t a, b;
        if (money_parse(t, c, &a) != 0)
            continue;
        int r = money_parse(text_of(money_format(a, c, out)), c, &b);
        assert(r == 0 && a.minor == b.minor);
    }
}

static void check_date(struct text t)
{
    int64_t days, year;
    int month, day;
    if (civil_parse(t, &days) != 0)
        return;
    civil_from_days(days, &year, &month, &day);
    assert(civil_to_days(year, month, day) == days);
    assert(year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= 31);
}

static void check_moment(struct text t)
{
    wall_t a, b;
    char out[WALL_TEXT_SIZE];
    if (wall_parse(t, &a) != 0)
        return;
    int r = wall_parse(text_of(wall_format(a, out)), &b);
    assert(r == 0 && a.s == b.s && a.s >= WALL_MIN.s && a.s <= WALL_MAX.s);
}

static void check_period(struct text t)
{
    period_t a, b;
    struct zone utc;
    char out[PERIOD_TEXT_SIZE];
    if (period_parse(t, &a) != 0)
        return;
    int r = period_parse(text_of(period_format(a, out)), &b);
    assert(r == 0 && a.month == b.month);
    zone_init_utc(&utc);
    assert(period_at(&utc, period_start(&utc, a)).month == a.month);
}

static void check_uuid(struct text t)
{
    struct uuid a, b;
    char out[UUID_TEXT_SIZE];
    if (uuid_parse(t, &a) != 0)
        return;
    int r = uuid_parse(text_of(uuid_format(&a, out)), &b);
    assert(r == 0 && memcmp(&a, &b, sizeof a) == 0);
}

static void check_quote(struct text t)
{
    char out[TEXT_QUOTE_SIZE];
    struct text quoted = text_of(text_quote(t, out));
    assert(text_is_utf8(quoted) && quoted.n >= 2 && quoted.n < TEXT_QUOTE_SIZE);
    for (size_t i = 0; i < quoted.n; i++)
        assert((unsigned char)quoted.p[i] >= 0x20 && quoted.p[i] != 0x7f);
    int64_t v;
    if (text_to_int(t, INT64_MIN, INT64_MAX, &v) == 0)
        assert(t.n <= 20);
}

/* The first byte tells which value the rest is: 'a' the first, 'b' the next, and so on. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static void (*const checks[])(struct text) = {
        check_duration, check_license, check_address, check_network, check_domain, check_price,
        check_money,    check_date,    check_moment,  check_period,  check_uuid,   check_quote,
    };
    if (n > 0 && data[0] >= 'a' && data[0] < 'a' + ARRAY_LEN(checks))
        checks[data[0] - 'a']((struct text){(const char *)data + 1, n - 1});
    return 0;
}
