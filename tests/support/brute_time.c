/* Time in moments and the open stretches between them; levels, measures, and the question. */
#include "support/brute_parts.h"

#include <stdlib.h>
#include <string.h>

bool brute_span_has(struct span s, point_t x)
{
    return 2 * s.first.s <= x.half && x.half <= 2 * s.last.s;
}

bool brute_term_has(struct term t, point_t x)
{
    return 2 * t.from.s <= x.half && x.half < 2 * t.to.s;
}

bool brute_span_cut(struct span *s, struct span by)
{
    struct span r = {wall_max(s->first, by.first), wall_min(s->last, by.last)};
    if (r.first.s > r.last.s)
        return false;
    *s = r;
    return true;
}

point_t brute_moment(wall_t t)
{
    return (point_t){2 * t.s};
}

void brute_add_moment(struct brute_moments *m, wall_t t)
{
    assert(m->n < BRUTE_MOMENTS);
    m->v[m->n++] = t;
}

void brute_add_span(struct brute_moments *m, struct span s)
{
    brute_add_moment(m, s.first);
    brute_add_moment(m, s.last);
}

static int compare(const void *x, const void *y)
{
    const wall_t *a = x, *b = y;
    return (a->s > b->s) - (a->s < b->s);
}

void brute_sort_moments(struct brute_moments *m)
{
    qsort(m->v, m->n, sizeof *m->v, compare);
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++)
        if (n == 0 || m->v[n - 1].s != m->v[i].s)
            m->v[n++] = m->v[i];
    m->n = n;
}

size_t brute_cells(const struct brute_moments *m)
{
    return m->n == 0 ? 0 : 2 * m->n - 1;
}

point_t brute_point(const struct brute_moments *m, size_t cell)
{
    return (point_t){2 * m->v[cell / 2].s + (int64_t)(cell % 2)};
}

wall_t brute_left_end(const struct brute_moments *m, size_t cell)
{
    return m->v[cell / 2];
}

/* The length of a cell: a moment has none. */
static int64_t length(const struct brute_moments *m, size_t cell)
{
    return cell % 2 == 0 ? 0 : m->v[cell / 2 + 1].s - m->v[cell / 2].s;
}

int64_t brute_measure(const struct brute_level *f, int64_t q, struct span window)
{
    int64_t sum = 0;
    for (size_t c = 0; c < brute_cells(&f->moments); c++)
        if (f->value[c] >= q && brute_span_has(window, brute_point(&f->moments, c)))
            sum += length(&f->moments, c);
    return sum;
}

void brute_set_since(const struct brute_level *f, struct span window, struct verdict *ret)
{
    for (size_t c = 0; c < brute_cells(&f->moments); c++) {
        if (f->value[c] < 1 || !brute_span_has(window, brute_point(&f->moments, c)))
            continue;
        ret->has_since = true;
        ret->since = brute_left_end(&f->moments, c);
        return;
    }
}

/* Only a value that the level takes can be the largest q. */
bool brute_sustained(const struct brute_level *f, const struct brute_question *q,
                     struct verdict *ret)
{
    int64_t best = 0;
    for (size_t c = 0; c < brute_cells(&f->moments); c++) {
        int64_t v = f->value[c];
        if (v > best && brute_measure(f, v, q->window) > q->g.s &&
            brute_measure(f, v, q->judged) > q->period_min.s)
            best = v;
    }
    if (best == 0)
        return false;
    ret->state = STATE_CONFIRMED;
    ret->quantity = best;
    brute_set_since(f, q->window, ret);
    return true;
}

/* E is one of the moments. */
static int64_t value_at(const struct brute_level *f, wall_t t)
{
    size_t i = 0;
    while (i < f->moments.n && f->moments.v[i].s != t.s)
        i++;
    assert(i < f->moments.n);
    return f->value[2 * i];
}

bool brute_seen(const struct brute_level *f, const struct brute_question *q,
                struct verdict *ret)
{
    int64_t best = 0;
    for (size_t c = 0; c < brute_cells(&f->moments); c++)
        if (f->value[c] > best && brute_measure(f, f->value[c], q->judged) > q->flag_after.s)
            best = f->value[c];
    if (best == 0)
        return false;
    ret->state = STATE_POTENTIAL;
    ret->quantity = best;
    brute_set_since(f, q->window, ret);
    if (value_at(f, q->e) < 1)
        return true;
    int64_t in_window = q->g.s - brute_measure(f, 1, q->window);
    int64_t in_period = q->period_min.s - brute_measure(f, 1, q->judged);
    ret->has_confirms = true;
    ret->confirms_at.s = q->e.s + (in_window > in_period ? in_window : in_period) + 1;
    return true;
}
