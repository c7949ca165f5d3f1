/*
 * A libconfig file read through a table of keys: the only place that knows libconfig. An
 * unknown key, a wrong type or a value out of range refuses the file, with file and line.
 */
#ifndef OS_CONFIG_H
#define OS_CONFIG_H

#include "base/diag.h"
#include "base/text.h"

struct config;      /* a parsed file */
struct config_node; /* a group, list or scalar in it; borrowed from the config */

/* 0; -EBADMSG with "name:line: reason" in d. `name` is only for messages. */
MUST_USE int config_parse(struct text text, const char *name, struct config **ret,
                          struct diag *d);
void config_free(struct config *c);
static inline void config_done(struct config **c)
{
    config_free(*c);
}

enum config_kind {
    CONFIG_GROUP,
    CONFIG_LIST,
    CONFIG_STRING,
    CONFIG_INT,
    CONFIG_BOOL,
    CONFIG_FLOAT
};

const struct config_node *config_root(const struct config *c);
enum config_kind config_kind(const struct config_node *n); /* an array counts as a list */
const char *config_name(const struct config_node *n);      /* "" in a list */
size_t config_count(const struct config_node *n);
const struct config_node *config_child(const struct config_node *n, size_t i);
const struct config_node *config_find(const struct config_node *group,
                                      const char *name); /* or NULL */
const char *config_string(const struct config_node *n);  /* only for CONFIG_STRING */
int64_t config_int(const struct config_node *n);         /* only for CONFIG_INT */
bool config_bool(const struct config_node *n);           /* only for CONFIG_BOOL */

/* Fills d with "name:line: key: reason". Returns -EBADMSG. */
MUST_USE int config_refuse(const struct config *c, const struct config_node *n, struct diag *d,
                           const char *fmt, ...) PRINTF_LIKE(4, 5);

#endif
