/* Licences times addresses. */
#include "keeper/presence.h"

#include <errno.h>
#include <string.h>

#include "base/grow.h"

/* An address by a source; where it is on an interface, since when it is known to be there
 * without a break. */
struct place {
    struct addr address;
    enum source source;
    bool is_there;
    wall_t there_since;
    struct spans seen;  /* and remembered for a key that comes (PRESENCE_ACTIVATION) */
    struct spans fresh; /* heard of since the last look, whenever it was seen */
};

/* A licence by the last look, and from when on each look found it. */
struct known {
    license_t license;
    wall_t from;
};

struct presence {
    const struct network *lab;
    size_t n_lab;
    struct place *places;
    size_t n_places, places_cap;
    struct known *known; /* by the last look */
    size_t n_known;
    wall_t looked; /* when that was */
};

int presence_new(const struct network *lab, size_t n_lab, struct presence **ret)
{
    struct presence *p = calloc(1, sizeof *p);
    if (!p)
        return -ENOMEM;
    p->lab = lab;
    p->n_lab = n_lab;
    p->looked = WALL_BEGIN;
    *ret = p;
    return 0;
}

static void place_done(struct place *place)
{
    spans_done(&place->seen);
    spans_done(&place->fresh);
}

void presence_free(struct presence *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->n_places; i++)
        place_done(&p->places[i]);
    free(p->places);
    free(p->known);
    free(p);
}

/* The place, made when there is none yet. NULL with *reterr. */
static struct place *place_of(struct presence *p, const struct addr *a, enum source source,
                              int *reterr)
{
    for (size_t i = 0; i < p->n_places; i++)
        if (p->places[i].source == source && addr_compare(&p->places[i].address, a) == 0)
            return &p->places[i];
    *reterr =
        grow(&p->places, &p->places_cap, p->n_places + 1, sizeof *p->places, CAP_PRESENCES);
    if (*reterr < 0)
        return NULL;
    struct place *place = &p->places[p->n_places++];
    *place = (struct place){.address = *a, .source = source};
    return place;
}

static int add_span(struct spans *to, struct span s)
{
    int r = spans_add(to, s);
    if (r == 0)
        spans_join(to, (dur_t){0});
    return r;
}

/* The place is empty from `at` on; what was there until then is kept. Up to the last look its
 * licences have it. */
static int leave(const struct presence *p, struct place *place, wall_t at)
{
    struct span was = {place->there_since, wall_max(place->there_since, at)};
    place->is_there = false;
    int r = add_span(&place->seen, was);
    if (r == 0 && span_cut(&was, (struct span){p->looked, WALL_END}))
        r = add_span(&place->fresh, was);
    return r;
}

int presence_link(struct presence *p, const struct addr *a, bool is_there, wall_t at)
{
    if (!addr_is_public(a, p->lab, p->n_lab))
        return 0;
    int r = 0;
    struct place *place = place_of(p, a, SOURCE_INTERFACE, &r);
    if (!place || place->is_there == is_there)
        return r;
    if (!is_there)
        return leave(p, place, at);
    place->is_there = true;
    place->there_since = at;
    return 0;
}

int presence_seen(struct presence *p, enum source source, const struct addr *a,
                  struct span seen)
{
    if (!addr_is_public(a, p->lab, p->n_lab))
        return 0;
    int r = 0;
    struct place *place = place_of(p, a, source, &r);
    if (!place)
        return r;
    r = add_span(&place->seen, seen);
    return r == 0 ? add_span(&place->fresh, seen) : r;
}

int presence_blind(struct presence *p, wall_t at)
{
    int first_error = 0;
    for (size_t i = 0; i < p->n_places; i++) {
        int r = p->places[i].is_there ? leave(p, &p->places[i], at) : 0;
        first_error = first_error < 0 ? first_error : r;
    }
    return first_error;
}

static const struct known *find_known(const struct presence *p, license_t l)
{
    for (size_t i = 0; i < p->n_known; i++)
        if (p->known[i].license.code == l.code)
            return &p->known[i];
    return NULL;
}

static bool was_looked_lately(const struct presence *p, wall_t at)
{
    return at.s - p->looked.s <= 45 * 60;
}

/* From when on the time up to a look at `at` is the licence's. */
static wall_t credited_from(const struct presence *p, const struct presence_license *l,
                            wall_t at)
{
    /* A file that did not change all the while was there all the while; one that did may have
     * been away, but not for longer than looks are apart. */
    wall_t since = {l->since.s - PRESENCE_ACTIVATION.s};
    if (find_known(p, l->license))
        return was_looked_lately(p, at) ? p->looked : wall_min(wall_max(since, p->looked), at);
    /* A look that its connection brought about may have come before the file. */
    return wall_min(l->since.s >= p->looked.s ? since : p->looked, at);
}

/* From when on each look up to that at `at` found it. */
static wall_t found_from(const struct presence *p, const struct presence_license *l, wall_t at)
{
    const struct known *known = find_known(p, l->license);
    return known && was_looked_lately(p, at) ? known->from : credited_from(p, l, at);
}

static int credit_spans(const struct spans *v, struct report_sighting s, struct span window,
                        const struct presence_sink *sink)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < v->n; i++) {
        s.seen = v->v[i];
        if (span_cut(&s.seen, window))
            r = sink->take(sink->arg, &s);
    }
    return r;
}

/* What is there is said from look to look; what was seen, when it is heard of: a look may have
 * come before the word of it. */
static int credit_place(const struct presence *p, const struct place *place,
                        const struct presence_license *l, wall_t at,
                        const struct presence_sink *sink)
{
    struct report_sighting s = {
        .license = l->license, .address = place->address, .source = place->source};
    const struct spans *v = find_known(p, l->license) ? &place->fresh : &place->seen;
    int r = credit_spans(v, s, (struct span){found_from(p, l, at), at}, sink);
    s.seen = (struct span){place->there_since, wall_max(place->there_since, at)};
    if (r == 0 && place->is_there &&
        span_cut(&s.seen, (struct span){credited_from(p, l, at), at}))
        r = sink->take(sink->arg, &s);
    return r;
}

/* What lies behind `at`. */
static void keep_after(struct spans *v, wall_t at)
{
    size_t kept = 0;
    for (size_t i = 0; i < v->n; i++)
        if (v->v[i].last.s > at.s)
            v->v[kept++] = (struct span){wall_max(v->v[i].first, at), v->v[i].last};
    v->n = kept;
}

/* Drops what was heard of that lies up to `at`, what is remembered that lies up to
 * `remembered`, and places of which nothing is left. */
static void forget_until(struct presence *p, wall_t at, wall_t remembered)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->n_places; i++) {
        struct place *place = &p->places[i];
        keep_after(&place->fresh, at);
        keep_after(&place->seen, remembered);
        if (place->seen.n == 0 && place->fresh.n == 0 && !place->is_there)
            place_done(place);
        else
            p->places[kept++] = *place;
    }
    p->n_places = kept;
}

static int remember(struct presence *p, const struct presence_license *v, size_t n, wall_t at)
{
    struct known *known = n > 0 ? calloc(n, sizeof *known) : NULL;
    if (n > 0 && !known)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        known[i] = (struct known){v[i].license, found_from(p, &v[i], at)};
    free(p->known);
    p->known = known;
    p->n_known = n;
    p->looked = at;
    return 0;
}

static int credit_license(const struct presence *p, const struct presence_license *l, wall_t at,
                          const struct presence_sink *sink)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < p->n_places; i++)
        r = credit_place(p, &p->places[i], l, at, sink);
    return r;
}

int presence_look(struct presence *p, const struct presence_license *v, size_t n, wall_t at,
                  const struct presence_sink *sink)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < n; i++)
        r = credit_license(p, &v[i], at, sink);
    int kept = remember(p, v, n, at);
    forget_until(p, at, (wall_t){at.s - PRESENCE_ACTIVATION.s});
    return r < 0 ? r : kept;
}

void presence_forget(struct presence *p, wall_t at)
{
    forget_until(p, at, at);
    /* What is there goes on, but is nobody's for the time that passed. */
    for (size_t i = 0; i < p->n_places; i++)
        if (p->places[i].is_there)
            p->places[i].there_since = wall_max(p->places[i].there_since, at);
}

void presence_places(const struct presence *p, presence_place_fn *each, void *arg)
{
    for (size_t i = 0; i < p->n_places; i++)
        each(arg, &p->places[i].address, p->places[i].source);
}
