/* SPEC 6.1, steps 1 and 2: from sightings to presences on units. */
#include "audit/presence.h"
#include "base/grow.h"
#include <errno.h>
#include <string.h>

/* A sighting with its unit, before the units have numbers. */
struct seen_unit {
    struct place place;
    struct seen seen;
};

void presences_done(struct presences *p)
{
    free(p->places);
    free(p->seen);
    free(p->v);
    free(p->scratch);
    *p = (struct presences){0};
}

/* The reseller's widest network declared one_place that holds it, else the default unit. */
static struct place place_of(const struct audit_reseller *r, const struct addr *address)
{
    struct place best = {network_default_unit(address), false};

    for (size_t i = 0; i < r->n_networks; i++) {
        const struct estate_network *n = &r->networks[i];
        if (!n->is_one_place || !network_holds(&n->network, address))
            continue;
        if (!best.is_one_place || n->network.bits < best.unit.bits)
            best = (struct place){n->network, true};
    }
    return best;
}

struct network place_unit(const struct audit_reseller *r, const struct addr *address)
{
    return place_of(r, address).unit;
}

static bool is_counted(const struct audit *a, const struct policy *p,
                       const struct audit_sighting *s)
{
    return (p->count_sources >> s->source & 1) != 0 &&
           addr_is_public(&s->address, a->lab_networks, a->n_lab_networks);
}

static int scratch_add(struct presences *p, const struct audit_sighting *s,
                       const struct place *place, struct span span)
{
    int r =
        grow(&p->scratch, &p->cap_scratch, p->n_scratch + 1, sizeof(*p->scratch), UINT32_MAX);

    if (r < 0)
        return r;
    p->scratch[p->n_scratch++] = (struct seen_unit){
        *place,
        {.machine = s->machine, .source = s->source, .address = s->address, .span = span}};
    return 0;
}

/* The parts of a sighting, seen in `span`, that fall into the server's tenures with the entry's
 * reseller. */
static int gather_tenures(struct presences *p, const struct license_case *c,
                          const struct entry *e, const struct audit_sighting *s,
                          struct span span)
{
    const struct audit_server *server = c->machines[s->machine].server;

    for (size_t i = 0; i < server->n_tenures; i++) {
        struct span cut = span;
        if (server->tenures[i].reseller != e->reseller ||
            !span_cut(&cut, term_closed(server->tenures[i].valid)))
            continue;
        int r = scratch_add(p, s, &p->place, cut);
        if (r < 0)
            return r;
    }
    return 0;
}

static int compare_u32(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

static int scratch_compare(const void *a, const void *b)
{
    const struct seen_unit *x = a, *y = b;
    int r = network_compare(&x->place.unit, &y->place.unit);

    if (r == 0)
        r = compare_u32(x->seen.machine, y->seen.machine);
    if (r == 0)
        r = span_compare(&x->seen.span, &y->seen.span);
    if (r == 0)
        r = compare_u32(x->seen.source, y->seen.source);
    return r != 0 ? r : addr_compare(&x->seen.address, &y->seen.address);
}

/* Numbers the units in their own order, and lays the sightings down by unit. */
static int number_places(struct presences *p)
{
    size_t n = p->n_scratch;
    int r = grow(&p->seen, &p->cap_seen, n, sizeof(*p->seen), UINT32_MAX);

    if (r < 0)
        return r;
    if (n > 1)
        qsort(p->scratch, n, sizeof(*p->scratch), scratch_compare);
    p->n_places = 0;
    for (size_t i = 0; i < n; i++) {
        const struct place *place = &p->scratch[i].place;
        if (i == 0 || network_compare(&place->unit, &p->scratch[i - 1].place.unit) != 0) {
            r = grow(&p->places, &p->cap_places, p->n_places + 1, sizeof(*p->places),
                     UINT32_MAX);
            if (r < 0)
                return r;
            p->places[p->n_places++] = *place;
        }
        p->seen[i] = p->scratch[i].seen;
        p->seen[i].place = (uint32_t)(p->n_places - 1);
    }
    p->n_seen = n;
    return 0;
}

int presences_gather(struct presences *p, const struct audit *a, const struct license_case *c,
                     const struct entry *e)
{
    const struct addr *placed = NULL; /* sightings come by address: most share their unit */

    p->n_scratch = 0;
    for (size_t i = 0; i < c->n_sightings; i++) {
        const struct audit_sighting *s = &c->sightings[i];
        struct span cut = s->seen;
        if (!span_cut(&cut, (struct span){WALL_BEGIN, a->end}) ||
            !span_cut(&cut, term_closed(e->valid)) || !is_counted(a, e->policy, s))
            continue;
        if (!placed || addr_compare(placed, &s->address) != 0)
            p->place = place_of(e->reseller, &s->address);
        placed = &s->address;
        int r = gather_tenures(p, c, e, s, cut);
        if (r < 0)
            return r;
    }
    p->n_machines = c->n_machines;
    int r = number_places(p);
    return r < 0 ? r : presences_bridge(p, e->policy->bridge);
}

int presences_gather_server(struct presences *p, const struct audit *a,
                            const struct license_case *c, const struct audit_reseller *reseller)
{
    const struct policy *policy = policy_for(a->policy, reseller->id);

    p->n_scratch = 0;
    for (size_t i = 0; i < c->n_sightings; i++) {
        const struct audit_sighting *s = &c->sightings[i];
        struct span cut = s->seen;
        if (!is_counted(a, policy, s) || !span_cut(&cut, (struct span){WALL_BEGIN, a->end}))
            continue;
        struct place place = place_of(reseller, &s->address);
        int r = scratch_add(p, s, &place, cut);
        if (r < 0)
            return r;
    }
    p->n_machines = c->n_machines;
    int r = number_places(p);
    return r < 0 ? r : presences_bridge(p, policy->bridge);
}

static int seen_compare(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;
    int r = compare_u32(x->place, y->place);

    if (r == 0)
        r = compare_u32(x->machine, y->machine);
    return r != 0 ? r : span_compare(&x->span, &y->span);
}

static int presence_compare(const void *a, const void *b)
{
    const struct presence *x = a, *y = b;

    if (x->span.first.s != y->span.first.s)
        return x->span.first.s < y->span.first.s ? -1 : 1;
    int r = compare_u32(x->place, y->place);
    return r != 0 ? r : compare_u32(x->machine, y->machine);
}

static bool seen_is_sorted(const struct presences *p)
{
    for (size_t i = 1; i < p->n_seen; i++)
        if (seen_compare(&p->seen[i - 1], &p->seen[i]) > 0)
            return false;
    return true;
}

/* Step 1: merged over gaps of at most `bridge`, for each machine and unit by itself. */
int presences_bridge(struct presences *p, dur_t bridge)
{
    if (!seen_is_sorted(p))
        qsort(p->seen, p->n_seen, sizeof(*p->seen), seen_compare);
    int r = grow(&p->v, &p->cap, p->n_seen, sizeof(*p->v), UINT32_MAX);
    if (r < 0)
        return r;
    p->n = 0;
    for (size_t i = 0; i < p->n_seen; i++) {
        const struct seen *s = &p->seen[i];
        struct presence *last = p->n > 0 ? &p->v[p->n - 1] : NULL;
        if (last && last->place == s->place && last->machine == s->machine &&
            s->span.first.s - last->span.last.s <= bridge.s)
            last->span.last = wall_max(last->span.last, s->span.last);
        else
            p->v[p->n++] = (struct presence){s->machine, s->place, s->span};
    }
    if (p->n > 1)
        qsort(p->v, p->n, sizeof(*p->v), presence_compare);
    return 0;
}

static bool is_chosen(struct presence_choice of, uint32_t machine, uint32_t place)
{
    return (of.machine == PRESENCE_ANY || of.machine == machine) &&
           (of.place == PRESENCE_ANY || of.place == place);
}

int presences_observed(const struct presences *p, struct presence_choice of,
                       enum seen_kind kind, struct span window, dur_t *ret)
{
    AUTO(spans) struct spans list = {0};

    for (size_t i = 0; i < p->n_seen; i++) {
        const struct seen *s = &p->seen[i];
        if (!is_chosen(of, s->machine, s->place))
            continue;
        if (kind == SEEN_BY_PEER && s->source != SOURCE_PEER)
            continue;
        int r = spans_add(&list, s->span);
        if (r < 0)
            return r;
    }
    spans_join(&list, (dur_t){0});
    *ret = spans_measure(list.v, list.n, window);
    return 0;
}

int presences_joined(const struct presences *p, struct presence_choice of, struct span window,
                     struct spans *ret)
{
    ret->n = 0;
    for (size_t i = 0; i < p->n; i++) {
        const struct presence *x = &p->v[i];
        struct span cut = x->span;
        if (!is_chosen(of, x->machine, x->place) || !span_cut(&cut, window))
            continue;
        int r = spans_add(ret, cut);
        if (r < 0)
            return r;
    }
    spans_join(ret, (dur_t){0});
    return 0;
}
