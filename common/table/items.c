/* The parts of a value that holds several. */
#include "table/items.h"

#include <errno.h>
#include <string.h>

#include "os/config.h"

int table_refuse(const struct table_file *file, const struct config_node *n,
                 const struct table_key *key)
{
    return config_refuse(file->config, n, file->d, "must be %s", key->unit);
}

int table_refuse_text(const struct table_file *file, const struct config_node *n, struct text t,
                      const char *wanted)
{
    char quoted[TEXT_QUOTE_SIZE];
    return config_refuse(file->config, n, file->d, "is %s, must be %s", text_quote(t, quoted),
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

static int items_split(const struct config_node *n, struct table_items *ret)
{
    struct text rest = text_of(config_string(n));
    for (bool more = true; more;) {
        if (ret->n == ARRAY_LEN(ret->v))
            return -ERANGE;
        const char *comma = rest.n > 0 ? memchr(rest.p, ',', rest.n) : NULL;
        struct text part = {rest.p, comma ? (size_t)(comma - rest.p) : rest.n};
        ret->v[ret->n++] = (struct table_item){.node = n, .text = trim(part)};
        more = comma != NULL;
        if (more)
            rest = (struct text){comma + 1, rest.n - part.n - 1};
    }
    return 0;
}

static int items_list(const struct config_node *n, struct table_items *ret)
{
    if (config_count(n) > ARRAY_LEN(ret->v))
        return -ERANGE;
    for (size_t i = 0; i < config_count(n); i++) {
        const struct config_node *child = config_child(n, i);
        struct table_item item = {.node = child, .text = {"", 0}};
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

int table_items_read(const struct table_file *file, const struct config_node *n,
                     const struct table_key *key, struct table_items *ret)
{
    ret->n = 0;
    int r = -EBADMSG;
    if (config_kind(n) == CONFIG_STRING)
        r = items_split(n, ret);
    else if (config_kind(n) == CONFIG_LIST)
        r = items_list(n, ret);
    return r == 0 && ret->n > 0 ? 0 : table_refuse(file, n, key);
}

int table_item_int(const struct table_item *item, const struct table_key *key, int64_t *ret)
{
    if (config_kind(item->node) != CONFIG_INT)
        return text_to_int(item->text, key->min, key->max, ret);
    if (item->number < key->min || item->number > key->max)
        return -ERANGE;
    *ret = item->number;
    return 0;
}
