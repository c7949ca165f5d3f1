/* Licences times addresses. */
#include "keeper/presence.h"

#include <errno.h>
#include <string.h>

#include "base/grow.h"

/* An address by a source: when it was seen since the last look; where it is on an interface,
 * since when it is known to be there without a break. */
struct place {
    struct addr address;
    enum source source;
    bool is_there;
    wall_t there_since;
    struct spans seen;
};

struct presence {
    const struct network *lab;
    size_t n_lab;
    struct place *places;
    size_t n_places, places_cap;
    license_t *known; /* by the last look */
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

void presence_free(struct presence *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->n_places; i++)
        spans_done(&p->places[i].seen);
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

static int add_span(struct place *place, struct span s)
{
    int r = spans_add(&place->seen, s);
    if (r == 0)
        spans_join(&place->seen, (dur_t){0});
    return r;
}

/* The place is empty from `at` on; what was there until then is kept. */
static int leave(struct place *place, wall_t at)
{
    place->is_there = false;
    return add_span(place, (struct span){place->there_since, wall_max(place->there_since, at)});
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
        return leave(place, at);
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
    return place ? add_span(place, seen) : r;
}

int presence_blind(struct presence *p, wall_t at)
{
    int first_error = 0;
    for (size_t i = 0; i < p->n_places; i++) {
        int r = p->places[i].is_there ? leave(&p->places[i], at) : 0;
        first_error = first_error < 0 ? first_error : r;
    }
    return first_error;
}

static bool was_known(const struct presence *p, license_t l)
{
    for (size_t i = 0; i < p->n_known; i++)
        if (p->known[i].code == l.code)
            return true;
    return false;
}

/* From when on the time up to a look at `at` is the licence's. */
static wall_t credited_from(const struct presence *p, const struct presence_license *l,
                            wall_t at)
{
    /* A file that did not change all the while was there all the while; one that did may have
     * been away, but not for longer than looks are apart. */
    wall_t since = {l->since.s - PRESENCE_ACTIVATION.s};
    if (was_known(p, l->license))
        return at.s - p->looked.s <= 45 * 60 ? p->looked
                                             : wall_min(wall_max(since, p->looked), at);
    /* A look that its connection brought about may have come before the file. */
    return wall_min(l->since.s >= p->looked.s ? since : p->looked, at);
}

static int credit_place(const struct place *place, license_t license, struct span window,
                        const struct presence_sink *sink)
{
    struct report_sighting s = {
        .license = license, .address = place->address, .source = place->source};
    int r = 0;
    for (size_t i = 0; r == 0 && i < place->seen.n; i++) {
        s.seen = place->seen.v[i];
        if (span_cut(&s.seen, window))
            r = sink->take(sink->arg, &s);
    }
    s.seen = (struct span){place->there_since, wall_max(place->there_since, window.last)};
    if (r == 0 && place->is_there && span_cut(&s.seen, window))
        r = sink->take(sink->arg, &s);
    return r;
}

/* Drops what was seen up to `at`, and places of which nothing is left. */
static void forget_until(struct presence *p, wall_t at)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->n_places; i++) {
        struct place *place = &p->places[i];
        size_t left = 0;
        for (size_t j = 0; j < place->seen.n; j++)
            if (place->seen.v[j].last.s > at.s)
                place->seen.v[left++] = place->seen.v[j];
        place->seen.n = left;
        if (left == 0 && !place->is_there)
            spans_done(&place->seen);
        else
            p->places[kept++] = *place;
    }
    p->n_places = kept;
}

static int remember(struct presence *p, const struct presence_license *v, size_t n, wall_t at)
{
    license_t *known = n > 0 ? calloc(n, sizeof *known) : NULL;
    if (n > 0 && !known)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        known[i] = v[i].license;
    free(p->known);
    p->known = known;
    p->n_known = n;
    p->looked = at;
    return 0;
}

static int credit_license(const struct presence *p, const struct presence_license *l, wall_t at,
                          const struct presence_sink *sink)
{
    struct span window = {credited_from(p, l, at), at};
    int r = 0;
    for (size_t i = 0; r == 0 && i < p->n_places; i++)
        r = credit_place(&p->places[i], l->license, window, sink);
    return r;
}

int presence_look(struct presence *p, const struct presence_license *v, size_t n, wall_t at,
                  const struct presence_sink *sink)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < n; i++)
        r = credit_license(p, &v[i], at, sink);
    int kept = remember(p, v, n, at);
    forget_until(p, (wall_t){at.s - PRESENCE_ACTIVATION.s});
    return r < 0 ? r : kept;
}

void presence_forget(struct presence *p, wall_t at)
{
    forget_until(p, at);
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
