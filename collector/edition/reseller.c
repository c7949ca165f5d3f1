/*
 * One reseller's findings as they go by, in the order in which the store has what was said:
 * each kind and subject is held against what its manager, and what it itself, was last told.
 */
#include "edition/edition_parts.h"
#include <errno.h>
#include <string.h>

/* All of one kind and subject. */
struct item {
    enum finding_kind kind;
    const char *subject;
    struct bulletin_line lines[RUN_PERIODS_MAX];
    const char *causes[RUN_PERIODS_MAX];
    size_t n_lines;
    period_t untold[RUN_PERIODS_MAX];
    size_t n_untold;
    struct prior_rows to_manager, to_itself;
    struct draft draft; /* of the period that comes next */
    bool has_draft;
};

struct work {
    struct night_maker *m;
    const struct estate_reseller *facts;
    struct prior prior; /* what it was told itself */
    bool is_settled;
    struct news news; /* to itself */
    int64_t shown;    /* lines to itself */
};

static void work_done(struct work *w)
{
    prior_close(&w->prior);
}

/* ---- Taking an item -------------------------------------------------------------------- */

static bool record_is_ours(const struct work *w)
{
    const struct night_maker *m = w->m;
    return m->has_record && strcmp(m->record.manager, m->manager->id) == 0 &&
           strcmp(m->record.reseller, w->facts->id) == 0;
}

static bool row_is_ours(const struct work *w, const struct prior *p)
{
    return p->has_row && strcmp(p->row.reseller, w->facts->id) == 0;
}

struct key {
    bool is_any;
    enum finding_kind kind;
    const char *subject;
};

static void key_lower(struct key *k, enum finding_kind kind, const char *subject)
{
    if (k->is_any && (k->kind < kind || (k->kind == kind && strcmp(k->subject, subject) <= 0)))
        return;
    *k = (struct key){true, kind, subject};
}

/* The key that comes first of what is found, what the manager, and what the reseller was told.
 */
static struct key first_key(const struct work *w)
{
    struct key k = {.is_any = false};

    if (record_is_ours(w))
        key_lower(&k, w->m->record.kind, w->m->record.subject);
    if (row_is_ours(w, &w->m->prior))
        key_lower(&k, (enum finding_kind)w->m->prior.row.kind, w->m->prior.row.subject);
    if (row_is_ours(w, &w->prior))
        key_lower(&k, (enum finding_kind)w->prior.row.kind, w->prior.row.subject);
    return k;
}

static bool is_waived(const struct item *item, period_t period)
{
    return item->has_draft && item->draft.period.month == period.month && item->draft.is_waived;
}

static int take_told(struct work *w, struct item *item, const struct record *x)
{
    struct night_maker *m = w->m;
    struct line_maker lines = night_lines(m);
    struct finding f = x->finding;
    bool has_draft = item->has_draft && item->draft.period.month == x->period.month;
    struct bulletin_line *line = &item->lines[item->n_lines];

    if (item->n_lines == RUN_PERIODS_MAX)
        return 0;
    f.subject = item->subject;
    f.reseller = w->facts->id;
    f.policy = arena_text(&m->scratch, text_of(x->finding.policy));
    if (!f.policy)
        return -ENOMEM;
    int r = line_make(&lines, &f, has_draft ? &item->draft : NULL, line);
    if (r < 0)
        return r;
    item->causes[item->n_lines] = "";
    if (pool_wants(&m->pool, line) ||
        (bulletin_is_charging(line->kind) && pool_wants(&m->own, line)))
        r = line_digest(&lines, &f, line, &item->causes[item->n_lines]);
    if (r >= 0 && line->state == STATE_CONFIRMED && bulletin_is_charging(line->kind) &&
        !line->is_waived)
        r = reckoning_key(&m->tally, &f, &m->passing);
    item->n_lines++;
    return r;
}

static int take_record(struct work *w, struct item *item, const struct record *x)
{
    struct reckoning *t = &w->m->tally;

    switch (x->what) {
    case RECORD_MONEY:
        item->draft = x->draft;
        item->has_draft = true;
        return reckoning_money(t, &x->draft, period_is_closed(w->m, x->period), &w->m->passing);
    case RECORD_TOLD: return take_told(w, item, x);
    case RECORD_UNTOLD:
        if (item->n_untold < RUN_PERIODS_MAX)
            item->untold[item->n_untold++] = x->period;
        return 0;
    case RECORD_CHARGED:
        return is_waived(item, x->period) ? 0 : reckoning_key(t, &x->finding, &w->m->passing);
    }
    return 0;
}

static bool row_is_of(const struct work *w, const struct prior *p, const struct item *item)
{
    return row_is_ours(w, p) && (enum finding_kind)p->row.kind == item->kind &&
           strcmp(p->row.subject, item->subject) == 0;
}

static int take_rows(const struct work *w, struct prior *p, const struct item *item,
                     struct prior_rows *rows)
{
    int r = 0;

    while (r >= 0 && row_is_of(w, p, item)) {
        prior_keep(rows, &p->row);
        r = prior_next(p);
    }
    return r;
}

static int take_item(struct work *w, const struct key *key, struct item *item)
{
    struct night_maker *m = w->m;
    int r = 0;

    item->kind = key->kind;
    item->n_lines = item->n_untold = item->to_manager.n = item->to_itself.n = 0;
    item->has_draft = false;
    item->subject = arena_text(&m->scratch, text_of(key->subject));
    if (!item->subject)
        return -ENOMEM;
    while (r >= 0 && record_is_ours(w) && m->record.kind == item->kind &&
           strcmp(m->record.subject, item->subject) == 0) {
        r = take_record(w, item, &m->record);
        if (r >= 0)
            r = night_advance(m);
    }
    if (r >= 0)
        r = take_rows(w, &m->prior, item, &item->to_manager);
    return r < 0 ? r : take_rows(w, &w->prior, item, &item->to_itself);
}

/* ---- Telling of it --------------------------------------------------------------------- */

static int say_line(const struct work *w, enum bulletin_audience audience,
                    const struct bulletin_line *l, bool is_reminded)
{
    const char *id = audience == AUDIENCE_MANAGER ? w->m->manager->id : w->facts->id;
    struct edition_said row = {
        .reseller = w->facts->id,
        .subject = l->subject,
        .kind = l->kind,
        .period = l->period,
        .state = l->state,
        .quantity = l->quantity,
        .goes_on = l->has_confirms,
        .confirms_at = l->has_confirms ? l->confirms_at : WALL_END,
        .is_reminded = is_reminded,
    };
    return said_put(w->m->said, audience, id, &row);
}

static int say_again(const struct work *w, enum bulletin_audience audience,
                     const struct item *item, const struct prior_row *was)
{
    struct bulletin_line l = {.subject = item->subject,
                              .kind = item->kind,
                              .period = was->period,
                              .state = was->state,
                              .quantity = was->quantity,
                              .has_confirms = was->goes_on,
                              .confirms_at = was->confirms_at};
    return say_line(w, audience, &l, was->is_reminded);
}

static struct change_facts facts_of(const struct work *w, const struct item *item,
                                    const struct prior_rows *prior)
{
    return (struct change_facts){
        .lines = item->lines,
        .n_lines = item->n_lines,
        .untold = item->untold,
        .n_untold = item->n_untold,
        .prior = prior,
        .periods = w->m->setup->periods,
        .is_settled = w->is_settled,
    };
}

static int show_manager(struct work *w, struct bulletin_line *l, const char *cause,
                        const struct change *c)
{
    struct night_maker *m = w->m;

    l->change = c->change;
    l->was_state = c->was_state;
    l->was_quantity = c->was_quantity;
    int r = reckoning_line(&m->tally, m->setup, l, c);
    return r < 0 ? r : pool_add(&m->pool, l, cause, m->n_told);
}

static int tell_manager(struct work *w, struct item *item)
{
    struct line_maker lines = night_lines(w->m);
    struct change_facts f = facts_of(w, item, &item->to_manager);
    struct finding key = {.kind = item->kind, .subject = item->subject};
    int r = 0;

    for (size_t i = 0; i < item->n_lines && r >= 0; i++) {
        struct change c = change_of_line(&f, i);
        r = show_manager(w, &item->lines[i], item->causes[i], &c);
        if (r >= 0)
            r = say_line(w, AUDIENCE_MANAGER, &item->lines[i], false);
    }
    for (size_t i = 0; i < item->to_manager.n && r >= 0; i++) {
        const struct prior_row *was = &item->to_manager.v[i];
        enum prior_fate fate = change_fate(&f, item->kind, i);
        struct change c = {CHANGE_RESOLVED, was->state, was->quantity, false, false};
        struct bulletin_line l;
        if (fate == FATE_KEPT)
            r = say_again(w, AUDIENCE_MANAGER, item, was);
        if (fate != FATE_RESOLVED)
            continue;
        r = line_resolved(&lines, &key, w->facts->is_trial, was, &l);
        if (r >= 0)
            r = show_manager(w, &l, "", &c);
    }
    return r;
}

/* Whether a reminder is due: it is near, it can be cleared, and it would be paid for. */
static bool is_near(const struct edition_setup *s, const struct bulletin_line *l)
{
    return l->state == STATE_POTENTIAL && l->has_confirms && !l->is_waived && !l->is_trial &&
           l->confirms_at.s - s->run->as_of.s <= s->remind.s;
}

static int show_itself(struct work *w, struct bulletin_line *l, const char *cause)
{
    w->shown++;
    news_count(&w->news, l->change);
    return pool_add(&w->m->own, l, cause, 0);
}

static int tell_line(struct work *w, const struct item *item, const struct change_facts *f,
                     size_t i)
{
    struct bulletin_line l = item->lines[i];
    struct change c = change_of_line(f, i);
    bool near = is_near(w->m->setup, &l);

    if (c.change == CHANGE_NONE && near && !c.is_reminded)
        c.change = CHANGE_SOON;
    l.change = c.change;
    l.was_state = c.was_state;
    l.was_quantity = c.was_quantity;
    int r = show_itself(w, &l, item->causes[i]);
    /* Without an address nothing was said: all is news once it has one. */
    if (r < 0 || !w->facts->email)
        return r;
    return say_line(w, AUDIENCE_RESELLER, &l, c.is_reminded || near);
}

static int tell_itself(struct work *w, struct item *item)
{
    struct line_maker lines = night_lines(w->m);
    struct change_facts f = facts_of(w, item, &item->to_itself);
    struct finding key = {.kind = item->kind, .subject = item->subject};
    int r = 0;

    if (!bulletin_is_charging(item->kind))
        return 0;
    for (size_t i = 0; i < item->n_lines && r >= 0; i++)
        r = tell_line(w, item, &f, i);
    for (size_t i = 0; i < item->to_itself.n && r >= 0; i++) {
        const struct prior_row *was = &item->to_itself.v[i];
        enum prior_fate fate = change_fate(&f, item->kind, i);
        struct bulletin_line l;
        if (fate == FATE_KEPT && w->facts->email)
            r = say_again(w, AUDIENCE_RESELLER, item, was);
        if (fate != FATE_RESOLVED)
            continue;
        r = line_resolved(&lines, &key, w->facts->is_trial, was, &l);
        if (r >= 0)
            r = show_itself(w, &l, "");
    }
    return r;
}

static int tell_items(struct work *w)
{
    struct item item;
    int r = 0;

    for (struct key key; r >= 0 && (key = first_key(w)).is_any;) {
        arena_reset(&w->m->scratch);
        r = take_item(w, &key, &item);
        if (r >= 0)
            r = tell_manager(w, &item);
        if (r >= 0)
            r = tell_itself(w, &item);
    }
    return r;
}

/* ---- The whole of it ------------------------------------------------------------------- */

/* What both readers are told of a reseller beside its lines. */
static int describe(const struct work *w, struct arena *keep, struct bulletin_reseller *ret)
{
    const struct night_maker *m = w->m;
    const struct estate_reseller *facts = w->facts;
    struct bulletin_reseller x = {
        .id = facts->id,
        .name = facts->name,
        .email = facts->email,
        .language = facts->language,
        .currency = facts->currency,
        .is_trial = facts->is_trial,
        .coverage = coverage_of(m->coverage, facts->id),
    };
    struct strikes_question q = {facts->id, m->tally.tonight,
                                 facts->is_trial ? 0 : m->tally.n_tonight};
    int r = strikes_of(m->strikes, &q, &x.strikes);

    if (r < 0)
        return r;
    x.strikes.licenses_known = x.coverage.licenses_known;
    r = reckoning_keep(&m->tally, keep, &x);
    if (r >= 0)
        *ret = x;
    return r;
}

static bool is_mail_dead(const struct night_maker *m, const char *id)
{
    for (size_t i = 0; i < m->common.n_dead; i++)
        if (strcmp(m->common.dead[i].reader, id) == 0)
            return true;
    return false;
}

static void count_stake(const struct reckoning *t, struct told *x)
{
    x->currency = x->reseller.currency;
    for (size_t i = 0; i < t->sums.n; i++)
        if (t->sums.v[i].currency == x->currency &&
            money_add(t->sums.v[i].draft, t->sums.v[i].would, &x->stake) < 0)
            x->stake.minor = INT64_MAX;
}

/* Into the manager's bulletin, once all of its resellers are known. */
static int put_told(struct work *w, const struct bulletin_reseller *r)
{
    struct night_maker *m = w->m;
    struct reckoning *t = &m->tally;
    struct told *x = &m->told[m->n_told];

    *x = (struct told){.reseller = *r,
                       .shown = t->told,
                       .reasons = calls_reasons(m->setup, t, r, is_mail_dead(m, r->id)),
                       .has_by = t->has_by,
                       .by = t->by};
    count_stake(t, x);
    m->n_told++;
    m->news.is_new += t->news.is_new;
    m->news.is_changed += t->news.is_changed;
    m->news.is_resolved += t->news.is_resolved;
    return sums_add(&m->sums, &t->sums);
}

/* The reseller's own bulletin: of itself alone, and nothing that tells of others. */
static int fill_own(struct work *w, struct bulletin_reseller *x, struct bulletin *b)
{
    struct night_maker *m = w->m;
    size_t n;
    struct pool_line **lines = pool_list(&m->own, &m->passing, &n);

    if (!lines)
        return -ENOMEM;
    int r = group_lines(lines, n, true, &m->passing, x);
    if (r >= 0)
        r = sums_keep(&m->tally.sums, &m->passing, b);
    if (r < 0)
        return r;
    x->notices = 0;
    x->changed = w->news.is_new + w->news.is_changed + w->news.is_resolved;
    x->n_more = w->shown - (int64_t)n;
    b->audience = AUDIENCE_RESELLER;
    b->language = x->language;
    b->id = x->id;
    b->name = x->name;
    b->email = x->email;
    b->contact_name = m->manager->name;
    b->contact_email = m->manager->email;
    b->resellers = x;
    b->n_resellers = 1;
    b->confirmed = x->confirmed;
    b->potential = x->potential;
    b->is_new = w->news.is_new;
    b->is_changed = w->news.is_changed;
    b->is_resolved = w->news.is_resolved;
    b->coverage = x->coverage;
    return 0;
}

static int send_own(struct work *w, const struct bulletin_reseller *r)
{
    struct night_maker *m = w->m;
    struct bulletin b = m->common;
    struct bulletin_reseller x = *r;
    bool is_news = w->news.is_new + w->news.is_changed + w->news.is_resolved > 0;

    if (!m->setup->only_reseller && (!w->facts->email || !is_news))
        return 0;
    b.rates = NULL;
    b.waiting = NULL;
    b.dead = NULL;
    b.n_rates = b.n_waiting = b.n_dead = 0;
    b.n_dead_more = 0;
    b.entries = b.decisions = 0;
    b.entries_hash = b.decisions_hash = "";
    int error = roster_last_mail(&m->roster, m->setup->run->store,
                                 &(struct store_reader){READER_RESELLER, x.id}, &b);
    if (error >= 0)
        error = fill_own(w, &x, &b);
    return error < 0 ? error : m->sink->bulletin(m->sink->arg, &b);
}

static int begin(struct work *w)
{
    struct night_maker *m = w->m;
    int r = 0;

    reckoning_reset(&m->tally);
    arena_reset(&m->passing);
    pool_reset(&m->own);
    w->is_settled = night_is_settled(m, w->facts->id);
    while (r >= 0 && m->prior.has_row && strcmp(m->prior.row.reseller, w->facts->id) < 0)
        r = prior_next(&m->prior);
    if (r < 0 || m->setup->only_manager)
        return r;
    r = said_begin(m->said, AUDIENCE_RESELLER, w->facts->id);
    if (r < 0)
        return r;
    return prior_open(&w->prior, m->setup->run->store,
                      &(struct store_reader){READER_RESELLER, w->facts->id});
}

int night_reseller(struct night_maker *m, const struct estate_reseller *facts)
{
    AUTO(work) struct work w = {.m = m, .facts = facts};
    struct bulletin_reseller x;
    int r = begin(&w);

    if (r >= 0)
        r = tell_items(&w);
    if (r >= 0)
        r = describe(&w, &m->arena, &x);
    if (r >= 0)
        r = put_told(&w, &x);
    if (r < 0 || m->setup->only_manager)
        return r;
    return send_own(&w, &x);
}
