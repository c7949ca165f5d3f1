/* The facts of a licence's entry: who was where (SPEC 6.1), and in whose network (6.3). */
#include "run/story_parts.h"
#include <errno.h>
#include <string.h>

/* All that this file works with. */
struct place_maker {
    struct story_maker *m;
    const struct license_case *c;
    const struct entry *entry;
    struct story_entry *e;
    struct presences presences;
    struct extra_ip_facts extra;
    struct outside_facts outside;
    uint32_t *machine_no, *unit_no; /* of the case; to the entry's, or PRESENCE_ANY */
};

static void place_maker_done(struct place_maker *p)
{
    presences_done(&p->presences);
    outside_facts_done(&p->outside);
    free(p->machine_no);
    free(p->unit_no);
}

static int place_maker_init(struct place_maker *p)
{
    const struct story_maker *m = p->m;
    const struct entry *entry = p->entry;
    int r = presences_gather(&p->presences, m->a, p->c, entry);

    if (r < 0)
        return r;
    p->extra = (struct extra_ip_facts){
        .presences = &p->presences,
        .bridge = entry->policy->bridge,
        .terms = entry_terms(m->a, entry, entry->policy->grace),
        .charge_by = entry->policy->charge_by,
        .moves = p->c->moves,
        .n_moves = p->c->n_moves,
    };
    p->outside.presences = &p->presences;
    p->outside.bridge = entry->policy->bridge;
    p->outside.terms = entry_terms(m->a, entry, entry->policy->outside_grace);
    p->e->window = p->extra.terms.window;
    p->e->window.first = wall_min(p->e->window.first, p->outside.terms.window.first);
    p->machine_no = malloc((p->c->n_machines + 1) * sizeof(uint32_t));
    p->unit_no = malloc((p->presences.n_places + 1) * sizeof(uint32_t));
    if (!p->machine_no || !p->unit_no)
        return -ENOMEM;
    memset(p->machine_no, 0xff, (p->c->n_machines + 1) * sizeof(uint32_t));
    memset(p->unit_no, 0xff, (p->presences.n_places + 1) * sizeof(uint32_t));
    return outside_gather(&p->outside, entry->reseller);
}

/* Numbers those machines and units that are present at some moment of the window. */
static void number_present(struct place_maker *p)
{
    for (size_t i = 0; i < p->presences.n; i++) {
        struct span cut = p->presences.v[i].span;
        if (!span_cut(&cut, p->e->window))
            continue;
        p->machine_no[p->presences.v[i].machine] = 0;
        p->unit_no[p->presences.v[i].place] = 0;
    }
    for (size_t i = 0; i < p->c->n_machines; i++)
        if (p->machine_no[i] == 0)
            p->machine_no[i] = (uint32_t)p->e->n_machines++;
    for (size_t i = 0; i < p->presences.n_places; i++)
        if (p->unit_no[i] == 0)
            p->unit_no[i] = (uint32_t)p->e->n_units++;
}

static int make_gaps(struct place_maker *p, const struct audit_machine *from,
                     struct story_machine *to)
{
    struct story_gap *gaps = arena_array(&p->m->s->arena, from->n_gaps + 1, sizeof(*gaps));

    if (!gaps)
        return -ENOMEM;
    for (size_t i = 0; i < from->n_gaps; i++) {
        struct span cut = from->gaps[i].seen;
        if (span_cut(&cut, p->e->window))
            gaps[to->n_gaps++] =
                (struct story_gap){from->gaps[i].what, cut, from->gaps[i].lost};
    }
    to->gaps = gaps;
    return 0;
}

static int make_machines(struct place_maker *p)
{
    p->e->machines =
        arena_array(&p->m->s->arena, p->e->n_machines + 1, sizeof(*p->e->machines));
    if (!p->e->machines)
        return -ENOMEM;
    for (size_t i = 0; i < p->c->n_machines; i++) {
        const struct audit_machine *from = &p->c->machines[i];
        if (p->machine_no[i] == PRESENCE_ANY)
            continue;
        struct story_machine *to = &p->e->machines[p->machine_no[i]];
        to->server = arena_text(&p->m->s->arena, text_of(from->server->name));
        to->retired = from->server->retired;
        (void)uuid_format(&from->boot, to->boot);
        int r = to->server ? make_gaps(p, from, to) : -ENOMEM;
        if (r < 0)
            return r;
    }
    return 0;
}

static void name_unit(const struct network *unit, bool is_one_place,
                      char out[static NETWORK_TEXT_SIZE])
{
    if (unit->base.family == ADDR_IPV4 && unit->bits == 32 && !is_one_place)
        (void)addr_format(&unit->base, out);
    else
        (void)network_format(unit, out);
}

static int make_units(struct place_maker *p)
{
    p->e->units = arena_array(&p->m->s->arena, p->e->n_units + 1, sizeof(*p->e->units));
    if (!p->e->units)
        return -ENOMEM;
    for (uint32_t i = 0; i < p->presences.n_places; i++) {
        AUTO(spans) struct spans joined = {0};
        const struct place *from = &p->presences.places[i];
        if (p->unit_no[i] == PRESENCE_ANY)
            continue;
        struct story_unit *to = &p->e->units[p->unit_no[i]];
        int r = presences_joined(&p->presences, (struct presence_choice){PRESENCE_ANY, i},
                                 p->e->window, &joined);
        if (r < 0)
            return r;
        name_unit(&from->unit, from->is_one_place, to->name);
        to->is_one_place = from->is_one_place;
        to->family = from->unit.base.family;
        to->last = joined.v[joined.n - 1].last;
        to->present = spans_measure(joined.v, joined.n, p->e->window);
    }
    return 0;
}

/* The sightings of one lane, by the collector itself or by the agents. */
static int lane_sightings(struct place_maker *p, const struct presences *run,
                          struct story_lane *to)
{
    AUTO(spans) struct spans agents = {0};
    AUTO(spans) struct spans peers = {0};
    int r = 0;

    for (size_t i = 0; i < run->n_seen && r >= 0; i++) {
        const struct seen *s = &run->seen[i];
        struct span cut = s->span;
        if (!span_cut(&cut, p->e->window))
            continue;
        to->sources |= 1U << s->source;
        r = spans_add(s->source == SOURCE_PEER ? &peers : &agents, cut);
    }
    spans_join(&agents, (dur_t){0});
    spans_join(&peers, (dur_t){0});
    if (r >= 0)
        r = story_keep_spans(p->m, &agents, &to->by_agents);
    return r < 0 ? r : story_keep_spans(p->m, &peers, &to->by_peers);
}

/* Step 1 for one run of sightings: joined over gaps of at most `bridge`, then cut. */
static int lane_presences(const struct place_maker *p, const struct presences *run,
                          struct spans *ret)
{
    size_t kept = 0;
    int r = 0;

    for (size_t i = 0; i < run->n_seen && r >= 0; i++)
        r = spans_add(ret, run->seen[i].span);
    if (r < 0)
        return r;
    spans_join(ret, p->entry->policy->bridge);
    for (size_t i = 0; i < ret->n; i++) {
        struct span cut = ret->v[i];
        if (span_cut(&cut, p->e->window))
            ret->v[kept++] = cut;
    }
    ret->n = kept;
    return 0;
}

/* A machine at a unit; to->presences.n stays 0 when it never was there in the window. */
static int make_lane(struct place_maker *p, const struct presences *run, struct story_lane *to)
{
    AUTO(spans) struct spans joined = {0};
    struct span window = p->e->window;
    int r = lane_presences(p, run, &joined);

    if (r < 0 || joined.n == 0)
        return r;
    to->machine = p->machine_no[run->seen[0].machine];
    to->unit = p->unit_no[run->seen[0].place];
    to->seen = (struct span){joined.v[0].first, joined.v[joined.n - 1].last};
    to->presence = spans_measure(joined.v, joined.n, window);
    r = presences_observed(run, PRESENCE_ALL, SEEN_ALL, window, &to->observed);
    if (r >= 0)
        r = presences_observed(run, PRESENCE_ALL, SEEN_BY_PEER, window, &to->by_peer);
    if (r >= 0)
        r = story_keep_spans(p->m, &joined, &to->presences);
    return r < 0 ? r : lane_sightings(p, run, to);
}

static int compare_lanes(const void *a, const void *b)
{
    const struct story_lane *x = a, *y = b;

    if (x->machine != y->machine)
        return x->machine < y->machine ? -1 : 1;
    return x->unit < y->unit ? -1 : x->unit > y->unit;
}

/* How many sightings from the first on are of one machine at one place. */
static size_t run_length(const struct seen *seen, size_t n)
{
    size_t k = 1;

    while (k < n && seen[k].place == seen[0].place && seen[k].machine == seen[0].machine)
        k++;
    return k;
}

/* The sightings lie by place and machine: each run of them is one lane. */
static int make_lanes(struct place_maker *p)
{
    struct seen *seen = p->presences.seen;
    size_t n = p->presences.n_seen;
    struct story_entry *e = p->e;

    e->lanes = arena_array(&p->m->s->arena, n + 1, sizeof(*e->lanes));
    if (!e->lanes || !seen)
        return e->lanes ? 0 : -ENOMEM;
    for (size_t i = 0; i < n;) {
        struct presences run = {.seen = &seen[i], .n_seen = run_length(&seen[i], n - i)};
        struct story_lane *to = &e->lanes[e->n_lanes];
        int r = make_lane(p, &run, to);
        if (r < 0)
            return r;
        e->n_lanes += to->presences.n > 0;
        i += run.n_seen;
    }
    if (e->n_lanes > 1)
        qsort(e->lanes, e->n_lanes, sizeof(*e->lanes), compare_lanes);
    return 0;
}

/* Adds a network to each unit that the rule finds in it. */
static int place_network(struct place_maker *p, const struct estate_network *network,
                         uint32_t number)
{
    AUTO(outside_facts)
    struct outside_facts one = {.presences = &p->presences, .terms = p->outside.terms};
    struct audit_reseller alone = {.networks = network, .n_networks = 1};
    int r = outside_gather(&one, &alone);

    for (size_t i = 0; i < one.n_inside && r >= 0; i++) {
        if (p->unit_no[one.inside[i].place] == PRESENCE_ANY)
            continue;
        struct story_unit *u = &p->e->units[p->unit_no[one.inside[i].place]];
        uint32_t *grown = arena_array(&p->m->s->arena, u->n_networks + 1, sizeof(*grown));
        if (!grown)
            return -ENOMEM;
        if (u->n_networks > 0)
            memcpy(grown, u->networks, u->n_networks * sizeof(*grown));
        grown[u->n_networks++] = number;
        u->networks = grown;
    }
    return r;
}

static int make_networks(struct place_maker *p)
{
    const struct audit_reseller *owner = p->entry->reseller;
    struct story_entry *e = p->e;

    e->networks = arena_array(&p->m->s->arena, owner->n_networks + 1, sizeof(*e->networks));
    if (!e->networks)
        return -ENOMEM;
    for (size_t i = 0; i < owner->n_networks; i++) {
        const struct estate_network *n = &owner->networks[i];
        struct span valid = term_closed(n->valid);
        if (!span_cut(&valid, e->window) || valid.first.s == valid.last.s)
            continue;
        struct story_network *to = &e->networks[e->n_networks];
        (void)network_format(&n->network, to->name);
        to->valid = n->valid;
        to->is_one_place = n->is_one_place;
        int r = place_network(p, n, (uint32_t)e->n_networks++);
        if (r < 0)
            return r;
    }
    return 0;
}

static int make_moves(struct place_maker *p)
{
    struct term *moves = arena_array(&p->m->s->arena, p->c->n_moves + 1, sizeof(*moves));

    if (!moves)
        return -ENOMEM;
    for (size_t i = 0; i < p->c->n_moves; i++) {
        struct span cut = term_closed(p->c->moves[i]);
        if (span_cut(&cut, p->e->window))
            moves[p->e->n_moves++] = p->c->moves[i];
    }
    p->e->moves = moves;
    return 0;
}

/* That of the entry's last row that begins before or at E, and its unit. */
static void make_binding(struct place_maker *p)
{
    struct story_entry *e = p->e;

    for (size_t i = 0; i < p->entry->n_rows; i++)
        if (p->entry->rows[i].valid.from.s <= p->m->a->end.s)
            e->binding = p->entry->rows[i].binding;
    if (e->binding.family == 0)
        return;
    struct network unit = place_unit(p->entry->reseller, &e->binding);
    struct network plain = network_default_unit(&e->binding);
    name_unit(&unit, network_compare(&unit, &plain) != 0, e->binding_unit);
}

static int make_rules(struct place_maker *p)
{
    AUTO(level) struct level level = {0};
    struct story_rule *extra = &p->e->rules[0], *outside = &p->e->rules[1];

    p->e->n_rules = 2;
    *extra = (struct story_rule){.kind = FINDING_EXTRA_IP, .terms = p->extra.terms};
    *outside = (struct story_rule){.kind = FINDING_OUTSIDE, .terms = p->outside.terms};
    int r = extra_ip_level(&p->extra, &level);
    if (r >= 0)
        r = story_rule_fill(p->m, p->entry, &level, extra);
    if (r >= 0)
        r = outside_level(&p->outside, &level);
    return r < 0 ? r : story_rule_fill(p->m, p->entry, &level, outside);
}

int story_license_entry(struct story_maker *m, const struct license_case *c,
                        const struct entry *e, struct story_entry *ret)
{
    AUTO(place_maker) struct place_maker p = {.m = m, .c = c, .entry = e, .e = ret};
    static int (*const parts[])(struct place_maker *) = {
        make_machines, make_units, make_lanes, make_networks, make_moves, make_rules,
    };
    int r = place_maker_init(&p);

    if (r >= 0)
        number_present(&p);
    for (size_t i = 0; i < ARRAY_LEN(parts) && r >= 0; i++)
        r = parts[i](&p);
    if (r < 0)
        return r;
    make_binding(&p);
    struct story_walk_facts facts = {&p.presences, &p.extra, &p.outside, p.unit_no};
    return story_walk(m, &facts, ret);
}
