/* Putting an estate into the store: what differs is counted, and a table that differs replaced.
 */
#include "estate/estate_internal.h"

#include <errno.h>
#include <stdio.h>

/* T&C 12.7: prices change with at least two weeks' notice. */
enum { NOTICE_S = 14 * 24 * 3600 };

bool apply_names(const struct apply *a, enum table t)
{
    if (t == TABLE_LICENSES && a->e->listed_by)
        return true;
    return a->e->named_by[t == TABLE_NETWORKS ? TABLE_RESELLERS : t] != NULL;
}

const struct estate_rows *apply_rows(const struct apply *a, enum table t)
{
    return t == TABLE_LICENSES && a->e->listed_by ? &a->licenses : &a->e->tables[t];
}

int apply_refuse(const struct apply *a, const struct estate_row *row, const char *fmt, ...)
{
    char text[CAP_DIAG];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    (void)diag_set(a->d, 0, "%s", n < 0 ? "" : text);
    if (row->at.file)
        diag_within(a->d, "%s:%zu:%zu", row->at.file, row->at.line, row->at.column);
    return -EBADMSG;
}

int apply_store_fail(const struct apply *a, int r)
{
    return diag_set(a->d, r, "%s", store_diag(a->s));
}

static void apply_done(struct apply *a)
{
    rows_done(&a->licenses);
    rows_done(&a->managers);
    rows_done(&a->resellers);
    arena_done(&a->arena);
}

/* Rows that an import would add, change and remove, in one table. */
struct difference {
    int64_t added, changed, removed;
};

static bool is_different(const struct difference *x)
{
    return x->added + x->changed + x->removed > 0;
}

/* A change of prices on short notice needs leave; the first one is named. */
static void note_price(const struct apply *a, enum table t, const struct estate_row *row,
                       bool is_removed, struct estate_summary *ret)
{
    if (t != TABLE_TARIFFS || ret->needs_accept || row->tariff.from.s >= a->now.s + NOTICE_S)
        return;
    struct diag what;
    table_info(t)->describe(row, &what);
    ret->needs_accept = true;
    (void)diag_set(
        &ret->why, 0,
        "%s %s: prices change with at least 14 days' notice (T&C 12.7); give --accept "
        "to import it all the same",
        what.text,
        is_removed ? "is removed, but has begun or begins within 14 days"
                   : "has begun or begins less than 14 days ahead");
}

/* Where the two walks stand: each gives its row, or NULL at its end. */
struct pair {
    const struct estate_row *wanted, *stored;
};

/* What one step means, and which of the two walks it moves on. */
static int count_step(const struct apply *a, enum table t, const struct pair *p,
                      struct difference *x, struct estate_summary *ret)
{
    int order = !p->stored ? -1 : !p->wanted ? 1 : table_compare(t, p->wanted, p->stored);
    if (order < 0)
        x->added++;
    else if (order > 0)
        x->removed++;
    else if (table_info(t)->equal(p->wanted, p->stored))
        return 0;
    else
        x->changed++;
    note_price(a, t, order > 0 ? p->stored : p->wanted, order > 0, ret);
    return order;
}

static int compare_table(const struct apply *a, enum table t, struct difference *x,
                         struct estate_summary *ret)
{
    const struct table_info *info = table_info(t);
    const struct estate_rows *rows = apply_rows(a, t);
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct estate_row stored;
    row_init(t, &stored);
    int r = info->scan(a->s, &scan);
    if (r >= 0)
        r = info->next(scan, &stored);
    for (size_t i = 0; r > 0 || (r == 0 && i < rows->n);) {
        struct pair p = {i < rows->n ? &rows->v[i] : NULL, r > 0 ? &stored : NULL};
        int order = count_step(a, t, &p, x, ret);
        i += order <= 0;
        if (order >= 0)
            r = info->next(scan, &stored);
    }
    return r < 0 ? apply_store_fail(a, r) : 0;
}

static int put_rows(const struct apply *a, enum table t)
{
    const struct estate_rows *rows = apply_rows(a, t);
    for (size_t i = 0; i < rows->n; i++) {
        int r = table_info(t)->put(a->s, &rows->v[i]);
        if (r < 0)
            return apply_store_fail(a, r);
    }
    return 0;
}

/* Empties and fills one table of the store; a reseller's networks are part of it. */
static int replace_part(const struct apply *a, enum estate_table part)
{
    int r = store_clear_table(a->s, part);
    if (r < 0)
        return apply_store_fail(a, r);
    for (int t = 0; r == 0 && t < TABLE_COUNT; t++)
        if (table_info((enum table)t)->part_of == part)
            r = put_rows(a, (enum table)t);
    return r;
}

static int compare_all(const struct apply *a, struct difference by_part[ESTATE_TABLE_COUNT],
                       struct estate_summary *ret)
{
    for (int i = 0; i < TABLE_COUNT; i++) {
        enum table t = (enum table)i;
        enum estate_table part = table_info(t)->part_of;
        if (!apply_names(a, t))
            continue;
        int r = compare_table(a, t, &by_part[part], ret);
        if (r < 0)
            return r;
        ret->named[part] = true;
        if (t != TABLE_NETWORKS)
            ret->rows[part] = (int64_t)apply_rows(a, t)->n;
    }
    for (size_t i = 0; i < ESTATE_TABLE_COUNT; i++) {
        ret->added += by_part[i].added;
        ret->changed += by_part[i].changed;
        ret->removed += by_part[i].removed;
    }
    ret->skipped = a->e->skipped;
    return 0;
}

/* What the import does not name is needed to check what it does. */
static int load_known(struct apply *a)
{
    int r = 0;
    if (!apply_names(a, TABLE_MANAGERS))
        r = rows_load(&a->managers, TABLE_MANAGERS, a->s, &a->arena, a->d);
    if (r == 0 && !apply_names(a, TABLE_RESELLERS))
        r = rows_load(&a->resellers, TABLE_RESELLERS, a->s, &a->arena, a->d);
    if (r == 0 && a->e->listed_by)
        r = listing_merge(a);
    return r;
}

int estate_apply(const struct estate *e, struct store *s, const struct estate_leave *leave,
                 struct estate_summary *ret, struct diag *d)
{
    AUTO(apply) struct apply a = {.e = e, .s = s, .now = leave->now, .d = d};
    struct estate_summary sum = {.added = 0};
    struct difference by_part[ESTATE_TABLE_COUNT] = {{0}};
    int r = load_known(&a);
    if (r == 0)
        r = apply_check(&a);
    if (r == 0)
        r = compare_all(&a, by_part, &sum);
    if (r == -ENOMEM || r == -ERANGE)
        return diag_set(d, r, "not enough memory for the estate");
    if (leave->accept)
        sum.needs_accept = false;
    for (int i = 0; r == 0 && !sum.needs_accept && i < ESTATE_TABLE_COUNT; i++)
        if (is_different(&by_part[i]))
            r = replace_part(&a, (enum estate_table)i);
    if (r == 0)
        *ret = sum;
    return r;
}
