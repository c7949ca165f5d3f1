/*
 * Findings in their order (SPEC 7: by period, kind, reseller, subject), however many: sorted
 * outside memory, and of two with the same key the one that stands (SPEC 6).
 */
#ifndef RUN_FINDINGS_H
#define RUN_FINDINGS_H

#include "audit/audit.h"
#include "base/diag.h"

struct findings;

MUST_USE int findings_new(struct findings **ret, struct diag *d);
void findings_free(struct findings *f);
static inline void findings_done(struct findings **f)
{
    findings_free(*f);
}

/* A sink's take: copies. 0; -EIO; -ENOMEM. */
int findings_take(void *findings, const struct finding *f);

/* 1 and the next, borrowed until the next call; 0 at the end. After the first, take no more. */
MUST_USE int findings_next(struct findings *f, struct finding *ret);
MUST_USE int findings_rewind(struct findings *f);

#endif
