/* The passes of a night: licences, domains, then what can only be told of servers and
 * addresses. */
#include "run/nightly.h"
#include "run/feed.h"
#include "run/address_pass.h"
#include "run/server_pass.h"
#include <errno.h>

static void audit_init(struct audit *a, const struct run_setup *setup, period_t period)
{
    *a = (struct audit){
        .period = period,
        .p0 = period_start(setup->zone, period),
        .p1 = period_start(setup->zone, period_plus(period, 1)),
        .lab_networks = setup->lab_networks,
        .n_lab_networks = setup->n_lab_networks,
        .license_prefixes = setup->license_prefixes,
        .n_license_prefixes = setup->n_license_prefixes,
    };
    a->end = wall_min(a->p1, setup->as_of);
    a->policy = policy_version_at(setup->policies, a->p0);
}

bool run_period_init(struct run_period *p, const struct run_setup *setup, period_t period)
{
    audit_init(&p->now, setup, period);
    for (int i = 0; i < 5; i++) {
        audit_init(&p->before[i], setup, period_plus(period, -i - 1));
        p->now.before[i] = &p->before[i];
    }
    return p->now.p0.s < p->now.end.s;
}

/* A run at work. */
struct run {
    const struct run_setup *setup;
    struct run_period *periods;
    size_t n;
    struct run_window window;
    struct audit_work *work;
    const struct finding_sink *sink;
    struct server_pass *servers; /* both NULL when one subject alone is audited */
    struct address_pass *addresses;
    int64_t done, total, told;
};

static void run_done(struct run *r)
{
    free(r->periods);
    audit_work_free(r->work);
    server_pass_free(r->servers);
    address_pass_free(r->addresses);
}

static int run_init(struct run *run, const struct run_setup *setup, const period_t *periods,
                    size_t n)
{
    *run = (struct run){.setup = setup};
    run->periods = calloc(n + 1, sizeof(*run->periods));
    if (!run->periods)
        return -ENOMEM;
    /* A slot is used again when its period has not begun. */
    for (size_t i = 0; i < n; i++)
        run->n += run_period_init(&run->periods[run->n], setup, periods[i]);
    run->window = (struct run_window){run->periods, run->n, {WALL_END, WALL_BEGIN}};
    for (size_t i = 0; i < run->n; i++) {
        const struct audit *a = &run->periods[i].now;
        run->window.since.first = wall_min(run->window.since.first, audit_horizon(a));
        run->window.since.last = wall_max(run->window.since.last, a->end);
    }
    return audit_work_new(&run->work);
}

static void progress(struct run *run, size_t rows)
{
    run->done += (int64_t)rows;
    if (!run->setup->progress || run->done - run->told < 50000)
        return;
    run->told = run->done;
    run->setup->progress(run->setup->progress_arg, run->done, run->total);
}

static int judge_license(struct run *run, struct license_feed *feed)
{
    const struct license_case *c;
    int r = license_feed_case(feed, &c);

    for (size_t i = 0; i < run->n && r >= 0; i++)
        r = audit_license(&run->periods[i].now, c, run->work, run->sink);
    return r;
}

/* Whether all machines seen since the horizon are of one server. */
static bool is_at_one_server(const struct run *run, const struct license_outline *o)
{
    const server_id *one = NULL;

    for (size_t i = 0; i < o->facts.n_sightings; i++) {
        const struct audit_sighting *s = &o->facts.sightings[i];
        if (s->seen.last.s < run->window.since.first.s)
            continue;
        if (one && *one != o->machines[s->machine].server)
            return false;
        one = &o->machines[s->machine].server;
    }
    return true;
}

/* Whether nothing can be found, if the server is at home: that is told when it goes by. */
static bool is_quiet(const struct run *run, const struct license_outline *o)
{
    for (size_t i = 0; i < run->n; i++)
        if (!audit_is_quiet(&run->periods[i].now, &o->facts))
            return false;
    return !run->sink->wants_clear && is_at_one_server(run, o);
}

static int pass_license(struct run *run, struct license_feed *feed,
                        const struct license_outline *o)
{
    bool quiet = is_quiet(run, o);
    int r = server_pass_license(run->servers, o, quiet);

    if (r >= 0)
        r = address_pass_license(run->addresses, o);
    return r >= 0 && !quiet ? judge_license(run, feed) : r;
}

static int pass_licenses(struct run *run)
{
    AUTO(license_feed) struct license_feed *feed = NULL;
    struct license_outline o;
    int r = license_feed_open(run->setup->store, run->setup->book, LICENSES_ALL, &feed);

    while (r >= 0 && (r = license_feed_next(feed, &o)) > 0) {
        r = pass_license(run, feed, &o);
        progress(run, o.facts.n_sightings);
    }
    return r;
}

/* One licence by itself: also one that was quiet but for its server. */
static int judge_alone(void *arg, license_t license)
{
    AUTO(license_feed) struct license_feed *feed = NULL;
    struct run *run = arg;
    struct license_outline o;
    int r = license_feed_open(run->setup->store, run->setup->book,
                              (struct license_range){license, license}, &feed);

    if (r >= 0)
        r = license_feed_next(feed, &o);
    return r > 0 ? judge_license(run, feed) : r;
}

static int pass_domains(struct run *run, struct domain_range range)
{
    AUTO(domain_feed) struct domain_feed *feed = NULL;
    const struct domain_case *c;
    int r = domain_feed_open(run->setup->store, run->setup->book, range, &feed);

    while (r >= 0 && (r = domain_feed_next(feed, &c)) > 0) {
        for (size_t i = 0; i < run->n && r >= 0; i++)
            r = audit_domain(&run->periods[i].now, c, run->work, run->sink);
        if (r >= 0 && run->servers)
            r = server_pass_domain(run->servers, c, domain_feed_crew(feed));
        progress(run, c->n_counts);
    }
    return r;
}

int run_audit(const struct run_setup *setup, const period_t *periods, size_t n,
              const struct finding_sink *sink)
{
    AUTO(run) struct run run;
    int r = run_init(&run, setup, periods, n);

    run.sink = sink;
    if (r >= 0 && setup->progress)
        r = store_estimate_rows(setup->store, &run.total);
    if (r >= 0)
        r = server_pass_new(setup, &run.window, &run.servers);
    if (r >= 0)
        r = address_pass_new(setup, &run.window, &run.addresses);
    if (r >= 0)
        r = pass_licenses(&run);
    if (r >= 0)
        r = pass_domains(&run, DOMAINS_ALL);
    if (r >= 0)
        r = server_pass_end(run.servers, &(struct judge){judge_alone, &run}, run.work, sink);
    if (r >= 0)
        r = address_pass_end(run.addresses, run.work, sink);
    return r;
}

int run_audit_license(const struct run_setup *setup, license_t license, const period_t *periods,
                      size_t n, const struct finding_sink *sink)
{
    AUTO(run) struct run run;
    int r = run_init(&run, setup, periods, n);

    run.sink = sink;
    return r < 0 ? r : judge_alone(&run, license);
}

int run_audit_domain(const struct run_setup *setup, const char *domain, const period_t *periods,
                     size_t n, const struct finding_sink *sink)
{
    AUTO(run) struct run run;
    int r = run_init(&run, setup, periods, n);

    run.sink = sink;
    return r < 0 ? r : pass_domains(&run, (struct domain_range){domain, domain});
}

/* The first period that is not closed. */
static int first_open(const struct run_setup *setup, period_t last, struct run_periods *ret,
                      period_t *ret_first)
{
    wall_t first_evidence;
    period_t oldest = period_plus(last, 1 - CAP_OPEN_PERIODS), first = last;
    int r = store_last_closed(setup->store, &first);

    if (r >= 0) {
        first = period_plus(first, 1);
    } else if (r == -ENOENT) {
        r = store_first_evidence(setup->store, &first_evidence);
        if (r >= 0 && first_evidence.s < setup->as_of.s)
            first = period_at(setup->zone, first_evidence);
    }
    if (r < 0 && r != -ENOENT)
        return r;
    ret->is_cut = first.month < oldest.month;
    *ret_first = ret->is_cut ? oldest : first;
    return 0;
}

int run_periods_find(const struct run_setup *setup, struct run_periods *ret)
{
    period_t last = period_at(setup->zone, setup->as_of), first, closed;
    int64_t reaudit = policy_version_at(setup->policies, period_start(setup->zone, last))
                          ->base.reaudit_periods;
    struct run_periods p = {0};
    int r = first_open(setup, last, &p, &first);

    if (r < 0)
        return r;
    r = store_last_closed(setup->store, &closed);
    if (r < 0 && r != -ENOENT)
        return r;
    if (r >= 0)
        for (int64_t i = reaudit; i-- > 0;)
            p.v[p.n_corrected++] = period_plus(closed, -(int)i);
    p.n = p.n_corrected;
    for (; first.month <= last.month; first = period_plus(first, 1))
        p.v[p.n++] = first;
    *ret = p;
    return 0;
}
