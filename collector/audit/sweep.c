/* Presences along time. */
#include "audit/sweep.h"
#include <errno.h>

void sweep_done(struct sweep *s)
{
    free(s->by_last);
    free(s->active);
    *s = (struct sweep){0};
}

static int compare_by_last(const void *a, const void *b, void *arg)
{
    const struct presences *p = arg;
    int64_t x = p->v[*(const uint32_t *)a].span.last.s;
    int64_t y = p->v[*(const uint32_t *)b].span.last.s;

    return x < y ? -1 : x > y; /* nothing depends on the order of equals */
}

int sweep_init(struct sweep *s, const struct presences *p, struct span window,
               const wall_t *extra, size_t n_extra)
{
    struct sweep w = {.p = p, .window = window, .extra = extra, .n_extra = n_extra};

    w.by_last = malloc((p->n + 1) * sizeof(*w.by_last));
    w.active = malloc((p->n + 1) * sizeof(*w.active));
    if (!w.by_last || !w.active) {
        sweep_done(&w);
        return -ENOMEM;
    }
    for (size_t i = 0; i < p->n; i++)
        w.by_last[i] = (uint32_t)i;
    if (p->n > 1)
        qsort_r(w.by_last, p->n, sizeof(*w.by_last), compare_by_last, (void *)p);
    while (w.next_last < p->n && p->v[w.by_last[w.next_last]].span.last.s < window.first.s)
        w.next_last++;
    while (w.next_extra < n_extra && extra[w.next_extra].s <= window.first.s)
        w.next_extra++;
    *s = w;
    return 0;
}

/* Those that begin at or before `at` and have not ended before it. */
static void sweep_begin(struct sweep *s, wall_t at)
{
    while (s->next_first < s->p->n && s->p->v[s->next_first].span.first.s <= at.s) {
        if (s->p->v[s->next_first].span.last.s >= at.s)
            s->active[s->n_active++] = (uint32_t)s->next_first;
        s->next_first++;
    }
}

/* The next moment at which anything changes, at most the window's end. */
static wall_t sweep_upcoming(const struct sweep *s)
{
    wall_t at = s->window.last;

    if (s->next_first < s->p->n)
        at = wall_min(at, s->p->v[s->next_first].span.first);
    if (s->next_last < s->p->n)
        at = wall_min(at, s->p->v[s->by_last[s->next_last]].span.last);
    if (s->next_extra < s->n_extra)
        at = wall_min(at, s->extra[s->next_extra]);
    return at;
}

bool sweep_next(struct sweep *s)
{
    wall_t at = s->is_begun ? sweep_upcoming(s) : s->window.first;

    if (s->is_begun && at.s <= s->at.s)
        return false;
    s->is_begun = true;
    s->at = at;
    sweep_begin(s, at);
    while (s->next_last < s->p->n && s->p->v[s->by_last[s->next_last]].span.last.s <= at.s)
        s->next_last++;
    while (s->next_extra < s->n_extra && s->extra[s->next_extra].s <= at.s)
        s->next_extra++;
    return true;
}

void sweep_pass(struct sweep *s)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->n_active; i++)
        if (s->p->v[s->active[i]].span.last.s > s->at.s)
            s->active[kept++] = s->active[i];
    s->n_active = kept;
}

void census_done(struct census *c)
{
    free(c->anchored);
    free(c->blocked);
    free(c->machine_round);
    free(c->place_round);
    free(c->machine_no);
    free(c->place_no);
    *c = (struct census){0};
}

int census_init(struct census *c, const struct presences *p)
{
    struct census n = {.p = p};

    n.anchored = calloc(p->n_machines + 1, sizeof(*n.anchored));
    n.blocked = calloc(p->n_places + 1, sizeof(*n.blocked));
    n.machine_round = calloc(p->n_machines + 1, sizeof(*n.machine_round));
    n.place_round = calloc(p->n_places + 1, sizeof(*n.place_round));
    n.machine_no = calloc(p->n_machines + 1, sizeof(*n.machine_no));
    n.place_no = calloc(p->n_places + 1, sizeof(*n.place_no));
    if (!n.anchored || !n.blocked || !n.machine_round || !n.place_round || !n.machine_no ||
        !n.place_no) {
        census_done(&n);
        return -ENOMEM;
    }
    *c = n;
    return 0;
}

/* Machines present, and which of them are on an anchor. */
static void census_machines(struct census *c, const struct sweep *s)
{
    for (size_t i = 0; i < s->n_active; i++) {
        const struct presence *x = &c->p->v[s->active[i]];
        if (c->machine_round[x->machine] != c->round) {
            c->machine_round[x->machine] = c->round;
            c->machine_no[x->machine] = (uint32_t)c->machines++;
        }
        if (place_is_anchor(&c->p->places[x->place]))
            c->anchored[x->machine] = c->round;
    }
}

void census_take(struct census *c, const struct sweep *s)
{
    c->round++;
    c->machines = c->units = c->places = 0;
    census_machines(c, s);
    for (size_t i = 0; i < s->n_active; i++) {
        const struct presence *x = &c->p->v[s->active[i]];
        if (c->place_round[x->place] != c->round) {
            c->place_round[x->place] = c->round;
            c->place_no[x->place] = (uint32_t)c->places++;
            c->units++;
        }
        if (!place_is_anchor(&c->p->places[x->place]) && c->anchored[x->machine] == c->round &&
            c->blocked[x->place] != c->round) {
            c->blocked[x->place] = c->round;
            c->units--;
        }
    }
}

bool census_has_unit(const struct census *c, uint32_t place)
{
    return c->place_round[place] == c->round && c->blocked[place] != c->round;
}
