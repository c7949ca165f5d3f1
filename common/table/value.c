/* Reading and printing one setting's value, by its type in the table of keys. */
#include "table/items.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/grow.h"
#include "base/times.h"
#include "os/config.h"

static void *field_of(const struct table_key *key, void *base)
{
    return (char *)base + key->offset;
}

static const void *field_of_const(const struct table_key *key, const void *base)
{
    return (const char *)base + key->offset;
}

/* How many there are of what the field points to. */
static size_t count_of(const struct table_key *key, const void *base)
{
    size_t n;
    memcpy(&n, (const char *)base + key->count_offset, sizeof n);
    return n;
}

/* What may hold a secret is not repeated. */
static int refuse_item(const struct table_file *file, const struct table_item *item,
                       const struct table_key *key, const char *wanted)
{
    if (key->shown)
        return config_refuse(file->config, item->node, file->d, "must be %s", wanted);
    return table_refuse_text(file, item->node, item->text, wanted);
}

static int read_formed(const struct table_file *file, const struct table_item *item,
                       const struct table_key *key, char ret[static TABLE_TEXT_SIZE])
{
    int r = key->form(item->text, ret);
    return r == -EBADMSG ? refuse_item(file, item, key, key->item) : r;
}

static int read_text(const struct table_file *file, const struct config_node *n,
                     const struct table_key *key, char *ret)
{
    if (config_kind(n) != CONFIG_STRING)
        return table_refuse(file, n, key);
    struct table_item item = {.node = n, .text = text_of(config_string(n))};
    struct text t = item.text;
    if (t.n > (size_t)key->max || t.n < (size_t)key->min)
        return config_refuse(file->config, n, file->d,
                             "must be %s, of %" PRId64 " to %" PRId64 " bytes", key->unit,
                             key->min, key->max);
    if (t.n > 0 && !text_is_label(t, (size_t)key->max))
        return refuse_item(file, &item, key,
                           "UTF-8 text without control characters or outer spaces");
    if (t.n > 0 && key->type == KEY_PATH && t.p[0] != '/')
        return refuse_item(file, &item, key, "a path from the root on, like \"/etc/x\"");
    char formed[TABLE_TEXT_SIZE];
    if (key->form && t.n > 0) {
        int r = read_formed(file, &item, key, formed);
        if (r < 0)
            return r;
        t = text_of(formed);
        if (t.n > (size_t)key->max)
            return table_refuse(file, n, key);
    }
    memset(ret, 0, (size_t)key->max + 1);
    memcpy(ret, t.p, t.n);
    return 0;
}

static int read_duration(const struct table_file *file, const struct config_node *n,
                         const struct table_key *key, dur_t *ret)
{
    if (config_kind(n) != CONFIG_STRING)
        return config_refuse(file->config, n, file->d,
                             "must be a duration in quotes: digits and d, h, m or s, like "
                             "\"14d\"");
    struct text t = text_of(config_string(n));
    dur_t value;
    int r = dur_parse(t, &value);
    if (r == -EBADMSG)
        return table_refuse_text(file, n, t,
                                 "a duration: digits and d, h, m or s, like \"14d\"");
    if (r < 0 || value.s < key->min || value.s > key->max) {
        char low[DUR_TEXT_SIZE], high[DUR_TEXT_SIZE], wanted[80];
        (void)snprintf(wanted, sizeof wanted, "%s to %s", dur_format((dur_t){key->min}, low),
                       dur_format((dur_t){key->max}, high));
        return table_refuse_text(file, n, t, wanted);
    }
    *ret = value;
    return 0;
}

static int read_int(const struct table_file *file, const struct config_node *n,
                    const struct table_key *key, int64_t *ret)
{
    if (config_kind(n) != CONFIG_INT)
        return config_refuse(file->config, n, file->d,
                             "must be an integer of %" PRId64 " to %" PRId64, key->min,
                             key->max);
    int64_t value = config_int(n);
    if (value < key->min || value > key->max)
        return config_refuse(file->config, n, file->d,
                             "is %" PRId64 ", must be %" PRId64 " to %" PRId64, value, key->min,
                             key->max);
    *ret = value;
    return 0;
}

static int read_bool(const struct table_file *file, const struct config_node *n,
                     const struct table_key *key, bool *ret)
{
    if (config_kind(n) != CONFIG_BOOL)
        return table_refuse(file, n, key);
    *ret = config_bool(n);
    return 0;
}

static int read_choice(const struct table_file *file, const struct config_node *n,
                       const struct table_key *key, void *ret)
{
    if (config_kind(n) != CONFIG_STRING)
        return table_refuse(file, n, key);
    struct text t = text_of(config_string(n));
    for (unsigned i = 0; i < key->n_choices; i++) {
        if (text_is(t, key->choices[i])) {
            memcpy(ret, &i, sizeof i);
            return 0;
        }
    }
    return table_refuse_text(file, n, t, key->unit);
}

static int read_sources(const struct table_file *file, const struct config_node *n,
                        const struct table_key *key, uint8_t *ret)
{
    struct table_items items;
    int r = table_items_read(file, n, key, &items);
    if (r < 0)
        return r;
    unsigned bits = 0;
    for (size_t i = 0; i < items.n; i++) {
        enum source source;
        if (source_parse(items.v[i].text, &source) < 0)
            return table_refuse_text(file, items.v[i].node, items.v[i].text, key->unit);
        if (bits & 1U << source)
            return table_refuse_text(file, items.v[i].node, items.v[i].text, "there only once");
        bits |= 1U << source;
    }
    *ret = (uint8_t)bits;
    return 0;
}

static int read_network(const struct table_file *file, const struct config_node *n,
                        struct network *ret)
{
    if (config_kind(n) != CONFIG_STRING)
        return config_refuse(file->config, n, file->d, "must be a network in quotes");
    struct text t = text_of(config_string(n));
    int r = network_parse(t, ret);
    if (r == -ERANGE)
        return table_refuse_text(file, n, t, "/8 or longer for IPv4, /19 or longer for IPv6");
    if (r < 0)
        return table_refuse_text(file, n, t, "a network in CIDR form with its host bits zero");
    return 0;
}

static int read_networks(const struct table_file *file, const struct config_node *n,
                         const struct table_key *key, void *base)
{
    size_t count = config_kind(n) == CONFIG_LIST ? config_count(n) : SIZE_MAX;
    if (count == SIZE_MAX)
        return table_refuse(file, n, key);
    if (count > (size_t)key->max)
        return config_refuse(file->config, n, file->d, "must be at most %" PRId64 " networks",
                             key->max);
    AUTO_FREE void *memory = NULL;
    size_t cap = 0;
    int r = grow(&memory, &cap, count, sizeof(struct network), (size_t)key->max);
    if (r < 0)
        return r;
    struct network *list = memory;
    for (size_t i = 0; i < count; i++) {
        r = read_network(file, config_child(n, i), &list[i]);
        if (r < 0)
            return r;
    }
    struct network **field = field_of(key, base);
    free(*field);
    *field = STEAL(memory);
    memcpy((char *)base + key->count_offset, &count, sizeof count);
    return 0;
}

static bool texts_hold(const struct table_texts *list, const char *s)
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

static int read_texts(const struct table_file *file, const struct config_node *n,
                      const struct table_key *key, struct table_texts *ret)
{
    struct table_items items = {.n = 0};
    int r = key->min == 0 && is_empty_list(n) ? 0 : table_items_read(file, n, key, &items);
    if (r < 0)
        return r;
    if (items.n > (size_t)key->max)
        return config_refuse(file->config, n, file->d, "holds %zu, at most %" PRId64 " may be",
                             items.n, key->max);
    AUTO_FREE struct table_texts *list = calloc(1, sizeof *list);
    if (!list)
        return -ENOMEM;
    for (size_t i = 0; i < items.n; i++) {
        char formed[TABLE_TEXT_SIZE];
        r = read_formed(file, &items.v[i], key, formed);
        if (r < 0)
            return r;
        if (texts_hold(list, formed))
            return refuse_item(file, &items.v[i], key, "there only once");
        (void)snprintf(list->v[list->n++], TABLE_TEXT_SIZE, "%s", formed);
    }
    *ret = *list;
    return 0;
}

static bool ints_hold(const struct table_ints *list, int64_t value)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->v[i] == value)
            return true;
    return false;
}

static int read_ints(const struct table_file *file, const struct config_node *n,
                     const struct table_key *key, struct table_ints *ret)
{
    struct table_items items;
    struct table_ints list = {.n = 0};
    int r = table_items_read(file, n, key, &items);
    if (r < 0)
        return r;
    if (items.n > ARRAY_LEN(list.v))
        return config_refuse(file->config, n, file->d, "holds %zu, at most %d may be", items.n,
                             TABLE_INTS_MAX);
    for (size_t i = 0; i < items.n; i++) {
        const struct config_node *node = items.v[i].node;
        int64_t value;
        if (table_item_int(&items.v[i], key, &value) < 0)
            return config_refuse(file->config, node, file->d,
                                 "must be %s, each %" PRId64 " to %" PRId64, key->unit,
                                 key->min, key->max);
        if (ints_hold(&list, value))
            return config_refuse(file->config, node, file->d,
                                 "is %" PRId64 ", must be there only once", value);
        list.v[list.n++] = value;
    }
    *ret = list;
    return 0;
}

int table_value_read(const struct table_file *file, const struct config_node *n,
                     const struct table_key *key, void *base)
{
    switch (key->type) {
    case KEY_TEXT:
    case KEY_PATH: return read_text(file, n, key, field_of(key, base));
    case KEY_DURATION: return read_duration(file, n, key, field_of(key, base));
    case KEY_INT: return read_int(file, n, key, field_of(key, base));
    case KEY_BOOL: return read_bool(file, n, key, field_of(key, base));
    case KEY_CHOICE: return read_choice(file, n, key, field_of(key, base));
    case KEY_SOURCES: return read_sources(file, n, key, field_of(key, base));
    case KEY_NETWORKS: return read_networks(file, n, key, base);
    case KEY_TEXTS: return read_texts(file, n, key, field_of(key, base));
    case KEY_INTS: return read_ints(file, n, key, field_of(key, base));
    case KEY_OTHER: return key->other->read(file, n, key, base);
    }
    return -EINVAL;
}

void table_text_print(const char *s, struct buf *out)
{
    buf_add_char(out, '"');
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, *s);
    }
    buf_add_char(out, '"');
}

/* A secret's form takes what the key's own form made, so it does not fail; if memory is short,
 * nothing is shown. */
static void print_text(const struct table_key *key, const char *s, struct buf *out)
{
    char shown[TABLE_TEXT_SIZE];
    if (key->shown && s[0] != '\0')
        s = key->shown(text_of(s), shown) == 0 ? shown : "";
    table_text_print(s, out);
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

static void print_texts(const struct table_texts *t, struct buf *out)
{
    buf_add_str(out, "(");
    for (size_t i = 0; i < t->n; i++) {
        buf_add_str(out, i > 0 ? ", " : " ");
        table_text_print(t->v[i], out);
    }
    buf_add_str(out, " )");
}

/* The grammar takes no number of more than 32 bits without an L behind it. */
static void print_int(int64_t value, struct buf *out)
{
    bool is_wide = value > INT32_MAX || value < INT32_MIN;
    buf_printf(out, "%" PRId64 "%s", value, is_wide ? "L" : "");
}

static void print_ints(const struct table_ints *t, struct buf *out)
{
    buf_add_str(out, "(");
    for (size_t i = 0; i < t->n; i++) {
        buf_add_str(out, i > 0 ? ", " : " ");
        print_int(t->v[i], out);
    }
    buf_add_str(out, " )");
}

static void print_duration(dur_t d, struct buf *out)
{
    char text[DUR_TEXT_SIZE];
    buf_printf(out, "\"%s\"", dur_format(d, text));
}

static void print_choice(const struct table_key *key, const void *field, struct buf *out)
{
    unsigned choice;
    memcpy(&choice, field, sizeof choice);
    table_text_print(key->choices[choice], out);
}

void table_value_print(const struct table_key *key, const void *base, struct buf *out)
{
    const void *field = field_of_const(key, base);
    switch (key->type) {
    case KEY_TEXT:
    case KEY_PATH: print_text(key, field, out); break;
    case KEY_DURATION: print_duration(*(const dur_t *)field, out); break;
    case KEY_INT: print_int(*(const int64_t *)field, out); break;
    case KEY_BOOL: buf_add_str(out, *(const bool *)field ? "true" : "false"); break;
    case KEY_CHOICE: print_choice(key, field, out); break;
    case KEY_SOURCES: print_sources(*(const uint8_t *)field, out); break;
    case KEY_NETWORKS:
        print_networks(*(struct network *const *)field, count_of(key, base), out);
        break;
    case KEY_TEXTS: print_texts(field, out); break;
    case KEY_INTS: print_ints(field, out); break;
    case KEY_OTHER: key->other->print(key, base, out); break;
    }
}
