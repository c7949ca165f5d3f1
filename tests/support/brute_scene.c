/* Who is where: counted sightings by machine and unit, bridged (SPEC 6.1, steps 1 to 3). */
#include "support/brute_parts.h"

#include <string.h>

struct brute_unit brute_unit_of(const struct world *w, const char *reseller,
                                const struct addr *a)
{
    struct brute_unit unit = {network_default_unit(a), false};
    for (size_t i = 0; i < w->n_networks; i++) {
        const struct estate_network *n = &w->networks[i];
        if (!n->is_one_place || strcmp(n->reseller, reseller) != 0 ||
            !network_holds(&n->network, a))
            continue;
        if (!unit.is_one_place || n->network.bits < unit.network.bits)
            unit = (struct brute_unit){n->network, true};
    }
    return unit;
}

static size_t find_machine(struct brute_scene *s, const struct brute_sighting *from)
{
    for (size_t i = 0; i < s->n_machines; i++)
        if (strcmp(s->machines[i].server, from->server) == 0 &&
            memcmp(&s->machines[i].boot, &from->boot, sizeof from->boot) == 0)
            return i;
    assert(s->n_machines < BRUTE_MACHINES);
    s->machines[s->n_machines] = (struct brute_machine){from->server, from->boot};
    return s->n_machines++;
}

static size_t find_unit(struct brute_scene *s, struct brute_unit unit)
{
    for (size_t i = 0; i < s->n_units; i++)
        if (network_compare(&s->units[i].network, &unit.network) == 0)
            return i;
    assert(s->n_units < BRUTE_UNITS);
    s->units[s->n_units] = unit;
    return s->n_units++;
}

void brute_add_piece(struct brute_scene *s, const struct brute_sighting *from,
                     struct brute_unit unit, struct span seen)
{
    assert(s->n_pieces < BRUTE_PIECES);
    s->pieces[s->n_pieces++] =
        (struct brute_piece){find_machine(s, from), find_unit(s, unit), from->address, seen};
}

bool brute_is_counted(const struct brute *b, const struct brute_sighting *s,
                      const char *reseller)
{
    return (brute_policy(b, reseller)->count_sources & (1u << s->source)) != 0 &&
           addr_is_public(&s->address, b->world->lab, b->world->n_lab);
}

void brute_license_scene(const struct brute *b, license_t l, const struct brute_entry *e,
                         struct brute_scene *ret)
{
    ret->n_machines = ret->n_units = ret->n_pieces = 0;
    ret->bridge = brute_policy(b, e->reseller)->bridge;
    for (size_t i = 0; i < b->known.n_sightings; i++) {
        const struct brute_sighting *s = &b->known.sightings[i];
        if (s->license.code != l.code || !brute_is_counted(b, s, e->reseller))
            continue;
        struct span tenures[BRUTE_ROWS];
        size_t n = brute_tenures(b->world, s->server, e->reseller, tenures);
        for (size_t j = 0; j < n; j++) {
            struct span seen = s->seen;
            if (brute_span_cut(&seen, tenures[j]) &&
                brute_span_cut(&seen, term_closed(e->valid)))
                brute_add_piece(ret, s, brute_unit_of(b->world, e->reseller, &s->address),
                                seen);
        }
    }
}

/*
 * A machine is on a unit while a sighting says so, and between two sightings of it there that
 * lie at most `bridge` apart: between the last that ended before and the first that begins
 * after.
 */
static bool is_present(const struct brute_scene *s, size_t machine, size_t unit, point_t x)
{
    wall_t before = WALL_BEGIN, after = WALL_END;
    for (size_t i = 0; i < s->n_pieces; i++) {
        const struct brute_piece *p = &s->pieces[i];
        if (p->machine != machine || p->unit != unit)
            continue;
        if (brute_span_has(p->seen, x))
            return true;
        if (2 * p->seen.last.s < x.half)
            before = wall_max(before, p->seen.last);
        else
            after = wall_min(after, p->seen.first);
    }
    return before.s > WALL_BEGIN.s && after.s < WALL_END.s && after.s - before.s <= s->bridge.s;
}

static bool is_place_of_its_own(const struct brute_unit *u)
{
    return u->network.base.family == ADDR_IPV4 || u->is_one_place;
}

/* An IPv6 unit counts only if nobody on it is also on an IPv4 or one-place unit. */
static bool unit_counts(const struct brute_scene *s, const struct brute_moment_scene *at,
                        size_t unit)
{
    if (is_place_of_its_own(&s->units[unit]))
        return true;
    for (size_t m = 0; m < s->n_machines; m++)
        for (size_t u = 0; u < s->n_units; u++)
            if (at->at[m][unit] && at->at[m][u] && is_place_of_its_own(&s->units[u]))
                return false;
    return true;
}

struct brute_moment_scene brute_look(const struct brute_scene *s, point_t x)
{
    struct brute_moment_scene at = {.machines = 0};
    bool is_taken[BRUTE_UNITS] = {false};
    for (size_t i = 0; i < s->n_pieces; i++) {
        size_t m = s->pieces[i].machine, u = s->pieces[i].unit;
        if (at.at[m][u] || !is_present(s, m, u, x))
            continue;
        at.at[m][u] = true;
        at.has_machine[m] = true;
        is_taken[u] = true;
    }
    for (size_t m = 0; m < s->n_machines; m++)
        at.machines += at.has_machine[m];
    for (size_t u = 0; u < s->n_units; u++) {
        at.has_unit[u] = is_taken[u] && unit_counts(s, &at, u);
        at.units += at.has_unit[u];
    }
    return at;
}

/* The best that the machines from `m` on can do, when some units are used already. */
static int64_t best_from(const struct brute_scene *s, const struct brute_moment_scene *at,
                         size_t m, bool used[static BRUTE_UNITS])
{
    if (m == s->n_machines)
        return 0;
    int64_t best = best_from(s, at, m + 1, used); /* this one has no place of its own */
    for (size_t u = 0; u < s->n_units; u++) {
        if (!at->at[m][u] || !at->has_unit[u] || used[u])
            continue;
        used[u] = true;
        int64_t with = 1 + best_from(s, at, m + 1, used);
        used[u] = false;
        best = with > best ? with : best;
    }
    return best;
}

int64_t brute_matching(const struct brute_scene *s, const struct brute_moment_scene *at)
{
    bool used[BRUTE_UNITS] = {false};
    return best_from(s, at, 0, used);
}
