/* The large plan: thousands of agents that report daily or every other day, most of whom
 * nothing happens to. */
#include "sim/sim.h"

#include <errno.h>

#include "support/seed.h"

#define ALWAYS (-SIM_FOREVER)

enum { AGENTS_EACH = 50 }; /* of a reseller */

struct large {
    struct plan *p;
    struct rng rng;
    int64_t end;
};

static bool chance(struct large *g, int64_t per_mille)
{
    return (int64_t)rng_below(&g->rng, 1000) < per_mille;
}

static int64_t any_moment(struct large *g)
{
    return rng_between(&g->rng, g->p->start + SIM_HOUR, g->end);
}

static int64_t any_length(struct large *g)
{
    return rng_between(&g->rng, SIM_HOUR, 20 * SIM_DAY);
}

static void add(struct large *g, enum event_kind kind, int32_t who, struct event e)
{
    e.kind = kind;
    e.who = who;
    plan_add(g->p, e);
}

static int64_t home_of(int32_t agent)
{
    return 256 * (1 + agent / AGENTS_EACH) + 10 + agent % AGENTS_EACH;
}

static void stay(struct large *g, int32_t agent, int64_t license, int64_t from, int64_t to)
{
    add(g, EV_LICENSE, agent, (struct event){.from = from, .to = to, .a = license});
}

/* Its licence, and what becomes of it: 6 % move, 4 % are in use twice. */
static void place_license(struct large *g, int32_t agent)
{
    int32_t other = (agent / AGENTS_EACH) * AGENTS_EACH + (agent + 7) % AGENTS_EACH;
    int64_t t = any_moment(g);
    other = other < g->p->agents ? other : agent;
    if (chance(g, 60)) {
        int64_t overlap = any_length(g);
        stay(g, agent, agent, ALWAYS, t + overlap);
        stay(g, other, agent, t, SIM_FOREVER);
        if (chance(g, 300))
            add(g, EV_MOVE, -1,
                (struct event){.from = t - SIM_HOUR, .to = t + overlap + SIM_DAY, .a = agent});
        return;
    }
    stay(g, agent, agent, ALWAYS, SIM_FOREVER);
    if (chance(g, 40))
        stay(g, other, agent, t, chance(g, 500) ? SIM_FOREVER : t + any_length(g));
}

static void place_addresses(struct large *g, int32_t agent)
{
    bool is_renumbered = chance(g, 30);
    int64_t at = is_renumbered ? any_moment(g) : SIM_FOREVER;
    add(g, EV_ADDRESS, agent,
        (struct event){.from = ALWAYS, .to = at, .a = home_of(agent), .b = SOURCE_KEYSERVER});
    if (is_renumbered)
        add(g, EV_ADDRESS, agent,
            (struct event){.from = at,
                           .to = SIM_FOREVER,
                           .a = home_of(agent) + 100 + (chance(g, 300) ? 256 : 0),
                           .b = SOURCE_KEYSERVER});
    if (chance(g, 200))
        add(g, EV_ADDRESS, agent,
            (struct event){.from = ALWAYS,
                           .to = SIM_FOREVER,
                           .a = SIM_V6 + 16 * (int64_t)agent,
                           .b = SOURCE_INTERFACE});
}

static void trouble(struct large *g, int32_t agent)
{
    int64_t t = any_moment(g);
    if (chance(g, 100))
        add(g, EV_CRASH, agent,
            (struct event){.from = t,
                           .to = t + rng_between(&g->rng, 10, SIM_DAY),
                           .a = chance(g, 500),
                           .d = chance(g, 300) ? rng_between(&g->rng, 1, 40) : 0});
    if (chance(g, 50))
        add(g, EV_CLOCK, agent,
            (struct event){.from = g->p->start + 1,
                           .to = SIM_FOREVER,
                           .a = rng_between(&g->rng, -SIM_DAY, SIM_DAY)});
    t = any_moment(g);
    if (chance(g, 30))
        add(g, EV_OFFLINE, agent, (struct event){.from = t, .to = t + any_length(g) / 4});
    if (chance(g, 10))
        add(g, EV_AGENT_DISK, agent,
            (struct event){.from = t, .to = t + any_length(g), .a = ENOSPC});
}

static void mail(struct large *g, int32_t agent)
{
    int64_t t = any_moment(g);
    add(g, EV_MAIL, agent,
        (struct event){
            .from = ALWAYS, .to = t, .a = agent, .b = rng_between(&g->rng, 500, 1000), .d = 1});
    add(g, EV_MAIL, agent,
        (struct event){.from = t,
                       .to = SIM_FOREVER,
                       .a = agent,
                       .b = rng_between(&g->rng, 800, 1100),
                       .d = 1});
    add(g, EV_DOMAIN, agent / AGENTS_EACH,
        (struct event){.from = ALWAYS, .to = SIM_FOREVER, .a = agent, .b = 1000});
}

static void agent(struct large *g, int32_t i)
{
    place_addresses(g, i);
    place_license(g, i);
    trouble(g, i);
    add(g, EV_OWN, i / AGENTS_EACH, (struct event){.from = ALWAYS, .to = SIM_FOREVER, .a = i});
    add(g, EV_SERVER, i,
        (struct event){.from = ALWAYS, .to = SIM_FOREVER, .a = i / AGENTS_EACH});
    bool has_mail = chance(g, 100);
    if (has_mail)
        mail(g, i);
    if (!has_mail && chance(g, 600))
        add(g, EV_PACE, i, (struct event){.from = ALWAYS, .to = SIM_FOREVER, .a = 2 * SIM_DAY});
}

static void collector(struct large *g)
{
    int64_t t = any_moment(g);
    add(g, EV_NET, -1,
        (struct event){.from = ALWAYS, .to = SIM_FOREVER, .a = 20, .b = 10, .c = 10, .d = 20});
    add(g, EV_OFFLINE, -1, (struct event){.from = t, .to = t + 8 * SIM_HOUR});
    t = any_moment(g);
    add(g, EV_STORE_DISK, -1,
        (struct event){.from = t, .to = t + 6 * SIM_HOUR, .a = ENOSPC, .b = 3});
    for (int i = 0; i < 5; i++) {
        t = any_moment(g);
        add(g, EV_KILL, -1,
            (struct event){.from = t, .to = t + 1, .a = rng_between(&g->rng, 0, 12)});
    }
    t = any_moment(g);
    add(g, EV_RESTORE, -1, (struct event){.from = t, .to = t + SIM_DAY});
}

static void people(struct large *g)
{
    static const enum decision any[] = {DECISION_WAIVE, DECISION_DISPUTE, DECISION_UPHOLD,
                                        DECISION_REINSTATE};
    static const int64_t prices[] = {1250, 500};
    for (int k = 0; k < 2; k++)
        add(g, EV_TARIFF, -1,
            (struct event){
                .from = INT64_C(1577833200), .a = k, .b = prices[k], .c = k == 0 ? 1 : 25});
    add(g, EV_TARIFF, -1,
        (struct event){
            .from = period_start(sim_zone(),
                                 period_plus(period_at(sim_zone(), (wall_t){g->p->start}), 1))
                        .s,
            .a = 0,
            .b = 1400,
            .c = 1,
            .d = any_moment(g)});
    for (int i = 0; i < 200; i++)
        add(g, EV_DECIDE, -1,
            (struct event){.from = any_moment(g), .a = any[rng_below(&g->rng, 4)]});
    for (int month = 0; month < 4; month++) {
        period_t next = period_plus(period_at(sim_zone(), (wall_t){g->p->start}), month + 1);
        add(g, EV_CLOSE, -1,
            (struct event){.from = period_start(sim_zone(), next).s + 5 * SIM_DAY, .a = month});
    }
}

void plan_large(uint64_t seed, int32_t agents, int32_t days, struct plan *ret)
{
    *ret = (struct plan){.seed = seed, .slot = SIM_HOUR, .is_large = true, .brute_every = 1};
    struct large g = {.p = ret, .rng = {seed}};
    ret->agents = agents;
    ret->days = days;
    ret->resellers = (agents + AGENTS_EACH - 1) / AGENTS_EACH;
    ret->start = zone_day_start(sim_zone(), 20640).s; /* 2026-07-06 */
    g.end = ret->start + days * SIM_DAY;
    for (int32_t i = 0; i < agents; i++)
        agent(&g, i);
    for (int32_t i = 0; i < ret->resellers; i++)
        add(&g, EV_NETWORK, i,
            (struct event){
                .from = ALWAYS, .to = SIM_FOREVER, .a = 256 * (1 + (int64_t)i), .b = 24});
    collector(&g);
    people(&g);
}
