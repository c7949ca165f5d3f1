/* One setting's value: read from a node of the file, printed in the file's own grammar. */
#ifndef SETTINGS_VALUE_H
#define SETTINGS_VALUE_H

#include "settings/keys.h"

struct config;
struct config_node;

/* A file being read, and where its errors go. */
struct settings_source {
    const struct config *config;
    struct diag *d;
};

/*
 * Reads the value of `key` from `n` into its field of `base` (struct settings, struct
 * policy or struct settings_collector). 0; -EBADMSG with the place and what would be right;
 * -ENOMEM.
 */
MUST_USE int settings_value_read(const struct settings_source *src, const struct config_node *n,
                                 const struct settings_key *key, void *base);

/* Reads back to the same value. */
void settings_value_print(const struct settings_key *key, const void *base, struct buf *out);

/* A text as a string of the file's grammar, with its quotes. */
void settings_text_print(const char *s, struct buf *out);

#endif
