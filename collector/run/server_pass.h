/*
 * What can only be told of a server when all licences and domains have gone by: kept outside
 * memory while they do, and judged server by server at the end.
 */
#ifndef RUN_SERVER_PASS_H
#define RUN_SERVER_PASS_H

#include "run/feed.h"
#include "run/nightly.h"

struct server_pass;

/* All borrowed. */
MUST_USE int server_pass_new(const struct run_setup *setup, const struct run_window *window,
                             struct server_pass **ret);
void server_pass_free(struct server_pass *p);
static inline void server_pass_done(struct server_pass **p)
{
    server_pass_free(*p);
}

/* Notes when each server of the licence (of the domain) was seen, and each of its machines. A
 * quiet licence is one of which nothing is said if its server is at home (audit/quiet.h). */
MUST_USE int server_pass_license(struct server_pass *p, const struct license_outline *o,
                                 bool is_quiet);
MUST_USE int server_pass_domain(struct server_pass *p, const struct domain_case *c,
                                const struct crew *crew);

/* Who judges a licence whose server is not at home after all. */
struct judge {
    int (*license)(void *arg, license_t license);
    void *arg;
};

/* silent, forked-identity, unknown-server; and the licences that are not quiet after all. */
MUST_USE int server_pass_end(struct server_pass *p, const struct judge *judge,
                             struct audit_work *w, const struct finding_sink *sink);

#endif
