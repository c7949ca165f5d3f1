/*
 * outside (FUP, licences 4: only in the reseller's own infrastructure).
 *
 * 1. outside(t) = the units of 6.1, step 2, that lie in none of the reseller's networks valid
 *    at t; 0 for those of a family of which it has no network valid at t: unknown is never
 *    charged.
 * 2. A /64 lies in a network if an address does that was seen in it by a counted sighting that
 *    meets [P0 - outside_grace, E]; a one_place unit if its own network, or one that holds it,
 *    is valid.
 * 3. The finding: sustained(outside, outside_grace), else seen(outside). Declared moves do not
 *    excuse it.
 */
#include "audit/outside.h"
#include "audit/sweep.h"
#include "base/grow.h"
#include <errno.h>

void outside_facts_done(struct outside_facts *f)
{
    free(f->inside);
    free(f->declared);
    f->inside = NULL;
    f->declared = NULL;
    f->n_inside = f->cap_inside = f->n_declared = f->cap_declared = 0;
}

static bool term_meets(struct term t, struct span window)
{
    return t.from.s <= window.last.s && t.to.s > window.first.s;
}

static int declare(struct outside_facts *f, const struct estate_network *n)
{
    int r =
        grow(&f->declared, &f->cap_declared, f->n_declared + 1, sizeof(*f->declared), SIZE_MAX);

    if (r < 0)
        return r;
    f->declared[f->n_declared++] =
        (struct declared_term){(enum addr_family)n->network.base.family, n->valid};
    return 0;
}

/* Step 2, for one unit and one network. */
static bool place_lies_in(const struct outside_facts *f, uint32_t place,
                          const struct network *network)
{
    const struct presences *p = f->presences;

    if (p->places[place].is_one_place)
        return network_holds_network(network, &p->places[place].unit);
    for (size_t i = 0; i < p->n_seen; i++) {
        struct span met = p->seen[i].span;
        if (p->seen[i].place == place && network_holds(network, &p->seen[i].address) &&
            span_cut(&met, f->terms.window))
            return true;
    }
    return false;
}

static int place_in(struct outside_facts *f, const struct estate_network *n)
{
    for (uint32_t place = 0; place < f->presences->n_places; place++) {
        if (!place_lies_in(f, place, &n->network))
            continue;
        int r = grow(&f->inside, &f->cap_inside, f->n_inside + 1, sizeof(*f->inside), SIZE_MAX);
        if (r < 0)
            return r;
        f->inside[f->n_inside++] = (struct inside_term){place, n->valid};
    }
    return 0;
}

int outside_gather(struct outside_facts *f, const struct audit_reseller *reseller)
{
    f->n_inside = f->n_declared = 0;
    for (size_t i = 0; i < reseller->n_networks; i++) {
        const struct estate_network *n = &reseller->networks[i];
        if (!term_meets(n->valid, f->terms.window))
            continue;
        int r = declare(f, n);
        if (r >= 0)
            r = place_in(f, n);
        if (r < 0)
            return r;
    }
    return 0;
}

static bool is_declared(const struct outside_facts *f, uint8_t family, wall_t at)
{
    for (size_t i = 0; i < f->n_declared; i++)
        if (f->declared[i].family == family && term_holds(f->declared[i].valid, at))
            return true;
    return false;
}

static bool is_inside(const struct outside_facts *f, uint32_t place, wall_t at)
{
    for (size_t i = 0; i < f->n_inside; i++)
        if (f->inside[i].place == place && term_holds(f->inside[i].valid, at))
            return true;
    return false;
}

/* Every unit is inside all the time, or nothing is declared at all: told without a walk. */
static bool is_plainly_inside(const struct outside_facts *f)
{
    const struct presences *p = f->presences;

    for (uint32_t place = 0; place < p->n_places && f->n_declared > 0; place++) {
        bool is_covered = false;
        for (size_t i = 0; i < f->n_inside && !is_covered; i++)
            is_covered = f->inside[i].place == place &&
                         f->inside[i].valid.from.s <= f->terms.window.first.s &&
                         f->inside[i].valid.to.s > f->terms.window.last.s;
        if (!is_covered)
            return false;
    }
    return true;
}

/* Step 1, of those now active: `seen` marks units already counted in this round. */
static int64_t count_outside(const struct outside_facts *f, const struct sweep *s,
                             struct census *c, uint32_t *seen, wall_t at)
{
    int64_t n = 0;

    census_take(c, s);
    for (size_t i = 0; i < s->n_active; i++) {
        uint32_t place = s->p->v[s->active[i]].place;
        if (seen[place] == c->round || !census_has_unit(c, place))
            continue;
        seen[place] = c->round;
        if (is_declared(f, s->p->places[place].unit.base.family, at) &&
            !is_inside(f, place, at))
            n++;
    }
    return n;
}

static int moment_compare(const void *a, const void *b)
{
    const wall_t *x = a, *y = b;
    return x->s < y->s ? -1 : x->s > y->s;
}

/* The moments at which a network's validity begins or ends. */
static int validity_moments(const struct outside_facts *f, wall_t **ret, size_t *ret_n)
{
    size_t n = 0;
    wall_t *v = calloc(2 * f->n_declared + 1, sizeof(*v));

    if (!v)
        return -ENOMEM;
    for (size_t i = 0; i < f->n_declared; i++) {
        v[n++] = f->declared[i].valid.from;
        v[n++] = f->declared[i].valid.to;
    }
    qsort(v, n, sizeof(*v), moment_compare);
    *ret = v;
    *ret_n = n;
    return 0;
}

static int walk_outside(const struct outside_facts *f, struct sweep *s, struct census *c,
                        struct level *ret)
{
    AUTO_FREE uint32_t *seen = calloc(f->presences->n_places + 1, sizeof(*seen));

    if (!seen)
        return -ENOMEM;
    while (sweep_next(s)) {
        struct level_step step = {.at = s->at};
        step.on = count_outside(f, s, c, seen, s->at);
        sweep_pass(s);
        /* Validity is half-open: on the stretch it is what it was at its beginning. */
        if (s->at.s != s->window.last.s)
            step.after = count_outside(f, s, c, seen, s->at);
        int r = level_add(ret, step);
        if (r < 0)
            return r;
    }
    return 0;
}

int outside_level(const struct outside_facts *f, struct level *ret)
{
    AUTO_FREE wall_t *moments = NULL;
    AUTO(sweep) struct sweep s = {0};
    AUTO(census) struct census c = {0};
    size_t n;

    level_reset(ret);
    if (is_plainly_inside(f))
        return 0;
    int r = validity_moments(f, &moments, &n);
    if (r >= 0)
        r = sweep_init(&s, f->presences, f->terms.window, moments, n);
    if (r >= 0)
        r = census_init(&c, f->presences);
    return r < 0 ? r : walk_outside(f, &s, &c, ret);
}

int outside_judge(const struct outside_facts *f, struct level_answer *ret)
{
    AUTO(level) struct level level = {0};
    int r = outside_level(f, &level);

    return r < 0 ? r : level_judge(&level, &f->terms, ret);
}
