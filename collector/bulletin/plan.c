/* Which findings a text tells, and which resellers it writes out, of more than fit. */
#include "bulletin/plan.h"

bool plan_is_ended(const struct bulletin *r, const struct bulletin_line *l)
{
    if (l->change == CHANGE_RESOLVED)
        return true;
    return r->audience == AUDIENCE_RESELLER && l->change == CHANGE_ENDED;
}

bool plan_is_grouped(const struct bulletin_reseller *x, const struct bulletin_line *l)
{
    return x && l->group >= 0 && (size_t)l->group < x->n_groups;
}

bool plan_is_alike(const struct bulletin *r, const struct bulletin_line *a,
                   const struct bulletin_line *b)
{
    return a->group == b->group && a->state == b->state && !plan_is_ended(r, a);
}

bool plan_is_told(const struct bulletin *r, const struct bulletin_reseller *x,
                  const struct bulletin_line *lines, size_t i)
{
    if (plan_is_ended(r, &lines[i]))
        return false;
    if (!plan_is_grouped(x, &lines[i]))
        return true;
    for (size_t k = 0; k < i; k++)
        if (plan_is_alike(r, &lines[k], &lines[i]))
            return false;
    return true;
}

int64_t plan_stands_for(const struct bulletin *r, const struct bulletin_reseller *x,
                        const struct bulletin_line *l)
{
    int64_t n = 0;

    if (!plan_is_grouped(x, l))
        return 1;
    for (size_t i = 0; i < x->n_lines; i++)
        n += plan_is_alike(r, &x->lines[i], l) ? 1 : 0;
    return n;
}

static void count(const struct bulletin *r, const struct bulletin_reseller *x,
                  size_t ret_items[PLAN_STATE_COUNT])
{
    const struct bulletin_line *lines = x ? x->lines : r->unassigned;
    size_t n = x ? x->n_lines : r->n_unassigned;

    for (size_t i = 0; i < n; i++)
        if (plan_is_told(r, x, lines, i))
            ret_items[lines[i].state]++;
}

/* Of so many of each state, at most `most`: the gravest. */
static void share(const size_t items[PLAN_STATE_COUNT], size_t most,
                  size_t ret[PLAN_STATE_COUNT])
{
    static const enum finding_state order[] = {STATE_CONFIRMED, STATE_POTENTIAL, STATE_NOTICE,
                                               STATE_CLEAR};

    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        enum finding_state state = order[i];
        ret[state] = items[state] < most ? items[state] : most;
        most -= ret[state];
    }
}

/* STATE_CLEAR: amounts alone. */
static enum finding_state gravest(const struct bulletin *r, const struct bulletin_reseller *x)
{
    enum finding_state most = STATE_CLEAR;

    for (size_t i = 0; i < x->n_lines; i++)
        if (!plan_is_ended(r, &x->lines[i]) && x->lines[i].state > most)
            most = x->lines[i].state;
    return most;
}

struct plan plan_of(const struct bulletin *r)
{
    size_t items[PLAN_STATE_COUNT] = {0}, resellers[PLAN_STATE_COUNT] = {0};
    struct plan p = {0};

    for (size_t i = 0; i < r->n_resellers; i++) {
        const struct bulletin_reseller *x = &r->resellers[i];
        count(r, x, items);
        if (!plan_is_quiet(r, x))
            resellers[gravest(r, x)]++;
    }
    count(r, NULL, items);
    share(items, r->shown_max, p.left);
    share(resellers, r->shown_max, p.sections);
    return p;
}

bool plan_take(struct plan *p, enum finding_state state, int64_t n)
{
    if (p->left[state] == 0) {
        p->not_shown += n;
        return false;
    }
    p->left[state]--;
    return true;
}

bool plan_is_quiet(const struct bulletin *r, const struct bulletin_reseller *x)
{
    if (x->n_money > 0 || x->n_holds > 0 || x->n_more > 0)
        return false;
    for (size_t i = 0; i < x->n_lines; i++)
        if (!plan_is_ended(r, &x->lines[i]))
            return false;
    return true;
}

bool plan_take_section(struct plan *p, const struct bulletin *r,
                       const struct bulletin_reseller *x)
{
    enum finding_state state = gravest(r, x);

    if (p->sections[state] > 0) {
        p->sections[state]--;
        return true;
    }
    for (size_t i = 0; i < x->n_lines; i++)
        p->not_shown += plan_is_ended(r, &x->lines[i]) ? 0 : 1;
    return false;
}

static bool changed_alike(const struct plan_news *w, size_t i, size_t k)
{
    const struct bulletin_line *a = &w->lines[i], *b = &w->lines[k];

    return w->x && a->group >= 0 && a->group == b->group && a->state == b->state &&
           a->change == b->change;
}

bool plan_news_is_told(const struct plan_news *w, size_t at)
{
    if (w->lines[at].change == CHANGE_NONE)
        return false;
    for (size_t i = 0; i < at; i++)
        if (changed_alike(w, i, at))
            return false;
    return true;
}

int64_t plan_news_followers(const struct plan_news *w, size_t at)
{
    int64_t n = 0;

    for (size_t i = at + 1; i < w->n; i++)
        n += changed_alike(w, i, at) ? 1 : 0;
    return n;
}

int64_t plan_not_kept(const struct bulletin *r)
{
    int64_t n = r->n_unassigned_more;

    for (size_t i = 0; i < r->n_resellers; i++)
        n += r->resellers[i].n_more;
    return n;
}
