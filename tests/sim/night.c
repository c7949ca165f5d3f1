/*
 * A night: the estate as it is known by now, the product's audit and drafts, the invariants,
 * what people decide, and the closings.
 */
#include "sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char prefixes[1][8] = {"PLSK"};

static void add_verdict(struct night *n, const struct finding *f)
{
    n->verdicts =
        sim_grow(n->verdicts, n->n_verdicts + 1, &n->verdicts_cap, sizeof *n->verdicts);
    struct verdict *v = &n->verdicts[n->n_verdicts++];
    memset(v, 0, sizeof *v);
    v->period = f->period;
    v->kind = f->kind;
    v->state = f->state;
    v->quantity = f->quantity;
    v->has_since = f->has_since;
    v->has_confirms = f->has_confirms;
    v->since = f->since;
    v->confirms_at = f->confirms_at;
    v->is_trial = f->is_trial;
    (void)snprintf(v->reseller, sizeof v->reseller, "%s", f->reseller ? f->reseller : "");
    (void)snprintf(v->subject, sizeof v->subject, "%s", f->subject);
}

static int take_all(struct night *n)
{
    AUTO(buf) struct buf line = BUF_INIT((size_t)CAP_EVIDENCE_BYTES + 4096);
    struct finding f;
    int r;
    while ((r = findings_next(n->findings, &f)) > 0) {
        add_verdict(n, &f);
        buf_reset(&line);
        verdict_print(&n->verdicts[n->n_verdicts - 1], f.policy, &line);
        sim_mix(&n->digest, buf_str(&line), line.len);
        sim_mix(&n->digest, f.evidence, strlen(f.evidence));
        if (f.kind != FINDING_FORKED_IDENTITY) {
            sim_mix(&n->orderless, buf_str(&line), line.len);
            sim_mix(&n->orderless, f.evidence, strlen(f.evidence));
        }
    }
    return r;
}

void night_open(struct sim *s, const struct run_periods *periods, struct night *n)
{
    struct diag d = {""};
    struct finding_sink sink = {.take = findings_take};
    memset(n, 0, sizeof *n);
    n->digest = 1;
    n->setup = (struct run_setup){.store = s->store,
                                  .book = &n->book,
                                  .zone = s->zone,
                                  .policies = &s->world->policies,
                                  .lab_networks = s->world->lab,
                                  .n_lab_networks = s->world->n_lab,
                                  .license_prefixes = prefixes,
                                  .n_license_prefixes = 1,
                                  .as_of = {s->now}};
    int r = book_load(&n->book, s->store);
    if (periods)
        n->periods = *periods;
    else if (r == 0)
        r = run_periods_find(&n->setup, &n->periods);
    if (r == 0)
        r = findings_new(&n->findings, &d);
    sink.arg = n->findings;
    if (r == 0)
        r = run_audit(&n->setup, n->periods.v, n->periods.n, &sink);
    if (r == 0)
        r = take_all(n);
    if (r < 0)
        sim_fail(s, "audit", "it failed: %d %s %s", r, d.text, store_diag(s->store));
}

void night_done(struct night *n)
{
    book_done(&n->book);
    findings_free(n->findings);
    free(n->verdicts);
    free(n->drafts);
}

static int take_draft(void *arg, const struct draft *d)
{
    struct night *n = arg;
    n->drafts = sim_grow(n->drafts, n->n_drafts + 1, &n->drafts_cap, sizeof *n->drafts);
    struct draft_row *row = &n->drafts[n->n_drafts++];
    memset(row, 0, sizeof *row);
    row->key.period = d->period;
    row->key.kind = d->kind;
    (void)snprintf(row->key.reseller, sizeof row->key.reseller, "%s", d->reseller);
    (void)snprintf(row->key.subject, sizeof row->key.subject, "%s", d->subject);
    row->quantity = d->due.quantity;
    row->due = d->due.amount.minor;
    row->entered = d->entered.minor;
    row->draft = d->draft.minor;
    row->entries = d->entries;
    row->is_trial = d->is_trial;
    row->is_disputed = d->is_disputed;
    row->is_waived = d->is_waived;
    return 0;
}

void night_drafts(struct sim *s, struct night *n)
{
    n->n_drafts = 0;
    for (size_t i = 0; i < n->periods.n && !s->has_failed; i++) {
        int r = drafts_of(&n->setup, n->findings, n->periods.v[i], take_draft, n);
        if (r < 0)
            sim_fail(s, "drafts", "they failed: %d %s", r, store_diag(s->store));
    }
}

/* The same night again, from a store that is opened anew. */
static void check_again(struct sim *s, uint64_t digest)
{
    struct night again;
    collector_close(s);
    collector_open(s);
    if (s->has_failed)
        return;
    night_open(s, NULL, &again);
    if (again.digest != digest)
        sim_fail(s, "again", "the same night again says something else");
    night_done(&again);
}

static void complain(void *arg, const char *sentence)
{
    struct sim *s = arg;
    sim_fail(s, "chain", "%s", sentence);
}

static void check_ledger(struct sim *s)
{
    int64_t entries = 0, defects = 0;
    int r = ledger_verify(s->store, complain, s, &entries, &defects);
    if (r < 0 || defects > 0)
        sim_fail(s, "chain", "ledger verify: %d, %lld defects", r, (long long)defects);
    if (entries != s->books.head)
        sim_fail(s, "chain", "the ledger has %lld entries, and %lld were made",
                 (long long)entries, (long long)s->books.head);
    s->count.verified++;
}

static void check_file(struct sim *s)
{
    int64_t defects = 0;
    int r = store_check(s->store, complain, s, &defects);
    if (r < 0 || defects > 0)
        sim_fail(s, "file", "store check: %d, %lld defects", r, (long long)defects);
}

static bool is_brute_night(const struct sim *s)
{
    int64_t every = s->plan->brute_every;
    return s->nights_done + 1 == s->plan->days || s->nights_done % every == every - 1;
}

void night_run(struct sim *s)
{
    struct night n;
    uint64_t digest;
    estate_policies(s);
    estate_import(s);
    if (!s->has_failed)
        check_store(s);
    if (s->has_failed)
        return;
    night_open(s, NULL, &n);
    digest = n.digest;
    if (!s->has_failed)
        night_drafts(s, &n);
    if (!s->has_failed)
        books_check(s, &n);
    if (!s->has_failed && is_brute_night(s))
        judge_night(s, &n);
    bool is_brute = is_brute_night(s);
    if (!s->has_failed && is_brute && (!s->plan->is_large || s->nights_done % 10 == 9)) {
        check_again(s, digest);
        n.setup.store = s->store; /* it was opened anew */
    }
    if (!s->has_failed)
        books_people(s, &n);
    for (size_t i = 0; i < n.n_verdicts; i++)
        s->count.confirmed += n.verdicts[i].state == STATE_CONFIRMED;
    s->count.findings += (int64_t)n.n_verdicts;
    s->count.drafts += (int64_t)n.n_drafts;
    night_done(&n);
    if (!s->has_failed && is_brute)
        check_ledger(s);
    if (!s->has_failed && is_brute && !s->plan->is_large)
        check_truth(s);
    if (!s->has_failed && s->nights_done % 30 == 29)
        check_file(s);
    sim_mix(&s->digest, &digest, sizeof digest);
    s->nights_done++;
    s->count.nights++;
}
