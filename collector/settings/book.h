/* The book of policies as it is read: groups of settings, versions, resellers' own. */
#ifndef SETTINGS_BOOK_H
#define SETTINGS_BOOK_H

#include "settings/value.h"

/* A group's keys and where they go; `others` (NULL-terminated) may stand there too. */
struct settings_group {
    const struct settings_key *keys;
    size_t n_keys;
    const char *const *others;
};

/* Reads every key of a group into `base`; refuses a key that is in neither list. */
MUST_USE int settings_group_read(const struct settings_source *src,
                                 const struct config_node *group,
                                 const struct settings_group *what, void *base);

/* Reads `policy`, `policies` and `resellers` of the file's root; s->zone is already right. */
MUST_USE int settings_book_read(const struct settings_source *src, struct settings *s);

/* One version "1", always in force, with the defaults. */
MUST_USE int settings_book_init(struct policy_book *b);
void settings_book_done(struct policy_book *b);

#endif
