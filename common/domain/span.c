/* Intervals of time. */
#include "domain/span.h"

#include "base/grow.h"

#include <errno.h>

void spans_done(struct spans *s)
{
    free(s->v);
    *s = (struct spans){0};
}

int spans_add(struct spans *s, struct span x)
{
    if (grow(&s->v, &s->cap, s->n + 1, sizeof *s->v, SIZE_MAX / sizeof *s->v) != 0)
        return -ENOMEM;
    s->v[s->n++] = x;
    return 0;
}

int span_compare(const void *a, const void *b)
{
    const struct span *x = a;
    const struct span *y = b;
    if (x->first.s != y->first.s)
        return x->first.s < y->first.s ? -1 : 1;
    return (x->last.s > y->last.s) - (x->last.s < y->last.s);
}

static bool is_sorted(const struct span *v, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (span_compare(&v[i - 1], &v[i]) > 0)
            return false;
    }
    return true;
}

static void insertion_sort(struct span *v, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct span x = v[i];
        size_t at = i;
        for (; at > 0 && span_compare(&v[at - 1], &x) > 0; at--)
            v[at] = v[at - 1];
        v[at] = x;
    }
}

/* Most lists are short, or come sorted out of the store; qsort pays for neither. */
static void sort(struct span *v, size_t n)
{
    enum { SHORT_LIST = 32 };
    if (n <= SHORT_LIST)
        insertion_sort(v, n);
    else if (!is_sorted(v, n))
        qsort(v, n, sizeof *v, span_compare);
}

void spans_join(struct spans *s, dur_t gap)
{
    if (s->n == 0)
        return;
    sort(s->v, s->n);
    size_t kept = 0;
    for (size_t i = 1; i < s->n; i++) {
        struct span *current = &s->v[kept];
        struct span next = s->v[i];
        if (next.first.s - current->last.s <= gap.s)
            current->last = wall_max(current->last, next.last);
        else
            s->v[++kept] = next;
    }
    s->n = kept + 1;
}

bool span_cut(struct span *s, struct span window)
{
    struct span part = {wall_max(s->first, window.first), wall_min(s->last, window.last)};
    if (part.first.s > part.last.s)
        return false;
    *s = part;
    return true;
}

dur_t spans_measure(const struct span *v, size_t n, struct span window)
{
    dur_t sum = {0};
    for (size_t i = 0; i < n && v[i].first.s <= window.last.s; i++) {
        struct span part = v[i];
        if (span_cut(&part, window))
            sum.s += part.last.s - part.first.s;
    }
    return sum;
}

bool term_holds(struct term t, wall_t at)
{
    return t.from.s <= at.s && at.s < t.to.s;
}

struct span span_union(struct span add, const struct span *near, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        add.first = wall_min(add.first, near[i].first);
        add.last = wall_max(add.last, near[i].last);
    }
    return add;
}
