/* The timeline as a whole: how high it is, and the order in which its parts are drawn. */
#include "picture/sheet.h"
#include <errno.h>
#include <string.h>

enum { WIDTH = 1200, SCALE = 2 };

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

int sheet_title_width(const struct sheet *s)
{
    return s->look->is_stacked ? s->plot.width : s->look->labels - 16;
}

void sheet_clear(struct sheet *s, int y, int height)
{
    int top = y > s->plot.y ? y : y + 1; /* the axis stays */

    if (s->look->is_stacked)
        canvas_fill(s->canvas,
                    (struct canvas_box){s->plot.x, top, s->plot.width + 1, height - (top - y)},
                    INK_WHITE);
}

static int header_height(const struct sheet *s)
{
    const struct sheet_look *l = s->look;

    return l->title.height + l->badge.height + SHEET_GAP + l->line.height * (int)s->t->n_lines +
           SHEET_GAP;
}

static const struct {
    enum canvas_ink fill, text;
} badges[] = {
    [STATE_CLEAR] = {INK_WHITE, INK_BLACK},
    [STATE_NOTICE] = {INK_PALE, INK_BLACK},
    [STATE_POTENTIAL] = {INK_SOFT, INK_BLACK},
    [STATE_CONFIRMED] = {INK_STRONG, INK_WHITE},
};
static_assert(ARRAY_LEN(badges) == TIMELINE_STATE_COUNT, "a badge for each state");

/* A text on a row's baseline, at the left margin, as long as the sheet has room. */
static void draw_row(struct sheet *s, int y, struct sheet_row row, const char *text)
{
    sheet_text(s, (struct canvas_point){s->look->margin, y + row.base}, row.font,
               s->width - 2 * s->look->margin, text);
}

static void draw_header(struct sheet *s)
{
    const struct timeline *t = s->t;
    const struct sheet_look *l = s->look;
    const char *word = s->words->badges[t->state];
    struct canvas_box badge = {l->margin, s->y + l->title.height,
                               canvas_text_width(s->canvas, l->badge.font, word) + 24,
                               l->badge.height};

    draw_row(s, s->y, l->title, t->title);
    canvas_fill(s->canvas, badge, badges[t->state].fill);
    canvas_frame(s->canvas, badge, INK_BLACK);
    canvas_text(s->canvas,
                &(struct canvas_text){.at = {badge.x + 12, badge.y + l->badge.base},
                                      .font = l->badge.font,
                                      .ink = badges[t->state].text},
                word);
    for (size_t i = 0; i < t->n_lines; i++)
        draw_row(s, badge.y + badge.height + SHEET_GAP + l->line.height * (int)i, l->line,
                 t->lines[i]);
    s->y += header_height(s);
}

/* Which kinds occur, for the legend. */
static void note_kinds(struct sheet *s)
{
    const struct timeline *t = s->t;
    int from, to;

    for (size_t g = 0; g < t->n_groups; g++)
        for (size_t i = 0; i < sheet_lanes(t, &t->groups[g]); i++)
            for (size_t k = 0; k < t->groups[g].lanes[i].n_bars; k++)
                if (sheet_columns(s, t->groups[g].lanes[i].bars[k].at, &from, &to))
                    s->bar_kinds |= 1U << t->groups[g].lanes[i].bars[k].kind;
    for (size_t i = 0; i < t->n_bands; i++)
        if (sheet_columns(s, t->bands[i].at, &from, &to))
            s->band_kinds |= 1U << t->bands[i].kind;
}

static int plot_height(const struct sheet *s)
{
    return lanes_height(s) + curves_height(s);
}

static int sheet_height(const struct sheet *s)
{
    const struct sheet_look *l = s->look;

    return 2 * l->margin + header_height(s) + s->n_mark_rows * l->mark.height + l->axis_height +
           plot_height(s) + SHEET_GAP + legend_height(s) + l->footer.height;
}

static int draw_sheet(struct sheet *s)
{
    draw_header(s);
    s->plot.y = s->y + s->look->axis_height;
    s->plot.height = plot_height(s);
    axis_draw(s);
    s->y = s->plot.y;
    lanes_draw(s);
    int r = curves_draw(s);
    if (r < 0)
        return r;
    axis_draw_marks(s);
    s->y = s->plot.y + s->plot.height + s->n_mark_rows * s->look->mark.height + SHEET_GAP;
    legend_draw(s);
    canvas_text(s->canvas,
                &(struct canvas_text){.at = {s->look->margin, s->y + s->look->footer.base},
                                      .font = s->look->footer.font,
                                      .ink = INK_MID,
                                      .width = s->width - 2 * s->look->margin},
                s->t->footer);
    return 0;
}

/* The height depends on how the marks' words fit, so they are measured on a sheet of no size.
 */
static int measure(struct sheet *s, enum canvas_format format)
{
    AUTO(canvas) struct canvas *scratch = NULL;
    int r = canvas_new(format, (struct canvas_size){1, 1}, 1, &scratch);

    if (r < 0)
        return r;
    s->canvas = scratch;
    note_kinds(s);
    axis_place_marks(s);
    s->canvas = NULL;
    return 0;
}

static void sheet_init(struct sheet *s, const struct timeline *t)
{
    int width = t->width > 0 ? t->width : WIDTH;
    const struct sheet_look *l = sheet_look_for(width);

    assert(t->window.first.s < t->window.last.s);
    assert(width >= TIMELINE_WIDTH_MIN && width <= TIMELINE_WIDTH_MAX);
    assert(t->scale >= 0 && t->scale <= TIMELINE_SCALE_MAX);
    *s = (struct sheet){
        .t = t,
        .words = t->words ? t->words : &timeline_words_en,
        .look = l,
        .width = width,
        .y = l->margin,
        .plot = {.x = l->margin + l->labels, .width = width - 2 * l->margin - l->labels},
    };
}

int timeline_draw_sized(const struct timeline *t, enum timeline_format f, struct buf *out,
                        struct timeline_size *ret)
{
    AUTO(canvas) struct canvas *canvas = NULL;
    static const enum canvas_format formats[] = {[TIMELINE_SVG] = CANVAS_SVG,
                                                 [TIMELINE_PNG] = CANVAS_PNG,
                                                 [TIMELINE_PNG_SMALL] = CANVAS_PNG_SMALL};
    enum canvas_format format = formats[f];
    struct sheet s;

    sheet_init(&s, t);
    int r = measure(&s, format);
    struct canvas_size size = {s.width, sheet_height(&s)};
    if (r >= 0)
        r = canvas_new(format, size, t->scale > 0 ? t->scale : SCALE, &canvas);
    if (r < 0)
        return r;
    s.canvas = canvas;
    if (s.look->is_framed)
        canvas_frame(canvas, (struct canvas_box){0, 0, size.width, size.height}, INK_SOFT);
    r = draw_sheet(&s);
    if (r >= 0)
        r = canvas_finish(canvas, out);
    if (r >= 0 && ret)
        *ret = (struct timeline_size){size.width, size.height};
    return r;
}

int timeline_draw(const struct timeline *t, enum timeline_format f, struct buf *out)
{
    return timeline_draw_sized(t, f, out, NULL);
}
