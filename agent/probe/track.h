/* Tracked connections (libnetfilter_conntrack): new ones, as events, filtered in the kernel. */
#ifndef PROBE_TRACK_H
#define PROBE_TRACK_H

#include "base/diag.h"
#include "packet/sight.h"

#define TRACK_BUFFER_BYTES (8 << 20) /* 20,000 events; the default takes 167 (measured) */

struct track;
typedef void track_fn(void *arg, const struct sight_flow *f);

/* Events of new TCP connections only. Needs CAP_NET_ADMIN. 0; -EPERM …; -EPROTONOSUPPORT: the
 * kernel has no connection tracking. */
MUST_USE int track_open(struct track **ret, struct diag *d);
void track_free(struct track *t);
static inline void track_done(struct track **t)
{
    track_free(*t);
}
int track_fd(const struct track *t);
/* Only connections to these addresses reach us (kernel filter by address; ports are sight.h's).
 * More than the kernel's filter can hold: all are let through. Needs no right. */
MUST_USE int track_filter(struct track *t, const struct sight_target *v, size_t n);
/* Calls `each` for what waits, at most `most` events. How many; -ENOBUFS: some were lost, more
 * may wait (call again); -errno. */
MUST_USE int track_read(struct track *t, int most, track_fn *each, void *arg);

/* One netlink message (nlmsghdr and behind) -> the flow. True for a new TCP connection that is
 * whole. For the fuzzer, too. */
bool track_parse(const uint8_t *p, size_t n, struct sight_flow *ret);

#endif
