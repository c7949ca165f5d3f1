/*
 * Asking DNS, many questions at a time. The only place that knows c-ares. Nothing but the
 * questions asked leaves: to the options' resolvers, or to the system's.
 */
#ifndef PLESK_RESOLVER_H
#define PLESK_RESOLVER_H

#include "base/diag.h"
#include "options/options.h"

#define RESOLVER_ASKED_MAX ((size_t)64) /* at a time: a burst that small resolvers take */

struct resolver;

MUST_USE int resolver_open(const struct options *o, struct resolver **ret, struct diag *d);
/* What was not answered is told so first. */
void resolver_free(struct resolver *r);
static inline void resolver_done(struct resolver **r)
{
    resolver_free(*r);
}

/* An answer as it came; NULL: none. May be called before the asking returns. */
typedef void resolver_answer_fn(void *arg, const uint8_t *answer, size_t n);
void resolver_ask_mx(struct resolver *r, const char *domain, resolver_answer_fn *fn, void *arg);

/* All addresses of a host, by the system's rules: /etc/hosts counts. n = 0: none. */
typedef void resolver_hosts_fn(void *arg, const struct addr *v, size_t n);
void resolver_ask_host(struct resolver *r, const char *host, resolver_hosts_fn *fn, void *arg);

/* Questions that wait for an answer. */
size_t resolver_waiting(const struct resolver *r);

/* Waits for something to happen to them, until `until` at most. 0; -errno. */
MUST_USE int resolver_wait(struct resolver *r, mono_t until);

#endif
