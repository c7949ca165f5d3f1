/* Drawing by cairo. Its coordinates are floating point; ours are whole pixels. */
#include "picture/canvas.h"
#include "picture/indexed.h"
#include <cairo-svg.h>
#include <cairo.h>
#include <errno.h>
#include <string.h>

enum {
    HATCH_STEP = 6,
    CANVAS_BYTES = 64 << 20 /* of one finished picture */
};

struct canvas {
    enum canvas_format format;
    cairo_surface_t *surface;
    cairo_t *cairo;
    struct buf bytes; /* of an SVG, as cairo writes it */
    struct buf scratch;
};

static const struct {
    double red, green, blue;
} inks[] = {
    [INK_BLACK] = {0.07, 0.07, 0.09},  [INK_DARK] = {0.13, 0.24, 0.42},
    [INK_STRONG] = {0.68, 0.20, 0.06}, [INK_MID] = {0.45, 0.47, 0.50},
    [INK_SOFT] = {0.76, 0.80, 0.86},   [INK_PALE] = {0.90, 0.91, 0.93},
    [INK_FAINT] = {0.955, 0.96, 0.97}, [INK_WHITE] = {1, 1, 1},
};

static cairo_status_t add_bytes(void *to, const unsigned char *bytes, unsigned int n)
{
    struct buf *b = to;

    buf_add(b, bytes, n);
    return buf_error(b) < 0 ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static void use_ink(struct canvas *c, enum canvas_ink ink)
{
    cairo_set_source_rgb(c->cairo, inks[ink].red, inks[ink].green, inks[ink].blue);
}

static int status_error(cairo_status_t status)
{
    if (status == CAIRO_STATUS_SUCCESS)
        return 0;
    return status == CAIRO_STATUS_NO_MEMORY ? -ENOMEM : -EIO;
}

static void make_surface(struct canvas *c, struct canvas_size size, int scale)
{
    if (c->format != CANVAS_SVG) {
        c->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, scale * size.width,
                                                scale * size.height);
        return;
    }
    c->surface =
        cairo_svg_surface_create_for_stream(add_bytes, &c->bytes, size.width, size.height);
    cairo_svg_surface_set_document_unit(c->surface, CAIRO_SVG_UNIT_PX);
}

int canvas_new(enum canvas_format format, struct canvas_size size, int scale,
               struct canvas **ret)
{
    AUTO(canvas) struct canvas *c = calloc(1, sizeof(*c));

    if (!c)
        return -ENOMEM;
    c->format = format;
    c->bytes = BUF_INIT(CANVAS_BYTES);
    c->scratch = BUF_INIT(65536);
    make_surface(c, size, scale);
    c->cairo = cairo_create(c->surface);
    if (cairo_status(c->cairo) != CAIRO_STATUS_SUCCESS)
        return status_error(cairo_status(c->cairo));
    if (format != CANVAS_SVG)
        cairo_scale(c->cairo, scale, scale);
    canvas_fill(c, (struct canvas_box){0, 0, size.width, size.height}, INK_WHITE);
    *ret = STEAL(c);
    return 0;
}

void canvas_free(struct canvas *c)
{
    if (!c)
        return;
    cairo_destroy(c->cairo);
    cairo_surface_destroy(c->surface); /* an SVG's last bytes may be written here */
    buf_done(&c->bytes);
    buf_done(&c->scratch);
    free(c);
}

void canvas_fill(struct canvas *c, struct canvas_box box, enum canvas_ink ink)
{
    use_ink(c, ink);
    cairo_rectangle(c->cairo, box.x, box.y, box.width, box.height);
    cairo_fill(c->cairo);
}

/* Lines of one pixel are sharp when they run through the middle of pixels. */
static void use_stroke(struct canvas *c, enum canvas_stroke stroke, enum canvas_ink ink)
{
    static const double dashes[] = {5, 3};

    use_ink(c, ink);
    cairo_set_line_width(c->cairo, stroke == STROKE_THICK ? 2 : 1);
    cairo_set_dash(c->cairo, dashes, stroke == STROKE_DASHED ? 2 : 0, 0);
}

void canvas_frame(struct canvas *c, struct canvas_box box, enum canvas_ink ink)
{
    use_stroke(c, STROKE_THIN, ink);
    cairo_rectangle(c->cairo, box.x + 0.5, box.y + 0.5, box.width - 1, box.height - 1);
    cairo_stroke(c->cairo);
}

static int int_max(int a, int b)
{
    return a > b ? a : b;
}

static int int_min(int a, int b)
{
    return a < b ? a : b;
}

/* The first multiple of the step at or after a value. */
static int step_from(int value)
{
    int over = value % HATCH_STEP;

    if (over < 0)
        over += HATCH_STEP;
    return over == 0 ? value : value + HATCH_STEP - over;
}

/* Lines x + y = k, cut to the box. */
static void path_rising(struct canvas *c, struct canvas_box b)
{
    int right = b.x + b.width, bottom = b.y + b.height;

    for (int k = step_from(b.x + b.y); k < right + bottom; k += HATCH_STEP) {
        int x0 = int_max(b.x, k - bottom), x1 = int_min(right, k - b.y);
        cairo_move_to(c->cairo, x0, k - x0);
        cairo_line_to(c->cairo, x1, k - x1);
    }
}

/* Lines y - x = k, cut to the box. */
static void path_falling(struct canvas *c, struct canvas_box b)
{
    int right = b.x + b.width, bottom = b.y + b.height;

    for (int k = step_from(b.y - right); k < bottom - b.x; k += HATCH_STEP) {
        int x0 = int_max(b.x, b.y - k), x1 = int_min(right, bottom - k);
        cairo_move_to(c->cairo, x0, k + x0);
        cairo_line_to(c->cairo, x1, k + x1);
    }
}

static void path_upright(struct canvas *c, struct canvas_box b)
{
    for (int x = step_from(b.x); x < b.x + b.width; x += HATCH_STEP / 2) {
        cairo_move_to(c->cairo, x + 0.5, b.y);
        cairo_line_to(c->cairo, x + 0.5, b.y + b.height);
    }
}

static void path_dots(struct canvas *c, struct canvas_box b)
{
    for (int y = step_from(b.y); y + 2 <= b.y + b.height; y += HATCH_STEP)
        for (int x = step_from(b.x); x + 2 <= b.x + b.width; x += HATCH_STEP)
            cairo_rectangle(c->cairo, x, y, 1.5, 1.5);
}

void canvas_pattern(struct canvas *c, struct canvas_box box, enum canvas_hatch hatch,
                    enum canvas_ink ink)
{
    use_stroke(c, STROKE_THIN, ink);
    switch (hatch) {
    case HATCH_RISING: path_rising(c, box); break;
    case HATCH_FALLING: path_falling(c, box); break;
    case HATCH_CROSS:
        path_rising(c, box);
        path_falling(c, box);
        break;
    case HATCH_UPRIGHT: path_upright(c, box); break;
    case HATCH_DOTS: path_dots(c, box); break;
    }
    if (hatch == HATCH_DOTS)
        cairo_fill(c->cairo);
    else
        cairo_stroke(c->cairo);
}

void canvas_line(struct canvas *c, struct canvas_point from, struct canvas_point to,
                 enum canvas_stroke stroke, enum canvas_ink ink)
{
    struct canvas_point v[] = {from, to};

    canvas_path(c, v, ARRAY_LEN(v), stroke, ink);
}

static void lay_path(struct canvas *c, const struct canvas_point *v, size_t n, double shift)
{
    for (size_t i = 0; i < n; i++)
        cairo_line_to(c->cairo, v[i].x + shift, v[i].y + shift);
}

void canvas_path(struct canvas *c, const struct canvas_point *v, size_t n,
                 enum canvas_stroke stroke, enum canvas_ink ink)
{
    use_stroke(c, stroke, ink);
    lay_path(c, v, n, stroke == STROKE_THICK ? 0 : 0.5);
    cairo_stroke(c->cairo);
}

void canvas_shape(struct canvas *c, const struct canvas_point *v, size_t n, enum canvas_ink ink)
{
    use_ink(c, ink);
    lay_path(c, v, n, 0);
    cairo_close_path(c->cairo);
    cairo_fill(c->cairo);
}

/* ---- Text ------------------------------------------------------------------------------ */

static bool is_harmless(uint32_t code)
{
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f))
        return false;
    return !(code == 0x061c || code == 0x200e || code == 0x200f ||
             (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||
             code == 0xfeff);
}

/* The bytes of one well-formed character at `s`, or 0; *ret_code is it. */
static size_t character(const char *s, uint32_t *ret_code)
{
    static const struct {
        unsigned char lead_mask, lead, first_bits;
    } forms[] = {
        {0x80, 0x00, 0x7f}, {0xe0, 0xc0, 0x1f}, {0xf0, 0xe0, 0x0f}, {0xf8, 0xf0, 0x07}};
    const unsigned char *p = (const unsigned char *)s;

    for (size_t n = 1; n <= ARRAY_LEN(forms); n++) {
        if ((p[0] & forms[n - 1].lead_mask) != forms[n - 1].lead)
            continue;
        if (strnlen(s, n) < n || !text_is_utf8((struct text){s, n}))
            return 0;
        uint32_t code = p[0] & forms[n - 1].first_bits;
        for (size_t i = 1; i < n; i++)
            code = code << 6 | (p[i] & 0x3fU);
        *ret_code = code;
        return n;
    }
    return 0;
}

/* The text as it may be shown, in the scratch buffer. */
static const char *shown(struct canvas *c, const char *s)
{
    buf_reset(&c->scratch);
    while (*s) {
        uint32_t code = 0;
        size_t n = character(s, &code);
        if (n > 0 && is_harmless(code))
            buf_add(&c->scratch, s, n);
        else
            buf_add_str(&c->scratch, "\xEF\xBF\xBD");
        s += n > 0 ? n : 1;
    }
    return buf_str(&c->scratch);
}

static void use_font(struct canvas *c, struct canvas_font font)
{
    cairo_select_font_face(c->cairo, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                           font.is_bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(c->cairo, font.size);
}

static int advance(struct canvas *c, const char *s)
{
    cairo_text_extents_t extents;

    cairo_text_extents(c->cairo, s, &extents);
    return (int)(extents.x_advance + 0.999);
}

int canvas_text_width(struct canvas *c, struct canvas_font font, const char *s)
{
    use_font(c, font);
    return advance(c, shown(c, s));
}

/* Takes characters off the end of the scratch text until it fits with an ellipsis. */
static void cut(struct canvas *c, int width)
{
    static const char ellipsis[] = "\xE2\x80\xA6";

    while (c->scratch.len > 0) {
        AUTO(buf) struct buf tried = BUF_INIT(65536);
        size_t n = c->scratch.len - 1;
        while (n > 0 && ((unsigned char)c->scratch.data[n] & 0xc0) == 0x80)
            n--;
        c->scratch.data[n] = '\0';
        c->scratch.len = n;
        buf_printf(&tried, "%s%s", buf_str(&c->scratch), ellipsis);
        if (advance(c, buf_str(&tried)) <= width)
            break;
    }
    buf_add_str(&c->scratch, ellipsis);
}

void canvas_text(struct canvas *c, const struct canvas_text *how, const char *s)
{
    double x = how->at.x;

    use_font(c, how->font);
    use_ink(c, how->ink);
    int width = advance(c, shown(c, s));
    if (how->width > 0 && width > how->width) {
        cut(c, how->width);
        width = advance(c, buf_str(&c->scratch));
    }
    if (how->align == ALIGN_RIGHT)
        x -= width;
    else if (how->align == ALIGN_MIDDLE)
        x -= width * 0.5;
    cairo_move_to(c->cairo, x, how->at.y);
    cairo_show_text(c->cairo, buf_str(&c->scratch));
    cairo_new_path(c->cairo);
}

/* ---- The end --------------------------------------------------------------------------- */

/*
 * cairo numbers its surfaces over the life of the process and writes the number into the SVG;
 * without it, equal pictures are equal bytes.
 */
static void add_unnumbered(const struct buf *svg, struct buf *out)
{
    static const char mark[] = "<g id=\"surface";
    const char *text = buf_str(svg), *found = strstr(text, mark);

    if (!found) {
        buf_add(out, text, svg->len);
        return;
    }
    const char *rest = found + strlen(mark);
    while (*rest >= '0' && *rest <= '9')
        rest++;
    buf_add(out, text, (size_t)(found - text));
    buf_add_str(out, "<g id=\"timeline");
    buf_add(out, rest, svg->len - (size_t)(rest - text));
}

/* The inks themselves, and between them what the edges of letters need. */
static const struct {
    enum canvas_ink one, other;
    double share; /* of the other */
} shades[] = {
    {INK_BLACK, INK_BLACK, 0},    {INK_DARK, INK_DARK, 0},     {INK_STRONG, INK_STRONG, 0},
    {INK_MID, INK_MID, 0},        {INK_SOFT, INK_SOFT, 0},     {INK_PALE, INK_PALE, 0},
    {INK_FAINT, INK_FAINT, 0},    {INK_WHITE, INK_WHITE, 0},   {INK_BLACK, INK_WHITE, 0.2},
    {INK_BLACK, INK_WHITE, 0.35}, {INK_BLACK, INK_WHITE, 0.5}, {INK_BLACK, INK_WHITE, 0.65},
    {INK_BLACK, INK_WHITE, 0.8},  {INK_BLACK, INK_SOFT, 0.5},  {INK_STRONG, INK_WHITE, 0.35},
    {INK_STRONG, INK_WHITE, 0.7},
};
static_assert(ARRAY_LEN(shades) == INDEXED_COLOURS, "as many as there are indices");

static uint32_t part_of(double one, double other, double share)
{
    return (uint32_t)((one * (1 - share) + other * share) * 255 + 0.5);
}

static int finish_small(struct canvas *c, struct buf *out)
{
    struct indexed_image m = {.width = cairo_image_surface_get_width(c->surface),
                              .height = cairo_image_surface_get_height(c->surface)};

    cairo_surface_flush(c->surface);
    /* A pixel of RGB24 is a whole number of the machine's own byte order. */
    m.pixels = (const uint32_t *)(const void *)cairo_image_surface_get_data(c->surface);
    m.stride = (size_t)cairo_image_surface_get_stride(c->surface) / sizeof(*m.pixels);
    for (size_t i = 0; i < ARRAY_LEN(shades); i++) {
        enum canvas_ink a = shades[i].one, b = shades[i].other;
        m.palette[i] = part_of(inks[a].red, inks[b].red, shades[i].share) << 16 |
                       part_of(inks[a].green, inks[b].green, shades[i].share) << 8 |
                       part_of(inks[a].blue, inks[b].blue, shades[i].share);
    }
    return indexed_png(&m, out);
}

int canvas_finish(struct canvas *c, struct buf *out)
{
    cairo_status_t status = cairo_status(c->cairo);

    if (buf_error(&c->scratch) < 0)
        return buf_error(&c->scratch);
    if (status != CAIRO_STATUS_SUCCESS)
        return status_error(status);
    if (c->format == CANVAS_PNG_SMALL)
        return finish_small(c, out);
    if (c->format == CANVAS_PNG) {
        status = cairo_surface_write_to_png_stream(c->surface, add_bytes, out);
        return buf_error(out) < 0 ? buf_error(out) : status_error(status);
    }
    cairo_surface_finish(c->surface);
    if (buf_error(&c->bytes) < 0)
        return buf_error(&c->bytes);
    add_unnumbered(&c->bytes, out);
    return buf_error(out) < 0 ? buf_error(out) : status_error(cairo_surface_status(c->surface));
}
