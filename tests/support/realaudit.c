/* A world judged by the programs' own code. */
#include "support/realaudit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ledger/ledger.h"
#include "run/intake.h"
#include "run/nightly.h"
#include "support/seed.h"
#include "support/temp.h"
#include "wire/report_json.h"

static int put_people(const struct world *w, struct store *s)
{
    int r = 0;
    for (size_t i = 0; i < w->n_managers && r == 0; i++)
        r = store_put_manager(s, &w->managers[i]);
    for (size_t i = 0; i < w->n_resellers && r == 0; i++)
        r = store_put_reseller(s, &w->resellers[i]);
    for (size_t i = 0; i < w->n_networks && r == 0; i++)
        r = store_put_network(s, &w->networks[i]);
    return r;
}

static int put_estate(const struct world *w, struct store *s)
{
    int r = put_people(w, s);
    for (size_t i = 0; i < w->n_licenses && r == 0; i++)
        r = store_put_license(s, &w->licenses[i]);
    for (size_t i = 0; i < w->n_domains && r == 0; i++)
        r = store_put_domain(s, &w->domains[i]);
    for (size_t i = 0; i < w->n_servers && r == 0; i++)
        r = store_put_estate_server(s, &w->servers[i]);
    for (size_t i = 0; i < w->n_moves && r == 0; i++)
        r = store_put_move(s, &w->moves[i]);
    for (size_t i = 0; i < w->n_tariffs && r == 0; i++)
        r = store_put_tariff(s, &w->tariffs[i]);
    return r;
}

/* As `import reports` takes a line. What it refuses is named there, and passed over here. */
static int put_report(const struct world *w, const struct world_report *r, struct store *s)
{
    AUTO(buf) struct buf line = BUF_INIT(2 * CAP_REPORT_BYTES);
    AUTO(recorded) struct recorded rec = {.sent_at = {0}};
    struct json_error refused;
    struct diag why = {{0}};
    char at[REPORT_AT_SIZE];
    world_print_report(r, &line);
    int e = buf_error(&line);
    if (e < 0)
        return e;
    e = recorded_from_json((struct text){line.data, line.len}, &rec, &refused);
    if (e == 0)
        e = intake_report(s, &rec, w->merge_gap, at, &why);
    return e == -EBADMSG ? 0 : e;
}

static int put_reports(const struct world *w, uint64_t order, struct store *s)
{
    size_t at[WORLD_REPORTS];
    struct rng rng = {order};
    int r = 0;
    for (size_t i = 0; i < w->n_reports; i++)
        at[i] = i;
    for (size_t i = w->n_reports; order != 0 && i > 1; i--) {
        size_t j = (size_t)rng_below(&rng, i), kept = at[j];
        at[j] = at[i - 1];
        at[i - 1] = kept;
    }
    for (size_t i = 0; i < w->n_reports && r == 0; i++)
        r = put_report(w, &w->reports[at[i]], s);
    return r;
}

static int fill(const struct world *w, uint64_t order, struct store *s)
{
    int r = store_begin(s);
    if (r == 0)
        r = put_estate(w, s);
    if (r == 0)
        r = put_reports(w, order, s);
    return r == 0 ? store_commit(s) : r;
}

int real_open(const struct world *w, uint64_t order, struct real *ret, struct diag *d)
{
    char path[TEMP_PATH_SIZE], url[TEMP_PATH_SIZE + 16];
    ret->store = NULL;
    int r = temp_make(&ret->temp);
    if (r < 0)
        return diag_set(d, r, "no temporary folder");
    (void)snprintf(url, sizeof url, "sqlite:%s", temp_file(&ret->temp, "world.db", path));
    r = store_open(url, STORE_CREATE, &ret->store, d);
    if (r < 0)
        return r;
    r = fill(w, order, ret->store);
    return r < 0 ? diag_set(d, r, "filling the store: %s", store_diag(ret->store)) : 0;
}

void real_done(struct real *r)
{
    store_close(r->store);
    r->store = NULL;
    temp_done(&r->temp);
}

static int add_verdict(const struct finding *f, struct verdict_list *ret)
{
    if (ret->n == VERDICTS_MAX)
        return -ERANGE;
    struct verdict *v = &ret->v[ret->n++];
    *v = (struct verdict){.period = f->period,
                          .kind = f->kind,
                          .state = f->state,
                          .quantity = f->quantity,
                          .has_since = f->has_since,
                          .has_confirms = f->has_confirms,
                          .since = f->since,
                          .confirms_at = f->confirms_at,
                          .is_trial = f->is_trial};
    (void)snprintf(v->reseller, sizeof v->reseller, "%s", f->reseller ? f->reseller : "");
    (void)snprintf(v->subject, sizeof v->subject, "%s", f->subject);
    return 0;
}

static int take(struct findings *findings, const char *subject, struct verdict_list *ret,
                struct buf *text)
{
    struct finding f;
    int r;
    while ((r = findings_next(findings, &f)) > 0) {
        if (subject != NULL && strcmp(f.subject, subject) != 0)
            continue;
        int e = add_verdict(&f, ret);
        if (e < 0)
            return e;
        if (text == NULL)
            continue;
        verdict_print(&ret->v[ret->n - 1], f.policy, text);
        buf_printf(text, "%s\n", f.evidence);
    }
    return r < 0 || text == NULL ? r : buf_error(text);
}

/* The world's settings as a run wants them; `prefixes` is where they are put. */
static struct run_setup setup_for(const struct world *w, struct store *s,
                                  char prefixes[WORLD_PREFIXES][8])
{
    for (size_t i = 0; i < w->n_prefixes; i++)
        (void)snprintf(prefixes[i], 8, "%s", w->prefixes[i]);
    return (struct run_setup){.store = s,
                              .zone = &w->zone,
                              .policies = &w->policies,
                              .lab_networks = w->lab,
                              .n_lab_networks = w->n_lab,
                              .license_prefixes = (const char(*)[8])prefixes,
                              .n_license_prefixes = w->n_prefixes,
                              .as_of = w->as_of};
}

static int run(const struct world *w, const struct run_setup *setup, const char *subject,
               const struct finding_sink *sink)
{
    license_t license;
    if (subject == NULL)
        return run_audit(setup, w->periods, w->n_periods, sink);
    if (license_parse(text_of(subject), &license, NULL) == 0)
        return run_audit_license(setup, license, w->periods, w->n_periods, sink);
    return run_audit_domain(setup, subject, w->periods, w->n_periods, sink);
}

int real_audit(const struct real *r, const struct world *w, const char *subject,
               struct verdict_list *ret, struct buf *text)
{
    AUTO(book) struct book book = {0};
    AUTO(findings) struct findings *findings = NULL;
    struct diag d = {{0}};
    char prefixes[WORLD_PREFIXES][8];
    struct run_setup setup = setup_for(w, r->store, prefixes);
    int e = book_load(&book, r->store);
    if (e == 0)
        e = findings_new(&findings, &d);
    if (e < 0)
        return e;
    struct finding_sink sink = {findings_take, findings, false};
    setup.book = &book;
    e = run(w, &setup, subject, &sink);
    if (e == 0)
        e = take(findings, subject, ret, text);
    verdict_sort(ret);
    return e;
}

static const struct currency *currency_of(const struct world *w, const char *reseller)
{
    for (size_t i = 0; i < w->n_resellers; i++)
        if (strcmp(w->resellers[i].id, reseller) == 0)
            return w->resellers[i].currency;
    return NULL;
}

int real_costs(const struct world *w, const struct verdict_list *verdicts,
               struct cost_list *ret)
{
    for (size_t i = 0; i < verdicts->n; i++) {
        const struct verdict *v = &verdicts->v[i];
        enum charge_kind kind;
        struct due due;
        const struct currency *currency = currency_of(w, v->reseller);
        if (charge_kind_parse(text_of(finding_kind_name(v->kind)), &kind) < 0 ||
            v->state != STATE_CONFIRMED)
            continue;
        const struct estate_tariff *t =
            ledger_tariff(w->tariffs, w->n_tariffs,
                          &(struct tariff_query){kind, v->reseller, currency,
                                                 period_start(&w->zone, v->period)});
        int r =
            ledger_due(&(struct due_question){v->state, v->quantity, false, t, currency}, &due);
        if (r < 0)
            return r;
        if (due.amount.minor == 0)
            continue;
        assert(ret->n < COSTS_MAX);
        struct cost *c = &ret->v[ret->n++];
        *c = (struct cost){.period = v->period,
                           .kind = kind,
                           .quantity = due.quantity,
                           .units = due.units,
                           .unit_price = due.unit_price,
                           .due = due.amount,
                           .currency = currency};
        (void)snprintf(c->reseller, sizeof c->reseller, "%s", v->reseller);
        (void)snprintf(c->subject, sizeof c->subject, "%s", v->subject);
    }
    cost_sort(ret);
    return 0;
}
