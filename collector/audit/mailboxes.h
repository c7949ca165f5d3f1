/* Rule 6.2, mailboxes. */
#ifndef AUDIT_MAILBOXES_H
#define AUDIT_MAILBOXES_H

#include "audit/entry.h"

/* A row as the rule uses it: cut to the time in which its server is the entry's reseller's. */
struct counted_row {
    uint32_t server; /* index in the case */
    int64_t count;   /* by mailbox_basis */
    struct mail_counts counts;
    struct span seen;
    wall_t carry_until; /* the row is not carried past it */
};

/* A limit, from a moment on. */
struct limit_step {
    wall_t from;
    int64_t limit;
};

struct mailboxes_facts {
    struct level_terms terms; /* its grace is mailbox_sustain */
    dur_t bridge;
    enum mailbox_split split;
    struct counted_row *rows; /* by server, first */
    size_t n_rows, cap_rows;
    struct limit_step *limits; /* by from; the first holds since ever */
    size_t n_limits, cap_limits;
};

void mailboxes_facts_done(struct mailboxes_facts *f);

/* The entry's rows and limits; terms are set. Rows that end too early to be carried into the
 * window are left out. */
MUST_USE int mailboxes_gather(struct mailboxes_facts *f, const struct audit *a,
                              const struct domain_case *c, const struct entry *e);

/* The domain's count over time, by max or sum over its servers. */
MUST_USE int mailboxes_count(const struct mailboxes_facts *f, enum mailbox_split split,
                             struct level *ret);
/* over(t) = max(0, count(t) - limit(t)). */
MUST_USE int mailboxes_over(const struct mailboxes_facts *f, enum mailbox_split split,
                            struct level *ret);

MUST_USE int mailboxes_judge(const struct mailboxes_facts *f, struct level_answer *ret);
/* split-domain: the sum over servers exceeds the limit for longer than mailbox_sustain in V. */
MUST_USE int split_domain_judge(const struct mailboxes_facts *f, struct level_answer *ret);

#endif
