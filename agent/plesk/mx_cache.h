/*
 * What was heard of mail exchangers: `mx.cache` in the state folder, a line a domain, "DOMAIN
 * filtered|other SECONDS". Its first line names the suffixes: verdicts by others do not count.
 * Nothing in it is trusted: a line that is none is passed over, and one from the future.
 */
#ifndef PLESK_MX_CACHE_H
#define PLESK_MX_CACHE_H

#include "base/arena.h"
#include "plesk/mx.h"

#define MX_CACHE_LINES_MAX 100000 /* more than the domains that are counted; some 5 MB */

struct mx_heard {
    const char *domain;
    enum mx_verdict verdict; /* never MX_UNKNOWN */
    wall_t at;
};

struct mx_cache {
    struct arena texts;
    struct mx_heard *v;
    size_t n, cap;
    size_t sorted; /* so many of v, from the first on; the rest was added */
};                 /* begins as all zero */

void mx_cache_done(struct mx_cache *c);

/* What of a file's bytes still counts at `now`; of two answers for a domain the earlier. 0 or
 * -ENOMEM. Pure. */
MUST_USE int mx_cache_parse(struct mx_cache *c, struct text bytes,
                            const struct mx_suffixes *suffixes, wall_t now);

/* The same of a file; nothing where there is none. 0; -errno of reading, with the reason in d;
 * -ENOMEM. */
MUST_USE int mx_cache_load(struct mx_cache *c, const char *path,
                           const struct mx_suffixes *suffixes, wall_t now, struct diag *d);

/* Among those loaded; NULL. */
struct mx_heard *mx_cache_find(const struct mx_cache *c, const char *domain);

/* One that was not among them. 0; -ERANGE: no room; -ENOMEM. */
MUST_USE int mx_cache_add(struct mx_cache *c, const struct mx_heard *heard);

MUST_USE int mx_cache_save(const struct mx_cache *c, const char *path,
                           const struct mx_suffixes *suffixes, struct diag *d);

#endif
