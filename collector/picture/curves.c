/* Curves over time: the level, the time that adds up, a count; and the line above which it is
 * too much. */
#include "base/grow.h"
#include "picture/sheet.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    PANEL_HEIGHT = 92,
    LOW_PANEL_HEIGHT = 48, /* a level alone: a few steps */
    PANEL_GAP = 14,
    HEADROOM_PERCENT = 115,
    STACKED_HEADROOM_PERCENT = 130, /* for a number over the line */
};

static size_t curves_drawn(const struct timeline *t)
{
    return t->n_curves < TIMELINE_CURVES_MAX ? t->n_curves : TIMELINE_CURVES_MAX;
}

static int panel_height(const struct timeline_curve *c)
{
    return c->n_limits > 0 || c->is_slope ? PANEL_HEIGHT : LOW_PANEL_HEIGHT;
}

int curves_height(const struct sheet *s)
{
    int height = 0;

    for (size_t i = 0; i < curves_drawn(s->t); i++)
        height += s->look->curve.height + panel_height(&s->t->curves[i]) + PANEL_GAP;
    return height;
}

/* One curve's panel. */
struct panel {
    struct sheet *s;
    const struct timeline_curve *curve;
    struct canvas_box box;
    int64_t top; /* the value at the upper edge, >= 1 */
    int64_t highest;
};

static int panel_y(const struct panel *p, int64_t value)
{
    int64_t high = value > p->top ? p->top : value;

    return p->box.y + p->box.height - (int)(high * p->box.height / p->top);
}

static struct panel panel_of(struct sheet *s, const struct timeline_curve *curve)
{
    struct panel p = {.s = s, .curve = curve};
    int headroom = s->look->is_stacked ? STACKED_HEADROOM_PERCENT : HEADROOM_PERCENT;
    int64_t most;

    p.box = (struct canvas_box){s->plot.x, s->y + s->look->curve.height, s->plot.width,
                                panel_height(curve)};
    for (size_t i = 0; i < curve->n_points; i++)
        p.highest = curve->points[i].value > p.highest ? curve->points[i].value : p.highest;
    most = p.highest;
    for (size_t i = 0; i < curve->n_limits; i++)
        most = curve->limits[i].value > most ? curve->limits[i].value : most;
    /* Far above what any level, count or time reaches: only so that the product fits. */
    if (most > INT64_MAX / 1000000)
        most = INT64_MAX / 1000000;
    p.top = most < 1 ? 1 : most * headroom / 100 + (most < 10 && !curve->is_time);
    return p;
}

/* In groups of three digits, where the language has them. Values are not negative. */
static void add_number(const struct panel *p, int64_t value, struct buf *out)
{
    char digits[24];
    size_t n = (size_t)snprintf(digits, sizeof(digits), "%lld", (long long)value);

    for (size_t i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            buf_add_str(out, p->s->words->thousands);
        buf_add_char(out, digits[i]);
    }
}

/* "14 d 6 h", as exact as an axis needs. */
static void add_value(const struct panel *p, int64_t value, struct buf *out)
{
    const struct timeline_words *w = p->s->words;
    long long days = value / 86400, hours = value % 86400 / 3600, minutes = value % 3600 / 60;

    if (!p->curve->is_time || value == 0)
        add_number(p, value, out);
    else if (days > 0 && hours > 0)
        buf_printf(out, "%lld %s %lld %s", days, w->days, hours, w->hours);
    else if (days > 0)
        buf_printf(out, "%lld %s", days, w->days);
    else if (hours > 0)
        buf_printf(out, "%lld %s", hours, w->hours);
    else
        buf_printf(out, "%lld %s", minutes, w->minutes);
}

/* A value beside the axis; where there is no room beside it, at the plot's right end. */
static void draw_value(const struct panel *p, int64_t value, const char *words)
{
    AUTO(buf) struct buf label = BUF_INIT(4096);
    const struct sheet_look *l = p->s->look;
    struct canvas_text how = {.at = {p->box.x - 8, panel_y(p, value) + 4},
                              .align = ALIGN_RIGHT,
                              .font = l->small,
                              .ink = INK_BLACK,
                              .width = l->labels - 16};

    if (words[0])
        buf_printf(&label, "%s ", words);
    add_value(p, value, &label);
    if (l->is_stacked) {
        how.at = (struct canvas_point){p->box.x + p->box.width - 4, panel_y(p, value) - 5};
        how.width = p->box.width / 2;
        int width = canvas_text_width(p->s->canvas, how.font, buf_str(&label));
        width = width < how.width ? width : how.width;
        canvas_fill(p->s->canvas,
                    (struct canvas_box){how.at.x - width - 2, how.at.y - l->small.size,
                                        width + 4, l->small.size + 3},
                    INK_WHITE);
    }
    canvas_text(p->s->canvas, &how, buf_str(&label));
}

/* ---- Steps ----------------------------------------------------------------------------- */

/* The highest value in each column. */
static void fill_columns(const struct panel *p, int64_t *columns)
{
    const struct timeline_curve *c = p->curve;

    for (size_t i = 0; i < c->n_points; i++) {
        struct span at = {c->points[i].at,
                          i + 1 < c->n_points ? c->points[i + 1].at : c->until};
        int from, to;
        if (at.last.s <= at.first.s || !sheet_columns(p->s, at, &from, &to))
            continue;
        for (int x = from; x < to; x++) {
            int64_t *column = &columns[x - p->box.x];
            *column = c->points[i].value > *column ? c->points[i].value : *column;
        }
    }
}

/* The limit that holds in each column, the lowest of several; -1 = none. */
static void fill_limits(const struct panel *p, int64_t *limits)
{
    for (int x = 0; x < p->box.width; x++)
        limits[x] = -1;
    for (size_t i = 0; i < p->curve->n_limits; i++) {
        const struct timeline_limit *l = &p->curve->limits[i];
        int from, to;
        if (!sheet_columns(p->s, l->at, &from, &to))
            continue;
        for (int x = from - p->box.x; x < to - p->box.x; x++)
            limits[x] = limits[x] < 0 || l->value < limits[x] ? l->value : limits[x];
    }
}

/* A run of columns with one value and one limit. */
static void draw_run(const struct panel *p, int from, int to, int64_t value, int64_t limit)
{
    struct canvas *c = p->s->canvas;
    int bottom = p->box.y + p->box.height, y = panel_y(p, value);
    struct canvas_box all = {p->box.x + from, y, to - from, bottom - y};

    if (value == 0)
        return;
    if (limit < 0 || value <= limit) {
        canvas_fill(c, all, INK_SOFT);
    } else {
        int line = panel_y(p, limit);
        canvas_fill(c, (struct canvas_box){all.x, line, all.width, bottom - line}, INK_SOFT);
        canvas_fill(c, (struct canvas_box){all.x, y, all.width, line - y}, INK_STRONG);
    }
    canvas_line(c, (struct canvas_point){all.x, y}, (struct canvas_point){all.x + all.width, y},
                STROKE_THICK, INK_DARK);
}

static int draw_steps(const struct panel *p)
{
    AUTO_FREE int64_t *columns = calloc((size_t)p->box.width + 1, sizeof(*columns));
    AUTO_FREE int64_t *limits = calloc((size_t)p->box.width + 1, sizeof(*limits));
    int to;

    if (!columns || !limits)
        return -ENOMEM;
    fill_columns(p, columns);
    fill_limits(p, limits);
    for (int from = 0; from < p->box.width; from = to) {
        for (to = from + 1;
             to < p->box.width && columns[to] == columns[from] && limits[to] == limits[from];
             to++)
            ;
        draw_run(p, from, to, columns[from], limits[from]);
    }
    return 0;
}

/* ---- Slopes ---------------------------------------------------------------------------- */

/* A polyline's points, at most a few a column. */
struct polyline {
    struct canvas_point *v;
    size_t n, cap;
};

static void polyline_done(struct polyline *l)
{
    free(l->v);
}

static int polyline_add(struct polyline *l, struct canvas_point point)
{
    int r = grow(&l->v, &l->cap, l->n + 1, sizeof(*l->v), SIZE_MAX);

    if (r >= 0)
        l->v[l->n++] = point;
    return r;
}

/* Of points in one column the last one stays: slopes here never fall. */
static int slope_points(const struct panel *p, struct polyline *ret)
{
    const struct timeline_curve *c = p->curve;

    for (size_t i = 0; i < c->n_points; i++) {
        wall_t at = wall_min(c->points[i].at, c->until);
        struct canvas_point point = {sheet_x(p->s, at), panel_y(p, c->points[i].value)};
        if (ret->n > 0 && ret->v[ret->n - 1].x == point.x) {
            ret->v[ret->n - 1] = point;
            continue;
        }
        int r = polyline_add(ret, point);
        if (r < 0)
            return r;
    }
    if (ret->n == 0)
        return 0;
    return polyline_add(ret,
                        (struct canvas_point){sheet_x(p->s, c->until), ret->v[ret->n - 1].y});
}

/* The area between the line and a floor, where the line lies above it. */
static int draw_area(const struct panel *p, const struct polyline *line, int floor,
                     enum canvas_ink ink)
{
    AUTO(polyline) struct polyline area = {0};
    int r = 0;

    for (size_t i = 0; i < line->n && r >= 0; i++) {
        struct canvas_point at = line->v[i], before = i > 0 ? line->v[i - 1] : at;
        /* Smaller is higher: where it rises through the floor, the area begins on it. */
        if (before.y > floor && at.y < floor)
            r = polyline_add(
                &area, (struct canvas_point){before.x + (at.x - before.x) * (before.y - floor) /
                                                            (before.y - at.y),
                                             floor});
        if (r >= 0)
            r = polyline_add(&area, (struct canvas_point){at.x, at.y < floor ? at.y : floor});
    }
    if (r < 0 || line->n == 0)
        return r;
    r = polyline_add(&area, (struct canvas_point){line->v[line->n - 1].x, floor});
    if (r >= 0)
        r = polyline_add(&area, (struct canvas_point){line->v[0].x, floor});
    if (r >= 0)
        canvas_shape(p->s->canvas, area.v, area.n, ink);
    return r;
}

/* What would come of it: one second more each second, as far as the panel reaches. */
static void draw_outlook(const struct panel *p)
{
    const struct timeline_curve *c = p->curve;
    int64_t value = c->points[c->n_points - 1].value;
    int64_t left = p->s->t->window.last.s - c->until.s, room = p->top - value;

    left = left > room ? room : left;
    if (left <= 0)
        return;
    canvas_line(p->s->canvas, (struct canvas_point){sheet_x(p->s, c->until), panel_y(p, value)},
                (struct canvas_point){sheet_x(p->s, (wall_t){c->until.s + left}),
                                      panel_y(p, value + left)},
                STROKE_DASHED, INK_DARK);
}

static int draw_slope(const struct panel *p)
{
    AUTO(polyline) struct polyline line = {0};
    int r = slope_points(p, &line);

    if (r >= 0)
        r = draw_area(p, &line, p->box.y + p->box.height, INK_SOFT);
    if (r >= 0 && p->curve->n_limits > 0)
        r = draw_area(p, &line, panel_y(p, p->curve->limits[0].value), INK_STRONG);
    if (r >= 0 && line.n > 0)
        canvas_path(p->s->canvas, line.v, line.n, STROKE_THICK, INK_DARK);
    if (r >= 0 && p->curve->goes_on && p->curve->n_points > 0)
        draw_outlook(p);
    return r;
}

/* ---- A panel --------------------------------------------------------------------------- */

static void draw_limits(const struct panel *p)
{
    const struct timeline_curve *c = p->curve;

    for (size_t i = 0; i < c->n_limits; i++) {
        int from, to, y = panel_y(p, c->limits[i].value);
        if (!sheet_columns(p->s, c->limits[i].at, &from, &to))
            continue;
        canvas_line(p->s->canvas, (struct canvas_point){from, y}, (struct canvas_point){to, y},
                    STROKE_DASHED, INK_BLACK);
    }
    if (c->n_limits > 0)
        draw_value(p, c->limits[c->n_limits - 1].value, c->limit_label);
}

/* What a slope came to, over its end. */
static void draw_sum(const struct panel *p)
{
    AUTO(buf) struct buf number = BUF_INIT(256);
    struct canvas_point end = {sheet_x(p->s, p->curve->until) - 6, panel_y(p, p->highest) - 6};

    if (p->highest == 0)
        return;
    add_value(p, p->highest, &number);
    canvas_text(
        p->s->canvas,
        &(struct canvas_text){
            .at = end, .align = ALIGN_RIGHT, .font = p->s->look->curve.font, .ink = INK_BLACK},
        buf_str(&number));
}

/* The highest value: over its first column where there is a limit, else beside the axis. */
static void draw_highest(const struct panel *p)
{
    const struct timeline_curve *c = p->curve;
    AUTO(buf) struct buf number = BUF_INIT(256);
    size_t i = 0;

    if (p->highest == 0)
        return;
    if (c->n_limits == 0) {
        draw_value(p, p->highest, "");
        return;
    }
    while (c->points[i].value != p->highest)
        i++;
    add_value(p, p->highest, &number);
    canvas_text(p->s->canvas,
                &(struct canvas_text){
                    .at = {sheet_x(p->s, c->points[i].at), panel_y(p, p->highest) - 5},
                    .font = p->s->look->curve.font,
                    .ink = INK_BLACK},
                buf_str(&number));
}

static int draw_panel(struct sheet *s, const struct timeline_curve *curve)
{
    struct panel p = panel_of(s, curve);
    const struct sheet_row *row = &s->look->curve;
    int bottom = p.box.y + p.box.height;

    sheet_clear(s, s->y, row->height);
    sheet_text(s, (struct canvas_point){s->look->margin, s->y + row->base}, row->font,
               sheet_title_width(s), curve->title);
    int r = curve->is_slope ? draw_slope(&p) : draw_steps(&p);
    if (r < 0)
        return r;
    draw_limits(&p);
    if (curve->is_slope)
        draw_sum(&p);
    else
        draw_highest(&p);
    if (!s->look->is_stacked)
        draw_value(&p, 0, "");
    axis_draw_mark_lines(s, p.box.y, p.box.height + PANEL_GAP);
    canvas_line(s->canvas, (struct canvas_point){p.box.x, bottom},
                (struct canvas_point){p.box.x + p.box.width, bottom}, STROKE_THIN, INK_BLACK);
    s->y += row->height + p.box.height + PANEL_GAP;
    return 0;
}

int curves_draw(struct sheet *s)
{
    int r = 0;

    for (size_t i = 0; i < curves_drawn(s->t) && r >= 0; i++)
        r = draw_panel(s, &s->t->curves[i]);
    return r;
}
