/* A finding's timeline for a mail: who was where and when, in the reader's language. */
#ifndef EDITION_PICTURE_H
#define EDITION_PICTURE_H

#include "picture/timeline.h"
#include "bulletin/model.h"
#include "run/story.h"

/* What is drawn: the line's subject in its period; of what is stored only `reseller`'s own. */
struct edition_picture_order {
    const struct run_setup *run;
    const struct bulletin *bulletin;
    const char *reseller; /* NULL = none */
    const struct bulletin_line *line;
};

struct edition_picture_size {
    uint32_t width, height; /* as shown */
};

/*
 * Draws it as PNG, 640 px wide as shown and twice that in fact. Adds to `out`. The store is
 * read under the snapshot that the caller holds.
 *
 * 0; -ENOENT: there is nothing to draw (a kind that never costs, no reseller, or nothing was
 * seen of it); store errors; -ENOMEM; -ERANGE over the cap of `out`; -EIO with the text in d.
 */
MUST_USE int edition_picture(const struct edition_picture_order *o, struct buf *out,
                             struct edition_picture_size *ret, struct diag *d);

#endif
