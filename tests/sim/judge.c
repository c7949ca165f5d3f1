/*
 * The night's findings and drafts against the simple audit (support/brute.h), which is told
 * what is known in our own words: one report for each machine, with all that it said.
 */
#include "sim/sim.h"

#include <stdio.h>
#include <string.h>

#include "support/brute.h"

/* ---- What is known, as reports
 * ----------------------------------------------------------------- */

struct telling {
    struct world *w;
    char (*names)[32];       /* servers', for the reports */
    int64_t license, domain; /* a large world's sample; -1 = all */
};

static struct world_report *new_report(struct telling *t, int32_t server,
                                       const struct uuid *boot, wall_t at)
{
    struct world *w = t->w;
    assert(w->n_reports < WORLD_REPORTS_ROOM);
    struct world_report *r = &w->reports[w->n_reports];
    char name[CAP_ID + 1];
    memset(r, 0, sizeof *r);
    (void)snprintf(t->names[w->n_reports], sizeof *t->names, "%s", sim_server(server, name));
    r->server = t->names[w->n_reports];
    r->sent_at = r->received_at = at;
    r->report.boot = *boot;
    r->report.counter = 1000000 + (int64_t)w->n_reports;
    w->n_reports++;
    return r;
}

static struct world_report *report_of(struct telling *t, const struct fact_key *k, wall_t at)
{
    char name[CAP_ID + 1];
    (void)sim_server(k->server, name);
    for (size_t i = 0; i < t->w->n_reports; i++) {
        struct world_report *r = &t->w->reports[i];
        if (strcmp(r->server, name) == 0 &&
            memcmp(&r->report.boot, &k->boot, sizeof k->boot) == 0)
            return r;
    }
    return new_report(t, k->server, &k->boot, at);
}

static void tell_sightings(struct report *r, const struct fact *f)
{
    size_t cap = r->n_sightings;
    r->sightings = sim_grow(r->sightings, cap + f->n, &cap, sizeof *r->sightings);
    for (size_t i = 0; i < f->n; i++)
        r->sightings[r->n_sightings++] =
            (struct report_sighting){.license = {f->key.what},
                                     .address = f->key.address,
                                     .source = (enum source)f->key.source,
                                     .seen = f->v[i]};
}

static void tell_mail(struct report *r, const struct fact *f)
{
    size_t cap = r->n_mailboxes;
    const int64_t *c = f->key.counts;
    r->mailboxes = sim_grow(r->mailboxes, cap + f->n, &cap, sizeof *r->mailboxes);
    for (size_t i = 0; i < f->n; i++) {
        struct report_mailboxes *m = &r->mailboxes[r->n_mailboxes++];
        *m = (struct report_mailboxes){.counts = {.mailboxes = c[0],
                                                  .aliases = c[1],
                                                  .forwards = c[2],
                                                  .lists = c[3],
                                                  .alias_domains = c[4],
                                                  .catch_all = (f->key.flags & 1) != 0,
                                                  .is_filtered = (f->key.flags & 2) != 0},
                                       .seen = f->v[i]};
        (void)sim_domain(f->key.what, m->domain);
    }
}

/* Two bodies that differ, under one counter. */
static void tell_fork(struct telling *t, const struct counter *c)
{
    for (int i = 0; i < 2; i++) {
        struct world_report *r = new_report(t, c->server, &c->boot, (wall_t){c->at[i]});
        r->report.counter = c->counter;
        r->report.is_live = i == 0;
    }
}

static bool is_asked(const struct telling *t, const struct fact_key *k)
{
    if (k->kind == FACT_SIGHTING)
        return t->license < 0 || k->what == sim_license(t->license).code;
    return k->kind == FACT_MAIL && (t->license < 0 || k->what == t->domain);
}

static void tell(const struct sim *s, struct telling *t)
{
    t->w->n_reports = 0;
    t->w->as_of = (wall_t){s->now};
    for (size_t i = 0; i < s->taken.n; i++) {
        const struct fact *f = &s->taken.facts[i];
        if (!is_asked(t, &f->key))
            continue;
        struct world_report *r = report_of(t, &f->key, (wall_t){s->now});
        if (f->key.kind == FACT_SIGHTING)
            tell_sightings(&r->report, f);
        else
            tell_mail(&r->report, f);
    }
    for (size_t i = 0; i < s->taken.n_counters; i++)
        if (s->taken.counters[i].n > 1)
            tell_fork(t, &s->taken.counters[i]);
}

static void forget(struct telling *t)
{
    for (size_t i = 0; i < t->w->n_reports; i++) {
        free(t->w->reports[i].report.sightings);
        free(t->w->reports[i].report.mailboxes);
    }
    t->w->n_reports = 0;
}

/* ---- Comparing
 * ----------------------------------------------------------------------------------- */

/* unknown-server hangs on receipts that the store forgets after a while. */
static bool is_compared(const struct verdict *v, const char *subject)
{
    return v->kind != FINDING_UNKNOWN_SERVER && (!subject || strcmp(v->subject, subject) == 0);
}

static void choose(const struct verdict *v, size_t n, period_t p, const char *subject,
                   struct verdict_list *ret)
{
    ret->n = 0;
    for (size_t i = 0; i < n; i++) {
        if (v[i].period.month != p.month || !is_compared(&v[i], subject))
            continue;
        assert(ret->n < VERDICTS_MAX);
        ret->v[ret->n++] = v[i];
    }
    verdict_sort(ret);
}

static void compare_findings(struct sim *s, const struct verdict_list *simple,
                             const struct verdict_list *real)
{
    AUTO(buf) struct buf text = BUF_INIT((size_t)4 << 20);
    if (verdict_lists_are_equal(simple, real))
        return;
    verdict_print_difference(simple, real, &text);
    sim_fail(s, "findings", "the simple audit alone says -, the real one alone +\n%s",
             buf_str(&text));
}

static const struct cost *cost_of(const struct cost_list *l, const struct book_key *k)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->v[i].period.month == k->period.month && l->v[i].kind == k->kind &&
            strcmp(l->v[i].reseller, k->reseller) == 0 &&
            strcmp(l->v[i].subject, k->subject) == 0)
            return &l->v[i];
    return NULL;
}

static void compare_costs(struct sim *s, const struct night *n, period_t p, const char *subject,
                          const struct cost_list *costs)
{
    size_t met = 0;
    for (size_t i = 0; i < n->n_drafts && !s->has_failed; i++) {
        const struct draft_row *d = &n->drafts[i];
        if (d->key.period.month != p.month || (subject && strcmp(d->key.subject, subject) != 0))
            continue;
        const struct cost *c = cost_of(costs, &d->key);
        int64_t due = c && !d->is_waived ? c->due.minor : 0;
        met += c != NULL;
        if (d->due != due)
            sim_fail(s, "due", "%s %s %s in %d: the draft says %lld, the simple audit %lld",
                     d->key.reseller, charge_kind_name(d->key.kind), d->key.subject, p.month,
                     (long long)d->due, (long long)due);
    }
    if (met != costs->n && !s->has_failed)
        sim_fail(s, "due", "month %d: %zu keys cost something, %zu of them are drafts", p.month,
                 costs->n, met);
}

static void judge_period(struct sim *s, const struct night *n, const struct world *w,
                         period_t p, const char *subject)
{
    static struct verdict_list simple, simple_all, real; /* large */
    static struct cost_list costs;
    simple_all.n = 0;
    costs.n = 0;
    brute_audit(w, p, &simple_all);
    choose(simple_all.v, simple_all.n, p, subject, &simple);
    choose(n->verdicts, n->n_verdicts, p, subject, &real);
    compare_findings(s, &simple, &real);
    brute_due(w, &simple, &costs);
    if (!s->has_failed)
        compare_costs(s, n, p, subject, &costs);
}

/* The simple audit is slow: the current month always, an older one now and then, and all in the
 * last night. */
static bool is_left_out(const struct sim *s, const struct night *n, size_t i)
{
    bool is_last = s->nights_done >= s->plan->days;
    return i + 1 < n->periods.n && !is_last && s->plan->brute_every > 1 &&
           sim_hash(s, 'q', (uint64_t)s->now, i) % 3 != 0;
}

static void judge(struct sim *s, const struct night *n, struct telling *t)
{
    char subject[LICENSE_TEXT_SIZE], domain[DNAME_SIZE];
    bool is_sample = t->license >= 0;
    t->names = calloc(WORLD_REPORTS_ROOM, sizeof *t->names);
    if (!t->names)
        abort();
    tell(s, t);
    for (size_t i = 0; i < n->periods.n && !s->has_failed; i++) {
        if (is_left_out(s, n, i))
            continue;
        judge_period(s, n, t->w, n->periods.v[i],
                     is_sample ? license_format(sim_license(t->license), subject) : NULL);
        if (is_sample && t->domain >= 0 && !s->has_failed)
            judge_period(s, n, t->w, n->periods.v[i], sim_domain(t->domain, domain));
    }
    forget(t);
    free(t->names);
    s->count.brute++;
}

/* ---- A sample of a large world
 * ---------------------------------------------------------------------- */

enum { SAMPLES = 12 };

static void judge_sample(struct sim *s, const struct night *n, int64_t license)
{
    struct telling t = {.w = malloc(sizeof *t.w), .license = license, .domain = license};
    bool *servers = calloc((size_t)s->plan->agents + 1, sizeof *servers);
    if (!t.w || !servers)
        abort();
    world_copy(t.w, s->world);
    for (size_t i = 0; i < s->taken.n; i++)
        if (is_asked(&t, &s->taken.facts[i].key))
            servers[s->taken.facts[i].key.server] = true;
    if (estate_sample(s, license, t.domain, servers, t.w))
        judge(s, n, &t);
    s->count.subjects++;
    free(servers);
    free(t.w);
}

/* Half of them are those of whom something is said. */
static void judge_samples(struct sim *s, const struct night *n)
{
    for (uint64_t i = 0; i < SAMPLES && !s->has_failed; i++) {
        uint64_t h = sim_hash(s, 'j', (uint64_t)s->now, i);
        int64_t license = (int64_t)(h % (uint64_t)s->plan->agents);
        license_t found;
        if (i % 2 && n->n_verdicts > 0 &&
            license_parse(text_of(n->verdicts[h % n->n_verdicts].subject), &found, NULL) == 0)
            license = found.code - sim_license(0).code;
        judge_sample(s, n, license);
    }
}

void judge_night(struct sim *s, const struct night *n)
{
    struct telling t = {.w = s->world, .license = -1, .domain = -1};
    if (s->plan->is_large)
        judge_samples(s, n);
    else
        judge(s, n, &t);
}
