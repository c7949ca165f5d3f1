/* Columns that line up, whatever script is in them. */
#include "base/arena.h"
#include "base/grow.h"
#include "ctl/ctl.h"
#include <errno.h>
#include <string.h>

struct table {
    struct arena arena;
    const char *heads[TABLE_COLUMNS_MAX];
    bool right[TABLE_COLUMNS_MAX];
    size_t widths[TABLE_COLUMNS_MAX];
    size_t n_columns;
    const char **cells;
    size_t n, cap;
    int error;
};

void table_free(struct table *t)
{
    if (!t)
        return;
    arena_done(&t->arena);
    free(t->cells);
    free(t);
}

/* The code point at *p of well-formed UTF-8, and on to the next. */
static uint32_t next_code(const char **p)
{
    const unsigned char *s = (const unsigned char *)*p;
    int more = s[0] >= 0xf0 ? 3 : s[0] >= 0xe0 ? 2 : s[0] >= 0xc0 ? 1 : 0;
    uint32_t code = more == 3   ? s[0] & 7u
                    : more == 2 ? s[0] & 15u
                    : more == 1 ? s[0] & 31u
                                : s[0];

    for (int i = 1; i <= more; i++)
        code = code << 6 | (s[i] & 63u);
    *p += more + 1;
    return code;
}

/* Ranges that a terminal shows in no column, or in two (Unicode: Mn, Cf; East Asian Width W,
 * F). */
static const struct {
    uint32_t first, last;
    int columns;
} widths[] = {
    {0x0300, 0x036f, 0}, {0x0483, 0x0489, 0},   {0x0591, 0x05bd, 0},   {0x0610, 0x061a, 0},
    {0x064b, 0x065f, 0}, {0x0e31, 0x0e31, 0},   {0x0e34, 0x0e3a, 0},   {0x1100, 0x115f, 2},
    {0x200b, 0x200f, 0}, {0x2e80, 0x303e, 2},   {0x3041, 0xa4cf, 2},   {0xac00, 0xd7a3, 2},
    {0xf900, 0xfaff, 2}, {0xfe00, 0xfe0f, 0},   {0xfe30, 0xfe6f, 2},   {0xff00, 0xff60, 2},
    {0xffe0, 0xffe6, 2}, {0x1f300, 0x1f64f, 2}, {0x1f900, 0x1f9ff, 2}, {0x20000, 0x3fffd, 2},
};

size_t text_columns(const char *s)
{
    size_t n = 0;

    while (*s) {
        uint32_t code = next_code(&s);
        int columns = 1;
        for (size_t i = 0; i < ARRAY_LEN(widths); i++)
            if (code >= widths[i].first && code <= widths[i].last)
                columns = widths[i].columns;
        n += (size_t)columns;
    }
    return n;
}

int table_new(const char *const heads[], size_t n, struct table **ret)
{
    struct table *t = calloc(1, sizeof(*t));

    assert(n <= TABLE_COLUMNS_MAX);
    if (!t)
        return -ENOMEM;
    t->n_columns = n;
    for (size_t i = 0; i < n; i++) {
        t->right[i] = heads[i][0] == '>';
        t->heads[i] = heads[i] + t->right[i];
        t->widths[i] = text_columns(t->heads[i]);
    }
    *ret = t;
    return 0;
}

/* What is not text, or would move a terminal's cursor or turn its direction, is shown as
 * written in hex. */
static const char *harmless(struct table *t, const char *s)
{
    char quoted[TEXT_QUOTE_SIZE];
    bool is_plain = text_is_utf8(text_of(s));

    for (const char *p = s; *p && is_plain;) {
        uint32_t code = next_code(&p);
        is_plain = code >= 0x20 && (code < 0x7f || code > 0x9f) && code != 0x061c &&
                   (code < 0x200e || code > 0x200f) && (code < 0x2028 || code > 0x202e) &&
                   (code < 0x2066 || code > 0x2069);
    }
    return arena_text(&t->arena, text_of(is_plain ? s : text_quote(text_of(s), quoted)));
}

void table_cell(struct table *t, const char *fmt, ...)
{
    va_list args;
    char *raw = NULL;

    va_start(args, fmt);
    int n = vasprintf(&raw, fmt, args);
    va_end(args);
    if (n < 0) {
        t->error = -ENOMEM;
        return;
    }
    const char *cell = harmless(t, raw);
    free(raw);
    if (!cell || grow(&t->cells, &t->cap, t->n + 1, sizeof(const char *), SIZE_MAX) < 0) {
        t->error = -ENOMEM;
        return;
    }
    size_t column = t->n % t->n_columns, width = text_columns(cell);
    t->widths[column] = width > t->widths[column] ? width : t->widths[column];
    t->cells[t->n++] = cell;
}

static void put_cell(const struct table *t, size_t column, const char *s, struct buf *out)
{
    size_t pad = t->widths[column] - text_columns(s);
    bool is_last = column + 1 == t->n_columns;

    if (t->right[column])
        buf_printf(out, "%*s", (int)pad, "");
    buf_add_str(out, s);
    if (!t->right[column] && !is_last)
        buf_printf(out, "%*s", (int)pad, "");
    buf_add_str(out, is_last ? "\n" : "  ");
}

int table_write(struct table *t, struct buf *out)
{
    for (size_t i = 0; i < t->n_columns; i++)
        put_cell(t, i, t->heads[i], out);
    for (size_t i = 0; i < t->n_columns; i++) {
        for (size_t k = 0; k < t->widths[i]; k++)
            buf_add_char(out, '-');
        buf_add_str(out, i + 1 == t->n_columns ? "\n" : "  ");
    }
    for (size_t i = 0; i + t->n_columns <= t->n; i += t->n_columns)
        for (size_t k = 0; k < t->n_columns; k++)
            put_cell(t, k, t->cells[i + k], out);
    return t->error < 0 ? t->error : buf_error(out);
}
