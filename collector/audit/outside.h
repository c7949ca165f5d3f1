/* Rule 6.3, outside. */
#ifndef AUDIT_OUTSIDE_H
#define AUDIT_OUTSIDE_H

#include "audit/presence.h"

/* A time in which one unit lies in a valid network of the reseller. */
struct inside_term {
    uint32_t place;
    struct term valid;
};

/* A time in which the reseller has a valid network of a family. */
struct declared_term {
    enum addr_family family;
    struct term valid;
};

struct outside_facts {
    const struct presences *presences;
    dur_t bridge;             /* by which they were made */
    struct level_terms terms; /* its grace is outside_grace */
    struct inside_term *inside;
    size_t n_inside, cap_inside;
    struct declared_term *declared;
    size_t n_declared, cap_declared;
};

void outside_facts_done(struct outside_facts *f);

/* From the reseller's networks; presences and terms are set. Only what meets the window is
 * kept. */
MUST_USE int outside_gather(struct outside_facts *f, const struct audit_reseller *r);

MUST_USE int outside_level(const struct outside_facts *f, struct level *ret);
MUST_USE int outside_judge(const struct outside_facts *f, struct level_answer *ret);

#endif
