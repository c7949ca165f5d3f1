/* Random worlds: machines, and the reports of what they saw. */
#include "support/worldgen_parts.h"

#include <stdio.h>

#define DAY INT64_C(86400)
#define HOUR INT64_C(3600)
#define YEAR_2020 INT64_C(1577836800)

static void choose_machines(struct gen *g)
{
    const struct world *w = g->w;
    size_t n = 2 + gen_pick(g, gen_has(g, FEATURE_CLONES) ? GEN_MACHINES - 1 : 3);
    for (size_t i = 0; i < n; i++) {
        const char *server = w->servers[gen_pick(g, w->n_servers)].server;
        if (gen_has(g, FEATURE_CLONES) && gen_chance(g, 60))
            server = w->servers[0].server;
        if (gen_has(g, FEATURE_STRANGERS) && gen_chance(g, 20))
            server = "ghost";
        g->machines[g->n_machines++] = (struct gen_machine){server, 1 + (unsigned)i, 0};
    }
}

/* A new report of a machine, received when `seen` is over, or late. */
static struct world_report *new_report(struct gen *g, struct gen_machine *m, wall_t last)
{
    static const int64_t delays[] = {0, 0, 1, 60, 900, HOUR, 2 * DAY};
    struct world_report *r = &g->w->reports[g->w->n_reports++];
    r->server = m->server;
    r->report.boot = world_boot(m->boot);
    r->report.counter = ++m->counter;
    r->received_at = (wall_t){last.s + delays[gen_pick(g, ARRAY_LEN(delays))]};
    r->sent_at = r->received_at;
    if (gen_chance(g, 60))
        r->peer = g->addresses[gen_pick(g, g->n_addresses)];
    return r;
}

static void list_license(struct world_report *r, license_t l)
{
    for (size_t i = 0; i < r->report.n_licenses; i++)
        if (r->licenses[i].license.code == l.code)
            return;
    if (r->report.n_licenses < WORLD_REPORT_LICENSES)
        r->licenses[r->report.n_licenses++].license = l;
}

static license_t any_license(struct gen *g)
{
    return g->licenses[gen_chance(g, 60) ? 0 : gen_pick(g, g->n_licenses)];
}

static enum source any_source(struct gen *g)
{
    static const enum source often[] = {SOURCE_KEYSERVER, SOURCE_KEYSERVER, SOURCE_KEYSERVER,
                                        SOURCE_NAT,       SOURCE_NAT,       SOURCE_PANEL,
                                        SOURCE_INTERFACE};
    return often[gen_pick(g, ARRAY_LEN(often))];
}

static void add_sighting(struct gen *g, struct world_report *r, struct span seen)
{
    struct report_sighting *s = &r->sightings[r->report.n_sightings++];
    s->license = any_license(g);
    s->address = g->addresses[gen_pick(g, g->n_addresses)];
    s->source = any_source(g);
    s->seen = seen;
    list_license(r, s->license);
}

static void add_mailboxes(struct gen *g, struct world_report *r, struct span seen)
{
    static const int64_t counts[] = {0, 1, 2, 499, 500, 501, 600, 999, 1000, 1001, 1002};
    const struct world *w = g->w;
    struct report_mailboxes *m = &r->mailboxes[r->report.n_mailboxes++];
    (void)snprintf(m->domain, sizeof m->domain, "%s",
                   w->domains[gen_pick(g, w->n_domains)].domain);
    m->counts = (struct mail_counts){.mailboxes = counts[gen_pick(g, ARRAY_LEN(counts))],
                                     .aliases = gen_chance(g, 20) ? 500 : 0,
                                     .forwards = gen_chance(g, 10),
                                     .lists = gen_chance(g, 10),
                                     .catch_all = gen_chance(g, 10),
                                     .is_filtered = gen_chance(g, 85)};
    m->seen = seen;
}

static struct span any_span(struct gen *g)
{
    struct span s;
    s.first = gen_moment(g);
    s.last = gen_chance(g, 30) ? gen_moment(g) : (wall_t){s.first.s + gen_duration(g)};
    if (s.last.s < s.first.s)
        return (struct span){s.last, s.first};
    return s;
}

/* A report of one to three stretches; the others lie in or touch the first. */
static void add_visit(struct gen *g)
{
    struct gen_machine *m = &g->machines[gen_pick(g, g->n_machines)];
    struct span seen = any_span(g);
    struct world_report *r = new_report(g, m, seen.last);
    size_t n = 1 + gen_pick(g, 3);
    for (size_t i = 0; i < n; i++) {
        struct span part = seen;
        if (i > 0 && gen_chance(g, 50))
            part.first.s = rng_between(g->r, seen.first.s, seen.last.s);
        if (i > 0 && gen_chance(g, 30))
            part.last.s = rng_between(g->r, part.first.s, seen.last.s);
        if (g->w->n_domains > 0 && gen_chance(g, gen_has(g, FEATURE_MAIL) ? 75 : 15))
            add_mailboxes(g, r, part);
        else
            add_sighting(g, r, part);
    }
    if (gen_chance(g, 8))
        r->gaps[r->report.n_gaps++] =
            (struct report_gap){(enum gap_kind)gen_pick(g, GAP_KIND_COUNT), seen, 3};
    r->report.is_live = r->peer.family != 0 && gen_chance(g, 80);
}

/* One machine's regular reports, a step apart: what its peer address becomes is bridged. */
static void add_series(struct gen *g)
{
    struct gen_machine *m = &g->machines[gen_pick(g, g->n_machines)];
    wall_t at = gen_moment(g);
    int64_t step = gen_chance(g, 70) ? gen_duration(g) : g->w->merge_gap.s + gen_chance(g, 30);
    struct addr peer = g->addresses[gen_pick(g, g->n_addresses)];
    license_t license = any_license(g);
    size_t n = 2 + gen_pick(g, 4);
    for (size_t i = 0; i < n && g->w->n_reports < WORLD_REPORTS; i++, at.s += step) {
        struct world_report *r = new_report(g, m, at);
        r->sent_at = r->received_at = at;
        r->peer = peer;
        r->report.is_live = true;
        list_license(r, license);
    }
}

/* Two runs of one server, or two servers, that take turns: never together, if they hold. */
static void add_relay(struct gen *g)
{
    size_t one = gen_pick(g, g->n_machines), other = gen_pick(g, g->n_machines);
    wall_t at = gen_moment(g);
    int64_t stay = 1 + gen_duration(g);
    license_t license = any_license(g);
    for (size_t i = 0; i < 4 && g->w->n_reports < WORLD_REPORTS; i++, at.s += stay) {
        struct gen_machine *m = &g->machines[i % 2 == 0 ? one : other];
        struct world_report *r = new_report(g, m, (wall_t){at.s + stay});
        add_sighting(g, r, (struct span){at, {at.s + stay}});
        r->sightings[0].license = license;
        r->sightings[0].address = g->addresses[i % 2];
        r->report.n_licenses = 0;
        r->report.is_live = false;
    }
}

/* Two machines at two addresses at once, for about as long in this month and others before. */
static void add_months(struct gen *g)
{
    size_t one = gen_pick(g, g->n_machines), other = gen_pick(g, g->n_machines);
    license_t license = any_license(g);
    int64_t stay = gen_duration(g);
    for (int month = 0; month < 6; month++) {
        wall_t at = period_start(&g->w->zone, period_plus(g->w->periods[0], -month));
        at.s += gen_chance(g, 50) ? 0 : rng_between(g->r, -DAY, 25 * DAY);
        for (size_t i = 0; i < 2 && g->w->n_reports < WORLD_REPORTS; i++) {
            struct span seen = {at, {at.s + stay + rng_between(g->r, 0, 1)}};
            struct world_report *r =
                new_report(g, &g->machines[i == 0 ? one : other], seen.last);
            add_sighting(g, r, seen);
            r->sightings[0].license = license;
            r->sightings[0].source = SOURCE_KEYSERVER;
            r->sightings[0].address = g->addresses[i];
        }
    }
}

/* All machines, each at an address of its own, for as long: whatever cuts that is seen. */
static void add_crowd(struct gen *g)
{
    struct span seen = any_span(g);
    license_t license = any_license(g);
    for (size_t i = 0; i < g->n_machines && g->w->n_reports < WORLD_REPORTS; i++) {
        struct world_report *r = new_report(g, &g->machines[i], seen.last);
        add_sighting(g, r, seen);
        r->sightings[0].license = license;
        r->sightings[0].source = SOURCE_KEYSERVER;
        r->sightings[0].address = g->addresses[i % g->n_addresses];
        if (gen_chance(g, 30))
            seen.first.s = rng_between(g->r, seen.first.s, seen.last.s);
    }
}

/* One domain on two machines for as long, neither of them over by itself, or nearly. */
static void add_split_domain(struct gen *g)
{
    static const int64_t counts[] = {500, 501, 600, 999, 1000, 1001};
    struct span seen = any_span(g);
    for (size_t i = 0; i < 2; i++) {
        struct world_report *r =
            new_report(g, &g->machines[gen_pick(g, g->n_machines)], seen.last);
        add_mailboxes(g, r, seen);
        r->mailboxes[0].counts = (struct mail_counts){
            .mailboxes = counts[gen_pick(g, ARRAY_LEN(counts))], .is_filtered = true};
    }
}

/*
 * One server's counts of one domain, stretch after stretch: mostly the same, so that they
 * join; at times one value changes, so that they do not.
 */
static void add_counts(struct gen *g)
{
    struct gen_machine *m = &g->machines[gen_pick(g, g->n_machines)];
    struct mail_counts counts = {.mailboxes = gen_chance(g, 50) ? 1001 : 501,
                                 .is_filtered = gen_chance(g, 80)};
    wall_t at = gen_moment(g);
    size_t domain = gen_pick(g, g->w->n_domains), n = 2 + gen_pick(g, 4);
    for (size_t i = 0; i < n && g->w->n_reports < WORLD_REPORTS; i++) {
        struct span seen = {at, {at.s + gen_duration(g)}};
        struct world_report *r = new_report(g, m, seen.last);
        add_mailboxes(g, r, seen);
        (void)snprintf(r->mailboxes[0].domain, sizeof r->mailboxes[0].domain, "%s",
                       g->w->domains[domain].domain);
        counts.is_filtered ^= gen_chance(g, 15);
        counts.catch_all ^= gen_chance(g, 15);
        counts.alias_domains += gen_chance(g, 15);
        counts.lists += gen_chance(g, 15);
        counts.mailboxes += rng_between(g->r, -4, 4) / 4;
        r->mailboxes[0].counts = counts;
        at.s = seen.last.s + gen_duration(g);
    }
}

/*
 * One machine on the addresses of one /64, one after the other, around the beginning of the
 * window of `outside`: only those that reach into it say where the /64 lies.
 */
static void add_neighbours(struct gen *g)
{
    static const char *const texts[] = {"2001:db8:1:1::1", "2001:db8:1:1:1::1"};
    const struct policy *p = &g->w->versions[g->w->policies.n - 1].base;
    struct gen_machine *m = &g->machines[gen_pick(g, g->n_machines)];
    wall_t at = {g->p0.s - p->outside_grace.s - gen_duration(g)};
    license_t license = any_license(g);
    size_t first = gen_pick(g, 2);
    for (size_t i = 0; i < 3 && g->w->n_reports < WORLD_REPORTS; i++) {
        struct span seen = {at, {at.s + (i < 2 ? 0 : gen_duration(g))}};
        struct world_report *r = new_report(g, m, seen.last);
        add_sighting(g, r, seen);
        r->sightings[0].license = license;
        r->sightings[0].source = SOURCE_KEYSERVER;
        r->sightings[0].address = world_addr(texts[i == 0 ? first : 1 - first]);
        at.s += p->bridge.s;
    }
}

/* A report that comes again: the same body later, or its counter with another body. */
static void repeat_report(struct gen *g)
{
    struct world *w = g->w;
    if (w->n_reports == 0)
        return;
    const struct world_report *old = &w->reports[gen_pick(g, w->n_reports)];
    struct world_report *r = &w->reports[w->n_reports++];
    int64_t later = gen_chance(g, 50) ? gen_duration(g) : 0;
    *r = *old;
    r->sent_at.s += later;
    r->received_at.s += later;
    if (gen_chance(g, 50))
        return;
    if (r->report.n_sightings > 0)
        r->sightings[0].address = g->addresses[gen_pick(g, g->n_addresses)];
    else
        r->report.is_live = false;
}

/* From `quiet` on nobody saw anything: many stretches end at the very moment. */
static void fall_silent(struct gen *g)
{
    static const int64_t near[] = {0, 0, 1, -1};
    const struct policy *p = &g->w->versions[g->w->policies.n - 1].base;
    int64_t ago = gen_chance(g, 50) ? p->silent_after.s : 35 * DAY;
    wall_t quiet = {wall_min(g->p1, g->w->as_of).s - ago + near[gen_pick(g, ARRAY_LEN(near))]};
    for (size_t i = 0; i < g->w->n_reports; i++) {
        struct world_report *r = &g->w->reports[i];
        for (size_t j = 0; j < r->report.n_sightings; j++) {
            r->sightings[j].seen.first = wall_min(r->sightings[j].seen.first, quiet);
            r->sightings[j].seen.last = wall_min(r->sightings[j].seen.last, quiet);
        }
        for (size_t j = 0; j < r->report.n_mailboxes; j++) {
            r->mailboxes[j].seen.first = wall_min(r->mailboxes[j].seen.first, quiet);
            r->mailboxes[j].seen.last = wall_min(r->mailboxes[j].seen.last, quiet);
        }
        if (r->received_at.s > quiet.s)
            r->report.is_live = false;
    }
}

static void shift_all(struct world_report *r, int64_t by)
{
    struct span *spans[WORLD_REPORT_SIGHTINGS + WORLD_REPORT_MAILBOXES + WORLD_REPORT_GAPS];
    size_t n = 0;
    for (size_t i = 0; i < r->report.n_sightings; i++)
        spans[n++] = &r->sightings[i].seen;
    for (size_t i = 0; i < r->report.n_mailboxes; i++)
        spans[n++] = &r->mailboxes[i].seen;
    for (size_t i = 0; i < r->report.n_gaps; i++)
        spans[n++] = &r->gaps[i].seen;
    for (size_t i = 0; i < n; i++) {
        spans[i]->first.s += by;
        spans[i]->last.s += by;
    }
}

/* An agent's clock that is off: all that it says is off by as much. */
static void put_clock_off(struct gen *g, struct world_report *r)
{
    static const int64_t offs[] = {-60,  60,       -61,       61,          -HOUR,
                                   HOUR, -3 * DAY, 400 * DAY, -3000 * DAY, 59};
    int64_t off = offs[gen_pick(g, ARRAY_LEN(offs))];
    r->sent_at.s += off;
    shift_all(r, off);
    if (gen_chance(g, 15)) /* and times that run ahead of it, at most just so far */
        shift_all(r, gen_chance(g, 60) ? 60 : 61);
    if (gen_chance(g, 10) && r->report.n_sightings > 0)
        r->sightings[0].seen.first.s = YEAR_2020 + off - (gen_chance(g, 50) ? 0 : 1);
}

/* Patterns that chance alone makes too seldom. */
static void add_patterns(struct gen *g)
{
    bool has_mail = g->w->n_domains > 0 && gen_has(g, FEATURE_MAIL);
    if (gen_chance(g, gen_has(g, FEATURE_CLOCKS) ? 60 : 25))
        add_series(g);
    if (gen_chance(g, gen_has(g, FEATURE_CLONES) ? 60 : 15))
        add_relay(g);
    if (gen_has(g, FEATURE_MONTHS))
        add_months(g);
    if (gen_chance(g, gen_has(g, FEATURE_HANDS) || gen_has(g, FEATURE_MOVES) ? 50 : 10))
        add_crowd(g);
    if (has_mail && gen_chance(g, 50))
        add_split_domain(g);
    if (has_mail && gen_chance(g, 70))
        add_counts(g);
    if (gen_has(g, FEATURE_NETWORKS) && gen_chance(g, 30))
        add_neighbours(g);
    if (gen_has(g, FEATURE_SILENT) && gen_chance(g, 60))
        fall_silent(g);
}

void gen_reports(struct gen *g)
{
    struct world *w = g->w;
    size_t visits = 3 + gen_pick(g, 12);
    choose_machines(g);
    world_link(w);
    for (size_t i = 0; i < visits; i++)
        add_visit(g);
    add_patterns(g);
    for (size_t i = 0; i < w->n_reports; i++)
        if (gen_has(g, FEATURE_CLOCKS) && gen_chance(g, 40))
            put_clock_off(g, &w->reports[i]);
    while (gen_chance(g, gen_has(g, FEATURE_CLONES) ? 60 : 15) && w->n_reports < WORLD_REPORTS)
        repeat_report(g);
    world_link(w); /* repeated reports were copied with the pointers of the old ones */
}
