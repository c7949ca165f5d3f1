/*
 * Which domains are filtered: those whose MX is a name below one of the suffixes. Asks DNS
 * (c-ares, many at a time), remembers for a day what it heard.
 */
#ifndef PLESK_MX_H
#define PLESK_MX_H

#include "base/diag.h"
#include "domain/dname.h"
#include "options/options.h"

enum mx_verdict {
    MX_UNKNOWN, /* never answered, or not for MX_KEEP */
    MX_OTHER,   /* its mail goes elsewhere, or nowhere */
    MX_FILTERED,
};

#define MX_FRESH ((dur_t){86400})    /* after this it is asked again (spread: 20-28 h) */
#define MX_KEEP ((dur_t){3 * 86400}) /* for so long an old answer stands when none comes */

struct mx_suffixes {
    size_t n;
    char v[2 * CAP_SUFFIXES][DNAME_SIZE];
};

/*
 * A DNS answer (RFC 1035 4) to an MX question for `domain`. MX_FILTERED when any exchange is a
 * suffix itself or below one, at a label's border. 0 with *ret; -EBADMSG: not an answer to
 * that; -EAGAIN: SERVFAIL, REFUSED and the like: nothing is known. NXDOMAIN and an empty answer
 * are MX_OTHER. Pure.
 */
MUST_USE int mx_judge(const uint8_t *answer, size_t n, const char *domain,
                      const struct mx_suffixes *suffixes, enum mx_verdict *ret);

struct mx_question {
    const char *domain;
    enum mx_verdict verdict; /* out */
};

struct mx_order {
    const struct options *options;      /* resolvers, state folder (mx.cache) */
    const struct mx_suffixes *suffixes; /* other ones than the cache's: it does not count */
    wall_t now;
    int64_t deadline_ms; /* for all of them together */
};

/* Fills the verdicts. 0, whatever could be learnt; -errno when asking itself is not possible,
 * with cached verdicts filled all the same. */
MUST_USE int mx_ask(const struct mx_order *order, struct mx_question *v, size_t n,
                    struct diag *d);

/* Where the key servers and the collectors are now: calls `found` for each address. Names that
 * do not resolve are counted in *ret_failed. */
typedef void mx_host_fn(void *arg, bool is_collector, const struct addr *a, uint16_t port);
struct mx_hosts {
    const char (*key_servers)[TABLE_TEXT_SIZE];
    size_t n_key_servers;
    const char (*collectors)[TABLE_TEXT_SIZE]; /* URLs */
    size_t n_collectors;
    mx_host_fn *found;
    void *arg;
};
MUST_USE int mx_find_hosts(const struct mx_order *order, const struct mx_hosts *hosts,
                           int64_t *ret_failed, struct diag *d);

#endif
