/* Rows in memory: growing, sorting, and copies of what is stored. */
#include "estate/estate_internal.h"

#include <errno.h>
#include <string.h>

#include "base/grow.h"

void rows_done(struct estate_rows *rows)
{
    free(rows->v);
    *rows = (struct estate_rows){.n = 0};
}

int rows_add(struct estate_rows *rows, const struct estate_row *row)
{
    int r = grow(&rows->v, &rows->cap, rows->n + 1, sizeof rows->v[0], CAP_ESTATE_ROWS);
    if (r < 0)
        return r;
    rows->v[rows->n++] = *row;
    return 0;
}

static int compare_sizes(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

/* Of rows with equal keys the one further down is the one at fault. */
static int compare_places(const struct estate_place *a, const struct estate_place *b)
{
    int order = compare_sizes(a->line, b->line);
    return order != 0 ? order : compare_sizes(a->column, b->column);
}

int table_compare(enum table t, const struct estate_row *a, const struct estate_row *b)
{
    const struct table_info *info = table_info(t);
    int order = info->compare_subject(a, b);
    if (order != 0)
        return order;
    int64_t x = info->term(a).from.s, y = info->term(b).from.s;
    return (x > y) - (x < y);
}

static int compare_arg(const void *a, const void *b, void *arg)
{
    const struct estate_row *x = a, *y = b;
    int order = table_compare(*(const enum table *)arg, x, y);
    return order != 0 ? order : compare_places(&x->at, &y->at);
}

void rows_sort(struct estate_rows *rows, enum table t)
{
    if (rows->n > 1)
        qsort_r(rows->v, rows->n, sizeof rows->v[0], compare_arg, &t);
}

/* A text of a stored row is borrowed until the next: it is copied in place. */
static int keep(struct arena *arena, const char **text)
{
    if (!*text)
        return 0;
    *text = arena_text(arena, text_of(*text));
    return *text ? 0 : -ENOMEM;
}

/* The fields that are texts; a domain is one too. */
static bool is_text(enum field_type type)
{
    return type == FIELD_LABEL || type == FIELD_NOTE || type == FIELD_EMAIL ||
           type == FIELD_DOMAIN;
}

static int row_keep(const struct table_info *info, struct estate_row *row, struct arena *arena)
{
    for (size_t i = 0; i < info->n_fields; i++) {
        void *field = (char *)row + info->fields[i].offset;
        int r = is_text(info->fields[i].type) ? keep(arena, field) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

int rows_load(struct estate_rows *rows, enum table t, struct store *s, struct arena *arena,
              struct diag *d)
{
    const struct table_info *info = table_info(t);
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct estate_row row = info->defaults;
    int r = info->scan(s, &scan);
    while (r >= 0) {
        r = info->next(scan, &row);
        if (r <= 0)
            break;
        r = row_keep(info, &row, arena);
        if (r == 0)
            r = rows_add(rows, &row);
        if (r < 0)
            return diag_set(d, r, "not enough memory for the stored %s", info->noun);
    }
    return r < 0 ? diag_set(d, r, "%s", store_diag(s)) : 0;
}
