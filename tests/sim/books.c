/*
 * Money, in a list of its own: what each key was entered with, and what people decided. A
 * closing's entries are foretold from the drafts before it, and from nothing else.
 */
#include "sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void books_done(struct books *b)
{
    free(b->v);
    *b = (struct books){.v = NULL};
}

void books_copy(struct books *to, const struct books *from)
{
    books_done(to);
    *to = *from;
    to->cap = 0;
    to->v = sim_grow(NULL, from->n + 1, &to->cap, sizeof *to->v);
    if (from->n > 0)
        memcpy(to->v, from->v, from->n * sizeof *to->v);
}

static bool is_key(const struct book_key *a, const struct book_key *b)
{
    return a->period.month == b->period.month && a->kind == b->kind &&
           strcmp(a->reseller, b->reseller) == 0 && strcmp(a->subject, b->subject) == 0;
}

static struct book_row *find(struct books *b, const struct book_key *k)
{
    for (size_t i = 0; i < b->n; i++)
        if (is_key(&b->v[i].key, k))
            return &b->v[i];
    return NULL;
}

static struct book_row *row_of(struct books *b, const struct book_key *k)
{
    struct book_row *row = find(b, k);
    if (row)
        return row;
    b->v = sim_grow(b->v, b->n + 1, &b->cap, sizeof *b->v);
    b->v[b->n] = (struct book_row){.key = *k, .decision = -1};
    return &b->v[b->n++];
}

static void fail_key(struct sim *s, const char *what, const char *why, const struct book_key *k)
{
    char period[PERIOD_TEXT_SIZE];
    sim_fail(s, what, "%s: %s/%s/%s/%s", why, period_format(k->period, period), k->reseller,
             charge_kind_name(k->kind), k->subject);
}

/* ---- due, entered, draft
 * --------------------------------------------------------------------- */

static bool is_audited(const struct night *n, period_t p)
{
    for (size_t i = 0; i < n->periods.n; i++)
        if (n->periods.v[i].month == p.month)
            return true;
    return false;
}

static void check_row(struct sim *s, const struct draft_row *d)
{
    const struct book_row *row = find(&s->books, &d->key);
    int decision = row ? row->decision : -1;
    if (d->entered != (row ? row->entered : 0) || d->entries != (row ? row->entries : 0))
        fail_key(s, "entered", "the ledger does not hold what was entered", &d->key);
    else if (d->draft != d->due - d->entered)
        fail_key(s, "sum", "entered and draft are not due", &d->key);
    else if (d->is_waived != (decision == DECISION_WAIVE) ||
             d->is_disputed != (decision == DECISION_DISPUTE))
        fail_key(s, "decision", "it is not as it was decided", &d->key);
    else if (d->is_waived && d->due != 0)
        fail_key(s, "waived", "a waived key is due", &d->key);
}

/* Whether the entries, added up one by one, are what was entered. */
static void check_entries(struct sim *s)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct books sums = {.v = NULL};
    struct store_entry e;
    int r = store_scan_entries(s->store, false, (period_t){0}, &scan);
    while (r >= 0 && (r = store_next_entry(scan, &e)) > 0) {
        struct book_key k;
        memset(&k, 0, sizeof k);
        k.period = e.period;
        k.kind = e.kind;
        (void)snprintf(k.reseller, sizeof k.reseller, "%s", e.reseller);
        (void)snprintf(k.subject, sizeof k.subject, "%s", e.subject);
        row_of(&sums, &k)->entered += e.amount.minor;
        sums.head++;
    }
    for (size_t i = 0; i < s->books.n && !s->has_failed; i++) {
        const struct book_row *row = find(&sums, &s->books.v[i].key);
        if (s->books.v[i].entered != (row ? row->entered : 0))
            fail_key(s, "entered", "its entries do not add up to what was entered",
                     &s->books.v[i].key);
    }
    if (r < 0 || sums.head != s->books.head)
        sim_fail(s, "entered", "there are %lld entries and not %lld (%d)", (long long)sums.head,
                 (long long)s->books.head, r);
    books_done(&sums);
}

void books_check(struct sim *s, const struct night *n)
{
    for (size_t i = 0; i < n->n_drafts && !s->has_failed; i++)
        check_row(s, &n->drafts[i]);
    /* Each key with an entry is shown, as long as it can still be corrected. */
    for (size_t i = 0; i < s->books.n && !s->has_failed; i++) {
        const struct book_row *row = &s->books.v[i];
        bool is_shown = row->entries == 0 || !is_audited(n, row->key.period);
        for (size_t j = 0; j < n->n_drafts && !is_shown; j++)
            is_shown = is_key(&row->key, &n->drafts[j].key);
        if (!is_shown)
            fail_key(s, "entered", "a key with entries is not among the drafts", &row->key);
    }
    if (!s->has_failed)
        check_entries(s);
}

/* ---- Decisions
 * ------------------------------------------------------------------------------- */

static bool may_follow(enum decision d, int last)
{
    if (d == DECISION_WAIVE)
        return last != DECISION_WAIVE;
    if (d == DECISION_REINSTATE)
        return last == DECISION_WAIVE;
    if (d == DECISION_DISPUTE)
        return last != DECISION_WAIVE && last != DECISION_DISPUTE;
    return last == DECISION_DISPUTE;
}

/* Arms the disk as the plan has it at this hour. */
static void arm(const struct sim *s)
{
    const struct event *e = sim_event(s, EV_STORE_DISK, -1, s->now);
    if (e)
        disk_arm(DISK_FAILS, e->b, (int)e->a);
}

static void decide(struct sim *s, struct night *n, const struct event *e, size_t place)
{
    struct diag d = {""};
    size_t i = (size_t)(sim_hash(s, 'd', place, 0) % n->n_drafts);
    /* Half of the orders go to a key that has one: what follows what is the question. */
    for (size_t j = 0; j < n->n_drafts && sim_hash(s, 'e', place, 0) % 2; j++) {
        const struct book_row *row = find(&s->books, &n->drafts[j].key);
        if (row && row->decision >= 0)
            i = j;
    }
    const struct draft_row *row = &n->drafts[i];
    struct ledger_key key = {.period = row->key.period, .kind = row->key.kind};
    (void)snprintf(key.reseller, sizeof key.reseller, "%s", row->key.reseller);
    (void)snprintf(key.subject, sizeof key.subject, "%.*s", (int)sizeof key.subject - 1,
                   row->key.subject);
    struct decision_order order = {
        .decision = (enum decision)e->a, .who = "A. Person", .reason = "asked for"};
    const struct book_row *old = find(&s->books, &row->key);
    bool may = may_follow(order.decision, old ? old->decision : -1);
    arm(s);
    int r = ledger_decide(&n->setup, &key, &order, &d);
    bool was_met = disk_disarm();
    if ((r == 0) != may && !(r < 0 && was_met))
        fail_key(s, "decision", r == 0 ? "a decision was taken that may not be" : d.text,
                 &row->key);
    if (r == 0) {
        row_of(&s->books, &row->key)->decision = (int)order.decision;
        s->count.decisions++;
    }
}

/* ---- Closings
 * --------------------------------------------------------------------------------- */

static bool is_enterable(const struct draft_row *d)
{
    return d->draft != 0 && !d->is_trial && !d->is_disputed;
}

static bool is_corrected(const struct night *n, period_t p)
{
    for (size_t i = 0; i < n->periods.n_corrected; i++)
        if (n->periods.v[i].month == p.month)
            return true;
    return false;
}

static bool is_in_closing(const struct night *n, period_t of, period_t p)
{
    return p.month == of.month || is_corrected(n, p);
}

static bool may_close(const struct sim *s, const struct night *n, period_t p)
{
    int64_t end = period_start(s->zone, period_plus(p, 1)).s;
    bool may = s->now >= end + 5 * SIM_DAY;
    for (size_t i = 0; i < n->n_drafts; i++) {
        const struct draft_row *d = &n->drafts[i];
        if (d->key.period.month < p.month && !is_corrected(n, d->key.period) && is_enterable(d))
            may = false; /* an older one is open */
    }
    return may;
}

static int64_t foretell(const struct night *n, period_t p, struct books *ret)
{
    int64_t entries = 0;
    for (size_t i = 0; i < n->n_drafts; i++) {
        const struct draft_row *d = &n->drafts[i];
        if (!is_in_closing(n, p, d->key.period) || !is_enterable(d))
            continue;
        struct book_row *row = row_of(ret, &d->key);
        row->entered = d->due;
        row->entries++;
        entries++;
    }
    ret->head += entries;
    ret->last_closed = p.month;
    return entries;
}

static void close_period(struct sim *s, struct night *n, period_t p)
{
    struct close_order order = {.period = p, .who = "A. Person", .accept = true};
    struct closing closing;
    struct diag d = {""};
    struct books after = {.v = NULL};
    bool may = may_close(s, n, p);
    books_copy(&after, &s->books);
    int64_t entries = foretell(n, p, &after);
    arm(s);
    int r = ledger_close(&n->setup, &order, &closing, &d);
    bool was_met = disk_disarm();
    if (r == 0 && (!may || closing.entries != entries))
        sim_fail(s, "close", "month %d was closed with %lld entries; foretold: %s, %lld",
                 p.month, (long long)closing.entries, may ? "yes" : "no", (long long)entries);
    else if (r < 0 && may && !was_met)
        sim_fail(s, "close", "month %d was not closed: %d %s", p.month, r, d.text);
    if (r == 0) {
        books_copy(&s->books, &after);
        s->count.closes++;
        s->count.entries += entries;
    }
    books_done(&after);
}

/* All that could be entered is. */
static void check_closed(struct sim *s, const struct night *n, period_t p)
{
    for (size_t i = 0; i < n->n_drafts && !s->has_failed; i++) {
        const struct draft_row *d = &n->drafts[i];
        if (is_in_closing(n, p, d->key.period) && is_enterable(d))
            fail_key(s, "close", "a draft is left after the closing", &d->key);
    }
}

static bool is_next_order(struct sim *s, size_t place, const struct event *e)
{
    if (e->from > s->now)
        return false;
    for (size_t i = 0; i < s->n_decided; i++)
        if (s->decided[i] == place)
            return false;
    s->decided = sim_grow(s->decided, s->n_decided + 1, &s->decided_cap, sizeof *s->decided);
    s->decided[s->n_decided++] = place;
    return true;
}

/* The oldest open period that somebody wants closed by now; one a night. */
static void close_one(struct sim *s, struct night *n)
{
    period_t first = period_at(s->zone, (wall_t){s->plan->start});
    for (size_t i = 0; i < s->plan->n; i++) {
        const struct event *e = &s->plan->events[i];
        period_t p = period_plus(first, (int)e->a);
        if (e->kind != EV_CLOSE || e->from > s->now || s->books.last_closed >= p.month)
            continue;
        int32_t before = s->books.last_closed;
        close_period(s, n, p);
        if (s->has_failed || s->books.last_closed == before)
            continue;
        night_drafts(s, n);
        books_check(s, n);
        check_closed(s, n, p);
        return;
    }
}

void books_people(struct sim *s, struct night *n)
{
    for (size_t i = 0; i < s->plan->n && !s->has_failed; i++) {
        const struct event *e = &s->plan->events[i];
        if (e->kind == EV_DECIDE && n->n_drafts > 0 && is_next_order(s, i, e))
            decide(s, n, e, i);
    }
    if (s->has_failed)
        return;
    night_drafts(s, n);
    books_check(s, n);
    if (!s->has_failed)
        close_one(s, n);
}
