/* Verdicts and dues: order, equality, and how they are shown. */
#include "support/verdict.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int verdict_compare(const struct verdict *a, const struct verdict *b)
{
    if (a->period.month != b->period.month)
        return a->period.month < b->period.month ? -1 : 1;
    int c = strcmp(finding_kind_name(a->kind), finding_kind_name(b->kind));
    if (c == 0)
        c = strcmp(a->reseller, b->reseller);
    if (c == 0)
        c = strcmp(a->subject, b->subject);
    return c;
}

static int compare_verdicts(const void *a, const void *b)
{
    return verdict_compare(a, b);
}

void verdict_sort(struct verdict_list *l)
{
    qsort(l->v, l->n, sizeof *l->v, compare_verdicts);
}

/*
 * Whether the contract says what `since` is: the first moment of a level. What the others say
 * of their beginning is for people to read, and is not compared.
 */
static bool has_level(enum finding_kind k)
{
    return k == FINDING_EXTRA_IP || k == FINDING_MAILBOXES || k == FINDING_OUTSIDE ||
           k == FINDING_MANY_ADDRESSES || k == FINDING_SECOND_SERVER ||
           k == FINDING_SPLIT_DOMAIN;
}

bool verdict_is_equal(const struct verdict *a, const struct verdict *b)
{
    if (verdict_compare(a, b) != 0 || a->state != b->state || a->quantity != b->quantity ||
        a->is_trial != b->is_trial)
        return false;
    if (a->has_confirms != b->has_confirms)
        return false;
    if (has_level(a->kind) && (a->has_since != b->has_since || a->since.s != b->since.s))
        return false;
    return !a->has_confirms || a->confirms_at.s == b->confirms_at.s;
}

bool verdict_lists_are_equal(const struct verdict_list *a, const struct verdict_list *b)
{
    for (size_t i = 0; i < a->n && i < b->n; i++)
        if (!verdict_is_equal(&a->v[i], &b->v[i]))
            return false;
    return a->n == b->n;
}

static int compare_costs(const void *x, const void *y)
{
    const struct cost *a = x, *b = y;
    if (a->period.month != b->period.month)
        return a->period.month < b->period.month ? -1 : 1;
    int c = strcmp(a->reseller, b->reseller);
    if (c == 0)
        c = strcmp(charge_kind_name(a->kind), charge_kind_name(b->kind));
    if (c == 0)
        c = strcmp(a->subject, b->subject);
    return c;
}

void cost_sort(struct cost_list *l)
{
    qsort(l->v, l->n, sizeof *l->v, compare_costs);
}

static bool costs_are_equal(const struct cost *a, const struct cost *b)
{
    return compare_costs(a, b) == 0 && a->quantity == b->quantity && a->units == b->units &&
           a->unit_price.micro == b->unit_price.micro && a->due.minor == b->due.minor &&
           a->currency == b->currency;
}

bool cost_lists_are_equal(const struct cost_list *a, const struct cost_list *b)
{
    for (size_t i = 0; i < a->n && i < b->n; i++)
        if (!costs_are_equal(&a->v[i], &b->v[i]))
            return false;
    return a->n == b->n;
}

void verdict_print(const struct verdict *v, const char *mark, struct buf *out)
{
    char text[WALL_TEXT_SIZE];
    buf_printf(out, "%s %s ", mark, period_format(v->period, text));
    buf_printf(out, "%s %s reseller=%s subject=%s quantity=%" PRId64,
               finding_kind_name(v->kind), finding_state_name(v->state), v->reseller,
               v->subject, v->quantity);
    if (v->has_since)
        buf_printf(out, " since=%s (%" PRId64 ")", wall_format(v->since, text), v->since.s);
    if (v->has_confirms)
        buf_printf(out, " confirms_at=%s (%" PRId64 ")", wall_format(v->confirms_at, text),
                   v->confirms_at.s);
    buf_add_str(out, v->is_trial ? " trial\n" : "\n");
}

void cost_print(const struct cost *d, const char *mark, struct buf *out)
{
    char text[PERIOD_TEXT_SIZE];
    buf_printf(out, "%s %s ", mark, period_format(d->period, text));
    buf_printf(out, "%s %s %s quantity=%" PRId64 " units=%" PRId64, d->reseller,
               charge_kind_name(d->kind), d->subject, d->quantity, d->units);
    buf_printf(out, " unit_price=%" PRId64 "e-6 %s due=%" PRId64 " minor\n",
               d->unit_price.micro, d->currency ? d->currency->code : "-", d->due.minor);
}

static bool verdict_is_in(const struct verdict *v, const struct verdict_list *l)
{
    for (size_t i = 0; i < l->n; i++)
        if (verdict_is_equal(v, &l->v[i]))
            return true;
    return false;
}

void verdict_print_difference(const struct verdict_list *a, const struct verdict_list *b,
                              struct buf *out)
{
    for (size_t i = 0; i < a->n; i++)
        if (!verdict_is_in(&a->v[i], b))
            verdict_print(&a->v[i], "-", out);
    for (size_t i = 0; i < b->n; i++)
        if (!verdict_is_in(&b->v[i], a))
            verdict_print(&b->v[i], "+", out);
}

static bool cost_is_in(const struct cost *d, const struct cost_list *l)
{
    for (size_t i = 0; i < l->n; i++)
        if (costs_are_equal(d, &l->v[i]))
            return true;
    return false;
}

void cost_print_difference(const struct cost_list *a, const struct cost_list *b,
                           struct buf *out)
{
    for (size_t i = 0; i < a->n; i++)
        if (!cost_is_in(&a->v[i], b))
            cost_print(&a->v[i], "-", out);
    for (size_t i = 0; i < b->n; i++)
        if (!cost_is_in(&b->v[i], a))
            cost_print(&b->v[i], "+", out);
}
