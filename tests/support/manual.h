/* A table of keys against what is written about it by hand: the manual's rows, the example. */
#ifndef SUPPORT_MANUAL_H
#define SUPPORT_MANUAL_H

#include "table/table.h"

/* What the manual says of a range, for the types of the table's owner; NULL = there are none.
 */
typedef void manual_range(const struct table_key *key, struct buf *out);

/* The manual has these rows, one after the other, word for word. A failure shows what to paste
 * there. */
void manual_check_rows(const char *manual, const struct table_key *keys, size_t n,
                       manual_range *other);

/* All rows of all tables of keys in a text. */
size_t manual_count_rows(const char *text);

/* The example sets every key to its default. */
void manual_check_example(const char *example, const struct table_key *keys, size_t n);

#endif
