/* Random worlds: policies and the estate. */
#include "support/worldgen_parts.h"

#include <string.h>

#define DAY INT64_C(86400)
#define HOUR INT64_C(3600)

enum { TERMS_MAX = 4 };

static const char *const resellers[WORLD_RESELLERS] = {"r1", "r2", "r3"};
static const char *const servers[] = {"s1", "s2", "s3", "s4"};
static const char *const domains[] = {"example.nl", "xn--bcher-kva.example"};

/* ---- Policies ---------------------------------------------------------------------------- */

static dur_t any_of(struct gen *g, const int64_t *s, size_t n)
{
    return (dur_t){s[gen_pick(g, n)]};
}

/* Short durations, so that a few sightings reach them; zero is one of them. */
static void shorten(struct gen *g, struct policy *p)
{
    static const int64_t graces[] = {0, 60, HOUR, DAY, 3 * DAY, 14 * DAY};
    static const int64_t least[] = {0, 0, 60, HOUR, DAY};
    static const int64_t bridges[] = {0, 60, HOUR, 26 * HOUR, 3 * DAY};
    p->grace = any_of(g, graces, ARRAY_LEN(graces));
    p->outside_grace = any_of(g, graces, ARRAY_LEN(graces));
    p->mailbox_sustain = any_of(g, graces, ARRAY_LEN(graces));
    p->period_min = any_of(g, least, ARRAY_LEN(least));
    p->flag_after = any_of(g, least, ARRAY_LEN(least));
    p->bridge = any_of(g, bridges, ARRAY_LEN(bridges));
    p->silent_after = any_of(g, graces, ARRAY_LEN(graces));
}

static void vary(struct gen *g, struct policy *p)
{
    if (gen_chance(g, 60))
        p->count_sources = (uint8_t)rng_between(g->r, 1, (1 << SOURCE_COUNT) - 1);
    p->charge_by = (enum charge_by)gen_pick(g, 3);
    p->mailbox_basis = gen_chance(g, 50) ? BASIS_MAILBOXES : BASIS_ADDRESSES;
    p->mailbox_split = gen_chance(g, 50) ? SPLIT_MAX : SPLIT_SUM;
    p->mailbox_filtered_only = gen_chance(g, 50);
    p->max_places = rng_between(g->r, 2, 4);
}

static void fill_version(struct gen *g, struct policy_version *v)
{
    if (gen_chance(g, 60))
        shorten(g, &v->base);
    if (gen_has(g, FEATURE_POLICY))
        vary(g, &v->base);
    if (gen_has(g, FEATURE_POOLS))
        v->base.max_places = rng_between(g->r, 2, 4);
    for (size_t i = 0; i < WORLD_OVERRIDES; i++) {
        if (!gen_has(g, FEATURE_POLICY) || !gen_chance(g, 40))
            continue;
        struct policy_override *o = &v->overrides[v->n_overrides++];
        *o = (struct policy_override){resellers[i], v->base};
        shorten(g, &o->policy);
        vary(g, &o->policy);
    }
}

/* Several versions follow each other from month to month, at times a day late. */
static wall_t version_start(struct gen *g, size_t version)
{
    const struct zone *z = &g->w->zone;
    period_t p = period_plus(g->w->periods[0], (int)version - 2);
    if (version == 0 && gen_chance(g, 70))
        p = world_period("2020-01");
    int64_t day = zone_date_at(z, period_start(z, p));
    return zone_day_start(z, day + (gen_chance(g, 70) ? 0 : 1));
}

void gen_policies(struct gen *g)
{
    struct world *w = g->w;
    w->policies.n = gen_has(g, FEATURE_POLICY) ? 1 + gen_pick(g, WORLD_POLICIES) : 1;
    for (size_t i = 0; i < w->policies.n; i++) {
        struct policy_version *v = &w->versions[i];
        v->version[0] = (char)('1' + i);
        policy_init(&v->base);
        v->from = w->policies.n == 1 ? WALL_BEGIN : version_start(g, i);
        fill_version(g, v);
    }
}

/* ---- Validity -----------------------------------------------------------------------------
 */

static wall_t any_day(struct gen *g)
{
    return zone_day_start(&g->w->zone, zone_date_at(&g->w->zone, gen_moment(g)));
}

/*
 * Times of validity that do not overlap: all time, cut at a few days; each part is valid, or
 * left out. At least one.
 */
static size_t any_terms(struct gen *g, size_t cuts, struct term ret[static TERMS_MAX])
{
    wall_t ends[TERMS_MAX + 1] = {WALL_BEGIN};
    size_t n_ends = 1, n = 0;
    for (size_t i = 0; i < cuts && n_ends < TERMS_MAX; i++) {
        wall_t day = any_day(g);
        if (day.s > ends[n_ends - 1].s)
            ends[n_ends++] = day;
    }
    ends[n_ends] = WALL_END;
    for (size_t i = 0; i < n_ends; i++) {
        if (n_ends > 1 && gen_chance(g, 25) && (n > 0 || i + 1 < n_ends))
            continue;
        ret[n++] = (struct term){ends[i], ends[i + 1]};
        gen_add_moment(g, ends[i]);
        gen_add_moment(g, ends[i + 1]);
    }
    return n;
}

/* How often something changes hands, or is renewed. */
static size_t any_cuts(struct gen *g)
{
    return gen_has(g, FEATURE_HANDS) ? gen_pick(g, 4) : gen_chance(g, 10) ? 1 : 0;
}

static const char *any_reseller(struct gen *g)
{
    return resellers[gen_pick(g, g->w->n_resellers)];
}

/* The same as before, or another. */
static const char *next_reseller(struct gen *g, const char *before)
{
    return gen_has(g, FEATURE_HANDS) && gen_chance(g, 40) ? any_reseller(g) : before;
}

/* ---- Tables -------------------------------------------------------------------------------
 */

static void add_resellers(struct gen *g)
{
    static const char *const currencies[] = {"EUR", "EUR", "JPY"};
    struct world *w = g->w;
    w->managers[w->n_managers++] =
        (struct estate_manager){"am1", "Manager", "am@example.nl", LANGUAGE_NL};
    size_t n = gen_has(g, FEATURE_HANDS) || gen_has(g, FEATURE_STRANGERS) ? WORLD_RESELLERS
                                                                          : 1 + gen_pick(g, 2);
    for (size_t i = 0; i < n; i++)
        w->resellers[w->n_resellers++] = (struct estate_reseller){
            .id = resellers[i],
            .name = "Reseller",
            .manager = "am1",
            .currency = currency_find(text_of(currencies[gen_pick(g, ARRAY_LEN(currencies))])),
            .is_trial = gen_chance(g, 15)};
}

/* Each network is one reseller's, so that it never has two rows at a time. */
static void add_networks(struct gen *g)
{
    static const char *const texts[] = {
        "203.0.113.0/24",    "203.0.113.0/28",    "203.0.113.0/30",  "185.10.0.0/16",
        "185.10.20.0/24",    "2001:db8::/32",     "2001:db8:1::/48", "2001:db8:1:1::/64",
        "2001:db8:1:1::/80", "2001:db8:1:2::/64", "203.0.113.2/32"};
    struct world *w = g->w;
    uint64_t wanted = gen_chance(g, 60) ? 50 : 15; /* percent; few, so that some have none */
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        const char *reseller = gen_chance(g, 70) ? resellers[0] : any_reseller(g);
        struct term terms[TERMS_MAX];
        bool is_wanted = gen_chance(g, gen_has(g, FEATURE_NETWORKS) || i == 0 ? wanted : 10);
        size_t n = is_wanted
                       ? any_terms(g, gen_has(g, FEATURE_NETWORKS) ? gen_pick(g, 3) : 0, terms)
                       : 0;
        for (size_t j = 0; j < n && w->n_networks < WORLD_NETWORKS; j++)
            w->networks[w->n_networks++] =
                (struct estate_network){reseller, world_network(texts[i]), terms[j],
                                        gen_chance(g, gen_has(g, FEATURE_NETWORKS) ? 35 : 5)};
    }
}

static void choose_licenses(struct gen *g)
{
    static const char *const texts[] = {"PLSK.00000001", "PLSK.00000002", "PLSK.00000003"};
    size_t n = 1 + gen_pick(g, gen_chance(g, 50) ? 1 : ARRAY_LEN(texts));
    for (size_t i = 0; i < n; i++)
        g->licenses[g->n_licenses++] = world_license(texts[i]);
    if (gen_has(g, FEATURE_STRANGERS))
        g->licenses[g->n_licenses++] =
            world_license(gen_chance(g, 50) ? "EXT.00000001" : "PLSK.09999999");
    if (gen_has(g, FEATURE_STRANGERS) && gen_chance(g, 20))
        g->w->prefixes[g->w->n_prefixes++] = "EXT";
}

/* Two terms in one month, with a pause: two entries that may share a key. */
static size_t two_terms(struct gen *g, struct term ret[static TERMS_MAX])
{
    int64_t day = zone_date_at(&g->w->zone, g->p0) + rng_between(g->r, 0, 15);
    wall_t end = zone_day_start(&g->w->zone, day);
    wall_t again = zone_day_start(&g->w->zone, day + rng_between(g->r, 1, 5));
    gen_add_moment(g, end);
    gen_add_moment(g, again);
    ret[0] = (struct term){WALL_BEGIN, end};
    ret[1] = (struct term){again, WALL_END};
    return 2;
}

static void add_licenses(struct gen *g)
{
    struct world *w = g->w;
    choose_licenses(g);
    for (size_t i = 0; i < g->n_licenses; i++) {
        const char *reseller = gen_chance(g, 80) ? resellers[0] : any_reseller(g);
        struct term terms[TERMS_MAX];
        bool is_known = g->licenses[i].code != world_license("PLSK.09999999").code;
        size_t n = 0;
        if (is_known && gen_has(g, FEATURE_HANDS) && gen_chance(g, 35))
            n = two_terms(g, terms);
        else if (is_known)
            n = any_terms(g, any_cuts(g), terms);
        for (size_t j = 0; j < n && w->n_licenses < WORLD_LICENSES; j++) {
            struct estate_license row = {.license = g->licenses[i],
                                         .reseller = reseller,
                                         .product = "",
                                         .valid = terms[j]};
            if (gen_chance(g, gen_has(g, FEATURE_SILENT) ? 60 : 10))
                row.binding = g->addresses[gen_pick(g, g->n_addresses)];
            w->licenses[w->n_licenses++] = row;
            reseller = next_reseller(g, reseller);
        }
    }
}

static void add_domains(struct gen *g)
{
    static const int64_t limits[] = {1000, 1000, 0, 1, 500};
    struct world *w = g->w;
    size_t n = gen_has(g, FEATURE_MAIL) ? 1 + gen_pick(g, 2) : gen_chance(g, 10);
    for (size_t i = 0; i < n; i++) {
        const char *reseller = gen_chance(g, 80) ? resellers[0] : any_reseller(g);
        struct term terms[TERMS_MAX];
        size_t n_terms = any_terms(g, any_cuts(g), terms);
        for (size_t j = 0; j < n_terms && w->n_domains < WORLD_DOMAINS; j++) {
            w->domains[w->n_domains++] = (struct estate_domain){
                domains[i], reseller, limits[gen_pick(g, ARRAY_LEN(limits))], terms[j]};
            reseller = next_reseller(g, reseller);
        }
    }
}

static void add_servers(struct gen *g)
{
    struct world *w = g->w;
    size_t n = 2 + gen_pick(g, 3);
    for (size_t i = 0; i < n; i++) {
        const char *reseller = gen_chance(g, 75) ? resellers[0] : any_reseller(g);
        struct term terms[TERMS_MAX];
        size_t n_terms = any_terms(g, any_cuts(g), terms);
        for (size_t j = 0; j < n_terms && w->n_servers < WORLD_SERVERS; j++) {
            bool is_retired = gen_chance(g, gen_has(g, FEATURE_SILENT) ? 30 : 5);
            w->servers[w->n_servers++] = (struct estate_server){
                servers[i], reseller, terms[j], is_retired ? any_day(g) : WALL_END};
            reseller = next_reseller(g, reseller);
        }
    }
}

/* Declared moves of one licence that do not overlap. */
static void add_moves(struct gen *g)
{
    struct world *w = g->w;
    wall_t after = WALL_BEGIN;
    license_t license = g->licenses[gen_pick(g, g->n_licenses)];
    size_t n = gen_has(g, FEATURE_MOVES) ? 1 + gen_pick(g, 3) : 0;
    for (size_t i = 0; i < n; i++) {
        wall_t from = gen_moment(g);
        wall_t to = {from.s + 1 + gen_duration(g)};
        if (from.s < after.s)
            continue;
        w->moves[w->n_moves++] = (struct estate_move){license, {from, to}, "moving"};
        gen_add_moment(g, from);
        gen_add_moment(g, to);
        after = to;
    }
}

static void add_tariffs(struct gen *g)
{
    static const int64_t prices[] = {12500000, 5000, 4000, 333333, 0};
    struct world *w = g->w;
    size_t n = gen_pick(g, WORLD_TARIFFS);
    for (size_t i = 0; i < n; i++) {
        const struct estate_reseller *r = &w->resellers[gen_pick(g, w->n_resellers)];
        struct estate_tariff t = {.kind = (enum charge_kind)gen_pick(g, CHARGE_KIND_COUNT),
                                  .reseller = gen_chance(g, 40) ? r->id : NULL,
                                  .currency = r->currency,
                                  .unit_price = {prices[gen_pick(g, ARRAY_LEN(prices))]},
                                  .block = gen_chance(g, 60) ? 1 : 10,
                                  .from = any_day(g)};
        bool is_new = true;
        for (size_t j = 0; j < w->n_tariffs; j++)
            is_new = is_new &&
                     (w->tariffs[j].kind != t.kind || w->tariffs[j].reseller != t.reseller ||
                      w->tariffs[j].currency != t.currency || w->tariffs[j].from.s != t.from.s);
        if (is_new)
            w->tariffs[w->n_tariffs++] = t;
    }
}

static void choose_addresses(struct gen *g)
{
    static const char *const ipv4[] = {"203.0.113.1",  "203.0.113.2", "203.0.113.3",
                                       "203.0.113.17", "185.10.20.5", "185.10.21.6",
                                       "93.184.1.1"};
    static const char *const ipv6[] = {"2001:db8:1:1::1", "2001:db8:1:1::2",
                                       "2001:db8:1:1:1::1", "2001:db8:1:2::1", "2a00:1:2:3::4"};
    static const char *const local[] = {"10.0.0.1", "198.51.100.1", "fd00::1", "192.168.1.1"};
    size_t n = gen_has(g, FEATURE_POOLS) ? GEN_ADDRESSES : 2 + gen_pick(g, 3);
    size_t from = gen_pick(g, 4);
    for (size_t i = 0; i < n; i++) {
        const char *text = ipv4[(from + i) % ARRAY_LEN(ipv4)];
        if (gen_has(g, FEATURE_DUAL) && gen_chance(g, 55))
            text = ipv6[gen_pick(g, ARRAY_LEN(ipv6))];
        if (i > 0 && gen_chance(g, gen_has(g, FEATURE_STRANGERS) ? 15 : 3))
            text = local[gen_pick(g, ARRAY_LEN(local))];
        g->addresses[g->n_addresses++] = world_addr(text);
    }
}

void gen_estate(struct gen *g)
{
    choose_addresses(g);
    add_resellers(g);
    add_networks(g);
    add_licenses(g);
    add_domains(g);
    add_servers(g);
    add_moves(g);
    add_tariffs(g);
}
