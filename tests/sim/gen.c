/* Random small plans: a few resellers, some servers, months of trouble. */
#include "sim/sim.h"

#include <errno.h>

#include "support/seed.h"

#define ALWAYS (-SIM_FOREVER)

struct gen {
    struct plan *p;
    struct rng rng;
    int32_t agents; /* without clones */
    int64_t first_day, end;
};

static bool chance(struct gen *g, int64_t percent)
{
    return (int64_t)rng_below(&g->rng, 100) < percent;
}

static int64_t between(struct gen *g, int64_t low, int64_t high)
{
    return rng_between(&g->rng, low, high);
}

static int64_t any_moment(struct gen *g)
{
    return between(g, g->p->start + SIM_HOUR, g->end);
}

/* A local midnight of the run, or a month around it. */
static int64_t any_midnight(struct gen *g, int64_t low, int64_t high)
{
    return zone_day_start(sim_zone(), g->first_day + between(g, low, high)).s;
}

static int64_t any_length(struct gen *g)
{
    static const int64_t most[] = {2 * SIM_HOUR, SIM_DAY, 5 * SIM_DAY, 30 * SIM_DAY};
    return between(g, 60, most[rng_below(&g->rng, ARRAY_LEN(most))]);
}

static void add(struct gen *g, enum event_kind kind, int32_t who, struct event e)
{
    e.kind = kind;
    e.who = who;
    plan_add(g->p, e);
}

/* ---- Who is where -------------------------------------------------------------------------
 */

static int32_t reseller_of(const struct gen *g, int64_t agent)
{
    return (int32_t)(agent % g->p->resellers);
}

static int64_t home_of(const struct gen *g, int64_t agent)
{
    return 256 * (1 + reseller_of(g, agent)) + 10 + agent;
}

static void add_stay(struct gen *g, int32_t agent, int64_t license, int64_t from, int64_t to)
{
    add(g, EV_LICENSE, agent, (struct event){.from = from, .to = to, .a = license});
}

static void migrate(struct gen *g, int32_t agent, int32_t other, int64_t license)
{
    int64_t at = any_moment(g), overlap = chance(g, 40) ? 0 : any_length(g);
    add_stay(g, agent, license, ALWAYS, at + overlap);
    add_stay(g, other, license, at, SIM_FOREVER);
    if (chance(g, 40))
        add(g, EV_MOVE, -1,
            (struct event){.from = at - SIM_HOUR,
                           .to = at + overlap + between(g, 1, 3 * SIM_DAY),
                           .a = license,
                           .d = chance(g, 50) ? 0 : any_moment(g)});
}

static void fail_over(struct gen *g, int32_t agent, int32_t other, int64_t license)
{
    int64_t t = any_moment(g);
    add_stay(g, agent, license, ALWAYS, t);
    for (int i = 0; i < 4; i++) {
        int64_t stay = any_length(g);
        add_stay(g, i % 2 ? agent : other, license, t, t + stay);
        t += stay;
    }
    add_stay(g, agent, license, t, SIM_FOREVER);
}

static void place_license(struct gen *g, int64_t license)
{
    int32_t agent = (int32_t)(license % g->agents);
    int32_t other = (int32_t)rng_below(&g->rng, (uint64_t)g->agents);
    int64_t story = between(g, 0, 9);
    if (chance(g, 60)) /* of the same reseller: what it has elsewhere is never charged */
        other = (agent + g->p->resellers) % g->agents;
    if (other != agent && story < 2) {
        migrate(g, agent, other, license);
    } else if (other != agent && story == 2) {
        fail_over(g, agent, other, license);
    } else {
        add_stay(g, agent, license, ALWAYS, story == 3 ? any_moment(g) : SIM_FOREVER);
        if (other != agent && story < 8) { /* in use twice */
            int64_t from = chance(g, 50) ? ALWAYS : any_moment(g);
            add_stay(g, other, license, from,
                     chance(g, 65) ? SIM_FOREVER : from + any_length(g));
        }
    }
}

/* In turns, or all at once. */
static void add_pool(struct gen *g, int32_t agent)
{
    int64_t t = any_moment(g);
    for (int i = 0; i < 4; i++) {
        int64_t stay = any_length(g);
        add(g, EV_ADDRESS, agent,
            (struct event){.from = t,
                           .to = t + stay,
                           .a = between(g, 0, 4) * 256 + between(g, 100, 103),
                           .b = chance(g, 50) ? SOURCE_NAT : SOURCE_KEYSERVER});
        t += chance(g, 50) ? stay : 0;
    }
}

static void place_agent(struct gen *g, int32_t agent, int64_t home)
{
    static const enum source sources[] = {SOURCE_KEYSERVER, SOURCE_INTERFACE, SOURCE_NAT,
                                          SOURCE_PANEL};
    bool is_renumbered = chance(g, 25);
    int64_t at = is_renumbered ? any_moment(g) : SIM_FOREVER;
    for (size_t i = 0; i < 1 + rng_below(&g->rng, 3); i++)
        add(g, EV_ADDRESS, agent,
            (struct event){.from = ALWAYS, .to = at, .a = home, .b = sources[i]});
    if (is_renumbered)
        add(g, EV_ADDRESS, agent,
            (struct event){.from = at - (chance(g, 50) ? 0 : any_length(g)),
                           .to = SIM_FOREVER,
                           .a = home + between(g, 20, 22) + 256 * between(g, 0, 1),
                           .b = SOURCE_KEYSERVER});
    if (chance(g, 40)) /* dual stack */
        add(g, EV_ADDRESS, agent,
            (struct event){.from = ALWAYS,
                           .to = SIM_FOREVER,
                           .a = SIM_V6 + 16 * (agent / 2 + 1) + agent,
                           .b = chance(g, 50) ? SOURCE_KEYSERVER : SOURCE_INTERFACE});
    if (chance(g, 25))
        add_pool(g, agent);
}

static void set_pace(struct gen *g, int32_t agent)
{
    static const int64_t paces[] = {6 * SIM_HOUR, 12 * SIM_HOUR, SIM_DAY, SIM_DAY, SIM_DAY};
    int64_t pace = paces[rng_below(&g->rng, ARRAY_LEN(paces))], at = any_moment(g);
    add(g, EV_PACE, agent, (struct event){.from = ALWAYS, .to = SIM_FOREVER, .a = pace});
    if (chance(g, 20)) /* comes first: its day with a short pace */
        add(g, EV_PACE, agent, (struct event){.from = at, .to = at + 2 * SIM_DAY, .a = 900});
}

static void add_mail(struct gen *g, int64_t domain)
{
    for (int64_t i = 0; i < between(g, 1, 2); i++) {
        int32_t agent = (int32_t)rng_below(&g->rng, (uint64_t)g->agents);
        int64_t t = ALWAYS;
        while (t < g->end) {
            int64_t next = chance(g, 30) ? SIM_FOREVER : any_moment(g) + any_length(g);
            next = next > t ? next : SIM_FOREVER;
            add(g, EV_MAIL, agent,
                (struct event){.from = t,
                               .to = next,
                               .a = domain,
                               .b = between(g, 960, 1060),
                               .c = between(g, 0, 30),
                               .d = chance(g, 90)});
            t = next;
        }
    }
}

/* ---- What the distributor knows ------------------------------------------------------------
 */

/* From the beginning, or from some night on. */
static int64_t known_from(struct gen *g)
{
    return chance(g, 80) ? 0 : any_moment(g);
}

static void own(struct gen *g, int64_t license)
{
    int32_t reseller = reseller_of(g, license % g->agents);
    int64_t binding = chance(g, 20) ? 1 + home_of(g, license % g->agents) : 0;
    int64_t at = chance(g, 20) ? any_midnight(g, 0, g->p->days) : SIM_FOREVER;
    if (chance(g, 5))
        return; /* nobody knows of it */
    add(g, EV_OWN, reseller,
        (struct event){
            .from = ALWAYS, .to = at, .a = license, .b = binding, .d = known_from(g)});
    if (at < SIM_FOREVER && chance(g, 70))
        add(g, EV_OWN, (reseller + 1) % g->p->resellers,
            (struct event){.from = at, .to = SIM_FOREVER, .a = license, .b = binding});
}

static void know_server(struct gen *g, int32_t agent)
{
    int64_t at = chance(g, 15) ? any_midnight(g, 0, g->p->days) : SIM_FOREVER;
    if (chance(g, 4))
        return;
    add(g, EV_SERVER, agent,
        (struct event){.from = ALWAYS,
                       .to = at,
                       .a = reseller_of(g, agent),
                       .b = chance(g, 10) ? any_midnight(g, 0, g->p->days) : 0,
                       .d = known_from(g)});
    if (at < SIM_FOREVER)
        add(g, EV_SERVER, agent,
            (struct event){.from = at,
                           .to = SIM_FOREVER,
                           .a = (reseller_of(g, agent) + 1) % g->p->resellers});
}

static void know_networks(struct gen *g, int32_t reseller)
{
    if (chance(g, 85))
        add(g, EV_NETWORK, reseller,
            (struct event){.from = chance(g, 80) ? ALWAYS : any_midnight(g, -20, g->p->days),
                           .to = chance(g, 80) ? SIM_FOREVER
                                               : any_midnight(g, g->p->days, g->p->days + 30),
                           .a = 256 * (1 + reseller),
                           .b = 24,
                           .d = known_from(g)});
    if (chance(g, 30))
        add(g, EV_NETWORK, reseller,
            (struct event){.from = ALWAYS,
                           .to = SIM_FOREVER,
                           .a = 256 * (1 + reseller) + (chance(g, 50) ? 0 : 8),
                           .b = 29,
                           .c = 1,
                           .d = known_from(g)});
    if (chance(g, 50))
        add(g, EV_NETWORK, reseller,
            (struct event){.from = ALWAYS, .to = SIM_FOREVER, .a = SIM_V6, .b = 40});
}

static void set_prices(struct gen *g)
{
    static const int64_t early = INT64_C(1577833200); /* 2020-01-01 in Amsterdam */
    add(g, EV_TARIFF, -1,
        (struct event){.from = early, .a = CHARGE_EXTRA_IP, .b = between(g, 1, 2500), .c = 1});
    if (chance(g, 90))
        add(g, EV_TARIFF, -1,
            (struct event){.from = early,
                           .a = CHARGE_MAILBOXES,
                           .b = between(g, 1, 999),
                           .c = between(g, 1, 30)});
    if (chance(g, 50))
        add(g, EV_TARIFF, -1,
            (struct event){
                .from = early, .a = CHARGE_OUTSIDE, .b = between(g, 1, 999), .c = 1});
    for (int64_t i = 0; i < between(g, 0, 3); i++) /* changes, at times for the past */
        add(g, EV_TARIFF, chance(g, 50) ? -1 : (int32_t)i % g->p->resellers,
            (struct event){.from = any_midnight(g, -40 + 40 * i, 39 * (i + 1) - 40),
                           .a = between(g, 0, 2),
                           .b = between(g, 0, 3000),
                           .c = 1,
                           .d = any_moment(g)});
}

static void set_policies(struct gen *g)
{
    static const int64_t graces[] = {12, 24, 48, 96, 336};
    int64_t n = between(g, 1, 2);
    for (int64_t i = 0; i < n; i++)
        add(g, EV_POLICY, -1,
            (struct event){.from = i == 0 ? any_midnight(g, -300, -100)
                                          : any_midnight(g, -40, g->p->days),
                           .a = graces[rng_below(&g->rng, ARRAY_LEN(graces))],
                           .b = chance(g, 60) ? CHARGE_BY_BOTH : between(g, 0, 2),
                           .c = between(g, 0, 511) & (chance(g, 50) ? 511 : 128),
                           .d = i == 0 ? 0 : any_moment(g)});
}

/* ---- What breaks ----------------------------------------------------------------------------
 */

static void break_agent(struct gen *g, int32_t agent, int64_t n_crashes)
{
    static const int64_t steps[] = {30, 90, 3600, 7200, 86400, 40 * 86400};
    for (int64_t i = 0; i < n_crashes; i++) {
        int64_t t = any_moment(g);
        add(g, EV_CRASH, agent,
            (struct event){.from = t,
                           .to = t + (chance(g, 60) ? between(g, 1, 300) : any_length(g)),
                           .a = chance(g, 40),
                           .c = chance(g, 20) ? between(g, -7200, 7200) : 0,
                           .d = chance(g, 50) ? between(g, 1, 40) : 0});
    }
    for (int64_t i = 0; i < between(g, 0, 2) && chance(g, 40); i++) {
        int64_t step = steps[rng_below(&g->rng, ARRAY_LEN(steps))];
        add(g, EV_CLOCK, agent,
            (struct event){.from = chance(g, 30) ? g->p->start + 1 : any_moment(g),
                           .to = SIM_FOREVER,
                           .a = chance(g, 50) ? step : -step});
    }
    if (chance(g, 15)) {
        int64_t t = any_moment(g);
        add(g, EV_AGENT_DISK, agent,
            (struct event){
                .from = t, .to = t + any_length(g), .a = chance(g, 50) ? ENOSPC : EIO});
    }
    if (chance(g, 30)) {
        int64_t t = any_moment(g);
        add(g, EV_OFFLINE, agent, (struct event){.from = t, .to = t + any_length(g)});
    }
}

static void break_network(struct gen *g)
{
    for (int64_t i = 0; i < between(g, 0, 2); i++) {
        int64_t t = i == 0 ? g->p->start : any_moment(g);
        int64_t most = chance(g, 30) ? 500 : 80;
        add(g, EV_NET, -1,
            (struct event){.from = t,
                           .to = i == 0 ? SIM_FOREVER : t + any_length(g),
                           .a = between(g, 0, most),
                           .b = between(g, 0, most),
                           .c = between(g, 0, most),
                           .d = between(g, 0, most)});
    }
    if (chance(g, 30)) {
        int64_t t = any_moment(g);
        add(g, EV_OFFLINE, -1, (struct event){.from = t, .to = t + any_length(g) / 3});
    }
    if (chance(g, 35)) {
        int64_t t = any_moment(g), n = any_length(g);
        add(g, EV_SECOND, -1,
            (struct event){.from = t, .to = t + n, .a = t + n + any_length(g)});
    }
}

static void break_collector(struct gen *g)
{
    for (int64_t i = 0; i < between(g, 0, 2); i++) {
        int64_t t = any_moment(g);
        add(g, EV_STORE_DISK, -1,
            (struct event){.from = t,
                           .to = t + any_length(g) / 4,
                           .a = chance(g, 60) ? ENOSPC : EIO,
                           .b = between(g, 1, 6)});
    }
    if (chance(g, 30)) {
        int64_t t = any_moment(g);
        add(g, EV_BUSY, -1, (struct event){.from = t, .to = t + between(g, 60, 3 * SIM_HOUR)});
    }
    for (int64_t i = 0; i < between(g, 0, 4); i++) {
        int64_t t = any_moment(g);
        add(g, EV_KILL, -1, (struct event){.from = t, .to = t + 1, .a = between(g, 0, 12)});
    }
    if (chance(g, 30)) {
        int64_t t = any_moment(g);
        add(g, EV_RESTORE, -1,
            (struct event){.from = t, .to = t + between(g, SIM_HOUR, 6 * SIM_DAY)});
    }
}

/* ---- What people do
 * --------------------------------------------------------------------------- */

static void decide(struct gen *g)
{
    static const enum decision any[] = {DECISION_WAIVE, DECISION_DISPUTE, DECISION_DISPUTE,
                                        DECISION_UPHOLD, DECISION_REINSTATE};
    int64_t n = between(g, 4, 24);
    for (int64_t i = 0; i < n; i++)
        add(g, EV_DECIDE, -1,
            (struct event){.from = any_moment(g),
                           .a = any[rng_below(&g->rng, ARRAY_LEN(any))]});
    for (int month = 0; month < 4; month++) {
        period_t next = period_plus(period_at(sim_zone(), (wall_t){g->p->start}), month + 1);
        int64_t end = period_start(sim_zone(), next).s;
        if (chance(g, 90))
            add(g, EV_CLOSE, -1,
                (struct event){.from = end + between(g, -SIM_DAY, 12 * SIM_DAY), .a = month});
    }
}

/* A copy of a server's disk, as its own beginning; often at another address. */
static void clone(struct gen *g, int32_t slot)
{
    int32_t model = (int32_t)rng_below(&g->rng, (uint64_t)g->agents);
    int64_t t = any_moment(g), to = chance(g, 50) ? SIM_FOREVER : t + any_length(g);
    add(g, EV_CLONE, model, (struct event){.from = t, .to = t + 1, .a = slot});
    add_stay(g, slot, model, ALWAYS, to);
    place_agent(g, slot, chance(g, 30) ? home_of(g, model) : home_of(g, model) + 60);
    set_pace(g, slot);
    break_agent(g, slot, chance(g, 30));
}

void plan_random(uint64_t seed, struct plan *ret)
{
    *ret = (struct plan){.seed = seed, .slot = SIM_HOUR};
    struct gen g = {.p = ret, .rng = {seed}};
    g.first_day = between(&g, 20605, 20720); /* 2026-06-01 to 2026-09-24 */
    ret->days = (int32_t)between(&g, 40, 90);
    ret->start = zone_day_start(sim_zone(), g.first_day).s;
    ret->resellers = (int32_t)between(&g, 1, 4);
    ret->resellers = ret->resellers == 4 ? 3 : ret->resellers; /* half of them have a trial */
    ret->brute_every = (int32_t)between(&g, 4, 14);
    g.agents = (int32_t)between(&g, 3, 8);
    int32_t clones = chance(&g, 40) ? (int32_t)between(&g, 1, 2) : 0;
    ret->agents = g.agents + clones;
    g.end = ret->start + ret->days * SIM_DAY;
    for (int32_t i = 0; i < g.agents; i++) {
        place_agent(&g, i, home_of(&g, i));
        set_pace(&g, i);
        know_server(&g, i);
        break_agent(&g, i, between(&g, 0, 2));
    }
    for (int64_t i = 0; i < 2 + (int64_t)rng_below(&g.rng, 5); i++) {
        place_license(&g, i);
        own(&g, i);
    }
    for (int32_t i = 0; i < ret->resellers; i++)
        know_networks(&g, i);
    for (int64_t i = 0; i < between(&g, 0, 3); i++) {
        add_mail(&g, i);
        add(&g, EV_DOMAIN, (int32_t)(i % ret->resellers),
            (struct event){.from = ALWAYS,
                           .to = SIM_FOREVER,
                           .a = i,
                           .b = between(&g, 980, 1040),
                           .d = known_from(&g)});
    }
    set_prices(&g);
    set_policies(&g);
    break_network(&g);
    break_collector(&g);
    decide(&g);
    for (int32_t i = 0; i < clones; i++)
        clone(&g, g.agents + i);
}
