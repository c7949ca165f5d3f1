/* Reading and printing one setting's value, by its type in the table of keys. */
#include "settings/value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/grow.h"
#include "domain/license.h"
#include "os/config.h"

enum { ITEMS_MAX = SETTINGS_TEXTS_MAX, PREFIX_MIN = 2, PREFIX_MAX = 6 };
static const int64_t micro_per_major = 1000000;

/* The parts of "a, b, c", or of a list of strings or of integers. */
struct item {
    const struct config_node *node;
    struct text text;
    int64_t number; /* where the node is an integer; the text is empty then */
};

struct items {
    size_t n;
    struct item v[ITEMS_MAX];
};

static void *field_of(const struct settings_key *key, void *base)
{
    return (char *)base + key->offset;
}

static const void *field_of_const(const struct settings_key *key, const void *base)
{
    return (const char *)base + key->offset;
}

/* How many there are of what the field points to. */
static size_t count_of(const struct settings_key *key, const void *base)
{
    size_t n;
    memcpy(&n, (const char *)base + key->count_offset, sizeof n);
    return n;
}

static int refuse(const struct settings_source *src, const struct config_node *n,
                  const struct settings_key *key)
{
    return config_refuse(src->config, n, src->d, "must be %s", key->unit);
}

/* The refused text is shown, so that it is seen which of several is meant. */
static int refuse_text(const struct settings_source *src, const struct config_node *n,
                       struct text t, const char *wanted)
{
    char quoted[TEXT_QUOTE_SIZE];
    return config_refuse(src->config, n, src->d, "is %s, must be %s", text_quote(t, quoted),
                         wanted);
}

static struct text trim(struct text t)
{
    while (t.n > 0 && (t.p[0] == ' ' || t.p[0] == '\t'))
        t = (struct text){t.p + 1, t.n - 1};
    while (t.n > 0 && (t.p[t.n - 1] == ' ' || t.p[t.n - 1] == '\t'))
        t.n--;
    return t;
}

static int items_split(const struct config_node *n, struct items *ret)
{
    struct text rest = text_of(config_string(n));
    for (bool more = true; more;) {
        if (ret->n == ITEMS_MAX)
            return -ERANGE;
        const char *comma = rest.n > 0 ? memchr(rest.p, ',', rest.n) : NULL;
        struct text part = {rest.p, comma ? (size_t)(comma - rest.p) : rest.n};
        ret->v[ret->n++] = (struct item){.node = n, .text = trim(part)};
        more = comma != NULL;
        if (more)
            rest = (struct text){comma + 1, rest.n - part.n - 1};
    }
    return 0;
}

static int items_list(const struct config_node *n, struct items *ret)
{
    if (config_count(n) > ITEMS_MAX)
        return -ERANGE;
    for (size_t i = 0; i < config_count(n); i++) {
        const struct config_node *child = config_child(n, i);
        struct item item = {.node = child, .text = {"", 0}};
        if (config_kind(child) == CONFIG_STRING)
            item.text = text_of(config_string(child));
        else if (config_kind(child) == CONFIG_INT)
            item.number = config_int(child);
        else
            return -EBADMSG;
        ret->v[ret->n++] = item;
    }
    return 0;
}

static int items_read(const struct settings_source *src, const struct config_node *n,
                      const struct settings_key *key, struct items *ret)
{
    *ret = (struct items){.n = 0};
    int r = -EBADMSG;
    if (config_kind(n) == CONFIG_STRING)
        r = items_split(n, ret);
    else if (config_kind(n) == CONFIG_LIST)
        r = items_list(n, ret);
    return r == 0 && ret->n > 0 ? 0 : refuse(src, n, key);
}

static int read_formed(const struct settings_source *src, const struct item *item,
                       const struct settings_key *key, char ret[static SETTINGS_TEXT_SIZE])
{
    int r = key->form(item->text, ret);
    return r == -EBADMSG ? refuse_text(src, item->node, item->text, key->item) : r;
}

static int read_text(const struct settings_source *src, const struct config_node *n,
                     const struct settings_key *key, char *ret)
{
    if (config_kind(n) != CONFIG_STRING)
        return refuse(src, n, key);
    struct text t = text_of(config_string(n));
    if (t.n > (size_t)key->max || t.n < (size_t)key->min)
        return config_refuse(src->config, n, src->d,
                             "must be %s, of %" PRId64 " to %" PRId64 " bytes", key->unit,
                             key->min, key->max);
    if (t.n > 0 && !text_is_label(t, (size_t)key->max))
        return refuse_text(src, n, t, "UTF-8 text without control characters or outer spaces");
    char formed[SETTINGS_TEXT_SIZE];
    if (key->form && t.n > 0) {
        int r = read_formed(src, &(struct item){.node = n, .text = t}, key, formed);
        if (r < 0)
            return r;
        t = text_of(formed);
        if (t.n > (size_t)key->max)
            return refuse(src, n, key);
    }
    memset(ret, 0, (size_t)key->max + 1);
    memcpy(ret, t.p, t.n);
    return 0;
}

static int read_duration(const struct settings_source *src, const struct config_node *n,
                         const struct settings_key *key, dur_t *ret)
{
    if (config_kind(n) != CONFIG_STRING)
        return config_refuse(src->config, n, src->d,
                             "must be a duration in quotes: digits and d, h, m or s, like "
                             "\"14d\"");
    struct text t = text_of(config_string(n));
    dur_t value;
    int r = dur_parse(t, &value);
    if (r == -EBADMSG)
        return refuse_text(src, n, t, "a duration: digits and d, h, m or s, like \"14d\"");
    if (r < 0 || value.s < key->min || value.s > key->max) {
        char low[DUR_TEXT_SIZE], high[DUR_TEXT_SIZE], wanted[80];
        (void)snprintf(wanted, sizeof wanted, "%s to %s", dur_format((dur_t){key->min}, low),
                       dur_format((dur_t){key->max}, high));
        return refuse_text(src, n, t, wanted);
    }
    *ret = value;
    return 0;
}

static int read_int(const struct settings_source *src, const struct config_node *n,
                    const struct settings_key *key, int64_t *ret)
{
    if (config_kind(n) != CONFIG_INT)
        return config_refuse(src->config, n, src->d,
                             "must be an integer of %" PRId64 " to %" PRId64, key->min,
                             key->max);
    int64_t value = config_int(n);
    if (value < key->min || value > key->max)
        return config_refuse(src->config, n, src->d,
                             "is %" PRId64 ", must be %" PRId64 " to %" PRId64, value, key->min,
                             key->max);
    *ret = value;
    return 0;
}

static int read_bool(const struct settings_source *src, const struct config_node *n,
                     const struct settings_key *key, bool *ret)
{
    if (config_kind(n) != CONFIG_BOOL)
        return refuse(src, n, key);
    *ret = config_bool(n);
    return 0;
}

static_assert(sizeof(enum charge_by) == sizeof(unsigned) &&
                  sizeof(enum mailbox_basis) == sizeof(unsigned) &&
                  sizeof(enum mailbox_split) == sizeof(unsigned),
              "a choice is written as an unsigned");

static int read_choice(const struct settings_source *src, const struct config_node *n,
                       const struct settings_key *key, void *ret)
{
    if (config_kind(n) != CONFIG_STRING)
        return refuse(src, n, key);
    struct text t = text_of(config_string(n));
    for (unsigned i = 0; i < key->n_choices; i++) {
        if (text_is(t, key->choices[i])) {
            memcpy(ret, &i, sizeof i);
            return 0;
        }
    }
    return refuse_text(src, n, t, key->unit);
}

static int read_sources(const struct settings_source *src, const struct config_node *n,
                        const struct settings_key *key, uint8_t *ret)
{
    struct items items;
    int r = items_read(src, n, key, &items);
    if (r < 0)
        return r;
    unsigned bits = 0;
    for (size_t i = 0; i < items.n; i++) {
        enum source source;
        if (source_parse(items.v[i].text, &source) < 0)
            return refuse_text(src, items.v[i].node, items.v[i].text, key->unit);
        if (bits & 1U << source)
            return refuse_text(src, items.v[i].node, items.v[i].text, "there only once");
        bits |= 1U << source;
    }
    *ret = (uint8_t)bits;
    return 0;
}

static int read_strikes(const struct settings_source *src, const struct config_node *n,
                        const struct settings_key *key, int64_t ret[static 3])
{
    struct items items;
    int r = items_read(src, n, key, &items);
    if (r < 0)
        return r;
    int64_t value[3] = {0};
    for (size_t i = 0; i < items.n && i < 3; i++) {
        value[i] = items.v[i].number;
        if (items.v[i].text.n > 0 &&
            text_to_int(items.v[i].text, key->min, key->max, &value[i]) < 0)
            value[i] = 0;
    }
    bool is_sound = items.n == 3 && value[0] >= key->min && value[2] <= key->max &&
                    value[0] < value[1] && value[1] < value[2];
    if (!is_sound)
        return config_refuse(src->config, n, src->d,
                             "must be %s, each %" PRId64 " to %" PRId64 ", like \"1, 3, 6\"",
                             key->unit, key->min, key->max);
    memcpy(ret, value, sizeof value);
    return 0;
}

static int read_price(const struct settings_source *src, const struct config_node *n,
                      const struct settings_key *key, price_t *ret)
{
    if (config_kind(n) != CONFIG_STRING)
        return config_refuse(src->config, n, src->d,
                             "must be a decimal in quotes, like \"5000.00\"");
    struct text t = text_of(config_string(n));
    price_t value;
    int r = price_parse(t, &value);
    if (r == -EBADMSG)
        return refuse_text(src, n, t, "a decimal like \"5000.00\"");
    if (r < 0 || value.micro > key->max * micro_per_major)
        return config_refuse(src->config, n, src->d, "must be at most %" PRId64, key->max);
    *ret = value;
    return 0;
}

static int read_network(const struct settings_source *src, const struct config_node *n,
                        struct network *ret)
{
    if (config_kind(n) != CONFIG_STRING)
        return config_refuse(src->config, n, src->d, "must be a network in quotes");
    struct text t = text_of(config_string(n));
    int r = network_parse(t, ret);
    if (r == -ERANGE)
        return refuse_text(src, n, t, "/8 or longer for IPv4, /19 or longer for IPv6");
    if (r < 0)
        return refuse_text(src, n, t, "a network in CIDR form with its host bits zero");
    return 0;
}

static int read_networks(const struct settings_source *src, const struct config_node *n,
                         const struct settings_key *key, void *base)
{
    size_t count = config_kind(n) == CONFIG_LIST ? config_count(n) : SIZE_MAX;
    if (count == SIZE_MAX)
        return refuse(src, n, key);
    if (count > (size_t)key->max)
        return config_refuse(src->config, n, src->d, "must be at most %" PRId64 " networks",
                             key->max);
    AUTO_FREE void *memory = NULL;
    size_t cap = 0;
    int r = grow(&memory, &cap, count, sizeof(struct network), (size_t)key->max);
    if (r < 0)
        return r;
    struct network *list = memory;
    for (size_t i = 0; i < count; i++) {
        r = read_network(src, config_child(n, i), &list[i]);
        if (r < 0)
            return r;
    }
    struct network **field = field_of(key, base);
    free(*field);
    *field = STEAL(memory);
    memcpy((char *)base + key->count_offset, &count, sizeof count);
    return 0;
}

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

static int read_prefixes(const struct settings_source *src, const struct config_node *n,
                         const struct settings_key *key, struct settings *s)
{
    struct items items;
    int r = items_read(src, n, key, &items);
    if (r < 0)
        return r;
    if (items.n > (size_t)key->max)
        return config_refuse(src->config, n, src->d, "must be at most %" PRId64 " prefixes",
                             key->max);
    for (size_t i = 0; i < items.n; i++) {
        const struct item *item = &items.v[i];
        if (!prefix_parse(item->text, s->license_prefixes[i]))
            return refuse_text(src, item->node, item->text, "a prefix of 2 to 6 letters");
        if (prefix_is_listed(s, i, s->license_prefixes[i]))
            return refuse_text(src, item->node, item->text, "there only once");
    }
    s->n_license_prefixes = items.n;
    return 0;
}

static bool texts_hold(const struct settings_texts *list, const char *s)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->v[i], s) == 0)
            return true;
    return false;
}

static bool is_empty_list(const struct config_node *n)
{
    return config_kind(n) == CONFIG_LIST && config_count(n) == 0;
}

static int read_texts(const struct settings_source *src, const struct config_node *n,
                      const struct settings_key *key, struct settings_texts *ret)
{
    struct items items = {.n = 0};
    int r = key->min == 0 && is_empty_list(n) ? 0 : items_read(src, n, key, &items);
    if (r < 0)
        return r;
    if (items.n > (size_t)key->max)
        return config_refuse(src->config, n, src->d, "holds %zu, at most %" PRId64 " may be",
                             items.n, key->max);
    AUTO_FREE struct settings_texts *list = calloc(1, sizeof *list);
    if (!list)
        return -ENOMEM;
    for (size_t i = 0; i < items.n; i++) {
        char formed[SETTINGS_TEXT_SIZE];
        r = read_formed(src, &items.v[i], key, formed);
        if (r < 0)
            return r;
        if (texts_hold(list, formed))
            return refuse_text(src, items.v[i].node, items.v[i].text, "there only once");
        (void)snprintf(list->v[list->n++], SETTINGS_TEXT_SIZE, "%s", formed);
    }
    *ret = *list;
    return 0;
}

int settings_value_read(const struct settings_source *src, const struct config_node *n,
                        const struct settings_key *key, void *base)
{
    switch (key->type) {
    case KEY_TEXT: return read_text(src, n, key, field_of(key, base));
    case KEY_DURATION: return read_duration(src, n, key, field_of(key, base));
    case KEY_INT: return read_int(src, n, key, field_of(key, base));
    case KEY_BOOL: return read_bool(src, n, key, field_of(key, base));
    case KEY_CHOICE: return read_choice(src, n, key, field_of(key, base));
    case KEY_SOURCES: return read_sources(src, n, key, field_of(key, base));
    case KEY_STRIKES: return read_strikes(src, n, key, field_of(key, base));
    case KEY_PRICE: return read_price(src, n, key, field_of(key, base));
    case KEY_NETWORKS: return read_networks(src, n, key, base);
    case KEY_PREFIXES: return read_prefixes(src, n, key, base);
    case KEY_TEXTS: return read_texts(src, n, key, field_of(key, base));
    }
    return -EINVAL;
}

void settings_text_print(const char *s, struct buf *out)
{
    buf_add_char(out, '"');
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, *s);
    }
    buf_add_char(out, '"');
}

static void print_sources(uint8_t bits, struct buf *out)
{
    const char *between = "\"";
    for (unsigned i = 0; i < SOURCE_COUNT; i++) {
        if (!(bits & 1U << i))
            continue;
        buf_add_str(out, between);
        buf_add_str(out, source_name((enum source)i));
        between = ", ";
    }
    buf_add_char(out, '"');
}

static void print_networks(const struct network *v, size_t n, struct buf *out)
{
    buf_add_str(out, "(");
    for (size_t i = 0; i < n; i++) {
        char text[NETWORK_TEXT_SIZE];
        buf_printf(out, "%s \"%s\"", i > 0 ? "," : "", network_format(&v[i], text));
    }
    buf_add_str(out, " )");
}

static void print_texts(const struct settings_texts *t, struct buf *out)
{
    buf_add_str(out, "(");
    for (size_t i = 0; i < t->n; i++) {
        buf_add_str(out, i > 0 ? ", " : " ");
        settings_text_print(t->v[i], out);
    }
    buf_add_str(out, " )");
}

static void print_prefixes(const struct settings *s, struct buf *out)
{
    buf_add_str(out, "(");
    for (size_t i = 0; i < s->n_license_prefixes; i++)
        buf_printf(out, "%s \"%s\"", i > 0 ? "," : "", s->license_prefixes[i]);
    buf_add_str(out, " )");
}

static void print_duration(dur_t d, struct buf *out)
{
    char text[DUR_TEXT_SIZE];
    buf_printf(out, "\"%s\"", dur_format(d, text));
}

static void print_price(price_t p, struct buf *out)
{
    /* The amount is of any currency; two digits are what most have, and more are kept. */
    char text[MONEY_TEXT_SIZE];
    buf_printf(out, "\"%s\"", price_format(p, currency_find(text_of("EUR")), text));
}

void settings_value_print(const struct settings_key *key, const void *base, struct buf *out)
{
    const void *field = field_of_const(key, base);
    const int64_t *number = field;
    unsigned choice;
    switch (key->type) {
    case KEY_TEXT: settings_text_print(field, out); break;
    case KEY_DURATION: print_duration(*(const dur_t *)field, out); break;
    case KEY_INT: buf_add_int(out, *number); break;
    case KEY_BOOL: buf_add_str(out, *(const bool *)field ? "true" : "false"); break;
    case KEY_CHOICE:
        memcpy(&choice, field, sizeof choice);
        settings_text_print(key->choices[choice], out);
        break;
    case KEY_SOURCES: print_sources(*(const uint8_t *)field, out); break;
    case KEY_STRIKES:
        buf_printf(out, "\"%" PRId64 ", %" PRId64 ", %" PRId64 "\"", number[0], number[1],
                   number[2]);
        break;
    case KEY_PRICE: print_price(*(const price_t *)field, out); break;
    case KEY_NETWORKS:
        print_networks(*(struct network *const *)field, count_of(key, base), out);
        break;
    case KEY_PREFIXES: print_prefixes(base, out); break;
    case KEY_TEXTS: print_texts(field, out); break;
    }
}
