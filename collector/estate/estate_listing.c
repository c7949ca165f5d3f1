/*
 * The distributor API's licence listing (GET /v1beta/licenses/plesk, as it answers). Its rows
 * carry activation codes and more that must not get out: only the members named here are looked
 * at, and a refused value is never repeated, for what is in the wrong place may be a secret.
 */
#include "estate/estate_internal.h"

#include <errno.h>
#include <string.h>

#include "json/json.h"

enum { PRODUCT_MAX = 64, ORDER_DATE_BYTES = 19, DATE_BYTES = 10 };

struct listing_reader {
    const struct estate_source *src;
    const char *reseller; /* in the estate's arena, or NULL */
    struct json_error *e;
};

/* What one entry says. */
struct entry {
    struct text key_number, product, binding, status, order_date;
    bool is_numbered; /* the key number is a JSON integer */
    struct json node;
};

bool listing_is(const struct json *root)
{
    struct json data = json_member(root, "data");
    struct json results = json_member(&data, "results");
    return json_kind(&results) != JSON_ABSENT;
}

/* A text that may be left out or null: "" then. */
static int read_text(struct listing_reader *rd, const struct json *row, const char *key,
                     struct text *ret)
{
    struct json member = json_member(row, key);
    *ret = (struct text){"", 0};
    return json_is_given(&member) ? json_get_text(&member, CAP_NAME, ret, rd->e) : 0;
}

static int read_entry(struct listing_reader *rd, const struct json *row, struct entry *ret)
{
    struct json number = json_member(row, "key_number");
    int r = json_get_object(row, rd->e);
    *ret = (struct entry){.key_number = {"", 0}, .node = *row};
    ret->is_numbered = json_kind(&number) == JSON_INT;
    if (r == 0 && !ret->is_numbered)
        r = read_text(rd, row, "key_number", &ret->key_number);
    if (r == 0)
        r = read_text(rd, row, "product", &ret->product);
    if (r == 0)
        r = read_text(rd, row, "ip_address_binding", &ret->binding);
    if (r == 0)
        r = read_text(rd, row, "status", &ret->status);
    return r == 0 ? read_text(rd, row, "order_date", &ret->order_date) : r;
}

static int refuse(struct listing_reader *rd, const struct entry *x, const char *key,
                  const char *reason)
{
    struct json member = json_member(&x->node, key);
    return json_refuse(&member, rd->e, "bad-value", "%s", reason);
}

static bool is_plesk(const struct entry *x)
{
    return text_is(x->product, "plesk");
}

/* The bare number, of which a JSON integer has lost the leading zeros. */
static int license_of_member(struct listing_reader *rd, const struct entry *x, const char *key,
                             license_t *ret)
{
    struct json id = json_member(&x->node, key);
    int64_t number;
    int r = json_get_int(&id, 0, INT64_MAX, &number, rd->e);
    if (r < 0)
        return r;
    r = license_from_number(number, ret);
    return r < 0 ? refuse(rd, x, key, "is no number of a Plesk key") : r;
}

/* 0; 1 for no licence of ours; -EBADMSG. */
static int read_license(struct listing_reader *rd, const struct entry *x, license_t *ret)
{
    int64_t number;
    int r = license_parse(x->key_number, ret, NULL);
    if (r == 0)
        return is_plesk(x) || license_has_prefix(*ret, "PLSK") ? 0 : 1;
    if (r > 0 || !is_plesk(x))
        return 1;
    if (x->is_numbered)
        return license_of_member(rd, x, "key_number", ret);
    if (x->key_number.n == 0)
        return license_of_member(rd, x, "key_id", ret);
    struct text digits = x->key_number;
    while (digits.n > 1 && digits.p[0] == '0')
        digits = (struct text){digits.p + 1, digits.n - 1};
    if (text_to_int(digits, 0, INT64_MAX, &number) == 0) {
        r = license_from_number(number, ret);
        if (r >= 0)
            return r;
    }
    return refuse(rd, x, "key_number", "must be a key number like PLSK.01234567");
}

/* "2026-01-05 11:07:35": the day counts. All zero, and nothing at all: since ever. */
static int read_order_date(struct listing_reader *rd, const struct entry *x, wall_t *ret)
{
    int64_t days;
    if (x->order_date.n == 0 || text_is(x->order_date, "0000-00-00 00:00:00"))
        return 0;
    bool is_sound = x->order_date.n == ORDER_DATE_BYTES && x->order_date.p[DATE_BYTES] == ' ';
    if (!is_sound || civil_parse((struct text){x->order_date.p, DATE_BYTES}, &days) < 0)
        return refuse(rd, x, "order_date", "must be a moment YYYY-MM-DD HH:MM:SS");
    *ret = zone_day_start(rd->src->zone, days);
    return 0;
}

/* 0; 1 where the entry is passed over; an error. */
static int read_row(struct listing_reader *rd, const struct json *row, struct estate_row *ret)
{
    struct entry x;
    int r = read_entry(rd, row, &x);
    if (r < 0)
        return r;
    if (text_is(x.status, "DEL"))
        return 1;
    r = read_license(rd, &x, &ret->license.license);
    if (r != 0)
        return r;
    if (x.binding.n > 0 && addr_parse(x.binding, &ret->license.binding) < 0)
        return refuse(rd, &x, "ip_address_binding", "must be an IP address, or empty");
    if (x.product.n > PRODUCT_MAX ||
        (x.product.n > 0 && !text_is_label(x.product, PRODUCT_MAX)))
        return refuse(rd, &x, "product", "must be a short name");
    ret->license.product = arena_text(&rd->src->e->arena, x.product);
    if (!ret->license.product)
        return -ENOMEM;
    ret->license.reseller = rd->reseller;
    struct json binding = json_member(row, "ip_address_binding");
    ret->is_binding_unknown = json_kind(&binding) == JSON_ABSENT;
    return read_order_date(rd, &x, &ret->license.valid.from);
}

static int read_results(struct listing_reader *rd, const struct json *results,
                        const struct spots *spots)
{
    struct estate *e = rd->src->e;
    int r = json_get_array(results, CAP_ESTATE_ROWS, rd->e);
    for (size_t i = 0; r >= 0 && i < json_count(results); i++) {
        struct json item = json_item(results, i);
        struct estate_row row;
        row_init(TABLE_LICENSES, &row);
        row.at = spots_place(spots, i, rd->src->name);
        r = read_row(rd, &item, &row);
        if (r == 0)
            r = rows_add(&e->listing, &row);
        else if (r > 0)
            e->skipped++;
    }
    if (r >= 0)
        rows_sort(&e->listing, TABLE_LICENSES);
    return r < 0 ? r : 0;
}

/* Several pages of a listing may be read into one estate. */
int listing_read(const struct estate_source *src, const struct json *root, struct text text,
                 const char *reseller, struct json_error *e)
{
    static const char *const path[] = {"data", "results"};
    struct listing_reader rd = {.src = src, .e = e};
    AUTO(spots) struct spots spots = {.n = 0};
    struct json data = json_member(root, "data");
    struct json results = json_member(&data, "results");
    struct json code = json_member(root, "code");
    int64_t number;
    int r = json_get_int(&code, INT32_MIN, INT32_MAX, &number, e);
    if (r == 0 && number != 0)
        r = json_refuse(&code, e, "bad-value", "must be 0: the API answered with an error");
    if (r == 0 && reseller && !text_is_label(text_of(reseller), CAP_ID))
        r = json_refuse(root, e, "bad-value", "the reseller named for it is no id");
    if (r == 0)
        r = spots_find(text, path, ARRAY_LEN(path), &spots);
    if (r == 0 && reseller) {
        rd.reseller = arena_text(&src->e->arena, text_of(reseller));
        r = rd.reseller ? 0 : -ENOMEM;
    }
    if (r == 0)
        r = read_results(&rd, &results, &spots);
    if (r == 0)
        src->e->listed_by = src->name;
    return r;
}
