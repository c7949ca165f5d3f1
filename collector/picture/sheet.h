/* The sheet that a timeline is drawn on: where things stand, shared by the parts of a drawing.
 */
#ifndef PICTURE_SHEET_H
#define PICTURE_SHEET_H

#include "picture/canvas.h"
#include "picture/timeline.h"

enum {
    SHEET_GAP = 12,
    SHEET_MARKS_MAX = 16,
};

/* A row of one text: how high it is, and the text's baseline from its top. */
struct sheet_row {
    int height, base;
    struct canvas_font font;
};

/* The sizes of everything; one look for wide sheets, one for narrow ones. */
struct sheet_look {
    bool is_stacked; /* labels stand over their bars; the plot is as wide as the sheet */
    bool is_framed;
    int margin;
    int labels; /* the column of labels, left of the plot; 0 where they are stacked */
    struct sheet_row title, badge, line, footer;
    struct sheet_row group, label, curve; /* titles of groups and curves; a lane's label */
    struct sheet_row mark;
    struct canvas_font small; /* details, legend, values */
    int axis_height;
    struct canvas_font month, day;
    int month_rise; /* of the months' baseline over the plot */
    int day_width;  /* room that a day's number takes */
    int lane_height, bar_height;
    int legend_row, legend_columns;
};

struct sheet {
    const struct timeline *t;
    const struct timeline_words *words;
    const struct sheet_look *look;
    struct canvas *canvas;
    int width;              /* of the whole sheet */
    int y;                  /* the next free row */
    struct canvas_box plot; /* of all lanes and curves; x and width are fixed */
    int mark_rows[SHEET_MARKS_MAX], n_mark_rows;
    unsigned bar_kinds, band_kinds; /* bits of those that occur in the window */
};

/* The look for a width as shown. */
const struct sheet_look *sheet_look_for(int width);

/* The column of a moment; those outside the window stand on its edge. */
int sheet_x(const struct sheet *s, wall_t at);
/* The columns that a span covers, at least one; false when it lies outside the window. */
bool sheet_columns(const struct sheet *s, struct span at, int *ret_from, int *ret_to);

/* A text in the usual ink, left-aligned; width 0 = any. */
void sheet_text(struct sheet *s, struct canvas_point at, struct canvas_font font, int width,
                const char *text);
/* What a title at the left may take: the column of labels, or the sheet. */
int sheet_title_width(const struct sheet *s);
/* A strip of the plot becomes plain, for a text in it; nothing where labels stand beside. */
void sheet_clear(struct sheet *s, int y, int height);

/* How one kind of bar looks, in a row of the given height. */
void bar_draw(struct sheet *s, enum timeline_bar_kind kind, struct canvas_box row);
/* How one kind of band looks. */
void band_draw(struct sheet *s, enum timeline_band_kind kind, struct canvas_box box);

/* Heights are known before drawing; each draw begins at s->y and moves it on. */
/* How many lanes of a group are drawn. */
size_t sheet_lanes(const struct timeline *t, const struct timeline_group *g);
int lanes_height(const struct sheet *s);
void lanes_draw(struct sheet *s);
int curves_height(const struct sheet *s);
MUST_USE int curves_draw(struct sheet *s);

/* The bands and the days behind the plot; then, over it and with words below it, the marks. */
void axis_draw(struct sheet *s);
void axis_place_marks(struct sheet *s); /* sets mark_rows; needs a canvas to measure by */
void axis_draw_marks(struct sheet *s);
/* Where labels are stacked: the marks' lines in one stretch of the plot, between the labels. */
void axis_draw_mark_lines(struct sheet *s, int y, int height);

int legend_height(const struct sheet *s);
void legend_draw(struct sheet *s);

#endif
