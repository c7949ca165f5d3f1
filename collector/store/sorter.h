/*
 * Sorting more than fits in memory: put pairs of bytes, take them back in the order of their
 * keys (memcmp, shorter first), equal keys in the order they were put. Memory is bounded; the
 * rest lies in an unnamed temporary file under $TMPDIR, else /var/tmp.
 */
#ifndef STORE_SORTER_H
#define STORE_SORTER_H

#include "base/diag.h"
#include "base/text.h"

struct sorter;

MUST_USE int sorter_new(struct sorter **ret, struct diag *d);
void sorter_free(struct sorter *s);
static inline void sorter_done(struct sorter **s)
{
    sorter_free(*s);
}
MUST_USE int sorter_put(struct sorter *s, struct text key,
                        struct text value); /* -EIO, -ENOMEM */
/* 1 and the next pair (borrowed until the next call), 0 at the end. After the first call, put
 * no more. */
MUST_USE int sorter_next(struct sorter *s, struct text *ret_key, struct text *ret_value);
MUST_USE int sorter_rewind(struct sorter *s);

#endif
