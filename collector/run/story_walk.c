/*
 * A walk over an entry's window: how each unit stands while somebody is on it (SPEC 6.1 step 2,
 * and 6.3), and the numbers of machines and units behind the levels, from change to change.
 */
#include "audit/sweep.h"
#include "base/grow.h"
#include "run/story_parts.h"
#include <errno.h>
#include <string.h>

/* How one unit stands at present, and since when. */
struct standing_now {
    bool is_there;
    enum story_standing standing;
    wall_t since;
    struct story_stretch *v; /* what is over */
    size_t n, cap;
};

struct walk {
    struct story_maker *m;
    const struct story_walk_facts *facts;
    struct story_entry *e;
    struct sweep sweep;
    struct census census;
    wall_t *moments;          /* at which moves and networks begin and end */
    struct standing_now *now; /* by the entry's unit */
    struct standing_now *next;
    struct story_step *steps;
    size_t n_steps, cap_steps;
};

static void walk_done(struct walk *w)
{
    sweep_done(&w->sweep);
    census_done(&w->census);
    free(w->moments);
    for (size_t i = 0; w->now && i < w->e->n_units; i++)
        free(w->now[i].v);
    free(w->now);
    free(w->next);
    free(w->steps);
}

static int compare_moments(const void *a, const void *b)
{
    const wall_t *x = a, *y = b;
    return x->s < y->s ? -1 : x->s > y->s;
}

/* The moments at which something but the presences changes. */
static int gather_moments(struct walk *w, size_t *ret_n)
{
    const struct story_entry *e = w->e;
    size_t n = 0, most = 2 * (e->n_moves + e->n_networks);

    for (size_t i = 0; i < e->n_rules; i++)
        most += e->rules[i].level.n;
    w->moments = calloc(most + 1, sizeof(*w->moments));
    if (!w->moments)
        return -ENOMEM;
    for (size_t i = 0; i < e->n_moves; i++) {
        w->moments[n++] = e->moves[i].from;
        w->moments[n++] = e->moves[i].to;
    }
    for (size_t i = 0; i < e->n_networks; i++) {
        w->moments[n++] = e->networks[i].valid.from;
        w->moments[n++] = e->networks[i].valid.to;
    }
    for (size_t i = 0; i < e->n_rules; i++)
        for (size_t k = 0; k < e->rules[i].level.n; k++)
            w->moments[n++] = e->rules[i].level.v[k].at;
    qsort(w->moments, n, sizeof(*w->moments), compare_moments);
    *ret_n = n;
    return 0;
}

static int walk_init(struct walk *w)
{
    size_t n;
    int r = gather_moments(w, &n);

    if (r >= 0)
        r = sweep_init(&w->sweep, w->facts->presences, w->e->window, w->moments, n);
    if (r >= 0)
        r = census_init(&w->census, w->facts->presences);
    if (r < 0)
        return r;
    w->now = calloc(w->e->n_units + 1, sizeof(*w->now));
    w->next = calloc(w->e->n_units + 1, sizeof(*w->next));
    return w->now && w->next ? 0 : -ENOMEM;
}

static enum story_standing standing_of(const struct walk *w, uint32_t place, wall_t at)
{
    const struct outside_facts *f = w->facts->outside;
    uint8_t family = w->facts->presences->places[place].unit.base.family;
    bool is_declared = false;

    if (!census_has_unit(&w->census, place))
        return STANDING_SECOND;
    for (size_t i = 0; i < f->n_inside; i++)
        if (f->inside[i].place == place && term_holds(f->inside[i].valid, at))
            return STANDING_INSIDE;
    for (size_t i = 0; i < f->n_declared && !is_declared; i++)
        is_declared = f->declared[i].family == family && term_holds(f->declared[i].valid, at);
    return is_declared ? STANDING_OUTSIDE : STANDING_UNKNOWN;
}

/* Ends what stood from `since` to `at`. */
static int close_stretch(struct standing_now *s, wall_t at)
{
    if (!s->is_there || s->since.s == at.s)
        return 0;
    int r = grow(&s->v, &s->cap, s->n + 1, sizeof(*s->v), SIZE_MAX);
    if (r >= 0)
        s->v[s->n++] = (struct story_stretch){{s->since, at}, s->standing};
    return r;
}

/* What stands from `at` on, by those now active. */
static int stand(struct walk *w, wall_t at)
{
    for (size_t i = 0; i < w->e->n_units; i++)
        w->next[i].is_there = false;
    for (size_t i = 0; i < w->sweep.n_active; i++) {
        uint32_t place = w->facts->presences->v[w->sweep.active[i]].place;
        uint32_t unit = w->facts->unit_no[place];
        w->next[unit].is_there = true;
        w->next[unit].standing = standing_of(w, place, at);
    }
    for (size_t i = 0; i < w->e->n_units; i++) {
        struct standing_now *now = &w->now[i];
        const struct standing_now *next = &w->next[i];
        if (now->is_there == next->is_there && now->standing == next->standing)
            continue;
        int r = close_stretch(now, at);
        if (r < 0)
            return r;
        now->is_there = next->is_there;
        now->standing = next->standing;
        now->since = at;
    }
    return 0;
}

/* The level on the stretch after `at`. */
static int64_t level_after(const struct story_rule *rule, wall_t at)
{
    int64_t after = 0;
    size_t low = 0, high = rule->level.n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rule->level.v[middle].at.s <= at.s) {
            after = rule->level.v[middle].after;
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return after;
}

static bool is_moving(const struct story_entry *e, wall_t at)
{
    for (size_t i = 0; i < e->n_moves; i++)
        if (term_holds(e->moves[i], at))
            return true;
    return false;
}

static bool is_same_step(const struct story_step *a, const struct story_step *b)
{
    return a->machines == b->machines && a->units == b->units && a->level == b->level &&
           a->outside == b->outside && a->is_move == b->is_move;
}

/* The step from `at` on; its end is set when the next one begins. */
static int step(struct walk *w, wall_t at)
{
    struct story_step s = {
        .at = {at, at},
        .machines = w->census.machines,
        .units = w->census.units,
        .level = level_after(&w->e->rules[0], at),
        .outside = level_after(&w->e->rules[1], at),
        .is_move = is_moving(w->e, at),
    };

    if (w->n_steps > 0)
        w->steps[w->n_steps - 1].at.last = at;
    if (w->n_steps > 0 && is_same_step(&w->steps[w->n_steps - 1], &s))
        return 0;
    int r = grow(&w->steps, &w->cap_steps, w->n_steps + 1, sizeof(*w->steps), SIZE_MAX);
    if (r >= 0)
        w->steps[w->n_steps++] = s;
    return r;
}

/* What was found goes to the entry, with its sums. */
static int settle(struct walk *w)
{
    struct story_entry *e = w->e;

    for (size_t i = 0; i < e->n_units; i++) {
        struct story_unit *u = &e->units[i];
        int r = close_stretch(&w->now[i], e->window.last);
        if (r < 0)
            return r;
        for (size_t k = 0; k < w->now[i].n; k++) {
            const struct story_stretch *s = &w->now[i].v[k];
            int64_t measure = s->at.last.s - s->at.first.s;
            u->counted.s += s->standing != STANDING_SECOND ? measure : 0;
            u->outside.s += s->standing == STANDING_OUTSIDE ? measure : 0;
        }
        u->stands = story_keep(w->m, w->now[i].v, w->now[i].n, sizeof(*u->stands));
        u->n_stands = w->now[i].n;
        if (!u->stands)
            return -ENOMEM;
    }
    if (w->n_steps > 0)
        w->steps[w->n_steps - 1].at.last = e->window.last;
    e->steps = story_keep(w->m, w->steps, w->n_steps, sizeof(*w->steps));
    e->n_steps = w->n_steps;
    return e->steps ? 0 : -ENOMEM;
}

int story_walk(struct story_maker *m, const struct story_walk_facts *facts,
               struct story_entry *e)
{
    AUTO(walk) struct walk w = {.m = m, .facts = facts, .e = e};
    int r = walk_init(&w);

    while (r >= 0 && sweep_next(&w.sweep)) {
        sweep_pass(&w.sweep);
        if (w.sweep.at.s == e->window.last.s)
            break;
        census_take(&w.census, &w.sweep);
        r = stand(&w, w.sweep.at);
        if (r >= 0)
            r = step(&w, w.sweep.at);
    }
    return r < 0 ? r : settle(&w);
}
