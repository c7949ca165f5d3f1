/*
 * Intervals of time. A span is closed at both ends: what was seen from its first to its last
 * moment; its measure is last - first, so a single moment measures 0. A term is half-open: the
 * time for which something is declared valid, its end excluded (SPEC 1 and 4).
 */
#ifndef DOMAIN_SPAN_H
#define DOMAIN_SPAN_H

#include "base/times.h"

struct span {
    wall_t first, last; /* first <= last */
};

struct term {
    wall_t from, to; /* from < to; WALL_BEGIN and WALL_END where open */
};

/* A list of spans that owns its memory. "Joined" = sorted, apart, none touching another. */
struct spans {
    struct span *v;
    size_t n, cap;
};

void spans_done(struct spans *s);
MUST_USE int spans_add(struct spans *s, struct span x); /* 0 or -ENOMEM */

/* Sorts, and makes one of those that touch or lie at most `gap` apart. */
void spans_join(struct spans *s, dur_t gap);

/* The measure of the joined spans within [window.first, window.last]. */
dur_t spans_measure(const struct span *v, size_t n, struct span window);

bool term_holds(struct term t, wall_t at);

/* The part of `s` within the closed window; false when they do not meet. Both ends are kept. */
bool span_cut(struct span *s, struct span window);

/* A term with its end included: cutting keeps both ends (SPEC 6). */
static inline struct span term_closed(struct term t)
{
    return (struct span){t.from, t.to};
}

int span_compare(const void *a, const void *b); /* by first, then last; for qsort */

/*
 * The union with what is stored (SPEC 3): `near` are the n stored spans of one key that touch
 * `add` or lie at most `gap` from it. The result is the one span that replaces them all.
 */
struct span span_union(struct span add, const struct span *near, size_t n);

#endif
