/* Days and months in the zone's own time, what shades the plot, and the marks over it. */
#include "picture/sheet.h"
#include <stdio.h>
#include <string.h>

enum { DAY_S = 86400, MONTH_LABEL_GAP = 12 };

void band_draw(struct sheet *s, enum timeline_band_kind kind, struct canvas_box box)
{
    switch (kind) {
    case TIMELINE_LOOK_BACK: canvas_fill(s->canvas, box, INK_PALE); break;
    case TIMELINE_FUTURE: canvas_pattern(s->canvas, box, HATCH_DOTS, INK_SOFT); break;
    case TIMELINE_MOVE: canvas_pattern(s->canvas, box, HATCH_FALLING, INK_MID); break;
    }
}

static void draw_bands(struct sheet *s)
{
    /* In the order of the kinds: a move lies over the shade of the look-back. */
    for (int kind = 0; kind < TIMELINE_BAND_KIND_COUNT; kind++)
        for (size_t i = 0; i < s->t->n_bands; i++) {
            int from, to;
            if ((int)s->t->bands[i].kind != kind ||
                !sheet_columns(s, s->t->bands[i].at, &from, &to))
                continue;
            band_draw(s, s->t->bands[i].kind,
                      (struct canvas_box){from, s->plot.y, to - from, s->plot.height});
        }
}

/* Every how many days there is room for a number; 0 = none. */
static int day_step(const struct sheet *s)
{
    static const int steps[] = {1, 2, 5, 10};
    int64_t length = s->t->window.last.s - s->t->window.first.s;

    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if ((int64_t)steps[i] * DAY_S * s->plot.width / length >= s->look->day_width)
            return steps[i];
    return 0;
}

/* One day's tick and number. */
static void draw_day(struct sheet *s, int64_t days, int step)
{
    wall_t start = zone_day_start(s->t->zone, days);
    int64_t year;
    int month, day, bottom = s->plot.y, x = sheet_x(s, start);
    char number[16];

    civil_from_days(days, &year, &month, &day);
    if (start.s < s->t->window.first.s || start.s > s->t->window.last.s)
        return;
    if (day == 1)
        canvas_line(s->canvas, (struct canvas_point){x, bottom - s->look->axis_height + 4},
                    (struct canvas_point){x, bottom + s->plot.height}, STROKE_THIN, INK_MID);
    if (step == 0 || (day - 1) % step != 0 || (step > 2 && day > 30) ||
        x + s->look->day_width / 2 > s->plot.x + s->plot.width)
        return;
    canvas_line(s->canvas, (struct canvas_point){x, bottom - 4},
                (struct canvas_point){x, bottom + s->plot.height}, STROKE_THIN,
                day == 1 ? INK_MID : INK_SOFT);
    (void)snprintf(number, sizeof(number), "%d", day);
    canvas_text(
        s->canvas,
        &(struct canvas_text){.at = {x + 2, bottom - 7}, .font = s->look->day, .ink = INK_MID},
        number);
}

static bool has_room(struct sheet *s, const char *name, int width)
{
    return canvas_text_width(s->canvas, s->look->month, name) + MONTH_LABEL_GAP <= width;
}

/* A month's name in the middle of the columns where it shows, as long as there is room. */
static void draw_month(struct sheet *s, int64_t first_day)
{
    int64_t year, next;
    int month, day, from, to;
    AUTO(buf) struct buf name = BUF_INIT(1024);

    civil_from_days(first_day, &year, &month, &day);
    next = month == 12 ? civil_to_days(year + 1, 1, 1) : civil_to_days(year, month + 1, 1);
    struct span at = {zone_day_start(s->t->zone, first_day), zone_day_start(s->t->zone, next)};
    if (!sheet_columns(s, at, &from, &to))
        return;
    buf_printf(&name, "%s %lld", s->words->months[month - 1], (long long)year);
    if (!has_room(s, buf_str(&name), to - from)) {
        buf_reset(&name);
        buf_add_str(&name, s->words->short_months[month - 1]);
    }
    if (!has_room(s, buf_str(&name), to - from))
        return;
    canvas_text(s->canvas,
                &(struct canvas_text){.at = {(from + to) / 2, s->plot.y - s->look->month_rise},
                                      .align = ALIGN_MIDDLE,
                                      .font = s->look->month,
                                      .ink = INK_BLACK},
                buf_str(&name));
}

static void draw_days(struct sheet *s)
{
    int64_t first = zone_date_at(s->t->zone, s->t->window.first);
    int64_t last = zone_date_at(s->t->zone, s->t->window.last);
    int step = day_step(s);

    for (int64_t d = first; d <= last; d++) {
        int64_t year;
        int month, day;
        draw_day(s, d, step);
        civil_from_days(d, &year, &month, &day);
        if (day == 1 || d == first)
            draw_month(s, d - day + 1);
    }
}

void axis_draw(struct sheet *s)
{
    draw_bands(s);
    draw_days(s);
    canvas_line(s->canvas, (struct canvas_point){s->plot.x, s->plot.y},
                (struct canvas_point){s->plot.x + s->plot.width, s->plot.y}, STROKE_THIN,
                INK_BLACK);
}

/*
 * Where a mark's words begin: right of its line, or left of it where the plot ends. Where
 * neither has room, at the plot's left end.
 */
static int mark_text_x(struct sheet *s, size_t i, int *ret_width)
{
    int x = sheet_x(s, s->t->marks[i].at) + 4;

    *ret_width = canvas_text_width(s->canvas, s->look->mark.font, s->t->marks[i].label);
    if (x + *ret_width > s->plot.x + s->plot.width)
        x -= 8 + *ret_width;
    return s->look->is_stacked && x < s->plot.x ? s->plot.x : x;
}

static size_t mark_count(const struct timeline *t)
{
    return t->n_marks < SHEET_MARKS_MAX ? t->n_marks : SHEET_MARKS_MAX;
}

void axis_place_marks(struct sheet *s)
{
    struct {
        int from, to;
    } taken[SHEET_MARKS_MAX];

    for (size_t i = 0; i < mark_count(s->t); i++) {
        int width, x = mark_text_x(s, i, &width), row = 0;
        for (size_t k = 0; k < i; k++)
            if (s->mark_rows[k] == row && x < taken[k].to + 8 &&
                taken[k].from < x + width + 8) {
                row++;
                k = (size_t)-1; /* the next row: all of it again */
            }
        taken[i].from = x;
        taken[i].to = x + width;
        s->mark_rows[i] = row;
        s->n_mark_rows = row + 1 > s->n_mark_rows ? row + 1 : s->n_mark_rows;
    }
}

void axis_draw_mark_lines(struct sheet *s, int y, int height)
{
    if (!s->look->is_stacked)
        return;
    for (size_t i = 0; i < mark_count(s->t); i++) {
        int x = sheet_x(s, s->t->marks[i].at);
        canvas_line(s->canvas, (struct canvas_point){x, y},
                    (struct canvas_point){x, y + height}, STROKE_THICK, INK_BLACK);
    }
}

void axis_draw_marks(struct sheet *s)
{
    const struct sheet_row *row = &s->look->mark;
    int bottom = s->plot.y + s->plot.height;
    int top = s->look->is_stacked ? bottom : s->plot.y;

    for (size_t i = 0; i < mark_count(s->t); i++) {
        int x = sheet_x(s, s->t->marks[i].at);
        int end = bottom + (s->mark_rows[i] + 1) * row->height - 2;
        canvas_line(s->canvas, (struct canvas_point){x, top}, (struct canvas_point){x, end},
                    STROKE_THICK, INK_BLACK);
    }
    /* Words over lines: a long line may pass behind those of a higher row. */
    for (size_t i = 0; i < mark_count(s->t); i++) {
        int width, text_x = mark_text_x(s, i, &width);
        int y = bottom + s->mark_rows[i] * row->height;
        canvas_fill(s->canvas,
                    (struct canvas_box){text_x - 1, y + 2, width + 2, row->height - 2},
                    INK_WHITE);
        sheet_text(s, (struct canvas_point){text_x, y + row->base}, row->font, 0,
                   s->t->marks[i].label);
    }
}
