/*
 * What the distributor knows at a moment: the plan's events that are known by then, as rows. A
 * small world's go through the product's import as a file; the simple audit gets the same rows.
 */
#include "sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "estate/estate_import.h"

static struct term term_of(const struct event *e)
{
    return (struct term){{e->from}, {e->to}};
}

static const char *keep_name(char pool[static 32], const char *text)
{
    (void)snprintf(pool, 32, "%s", text);
    return pool;
}

/* Texts that rows borrow: one for each event. */
struct estate_rows {
    char (*names)[32];
};

static const struct currency *currency_of(const struct sim *s, int32_t reseller)
{
    bool is_other = reseller == 1 && sim_hash(s, 'c', 0, 0) % 4 == 0;
    return currency_find(text_of(is_other ? "JPY" : "EUR"));
}

static struct estate_reseller reseller_row(const struct sim *s, int32_t i)
{
    int32_t n = s->plan->resellers;
    return (struct estate_reseller){.id = sim_reseller(i),
                                    .name = sim_reseller(i),
                                    .manager = "am1",
                                    .currency = currency_of(s, i),
                                    .is_trial = n >= 3 && i == n - 1};
}

static struct estate_license license_row(const struct event *e)
{
    struct estate_license row = {.license = sim_license(e->a),
                                 .reseller = sim_reseller(e->who),
                                 .product = "",
                                 .valid = term_of(e)};
    if (e->b > 0)
        row.binding = sim_address(e->b - 1);
    return row;
}

static struct estate_domain domain_row(const struct event *e, char pool[static 32])
{
    char name[DNAME_SIZE];
    return (struct estate_domain){.domain = keep_name(pool, sim_domain(e->a, name)),
                                  .reseller = sim_reseller(e->who),
                                  .limit = e->b,
                                  .valid = term_of(e)};
}

static struct estate_network network_row(const struct event *e)
{
    return (struct estate_network){.reseller = sim_reseller(e->who),
                                   .network = sim_network(e->a, e->b),
                                   .valid = term_of(e),
                                   .is_one_place = e->c != 0};
}

static struct estate_server server_row(const struct event *e, char pool[static 32])
{
    char name[CAP_ID + 1];
    return (struct estate_server){.server = keep_name(pool, sim_server(e->who, name)),
                                  .reseller = sim_reseller((int32_t)e->a),
                                  .valid = term_of(e),
                                  .retired = e->b > 0 ? (wall_t){e->b} : WALL_END};
}

static struct estate_move move_row(const struct event *e)
{
    return (struct estate_move){
        .license = sim_license(e->a), .valid = term_of(e), .reason = "declared"};
}

static struct estate_tariff tariff_row(const struct sim *s, const struct event *e)
{
    return (struct estate_tariff){.kind = (enum charge_kind)e->a,
                                  .reseller = e->who < 0 ? NULL : sim_reseller(e->who),
                                  .currency = e->who < 0 ? currency_find(text_of("EUR"))
                                                         : currency_of(s, e->who),
                                  .unit_price = {e->b * 10000},
                                  .block = e->c,
                                  .from = {e->from}};
}

/* ---- As a small world ----------------------------------------------------------------------
 */

/* There is room, or the plan is too large for the simple audit. */
static size_t next_row(size_t *n, size_t most)
{
    assert(*n < most);
    return (*n)++;
}

#define NEXT(w, rows, count) &(w)->rows[next_row(&(w)->count, ARRAY_LEN((w)->rows))]

static void add_row(struct sim *s, const struct event *e, char pool[static 32], struct world *w)
{
    switch ((int)e->kind) {
    case EV_OWN: *NEXT(w, licenses, n_licenses) = license_row(e); break;
    case EV_DOMAIN: *NEXT(w, domains, n_domains) = domain_row(e, pool); break;
    case EV_NETWORK: *NEXT(w, networks, n_networks) = network_row(e); break;
    case EV_SERVER: *NEXT(w, servers, n_servers) = server_row(e, pool); break;
    case EV_MOVE: *NEXT(w, moves, n_moves) = move_row(e); break;
    case EV_TARIFF: *NEXT(w, tariffs, n_tariffs) = tariff_row(s, e); break;
    default: break;
    }
}

/* The rows as known now. */
static void fill(struct sim *s, struct world *w)
{
    *NEXT(w, managers, n_managers) =
        (struct estate_manager){"am1", "A. Manager", "am1@example.com", LANGUAGE_NL};
    for (int32_t i = 0; i < s->plan->resellers; i++)
        *NEXT(w, resellers, n_resellers) = reseller_row(s, i);
    for (size_t i = 0; i < s->plan->n; i++) {
        const struct event *e = &s->plan->events[i];
        if (e->d <= s->now)
            add_row(s, e, s->rows->names[i], w);
    }
}

static void empty(struct world *w)
{
    w->n_managers = w->n_resellers = w->n_networks = w->n_licenses = w->n_domains = 0;
    w->n_servers = w->n_moves = w->n_tariffs = 0;
}

static int apply(struct sim *s, const struct world *w, struct diag *d)
{
    AUTO(buf) struct buf text = BUF_INIT((size_t)16 << 20);
    AUTO(estate) struct estate *estate = NULL;
    struct estate_leave leave = {{s->now}, true};
    struct estate_summary summary;
    world_print_estate(w, &text);
    int r = estate_new(s->zone, &estate);
    if (r == 0)
        r = estate_read_json(estate, (struct text){text.data, text.len}, "estate.json", NULL,
                             d);
    if (r == 0)
        r = store_begin(s->store);
    if (r < 0)
        return r;
    r = estate_apply(estate, s->store, &leave, &summary, d);
    if (r == 0)
        r = store_commit(s->store);
    if (r < 0)
        store_rollback(s->store);
    return r;
}

/* ---- A large one ----------------------------------------------------------------------------
 */

static int put_large_row(struct sim *s, const struct event *e, char pool[static 32])
{
    struct store *st = s->store;
    struct estate_license license;
    struct estate_domain domain;
    struct estate_network network;
    struct estate_server server;
    struct estate_move move;
    struct estate_tariff tariff;
    switch ((int)e->kind) {
    case EV_OWN: return license = license_row(e), store_put_license(st, &license);
    case EV_DOMAIN: return domain = domain_row(e, pool), store_put_domain(st, &domain);
    case EV_NETWORK: return network = network_row(e), store_put_network(st, &network);
    case EV_SERVER: return server = server_row(e, pool), store_put_estate_server(st, &server);
    case EV_MOVE: return move = move_row(e), store_put_move(st, &move);
    case EV_TARIFF: return tariff = tariff_row(s, e), store_put_tariff(st, &tariff);
    default: return 0;
    }
}

static int put_large(struct sim *s)
{
    struct estate_manager manager = {"am1", "A. Manager", "am1@example.com", LANGUAGE_NL};
    int r = store_begin(s->store);
    for (int t = 0; t < ESTATE_TABLE_COUNT && r == 0; t++)
        r = store_clear_table(s->store, (enum estate_table)t);
    if (r == 0)
        r = store_put_manager(s->store, &manager);
    for (int32_t i = 0; i < s->plan->resellers && r == 0; i++) {
        struct estate_reseller row = reseller_row(s, i);
        r = store_put_reseller(s->store, &row);
    }
    for (size_t i = 0; i < s->plan->n && r == 0; i++)
        if (s->plan->events[i].d <= s->now)
            r = put_large_row(s, &s->plan->events[i], s->rows->names[i]);
    if (r == 0)
        r = store_commit(s->store);
    if (r < 0)
        store_rollback(s->store);
    return r;
}

/* ---- When something is new ------------------------------------------------------------------
 */

static bool is_new(const struct sim *s)
{
    for (size_t i = 0; i < s->plan->n; i++) {
        const struct event *e = &s->plan->events[i];
        if (e->kind >= EV_OWN && e->kind <= EV_TARIFF && e->d > s->imported_at &&
            e->d <= s->now)
            return true;
    }
    return s->is_estate_old;
}

void estate_import(struct sim *s)
{
    struct diag d = {""};
    struct world *w = s->world;
    if (!is_new(s))
        return;
    struct world *next = malloc(sizeof *next);
    if (!next)
        abort();
    world_copy(next, w);
    empty(next);
    if (!s->plan->is_large)
        fill(s, next);
    int r = s->plan->is_large ? put_large(s) : apply(s, next, &d);
    if (r < 0)
        sim_fail(s, "estate", "an import failed: %d %s %s", r, d.text, store_diag(s->store));
    world_copy(w, next);
    free(next);
    s->imported_at = s->now;
    s->is_estate_old = false;
}

static bool is_about(const struct event *e, int64_t license, int64_t domain)
{
    return ((e->kind == EV_OWN || e->kind == EV_MOVE) && e->a == license) ||
           (e->kind == EV_DOMAIN && e->a == domain);
}

/* Whose rows a sample has. */
struct sample {
    int64_t license, domain;
    const bool *servers;
    bool resellers[1000];
};

static bool is_in_sample(const struct sample *x, const struct event *e)
{
    return is_about(e, x->license, x->domain) || (e->kind == EV_TARIFF && e->who < 0) ||
           (e->kind == EV_SERVER && x->servers[e->who]) ||
           (e->kind == EV_NETWORK && x->resellers[e->who]);
}

static void find_resellers(const struct sim *s, struct sample *x)
{
    for (size_t i = 0; i < s->plan->n; i++) {
        const struct event *e = &s->plan->events[i];
        if (e->kind == EV_SERVER && x->servers[e->who])
            x->resellers[e->a] = true;
        else if (is_about(e, x->license, x->domain) && e->who >= 0)
            x->resellers[e->who] = true;
    }
}

static bool is_small_enough(const struct sim *s, const struct sample *x)
{
    size_t servers = 0, networks = 0, resellers = 0;
    for (size_t i = 0; i < s->plan->n; i++) {
        const struct event *e = &s->plan->events[i];
        servers += e->kind == EV_SERVER && x->servers[e->who];
        networks += e->kind == EV_NETWORK && x->resellers[e->who];
    }
    for (int32_t i = 0; i < s->plan->resellers; i++)
        resellers += x->resellers[i];
    return servers <= WORLD_SERVERS && networks <= WORLD_NETWORKS &&
           resellers <= WORLD_RESELLERS;
}

/* Of a large world the rows about one licence or domain, the servers it was seen on, and their
 * resellers. False: they are too many for the simple audit. */
bool estate_sample(struct sim *s, int64_t license, int64_t domain, const bool *servers,
                   struct world *w)
{
    struct sample x = {.license = license, .domain = domain, .servers = servers};
    empty(w);
    find_resellers(s, &x);
    if (!is_small_enough(s, &x))
        return false;
    for (int32_t i = 0; i < s->plan->resellers; i++)
        if (x.resellers[i])
            *NEXT(w, resellers, n_resellers) = reseller_row(s, i);
    for (size_t i = 0; i < s->plan->n; i++) {
        const struct event *e = &s->plan->events[i];
        if (e->d <= s->imported_at && is_in_sample(&x, e))
            add_row(s, e, s->rows->names[i], w);
    }
    return true;
}

void estate_begin(struct sim *s)
{
    struct world *w = s->world = malloc(sizeof *w);
    s->rows = calloc(1, sizeof *s->rows);
    if (!w || !s->rows || !(s->rows->names = calloc(s->plan->n + 1, sizeof *s->rows->names)))
        abort();
    world_init(w);
    w->lab[0] = world_network("198.18.0.0/15");
    s->imported_at = -SIM_FOREVER - 1;
    s->is_estate_old = true;
}

void estate_end(struct sim *s)
{
    if (s->rows)
        free(s->rows->names);
    free(s->rows);
    free(s->world);
    s->rows = NULL;
    s->world = NULL;
}

/* ---- Policies: the configuration as it is now
 * ------------------------------------------------ */

static void vary(const struct event *e, struct policy *p)
{
    p->grace.s = p->outside_grace.s = e->a * SIM_HOUR;
    p->charge_by = (enum charge_by)e->b;
    p->mailbox_sustain.s = (e->c & 1) ? SIM_DAY : 7 * SIM_DAY;
    p->mailbox_split = (e->c & 2) ? SPLIT_SUM : SPLIT_MAX;
    p->mailbox_basis = (e->c & 4) ? BASIS_ADDRESSES : BASIS_MAILBOXES;
    p->bridge.s = (e->c & 8) ? 26 * SIM_HOUR : 50 * SIM_HOUR;
    p->mailbox_filtered_only = (e->c & 16) != 0;
    if (e->c & 32)
        p->count_sources = 1u << SOURCE_KEYSERVER | 1u << SOURCE_NAT;
    if (e->c & 64)
        p->count_sources |= 1u << SOURCE_INTERFACE;
    p->period_min.s = (e->c & 128) ? SIM_HOUR : SIM_DAY;
    p->reaudit_periods = (e->c & 256) ? 1 : 3;
}

/* One version always holds; events that are known add others, by `from`. */
void estate_policies(struct sim *s)
{
    struct world *w = s->world;
    w->policies.n = 1;
    for (size_t i = 0; i < s->plan->n && w->policies.n < WORLD_POLICIES; i++) {
        const struct event *e = &s->plan->events[i];
        if (e->kind != EV_POLICY || e->d > s->now)
            continue;
        size_t at = w->policies.n++;
        for (; at > 1 && w->versions[at - 1].from.s > e->from; at--)
            w->versions[at] = w->versions[at - 1];
        struct policy_version *v = &w->versions[at];
        *v = (struct policy_version){.from = {e->from}};
        (void)snprintf(v->version, sizeof v->version, "p%zu", i);
        policy_init(&v->base);
        vary(e, &v->base);
    }
    world_link(w);
}
