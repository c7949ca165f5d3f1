/*
 * One record a (server, licence) goes to the sorter; at the end they come by server. Nearly all
 * servers were seen just now, by one machine after another: those are not even looked up.
 */
#include "run/server_pass.h"
#include "base/grow.h"
#include "store/sorter.h"
#include <errno.h>
#include <string.h>

enum record_kind { RECORD_LICENSE, RECORD_DOMAIN, RECORD_FORK, RECORD_RECEIPT };

/* What one period needs to know; many of these follow one record. */
struct seen_then {
    wall_t last;     /* the latest moment up to E; WALL_BEGIN = none */
    bool is_reached; /* something reaches into [P0, E] */
};

/* What is sent of a server; n seen_then and n_hulls machine_hull follow it. */
struct record {
    enum record_kind kind;
    server_id server;
    license_t license;
    bool is_spoken_of; /* the rules speak of the licence */
    bool is_known;     /* the server belongs to somebody, or did */
    struct span when;  /* FORK: the moment; RECEIPT: first and last */
    size_t n_hulls;
};

/* From a machine's first to its last sighting under a licence. */
struct machine_hull {
    machine_id machine;
    struct span hull;
};

struct server_pass {
    struct store *store;
    const struct book *book;
    const struct run_period *periods;
    size_t n;
    dur_t *patience; /* of each period: the least `silent_after` of anybody */
    struct sorter *sorter;
    struct buf value;
    struct seen_then *then;     /* scratch: one a period */
    struct machine_hull *hulls; /* scratch: those of one record */
    size_t n_hulls, cap_hulls;
};

static dur_t least_patience(const struct policy_version *v)
{
    dur_t least = v->base.silent_after;

    for (size_t i = 0; i < v->n_overrides; i++)
        if (v->overrides[i].policy.silent_after.s < least.s)
            least = v->overrides[i].policy.silent_after;
    return least;
}

int server_pass_new(struct store *s, const struct book *b, const struct run_period *periods,
                    size_t n, struct server_pass **ret)
{
    AUTO(server_pass) struct server_pass *p = calloc(1, sizeof(*p));
    struct diag d;

    if (!p)
        return -ENOMEM;
    *p = (struct server_pass){.store = s, .book = b, .periods = periods, .n = n};
    p->value = BUF_INIT(1 << 20);
    p->then = calloc(n + 1, sizeof(*p->then));
    p->patience = calloc(n + 1, sizeof(*p->patience));
    if (!p->then || !p->patience)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        p->patience[i] = least_patience(periods[i].now.policy);
    int r = sorter_new(&p->sorter, &d);
    if (r < 0)
        return r;
    *ret = STEAL(p);
    return 0;
}

void server_pass_free(struct server_pass *p)
{
    if (!p)
        return;
    sorter_free(p->sorter);
    buf_done(&p->value);
    free(p->then);
    free(p->patience);
    free(p->hulls);
    free(p);
}

static void put_be64(uint8_t *p, int64_t v)
{
    uint64_t u = (uint64_t)v;

    for (int i = 7; i >= 0; i--, u >>= 8)
        p[i] = (uint8_t)u;
}

/* Sends a record with what `then` and `hulls` hold. */
static int send(struct server_pass *p, struct record rec)
{
    uint8_t key[8];

    put_be64(key, rec.server);
    rec.n_hulls = p->n_hulls;
    buf_reset(&p->value);
    buf_add(&p->value, &rec, sizeof(rec));
    buf_add(&p->value, p->then, p->n * sizeof(*p->then));
    buf_add(&p->value, p->hulls, p->n_hulls * sizeof(*p->hulls));
    int r = buf_error(&p->value);
    if (r < 0)
        return r;
    return sorter_put(p->sorter, (struct text){(const char *)key, sizeof(key)},
                      (struct text){p->value.data, p->value.len});
}

static void begin_record(struct server_pass *p)
{
    for (size_t i = 0; i < p->n; i++)
        p->then[i] = (struct seen_then){.last = WALL_BEGIN};
    p->n_hulls = 0;
}

static void then_add(struct server_pass *p, struct span seen)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct audit *a = &p->periods[i].now;
        if (seen.first.s > a->end.s)
            continue;
        p->then[i].last = wall_max(p->then[i].last, wall_min(seen.last, a->end));
        p->then[i].is_reached = p->then[i].is_reached || seen.last.s >= a->p0.s;
    }
}

/* Sightings come by machine: it is the last one's hull, or a new one. */
static int add_hull(struct server_pass *p, machine_id machine, struct span seen)
{
    struct machine_hull *last = p->n_hulls > 0 ? &p->hulls[p->n_hulls - 1] : NULL;

    if (last && last->machine == machine) {
        last->hull.first = wall_min(last->hull.first, seen.first);
        last->hull.last = wall_max(last->hull.last, seen.last);
        return 0;
    }
    int r = grow(&p->hulls, &p->cap_hulls, p->n_hulls + 1, sizeof(*p->hulls), SIZE_MAX);
    if (r >= 0)
        p->hulls[p->n_hulls++] = (struct machine_hull){machine, seen};
    return r;
}

/* The record of one machine's server, from this machine on. */
static int send_server(struct server_pass *p, const struct license_outline *o, size_t machine)
{
    server_id server = o->machines[machine].server;
    int r = 0;

    begin_record(p);
    for (size_t i = 0; i < o->facts.n_sightings && r >= 0; i++) {
        const struct audit_sighting *s = &o->facts.sightings[i];
        if (!o->facts.servers[s->machine] || o->machines[s->machine].server != server)
            continue;
        then_add(p, s->seen);
        r = add_hull(p, o->machines[s->machine].id, s->seen);
    }
    if (r < 0)
        return r;
    return send(p, (struct record){
                       .kind = RECORD_LICENSE,
                       .server = server,
                       .license = o->facts.license,
                       .is_spoken_of =
                           p->n > 0 && audit_speaks_of(&p->periods[0].now, o->facts.license),
                       .is_known = o->facts.servers[machine]->n_tenures > 0,
                   });
}

static bool was_sent(const struct license_outline *o, size_t machine)
{
    for (size_t i = 0; i < machine; i++)
        if (o->facts.servers[i] && o->machines[i].server == o->machines[machine].server)
            return true;
    return false;
}

int server_pass_license(struct server_pass *p, const struct license_outline *o)
{
    int r = 0;

    for (size_t m = 0; m < o->n_machines && r >= 0; m++)
        if (o->facts.servers[m] && !was_sent(o, m))
            r = send_server(p, o, m);
    return r;
}

int server_pass_domain(struct server_pass *p, const struct domain_case *c,
                       const struct crew *crew)
{
    for (uint32_t m = 0; m < c->n_servers; m++) {
        struct record rec = {.kind = RECORD_DOMAIN, .is_known = c->servers[m]->n_tenures > 0};
        begin_record(p);
        for (size_t i = 0; i < crew->n_servers; i++)
            if (crew->servers[i] == c->servers[m])
                rec.server = crew->server_ids[i];
        for (size_t i = 0; i < c->n_counts; i++)
            if (c->counts[i].server == m)
                then_add(p, c->counts[i].seen);
        int r = send(p, rec);
        if (r < 0)
            return r;
    }
    return 0;
}

static int send_forks(struct server_pass *p)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_fork row;
    struct store_machine machine;
    int r = store_scan_forks(p->store, &scan);

    begin_record(p);
    while (r >= 0 && (r = store_next_fork(scan, &row)) > 0) {
        r = store_get_machine(p->store, row.machine, &machine);
        if (r >= 0)
            r = send(p, (struct record){.kind = RECORD_FORK,
                                        .server = machine.server,
                                        .when = {row.at, row.at}});
    }
    return r;
}

static int send_receipts(struct server_pass *p)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_server_row row;
    int r = store_scan_unknown_servers(p->store, &scan);

    begin_record(p);
    while (r >= 0 && (r = store_next_server(scan, &row)) > 0) {
        r = 0;
        if (row.has_reported)
            r = send(p, (struct record){.kind = RECORD_RECEIPT,
                                        .server = row.id,
                                        .when = {row.first_received, row.last_received}});
    }
    return r;
}

/* ---- The end: one server after another ------------------------------------------------ */

/* All that came of one server. */
struct gathered {
    server_id server;
    struct arena arena;
    struct record *records;
    struct seen_then *then; /* n of the pass for each record */
    size_t n, cap_records, cap_then;
    struct machine_hull *hulls; /* one a machine, by first */
    size_t n_hulls, cap_hulls;
    struct crew crew; /* only for a server whose machines may have been together */
    struct audit_sighting *sightings;
    size_t n_sightings, cap_sightings;
};

static void gathered_done(struct gathered *g)
{
    arena_done(&g->arena);
    free(g->records);
    free(g->then);
    free(g->hulls);
    free(g->sightings);
    crew_done(&g->crew);
}

static int gather_record(struct gathered *g, const struct server_pass *p, struct text value)
{
    struct record rec;
    const char *then = value.p + sizeof(rec), *hulls = then + p->n * sizeof(*g->then);

    memcpy(&rec, value.p, sizeof(rec));
    int r = grow(&g->records, &g->cap_records, g->n + 1, sizeof(*g->records), SIZE_MAX);
    if (r >= 0)
        r = grow(&g->then, &g->cap_then, (g->n + 1) * (p->n + 1), sizeof(*g->then), SIZE_MAX);
    if (r >= 0)
        r = grow(&g->hulls, &g->cap_hulls, g->n_hulls + rec.n_hulls, sizeof(*g->hulls),
                 SIZE_MAX);
    if (r < 0)
        return r;
    g->records[g->n] = rec;
    memcpy(&g->then[g->n * p->n], then, p->n * sizeof(*g->then));
    g->n++;
    if (rec.is_spoken_of && rec.n_hulls > 0) {
        memcpy(&g->hulls[g->n_hulls], hulls, rec.n_hulls * sizeof(*g->hulls));
        g->n_hulls += rec.n_hulls;
    }
    return 0;
}

static int hull_compare_machine(const void *a, const void *b)
{
    const struct machine_hull *x = a, *y = b;
    return x->machine < y->machine ? -1 : x->machine > y->machine;
}

static int hull_compare(const void *a, const void *b)
{
    const struct machine_hull *x = a, *y = b;
    return span_compare(&x->hull, &y->hull);
}

/* One hull a machine, over its licences; by first. */
static void join_hulls(struct gathered *g)
{
    size_t n = 0;

    if (g->n_hulls < 2)
        return;
    qsort(g->hulls, g->n_hulls, sizeof(*g->hulls), hull_compare_machine);
    for (size_t i = 1; i < g->n_hulls; i++) {
        struct machine_hull *last = &g->hulls[n];
        const struct machine_hull *next = &g->hulls[i];
        if (last->machine != next->machine) {
            g->hulls[++n] = *next;
            continue;
        }
        last->hull.first = wall_min(last->hull.first, next->hull.first);
        last->hull.last = wall_max(last->hull.last, next->hull.last);
    }
    g->n_hulls = n + 1;
    qsort(g->hulls, g->n_hulls, sizeof(*g->hulls), hull_compare);
}

/* Whether two machines may have been present together at all: runs of one agent do not overlap.
 */
static bool may_be_together(const struct gathered *g)
{
    wall_t until = WALL_BEGIN;

    for (size_t i = 0; i < g->n_hulls; i++) {
        if (g->hulls[i].hull.first.s < until.s)
            return true;
        until = wall_max(until, g->hulls[i].hull.last);
    }
    return false;
}

static int load_license(struct gathered *g, const struct server_pass *p, license_t license)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_sighting row;
    struct store_machine machine;
    uint32_t number;
    int r = store_scan_sightings(p->store, (struct license_range){license, license}, &scan);

    while (r >= 0 && (r = store_next_sighting(scan, &row)) > 0) {
        r = store_get_machine(p->store, row.machine, &machine);
        if (r < 0 || machine.server != g->server)
            continue;
        r = crew_add(&g->crew, p->store, p->book, row.machine, &number);
        if (r >= 0)
            r = grow(&g->sightings, &g->cap_sightings, g->n_sightings + 1,
                     sizeof(*g->sightings), UINT32_MAX);
        if (r >= 0)
            g->sightings[g->n_sightings++] =
                (struct audit_sighting){number, row.source, row.address, row.seen};
    }
    return r;
}

static int license_compare(const void *a, const void *b)
{
    const license_t *x = a, *y = b;
    return x->code < y->code ? -1 : x->code > y->code;
}

/* The sightings of the server's machines themselves, for the few servers that need them. */
static int load_machines(struct gathered *g, const struct server_pass *p)
{
    license_t *licenses = arena_array(&g->arena, g->n + 1, sizeof(*licenses));
    size_t n = 0;
    int r = 0;

    if (!licenses)
        return -ENOMEM;
    for (size_t i = 0; i < g->n; i++)
        if (g->records[i].kind == RECORD_LICENSE && g->records[i].is_spoken_of)
            licenses[n++] = g->records[i].license;
    qsort(licenses, n, sizeof(*licenses), license_compare);
    for (size_t i = 0; i < n && r >= 0; i++)
        if (i == 0 || licenses[i].code != licenses[i - 1].code)
            r = load_license(g, p, licenses[i]);
    if (r >= 0)
        r = crew_sort(&g->crew);
    for (size_t i = 0; i < g->n_sightings && r >= 0; i++)
        g->sightings[i].machine = g->crew.v[g->sightings[i].machine].number;
    return r;
}

static void case_add(struct server_case *c, const struct audit *a, const struct record *rec,
                     const struct seen_then *then)
{
    switch (rec->kind) {
    case RECORD_LICENSE:
    case RECORD_DOMAIN:
        c->has_last = c->has_last || then->last.s != WALL_BEGIN.s;
        c->last = wall_max(c->last, then->last);
        c->has_evidence = c->has_evidence || then->is_reached;
        break;
    case RECORD_FORK:
        c->has_fork =
            c->has_fork || (rec->when.first.s >= a->p0.s && rec->when.first.s <= a->end.s);
        break;
    case RECORD_RECEIPT:
        c->has_evidence =
            c->has_evidence || (rec->when.first.s <= a->end.s && rec->when.last.s >= a->p0.s);
        break;
    }
}

/* Whether one record alone lets none of the rules speak: of a known server, seen just now (or
 * not yet) in each period. Another record can only make it later. */
static bool is_plain(const struct server_pass *p, const struct record *rec,
                     const struct seen_then *then)
{
    if (!rec->is_known)
        return false; /* a fork or a receipt, too */
    for (size_t i = 0; i < p->n; i++)
        if (then[i].last.s != WALL_BEGIN.s &&
            p->periods[i].now.end.s - then[i].last.s > p->patience[i].s)
            return false;
    return true;
}

static int judge_server(struct server_pass *p, struct gathered *g, struct audit_work *w,
                        const struct finding_sink *sink)
{
    struct audit_server server;
    int r = server_load(p->store, p->book, g->server, &g->arena, &server);

    if (r >= 0 && may_be_together(g))
        r = load_machines(g, p);
    for (size_t i = 0; i < p->n && r >= 0; i++) {
        struct server_case c = {.server = &server, .last = WALL_BEGIN};
        for (size_t k = 0; k < g->n; k++)
            case_add(&c, &p->periods[i].now, &g->records[k], &g->then[k * p->n + i]);
        c.machines = (struct license_case){.machines = g->crew.sorted,
                                           .n_machines = g->crew.n,
                                           .sightings = g->sightings,
                                           .n_sightings = g->n_sightings};
        r = audit_server(&p->periods[i].now, &c, w, sink);
    }
    return r;
}

static int end_server(struct server_pass *p, struct gathered *g, struct audit_work *w,
                      const struct finding_sink *sink)
{
    bool is_quiet = true;
    int r = 0;

    join_hulls(g);
    for (size_t k = 0; k < g->n; k++)
        is_quiet = is_quiet && is_plain(p, &g->records[k], &g->then[k * p->n]);
    if (!is_quiet || may_be_together(g))
        r = judge_server(p, g, w, sink);
    arena_reset(&g->arena);
    crew_reset(&g->crew);
    g->n = g->n_hulls = g->n_sightings = 0;
    return r;
}

static int judge_servers(struct server_pass *p, struct audit_work *w,
                         const struct finding_sink *sink)
{
    AUTO(gathered) struct gathered g = {0};
    struct text key, value;
    struct record rec;
    int r;

    crew_reset(&g.crew);
    while ((r = sorter_next(p->sorter, &key, &value)) > 0) {
        memcpy(&rec, value.p, sizeof(rec));
        if (g.n > 0 && rec.server != g.server)
            r = end_server(p, &g, w, sink);
        g.server = rec.server;
        if (r >= 0)
            r = gather_record(&g, p, value);
        if (r < 0)
            return r;
    }
    return r >= 0 && g.n > 0 ? end_server(p, &g, w, sink) : r;
}

int server_pass_end(struct server_pass *p, struct audit_work *w,
                    const struct finding_sink *sink)
{
    int r = send_forks(p);

    if (r >= 0)
        r = send_receipts(p);
    if (r >= 0)
        r = judge_servers(p, w, sink);
    return r;
}
