/* Levels over time, and for how long they were held. */
#include "audit/level.h"
#include "base/grow.h"
#include <errno.h>

void level_done(struct level *l)
{
    free(l->v);
    *l = (struct level){0};
}

void level_reset(struct level *l)
{
    l->n = 0;
}

int level_add(struct level *l, struct level_step step)
{
    int64_t before = l->n > 0 ? l->v[l->n - 1].after : 0;

    assert(l->n == 0 || l->v[l->n - 1].at.s < step.at.s);
    if (step.on == before && step.after == before)
        return 0;
    int r = grow(&l->v, &l->cap, l->n + 1, sizeof(*l->v), SIZE_MAX);
    if (r < 0)
        return r;
    l->v[l->n++] = step;
    return 0;
}

/* The last step at or before a moment, or n. */
static size_t level_find(const struct level *l, wall_t at)
{
    size_t low = 0, high = l->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (l->v[middle].at.s <= at.s)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? low - 1 : l->n;
}

int64_t level_value(const struct level *l, wall_t at)
{
    size_t i = level_find(l, at);

    if (i == l->n)
        return 0;
    return l->v[i].at.s == at.s ? l->v[i].on : l->v[i].after;
}

int level_combine(const struct level *a, const struct level *b,
                  int64_t (*combine)(int64_t, int64_t), struct level *ret)
{
    size_t i = 0, j = 0;
    int64_t after_a = 0, after_b = 0;

    level_reset(ret);
    while (i < a->n || j < b->n) {
        bool from_a = i < a->n && (j == b->n || a->v[i].at.s <= b->v[j].at.s);
        wall_t at = from_a ? a->v[i].at : b->v[j].at;
        int64_t on_a = after_a, on_b = after_b;
        if (i < a->n && a->v[i].at.s == at.s) {
            on_a = a->v[i].on;
            after_a = a->v[i++].after;
        }
        if (j < b->n && b->v[j].at.s == at.s) {
            on_b = b->v[j].on;
            after_b = b->v[j++].after;
        }
        int r = level_add(
            ret, (struct level_step){at, combine(on_a, on_b), combine(after_a, after_b)});
        if (r < 0)
            return r;
    }
    return 0;
}

/* How long one value was held, in the window and in V. */
struct held {
    int64_t value, window_s, v_s;
};

static int held_compare(const void *a, const void *b)
{
    const struct held *x = a, *y = b;
    return x->value > y->value ? -1 : x->value < y->value;
}

static int64_t overlap_s(wall_t from, wall_t to, struct span within)
{
    int64_t s = wall_min(to, within.last).s - wall_max(from, within.first).s;
    return s > 0 ? s : 0;
}

/* The end of step i's open stretch, as far as the window cares. */
static wall_t level_until(const struct level *l, size_t i, struct span window)
{
    return i + 1 < l->n ? l->v[i + 1].at : wall_max(window.last, l->v[i].at);
}

/* Every stretch of at least 1 with its measures, the highest value first. */
static int held_collect(const struct level *l, const struct level_terms *t, struct held **ret,
                        size_t *ret_n)
{
    AUTO_FREE struct held *v = calloc(l->n + 1, sizeof(*v));
    size_t n = 0;

    if (!v)
        return -ENOMEM;
    for (size_t i = 0; i < l->n; i++) {
        wall_t from = l->v[i].at, to = level_until(l, i, t->window);
        if (l->v[i].after < 1)
            continue;
        v[n++] = (struct held){l->v[i].after, overlap_s(from, to, t->window),
                               overlap_s(from, to, t->v)};
    }
    qsort(v, n, sizeof(*v), held_compare);
    *ret = STEAL(v);
    *ret_n = n;
    return 0;
}

/*
 * The largest q held longer than `window_s` in the window and longer than `v_s` in V, or 0.
 * {f >= q} only grows as q falls, so the sums run from the highest value down; between two
 * values that occur, the higher has the same set.
 */
static int64_t held_longer(const struct held *v, size_t n, int64_t window_s, int64_t v_s)
{
    int64_t in_window = 0, in_v = 0;

    for (size_t i = 0; i < n; i++) {
        in_window += v[i].window_s;
        in_v += v[i].v_s;
        if (in_window > window_s && in_v > v_s)
            return v[i].value;
    }
    return 0;
}

/* The first moment in the window with a level of at least 1. */
static bool level_since(const struct level *l, struct span window, wall_t *ret)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct level_step *s = &l->v[i];
        wall_t until = level_until(l, i, window);
        if (s->at.s > window.last.s)
            return false;
        if (s->on >= 1 && s->at.s >= window.first.s) {
            *ret = s->at;
            return true;
        }
        if (s->after >= 1 && until.s > window.first.s && s->at.s < window.last.s) {
            *ret = wall_max(s->at, window.first);
            return true;
        }
    }
    return false;
}

/* The last moment in the window with a level of at least 1. */
static bool level_last(const struct level *l, struct span window, wall_t *ret)
{
    for (size_t i = l->n; i-- > 0;) {
        const struct level_step *s = &l->v[i];
        wall_t until = level_until(l, i, window);
        /* The stretch is open: one that ends as the window begins has no moment in it. */
        if (s->at.s < window.first.s && until.s <= window.first.s)
            return false;
        if (s->after >= 1 && s->at.s < window.last.s) {
            *ret = wall_min(until, window.last);
            return true;
        }
        if (s->on >= 1 && s->at.s >= window.first.s && s->at.s <= window.last.s) {
            *ret = s->at;
            return true;
        }
    }
    return false;
}

static void held_total(const struct held *v, size_t n, struct level_answer *ret)
{
    for (size_t i = 0; i < n; i++) {
        ret->in_window.s += v[i].window_s;
        ret->in_v.s += v[i].v_s;
    }
}

int level_judge(const struct level *l, const struct level_terms *t, struct level_answer *ret)
{
    AUTO_FREE struct held *v = NULL;
    size_t n;
    struct level_answer a = {0};

    if (l->n == 0) {
        *ret = a;
        return 0;
    }
    int r = held_collect(l, t, &v, &n);
    if (r < 0)
        return r;
    held_total(v, n, &a);
    a.quantity = held_longer(v, n, t->grace.s, t->period_min.s);
    a.state = a.quantity > 0 ? STATE_CONFIRMED : STATE_CLEAR;
    if (a.quantity == 0) {
        a.quantity = held_longer(v, n, -1, t->flag_after.s);
        a.state = a.quantity > 0 ? STATE_POTENTIAL : STATE_CLEAR;
    }
    if (a.state != STATE_CLEAR)
        a.has_since = level_since(l, t->window, &a.since);
    a.has_last = t->window.last.s == t->end.s && level_last(l, t->window, &a.last);
    if (a.state == STATE_POTENTIAL && t->window.last.s == t->end.s &&
        level_value(l, t->end) >= 1) {
        int64_t missing = t->grace.s - a.in_window.s;
        if (t->period_min.s - a.in_v.s > missing)
            missing = t->period_min.s - a.in_v.s;
        a.has_confirms = true;
        a.confirms_at.s = t->end.s + missing + 1;
    }
    *ret = a;
    return 0;
}

int level_notice(const struct level *l, const struct level_terms *t, dur_t longer_than,
                 struct level_answer *ret)
{
    AUTO_FREE struct held *v = NULL;
    size_t n;
    struct level_answer a = {0};

    if (l->n == 0) {
        *ret = a;
        return 0;
    }
    int r = held_collect(l, t, &v, &n);
    if (r < 0)
        return r;
    held_total(v, n, &a);
    a.quantity = held_longer(v, n, -1, longer_than.s);
    if (a.quantity > 0) {
        a.state = STATE_NOTICE;
        a.has_since = level_since(l, t->window, &a.since);
    }
    *ret = a;
    return 0;
}
