/* Addresses of interfaces (rtnetlink, through libmnl): a dump, then changes. Needs no right. */
#ifndef PROBE_LINKS_H
#define PROBE_LINKS_H

#include "base/diag.h"
#include "domain/addr.h"

struct links;

struct link_change {
    struct addr address;
    uint32_t interface;
    bool is_there; /* false: gone; also when it is tentative, a failed duplicate, or on loopback
                    */
};
typedef void links_fn(void *arg, const struct link_change *c);

/* Subscribes before it dumps, so that nothing falls in between. 0 or -errno. */
MUST_USE int links_open(struct links **ret, struct diag *d);
void links_free(struct links *l);
static inline void links_done(struct links **l)
{
    links_free(*l);
}
int links_fd(const struct links *l);
/* What changed since the last call (the first call: all that is there): an address counts once
 * however many interfaces have it; gone when the last one lost it. How many changes; -errno.
 * After an overrun (ENOBUFS) it dumps anew by itself and tells the differences; nothing is lost
 * but addresses that came and went in between. */
MUST_USE int links_read(struct links *l, links_fn *each, void *arg);

#endif
