/* A libconfig file read from memory. */
#include "os/config.h"

#include "base/buf.h"
#include "os/config_scan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <libconfig.h>

struct config {
    config_t lib;
    char *name;
};

static int read_text(struct config *c, const char *text, struct diag *d)
{
    if (config_read_string(&c->lib, text) == CONFIG_TRUE)
        return 0;
    int line = config_error_line(&c->lib);
    const char *reason = config_error_text(&c->lib);
    return diag_set(d, -EBADMSG, "%s:%d: %s", c->name, line > 0 ? line : 1,
                    reason ? reason : "not readable");
}

int config_parse(struct text text, const char *name, struct config **ret, struct diag *d)
{
    int r = config_scan(text, name, d);
    if (r != 0)
        return r;
    /* A comment in a last line without its newline is a syntax error to libconfig. */
    bool is_open = text.n > 0 && text.p[text.n - 1] != '\n';
    AUTO_FREE char *terminated = malloc(text.n + 2);
    AUTO(config) struct config *c = calloc(1, sizeof *c);
    if (!terminated || !c)
        return diag_set(d, -ENOMEM, "out of memory");
    if (text.n > 0)
        memcpy(terminated, text.p, text.n);
    memcpy(terminated + text.n, is_open ? "\n" : "", is_open ? 2 : 1);
    config_init(&c->lib);
    c->name = strdup(name);
    if (!c->name)
        return diag_set(d, -ENOMEM, "out of memory");
    r = read_text(c, terminated, d);
    if (r == 0)
        *ret = STEAL(c);
    return r;
}

void config_free(struct config *c)
{
    if (!c)
        return;
    config_destroy(&c->lib);
    free(c->name);
    free(c);
}

/* A node is libconfig's setting under a name of ours. */
static const config_setting_t *setting_of(const struct config_node *n)
{
    return (const config_setting_t *)n;
}

static const struct config_node *node_of(const config_setting_t *s)
{
    return (const struct config_node *)s;
}

const struct config_node *config_root(const struct config *c)
{
    return node_of(config_root_setting(&c->lib));
}

enum config_kind config_kind(const struct config_node *n)
{
    switch (config_setting_type(setting_of(n))) {
    case CONFIG_TYPE_GROUP: return CONFIG_GROUP;
    case CONFIG_TYPE_STRING: return CONFIG_STRING;
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64: return CONFIG_INT;
    case CONFIG_TYPE_BOOL: return CONFIG_BOOL;
    case CONFIG_TYPE_FLOAT: return CONFIG_FLOAT;
    default: return CONFIG_LIST; /* an array or a list */
    }
}

const char *config_name(const struct config_node *n)
{
    const char *name = config_setting_name(setting_of(n));
    return name ? name : "";
}

size_t config_count(const struct config_node *n)
{
    return (size_t)config_setting_length(setting_of(n));
}

const struct config_node *config_child(const struct config_node *n, size_t i)
{
    assert(i < config_count(n));
    return node_of(config_setting_get_elem(setting_of(n), (unsigned)i));
}

const struct config_node *config_find(const struct config_node *group, const char *name)
{
    /* libconfig's own search would take "a.b" for a path. */
    for (size_t i = 0; i < config_count(group); i++) {
        const struct config_node *child = config_child(group, i);
        if (strcmp(config_name(child), name) == 0)
            return child;
    }
    return NULL;
}

const char *config_string(const struct config_node *n)
{
    assert(config_kind(n) == CONFIG_STRING);
    return config_setting_get_string(setting_of(n));
}

int64_t config_int(const struct config_node *n)
{
    assert(config_kind(n) == CONFIG_INT);
    return config_setting_get_int64(setting_of(n));
}

bool config_bool(const struct config_node *n)
{
    assert(config_kind(n) == CONFIG_BOOL);
    return config_setting_get_bool(setting_of(n)) != 0;
}

/* What a person calls the node: its name, or that of its list and its place from 0 in it. */
static void add_key(struct buf *b, const config_setting_t *s)
{
    const config_setting_t *parent = config_setting_parent(s);
    if (config_setting_name(s))
        buf_printf(b, "%s: ", config_setting_name(s));
    else if (parent && config_setting_name(parent))
        buf_printf(b, "%s[%d]: ", config_setting_name(parent), config_setting_index(s));
}

int config_refuse(const struct config *c, const struct config_node *n, struct diag *d,
                  const char *fmt, ...)
{
    const config_setting_t *s = setting_of(n);
    AUTO(buf) struct buf key = BUF_INIT(CAP_DIAG);
    add_key(&key, s);
    char reason[CAP_DIAG];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(reason, sizeof reason, fmt, args); /* cut to its cap, as all messages */
    va_end(args);
    return diag_set(d, -EBADMSG, "%s:%u: %s%s", c->name, config_setting_source_line(s),
                    buf_str(&key), reason);
}
