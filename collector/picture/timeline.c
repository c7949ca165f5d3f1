/* The timeline as a whole: how high it is, and the order in which its parts are drawn. */
#include "picture/sheet.h"
#include <errno.h>
#include <string.h>

enum { TITLE_HEIGHT = 34, LINE_HEIGHT = 19, BADGE_HEIGHT = 24, FOOTER_HEIGHT = 22, GAP = 12 };

int sheet_x(const struct sheet *s, wall_t at)
{
    struct span w = s->t->window;
    int64_t past = wall_max(w.first, wall_min(at, w.last)).s - w.first.s;

    return s->plot.x + (int)(past * s->plot.width / (w.last.s - w.first.s));
}

bool sheet_columns(const struct sheet *s, struct span at, int *ret_from, int *ret_to)
{
    int right = s->plot.x + s->plot.width;

    if (!span_cut(&at, s->t->window))
        return false;
    *ret_from = sheet_x(s, at.first);
    *ret_to = sheet_x(s, at.last);
    if (*ret_from >= right)
        *ret_from = right - 1;
    if (*ret_to <= *ret_from)
        *ret_to = *ret_from + 1;
    return true;
}

void sheet_text(struct sheet *s, struct canvas_point at, struct canvas_font font, int width,
                const char *text)
{
    struct canvas_text how = {.at = at, .font = font, .ink = INK_BLACK, .width = width};

    canvas_text(s->canvas, &how, text);
}

static int header_height(const struct timeline *t)
{
    return TITLE_HEIGHT + BADGE_HEIGHT + GAP + LINE_HEIGHT * (int)t->n_lines + GAP;
}

static const struct {
    const char *word;
    enum canvas_ink fill, text;
} badges[] = {
    [STATE_CLEAR] = {"NOTHING FOUND", INK_WHITE, INK_BLACK},
    [STATE_NOTICE] = {"NOTICE, NOT CHARGED", INK_PALE, INK_BLACK},
    [STATE_POTENTIAL] = {"POTENTIAL, NOT CHARGED", INK_SOFT, INK_BLACK},
    [STATE_CONFIRMED] = {"CONFIRMED", INK_STRONG, INK_WHITE},
};

static void draw_header(struct sheet *s)
{
    const struct timeline *t = s->t;
    const char *word = badges[t->state].word;
    int full = SHEET_WIDTH - 2 * SHEET_MARGIN;
    struct canvas_box badge = {SHEET_MARGIN, s->y + TITLE_HEIGHT,
                               canvas_text_width(s->canvas, FONT_HEAD, word) + 24,
                               BADGE_HEIGHT};

    sheet_text(s, (struct canvas_point){SHEET_MARGIN, s->y + 22}, FONT_TITLE, full, t->title);
    canvas_fill(s->canvas, badge, badges[t->state].fill);
    canvas_frame(s->canvas, badge, INK_BLACK);
    canvas_text(s->canvas,
                &(struct canvas_text){.at = {badge.x + 12, badge.y + 16},
                                      .font = FONT_HEAD,
                                      .ink = badges[t->state].text},
                word);
    for (size_t i = 0; i < t->n_lines; i++)
        sheet_text(s,
                   (struct canvas_point){SHEET_MARGIN, badge.y + BADGE_HEIGHT + GAP + 12 +
                                                           LINE_HEIGHT * (int)i},
                   FONT_TEXT, full, t->lines[i]);
    s->y += header_height(t);
}

/* Which kinds occur, for the legend. */
static void note_kinds(struct sheet *s)
{
    const struct timeline *t = s->t;
    int from, to;

    for (size_t g = 0; g < t->n_groups; g++)
        for (size_t i = 0; i < t->groups[g].n_lanes && i < TIMELINE_LANES_MAX; i++)
            for (size_t k = 0; k < t->groups[g].lanes[i].n_bars; k++)
                if (sheet_columns(s, t->groups[g].lanes[i].bars[k].at, &from, &to))
                    s->bar_kinds |= 1U << t->groups[g].lanes[i].bars[k].kind;
    for (size_t i = 0; i < t->n_bands; i++)
        if (sheet_columns(s, t->bands[i].at, &from, &to))
            s->band_kinds |= 1U << t->bands[i].kind;
}

static int plot_height(const struct timeline *t)
{
    return lanes_height(t) + curves_height(t);
}

static int sheet_height(const struct sheet *s)
{
    return 2 * SHEET_MARGIN + header_height(s->t) + s->n_mark_rows * SHEET_MARK_HEIGHT +
           SHEET_AXIS_HEIGHT + plot_height(s->t) + GAP + legend_height(s) + FOOTER_HEIGHT;
}

static int draw_sheet(struct sheet *s)
{
    draw_header(s);
    s->plot.y = s->y + SHEET_AXIS_HEIGHT;
    s->plot.height = plot_height(s->t);
    axis_draw(s);
    s->y = s->plot.y;
    lanes_draw(s);
    int r = curves_draw(s);
    if (r < 0)
        return r;
    axis_draw_marks(s);
    s->y = s->plot.y + s->plot.height + s->n_mark_rows * SHEET_MARK_HEIGHT + GAP;
    legend_draw(s);
    canvas_text(s->canvas,
                &(struct canvas_text){.at = {SHEET_MARGIN, s->y + 14},
                                      .font = FONT_SMALL,
                                      .ink = INK_MID,
                                      .width = SHEET_WIDTH - 2 * SHEET_MARGIN},
                s->t->footer);
    return 0;
}

/* The height depends on how the marks' words fit, so they are measured on a sheet of no size.
 */
static int measure(struct sheet *s, enum canvas_format format)
{
    AUTO(canvas) struct canvas *scratch = NULL;
    int r = canvas_new(format, 1, 1, &scratch);

    if (r < 0)
        return r;
    s->canvas = scratch;
    note_kinds(s);
    axis_place_marks(s);
    s->canvas = NULL;
    return 0;
}

int timeline_draw(const struct timeline *t, enum timeline_format f, struct buf *out)
{
    AUTO(canvas) struct canvas *canvas = NULL;
    enum canvas_format format = f == TIMELINE_PNG ? CANVAS_PNG : CANVAS_SVG;
    struct sheet s = {
        .t = t,
        .y = SHEET_MARGIN,
        .plot = {.x = SHEET_MARGIN + SHEET_LABELS, .width = SHEET_PLOT_WIDTH},
    };

    assert(t->window.first.s < t->window.last.s);
    int r = measure(&s, format);
    if (r >= 0)
        r = canvas_new(format, SHEET_WIDTH, sheet_height(&s), &canvas);
    if (r < 0)
        return r;
    s.canvas = canvas;
    r = draw_sheet(&s);
    return r < 0 ? r : canvas_finish(canvas, out);
}
