/* The text report's tables. */
#include "base/grow.h"
#include "bulletin/text_parts.h"
#include <errno.h>
#include <string.h>

static void page_fail(struct page *p, int error)
{
    if (!buf_error(p->out))
        p->out->error = error;
}

struct page_table page_table_of(const struct page_column *columns, size_t n)
{
    assert(n > 0 && n <= PAGE_COLUMNS_MAX);
    return (struct page_table){.columns = columns, .n_columns = n};
}

void page_table_done(struct page_table *t)
{
    arena_done(&t->arena);
    free(t->cells);
}

/* ---- Cells ------------------------------------------------------------------------------- */

void page_cell(struct page *p, struct page_table *t)
{
    struct text said = {buf_str(&p->said), p->said.len};
    const char *cell = arena_text(&t->arena, said);
    size_t *width = &t->widths[t->n % t->n_columns];

    if (buf_error(&p->said))
        page_fail(p, buf_error(&p->said));
    if (!cell || grow(&t->cells, &t->cap, t->n + 1, sizeof(const char *), SIZE_MAX) < 0) {
        page_fail(p, -ENOMEM);
        return;
    }
    if (page_columns(said) > *width)
        *width = page_columns(said);
    t->cells[t->n++] = cell;
}

void page_cell_name(struct page *p, struct page_table *t, const char *name)
{
    (void)page_say(p);
    page_name(p, name);
    page_cell(p, t);
}

void page_cell_word(struct page *p, struct page_table *t, enum word w)
{
    (void)page_say(p);
    page_word(p, w);
    page_cell(p, t);
}

void page_cell_money(struct page *p, struct page_table *t, money_t m, const struct currency *c)
{
    char amount[VOICE_TEXT_SIZE];

    buf_add_str(page_say(p), voice_money(p->v, m, c, amount));
    page_cell(p, t);
}

void page_cell_period(struct page *p, struct page_table *t, period_t period)
{
    char text[VOICE_TEXT_SIZE];

    buf_add_str(page_say(p), voice_period(p->v, period, text));
    page_cell(p, t);
}

void page_cell_charge(struct page *p, struct page_table *t, enum charge_kind k)
{
    static const enum finding_kind kinds[] = {
        [CHARGE_EXTRA_IP] = FINDING_EXTRA_IP,
        [CHARGE_MAILBOXES] = FINDING_MAILBOXES,
        [CHARGE_OUTSIDE] = FINDING_OUTSIDE,
    };
    static_assert(ARRAY_LEN(kinds) == CHARGE_KIND_COUNT, "a kind for each charge");

    buf_add_str(page_say(p), say_kind(p->v, kinds[k]));
    page_cell(p, t);
}

/* ---- Rows -------------------------------------------------------------------------------- */

enum { BETWEEN = 2 }; /* columns */

static void add_spaces(struct page *p, size_t n)
{
    for (; n > 0; n--)
        buf_add_char(p->out, ' ');
}

/* A cell of an aligned row; no spaces behind the last. */
static void add_aligned(struct page *p, const struct page_table *t, size_t column, size_t width,
                        const char *cell)
{
    size_t pad = width - page_columns(text_of(cell));

    add_spaces(p, (column > 0 ? BETWEEN : 0) + (t->columns[column].is_number ? pad : 0));
    buf_add_str(p->out, cell);
    if (!t->columns[column].is_number && column + 1 < t->n_columns)
        add_spaces(p, pad);
}

static void add_table(struct page *p, const struct page_table *t, const size_t *columns,
                      const char *indent)
{
    buf_add_str(p->out, indent);
    for (size_t i = 0; i < t->n_columns; i++)
        add_aligned(p, t, i, columns[i], voice_word(p->v, t->columns[i].head));
    buf_add_char(p->out, '\n');
    for (size_t row = 0; row + t->n_columns <= t->n; row += t->n_columns) {
        buf_add_str(p->out, indent);
        for (size_t i = 0; i < t->n_columns; i++)
            add_aligned(p, t, i, columns[i], t->cells[row + i]);
        buf_add_char(p->out, '\n');
    }
}

/* "- First cell. Head: cell; head: cell" */
static void add_list(struct page *p, const struct page_table *t, const char *indent)
{
    char first[PAGE_LEAD_SIZE], rest[PAGE_LEAD_SIZE];

    (void)page_lead(indent, "- ", first);
    (void)page_lead(indent, "  ", rest);
    for (size_t row = 0; row + t->n_columns <= t->n; row += t->n_columns) {
        buf_add_str(page_say(p), t->cells[row]);
        for (size_t i = 1; i < t->n_columns; i++)
            buf_printf(&p->said, "; %s: %s", voice_word(p->v, t->columns[i].head),
                       t->cells[row + i]);
        page_wrap(p, first, rest);
    }
}

void page_table(struct page *p, const struct page_table *t, const char *indent)
{
    size_t columns[PAGE_COLUMNS_MAX], sum = strlen(indent);

    for (size_t i = 0; i < t->n_columns; i++) {
        size_t head = page_columns(text_of(voice_word(p->v, t->columns[i].head)));
        columns[i] = head > t->widths[i] ? head : t->widths[i];
        sum += columns[i] + (i > 0 ? BETWEEN : 0);
    }
    if (sum <= TEXT_WIDTH)
        add_table(p, t, columns, indent);
    else
        add_list(p, t, indent);
}
