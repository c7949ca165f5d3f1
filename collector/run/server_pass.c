/*
 * One record a (server, licence) goes to the sorter; at the end they come by server, and meet
 * the servers themselves, which are read in the same order: no look-up for each.
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
    bool is_spoken_of;                 /* the rules speak of the licence */
    const struct audit_reseller *home; /* the licence is quiet if the server is at home there */
    struct span when;                  /* FORK: the moment; RECEIPT: first and last */
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
    struct span since; /* machines that were not seen then do not matter */
    dur_t *patience;   /* of each period: the least `silent_after` of anybody */
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

int server_pass_new(const struct run_setup *setup, const struct run_window *window,
                    struct server_pass **ret)
{
    AUTO(server_pass) struct server_pass *p = calloc(1, sizeof(*p));
    size_t n = window->n;
    struct diag d;

    if (!p)
        return -ENOMEM;
    *p = (struct server_pass){.store = setup->store, .book = setup->book};
    p->periods = window->periods;
    p->n = n;
    p->since = window->since;
    p->value = BUF_INIT(1 << 20);
    p->then = calloc(n + 1, sizeof(*p->then));
    p->patience = calloc(n + 1, sizeof(*p->patience));
    if (!p->then || !p->patience)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        p->patience[i] = least_patience(p->periods[i].now.policy);
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

/* The sightings of one machine, from the first of them: where they end, and their hull. */
static size_t machine_end(const struct quiet_facts *f, size_t first, struct span *ret_hull)
{
    struct span hull = f->sightings[first].seen;
    size_t i = first + 1;

    for (; i < f->n_sightings && f->sightings[i].machine == f->sightings[first].machine; i++) {
        hull.first = wall_min(hull.first, f->sightings[i].seen.first);
        hull.last = wall_max(hull.last, f->sightings[i].seen.last);
    }
    *ret_hull = hull;
    return i;
}

static int add_machine(struct server_pass *p, struct machine_hull hull,
                       const struct audit_sighting *v, size_t n)
{
    int r = grow(&p->hulls, &p->cap_hulls, p->n_hulls + 1, sizeof(*p->hulls), SIZE_MAX);

    if (r < 0)
        return r;
    p->hulls[p->n_hulls++] = hull;
    for (size_t i = 0; i < n; i++)
        then_add(p, v[i].seen);
    return 0;
}

/* The rows come by machine, and the machines of a server mostly one after another: where they
 * do not, the server gets another record. */
int server_pass_license(struct server_pass *p, const struct license_outline *o, bool is_quiet)
{
    const struct quiet_facts *f = &o->facts;
    struct record rec = {.kind = RECORD_LICENSE, .license = f->license};
    struct span hull;
    int r = 0;

    rec.is_spoken_of = p->n > 0 && audit_speaks_of(&p->periods[0].now, f->license);
    rec.home = is_quiet && f->n_rows > 0 ? f->rows[0].reseller : NULL;
    begin_record(p);
    for (size_t i = 0, end; i < f->n_sightings && r >= 0; i = end) {
        const struct outline_machine *m = &o->machines[f->sightings[i].machine];
        end = machine_end(f, i, &hull);
        if (hull.last.s < p->since.first.s)
            continue;
        if (p->n_hulls > 0 && rec.server != m->server) {
            r = send(p, rec);
            begin_record(p);
        }
        rec.server = m->server;
        if (r >= 0)
            r = add_machine(p, (struct machine_hull){m->id, hull}, &f->sightings[i], end - i);
    }
    return r >= 0 && p->n_hulls > 0 ? send(p, rec) : r;
}

int server_pass_domain(struct server_pass *p, const struct domain_case *c,
                       const struct crew *crew)
{
    for (uint32_t m = 0; m < c->n_servers; m++) {
        struct record rec = {.kind = RECORD_DOMAIN};
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

/* What the end works with. */
struct ending {
    struct server_pass *pass;
    const struct judge *judge;
    struct audit_work *work;
    const struct finding_sink *sink;
    struct store_scan *scan;         /* of all servers, by number */
    struct store_server_facts facts; /* the one it stands at; id 0 = before the first */
};

static void ending_done(struct ending *e)
{
    store_scan_end(e->scan);
}

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

/* Whether one record alone lets none of the rules speak of its known server: it was seen just
 * now (or not yet) in each period. Another record can only make it later. */
static bool is_plain(const struct server_pass *p, const struct record *rec,
                     const struct seen_then *then)
{
    if (rec->kind == RECORD_FORK || rec->kind == RECORD_RECEIPT)
        return false;
    for (size_t i = 0; i < p->n; i++)
        if (then[i].last.s != WALL_BEGIN.s &&
            p->periods[i].now.end.s - then[i].last.s > p->patience[i].s)
            return false;
    return true;
}

static int judge_server(struct ending *e, struct gathered *g, const struct audit_server *server)
{
    const struct server_pass *p = e->pass;
    int r = may_be_together(g) ? load_machines(g, p) : 0;

    for (size_t i = 0; i < p->n && r >= 0; i++) {
        struct server_case c = {.server = server, .last = WALL_BEGIN};
        for (size_t k = 0; k < g->n; k++)
            case_add(&c, &p->periods[i].now, &g->records[k], &g->then[k * p->n + i]);
        c.machines = (struct license_case){.machines = g->crew.sorted,
                                           .n_machines = g->crew.n,
                                           .sightings = g->sightings,
                                           .n_sightings = g->n_sightings};
        r = audit_server(&p->periods[i].now, &c, e->work, e->sink);
    }
    return r;
}

/* The server itself: the scan goes on to it. */
static int find_server(struct ending *e, struct gathered *g, struct audit_server *ret)
{
    const struct server_pass *p = e->pass;
    int r = 1;

    while (r > 0 && e->facts.id < g->server)
        r = store_next_server_facts(e->scan, &e->facts);
    if (r < 0)
        return r;
    if (e->facts.id != g->server) /* says that there is none */
        return server_load(p->store, p->book, g->server, &g->arena, ret);
    return server_make(p->book, e->facts.server, &g->arena, ret);
}

static int end_server(struct ending *e, struct gathered *g)
{
    const struct server_pass *p = e->pass;
    struct audit_server server;
    int r = find_server(e, g, &server);

    if (r < 0)
        return r;
    join_hulls(g);
    bool is_known = server.n_tenures > 0, all_plain = true;
    for (size_t k = 0; k < g->n && r >= 0; k++) {
        const struct record *rec = &g->records[k];
        all_plain = all_plain && is_plain(p, rec, &g->then[k * p->n]);
        if (rec->home && !audit_is_at_home(&server, rec->home, p->since))
            r = e->judge->license(e->judge->arg, rec->license);
    }
    if (r >= 0 && (!is_known || !all_plain || may_be_together(g)))
        r = judge_server(e, g, &server);
    arena_reset(&g->arena);
    crew_reset(&g->crew);
    g->n = g->n_hulls = g->n_sightings = 0;
    return r;
}

static int judge_servers(struct ending *e)
{
    AUTO(gathered) struct gathered g = {0};
    struct text key, value;
    struct record rec;
    int r;

    crew_reset(&g.crew);
    while ((r = sorter_next(e->pass->sorter, &key, &value)) > 0) {
        memcpy(&rec, value.p, sizeof(rec));
        if (g.n > 0 && rec.server != g.server)
            r = end_server(e, &g);
        g.server = rec.server;
        if (r >= 0)
            r = gather_record(&g, e->pass, value);
        if (r < 0)
            return r;
    }
    return r >= 0 && g.n > 0 ? end_server(e, &g) : r;
}

int server_pass_end(struct server_pass *p, const struct judge *judge, struct audit_work *w,
                    const struct finding_sink *sink)
{
    AUTO(ending) struct ending e = {.pass = p, .judge = judge, .work = w, .sink = sink};
    int r = send_forks(p);

    if (r >= 0)
        r = send_receipts(p);
    if (r >= 0)
        r = store_scan_server_facts(p->store, &e.scan);
    return r < 0 ? r : judge_servers(&e);
}
