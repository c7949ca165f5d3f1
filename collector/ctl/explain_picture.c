/* From a story to the model of its picture. */
#include "base/arena.h"
#include "base/grow.h"
#include "ctl/explain.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The model while it is made; `arena` owns what the finished arrays point to. */
struct sketch {
    const struct telling *t;
    struct arena arena;
    int error; /* the first text that could not be kept; sticks */
    struct timeline_group *groups;
    struct timeline_curve *curves;
    struct timeline_band *bands;
    struct timeline_mark *marks;
    const char **lines;
    struct timeline model;
};

static void sketch_done(struct sketch *k)
{
    arena_done(&k->arena);
}

/* A text of the sketch's own; "" when out of memory, which is told at the end. */
static const char *PRINTF_LIKE(2, 3) words(struct sketch *k, const char *fmt, ...)
{
    char text[1024];
    va_list args;

    va_start(args, fmt);
    int n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    const char *kept = n < 0 ? NULL : arena_text(&k->arena, text_of(text));
    if (!kept)
        k->error = -ENOMEM;
    return kept ? kept : "";
}

/* ---- Lanes ----------------------------------------------------------------------------- */

static void add_bars(struct timeline_bar *v, size_t *n, struct story_spans spans,
                     enum timeline_bar_kind kind)
{
    for (size_t i = 0; i < spans.n; i++)
        v[(*n)++] = (struct timeline_bar){spans.v[i], kind};
}

static int compare_lanes(const void *a, const void *b, void *arg)
{
    const struct story_entry *e = arg;
    const struct story_lane *x = &e->lanes[*(const uint32_t *)a];
    const struct story_lane *y = &e->lanes[*(const uint32_t *)b];
    int r = strcmp(e->machines[x->machine].server, e->machines[y->machine].server);

    if (r != 0)
        return r;
    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    if (x->seen.first.s != y->seen.first.s)
        return x->seen.first.s < y->seen.first.s ? -1 : 1;
    return x->machine < y->machine ? -1 : x->machine > y->machine;
}

/* Runs of one server at one place that follow each other share a lane of the picture. */
struct packed {
    const struct story_lane *first;
    wall_t end;
    size_t runs, n_bars, cap_bars;
    struct timeline_bar *bars;
};

/* All packed lanes of an entry. */
struct packing {
    struct packed *v;
    size_t n;
};

static void packing_done(struct packing *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->v[i].bars);
    free(p->v);
}

static bool is_same_row(const struct story_entry *e, const struct story_lane *a,
                        const struct story_lane *b)
{
    return a->unit == b->unit &&
           strcmp(e->machines[a->machine].server, e->machines[b->machine].server) == 0;
}

/* The packed lane that the run goes into: its row's first that has ended; else a new one. */
static struct packed *pack_into(const struct story_entry *e, const struct story_lane *l,
                                struct packing *p)
{
    for (size_t i = p->n; i-- > 0 && is_same_row(e, p->v[i].first, l);)
        if (p->v[i].end.s <= l->seen.first.s)
            return &p->v[i];
    p->v[p->n] = (struct packed){.first = l};
    return &p->v[p->n++];
}

static int pack_lane(struct packed *to, const struct story_lane *l)
{
    size_t more = l->presences.n + l->by_agents.n + l->by_peers.n;
    int r = grow(&to->bars, &to->cap_bars, to->n_bars + more, sizeof(*to->bars), SIZE_MAX);

    if (r < 0)
        return r;
    add_bars(to->bars, &to->n_bars, l->presences, TIMELINE_BRIDGED);
    add_bars(to->bars, &to->n_bars, l->by_agents, TIMELINE_SEEN);
    add_bars(to->bars, &to->n_bars, l->by_peers, TIMELINE_COLLECTOR);
    to->end = l->seen.last;
    to->runs++;
    return 0;
}

static int pack_lanes(const struct story_entry *e, struct packing *p)
{
    AUTO_FREE uint32_t *order = calloc(e->n_lanes + 1, sizeof(*order));
    int r = 0;

    p->v = calloc(e->n_lanes + 1, sizeof(*p->v));
    if (!order || !p->v)
        return -ENOMEM;
    for (size_t i = 0; i < e->n_lanes; i++)
        order[i] = (uint32_t)i;
    if (e->n_lanes > 1)
        qsort_r(order, e->n_lanes, sizeof(*order), compare_lanes, (void *)e);
    for (size_t i = 0; i < e->n_lanes && r >= 0; i++)
        r = pack_lane(pack_into(e, &e->lanes[order[i]], p), &e->lanes[order[i]]);
    return r;
}

/* What tells a lane from others of the same name. */
static const char *packed_detail(struct sketch *k, const struct story_entry *e,
                                 const struct packing *p, size_t i)
{
    const struct packed *one = &p->v[i];
    bool has_twin = (i > 0 && is_same_row(e, p->v[i - 1].first, one->first)) ||
                    (i + 1 < p->n && is_same_row(e, one->first, p->v[i + 1].first));

    if (one->runs > 1)
        return words(k, "%zu runs", one->runs);
    return has_twin ? words(k, "run %.8s", e->machines[one->first->machine].boot) : "";
}

static void add_group(struct sketch *k, const char *title, const struct timeline_lane *lanes,
                      size_t n)
{
    k->groups[k->model.n_groups++] = (struct timeline_group){title, lanes, n};
}

/* The name of a group or a curve: with the reseller, where there are several entries. */
static const char *titled(struct sketch *k, const struct story_entry *e, const char *title)
{
    return k->t->story->n_entries > 1 ? words(k, "%s (%s)", title, e->reseller) : title;
}

static int add_machines(struct sketch *k, const struct story_entry *e)
{
    AUTO(packing) struct packing p = {.n = 0};
    int r = pack_lanes(e, &p);
    struct timeline_lane *lanes = arena_array(&k->arena, p.n + 1, sizeof(*lanes));

    if (r < 0 || !lanes)
        return -ENOMEM;
    for (size_t i = 0; i < p.n; i++) {
        struct timeline_bar *bars = arena_array(&k->arena, p.v[i].n_bars + 1, sizeof(*bars));
        char name[STORY_LANE_SIZE];
        if (!bars)
            return -ENOMEM;
        if (p.v[i].n_bars > 0)
            memcpy(bars, p.v[i].bars, p.v[i].n_bars * sizeof(*bars));
        lanes[i] = (struct timeline_lane){
            .label = words(k, "%s", story_lane_name(e, p.v[i].first, name)),
            .detail = packed_detail(k, e, &p, i),
            .bars = bars,
            .n_bars = p.v[i].n_bars,
        };
    }
    add_group(k, titled(k, e, "Who was where"), lanes, p.n);
    return 0;
}

static enum timeline_bar_kind standing_bar(enum story_standing s)
{
    switch (s) {
    case STANDING_INSIDE: return TIMELINE_COUNTS;
    case STANDING_UNKNOWN: return TIMELINE_UNKNOWN;
    case STANDING_OUTSIDE: return TIMELINE_OUTSIDE;
    case STANDING_SECOND: return TIMELINE_SECOND;
    }
    return TIMELINE_COUNTS;
}

static int add_units(struct sketch *k, const struct story_entry *e)
{
    struct timeline_lane *lanes = arena_array(&k->arena, e->n_units + 1, sizeof(*lanes));

    if (!lanes)
        return -ENOMEM;
    for (size_t i = 0; i < e->n_units; i++) {
        const struct story_unit *u = &e->units[i];
        struct timeline_bar *bars = arena_array(&k->arena, u->n_stands + 1, sizeof(*bars));
        if (!bars)
            return -ENOMEM;
        for (size_t s = 0; s < u->n_stands; s++)
            bars[s] =
                (struct timeline_bar){u->stands[s].at, standing_bar(u->stands[s].standing)};
        lanes[i] = (struct timeline_lane){.label = u->name,
                                          .detail = u->is_one_place ? "one place" : "",
                                          .bars = bars,
                                          .n_bars = u->n_stands};
    }
    if (e->n_units > 0)
        add_group(k, titled(k, e, "Places that count"), lanes, e->n_units);
    return 0;
}

static int add_mail_servers(struct sketch *k, const struct story_entry *e)
{
    struct timeline_lane *lanes = arena_array(&k->arena, e->n_servers + 1, sizeof(*lanes));

    if (!lanes)
        return -ENOMEM;
    for (size_t i = 0; i < e->n_servers; i++) {
        const struct story_mail_server *s = &e->servers[i];
        struct timeline_bar *bars =
            arena_array(&k->arena, s->rows.n + s->known.n + 1, sizeof(*bars));
        size_t n = 0;
        if (!bars)
            return -ENOMEM;
        add_bars(bars, &n, s->known, TIMELINE_CARRIED);
        add_bars(bars, &n, s->rows, TIMELINE_SEEN);
        lanes[i] = (struct timeline_lane){
            .label = s->server,
            .detail = words(k, "%lld", (long long)s->last_count),
            .bars = bars,
            .n_bars = n,
        };
    }
    add_group(k, titled(k, e, "Who counted, and last what"), lanes, e->n_servers);
    return 0;
}

/* ---- Curves ---------------------------------------------------------------------------- */

static struct timeline_curve *new_curve(struct sketch *k, const char *title, size_t n_points,
                                        size_t n_limits)
{
    struct timeline_curve *c = &k->curves[k->model.n_curves];
    struct timeline_point *points = arena_array(&k->arena, n_points + 1, sizeof(*points));
    struct timeline_limit *limits = arena_array(&k->arena, n_limits + 1, sizeof(*limits));

    if (!points || !limits)
        return NULL;
    *c = (struct timeline_curve){
        .title = title, .points = points, .limits = limits, .limit_label = ""};
    k->model.n_curves++;
    return c;
}

/* The level of a rule, from step to step. */
static int add_level(struct sketch *k, const struct story_entry *e,
                     const struct story_rule *rule, const char *title)
{
    struct timeline_curve *c = new_curve(k, titled(k, e, title), rule->level.n, 0);

    if (!c)
        return -ENOMEM;
    struct timeline_point *points = (struct timeline_point *)c->points;
    for (size_t i = 0; i < rule->level.n; i++)
        points[c->n_points++] =
            (struct timeline_point){rule->level.v[i].at, rule->level.v[i].after};
    c->until = rule->terms.window.last;
    return 0;
}

/* The time held, added up, against the grace. */
static int add_sum(struct sketch *k, const struct story_entry *e, const struct story_rule *rule,
                   const char *title)
{
    struct timeline_curve *c = new_curve(k, titled(k, e, title), 2 * rule->held.n + 1, 1);
    const struct story_outlook *o = &rule->outlook;
    int64_t sum = 0;

    if (!c)
        return -ENOMEM;
    struct timeline_point *points = (struct timeline_point *)c->points;
    struct timeline_limit *limits = (struct timeline_limit *)c->limits;
    points[c->n_points++] = (struct timeline_point){rule->terms.window.first, 0};
    for (size_t i = 0; i < rule->held.n; i++) {
        struct span held = rule->held.v[i];
        points[c->n_points++] = (struct timeline_point){held.first, sum};
        sum += held.last.s - held.first.s;
        points[c->n_points++] = (struct timeline_point){held.last, sum};
    }
    limits[c->n_limits++] = (struct timeline_limit){
        {rule->terms.window.first, k->model.window.last}, rule->terms.grace.s};
    c->limit_label = "grace";
    c->is_slope = c->is_time = true;
    c->goes_on = o->goes_on && k->t->story->end.s < k->t->story->p1.s;
    c->until = c->goes_on ? o->last : rule->terms.window.last;
    return 0;
}

static int add_count(struct sketch *k, const struct story_entry *e)
{
    struct timeline_curve *c =
        new_curve(k, titled(k, e, "Mailboxes of the domain"), e->count.n, e->n_limits);

    if (!c)
        return -ENOMEM;
    struct timeline_point *points = (struct timeline_point *)c->points;
    struct timeline_limit *limits = (struct timeline_limit *)c->limits;
    for (size_t i = 0; i < e->count.n; i++)
        points[c->n_points++] = (struct timeline_point){e->count.v[i].at, e->count.v[i].after};
    for (size_t i = 0; i < e->n_limits; i++)
        limits[c->n_limits++] = (struct timeline_limit){e->limits[i].at, e->limits[i].limit};
    /* The last limit holds on, for all that is known. */
    if (c->n_limits > 0)
        limits[c->n_limits - 1].at.last = k->model.window.last;
    c->limit_label = "limit";
    c->until = e->window.last;
    return 0;
}

static int add_rule(struct sketch *k, const struct story_entry *e,
                    const struct story_rule *rule)
{
    int r = 0;

    if (rule->kind == FINDING_MAILBOXES)
        r = add_count(k, e);
    if (r < 0 || rule->held.n == 0)
        return r;
    if (rule->kind == FINDING_EXTRA_IP)
        r = add_level(k, e, rule, "Extra IPs");
    if (rule->kind == FINDING_OUTSIDE)
        r = add_level(k, e, rule, "Places outside");
    if (r < 0)
        return r;
    return add_sum(k, e, rule,
                   rule->kind == FINDING_EXTRA_IP    ? "Time with extra IPs"
                   : rule->kind == FINDING_MAILBOXES ? "Time over the limit"
                                                     : "Time outside");
}

/* ---- Words, bands, marks --------------------------------------------------------------- */

static void add_line(struct sketch *k, const char *line)
{
    k->lines[k->model.n_lines++] = line;
}

static void add_rule_line(struct sketch *k, const struct story_rule *rule)
{
    char window[STORY_DUR_SIZE], grace[STORY_DUR_SIZE], in_v[STORY_DUR_SIZE];
    char least[STORY_DUR_SIZE];
    const struct level_answer *a = &rule->answer;

    if (a->state == STATE_CLEAR)
        add_line(k, words(k, "%s (%s): nothing found", finding_kind_name(rule->kind),
                          finding_clause(rule->kind)));
    else
        add_line(k, words(k,
                          "%s (%s): %s, quantity %lld. One or more for %s, the look-back "
                          "included (grace %s); %s in the period (minimum %s).",
                          finding_kind_name(rule->kind), finding_clause(rule->kind),
                          finding_state_name(a->state), (long long)a->quantity,
                          story_dur(a->in_window, window), story_dur(rule->terms.grace, grace),
                          story_dur(a->in_v, in_v), story_dur(rule->terms.period_min, least)));
}

static void add_money_line(struct sketch *k, const struct story_money *m)
{
    char due[MONEY_TEXT_SIZE], entered[MONEY_TEXT_SIZE];

    if (m->has_draft)
        add_line(k, words(k, "%s: due %s %s, entered %s.%s", charge_kind_name(m->kind),
                          money_format(m->due.amount, m->currency, due), m->currency->code,
                          money_format(m->entered, m->currency, entered),
                          m->is_waived     ? " Waived."
                          : m->is_disputed ? " Disputed."
                          : m->is_trial    ? " Trial: not entered."
                                           : ""));
}

static void add_lines(struct sketch *k)
{
    const struct story *s = k->t->story;

    for (size_t i = 0; i < s->n_entries; i++) {
        const struct story_entry *e = &s->entries[i];
        add_line(k, words(k, "Reseller %s, %s%s", e->reseller, e->reseller_name,
                          e->is_trial ? " (trial)" : ""));
        for (size_t r = 0; r < e->n_rules; r++)
            add_rule_line(k, &e->rules[r]);
    }
    for (size_t i = 0; i < s->n_money; i++)
        add_money_line(k, &s->money[i]);
    if (s->n_notices == 0)
        return;
    AUTO(buf) struct buf names = BUF_INIT(1024);
    for (size_t i = 0; i < s->n_notices; i++)
        buf_printf(&names, "%s%s", i ? ", " : "", finding_kind_name(s->notices[i].kind));
    add_line(k, words(k, "Notices: %s", buf_str(&names)));
}

static void add_mark(struct sketch *k, wall_t at, const char *what)
{
    char when[EXPLAIN_MOMENT_SIZE];

    k->marks[k->model.n_marks++] =
        (struct timeline_mark){at, words(k, "%s %s", what, tell_moment(k->t, at, when))};
}

static int compare_marks(const void *a, const void *b)
{
    const struct timeline_mark *x = a, *y = b;
    return x->at.s < y->at.s ? -1 : x->at.s > y->at.s;
}

static void add_rule_mark(struct sketch *k, const struct story_rule *rule)
{
    const struct story_outlook *o = &rule->outlook;
    const char *kind = finding_kind_name(rule->kind);

    if (o->has_confirmed_at)
        add_mark(k, o->confirmed_at, words(k, "%s confirmed", kind));
    else if (rule->answer.state == STATE_POTENTIAL && o->goes_on && o->can_confirm)
        add_mark(k, (wall_t){o->free_until.s + 1},
                 words(k, "%s confirmed, if it goes on:", kind));
}

static void add_marks(struct sketch *k)
{
    const struct story *s = k->t->story;
    struct span window = k->model.window;

    if (window.first.s < s->p0.s)
        k->bands[k->model.n_bands++] =
            (struct timeline_band){{window.first, s->p0}, TIMELINE_LOOK_BACK};
    if (s->end.s < window.last.s)
        k->bands[k->model.n_bands++] =
            (struct timeline_band){{s->end, window.last}, TIMELINE_FUTURE};
    add_mark(k, s->p0, "period begins");
    if (s->end.s < s->p1.s)
        add_mark(k, s->end, "judged up to");
    add_mark(k, s->p1, "period ends");
    for (size_t i = 0; i < s->n_entries; i++) {
        const struct story_entry *e = &s->entries[i];
        for (size_t m = 0; m < e->n_moves; m++)
            k->bands[k->model.n_bands++] =
                (struct timeline_band){{e->moves[m].from, e->moves[m].to}, TIMELINE_MOVE};
        for (size_t r = 0; r < e->n_rules; r++)
            add_rule_mark(k, &e->rules[r]);
    }
    qsort(k->marks, k->model.n_marks, sizeof(*k->marks), compare_marks);
}

/* ---- The whole ------------------------------------------------------------------------- */

static int sketch_init(struct sketch *k)
{
    const struct story *s = k->t->story;
    size_t n = s->n_entries + 1, moves = 0;

    for (size_t i = 0; i < s->n_entries; i++)
        moves += s->entries[i].n_moves;
    k->groups = arena_array(&k->arena, 2 * n, sizeof(*k->groups));
    k->curves = arena_array(&k->arena, 4 * n, sizeof(*k->curves));
    k->bands = arena_array(&k->arena, moves + 2, sizeof(*k->bands));
    k->marks = arena_array(&k->arena, 2 * n + 3, sizeof(*k->marks));
    k->lines = arena_array(&k->arena, 3 * n + s->n_money + 1, sizeof(*k->lines));
    if (!k->groups || !k->curves || !k->bands || !k->marks || !k->lines)
        return -ENOMEM;
    k->model.window = (struct span){s->p0, s->p1};
    for (size_t i = 0; i < s->n_entries; i++)
        if (s->entries[i].is_judged)
            k->model.window.first = wall_min(k->model.window.first, s->entries[i].window.first);
    return 0;
}

static int add_entry(struct sketch *k, const struct story_entry *e)
{
    int r;

    if (!e->is_judged)
        return 0;
    if (k->t->story->subject.is_license) {
        r = add_machines(k, e);
        if (r >= 0)
            r = add_units(k, e);
    } else {
        r = add_mail_servers(k, e);
    }
    for (size_t i = 0; i < e->n_rules && r >= 0; i++)
        r = add_rule(k, e, &e->rules[i]);
    return r;
}

static void finish(struct sketch *k)
{
    const struct story *s = k->t->story;
    char period[PERIOD_TEXT_SIZE], as_of[ZONE_TEXT_SIZE];
    struct timeline *m = &k->model;

    m->title = words(k, "%s %s in %s", s->subject.is_license ? "Licence" : "Domain",
                     s->subject.name, period_format(s->period, period));
    m->footer =
        words(k,
              "Fair Use Policy of 1 September 2019; policy settings version %s; by what "
              "was known at %s; days are those of %s",
              s->policy, zone_format(k->t->zone, s->as_of, as_of), k->t->zone->name);
    m->state = s->state;
    m->zone = k->t->zone;
    m->groups = k->groups;
    m->curves = k->curves;
    m->bands = k->bands;
    m->marks = k->marks;
    m->lines = k->lines;
}

int explain_picture(const struct telling *t, enum timeline_format format)
{
    AUTO(sketch) struct sketch k = {.t = t};
    int r = sketch_init(&k);

    for (size_t i = 0; i < t->story->n_entries && r >= 0; i++)
        r = add_entry(&k, &t->story->entries[i]);
    if (r < 0)
        return r;
    add_lines(&k);
    add_marks(&k);
    finish(&k);
    if (k.error < 0)
        return k.error;
    return timeline_draw(&k.model, format, t->out);
}
