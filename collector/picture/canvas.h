/*
 * A small drawing surface in whole pixels, written as SVG or PNG into a buffer: the only place
 * that knows cairo. What must be told apart differs in lightness and pattern, never in hue
 * alone. Drawing never fails by itself: the first failure sticks, and canvas_finish() tells.
 */
#ifndef PICTURE_CANVAS_H
#define PICTURE_CANVAS_H

#include "base/buf.h"
#include "base/text.h"

struct canvas;

/* A small PNG has 16 colours: each pixel takes the nearest of them. */
enum canvas_format { CANVAS_SVG, CANVAS_PNG, CANVAS_PNG_SMALL };

/* From dark to light; the accents are dark and middling in grey. */
enum canvas_ink {
    INK_BLACK,
    INK_DARK,   /* what was seen */
    INK_STRONG, /* what is too much */
    INK_MID,    /* lines, second things */
    INK_SOFT,   /* fills that carry text */
    INK_PALE,   /* backgrounds */
    INK_FAINT,
    INK_WHITE,
};

enum canvas_hatch { HATCH_RISING, HATCH_FALLING, HATCH_CROSS, HATCH_UPRIGHT, HATCH_DOTS };

enum canvas_align { ALIGN_LEFT, ALIGN_MIDDLE, ALIGN_RIGHT };

struct canvas_size {
    int width, height;
};

struct canvas_box {
    int x, y, width, height;
};

struct canvas_point {
    int x, y;
};

/*
 * Of the given size, white; `scale` pixels of a PNG to one of ours. 0; -ENOMEM; -EIO when the
 * library fails otherwise.
 */
MUST_USE int canvas_new(enum canvas_format format, struct canvas_size size, int scale,
                        struct canvas **ret);
void canvas_free(struct canvas *c);
static inline void canvas_done(struct canvas **c)
{
    canvas_free(*c);
}

void canvas_fill(struct canvas *c, struct canvas_box box, enum canvas_ink ink);
/* A line of one pixel along the box's inner edge. */
void canvas_frame(struct canvas *c, struct canvas_box box, enum canvas_ink ink);
/* Patterns of neighbours join on to each other. */
void canvas_pattern(struct canvas *c, struct canvas_box box, enum canvas_hatch hatch,
                    enum canvas_ink ink);

enum canvas_stroke { STROKE_THIN, STROKE_THICK, STROKE_DASHED };
void canvas_line(struct canvas *c, struct canvas_point from, struct canvas_point to,
                 enum canvas_stroke stroke, enum canvas_ink ink);
/* A line through n points. */
void canvas_path(struct canvas *c, const struct canvas_point *v, size_t n,
                 enum canvas_stroke stroke, enum canvas_ink ink);
/* A filled polygon. */
void canvas_shape(struct canvas *c, const struct canvas_point *v, size_t n,
                  enum canvas_ink ink);

struct canvas_font {
    int size;
    bool is_bold;
};

/* The width of a text, as canvas_text() shows it. */
int canvas_text_width(struct canvas *c, struct canvas_font font, const char *s);
/*
 * A text on a baseline. What is no text (bytes that are not UTF-8, control characters, marks
 * that turn the direction) is shown as U+FFFD. In at most `width` pixels (0 = any), cut with
 * an ellipsis. `at` is its left end, middle or right end.
 */
struct canvas_text {
    struct canvas_point at;
    enum canvas_align align;
    struct canvas_font font;
    enum canvas_ink ink;
    int width;
};
void canvas_text(struct canvas *c, const struct canvas_text *how, const char *s);

/* Adds the picture's bytes to `out`. 0; -ENOMEM; -ERANGE over its cap; -EIO. */
MUST_USE int canvas_finish(struct canvas *c, struct buf *out);

#endif
