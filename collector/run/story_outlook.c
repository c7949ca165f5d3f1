/*
 * What comes of a level if it goes on, and if it does not (SPEC 6, "Sustained"): the same sums
 * as the question itself, looked at from E on.
 */
#include "run/story_parts.h"

/* Up to where a level that goes on stays unconfirmed: one second more is longer than both. */
static wall_t free_until(wall_t from, dur_t grace, dur_t in_window, dur_t min, dur_t in_v)
{
    int64_t missing = grace.s - in_window.s;

    if (min.s - in_v.s > missing)
        missing = min.s - in_v.s;
    return (wall_t){from.s + (missing > 0 ? missing : 0)};
}

/* The first period after this one whose look-back begins at or after `last`. */
static period_t first_that_forgets(const struct story_maker *m, wall_t last, dur_t grace)
{
    period_t p = period_plus(m->s->period, 1);

    while (period_start(m->setup->zone, p).s - grace.s < last.s)
        p = period_plus(p, 1);
    return p;
}

/* The grace that a policy gives a kind. */
static dur_t grace_of(const struct policy *p, enum finding_kind kind)
{
    if (kind == FINDING_MAILBOXES)
        return p->mailbox_sustain;
    return kind == FINDING_OUTSIDE ? p->outside_grace : p->grace;
}

static void look_ahead(const struct story_maker *m, const struct entry *e,
                       enum finding_kind kind, const struct spans *held,
                       struct story_outlook *o)
{
    wall_t p1 = m->s->p1;
    const struct policy *next =
        policy_for(policy_version_at(m->setup->policies, p1), e->reseller->id);
    dur_t grace = grace_of(next, kind);
    struct span back = {{p1.s - grace.s}, p1};

    if (e->valid.to.s <= p1.s)
        return;
    o->has_next = true;
    o->next = period_plus(m->s->period, 1);
    o->next_window = back.first;
    o->next_carried = spans_measure(held->v, held->n, back);
    if (o->goes_on)
        o->next_carried.s += p1.s - wall_max(o->last, back.first).s;
    o->next_free_until = free_until(p1, grace, o->next_carried, next->period_min, (dur_t){0});
    o->forgotten = first_that_forgets(m, o->last, grace);
}

/* The first moment at which the time held since `from` is longer than `limit`. */
static bool longer_at(const struct spans *held, wall_t from, dur_t limit, wall_t *ret)
{
    int64_t left = limit.s;

    for (size_t i = 0; i < held->n; i++) {
        struct span part = held->v[i];
        if (!span_cut(&part, (struct span){from, WALL_END}))
            continue;
        if (part.last.s - part.first.s > left) {
            ret->s = part.first.s + left + 1;
            return true;
        }
        left -= part.last.s - part.first.s;
    }
    return false;
}

struct story_outlook story_outlook(const struct story_maker *m, const struct entry *e,
                                   const struct story_rule *rule, const struct spans *held)
{
    const struct level_terms *t = &rule->terms;
    const struct level_answer *answer = &rule->answer;
    struct story_outlook o = {.has_last = held->n > 0};
    int64_t left = t->grace.s - answer->in_window.s;

    o.grace_left.s = left > 0 ? left : 0;
    if (!o.has_last)
        return o;
    o.last = held->v[held->n - 1].last;
    /* Once the entry has ended nothing goes on in it. */
    o.goes_on = t->end.s - o.last.s <= e->policy->bridge.s && e->valid.to.s > t->end.s;
    o.free_until = free_until(o.last, t->grace, answer->in_window, t->period_min, answer->in_v);
    o.can_confirm = o.free_until.s < wall_min(m->s->p1, e->valid.to).s;
    wall_t by_grace, by_period;
    if (answer->state == STATE_CONFIRMED &&
        longer_at(held, t->window.first, t->grace, &by_grace) &&
        longer_at(held, t->v.first, t->period_min, &by_period)) {
        o.has_confirmed_at = true;
        o.confirmed_at = wall_max(by_grace, by_period);
    }
    look_ahead(m, e, rule->kind, held, &o);
    return o;
}
