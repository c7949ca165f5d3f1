/* Packets (libpcap): live from every interface at once ("any", Linux cooked v2, so that
 * interfaces may come and go), or from a file. */
#ifndef PROBE_CAPTURE_H
#define PROBE_CAPTURE_H

#include "base/diag.h"
#include "base/times.h"
#include "packet/decode.h"
#include <stdbool.h>

/* The kernel's ring. A packet takes 416 bytes of it, so 630 may wait between two reads: 60 ms
 * of ten thousand openings a second; of more, packets are lost, and counted. */
#define CAPTURE_RING_BYTES (256 * 1024)
/* Ethernet, four tags, IPv6, 16 extension headers of 40 bytes, TCP: what a decoder may need. */
#define CAPTURE_SNAP_BYTES 320

struct capture;

struct captured {
    int64_t at_s; /* a file: Unix time of the packet. Live: on clock_boot()'s clock, by the age
                     of the packet, which is never more than the time since the last call */
    int link;
    const uint8_t *bytes; /* borrowed for the call */
    size_t n;
};
typedef void capture_fn(void *arg, const struct captured *c);

/* Immediate mode, not promiscuous, non-blocking, nothing let through until capture_filter().
 * Needs CAP_NET_RAW. 0; -EPERM, -ENODEV …, with what to do in d. */
MUST_USE int capture_open(struct capture **ret, struct diag *d);
/* A pcap or pcapng file ("-" = standard input). -EBADMSG: not one, or of a link type that
 * packet_knows_link() does not know; -EIO; others of opening. Here and in capture_read() d says
 * what is wrong with the file, not which file: put its name before it. */
MUST_USE int capture_open_file(const char *path, struct capture **ret, struct diag *d);
void capture_free(struct capture *c);
static inline void capture_done(struct capture **c)
{
    capture_free(*c);
}

int capture_fd(const struct capture *c); /* readable when packets wait (live) */
/* Sets the kernel's filter (filter.h's text); needs no right. */
MUST_USE int capture_filter(struct capture *c, const char *text, struct diag *d);
/* Calls `each` for what waits, at most `most` packets. How many; 0 = none (a file: its end);
 * -errno with the reason (a file that is cut in the middle: -EBADMSG). */
MUST_USE int capture_read(struct capture *c, int most, capture_fn *each, void *arg,
                          struct diag *d);

struct capture_count {
    int64_t received, lost; /* since it was opened; never falling */
};
MUST_USE int capture_statistics(struct capture *c, struct capture_count *ret);

#endif
