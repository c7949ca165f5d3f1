/* The table of keys as a whole: finding a key, reading and printing a group. */
#include "table/table.h"

#include <string.h>

#include "os/config.h"

const struct table_key *table_find(const struct table_key *keys, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

static bool is_listed(const char *const *list, const char *name)
{
    for (; *list; list++)
        if (strcmp(*list, name) == 0)
            return true;
    return false;
}

static int refuse_unknown(const struct table_file *file, const struct config_node *n,
                          const struct table_group *what)
{
    AUTO(buf) struct buf known = BUF_INIT(CAP_DIAG);
    for (size_t i = 0; i < what->n_keys; i++)
        buf_printf(&known, "%s%s", i > 0 ? ", " : "", what->keys[i].name);
    for (const char *const *other = what->others; *other; other++)
        buf_printf(&known, ", %s", *other);
    return config_refuse(file->config, n, file->d, "is no setting here; there are: %s",
                         buf_str(&known));
}

int table_group_read(const struct table_file *file, const struct config_node *group,
                     const struct table_group *what, void *base)
{
    for (size_t i = 0; i < config_count(group); i++) {
        const struct config_node *n = config_child(group, i);
        const char *name = config_name(n);
        if (is_listed(what->others, name))
            continue;
        const struct table_key *key = table_find(what->keys, what->n_keys, name);
        if (!key)
            return refuse_unknown(file, n, what);
        int r = table_value_read(file, n, key, base);
        if (r < 0)
            return r;
    }
    return 0;
}

void table_print_indent(struct buf *out, int depth)
{
    for (int i = 0; i < depth; i++)
        buf_add_str(out, "    ");
}

void table_print(const struct table_key *keys, size_t n, const void *base, struct buf *out,
                 int depth)
{
    for (size_t i = 0; i < n; i++) {
        table_print_indent(out, depth);
        buf_printf(out, "%s = ", keys[i].name);
        table_value_print(&keys[i], base, out);
        buf_printf(out, "; # %s\n", keys[i].unit);
    }
}
