/*
 * The kernel's filter, as text for libpcap: only openings of connections to targets, and the
 * panel's answers, reach the probe. It may let more through than sight.h wants, never less, so
 * that what is decided is decided in one place.
 */
#ifndef PACKET_FILTER_H
#define PACKET_FILTER_H

#include "base/buf.h"
#include "packet/sight.h"

struct filter_wish {
    const struct sight_target *targets; /* collectors among them are left out: conntrack's */
    size_t n_targets;
    const uint16_t *ports; /* of the panel */
    size_t n_ports;
    bool has_keyserver, has_panel; /* which sources are wanted */
    /* Frames with a VLAN tag pass, all of them. For files: live, the kernel has taken the tag
     * off before the filter sees the packet. */
    bool has_tags;
};

/* Bytes of the longest text: SIGHT_TARGETS_MAX targets, each with a port of its own. */
#define FILTER_TEXT_MAX 65536

/* Numbers alone, so that compiling it asks no resolver and opens nothing. buf_error() tells.
 * With nothing to see: a filter that lets nothing through. IPv4 first fragments and options,
 * IPv6 with and without extension headers (RFC 8200). */
void filter_write(const struct filter_wish *w, struct buf *out);

#endif
