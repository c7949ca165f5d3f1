/*
 * The audit (SPEC 6): a pure function from cases to findings. Each call judges one subject in
 * one period and hands what it finds to the sink; order and doubles are the sink's business.
 */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include "audit/case.h"
#include "audit/finding.h"

/* Working memory, kept from one case to the next. Not for two threads at once. */
struct audit_work;
MUST_USE int audit_work_new(struct audit_work **ret);
void audit_work_free(struct audit_work *w);
static inline void audit_work_done(struct audit_work **w)
{
    audit_work_free(*w);
}

/* Whether the rules speak of a licence at all (its prefix). */
bool audit_speaks_of(const struct audit *a, license_t license);

/* 6.1, 6.3 and the licence notices of 6.4. 0; -ENOMEM; what the sink returned. */
MUST_USE int audit_license(const struct audit *a, const struct license_case *c,
                           struct audit_work *w, const struct finding_sink *sink);

/* 6.2 and never-counted. */
MUST_USE int audit_domain(const struct audit *a, const struct domain_case *c,
                          struct audit_work *w, const struct finding_sink *sink);

/* What is known of one server's evidence up to E, over all licences and domains. */
struct server_case {
    const struct audit_server *server;
    bool has_last;     /* some sighting or mail row begins at or before E */
    wall_t last;       /* the latest moment of any of them, cut at E */
    bool has_evidence; /* one of them, or a gap, reaches into [P0, E], or a report was received
                          in it */
    bool has_fork;     /* a counter came twice with different bodies in [P0, E] */
    /* Its machines with their sightings under the licences that the rules speak of; license
     * and rows are not used. n_machines < 2 when the feed knows that none overlap. */
    struct license_case machines;
};
/* silent, forked-identity, unknown-server. */
MUST_USE int audit_server(const struct audit *a, const struct server_case *c,
                          struct audit_work *w, const struct finding_sink *sink);

/*
 * crowded-address, one `peer` stretch after another: begin with {0} for each address, add the
 * stretches server by server, and ask at the end. Two different servers that belong to two
 * different resellers (each at a moment of its own in [P0, E]) make a crowd.
 */
struct crowd_side {
    const struct audit_reseller *reseller; /* NULL = none yet */
    bool is_several;                       /* and others */
};
struct crowd {
    struct crowd_side before, now; /* the servers gone by; the present one */
    bool is_crowded;
    /* Among those whose servers were seen: the first and the last by id. */
    const struct audit_reseller *lowest, *highest;
};
void audit_crowd_add(const struct audit *a, struct crowd *c, const struct audit_server *server,
                     struct span seen);
void audit_crowd_next_server(struct crowd *c);
MUST_USE int audit_crowd_end(const struct audit *a, const struct crowd *c,
                             const struct addr *address, struct audit_work *w,
                             const struct finding_sink *sink);

/* Of two findings of equal period, kind, reseller and subject: whether `b` stands rather than
 * `a`. */
bool finding_outranks(const struct finding *b, const struct finding *a);

#endif
