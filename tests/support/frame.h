/* Frames, put together header by header. */
#ifndef SUPPORT_FRAME_H
#define SUPPORT_FRAME_H

#include "packet/decode.h"

enum { FRAME_BYTES_MAX = 2048 };

struct frame {
    uint8_t bytes[FRAME_BYTES_MAX];
    size_t n;
    size_t ip_at; /* where the last IP header begins */
};

/* Links; `type` is that of what follows (0x0800, 0x86dd, 0x8100 …). */
void frame_ethernet(struct frame *f, unsigned type);
void frame_sll(struct frame *f, unsigned type, unsigned packet_type, unsigned hardware);
void frame_sll2(struct frame *f, unsigned type, unsigned packet_type, unsigned hardware);
void frame_tag(struct frame *f, unsigned type); /* 802.1Q and 802.1ad look alike */

/* From `source` to `destination`, of one family; its length is set by frame_end(). */
void frame_ip(struct frame *f, const char *source, const char *destination, unsigned protocol);
void frame_options(struct frame *f, size_t words); /* right behind an IPv4 header */
/* "More follow", and where this one stands, in units of eight bytes: of the IPv4 header. */
void frame_fragment(struct frame *f, bool has_more, unsigned offset);

/* IPv6: an extension header of `units` of eight bytes (at least 1); AH is told by its
 * number. */
void frame_extension(struct frame *f, unsigned kind, unsigned next, size_t units);
void frame_fragment_header(struct frame *f, unsigned next, bool has_more, unsigned offset);

void frame_tcp(struct frame *f, unsigned from_port, unsigned to_port, uint32_t sequence,
               unsigned flags);
void frame_bytes(struct frame *f, size_t n); /* of anything */
void frame_end(struct frame *f);

#endif
