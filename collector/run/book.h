/* The part of the estate that every case needs: resellers, their networks, prices. In memory.
 */
#ifndef RUN_BOOK_H
#define RUN_BOOK_H

#include "audit/case.h"
#include "base/arena.h"
#include "store/store.h"

struct book {
    struct arena arena;
    struct audit_reseller *resellers; /* by id */
    struct estate_reseller *facts;    /* the same order */
    size_t n_resellers;
    struct estate_tariff *tariffs;
    size_t n_tariffs;
};

/* 0; store errors; -ENOMEM. */
MUST_USE int book_load(struct book *b, struct store *s);
void book_done(struct book *b);

/* NULL when there is none. */
const struct audit_reseller *book_reseller(const struct book *b, const char *id);
const struct estate_reseller *book_facts(const struct book *b, const char *id);

#endif
