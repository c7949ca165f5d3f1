/* Entries: what a rule judges (SPEC 6, second paragraph). Rows that touch are one entry. */
#ifndef AUDIT_ENTRY_H
#define AUDIT_ENTRY_H

#include "audit/case.h"
#include "audit/level.h"

struct entry {
    const struct audit_reseller *reseller;
    const struct policy *policy; /* of the period, for the reseller */
    struct term valid;
    const struct audit_row *rows; /* of this reseller and touching, one after another */
    size_t n_rows;
};

/* The entry that begins with row `i` of n; the next one begins with row i + n_rows. */
struct entry entry_at(const struct audit *a, const struct audit_row *rows, size_t n, size_t i);

/* V = [P0, E] within the entry; false when it measures 0 (the entry is not judged). */
bool entry_v(const struct audit *a, const struct entry *e, struct span *ret);

/* The terms of the question for a grace. Only for an entry with a V. */
struct level_terms entry_terms(const struct audit *a, const struct entry *e, dur_t grace);

#endif
