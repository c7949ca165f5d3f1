/* A finding's timeline for a mail: who was where and when, in the reader's language. */
#ifndef EDITION_PICTURE_H
#define EDITION_PICTURE_H

#include "picture/timeline.h"
#include "bulletin/model.h"
#include "run/story.h"

/*
 * Draws the line's subject in its period as PNG, 640 px wide as shown and twice that in fact;
 * of what is stored only `reseller`'s own. Adds to `out`; width and height as shown. The store
 * is read under the snapshot that the caller holds.
 *
 * 0; -ENOENT: there is nothing to draw (a kind that never costs, no reseller, or nothing was
 * seen of it); store errors; -ENOMEM; -ERANGE over the cap of `out`; -EIO with the text in d.
 */
MUST_USE int edition_picture(const struct run_setup *run, const struct bulletin *r,
                             const char *reseller, const struct bulletin_line *l,
                             struct buf *out, uint32_t *ret_width, uint32_t *ret_height,
                             struct diag *d);

#endif
