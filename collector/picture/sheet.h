/* The sheet that a timeline is drawn on: where things stand, shared by the parts of a drawing.
 */
#ifndef PICTURE_SHEET_H
#define PICTURE_SHEET_H

#include "picture/canvas.h"
#include "picture/timeline.h"

enum {
    SHEET_WIDTH = 1200,
    SHEET_MARGIN = 24,
    SHEET_LABELS = 296, /* the column of labels, left of the plot */
    SHEET_PLOT_WIDTH = SHEET_WIDTH - 2 * SHEET_MARGIN - SHEET_LABELS,
    SHEET_AXIS_HEIGHT = 34,
    SHEET_MARK_HEIGHT = 16,
    SHEET_MARKS_MAX = 16,
};

static const struct canvas_font FONT_TITLE = {20, true};
static const struct canvas_font FONT_TEXT = {13, false};
static const struct canvas_font FONT_HEAD = {12, true};
static const struct canvas_font FONT_LABEL = {12, false};
static const struct canvas_font FONT_SMALL = {11, false};

struct sheet {
    const struct timeline *t;
    struct canvas *canvas;
    int y;                  /* the next free row */
    struct canvas_box plot; /* of all lanes and curves; x and width are fixed */
    int mark_rows[SHEET_MARKS_MAX], n_mark_rows;
    unsigned bar_kinds, band_kinds; /* bits of those that occur in the window */
};

/* The column of a moment; those outside the window stand on its edge. */
int sheet_x(const struct sheet *s, wall_t at);
/* The columns that a span covers, at least one; false when it lies outside the window. */
bool sheet_columns(const struct sheet *s, struct span at, int *ret_from, int *ret_to);

/* A text in the usual ink, left-aligned; width 0 = any. */
void sheet_text(struct sheet *s, struct canvas_point at, struct canvas_font font, int width,
                const char *text);

/* How one kind of bar looks, in a row of the given height. */
void bar_draw(struct sheet *s, enum timeline_bar_kind kind, struct canvas_box row);
/* How one kind of band looks. */
void band_draw(struct sheet *s, enum timeline_band_kind kind, struct canvas_box box);

/* Heights are known before drawing; each draw begins at s->y and moves it on. */
int lanes_height(const struct timeline *t);
void lanes_draw(struct sheet *s);
int curves_height(const struct timeline *t);
MUST_USE int curves_draw(struct sheet *s);

/* The bands and the days behind the plot; then, over it and with words below it, the marks. */
void axis_draw(struct sheet *s);
void axis_place_marks(struct sheet *s); /* sets mark_rows; needs a canvas to measure by */
void axis_draw_marks(struct sheet *s);

int legend_height(const struct sheet *s);
void legend_draw(struct sheet *s);

#endif
