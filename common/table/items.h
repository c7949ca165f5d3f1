/* The parts of a value that holds several, and how a value is refused: for types of one's own.
 */
#ifndef TABLE_ITEMS_H
#define TABLE_ITEMS_H

#include "table/table.h"

/* The parts of "a, b, c", or of a list of strings or of integers. */
struct table_item {
    const struct config_node *node;
    struct text text;
    int64_t number; /* where the node is an integer; the text is empty then */
};

struct table_items {
    size_t n;
    struct table_item v[TABLE_TEXTS_MAX];
};

/* At least one; the texts are borrowed from the file. 0; -EBADMSG, telling the key's unit. */
MUST_USE int table_items_read(const struct table_file *file, const struct config_node *n,
                              const struct table_key *key, struct table_items *ret);

/* An item as an integer of the key's min to max. 0; -EBADMSG; -ERANGE. Tells nothing. */
MUST_USE int table_item_int(const struct table_item *item, const struct table_key *key,
                            int64_t *ret);

/* "must be UNIT". Returns -EBADMSG. */
MUST_USE int table_refuse(const struct table_file *file, const struct config_node *n,
                          const struct table_key *key);

/* "is TEXT, must be WANTED": the text is shown, so that it is seen which of several is meant.
 * Returns -EBADMSG. */
MUST_USE int table_refuse_text(const struct table_file *file, const struct config_node *n,
                               struct text t, const char *wanted);

#endif
