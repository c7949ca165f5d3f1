/* Random worlds: the themes, the time they are about, and how moments are drawn. */
#include "support/worldgen_parts.h"

#include <string.h>

#define DAY INT64_C(86400)
#define HOUR INT64_C(3600)

static const struct {
    const char *name;
    unsigned features;
} themes[] = {
    [WORLD_PLAIN] = {"plain", 0},
    [WORLD_DST] = {"dst", FEATURE_DST},
    [WORLD_DUAL] = {"dual", FEATURE_DUAL},
    [WORLD_POOLS] = {"pools", FEATURE_POOLS},
    [WORLD_CLONES] = {"clones", FEATURE_CLONES},
    [WORLD_MOVING] = {"moving", FEATURE_MOVES},
    [WORLD_PLACES] = {"places", FEATURE_NETWORKS | FEATURE_DUAL},
    [WORLD_HANDS] = {"hands", FEATURE_HANDS},
    [WORLD_MAIL] = {"mail", FEATURE_MAIL | FEATURE_HANDS},
    [WORLD_CLOCKS] = {"clocks", FEATURE_CLOCKS},
    [WORLD_STRANGERS] = {"strangers", FEATURE_STRANGERS},
    [WORLD_SILENT] = {"silent", FEATURE_SILENT},
    [WORLD_POLICY] = {"policy", FEATURE_POLICY},
    [WORLD_MONTHS] = {"months", FEATURE_MONTHS},
    [WORLD_MIXED] = {"mixed", (1 << FEATURE_COUNT) - 1},
};
static_assert(ARRAY_LEN(themes) == WORLD_THEME_COUNT, "a row for each theme");

const char *world_theme_name(enum world_theme t)
{
    return themes[t].name;
}

bool gen_has(const struct gen *g, enum feature f)
{
    return (g->features & f) != 0;
}

bool gen_chance(struct gen *g, uint64_t percent)
{
    return rng_below(g->r, 100) < percent;
}

size_t gen_pick(struct gen *g, size_t n)
{
    return (size_t)rng_below(g->r, n);
}

void gen_add_moment(struct gen *g, wall_t t)
{
    if (g->n_moments < GEN_MOMENTS && t.s > WALL_BEGIN.s && t.s < WALL_END.s)
        g->moments[g->n_moments++] = t;
}

void gen_add_duration(struct gen *g, int64_t s)
{
    if (g->n_durations < GEN_DURATIONS)
        g->durations_s[g->n_durations++] = s;
}

wall_t gen_moment(struct gen *g)
{
    static const int64_t near[] = {0, 0, 0, 0, 0, -1, 1, -60, 60, -HOUR, HOUR, -DAY, DAY};
    wall_t t = g->moments[gen_pick(g, g->n_moments)];
    t.s += near[gen_pick(g, ARRAY_LEN(near))];
    if (gen_chance(g, 10))
        t.s += gen_chance(g, 50) ? gen_duration(g) : -gen_duration(g);
    return t;
}

int64_t gen_duration(struct gen *g)
{
    int64_t s = g->durations_s[gen_pick(g, g->n_durations)];
    return gen_chance(g, 80) ? s : s + rng_between(g->r, 0, 2);
}

/* Which month, and from when it is looked at. */
static void choose_period(struct gen *g)
{
    static const char *const dst[] = {"2026-03", "2026-10", "2027-03", "2027-10"};
    static const int64_t after_end[] = {-1, 0, 1, HOUR, 3 * DAY, 20 * DAY, 40 * DAY};
    struct world *w = g->w;
    period_t p = world_period(dst[gen_pick(g, ARRAY_LEN(dst))]);
    if (!gen_has(g, FEATURE_DST))
        p = period_plus(world_period("2026-01"), (int)gen_pick(g, 24));
    g->p0 = period_start(&w->zone, p);
    g->p1 = period_start(&w->zone, period_plus(p, 1));
    if (gen_chance(g, 60))
        w->as_of.s = g->p1.s + after_end[gen_pick(g, ARRAY_LEN(after_end))];
    else
        w->as_of.s = rng_between(g->r, g->p0.s + (gen_chance(g, 95) ? 1 : 0), g->p1.s);
    w->periods[w->n_periods++] = p;
    if (gen_chance(g, 25))
        w->periods[w->n_periods++] = period_plus(p, -1);
    else if (w->as_of.s > g->p1.s && gen_chance(g, 50))
        w->periods[w->n_periods++] = period_plus(p, 1);
}

static void add_policy_times(struct gen *g, const struct policy *p)
{
    wall_t e = wall_min(g->p1, g->w->as_of);
    gen_add_moment(g, (wall_t){g->p0.s - p->grace.s});
    gen_add_moment(g, (wall_t){g->p0.s - p->outside_grace.s});
    gen_add_moment(g, (wall_t){g->p0.s - p->mailbox_sustain.s});
    gen_add_moment(g, (wall_t){g->p0.s - p->bridge.s});
    gen_add_moment(g, (wall_t){e.s - p->grace.s});
    gen_add_moment(g, (wall_t){e.s - p->bridge.s});
    gen_add_duration(g, p->grace.s);
    gen_add_duration(g, p->grace.s + 1);
    gen_add_duration(g, p->grace.s + DAY);
    gen_add_duration(g, p->outside_grace.s + 1);
    gen_add_duration(g, p->mailbox_sustain.s + 1);
    gen_add_duration(g, p->bridge.s);
    gen_add_duration(g, p->bridge.s + 1);
    gen_add_duration(g, p->flag_after.s);
    gen_add_duration(g, p->flag_after.s + 1);
    gen_add_duration(g, p->period_min.s + 1);
}

static void add_times(struct gen *g)
{
    static const int64_t durations[] = {0, 0, 1, 60, HOUR, DAY, 3 * DAY, 15 * DAY, 25 * DAY};
    struct world *w = g->w;
    for (size_t i = 0; i < ARRAY_LEN(durations); i++)
        gen_add_duration(g, durations[i]);
    gen_add_duration(g, w->merge_gap.s);
    gen_add_duration(g, w->merge_gap.s + 1);
    for (int i = 0; i < 2; i++) {
        gen_add_moment(g, g->p0);
        gen_add_moment(g, g->p1);
        gen_add_moment(g, w->as_of);
    }
    for (int i = 0; i < 3; i++)
        gen_add_moment(g, (wall_t){rng_between(g->r, g->p0.s, g->p1.s)});
    gen_add_moment(g, (wall_t){rng_between(g->r, g->p0.s - 20 * DAY, g->p0.s)});
    if (gen_chance(g, 10)) /* what `recurring` looks at */
        for (int i = 1; i < 5; i++)
            gen_add_moment(g, period_start(&w->zone, period_plus(w->periods[0], -i)));
    for (size_t i = 0; i < w->zone.n; i++)
        if (w->zone.steps[i].from.s > g->p0.s && w->zone.steps[i].from.s < g->p1.s)
            gen_add_moment(g, w->zone.steps[i].from);
    add_policy_times(g, &w->versions[w->policies.n - 1].base);
}

void world_random(struct rng *r, enum world_theme theme, struct world *ret)
{
    struct gen g = {.r = r, .w = ret, .features = themes[theme].features};
    world_init(ret);
    if (theme == WORLD_MIXED)
        g.features = (unsigned)(rng_next(r) & rng_next(r)) & themes[theme].features;
    if (gen_chance(&g, 20))
        ret->merge_gap.s = gen_chance(&g, 50) ? 0 : 60;
    choose_period(&g);
    gen_policies(&g);
    add_times(&g);
    gen_estate(&g);
    gen_reports(&g);
}
