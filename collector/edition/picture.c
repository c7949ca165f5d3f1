/* A mail's timeline: from a story to the model of its picture, for one reseller and one
 * finding.
 */
#include "edition/picture.h"
#include "edition/picture_parts.h"
#include <errno.h>
#include <string.h>

enum { DAY_S = 86400, AHEAD_S = 62 * DAY_S };

bool picture_is_own(const struct picture_sketch *k, const struct story_entry *e)
{
    return e->is_judged && strcmp(e->reseller, k->reseller) == 0;
}

const struct story_rule *picture_rule(const struct picture_sketch *k,
                                      const struct story_entry *e)
{
    for (size_t i = 0; picture_is_own(k, e) && i < e->n_rules; i++)
        if (e->rules[i].kind == k->line->kind)
            return &e->rules[i];
    return NULL;
}

/* ---- The time shown -------------------------------------------------------------------- */

/* Whether something of the previous month counts: then it is shown. */
static bool looks_back(const struct picture_sketch *k, const struct story_entry *e)
{
    const struct story_rule *rule = picture_rule(k, e);

    return rule && rule->held.n > 0 && rule->held.v[0].first.s < k->story->p0.s;
}

/* Whether it will cost something, and that moment is near enough to be shown. */
static bool has_outlook(const struct picture_sketch *k)
{
    const struct bulletin_line *l = k->line;

    return l->state == STATE_POTENTIAL && l->has_confirms && l->confirms_at.s > k->end.s &&
           l->confirms_at.s < k->story->p1.s + AHEAD_S;
}

static void set_window(struct picture_sketch *k)
{
    const struct story *s = k->story;

    k->end = s->end;
    k->window = (struct span){s->p0, s->p1};
    for (size_t i = 0; i < s->n_entries; i++)
        if (looks_back(k, &s->entries[i]))
            k->window.first = wall_min(k->window.first, s->entries[i].window.first);
    if (has_outlook(k) && k->line->confirms_at.s >= s->p1.s)
        k->window.last.s = k->line->confirms_at.s + DAY_S;
}

/* ---- Bands and marks ------------------------------------------------------------------- */

static int add_bands(struct picture_sketch *k, struct timeline *t)
{
    const struct story *s = k->story;
    size_t moves = 0;

    for (size_t i = 0; i < s->n_entries; i++)
        moves += s->entries[i].n_moves;
    struct timeline_band *v = arena_array(k->arena, moves + 2, sizeof(*v));
    if (!v)
        return -ENOMEM;
    t->bands = v;
    if (k->window.first.s < s->p0.s)
        v[t->n_bands++] = (struct timeline_band){{k->window.first, s->p0}, TIMELINE_LOOK_BACK};
    if (k->end.s < k->window.last.s)
        v[t->n_bands++] = (struct timeline_band){{k->end, k->window.last}, TIMELINE_FUTURE};
    for (size_t i = 0; i < s->n_entries; i++) {
        const struct story_entry *e = &s->entries[i];
        for (size_t m = 0; picture_is_own(k, e) && m < e->n_moves; m++)
            v[t->n_bands++] =
                (struct timeline_band){{e->moves[m].from, e->moves[m].to}, TIMELINE_MOVE};
    }
    return 0;
}

/* Whether a confirmed finding of this kind ends up on an invoice. */
static bool costs(const struct bulletin_line *l)
{
    return l->cost.is_known && !l->is_trial && !l->is_waived;
}

static struct timeline_mark mark_at(struct picture_sketch *k, wall_t at, enum word w)
{
    char when[VOICE_TEXT_SIZE];

    return (struct timeline_mark){at, picture_say(k, w, voice_day(&k->voice, at, when), NULL)};
}

/* When it was confirmed: the earliest of several entries. */
static bool find_confirmed(const struct picture_sketch *k, wall_t *ret)
{
    bool is_found = false;

    for (size_t i = 0; k->line->state == STATE_CONFIRMED && i < k->story->n_entries; i++) {
        const struct story_rule *rule = picture_rule(k, &k->story->entries[i]);
        if (!rule || !rule->outlook.has_confirmed_at)
            continue;
        *ret =
            is_found ? wall_min(*ret, rule->outlook.confirmed_at) : rule->outlook.confirmed_at;
        is_found = true;
    }
    return is_found;
}

static int add_marks(struct picture_sketch *k, struct timeline *t)
{
    struct timeline_mark *v = arena_array(k->arena, 2, sizeof(*v));
    wall_t confirmed;

    if (!v)
        return -ENOMEM;
    t->marks = v;
    if (find_confirmed(k, &confirmed))
        v[t->n_marks++] = mark_at(k, confirmed, WORD_PICTURE_CONFIRMED_AT);
    if (has_outlook(k))
        v[t->n_marks++] =
            mark_at(k, k->line->confirms_at,
                    costs(k->line) ? WORD_PICTURE_COSTS_FROM : WORD_PICTURE_CONFIRMS_AT);
    return 0;
}

/* ---- What is too much ------------------------------------------------------------------ */

static enum word held_word(enum finding_kind kind)
{
    return kind == FINDING_EXTRA_IP  ? WORD_PICTURE_HELD_EXTRA_IP
           : kind == FINDING_OUTSIDE ? WORD_PICTURE_HELD_OUTSIDE
                                     : WORD_PICTURE_HELD_MAILBOXES;
}

/* One lane of the time that was too much; with several entries, of all of them. */
static int add_held(struct picture_sketch *k, struct timeline_group *ret)
{
    const struct story *s = k->story;
    struct timeline_lane *lane = arena_array(k->arena, 1, sizeof(*lane));
    dur_t held = {0}, grace = {0};
    size_t n = 1;
    char sum[VOICE_TEXT_SIZE], free_of_charge[VOICE_TEXT_SIZE];

    for (size_t i = 0; i < s->n_entries; i++)
        n += picture_rule(k, &s->entries[i]) ? picture_rule(k, &s->entries[i])->held.n : 0;
    struct timeline_bar *bars = arena_array(k->arena, n, sizeof(*bars));
    if (!lane || !bars)
        return -ENOMEM;
    *lane = (struct timeline_lane){.label = "", .detail = "", .bars = bars};
    for (size_t i = 0; i < s->n_entries; i++) {
        const struct story_rule *rule = picture_rule(k, &s->entries[i]);
        for (size_t j = 0; rule && j < rule->held.n; j++)
            bars[lane->n_bars++] = (struct timeline_bar){rule->held.v[j], TIMELINE_OVER};
        if (rule && rule->answer.in_window.s >= held.s) {
            held = rule->answer.in_window;
            grace = rule->terms.grace;
        }
    }
    if (has_outlook(k))
        bars[lane->n_bars++] =
            (struct timeline_bar){{k->end, k->line->confirms_at}, TIMELINE_GOES_ON};
    *ret = (struct timeline_group){
        .title = picture_say(k, held_word(k->line->kind), voice_duration(&k->voice, held, sum),
                             voice_duration(&k->voice, grace, free_of_charge)),
        .lanes = lane,
        .n_lanes = 1,
    };
    return 0;
}

static bool was_held(const struct picture_sketch *k)
{
    for (size_t i = 0; i < k->story->n_entries; i++) {
        const struct story_rule *rule = picture_rule(k, &k->story->entries[i]);
        if (rule && rule->held.n > 0)
            return true;
    }
    return false;
}

static int add_groups(struct picture_sketch *k, struct timeline *t)
{
    struct timeline_group *v = arena_array(k->arena, 2, sizeof(*v));
    bool is_license = k->story->subject.is_license;

    if (!v)
        return -ENOMEM;
    t->groups = v;
    v[t->n_groups++] = (struct timeline_group){
        .title = voice_word(&k->voice, is_license ? WORD_PICTURE_WHERE : WORD_PICTURE_COUNTED),
        .lanes = k->lanes,
        .n_lanes = k->n_lanes,
    };
    if (!was_held(k))
        return 0;
    return add_held(k, &v[t->n_groups++]);
}

/* A domain's count against its limit, of the entry that reaches furthest. */
static int add_count(struct picture_sketch *k, struct timeline *t)
{
    const struct story_entry *e = NULL;

    for (size_t i = 0; i < k->story->n_entries; i++)
        if (picture_rule(k, &k->story->entries[i]) && k->story->entries[i].count.n > 0 &&
            (!e || k->story->entries[i].v.last.s > e->v.last.s))
            e = &k->story->entries[i];
    if (!e || k->line->kind != FINDING_MAILBOXES)
        return 0;
    struct timeline_curve *c = arena_array(k->arena, 1, sizeof(*c));
    struct timeline_point *points = arena_array(k->arena, e->count.n, sizeof(*points));
    struct timeline_limit *limits = arena_array(k->arena, e->n_limits + 1, sizeof(*limits));
    if (!c || !points || !limits)
        return -ENOMEM;
    for (size_t i = 0; i < e->count.n; i++)
        points[i] =
            (struct timeline_point){wall_min(e->count.v[i].at, k->end), e->count.v[i].after};
    for (size_t i = 0; i < e->n_limits; i++)
        limits[i] = (struct timeline_limit){e->limits[i].at, e->limits[i].limit};
    /* The last limit holds on, for all that is known. */
    if (e->n_limits > 0)
        limits[e->n_limits - 1].at.last = k->window.last;
    *c = (struct timeline_curve){.title = voice_word(&k->voice, WORD_PICTURE_COUNT),
                                 .points = points,
                                 .n_points = e->count.n,
                                 .until = wall_min(e->window.last, k->end),
                                 .limits = limits,
                                 .n_limits = e->n_limits,
                                 .limit_label = voice_word(&k->voice, WORD_PICTURE_LIMIT)};
    t->curves = c;
    t->n_curves = 1;
    return 0;
}

/* ---- Words ----------------------------------------------------------------------------- */

/* Whether what was found goes on, by what is known. */
static bool goes_on(const struct picture_sketch *k)
{
    for (size_t i = 0; i < k->story->n_entries; i++) {
        const struct story_rule *rule = picture_rule(k, &k->story->entries[i]);
        if (rule && rule->outlook.goes_on)
            return true;
    }
    return false;
}

static enum word quantity_word(enum finding_kind kind)
{
    return kind == FINDING_EXTRA_IP  ? WORD_PICTURE_EXTRA_IP
           : kind == FINDING_OUTSIDE ? WORD_PICTURE_OUTSIDE
                                     : WORD_PICTURE_MAILBOXES;
}

static int add_lines(struct picture_sketch *k, struct timeline *t)
{
    const struct bulletin_line *l = k->line;
    const char **v = arena_array(k->arena, 3, sizeof(*v));
    char when[VOICE_TEXT_SIZE];

    if (!v)
        return -ENOMEM;
    t->lines = v;
    if (l->quantity > 0)
        v[t->n_lines++] = picture_say_n(k, quantity_word(l->kind), l->quantity);
    if (l->is_trial || l->is_waived)
        v[t->n_lines++] =
            voice_word(&k->voice, l->is_trial ? WORD_PICTURE_TRIAL : WORD_PICTURE_WAIVED);
    else if (has_outlook(k))
        v[t->n_lines++] =
            picture_say(k, costs(l) ? WORD_PICTURE_COSTS_IF : WORD_PICTURE_CONFIRMS_IF,
                        voice_moment(&k->voice, l->confirms_at, when), NULL);
    else if (l->state == STATE_POTENTIAL && !l->has_confirms && !goes_on(k))
        v[t->n_lines++] = voice_word(&k->voice, WORD_PICTURE_ENDED);
    return 0;
}

static void add_title(struct picture_sketch *k, const struct bulletin *r, struct timeline *t)
{
    char name[VOICE_NAME_SIZE], period[VOICE_TEXT_SIZE], as_of[VOICE_TEXT_SIZE];

    t->title = picture_say(
        k, k->story->subject.is_license ? WORD_PICTURE_LICENSE : WORD_PICTURE_DOMAIN,
        voice_name(k->line->shown, name), voice_period(&k->voice, k->line->period, period));
    t->footer = picture_say(k, WORD_PICTURE_FOOTER, voice_moment(&k->voice, r->as_of, as_of),
                            r->zone->name);
}

/* ---- The whole ------------------------------------------------------------------------- */

static int make_model(struct picture_sketch *k, const struct bulletin *r, struct timeline *t)
{
    set_window(k);
    picture_fill_words(k);
    add_title(k, r, t);
    t->words = &k->words;
    t->state = k->line->state;
    t->zone = r->zone;
    t->window = k->window;
    int e = picture_add_lanes(k);
    if (e >= 0 && k->n_lanes == 0)
        return -ENOENT;
    if (e >= 0)
        e = add_bands(k, t);
    if (e >= 0)
        e = add_marks(k, t);
    if (e >= 0)
        e = add_groups(k, t);
    if (e >= 0)
        e = add_count(k, t);
    if (e >= 0)
        e = add_lines(k, t);
    return e < 0 ? e : k->error;
}

int edition_picture(const struct edition_picture_order *o, struct buf *out,
                    struct edition_picture_size *ret, struct diag *d)
{
    const struct bulletin_line *l = o->line;
    const struct bulletin *r = o->bulletin;
    AUTO(story) struct story story = {0};
    AUTO(arena) struct arena arena = {0};
    struct story_subject subject;
    struct timeline t = {
        .width = PICTURE_WIDTH, .scale = PICTURE_SCALE, .lanes_max = PICTURE_LANES_MAX};
    struct timeline_size size;
    struct diag ignored = {""};

    /* Other kinds are also about servers and addresses: their names may look like domains. */
    if (!o->reseller || !bulletin_is_charging(l->kind) ||
        story_subject_parse(text_of(l->subject), &subject, &ignored) == -EBADMSG)
        return -ENOENT;
    int e = story_load(o->run, &subject, l->period, &story, d);
    if (e < 0)
        return e == -ERANGE ? -ENOENT : e;
    struct picture_sketch k = {.line = l,
                               .reseller = o->reseller,
                               .story = &story,
                               .voice = voice_of(r->language, r->zone),
                               .arena = &arena};
    e = make_model(&k, r, &t);
    if (e >= 0)
        e = timeline_draw_sized(&t, TIMELINE_PNG_SMALL, out, &size);
    if (e < 0)
        return e == -EIO ? diag_set(d, e, "the picture of %s cannot be drawn", l->subject) : e;
    *ret = (struct edition_picture_size){(uint32_t)size.width, (uint32_t)size.height};
    return 0;
}
