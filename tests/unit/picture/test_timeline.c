/* Pictures: what their bytes promise. How they look was judged by eye. */
#include "picture/timeline.h"

#include <errno.h>
#include <string.h>

#include "support/leak.h"

SUITE(timeline);

/* fontconfig keeps its configuration for ever, where the leak checker cannot follow it. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig";
}

enum { DAY = 86400, PNG_WIDTH_AT = 16, PNG_HEIGHT_AT = 20 };

#define AT(day) ((wall_t){INT64_C(1790812800) + (int64_t)(day)*DAY}) /* 2026-10-01, UTC */
#define DAYS(from, to) ((struct span){AT(from), AT(to)})

static struct zone utc;

static const struct timeline_bar bars[] = {
    {{{1790812800}, {1791417600}}, TIMELINE_BRIDGED},
    {{{1790812800}, {1790899200}}, TIMELINE_SEEN},
    {{{1791072000}, {1791072000}}, TIMELINE_COLLECTOR}, /* a single moment */
};
static struct timeline_lane lane = {"srv-1 at 203.0.113.5", "2 runs", bars, ARRAY_LEN(bars)};
static const struct timeline_point points[] = {{{1790812800}, 0}, {{1792022400}, 14 * DAY}};
static const struct timeline_limit limit = {{{1790000000}, {1793491200}}, 7 * DAY};
static const char *const lines[] = {"Reseller r1"};

/* A picture with something of everything; the caller changes what it tests. */
static struct timeline_group group;
static struct timeline_curve curve;
static struct timeline sample(void)
{
    static const struct timeline_band bands[] = {
        {{{1789603200}, {1790812800}}, TIMELINE_LOOK_BACK},
        {{{1791000000}, {1791200000}}, TIMELINE_MOVE},
        {{{1792022400}, {1793491200}}, TIMELINE_FUTURE},
    };
    static const struct timeline_mark marks[] = {{{1790812800}, "period begins"},
                                                 {{1790812900}, "and hard by it another"},
                                                 {{1793491200}, "period ends"}};
    zone_init_utc(&utc);
    group = (struct timeline_group){"Who was where", &lane, 1};
    curve = (struct timeline_curve){.title = "Time",
                                    .is_slope = true,
                                    .is_time = true,
                                    .points = points,
                                    .n_points = ARRAY_LEN(points),
                                    .until = AT(14),
                                    .goes_on = true,
                                    .limits = &limit,
                                    .n_limits = 1,
                                    .limit_label = "grace"};
    return (struct timeline){.title = "Licence PLSK.00000001 in 2026-10",
                             .state = STATE_CONFIRMED,
                             .lines = lines,
                             .n_lines = 1,
                             .footer = "policy version 1",
                             .zone = &utc,
                             .window = DAYS(-14, 31),
                             .bands = bands,
                             .n_bands = ARRAY_LEN(bands),
                             .marks = marks,
                             .n_marks = ARRAY_LEN(marks),
                             .groups = &group,
                             .n_groups = 1,
                             .curves = &curve,
                             .n_curves = 1};
}

static uint32_t big_endian(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* The height of the picture, from its PNG. */
static uint32_t height_of(const struct timeline *t)
{
    AUTO(buf) struct buf out = BUF_INIT(16 << 20);
    cr_assert_eq(timeline_draw(t, TIMELINE_PNG, &out), 0);
    return big_endian(out.data + PNG_HEIGHT_AT);
}

static size_t count(const char *text, const char *of)
{
    size_t n = 0;
    for (const char *p = strstr(text, of); p; p = strstr(p + 1, of))
        n++;
    return n;
}

Test(timeline, an_svg_is_one_svg_document)
{
    AUTO(buf) struct buf out = BUF_INIT(16 << 20);
    struct timeline t = sample();
    cr_assert_eq(timeline_draw(&t, TIMELINE_SVG, &out), 0);

    const char *svg = buf_str(&out);
    cr_assert_eq(strncmp(svg, "<?xml version=\"1.0\"", 19), 0);
    cr_assert_eq(count(svg, "<svg "), 1);
    cr_assert(strstr(svg, "width=\"1200"));
    cr_assert_eq(strcmp(svg + out.len - strlen("</svg>\n"), "</svg>\n"), 0);
    cr_assert_eq(strlen(svg), out.len, "no NUL inside");
    cr_assert_eq(count(svg, "<g"), count(svg, "</g>"), "groups are closed");
}

Test(timeline, a_png_has_its_signature_and_twice_the_width)
{
    static const char signature[] = {'\x89', 'P', 'N', 'G', '\r', '\n', '\x1a', '\n'};
    AUTO(buf) struct buf out = BUF_INIT(16 << 20);
    struct timeline t = sample();
    cr_assert_eq(timeline_draw(&t, TIMELINE_PNG, &out), 0);

    cr_assert_gt(out.len, 1000);
    cr_assert_eq(memcmp(out.data, signature, sizeof signature), 0);
    cr_assert_eq(memcmp(out.data + 12, "IHDR", 4), 0);
    cr_assert_eq(big_endian(out.data + PNG_WIDTH_AT), 2400);
    cr_assert_gt(big_endian(out.data + PNG_HEIGHT_AT), 400);
}

Test(timeline, equal_models_are_equal_bytes)
{
    static const enum timeline_format formats[] = {TIMELINE_SVG, TIMELINE_PNG};
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        AUTO(buf) struct buf a = BUF_INIT(16 << 20);
        AUTO(buf) struct buf b = BUF_INIT(16 << 20);
        struct timeline t = sample();
        cr_assert_eq(timeline_draw(&t, formats[i], &a), 0);
        cr_assert_eq(timeline_draw(&t, formats[i], &b), 0);
        cr_assert_eq(a.len, b.len);
        cr_assert_eq(memcmp(a.data, b.data, a.len), 0);
    }
}

Test(timeline, lanes_beyond_the_cap_are_counted_not_drawn)
{
    static struct timeline_lane many[TIMELINE_LANES_MAX + 60];
    struct timeline t = sample();
    for (size_t i = 0; i < ARRAY_LEN(many); i++)
        many[i] = lane;
    group.lanes = many;
    group.n_lanes = TIMELINE_LANES_MAX;
    uint32_t full = height_of(&t);
    group.n_lanes = TIMELINE_LANES_MAX + 1;
    uint32_t one_more = height_of(&t);
    group.n_lanes = ARRAY_LEN(many);
    /* One row says "and N more", however many they are. */
    cr_assert_gt(one_more, full);
    cr_assert_eq(height_of(&t), one_more);
}

Test(timeline, bars_closer_than_a_pixel_are_one)
{
    static struct timeline_bar dense[200000];
    AUTO(buf) struct buf few = BUF_INIT(16 << 20);
    AUTO(buf) struct buf many = BUF_INIT(16 << 20);
    struct timeline t = sample();
    struct timeline_lane full = {"srv-1", "", dense, ARRAY_LEN(dense)};
    struct timeline_bar whole = {DAYS(0, 20), TIMELINE_SEEN};
    struct timeline_lane one = {"srv-1", "", &whole, 1};
    /* Every 8.64 seconds for 20 days, each 4 seconds long: no pixel is without one. */
    for (size_t i = 0; i < ARRAY_LEN(dense); i++)
        dense[i] = (struct timeline_bar){
            {{AT(0).s + (int64_t)i * 864 / 100}, {AT(0).s + (int64_t)i * 864 / 100 + 4}},
            TIMELINE_SEEN};
    group.lanes = &full;
    cr_assert_eq(timeline_draw(&t, TIMELINE_SVG, &many), 0);
    group.lanes = &one;
    cr_assert_eq(timeline_draw(&t, TIMELINE_SVG, &few), 0);
    /* One rectangle as well, perhaps a pixel longer; not 200,000. */
    cr_assert_lt(many.len, few.len + 100);
}

Test(timeline, hostile_texts_become_shapes)
{
    static const char *const texts[] = {"</g></svg><script>alert(1)</script>",
                                        "\"><!-- & &amp; ]]>",
                                        "bad \xff\xfe utf-8 \xc3",
                                        "turned \xe2\x80\xae around",
                                        "bell \a and \x1b[31mred",
                                        "",
                                        "\xf0\x9f\x92\xa9 \xe4\xb8\xad"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        AUTO(buf) struct buf out = BUF_INIT(16 << 20);
        const char *hostile[] = {texts[i]};
        struct timeline_lane l = {texts[i], texts[i], bars, ARRAY_LEN(bars)};
        struct timeline_mark m = {AT(3), texts[i]};
        struct timeline t = sample();
        t.title = t.footer = texts[i];
        t.lines = hostile;
        t.marks = &m;
        t.n_marks = 1;
        group.title = texts[i];
        group.lanes = &l;
        curve.title = curve.limit_label = texts[i];
        cr_assert_eq(timeline_draw(&t, TIMELINE_SVG, &out), 0, "text %zu", i);
        cr_assert_null(strstr(buf_str(&out), "script"), "text %zu", i);
        cr_assert_eq(count(buf_str(&out), "</svg>"), 1, "text %zu", i);
        cr_assert(text_is_utf8((struct text){out.data, out.len}), "text %zu", i);
    }
}

Test(timeline, long_texts_are_cut)
{
    AUTO(buf) struct buf out = BUF_INIT(16 << 20);
    static char text[4001];
    struct timeline t = sample();
    memset(text, 'W', sizeof text - 1);
    t.title = text;
    uint32_t height = height_of(&t);
    t.title = "short";
    cr_assert_eq(height, height_of(&t));
    t.title = text;
    cr_assert_eq(timeline_draw(&t, TIMELINE_SVG, &out), 0);
    cr_assert_lt(count(buf_str(&out), "<use"), 2000);
}

Test(timeline, an_empty_story_has_a_picture_too)
{
    AUTO(buf) struct buf out = BUF_INIT(16 << 20);
    struct timeline t = sample();
    t.n_lines = t.n_bands = t.n_marks = t.n_curves = 0;
    group.n_lanes = 0;
    t.state = STATE_CLEAR;
    cr_assert_eq(timeline_draw(&t, TIMELINE_SVG, &out), 0);
    t.n_groups = 0;
    cr_assert_eq(timeline_draw(&t, TIMELINE_PNG, &out), 0);
}

Test(timeline, windows_of_any_length_can_be_shown)
{
    const struct {
        struct span window;
        const char *why;
    } rows[] = {
        {DAYS(0, 31), "a month"},
        {{{1790812800}, {1790812801}}, "a second"},
        {DAYS(-3650, 31), "ten years: days and most months have no room"},
        {DAYS(200, 231), "nothing of the model lies in it"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf out = BUF_INIT(16 << 20);
        struct timeline t = sample();
        t.window = rows[i].window;
        cr_assert_eq(timeline_draw(&t, TIMELINE_SVG, &out), 0, "%s", rows[i].why);
    }
}

Test(timeline, steps_and_counts_of_any_size_can_be_shown)
{
    static const struct timeline_point steep[] = {
        {{1790812800}, 1}, {{1790899200}, INT64_C(1) << 60}, {{1790985600}, 0}};
    static const struct timeline_limit limits[] = {{{{1790812800}, {1790899200}}, 0},
                                                   {{{1790899200}, {1791000000}}, 1000}};
    AUTO(buf) struct buf out = BUF_INIT(16 << 20);
    struct timeline t = sample();
    curve = (struct timeline_curve){.title = "Mailboxes",
                                    .points = steep,
                                    .n_points = ARRAY_LEN(steep),
                                    .until = AT(5),
                                    .limits = limits,
                                    .n_limits = ARRAY_LEN(limits),
                                    .limit_label = "limit"};
    cr_assert_eq(timeline_draw(&t, TIMELINE_SVG, &out), 0);
    curve.n_points = 0;
    cr_assert_eq(timeline_draw(&t, TIMELINE_SVG, &out), 0);
    curve.is_slope = curve.goes_on = true;
    cr_assert_eq(timeline_draw(&t, TIMELINE_SVG, &out), 0);
}

Test(timeline, a_picture_over_the_buffers_cap_is_refused)
{
    AUTO(buf) struct buf out = BUF_INIT(1000);
    struct timeline t = sample();
    cr_assert_eq(timeline_draw(&t, TIMELINE_SVG, &out), -ERANGE);
    buf_reset(&out);
    cr_assert_eq(timeline_draw(&t, TIMELINE_PNG, &out), -ERANGE);
}

/* ---- Words, width and scale ------------------------------------------------------------ */

Test(timeline, without_words_they_are_english)
{
    AUTO(buf) struct buf none = BUF_INIT(16 << 20);
    AUTO(buf) struct buf english = BUF_INIT(16 << 20);
    struct timeline t = sample();
    cr_assert_eq(timeline_draw(&t, TIMELINE_SVG, &none), 0);
    t.words = &timeline_words_en;
    cr_assert_eq(timeline_draw(&t, TIMELINE_SVG, &english), 0);
    cr_assert_eq(none.len, english.len);
    cr_assert_eq(memcmp(none.data, english.data, none.len), 0);
}

Test(timeline, each_word_given_is_drawn)
{
    struct timeline_words w[5];
    AUTO(buf) struct buf english = BUF_INIT(16 << 20);
    struct timeline t = sample();
    cr_assert_eq(timeline_draw(&t, TIMELINE_SVG, &english), 0);
    for (size_t i = 0; i < ARRAY_LEN(w); i++)
        w[i] = timeline_words_en;
    w[0].months[9] = "Oktobermaand";
    w[1].badges[STATE_CONFIRMED] = "HET STAAT VAST";
    w[2].bars[TIMELINE_SEEN] = "gezien";
    w[3].bands[TIMELINE_FUTURE] = "later";
    w[4].days = "dgn";
    for (size_t i = 0; i < ARRAY_LEN(w); i++) {
        AUTO(buf) struct buf out = BUF_INIT(16 << 20);
        t.words = &w[i];
        cr_assert_eq(timeline_draw(&t, TIMELINE_SVG, &out), 0);
        cr_assert(out.len != english.len || memcmp(out.data, english.data, out.len) != 0, "%zu",
                  i);
    }
}

Test(timeline, no_word_is_missing)
{
    const struct timeline_words *w = &timeline_words_en;
    for (size_t i = 0; i < 12; i++)
        cr_assert(w->months[i] && strncmp(w->months[i], w->short_months[i], 3) == 0);
    for (size_t i = 0; i < TIMELINE_STATE_COUNT; i++)
        cr_assert_not_null(w->badges[i]);
    for (size_t i = 0; i < TIMELINE_BAR_KIND_COUNT; i++)
        cr_assert_not_null(w->bars[i]);
    for (size_t i = 0; i < TIMELINE_BAND_KIND_COUNT; i++)
        cr_assert_not_null(w->bands[i]);
    cr_assert(w->nothing_seen && w->more_before && w->more_after && w->thousands && w->days &&
              w->hours && w->minutes);
}

Test(timeline, a_png_is_as_wide_as_asked_times_its_scale)
{
    static const struct {
        int width, scale;
        uint32_t pixels;
        const char *why;
    } rows[] = {
        {0, 0, 2400, "1,200 shown, two to one, by default"},
        {1200, 2, 2400, "which can be asked for"},
        {640, 2, 1280, "a mail's"},
        {640, 1, 640, "plain"},
        {TIMELINE_WIDTH_MIN, TIMELINE_SCALE_MAX, 1280, "the narrowest"},
        {TIMELINE_WIDTH_MAX, 1, 4000, "the widest"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf out = BUF_INIT(16 << 20);
        struct timeline t = sample();
        struct timeline_size size;
        t.width = rows[i].width;
        t.scale = rows[i].scale;
        cr_assert_eq(timeline_draw_sized(&t, TIMELINE_PNG, &out, &size), 0, "%s", rows[i].why);
        cr_assert_eq(big_endian(out.data + PNG_WIDTH_AT), rows[i].pixels, "%s", rows[i].why);
        cr_assert_eq((uint32_t)size.width * big_endian(out.data + PNG_HEIGHT_AT),
                     rows[i].pixels * (uint32_t)size.height, "%s", rows[i].why);
    }
}

Test(timeline, a_lane_without_a_label_takes_no_room_for_it_where_labels_are_stacked)
{
    struct timeline t = sample();
    struct timeline_lane unnamed = {"", "", bars, ARRAY_LEN(bars)};
    uint32_t wide = height_of(&t);
    t.width = 640;
    uint32_t narrow = height_of(&t);
    group.lanes = &unnamed;
    cr_assert_lt(height_of(&t), narrow);
    t.width = 0;
    cr_assert_eq(height_of(&t), wide);
}

Test(timeline, a_caller_may_want_fewer_lanes)
{
    struct timeline_lane many[10];
    struct timeline t = sample();
    for (size_t i = 0; i < ARRAY_LEN(many); i++)
        many[i] = lane;
    group.lanes = many;
    t.lanes_max = 8;
    group.n_lanes = 9;
    uint32_t nine = height_of(&t);
    group.n_lanes = 10;
    cr_assert_eq(height_of(&t), nine);
    t.lanes_max = TIMELINE_LANES_MAX + 1; /* is the cap itself */
    group.n_lanes = 8;
    cr_assert_lt(height_of(&t), nine);
}

Test(timeline, hostile_and_long_texts_fit_a_narrow_sheet)
{
    static char text[4001];
    AUTO(buf) struct buf out = BUF_INIT(16 << 20);
    struct timeline t = sample();
    struct timeline_lane l = {text, text, bars, ARRAY_LEN(bars)};
    struct timeline_mark m = {AT(3), text};
    memset(text, 'W', sizeof text - 1);
    t.width = 320;
    t.title = t.footer = text;
    t.marks = &m;
    t.n_marks = 1;
    group.title = text;
    group.lanes = &l;
    curve.title = curve.limit_label = text;
    cr_assert_eq(timeline_draw(&t, TIMELINE_SVG, &out), 0);
    cr_assert(strstr(buf_str(&out), "width=\"320"));
}

Test(timeline, counts_are_grouped_where_the_language_does)
{
    static const struct timeline_point many[] = {{{1790812800}, 1234567}};
    struct timeline_words grouped = timeline_words_en;
    AUTO(buf) struct buf plain = BUF_INIT(16 << 20);
    AUTO(buf) struct buf dotted = BUF_INIT(16 << 20);
    struct timeline t = sample();
    t.n_lines = t.n_bands = t.n_marks = 0;
    curve = (struct timeline_curve){
        .title = "", .points = many, .n_points = 1, .until = AT(5), .limit_label = ""};
    cr_assert_eq(timeline_draw(&t, TIMELINE_SVG, &plain), 0);
    grouped.thousands = ".";
    t.words = &grouped;
    cr_assert_eq(timeline_draw(&t, TIMELINE_SVG, &dotted), 0);
    /* 1.234.567: two points, each the use of a glyph. */
    cr_assert_eq(count(buf_str(&dotted), "<use"), count(buf_str(&plain), "<use") + 2);
}
