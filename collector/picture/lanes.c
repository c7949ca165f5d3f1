/* Lanes with their bars, and the legend that tells what bars and bands say. */
#include "picture/sheet.h"
#include <stdio.h>
#include <string.h>

enum {
    TITLE_HEIGHT = 26,
    LANE_HEIGHT = 24,
    BAR_HEIGHT = 16,
    DETAIL_WIDTH = 84,
    LEGEND_ROW = 22,
    LEGEND_COLUMNS = 3,
    SWATCH_WIDTH = 34,
};

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
    case TIMELINE_SEEN: canvas_fill(c, top, INK_DARK); break;
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
    }
}

/* One kind of a lane's bars: the columns they cover, then each run of columns as one bar. */
static void draw_kind(struct sheet *s, const struct timeline_lane *lane, int kind, int y)
{
    bool covered[SHEET_PLOT_WIDTH + 1] = {false};
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
                     (struct canvas_box){left + from, y, to - from, BAR_HEIGHT});
    }
}

static void draw_lane(struct sheet *s, const struct timeline_lane *lane)
{
    int right = s->plot.x - 12, width = SHEET_LABELS - 16;

    if (lane->detail[0]) {
        canvas_text(s->canvas,
                    &(struct canvas_text){.at = {right, s->y + 16},
                                          .align = ALIGN_RIGHT,
                                          .font = FONT_SMALL,
                                          .ink = INK_MID,
                                          .width = DETAIL_WIDTH},
                    lane->detail);
        width -= DETAIL_WIDTH + 6;
    }
    sheet_text(s, (struct canvas_point){SHEET_MARGIN, s->y + 16}, FONT_LABEL, width,
               lane->label);
    for (int kind = 0; kind < TIMELINE_BAR_KIND_COUNT; kind++)
        draw_kind(s, lane, kind, s->y + (LANE_HEIGHT - BAR_HEIGHT) / 2);
    s->y += LANE_HEIGHT;
    canvas_line(s->canvas, (struct canvas_point){SHEET_MARGIN, s->y},
                (struct canvas_point){s->plot.x + s->plot.width, s->y}, STROKE_THIN, INK_PALE);
}

static size_t lanes_drawn(const struct timeline_group *g)
{
    return g->n_lanes < TIMELINE_LANES_MAX ? g->n_lanes : TIMELINE_LANES_MAX;
}

static int group_height(const struct timeline_group *g)
{
    int more = g->n_lanes > lanes_drawn(g) || g->n_lanes == 0;

    return TITLE_HEIGHT + LANE_HEIGHT * ((int)lanes_drawn(g) + more);
}

int lanes_height(const struct timeline *t)
{
    int height = 0;

    for (size_t i = 0; i < t->n_groups; i++)
        height += group_height(&t->groups[i]);
    return height;
}

static void draw_group(struct sheet *s, const struct timeline_group *g)
{
    char more[64];
    int y = s->y + group_height(g);

    sheet_text(s, (struct canvas_point){SHEET_MARGIN, s->y + 18}, FONT_HEAD, SHEET_LABELS - 16,
               g->title);
    s->y += TITLE_HEIGHT;
    for (size_t i = 0; i < lanes_drawn(g); i++)
        draw_lane(s, &g->lanes[i]);
    (void)snprintf(more, sizeof(more), "\xE2\x80\xA6 and %zu more",
                   g->n_lanes - lanes_drawn(g));
    if (s->y < y)
        sheet_text(s, (struct canvas_point){SHEET_MARGIN, s->y + 16}, FONT_LABEL, 0,
                   g->n_lanes == 0 ? "nothing was seen" : more);
    s->y = y;
}

void lanes_draw(struct sheet *s)
{
    for (size_t i = 0; i < s->t->n_groups; i++)
        draw_group(s, &s->t->groups[i]);
}

/* ---- The legend ------------------------------------------------------------------------ */

static const char *const bar_words[] = {
    [TIMELINE_BRIDGED] = "present, joined over a short gap",
    [TIMELINE_SEEN] = "seen by the agent",
    [TIMELINE_COLLECTOR] = "seen by the collector itself",
    [TIMELINE_COUNTS] = "counts as a place, in own network",
    [TIMELINE_UNKNOWN] = "counts as a place, no network declared",
    [TIMELINE_OUTSIDE] = "counts, outside the own networks",
    [TIMELINE_SECOND] = "second stack, does not count",
    [TIMELINE_CARRIED] = "last count, carried on",
};
static_assert(ARRAY_LEN(bar_words) == TIMELINE_BAR_KIND_COUNT, "words for each kind of bar");

static const char *const band_words[] = {
    [TIMELINE_LOOK_BACK] = "look-back before the period",
    [TIMELINE_FUTURE] = "not known yet",
    [TIMELINE_MOVE] = "declared move: the level is 0",
};
static_assert(ARRAY_LEN(band_words) == TIMELINE_BAND_KIND_COUNT, "words for each kind of band");

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

    return LEGEND_ROW * ((n + LEGEND_COLUMNS - 1) / LEGEND_COLUMNS);
}

/* The n-th entry's swatch; its words are set beside it. */
static struct canvas_box legend_entry(struct sheet *s, int n, const char *words)
{
    int width = (SHEET_WIDTH - 2 * SHEET_MARGIN) / LEGEND_COLUMNS;
    struct canvas_box swatch = {SHEET_MARGIN + n % LEGEND_COLUMNS * width,
                                s->y + n / LEGEND_COLUMNS * LEGEND_ROW, SWATCH_WIDTH,
                                BAR_HEIGHT};

    sheet_text(s, (struct canvas_point){swatch.x + SWATCH_WIDTH + 8, swatch.y + 12}, FONT_SMALL,
               width - SWATCH_WIDTH - 16, words);
    return swatch;
}

void legend_draw(struct sheet *s)
{
    int n = 0;

    for (int kind = 0; kind < TIMELINE_BAR_KIND_COUNT; kind++)
        if (s->bar_kinds >> kind & 1)
            bar_draw(s, (enum timeline_bar_kind)kind, legend_entry(s, n++, bar_words[kind]));
    for (int kind = 0; kind < TIMELINE_BAND_KIND_COUNT; kind++)
        if (s->band_kinds >> kind & 1) {
            struct canvas_box swatch = legend_entry(s, n++, band_words[kind]);
            band_draw(s, (enum timeline_band_kind)kind, swatch);
            canvas_frame(s->canvas, swatch, INK_MID);
        }
    s->y += legend_height(s);
}
