/* What is counted of a reseller while its findings go by. */
#include "base/grow.h"
#include "edition/edition_parts.h"
#include <errno.h>
#include <string.h>

enum { SOON_S = 7 * 86400 };

/* ---- Sums ------------------------------------------------------------------------------ */

void sums_done(struct sums *s)
{
    free(s->v);
    *s = (struct sums){0};
}

struct bulletin_sum *sums_of(struct sums *s, const struct currency *c)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->v[i].currency == c)
            return &s->v[i];
    if (grow(&s->v, &s->cap, s->n + 1, sizeof(*s->v), SIZE_MAX) < 0)
        return NULL;
    s->v[s->n] = (struct bulletin_sum){.currency = c};
    return &s->v[s->n++];
}

int sums_add(struct sums *to, const struct sums *from)
{
    int r = 0;

    for (size_t i = 0; i < from->n && r >= 0; i++) {
        const struct bulletin_sum *x = &from->v[i];
        struct bulletin_sum *sum = sums_of(to, x->currency);
        if (!sum)
            return -ENOMEM;
        r = money_add(sum->draft, x->draft, &sum->draft);
        if (r >= 0)
            r = money_add(sum->adjustment, x->adjustment, &sum->adjustment);
        if (r >= 0)
            r = money_add(sum->entered, x->entered, &sum->entered);
        if (r >= 0)
            r = money_add(sum->would, x->would, &sum->would);
    }
    return r;
}

static int sum_compare(const void *a, const void *b)
{
    const struct bulletin_sum *x = a, *y = b;
    return strcmp(x->currency->code, y->currency->code);
}

int sums_keep(struct sums *s, struct arena *keep, struct bulletin *b)
{
    struct bulletin_sum *v = arena_array(keep, s->n + 1, sizeof(*v));

    if (!v)
        return -ENOMEM;
    if (s->n > 0)
        memcpy(v, s->v, s->n * sizeof(*v));
    if (s->n > 1)
        qsort(v, s->n, sizeof(*v), sum_compare);
    b->sums = v;
    b->n_sums = s->n;
    return 0;
}

void news_count(struct news *n, enum bulletin_change change)
{
    n->is_new += change == CHANGE_NEW;
    n->is_resolved += change == CHANGE_RESOLVED;
    n->is_changed += change != CHANGE_NONE && change != CHANGE_NEW && change != CHANGE_RESOLVED;
}

/* ---- The tally ------------------------------------------------------------------------- */

void reckoning_reset(struct reckoning *t)
{
    struct reckoning empty = {.money = t->money,
                              .cap_money = t->cap_money,
                              .tonight = t->tonight,
                              .cap_tonight = t->cap_tonight,
                              .sums = t->sums};

    *t = empty;
    t->sums.n = 0;
}

void reckoning_done(struct reckoning *t)
{
    free(t->money);
    free(t->tonight);
    sums_done(&t->sums);
    *t = (struct reckoning){0};
}

static struct bulletin_money *money_row(struct reckoning *t, const struct draft *d)
{
    for (size_t i = 0; i < t->n_money; i++)
        if (t->money[i].period.month == d->period.month && t->money[i].kind == d->kind &&
            t->money[i].currency == d->currency)
            return &t->money[i];
    if (grow(&t->money, &t->cap_money, t->n_money + 1, sizeof(*t->money), SIZE_MAX) < 0)
        return NULL;
    t->money[t->n_money] =
        (struct bulletin_money){.period = d->period, .kind = d->kind, .currency = d->currency};
    return &t->money[t->n_money++];
}

static int hold(struct reckoning *t, const struct draft *d, struct arena *keep)
{
    if (!d->is_waived && !d->is_disputed)
        return 0;
    if (t->n_holds == ARRAY_LEN(t->holds)) {
        t->n_holds_more++;
        return 0;
    }
    const char *subject = arena_text(keep, text_of(d->subject));
    if (!subject)
        return -ENOMEM;
    t->holds[t->n_holds++] = (struct bulletin_hold){
        .period = d->period,
        .kind = d->kind,
        .subject = subject,
        .is_waived = d->is_waived,
        .amount = d->is_waived ? d->entered : d->draft,
        .currency = d->currency,
    };
    return 0;
}

static int add_to_sums(struct reckoning *t, const struct draft *d, bool is_closed)
{
    struct bulletin_sum *sum = d->is_trial ? NULL : sums_of(&t->sums, d->currency);
    int r = 0;

    if (!sum)
        return d->is_trial ? 0 : -ENOMEM;
    if (draft_is_enterable(d)) {
        money_t *at = is_closed ? &sum->adjustment : &sum->draft;
        r = money_add(*at, d->draft, at);
    }
    return r < 0 || is_closed ? r : money_add(sum->entered, d->entered, &sum->entered);
}

int reckoning_money(struct reckoning *t, const struct draft *d, bool is_closed,
                    struct arena *keep)
{
    struct bulletin_money *row = money_row(t, d);

    if (!row)
        return -ENOMEM;
    row->is_closed = is_closed;
    row->keys++;
    row->unpriced += d->due.basis == DUE_UNPRICED;
    int r = money_add(row->due, d->due.amount, &row->due);
    if (r >= 0)
        r = money_add(row->entered, d->entered, &row->entered);
    if (r >= 0 && !d->is_disputed)
        r = money_add(row->draft, d->draft, &row->draft);
    if (r >= 0)
        r = add_to_sums(t, d, is_closed);
    return r < 0 ? r : hold(t, d, keep);
}

int reckoning_key(struct reckoning *t, const struct finding *f, struct arena *keep)
{
    int r = grow(&t->tonight, &t->cap_tonight, t->n_tonight + 1, sizeof(*t->tonight), SIZE_MAX);
    const char *subject = r < 0 ? NULL : arena_text(keep, text_of(f->subject));

    if (!subject)
        return -ENOMEM;
    t->tonight[t->n_tonight++] =
        (struct tonight_key){f->period, charge_of_finding(f->kind), subject};
    return 0;
}

/* Which open period it is, as a bit. */
static uint64_t period_bit(const struct run_periods *p, period_t period)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->v[i].month == period.month)
            return UINT64_C(1) << i;
    return 0;
}
static_assert(RUN_PERIODS_MAX <= 64, "a bit for each period");

static void note_confirmed(struct reckoning *t, const struct run_periods *periods,
                           const struct bulletin_line *l, const struct change *c)
{
    uint64_t bit = period_bit(periods, l->period);

    if (l->is_trial || l->is_waived)
        return;
    if (c->was_confirmed)
        t->struck_before |= bit;
    else
        t->struck_now |= bit;
    if (l->change == CHANGE_NEW || l->change == CHANGE_WORSE)
        t->reasons |= REASON_CONFIRMED;
}

/* It will cost money, or break the policy for good, and can still be cleared. */
static void note_potential(struct reckoning *t, wall_t as_of, const struct bulletin_line *l)
{
    bool matters = l->kind == FINDING_OUTSIDE || (l->cost.is_known && l->cost.amount.minor > 0);
    bool is_near = l->confirms_at.s - as_of.s <= SOON_S || l->change == CHANGE_NEW;

    if (!l->has_confirms || l->is_waived || !matters || !is_near)
        return;
    t->reasons |= REASON_SOON;
    t->by = t->has_by ? wall_min(t->by, l->confirms_at) : l->confirms_at;
    t->has_by = true;
}

static int add_would(struct reckoning *t, const struct bulletin_line *l)
{
    if (l->is_trial || l->is_waived || l->is_disputed || !l->has_confirms || !l->cost.is_known)
        return 0;
    struct bulletin_sum *sum = sums_of(&t->sums, l->cost.currency);
    return sum ? money_add(sum->would, l->cost.amount, &sum->would) : -ENOMEM;
}

int reckoning_line(struct reckoning *t, const struct edition_setup *setup,
                   const struct bulletin_line *line, const struct change *change)
{
    t->told++;
    news_count(&t->news, line->change);
    t->confirmed += line->state == STATE_CONFIRMED;
    t->potential += line->state == STATE_POTENTIAL;
    t->notices += line->state == STATE_NOTICE;
    if (line->state == STATE_CONFIRMED)
        note_confirmed(t, setup->periods, line, change);
    if (line->state != STATE_POTENTIAL)
        return 0;
    note_potential(t, setup->run->as_of, line);
    return add_would(t, line);
}

static int money_compare(const void *a, const void *b)
{
    const struct bulletin_money *x = a, *y = b;

    if (x->period.month != y->period.month)
        return x->period.month < y->period.month ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return strcmp(x->currency->code, y->currency->code);
}

int reckoning_keep(const struct reckoning *t, struct arena *keep, struct bulletin_reseller *ret)
{
    struct bulletin_money *money = arena_array(keep, t->n_money + 1, sizeof(*money));
    struct bulletin_hold *holds = arena_array(keep, t->n_holds + 1, sizeof(*holds));

    if (!money || !holds)
        return -ENOMEM;
    if (t->n_money > 0)
        memcpy(money, t->money, t->n_money * sizeof(*money));
    if (t->n_money > 1)
        qsort(money, t->n_money, sizeof(*money), money_compare);
    memcpy(holds, t->holds, t->n_holds * sizeof(*holds));
    for (size_t i = 0; i < t->n_holds; i++) {
        holds[i].subject = arena_text(keep, text_of(t->holds[i].subject));
        if (!holds[i].subject)
            return -ENOMEM;
    }
    ret->confirmed = t->confirmed;
    ret->potential = t->potential;
    ret->notices = t->notices;
    ret->changed = t->news.is_new + t->news.is_changed + t->news.is_resolved;
    ret->money = money;
    ret->n_money = t->n_money;
    ret->holds = holds;
    ret->n_holds = t->n_holds;
    ret->n_holds_more = t->n_holds_more;
    return 0;
}
