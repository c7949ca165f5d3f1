/* The rules about licences: extra-ip with its notices, outside, elsewhere (SPEC 6.1, 6.3). */
#include "support/brute_parts.h"

#include <string.h>

/* One entry of a licence, and what its rules look at. */
struct view {
    const struct brute_entry *entry;
    const struct policy *policy;
    license_t license;
    char subject[LICENSE_TEXT_SIZE];
    struct brute_scene scene;
};

static void open_view(const struct brute *b, license_t l, const struct brute_entry *e,
                      struct view *ret)
{
    ret->entry = e;
    ret->policy = brute_policy(b, e->reseller);
    ret->license = l;
    (void)license_format(l, ret->subject); /* it is ret->subject */
    brute_license_scene(b, l, e, &ret->scene);
}

/* All moments at which anything about the entry can change. */
static void collect_moments(const struct brute *b, const struct view *v,
                            struct brute_moments *ret)
{
    const struct world *w = b->world;
    ret->n = 0;
    brute_add_moment(ret, b->p0);
    brute_add_moment(ret, b->e);
    brute_add_moment(ret, (wall_t){b->p0.s - v->policy->grace.s});
    brute_add_moment(ret, (wall_t){b->p0.s - v->policy->outside_grace.s});
    brute_add_span(ret, term_closed(v->entry->valid));
    for (size_t i = 0; i < v->scene.n_pieces; i++)
        brute_add_span(ret, v->scene.pieces[i].seen);
    for (size_t i = 0; i < w->n_moves; i++)
        brute_add_span(ret, term_closed(w->moves[i].valid));
    for (size_t i = 0; i < w->n_networks; i++)
        brute_add_span(ret, term_closed(w->networks[i].valid));
    brute_sort_moments(ret);
}

static bool is_moving(const struct world *w, license_t l, point_t x)
{
    for (size_t i = 0; i < w->n_moves; i++)
        if (w->moves[i].license.code == l.code && brute_term_has(w->moves[i].valid, x))
            return true;
    return false;
}

static int64_t less_one(int64_t n)
{
    return n > 0 ? n - 1 : 0;
}

static int64_t level_at(const struct brute *b, const struct view *v,
                        const struct brute_moment_scene *at, point_t x)
{
    if (is_moving(b->world, v->license, x))
        return 0;
    switch (v->policy->charge_by) {
    case CHARGE_BY_ADDRESSES: return less_one(at->units);
    case CHARGE_BY_SERVERS: return less_one(at->machines);
    case CHARGE_BY_BOTH: break;
    }
    return less_one(brute_matching(&v->scene, at));
}

/* The units that counted for some length of V. */
static int64_t count_places(const struct view *v, const struct brute_moments *m)
{
    static struct brute_level here; /* large */
    int64_t places = 0;
    here.moments = *m;
    for (size_t u = 0; u < v->scene.n_units; u++) {
        for (size_t c = 0; c < brute_cells(m); c++)
            here.value[c] = brute_look(&v->scene, brute_point(m, c)).has_unit[u];
        places += brute_measure(&here, 1, v->entry->judged) > 0;
    }
    return places;
}

static void say_notice(struct brute *b, const struct view *v, enum finding_kind kind,
                       struct verdict what)
{
    what.kind = kind;
    what.state = STATE_NOTICE;
    what.has_confirms = false;
    brute_say(b, what, v->entry->reseller, v->subject);
}

/* Steps 3 and 4, then the notices, for one entry. */
static void judge_extra_ip(struct brute *b, const struct view *v)
{
    static struct brute_level level, units, machines; /* large */
    collect_moments(b, v, &level.moments);
    units.moments = machines.moments = level.moments;
    for (size_t c = 0; c < brute_cells(&level.moments); c++) {
        point_t x = brute_point(&level.moments, c);
        struct brute_moment_scene at = brute_look(&v->scene, x);
        level.value[c] = level_at(b, v, &at, x);
        units.value[c] = less_one(at.units);
        machines.value[c] = less_one(at.machines);
    }
    struct brute_question q = brute_ask(b, v->entry, v->policy->grace);
    struct verdict r = {.kind = FINDING_EXTRA_IP};
    if (brute_sustained(&level, &q, &r) || brute_seen(&level, &q, &r)) {
        brute_say(b, r, v->entry->reseller, v->subject);
        return;
    }
    struct verdict many = {0}, second = {0};
    bool is_many = brute_seen(&units, &q, &many);
    bool is_second = brute_seen(&machines, &q, &second);
    if (is_many)
        say_notice(b, v, FINDING_MANY_ADDRESSES, many);
    if (is_second)
        say_notice(b, v, FINDING_SECOND_SERVER, second);
    if (is_many || is_second)
        return;
    int64_t places = count_places(v, &level.moments);
    if (places >= v->policy->max_places)
        say_notice(b, v, FINDING_ROAMING, (struct verdict){.quantity = places});
}

void brute_extra_ip(struct brute *b, license_t l)
{
    static struct view v; /* large */
    struct brute_entries entries;
    if (!brute_has_prefix(b->world, l))
        return;
    brute_license_entries(b, l, &entries);
    for (size_t i = 0; i < entries.n; i++) {
        if (!entries.v[i].is_judged)
            continue;
        open_view(b, l, &entries.v[i], &v);
        judge_extra_ip(b, &v);
    }
}

/* ---- outside (6.3) --------------------------------------------------------------------- */

static bool has_family(const struct world *w, const char *reseller, uint8_t family, point_t x)
{
    for (size_t i = 0; i < w->n_networks; i++)
        if (strcmp(w->networks[i].reseller, reseller) == 0 &&
            w->networks[i].network.base.family == family &&
            brute_term_has(w->networks[i].valid, x))
            return true;
    return false;
}

/* Whether an address that makes the unit lies in the network. */
static bool holds_address_of(const struct view *v, const struct network *n, size_t unit,
                             struct span window)
{
    for (size_t i = 0; i < v->scene.n_pieces; i++) {
        const struct brute_piece *p = &v->scene.pieces[i];
        struct span meets = p->seen;
        if (p->unit == unit && brute_span_cut(&meets, window) && network_holds(n, &p->address))
            return true;
    }
    return false;
}

static bool is_inside(const struct brute *b, const struct view *v, size_t unit, point_t x)
{
    const struct world *w = b->world;
    const struct brute_unit *u = &v->scene.units[unit];
    struct span window = {{b->p0.s - v->policy->outside_grace.s}, b->e};
    for (size_t i = 0; i < w->n_networks; i++) {
        const struct estate_network *n = &w->networks[i];
        if (strcmp(n->reseller, v->entry->reseller) != 0 || !brute_term_has(n->valid, x))
            continue;
        if (u->is_one_place) {
            if (network_holds_network(&n->network, &u->network))
                return true;
        } else if (u->network.base.family == ADDR_IPV4) {
            if (network_holds(&n->network, &u->network.base))
                return true;
        } else if (holds_address_of(v, &n->network, unit, window)) {
            return true;
        }
    }
    return false;
}

static int64_t count_outside(const struct brute *b, const struct view *v, point_t x)
{
    struct brute_moment_scene at = brute_look(&v->scene, x);
    int64_t n = 0;
    for (size_t u = 0; u < v->scene.n_units; u++)
        n += at.has_unit[u] &&
             has_family(b->world, v->entry->reseller, v->scene.units[u].network.base.family,
                        x) &&
             !is_inside(b, v, u, x);
    return n;
}

void brute_outside(struct brute *b, license_t l)
{
    static struct view v;            /* large */
    static struct brute_level level; /* large */
    struct brute_entries entries;
    brute_license_entries(b, l, &entries);
    for (size_t i = 0; i < entries.n; i++) {
        if (!entries.v[i].is_judged)
            continue;
        open_view(b, l, &entries.v[i], &v);
        collect_moments(b, &v, &level.moments);
        for (size_t c = 0; c < brute_cells(&level.moments); c++)
            level.value[c] = count_outside(b, &v, brute_point(&level.moments, c));
        struct brute_question q = brute_ask(b, v.entry, v.policy->outside_grace);
        struct verdict r = {.kind = FINDING_OUTSIDE};
        if (brute_sustained(&level, &q, &r) || brute_seen(&level, &q, &r))
            brute_say(b, r, v.entry->reseller, v.subject);
    }
}

/* ---- elsewhere (6.4): it looks at the same scene ---------------------------------------- */

/* The binding of the entry's last row that begins before or at E. */
static struct addr binding_of(const struct brute *b, const struct brute_entry *e)
{
    struct addr binding = {0};
    for (size_t i = 0; i < e->n_rows; i++)
        if (b->world->licenses[e->rows[i]].valid.from.s <= b->e.s)
            binding = b->world->licenses[e->rows[i]].binding;
    return binding;
}

static void judge_elsewhere(struct brute *b, const struct view *v)
{
    static struct brute_level here; /* large */
    struct addr binding = binding_of(b, v->entry);
    if (binding.family == 0)
        return;
    struct brute_unit bound = brute_unit_of(b->world, v->entry->reseller, &binding);
    collect_moments(b, v, &here.moments);
    for (size_t u = 0; u < v->scene.n_units; u++) {
        const struct network *unit = &v->scene.units[u].network;
        if (unit->base.family != ADDR_IPV4 || network_compare(unit, &bound.network) == 0)
            continue;
        for (size_t c = 0; c < brute_cells(&here.moments); c++) {
            struct brute_moment_scene at = brute_look(&v->scene, brute_point(&here.moments, c));
            here.value[c] = at.has_unit[u]; /* an IPv4 unit counts whenever it is there */
        }
        if (brute_measure(&here, 1, v->entry->judged) > v->policy->grace.s)
            say_notice(b, v, FINDING_ELSEWHERE, (struct verdict){.quantity = 1});
    }
}

void brute_elsewhere(struct brute *b, license_t l)
{
    static struct view v; /* large */
    struct brute_entries entries;
    brute_license_entries(b, l, &entries);
    for (size_t i = 0; i < entries.n; i++) {
        if (!entries.v[i].is_judged)
            continue;
        open_view(b, l, &entries.v[i], &v);
        judge_elsewhere(b, &v);
    }
}
