/*
 * What would clear a finding and by when, as sentences from the story's numbers: first what
 * the charging rules said, then the notices.
 */
#include "base/grow.h"
#include "run/story_parts.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct adviser {
    struct story_maker *m;
    int error; /* the first text that could not be kept; sticks */
    struct story_advice *v;
    size_t n, cap;
};

static void adviser_done(struct adviser *a)
{
    free(a->v);
}

/* The text is the story's already; NULL = out of memory. */
static int advise(struct adviser *a, struct story_advice said)
{
    if (!said.text)
        return -ENOMEM;
    int r = grow(&a->v, &a->cap, a->n + 1, sizeof(*a->v), SIZE_MAX);
    if (r >= 0)
        a->v[a->n++] = said;
    return r;
}

/* A text of the story's own; "" when out of memory, which is told at the end. */
static const char *keep(struct adviser *a, const char *text)
{
    const char *kept = arena_text(&a->m->s->arena, text_of(text));

    if (!kept)
        a->error = -ENOMEM;
    return kept ? kept : "";
}

/* A moment in the configured zone, kept by the story: sentences hold several. */
static const char *moment(struct adviser *a, wall_t t)
{
    char text[ZONE_TEXT_SIZE];
    return keep(a, zone_format(a->m->setup->zone, t, text));
}

static const char *length(struct adviser *a, dur_t d)
{
    char text[STORY_DUR_SIZE];
    return keep(a, story_dur(d, text));
}

static const char *month(struct adviser *a, period_t p)
{
    char text[PERIOD_TEXT_SIZE];
    return keep(a, period_format(p, text));
}

enum { NAMES_MAX = 4 };

/* "a, b, c and 2 more"; `add` gives the i-th name, or NULL where it is passed over. */
static const char *names(struct adviser *a, const void *of, size_t n,
                         const char *(*add)(struct adviser *a, const void *of, size_t i))
{
    AUTO(buf) struct buf b = BUF_INIT(65536);
    size_t used = 0;

    for (size_t i = 0; i < n; i++) {
        const char *name = add(a, of, i);
        if (!name || used++ >= NAMES_MAX)
            continue;
        buf_printf(&b, "%s%s", used > 1 ? ", " : "", name);
    }
    if (used > NAMES_MAX)
        buf_printf(&b, " and %zu more", used - NAMES_MAX);
    if (buf_error(&b) < 0)
        a->error = buf_error(&b);
    return keep(a, buf_str(&b));
}

/* One charging rule of one entry. */
struct verdict_of {
    const struct story_entry *e;
    const struct story_rule *rule;
};

/* A machine at a place that was there when the level was last at least 1. */
static const char *living_lane(struct adviser *a, const void *of, size_t i)
{
    const struct verdict_of *v = of;
    const struct story_lane *l = &v->e->lanes[i];
    char name[STORY_LANE_SIZE];

    for (size_t k = 0; k < l->presences.n; k++)
        if (l->presences.v[k].first.s <= v->rule->outlook.last.s &&
            l->presences.v[k].last.s >= v->rule->outlook.last.s)
            return keep(a, story_lane_name(v->e, l, name));
    return NULL;
}

static const char *outside_unit(struct adviser *a, const void *of, size_t i)
{
    const struct verdict_of *v = of;

    (void)a;
    return v->e->units[i].outside.s > 0 ? v->e->units[i].name : NULL;
}

/* The limit that holds at the window's end. */
static int64_t limit_now(const struct story_entry *e)
{
    return e->n_limits > 0 ? e->limits[e->n_limits - 1].limit : 0;
}

/* What a person can do about it. */
static const char *remedy(struct adviser *a, const struct verdict_of *v)
{
    const struct story_entry *e = v->e;

    if (v->rule->kind == FINDING_EXTRA_IP)
        return story_print(
            a->m,
            "Keep the licence on one machine at one place (present together: %s): take it off "
            "the others or give them licences of their own; where one network is one place, "
            "declare it one_place; while a migration lasts, declare a move.",
            names(a, v, e->n_lanes, living_lane));
    if (v->rule->kind == FINDING_OUTSIDE)
        return story_print(a->m,
                           "Declare the network that holds %s, from the day on which it came "
                           "into use, if it is the reseller's own; else move the licence into "
                           "a declared one.",
                           names(a, v, e->n_units, outside_unit));
    return story_print(
        a->m,
        "Bring the domain to %" PRId64 " %s or fewer, or agree on another limit with the "
        "account manager.",
        limit_now(e), e->policy.mailbox_basis == BASIS_ADDRESSES ? "addresses" : "mailboxes");
}

static struct story_advice about(const struct verdict_of *v, const char *text)
{
    return (struct story_advice){
        .kind = v->rule->kind, .reseller = v->e->reseller, .text = text};
}

static struct story_advice about_by(const struct verdict_of *v, wall_t by, const char *text)
{
    struct story_advice said = about(v, text);

    said.has_by = true;
    said.by = by;
    return said;
}

/* What of this period's time counts in the next one. */
static int advise_next(struct adviser *a, const struct verdict_of *v)
{
    const struct story_outlook *o = &v->rule->outlook;

    if (!o->has_next)
        return 0;
    if (a->m->s->as_of.s >= a->m->s->p1.s)
        return advise(a, about(v, story_print(a->m,
                                              "How it went on is the question of the next "
                                              "period: ask with --period %s.",
                                              month(a, o->next))));
    if (o->goes_on)
        return advise(
            a, about_by(v, o->next_free_until,
                        story_print(a->m,
                                    "For %s nothing is charged if it ends by %s: that period "
                                    "looks back to %s.",
                                    month(a, o->next), moment(a, o->next_free_until),
                                    moment(a, o->next_window))));
    if (o->next_carried.s > 0)
        return advise(
            a, about(v, story_print(a->m,
                                    "The next period looks back to %s: %s of this counts "
                                    "there; from %s on none of it does.",
                                    moment(a, o->next_window), length(a, o->next_carried),
                                    month(a, o->forgotten))));
    return advise(a, about(v, story_print(a->m,
                                          "The next period looks back to %s: nothing of this "
                                          "counts there.",
                                          moment(a, o->next_window))));
}

static int advise_confirmed(struct adviser *a, const struct verdict_of *v)
{
    const struct story_outlook *o = &v->rule->outlook;
    const char *when = o->goes_on ? "It still goes on." : "It has ended.";
    int r = advise(
        a, about(v, story_print(a->m,
                                "It is due for %s. %s Ending it now does not undo the time "
                                "that was seen; what was not known can: %s declared for that "
                                "time, or a person's decision (ledger dispute, ledger waive).",
                                month(a, a->m->s->period), when,
                                v->rule->kind == FINDING_EXTRA_IP  ? "a move or a network"
                                : v->rule->kind == FINDING_OUTSIDE ? "a network"
                                                                   : "another limit")));

    if (r >= 0 && o->goes_on)
        r = advise(a, about(v, remedy(a, v)));
    return r < 0 ? r : advise_next(a, v);
}

/* Potential, and still going on. */
static int advise_going_on(struct adviser *a, const struct verdict_of *v)
{
    const struct story_outlook *o = &v->rule->outlook;
    bool is_past = o->free_until.s < a->m->s->end.s;
    int r;

    if (!o->can_confirm)
        return advise(
            a, about(v, story_print(a->m,
                                    "It cannot be confirmed in %s any more: that would take "
                                    "until %s.",
                                    month(a, a->m->s->period), moment(a, o->free_until))));
    if (is_past)
        r = advise(a, about_by(v, o->free_until,
                               story_print(a->m,
                                           "The grace is used up: the next sighting, if it "
                                           "joins on to the last one (%s), confirms it.",
                                           moment(a, o->last))));
    else
        r = advise(a,
                   about_by(v, o->free_until,
                            story_print(a->m,
                                        "If all goes on as now it is confirmed at %s; it stays "
                                        "free of charge if it ends by %s (%s of the grace are "
                                        "left).",
                                        moment(a, (wall_t){o->free_until.s + 1}),
                                        moment(a, o->free_until), length(a, o->grace_left))));
    return r;
}

/* Potential, and over: what it would take to come back. */
static int advise_ended(struct adviser *a, const struct verdict_of *v)
{
    const struct story_outlook *o = &v->rule->outlook;
    int64_t missing = o->free_until.s - o->last.s;

    if (a->m->s->end.s >= a->m->s->p1.s || missing >= a->m->s->p1.s - a->m->s->end.s)
        return advise(a, about(v, story_print(a->m, "It ended at %s, and is not charged in %s.",
                                              moment(a, o->last), month(a, a->m->s->period))));
    return advise(
        a, about_by(v, a->m->s->p1,
                    story_print(a->m,
                                "It ended at %s. Nothing is charged if it does not come back: "
                                "more than %s of it before %s would be confirmed.",
                                moment(a, o->last), length(a, (dur_t){missing}),
                                moment(a, a->m->s->p1))));
}

static int advise_potential(struct adviser *a, const struct verdict_of *v)
{
    const struct story_outlook *o = &v->rule->outlook;
    int r = o->goes_on ? advise_going_on(a, v) : advise_ended(a, v);

    if (r >= 0 && o->goes_on)
        r = advise(a, about(v, remedy(a, v)));
    return r < 0 ? r : advise_next(a, v);
}

static int advise_rule(struct adviser *a, const struct verdict_of *v)
{
    switch (v->rule->answer.state) {
    case STATE_CONFIRMED: return advise_confirmed(a, v);
    case STATE_POTENTIAL: return advise_potential(a, v);
    case STATE_CLEAR:
    case STATE_NOTICE: return 0;
    }
    return 0;
}

/* The binding against where the licence really was. */
static const char *elsewhere(struct adviser *a, const char *reseller)
{
    const struct story *s = a->m->s;

    for (size_t i = 0; i < s->n_entries; i++) {
        const struct story_entry *e = &s->entries[i];
        const struct story_unit *bound = NULL, *other = NULL;
        if (!reseller || strcmp(e->reseller, reseller) != 0 || e->binding.family == 0)
            continue;
        for (size_t k = 0; k < e->n_units; k++) {
            const struct story_unit *u = &e->units[k];
            if (strcmp(u->name, e->binding_unit) == 0)
                bound = u;
            else if (u->family == ADDR_IPV4 && (!other || u->present.s > other->present.s))
                other = u;
        }
        if (!other)
            continue;
        return story_print(a->m,
                           "At the vendor the licence is bound to %s (%s%s); it was at %s for "
                           "%s (last seen %s). "
                           "Have the binding changed, or bring the licence back.",
                           e->binding_unit,
                           bound ? "last seen there " : "not seen there in this time",
                           bound ? moment(a, bound->last) : "", other->name,
                           length(a, other->present), moment(a, other->last));
    }
    return NULL;
}

/* What to do about a notice, where it takes no numbers to say it. */
static const char *const notice_texts[FINDING_KIND_COUNT] = {
    [FINDING_MANY_ADDRESSES] =
        "One machine used several addresses at once. That alone is not charged. If they "
        "are one place, declare their network one_place.",
    [FINDING_SECOND_SERVER] =
        "Several machines used the licence behind one address. That alone is not "
        "charged, but a licence is for one server: give each its own.",
    [FINDING_ROAMING] =
        "The licence was at many places in one month, one after another. That alone is "
        "not charged. Look whether it is passed around.",
    [FINDING_SPLIT_DOMAIN] =
        "The domain's mailboxes are spread over several servers and exceed the limit "
        "together. That alone is not charged. Look whether they are copies of each "
        "other; if so, clear the old one.",
    [FINDING_UNDECLARED] =
        "The reseller has declared no network for this period, so that it cannot be "
        "told whether its licences are in its own infrastructure. Declare its networks.",
    [FINDING_UNKNOWN_LICENSE] =
        "The licence is in use, but is in nobody's name in the estate at that time. Add "
        "it to the estate, or ask the reseller where it comes from.",
    [FINDING_EXPIRED_IN_USE] =
        "The licence was still in use after its entry in the estate had ended. Renew "
        "it, correct the date, or take it off the server.",
    [FINDING_FOREIGN_SERVER] =
        "The licence was seen on a server of another reseller. Nobody is charged for "
        "that. Find out whose server it is: one of the two is wrongly in the estate.",
    [FINDING_SILENT] =
        "Nothing was heard of it lately. See that the agent runs and reaches the "
        "collector; if the server is gone, say so (server retire).",
    [FINDING_NEVER_SEEN] =
        "No agent ever saw the licence. Install the agent on its server, or end the "
        "licence if it is not in use.",
    [FINDING_NEVER_COUNTED] =
        "No agent ever counted the domain's mailboxes. Install the agent on its mail "
        "server, or end the filter if it is not in use.",
    [FINDING_RECURRING] =
        "In at least three of the last six periods an extra address was seen without "
        "being charged. Talk with the reseller about how the licence is used.",
};

static int advise_notice(struct adviser *a, const struct story_notice *n)
{
    const char *text =
        n->kind == FINDING_ELSEWHERE ? elsewhere(a, n->reseller) : notice_texts[n->kind];

    if (!text)
        return 0;
    return advise(
        a, (struct story_advice){.kind = n->kind, .reseller = n->reseller, .text = text});
}

int story_advise(struct story_maker *m)
{
    AUTO(adviser) struct adviser a = {.m = m};
    struct story *s = m->s;
    int r = 0;

    for (size_t i = 0; i < s->n_entries; i++)
        for (size_t k = 0; k < s->entries[i].n_rules && r >= 0; k++)
            r = advise_rule(&a, &(struct verdict_of){&s->entries[i], &s->entries[i].rules[k]});
    for (size_t i = 0; i < s->n_notices && r >= 0; i++)
        r = advise_notice(&a, &s->notices[i]);
    if (r >= 0)
        r = a.error;
    if (r < 0)
        return r;
    s->advice = story_keep(m, a.v, a.n, sizeof(*a.v));
    s->n_advice = a.n;
    return s->advice ? 0 : -ENOMEM;
}
