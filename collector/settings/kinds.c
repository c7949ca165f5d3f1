/* The types of settings that the collector alone has: strikes, amounts, prefixes of licences.
 */
#include "settings/kinds.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "os/config.h"
#include "settings/settings.h"
#include "table/items.h"

enum { PREFIX_MIN = 2, PREFIX_MAX = 6, STRIKES = 3 };
static const int64_t micro_per_major = 1000000;

static int read_strikes(const struct table_file *file, const struct config_node *n,
                        const struct table_key *key, void *base)
{
    struct table_items items;
    int r = table_items_read(file, n, key, &items);
    if (r < 0)
        return r;
    int64_t value[STRIKES] = {0};
    bool is_sound = items.n == STRIKES;
    for (size_t i = 0; is_sound && i < STRIKES; i++)
        is_sound = table_item_int(&items.v[i], key, &value[i]) == 0 &&
                   (i == 0 || value[i - 1] < value[i]);
    if (!is_sound)
        return config_refuse(file->config, n, file->d,
                             "must be %s, each %" PRId64 " to %" PRId64 ", like \"1, 3, 6\"",
                             key->unit, key->min, key->max);
    memcpy((char *)base + key->offset, value, sizeof value);
    return 0;
}

static void print_strikes(const struct table_key *key, const void *base, struct buf *out)
{
    int64_t value[STRIKES];
    memcpy(value, (const char *)base + key->offset, sizeof value);
    buf_printf(out, "\"%" PRId64 ", %" PRId64 ", %" PRId64 "\"", value[0], value[1], value[2]);
}

const struct table_kind settings_kind_strikes = {read_strikes, print_strikes};

static int read_price(const struct table_file *file, const struct config_node *n,
                      const struct table_key *key, void *base)
{
    if (config_kind(n) != CONFIG_STRING)
        return config_refuse(file->config, n, file->d,
                             "must be a decimal in quotes, like \"5000.00\"");
    struct text t = text_of(config_string(n));
    price_t value;
    int r = price_parse(t, &value);
    if (r == -EBADMSG)
        return table_refuse_text(file, n, t, "a decimal like \"5000.00\"");
    if (r < 0 || value.micro > key->max * micro_per_major)
        return config_refuse(file->config, n, file->d, "must be at most %" PRId64, key->max);
    memcpy((char *)base + key->offset, &value, sizeof value);
    return 0;
}

static void print_price(const struct table_key *key, const void *base, struct buf *out)
{
    /* The amount is of any currency; two digits are what most have, and more are kept. */
    char text[MONEY_TEXT_SIZE];
    price_t value;
    memcpy(&value, (const char *)base + key->offset, sizeof value);
    buf_printf(out, "\"%s\"", price_format(value, currency_find(text_of("EUR")), text));
}

const struct table_kind settings_kind_price = {read_price, print_price};

/* Upper case; false when it is no prefix of a licence. */
static bool prefix_parse(struct text t, char ret[static 8])
{
    if (t.n < PREFIX_MIN || t.n > PREFIX_MAX)
        return false;
    memset(ret, 0, 8);
    for (size_t i = 0; i < t.n; i++) {
        char c = t.p[i];
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (c < 'A' || c > 'Z')
            return false;
        ret[i] = c;
    }
    return true;
}

static bool prefix_is_listed(const struct settings *s, size_t n, const char *prefix)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(s->license_prefixes[i], prefix) == 0)
            return true;
    return false;
}

static int read_prefixes(const struct table_file *file, const struct config_node *n,
                         const struct table_key *key, void *base)
{
    struct settings *s = base;
    struct table_items items;
    int r = table_items_read(file, n, key, &items);
    if (r < 0)
        return r;
    if (items.n > (size_t)key->max)
        return config_refuse(file->config, n, file->d, "must be at most %" PRId64 " prefixes",
                             key->max);
    for (size_t i = 0; i < items.n; i++) {
        const struct table_item *item = &items.v[i];
        if (!prefix_parse(item->text, s->license_prefixes[i]))
            return table_refuse_text(file, item->node, item->text,
                                     "a prefix of 2 to 6 letters");
        if (prefix_is_listed(s, i, s->license_prefixes[i]))
            return table_refuse_text(file, item->node, item->text, "there only once");
    }
    s->n_license_prefixes = items.n;
    return 0;
}

static void print_prefixes(const struct table_key *key, const void *base, struct buf *out)
{
    (void)key; /* there is one field of this type */
    const struct settings *s = base;
    buf_add_str(out, "(");
    for (size_t i = 0; i < s->n_license_prefixes; i++)
        buf_printf(out, "%s \"%s\"", i > 0 ? "," : "", s->license_prefixes[i]);
    buf_add_str(out, " )");
}

const struct table_kind settings_kind_prefixes = {read_prefixes, print_prefixes};
