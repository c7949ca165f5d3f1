/*
 * A PNG (ISO/IEC 15948) of at most 16 colours, two pixels to a byte: what a drawing of few inks
 * needs.
 */
#ifndef PICTURE_INDEXED_H
#define PICTURE_INDEXED_H

#include "base/buf.h"

enum { INDEXED_COLOURS = 16 };

/* Colours are 0xRRGGBB; of a pixel the uppermost byte means nothing. */
struct indexed_image {
    const uint32_t *pixels;
    size_t stride; /* pixels from one row to the next */
    int width, height;
    uint32_t palette[INDEXED_COLOURS];
};

/* Adds the PNG to `out`, each pixel in the nearest colour. 0; -ENOMEM; -ERANGE over its cap. */
MUST_USE int indexed_png(const struct indexed_image *image, struct buf *out);

#endif
