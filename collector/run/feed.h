/*
 * Feeding the audit from a store: licences and domains one at a time, by their own order, with
 * everything the rules want to know of them. Memory does not grow with how many there are.
 */
#ifndef RUN_FEED_H
#define RUN_FEED_H

#include "audit/quiet.h"
#include "run/servers.h"

struct license_feed;

MUST_USE int license_feed_open(struct store *s, const struct book *b,
                               struct license_range range, struct license_feed **ret);
void license_feed_close(struct license_feed *f);
static inline void license_feed_done(struct license_feed **f)
{
    license_feed_close(*f);
}

/* A licence with what the scans say of it by themselves: enough for whatever looks at all
 * licences, and for the rules most often, too (audit_is_quiet). */
struct license_outline {
    struct quiet_facts facts;
    const struct outline_machine {
        machine_id id;
        server_id server;
    } * machines; /* what the sightings' numbers stand for */
    size_t n_machines;
};
/* 1 and the next licence that the estate or an observation knows; borrowed until the next call.
 */
MUST_USE int license_feed_next(struct license_feed *f, struct license_outline *ret);
/* The whole case of that licence; then its outline is no more. 0; store errors; -ENOMEM. */
MUST_USE int license_feed_case(struct license_feed *f, const struct license_case **ret);

struct domain_feed;

MUST_USE int domain_feed_open(struct store *s, const struct book *b, struct domain_range range,
                              struct domain_feed **ret);
void domain_feed_close(struct domain_feed *f);
static inline void domain_feed_done(struct domain_feed **f)
{
    domain_feed_close(*f);
}
MUST_USE int domain_feed_next(struct domain_feed *f, const struct domain_case **ret);
const struct crew *domain_feed_crew(const struct domain_feed *f);

#endif
