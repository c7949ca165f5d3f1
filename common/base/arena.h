/* Memory that is given back all at once: for the texts and rows of one table, one case, one
 * run. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/text.h"

struct arena_block;
struct arena {
    struct arena_block *blocks; /* the newest first */
    size_t used;                /* of the newest */
};

void arena_done(struct arena *a);
/* Empties it; one block stays for the next use. */
void arena_reset(struct arena *a);

/* Aligned for any object, zeroed; NULL when out of memory. Lives until reset or done. */
void *arena_alloc(struct arena *a, size_t bytes);
/* n elements, with the product checked. */
void *arena_array(struct arena *a, size_t n, size_t elem);
/* A terminated copy. */
char *arena_text(struct arena *a, struct text t);

#endif
