/*
 * What can only be told of a server when all licences and domains have gone by: kept outside
 * memory while they do, and judged server by server at the end.
 */
#ifndef RUN_SERVER_PASS_H
#define RUN_SERVER_PASS_H

#include "run/feed.h"
#include "run/nightly.h"

struct server_pass;

/* The periods are borrowed. */
MUST_USE int server_pass_new(struct store *s, const struct book *b,
                             const struct run_period *periods, size_t n,
                             struct server_pass **ret);
void server_pass_free(struct server_pass *p);
static inline void server_pass_done(struct server_pass **p)
{
    server_pass_free(*p);
}

/* Notes when each server of the licence (of the domain) was seen, and each of its machines. */
MUST_USE int server_pass_license(struct server_pass *p, const struct license_outline *o);
MUST_USE int server_pass_domain(struct server_pass *p, const struct domain_case *c,
                                const struct crew *crew);

/* silent, forked-identity, unknown-server. */
MUST_USE int server_pass_end(struct server_pass *p, struct audit_work *w,
                             const struct finding_sink *sink);

#endif
