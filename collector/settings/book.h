/* The book of policies as it is read: versions, and what each says for single resellers. */
#ifndef SETTINGS_BOOK_H
#define SETTINGS_BOOK_H

#include "settings/settings.h"

/* Reads `policy`, `policies` and `resellers` of the file's root; s->zone is already right. */
MUST_USE int settings_book_read(const struct table_file *file, struct settings *s);

/* One version "1", always in force, with the defaults. */
MUST_USE int settings_book_init(struct policy_book *b);
void settings_book_done(struct policy_book *b);

#endif
