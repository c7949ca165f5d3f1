/*
 * The size of a largest set of pairs (machine, unit) in which no machine and no unit occurs
 * twice (SPEC 6.1, step 3): a maximum matching of a bipartite graph.
 */
#ifndef AUDIT_MATCHING_H
#define AUDIT_MATCHING_H

#include "audit/sweep.h"

struct matching; /* working memory for the presences it was made for */

MUST_USE int matching_new(const struct presences *p, struct matching **ret);
void matching_free(struct matching *m);
static inline void matching_done(struct matching **m)
{
    matching_free(*m);
}

/* Of the active presences whose unit the census counted. */
int64_t matching_size(struct matching *m, const struct sweep *s, const struct census *c);

#endif
