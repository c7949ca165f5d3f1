/*
 * Moments are put behind each other, and joined when the room is full. Whatever their order,
 * sorting and joining gives the same; and it costs no more than sorting them all would.
 */
#include "probe/stretch.h"

#include <errno.h>

#include "base/grow.h"

void stretches_done(struct stretches *s)
{
    free(s->v);
    *s = (struct stretches){NULL, 0, 0};
}

static int compare_seen(const struct sight_seen *a, const struct sight_seen *b)
{
    int order = addr_compare(&a->address, &b->address);

    return order != 0 ? order : (a->source > b->source) - (a->source < b->source);
}

static int compare(const void *left, const void *right)
{
    const struct stretch *a = left, *b = right;
    int order = compare_seen(&a->seen, &b->seen);

    return order != 0 ? order : (a->first_s > b->first_s) - (a->first_s < b->first_s);
}

/* `later` begins no earlier than `s`. */
static bool reaches(const struct stretch *s, const struct stretch *later)
{
    return compare_seen(&s->seen, &later->seen) == 0 &&
           later->first_s - s->last_s <= STRETCH_GAP_S;
}

static void extend(struct stretch *s, const struct stretch *by)
{
    if (by->first_s < s->first_s)
        s->first_s = by->first_s;
    if (by->last_s > s->last_s)
        s->last_s = by->last_s;
    s->packets += by->packets;
}

void stretches_join(struct stretches *s)
{
    size_t n = 0;

    if (s->n == 0)
        return;
    qsort(s->v, s->n, sizeof *s->v, compare);
    for (size_t i = 1; i < s->n; i++) {
        if (reaches(&s->v[n], &s->v[i]))
            extend(&s->v[n], &s->v[i]);
        else
            s->v[++n] = s->v[i];
    }
    s->n = n + 1;
}

/* Room for one more: of what joining frees, or twice as much. */
static int make_room(struct stretches *s)
{
    if (s->n < s->cap)
        return 0;
    stretches_join(s);
    if (s->n > STRETCH_MAX)
        return -ERANGE;
    if (s->n < s->cap / 2)
        return 0;
    /* Twice the cap: so that joining never frees just one place, again and again. */
    return grow(&s->v, &s->cap, s->cap + 1, sizeof *s->v, (size_t)2 * STRETCH_MAX + 2);
}

int stretches_add(struct stretches *s, const struct sight_seen *seen, int64_t at_s)
{
    const struct stretch one = {*seen, at_s, at_s, 1};

    /* Often the same as the one before, and a moment later. */
    if (s->n > 0 && at_s >= s->v[s->n - 1].first_s && reaches(&s->v[s->n - 1], &one)) {
        extend(&s->v[s->n - 1], &one);
        return 0;
    }
    int r = make_room(s);
    if (r < 0)
        return r;
    s->v[s->n++] = one;
    return 0;
}
