/* What a subject's findings cost (SPEC 6.5), key by key. */
#include "base/grow.h"
#include "run/drafts.h"
#include "run/story_parts.h"
#include <errno.h>
#include <string.h>

static const enum finding_kind charging[] = {
    [CHARGE_EXTRA_IP] = FINDING_EXTRA_IP,
    [CHARGE_MAILBOXES] = FINDING_MAILBOXES,
    [CHARGE_OUTSIDE] = FINDING_OUTSIDE,
};
static_assert(ARRAY_LEN(charging) == CHARGE_KIND_COUNT, "a finding for each charge");

struct reckoning {
    struct story_maker *m;
    struct story_money *v;
    size_t n, cap;
};

static void reckoning_done(struct reckoning *r)
{
    free(r->v);
}

/* The price of a key without a draft. */
static void price(const struct story_maker *m, struct story_money *row)
{
    const struct estate_reseller *facts = book_facts(m->book, row->reseller);

    if (!facts)
        return;
    row->currency = facts->currency;
    row->is_trial = facts->is_trial;
    const struct estate_tariff *t = ledger_tariff(
        m->book->tariffs, m->book->n_tariffs,
        &(struct tariff_query){row->kind, row->reseller, row->currency, m->s->p0});
    if (!t)
        return;
    row->has_tariff = true;
    row->unit_price = t->unit_price;
    row->block = t->block;
}

/* The key's row, made when it is new; borrowed until the next call. NULL when out of memory. */
static struct story_money *row_of(struct reckoning *all, enum charge_kind kind,
                                  const char *reseller)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->v[i].kind == kind && strcmp(all->v[i].reseller, reseller) == 0)
            return &all->v[i];
    const char *name = arena_text(&all->m->s->arena, text_of(reseller));
    if (!name || grow(&all->v, &all->cap, all->n + 1, sizeof(*all->v), SIZE_MAX) < 0)
        return NULL;
    struct story_money *row = &all->v[all->n++];
    *row = (struct story_money){.kind = kind, .reseller = name, .block = 1};
    price(all->m, row);
    return row;
}

static int reckon_rule(struct reckoning *all, const struct story_entry *e,
                       const struct story_rule *rule)
{
    enum charge_kind kind = CHARGE_EXTRA_IP;

    for (int k = 0; k < CHARGE_KIND_COUNT; k++)
        if (charging[k] == rule->kind)
            kind = (enum charge_kind)k;
    struct story_money *row = row_of(all, kind, e->reseller);
    if (!row)
        return -ENOMEM;
    /* Once the period is over, only evidence that comes late would confirm it. */
    if (rule->answer.state != STATE_POTENTIAL || !row->has_tariff ||
        all->m->s->end.s == all->m->s->p1.s ||
        (row->has_would && row->would_quantity >= rule->answer.quantity))
        return 0;
    row->has_would = true;
    row->would_quantity = rule->answer.quantity;
    struct money_cost cost;
    int r = money_due(row->would_quantity, row->block, row->unit_price, row->currency, &cost);
    if (r >= 0)
        row->would = cost.amount;
    return r;
}

static int take_draft(void *arg, const struct draft *d)
{
    struct reckoning *all = arg;

    if (strcmp(d->subject, all->m->s->subject.name) != 0)
        return 0;
    struct story_money *row = row_of(all, d->kind, d->reseller);
    if (!row)
        return -ENOMEM;
    row->currency = d->currency;
    row->is_trial = d->is_trial;
    row->is_disputed = d->is_disputed;
    row->is_waived = d->is_waived;
    row->has_draft = true;
    row->due = d->due;
    row->entered = d->entered;
    row->draft = d->draft;
    row->entries = d->entries;
    /* A confirmed finding of a key outranks a potential one of another entry. */
    row->has_would = row->has_would && d->due.quantity == 0;
    if (d->due.basis == DUE_CONFIRMED) {
        row->has_tariff = true;
        row->unit_price = d->due.unit_price;
        row->block = d->due.block;
    }
    return 0;
}

int story_reckon(struct story_maker *m, struct findings *findings)
{
    AUTO(reckoning) struct reckoning all = {.m = m};
    struct story *s = m->s;
    int r = 0;

    for (size_t i = 0; i < s->n_entries; i++)
        for (size_t k = 0; k < s->entries[i].n_rules && r >= 0; k++)
            r = reckon_rule(&all, &s->entries[i], &s->entries[i].rules[k]);
    if (r >= 0)
        r = drafts_of(m->setup, findings, s->period, take_draft, &all);
    if (r < 0)
        return r;
    s->money = story_keep(m, all.v, all.n, sizeof(*all.v));
    s->n_money = all.n;
    return s->money ? 0 : -ENOMEM;
}
