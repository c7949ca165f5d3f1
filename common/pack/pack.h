/*
 * Texts made small, for what is kept for years (zlib, RFC 1950). The length of the text goes
 * before it, so that reading takes no more memory than was meant.
 */
#ifndef PACK_PACK_H
#define PACK_PACK_H

#include "base/buf.h"
#include "base/text.h"

/* Adds the packed form of `t` to `out`; equal texts, equal bytes. 0; -ENOMEM; -ERANGE over the
 * buffer's cap. On error `out` holds what it held. */
MUST_USE int pack(struct text t, struct buf *out);

/* Adds the text that was packed. 0; -EBADMSG: not whole, or not ours; -ENOMEM; -ERANGE: larger
 * than what `out` may still hold. On error `out` holds what it held. */
MUST_USE int unpack(struct text packed, struct buf *out);

/* The zlib stream alone, for formats that have a length of their own. As pack(). */
MUST_USE int pack_stream(struct text t, struct buf *out);

#endif
