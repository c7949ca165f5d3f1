/* One condition a rule, each simpler than the rule and never weaker. */
#include "audit/quiet.h"
#include "audit/presence.h"
#include "audit/rules.h"

/* A licence in question, as of one period. */
struct quiet {
    const struct audit *a;
    const struct quiet_facts *f;
    const struct audit_row *row;
    const struct policy *policy;
    const struct addr *place; /* the one address, once found; NULL = nothing counted */
    struct network unit;      /* what it counts as */
};

wall_t audit_horizon(const struct audit *a)
{
    wall_t at = wall_min(a->p0, (wall_t){a->end.s - SILENT_KNOWN_S});
    int64_t bridge = a->policy->base.bridge.s;

    for (size_t i = 0; i < a->policy->n_overrides; i++)
        if (a->policy->overrides[i].policy.bridge.s > bridge)
            bridge = a->policy->overrides[i].policy.bridge.s;
    return (wall_t){at.s - bridge};
}

/* Sources that count in this period, or in one that `recurring` looks back to. */
static unsigned counted_sources(const struct quiet *q)
{
    unsigned counted = q->policy->count_sources;

    for (size_t i = 0; i < ARRAY_LEN(q->a->before); i++) {
        const struct audit *before = q->a->before[i];
        if (before && before->policy != q->a->policy)
            counted |= policy_for(before->policy, q->row->reseller->id)->count_sources;
    }
    return counted;
}

static bool is_public(const struct quiet *q, const struct addr *address)
{
    return addr_is_public(address, q->a->lab_networks, q->a->n_lab_networks);
}

/*
 * extra-ip, its notices and recurring: all that counts was seen at one address, and each
 * machine only after those before it. Then there are never two units, nor two machines for any
 * length of time, whatever the charge is by. (One that is not public does not count; taken for
 * one that does it can only make less quiet.)
 */
static bool is_one_after_another(struct quiet *q)
{
    unsigned counted = counted_sources(q);
    uint32_t machine = UINT32_MAX;
    wall_t before = WALL_BEGIN, last = WALL_BEGIN; /* of the machines before, and this one */

    for (size_t i = 0; i < q->f->n_sightings; i++) {
        const struct audit_sighting *s = &q->f->sightings[i];
        if ((counted >> s->source & 1) == 0)
            continue;
        if (q->place && addr_compare(q->place, &s->address) != 0) {
            if (is_public(q, &s->address))
                return false;
            continue;
        }
        q->place = &s->address;
        if (s->machine != machine)
            before = last;
        machine = s->machine;
        if (s->seen.first.s < before.s)
            return false;
        last = wall_max(last, s->seen.last);
    }
    return q->policy->max_places > 1;
}

/* outside and undeclared: a network that is valid all the time holds the unit. */
static bool is_inside(const struct quiet *q)
{
    const struct audit_reseller *r = q->row->reseller;
    int64_t from = q->a->p0.s - q->policy->outside_grace.s;

    for (size_t i = 0; i < r->n_networks; i++) {
        const struct estate_network *n = &r->networks[i];
        if (n->valid.from.s <= from && n->valid.to.s > q->a->end.s &&
            (!q->place || network_holds_network(&n->network, &q->unit)))
            return true;
    }
    return false;
}

/* elsewhere. */
static bool is_where_bound(const struct quiet *q)
{
    const struct addr *binding = &q->row->binding;

    if (binding->family == 0 || !q->place || q->place->family != ADDR_IPV4)
        return true;
    struct network bound = place_unit(q->row->reseller, binding);
    return network_compare(&bound, &q->unit) == 0;
}

bool audit_is_at_home(const struct audit_server *server, const struct audit_reseller *reseller,
                      struct span since)
{
    return server->n_tenures == 1 && server->tenures[0].reseller == reseller &&
           server->tenures[0].valid.from.s <= since.first.s &&
           server->tenures[0].valid.to.s > since.last.s;
}

/* never-seen, silent and, at home, foreign-server: it was seen just now. */
static bool is_fresh(const struct quiet *q)
{
    int64_t fresh = q->a->end.s - q->policy->silent_after.s;

    for (size_t i = 0; i < q->f->n_sightings; i++) {
        const struct span *seen = &q->f->sightings[i].seen;
        if (seen->first.s <= q->a->end.s && seen->last.s >= fresh)
            return true;
    }
    return false;
}

bool audit_is_quiet(const struct audit *a, const struct quiet_facts *f)
{
    struct quiet q = {.a = a, .f = f, .row = f->rows};

    if (!audit_speaks_of(a, f->license))
        return true;
    /* unknown-license and expired-in-use: one row, valid from before the period to after it. */
    if (f->n_rows != 1 || q.row->valid.from.s > a->p0.s || q.row->valid.to.s <= a->end.s)
        return false;
    q.policy = policy_for(a->policy, q.row->reseller->id);
    if (!is_fresh(&q) || !is_one_after_another(&q))
        return false;
    if (q.place)
        q.unit = place_unit(q.row->reseller, q.place);
    return is_inside(&q) && is_where_bound(&q);
}
