/* Lanes with their bars, and the legend that tells what bars and bands say. */
#include "picture/sheet.h"
#include <stdio.h>
#include <string.h>

enum { DETAIL_WIDTH = 84, SWATCH_WIDTH = 34 };

void bar_draw(struct sheet *s, enum timeline_bar_kind kind, struct canvas_box row)
{
    struct canvas *c = s->canvas;
    int upper = row.height * 9 / 16;
    struct canvas_box top = {row.x, row.y, row.width, upper};
    struct canvas_box low = {row.x, row.y + upper, row.width, row.height - upper};

    switch (kind) {
    case TIMELINE_BRIDGED:
    case TIMELINE_CARRIED:
        canvas_fill(c, row, INK_WHITE);
        canvas_frame(c, row, INK_MID);
        break;
    case TIMELINE_SEEN: canvas_fill(c, s->look->is_stacked ? row : top, INK_DARK); break;
    case TIMELINE_COLLECTOR: canvas_fill(c, low, INK_MID); break;
    case TIMELINE_COUNTS: canvas_fill(c, row, INK_MID); break;
    case TIMELINE_UNKNOWN:
        canvas_fill(c, row, INK_SOFT);
        canvas_frame(c, row, INK_MID);
        break;
    case TIMELINE_OUTSIDE:
        canvas_fill(c, row, INK_WHITE);
        canvas_pattern(c, row, HATCH_CROSS, INK_STRONG);
        canvas_frame(c, row, INK_STRONG);
        break;
    case TIMELINE_SECOND:
        canvas_fill(c, (struct canvas_box){row.x, row.y + row.height / 2 - 1, row.width, 3},
                    INK_MID);
        break;
    case TIMELINE_OVER: canvas_fill(c, row, INK_STRONG); break;
    case TIMELINE_GOES_ON:
        canvas_fill(c, row, INK_WHITE);
        canvas_pattern(c, row, HATCH_RISING, INK_STRONG);
        canvas_frame(c, row, INK_STRONG);
        break;
    }
}

/* One kind of a lane's bars: the columns they cover, then each run of columns as one bar. */
static void draw_kind(struct sheet *s, const struct timeline_lane *lane, int kind, int y)
{
    bool covered[TIMELINE_WIDTH_MAX + 1] = {false};
    int left = s->plot.x, from, to;

    for (size_t i = 0; i < lane->n_bars; i++) {
        if ((int)lane->bars[i].kind != kind || !sheet_columns(s, lane->bars[i].at, &from, &to))
            continue;
        memset(&covered[from - left], 1, (size_t)(to - from));
    }
    for (from = 0; from < s->plot.width; from = to + 1) {
        for (to = from; to < s->plot.width && covered[to]; to++)
            ;
        if (to > from)
            bar_draw(s, (enum timeline_bar_kind)kind,
                     (struct canvas_box){left + from, y, to - from, s->look->bar_height});
    }
}

/* The label, with its detail at the right. */
static void draw_label(struct sheet *s, const struct timeline_lane *lane)
{
    bool is_stacked = s->look->is_stacked;
    int right = s->plot.x + (is_stacked ? s->plot.width : -12);
    int width = sheet_title_width(s);
    int detail_width = is_stacked ? width / 2 : DETAIL_WIDTH;
    int base = s->y + s->look->label.base;

    if (lane->detail[0]) {
        canvas_text(s->canvas,
                    &(struct canvas_text){.at = {right, base},
                                          .align = ALIGN_RIGHT,
                                          .font = s->look->small,
                                          .ink = INK_MID,
                                          .width = detail_width},
                    lane->detail);
        int needed = canvas_text_width(s->canvas, s->look->small, lane->detail);
        /* Over its bars a label takes what the detail leaves. */
        width -= (is_stacked && needed < detail_width ? needed : detail_width) + 6;
    }
    sheet_text(s, (struct canvas_point){s->look->margin, base}, s->look->label.font, width,
               lane->label);
}

static int lane_height(const struct sheet *s, const struct timeline_lane *lane)
{
    const struct sheet_look *l = s->look;

    return l->lane_height + (l->is_stacked && lane->label[0] ? l->label.height : 0);
}

static void draw_lane(struct sheet *s, const struct timeline_lane *lane)
{
    const struct sheet_look *l = s->look;

    if (!l->is_stacked) {
        draw_label(s, lane);
    } else if (lane->label[0]) {
        sheet_clear(s, s->y, l->label.height);
        draw_label(s, lane);
        s->y += l->label.height;
    }
    for (int kind = 0; kind < TIMELINE_BAR_KIND_COUNT; kind++)
        draw_kind(s, lane, kind, s->y + (l->lane_height - l->bar_height) / 2);
    axis_draw_mark_lines(s, s->y, l->lane_height);
    s->y += l->lane_height;
    if (!l->is_stacked)
        canvas_line(s->canvas, (struct canvas_point){l->margin, s->y},
                    (struct canvas_point){s->plot.x + s->plot.width, s->y}, STROKE_THIN,
                    INK_PALE);
}

size_t sheet_lanes(const struct timeline *t, const struct timeline_group *g)
{
    size_t max = t->lanes_max > 0 && t->lanes_max < TIMELINE_LANES_MAX ? t->lanes_max
                                                                       : TIMELINE_LANES_MAX;

    return g->n_lanes < max ? g->n_lanes : max;
}

/* Whether a row says what is not drawn. */
static bool has_rest(const struct sheet *s, const struct timeline_group *g)
{
    return g->n_lanes > sheet_lanes(s->t, g) || g->n_lanes == 0;
}

static int group_height(const struct sheet *s, const struct timeline_group *g)
{
    int height = s->look->group.height + (has_rest(s, g) ? s->look->label.height : 0);

    for (size_t i = 0; i < sheet_lanes(s->t, g); i++)
        height += lane_height(s, &g->lanes[i]);
    return height;
}

int lanes_height(const struct sheet *s)
{
    int height = 0;

    for (size_t i = 0; i < s->t->n_groups; i++)
        height += group_height(s, &s->t->groups[i]);
    return height;
}

/* How many lanes are not drawn, or that there are none. */
static void draw_rest(struct sheet *s, const struct timeline_group *g)
{
    AUTO(buf) struct buf more = BUF_INIT(1024);

    buf_printf(&more, "%s%zu%s", s->words->more_before, g->n_lanes - sheet_lanes(s->t, g),
               s->words->more_after);
    sheet_clear(s, s->y, s->look->label.height);
    sheet_text(s, (struct canvas_point){s->look->margin, s->y + s->look->label.base},
               s->look->label.font, 0,
               g->n_lanes == 0 ? s->words->nothing_seen : buf_str(&more));
    s->y += s->look->label.height;
}

static void draw_group(struct sheet *s, const struct timeline_group *g)
{
    const struct sheet_row *row = &s->look->group;

    sheet_clear(s, s->y, row->height);
    sheet_text(s, (struct canvas_point){s->look->margin, s->y + row->base}, row->font,
               sheet_title_width(s), g->title);
    s->y += row->height;
    for (size_t i = 0; i < sheet_lanes(s->t, g); i++)
        draw_lane(s, &g->lanes[i]);
    if (has_rest(s, g))
        draw_rest(s, g);
}

void lanes_draw(struct sheet *s)
{
    for (size_t i = 0; i < s->t->n_groups; i++)
        draw_group(s, &s->t->groups[i]);
}

/* ---- The legend ------------------------------------------------------------------------ */

static int count_bits(unsigned bits)
{
    int n = 0;

    for (; bits; bits &= bits - 1)
        n++;
    return n;
}

int legend_height(const struct sheet *s)
{
    int n = count_bits(s->bar_kinds) + count_bits(s->band_kinds);
    int columns = s->look->legend_columns;

    return s->look->legend_row * ((n + columns - 1) / columns);
}

/* The n-th entry's swatch; its words are set beside it. */
static struct canvas_box legend_entry(struct sheet *s, int n, const char *words)
{
    const struct sheet_look *l = s->look;
    int width = (s->width - 2 * l->margin) / l->legend_columns;
    struct canvas_box swatch = {l->margin + n % l->legend_columns * width,
                                s->y + n / l->legend_columns * l->legend_row, SWATCH_WIDTH,
                                l->bar_height};

    sheet_text(s, (struct canvas_point){swatch.x + SWATCH_WIDTH + 8, swatch.y + 12}, l->small,
               width - SWATCH_WIDTH - 16, words);
    return swatch;
}

void legend_draw(struct sheet *s)
{
    int n = 0;

    for (int kind = 0; kind < TIMELINE_BAR_KIND_COUNT; kind++)
        if (s->bar_kinds >> kind & 1)
            bar_draw(s, (enum timeline_bar_kind)kind,
                     legend_entry(s, n++, s->words->bars[kind]));
    for (int kind = 0; kind < TIMELINE_BAND_KIND_COUNT; kind++)
        if (s->band_kinds >> kind & 1) {
            struct canvas_box swatch = legend_entry(s, n++, s->words->bands[kind]);
            band_draw(s, (enum timeline_band_kind)kind, swatch);
            canvas_frame(s->canvas, swatch, INK_MID);
        }
    s->y += legend_height(s);
}
