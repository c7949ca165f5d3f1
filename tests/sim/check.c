/*
 * The invariants about observations. Exactly what was committed is in the store; what agents
 * were told is in it; nothing is in it that was not so; at the end all is there that agents had
 * on their disks; and another order of arrival gives the same store and the same audit.
 */
#include "sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "run/intake.h"
#include "support/seed.h"
#include "support/store_dump.h"
#include "wire/report_json.h"

/* ---- The store, row by row ------------------------------------------------------------------
 */

/* Machines by number: a look-up for each row would be the most of it. */
struct machines {
    struct machine_name {
        machine_id id;
        int32_t server;
        struct uuid boot;
    } * v;
    size_t n, cap;
};

static const struct machine_name *machine_of(struct store *st, struct machines *m,
                                             machine_id id)
{
    struct store_machine machine;
    struct store_server server;
    size_t i = (size_t)((uint64_t)id * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (m->cap - 1);
    while (m->v[i].id != 0 && m->v[i].id != id)
        i = (i + 1) & (m->cap - 1);
    if (m->v[i].id == id)
        return &m->v[i];
    if (store_get_machine(st, id, &machine) < 0 ||
        store_get_server(st, machine.server, &server) < 0 || ++m->n > m->cap / 2)
        return NULL;
    m->v[i] = (struct machine_name){id, sim_server_number(server.name), machine.boot};
    return &m->v[i];
}

typedef bool row_fn(struct sim *s, void *arg, const struct fact_key *key, struct span seen);

static int each_sighting(struct sim *s, struct machines *m, row_fn *each, void *arg)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_sighting row;
    int r = store_scan_sightings(s->store, LICENSES_ALL, &scan);
    while (r >= 0 && (r = store_next_sighting(scan, &row)) > 0) {
        const struct machine_name *name = machine_of(s->store, m, row.machine);
        struct fact_key key;
        memset(&key, 0, sizeof key);
        if (!name)
            return -EBADMSG;
        key.kind = FACT_SIGHTING;
        key.what = row.license.code;
        key.server = name->server;
        key.boot = name->boot;
        key.address = row.address;
        key.source = (uint8_t)row.source;
        if (!each(s, arg, &key, row.seen))
            return 0;
    }
    return r;
}

static int each_mail_row(struct sim *s, row_fn *each, void *arg)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_mail_row row;
    struct store_server server;
    server_id known = 0;
    int r = store_scan_mail_rows(s->store, DOMAINS_ALL, &scan);
    while (r >= 0 && (r = store_next_mail_row(scan, &row)) > 0) {
        const struct mail_counts *c = &row.counts;
        int64_t counts[5] = {c->mailboxes, c->aliases, c->forwards, c->lists, c->alias_domains};
        struct fact_key key;
        memset(&key, 0, sizeof key);
        if (row.server != known && (r = store_get_server(s->store, row.server, &server)) < 0)
            return r;
        known = row.server;
        key.kind = FACT_MAIL;
        key.what = sim_domain_number(row.domain);
        key.server = sim_server_number(server.name);
        memcpy(key.counts, counts, sizeof counts);
        key.flags = (uint8_t)(c->catch_all | c->is_filtered << 1);
        if (!each(s, arg, &key, row.seen))
            return 0;
    }
    return r;
}

static int each_gap(struct sim *s, struct machines *m, row_fn *each, void *arg)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_gap row;
    int r = store_scan_recent_gaps(s->store, WALL_BEGIN, &scan);
    while (r >= 0 && (r = store_next_gap(scan, &row)) > 0) {
        const struct machine_name *name = machine_of(s->store, m, row.machine);
        struct fact_key key;
        memset(&key, 0, sizeof key);
        if (!name)
            return -EBADMSG;
        key.kind = FACT_GAP;
        key.what = (int64_t)row.what;
        key.server = name->server;
        key.boot = name->boot;
        if (!each(s, arg, &key, row.seen))
            return 0;
    }
    return r;
}

static void each_row(struct sim *s, row_fn *each, void *arg)
{
    struct machines m = {.cap = (size_t)1 << (s->plan->is_large ? 18 : 12)};
    m.v = calloc(m.cap, sizeof *m.v);
    if (!m.v)
        abort();
    int r = store_snapshot(s->store);
    if (r == 0)
        r = each_sighting(s, &m, each, arg);
    if (r == 0)
        r = each_mail_row(s, each, arg);
    if (r == 0)
        r = each_gap(s, &m, each, arg);
    store_snapshot_end(s->store);
    if (r < 0)
        sim_fail(s, "store", "it cannot be read: %d %s", r, store_diag(s->store));
    free(m.v);
}

/* ---- In words -------------------------------------------------------------------------------
 */

static void say_fact(const struct fact_key *k, struct span seen, struct buf *out)
{
    char text[UUID_TEXT_SIZE + ADDR_TEXT_SIZE];
    static const char *const kinds[] = {"sighting", "mail", "gap"};
    buf_printf(out, "%s of server %d", kinds[k->kind], k->server);
    if (k->kind == FACT_SIGHTING) {
        buf_printf(out, " licence %s", license_format((license_t){k->what}, text));
        buf_printf(out, " at %s by %s", addr_format(&k->address, text),
                   source_name((enum source)k->source));
    } else {
        buf_printf(out, " number %lld (%lld)", (long long)k->what, (long long)k->counts[0]);
    }
    buf_printf(out, " boot %s", uuid_format(&k->boot, text));
    buf_printf(out, " %s to ", wall_format(seen.first, text));
    buf_printf(out, "%s", wall_format(seen.last, text));
}

static void fail_fact(struct sim *s, const char *what, const char *why,
                      const struct fact_key *k, struct span seen)
{
    AUTO(buf) struct buf text = BUF_INIT(4096);
    say_fact(k, seen, &text);
    sim_fail(s, what, "%s: %s", why, buf_str(&text));
}

/* ---- Exactly what was committed
 * --------------------------------------------------------------- */

struct agreeing {
    const struct known *known;
    bool is_loud, agrees;
};

static bool agree_row(struct sim *s, void *arg, const struct fact_key *key, struct span seen)
{
    struct agreeing *x = arg;
    struct fact *f = known_find(x->known, key);
    if (f && f->mark < f->n && f->v[f->mark].first.s == seen.first.s &&
        f->v[f->mark].last.s == seen.last.s) {
        f->mark++;
        return true;
    }
    x->agrees = false;
    if (x->is_loud)
        fail_fact(s, "exact", "the store has what was not committed so", key, seen);
    return false;
}

bool check_agrees(struct sim *s, const struct known *k, bool is_loud)
{
    struct agreeing x = {k, is_loud, true};
    for (size_t i = 0; i < k->n; i++)
        k->facts[i].mark = 0;
    each_row(s, agree_row, &x);
    for (size_t i = 0; i < k->n && x.agrees; i++) {
        const struct fact *f = &k->facts[i];
        if (f->mark == f->n)
            continue;
        x.agrees = false;
        if (is_loud)
            fail_fact(s, "exact", "the store lacks what was committed", &f->key, f->v[f->mark]);
    }
    return x.agrees;
}

static bool is_within(const struct fact *f, struct span seen)
{
    for (size_t i = 0; f && i < f->n; i++)
        if (f->v[i].first.s <= seen.first.s && seen.last.s <= f->v[i].last.s)
            return true;
    return false;
}

/* The store holds exactly `taken`: so what is in that is in the store. */
static void check_acknowledged(struct sim *s)
{
    for (size_t i = 0; i < s->acked.n && !s->has_failed; i++) {
        const struct fact *f = &s->acked.facts[i], *there = known_find(&s->taken, &f->key);
        for (size_t j = 0; j < f->n; j++)
            if (!is_within(there, f->v[j]))
                fail_fact(s, "acknowledged", "an agent was told it is kept, and it is not",
                          &f->key, f->v[j]);
    }
}

/* ---- Nothing that was not so
 * ------------------------------------------------------------------ */

/* Whose machine it is: boot_of() in agent.c writes the slot into it. */
static const struct agent *agent_of(const struct sim *s, const struct uuid *boot)
{
    int32_t slot = boot->bytes[8] << 8 | boot->bytes[9];
    return slot < s->plan->agents ? &s->agents[slot] : NULL;
}

static int64_t slack_of(const struct agent *a)
{
    return 60 + SIM_LATE_S + PRESENCE_ACTIVATION.s + a->clock_slack;
}

/* The times for which both hold, widened; joined as the agent and the store join. */
static void truth_of(const struct agent *a, const struct fact_key *key, struct known *ret)
{
    int64_t slack = slack_of(a);
    struct fact_key any;
    memset(&any, 0, sizeof any);
    for (size_t i = 0; i < a->n_events; i++)
        for (size_t j = 0; j < a->n_events; j++) {
            const struct event *l = a->events[i], *x = a->events[j];
            struct addr address;
            if (l->kind != EV_LICENSE || x->kind != EV_ADDRESS ||
                sim_license(l->a).code != key->what)
                continue;
            address = sim_address(x->a);
            if (addr_compare(&address, &key->address) != 0 ||
                (key->source != SOURCE_PEER && x->b != key->source))
                continue;
            int64_t from = l->from > x->from ? l->from : x->from;
            int64_t to = l->to < x->to ? l->to : x->to;
            if (from <= to + 2 * slack)
                known_add(ret, &any, (struct span){{from - slack}, {to + slack}},
                          SIM_MERGE_GAP);
        }
}

static bool is_true_row(struct sim *s, void *arg, const struct fact_key *key, struct span seen)
{
    (void)arg;
    const struct agent *a = agent_of(s, &key->boot);
    struct known truth = {.has_counters = false};
    if (key->kind != FACT_SIGHTING)
        return true;
    if (a)
        truth_of(a, key, &truth);
    bool ok = truth.n > 0 && is_within(&truth.facts[0], seen);
    known_done(&truth);
    if (!ok)
        fail_fact(s, "truth", "the store says what was never so", key, seen);
    return ok;
}

void check_truth(struct sim *s)
{
    each_row(s, is_true_row, NULL);
}

/* ---- All that agents had on disk
 * ---------------------------------------------------------------- */

/* By agent, licence, address, source: over all machines of the agent, and of its copies. */
static bool keep_by_server(struct sim *s, void *arg, const struct fact_key *key,
                           struct span seen)
{
    struct fact_key k = *key;
    const struct agent *a = agent_of(s, &key->boot);
    if (key->kind != FACT_SIGHTING || key->source == SOURCE_PEER || !a)
        return true;
    memset(&k.boot, 0, sizeof k.boot);
    int64_t slack = slack_of(a);
    known_add(arg, &k, (struct span){{seen.first.s - slack}, {seen.last.s + slack}},
              SIM_MERGE_GAP);
    return true;
}

void check_complete(struct sim *s)
{
    struct known there = {.has_counters = false};
    each_row(s, keep_by_server, &there);
    for (int32_t i = 0; i < s->plan->agents; i++) {
        const struct agent *a = &s->agents[i];
        struct addr peer;
        if (!net_peer(a, s->now, &peer))
            continue; /* it cannot tell */
        for (size_t j = 0; j < a->put.n && !s->has_failed; j++) {
            struct fact_key key = a->put.facts[j].key;
            key.server = a->server;
            for (size_t x = 0; x < a->put.facts[j].n; x++)
                if (!is_within(known_find(&there, &key), a->put.facts[j].v[x]))
                    fail_fact(s, "complete",
                              "an agent had it on disk, all could heal, and it "
                              "never arrived",
                              &key, a->put.facts[j].v[x]);
        }
    }
    known_done(&there);
}

/* ---- Another order
 * ------------------------------------------------------------------------------ */

static int put_shuffled(struct sim *s, size_t *order, size_t n)
{
    struct rng rng = {sim_hash(s, 'o', n, 0)};
    int r = store_begin(s->store);
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)rng_below(&rng, i), kept = order[j];
        order[j] = order[i - 1];
        order[i - 1] = kept;
    }
    for (size_t i = 0; i < n && r == 0; i++) {
        int twice = rng_below(&rng, 10) == 0 ? 2 : 1;
        for (int j = 0; j < twice && r == 0; j++) {
            const struct arrival *a = &s->log[order[i]];
            AUTO(recorded)
            struct recorded rec = {
                .sent_at = {a->sent_at}, .received_at = {a->received_at}, .peer = a->peer};
            struct json_error refused;
            char at[REPORT_AT_SIZE];
            struct diag d;
            (void)sim_server(a->sent->server, rec.server);
            r = report_from_json((struct text){a->sent->body, a->sent->body_n}, &rec.report,
                                 &refused);
            if (r == 0)
                r = intake_report(s->store, &rec, (dur_t){SIM_MERGE_GAP}, at, &d);
        }
    }
    return r == 0 ? store_commit(s->store) : r;
}

static uint64_t dump_and_audit(struct sim *s, struct run_periods *periods, struct buf *out)
{
    struct night n;
    uint64_t digest = 0;
    if (store_dump(s->store, DUMP_SIGHTINGS | DUMP_MAIL | DUMP_GAPS | DUMP_LICENSES,
                   (wall_t){s->plan->start}, out) < 0 ||
        buf_error(out) < 0)
        sim_fail(s, "store", "it cannot be dumped");
    night_open(s, periods->n > 0 ? periods : NULL, &n);
    digest = n.orderless;
    *periods = n.periods;
    night_done(&n);
    return digest;
}

void check_order(struct sim *s)
{
    AUTO(buf) struct buf here = BUF_INIT((size_t)256 << 20);
    AUTO(buf) struct buf there = BUF_INIT((size_t)256 << 20);
    struct store *own = s->store;
    char path[TEMP_PATH_SIZE], url[TEMP_PATH_SIZE + 16];
    struct diag d = {""};
    struct run_periods periods = {.n = 0};
    uint64_t digest = dump_and_audit(s, &periods, &here);
    size_t *order = calloc(s->n_log + 1, sizeof *order);
    (void)snprintf(path, sizeof path, "shuffled-%lld.db", (long long)s->count.shuffles++);
    char full[TEMP_PATH_SIZE];
    (void)snprintf(url, sizeof url, "sqlite:%s", temp_file(&s->temp, path, full));
    int r = store_open(url, STORE_CREATE, &s->store, &d);
    if (r == 0 && order)
        r = put_shuffled(s, order, s->n_log);
    free(order);
    if (r < 0) {
        sim_fail(s, "order", "a second store cannot be filled: %d %s", r, d.text);
    } else {
        s->is_estate_old = true;
        estate_import(s);
        uint64_t other = dump_and_audit(s, &periods, &there);
        if (strcmp(buf_str(&here), buf_str(&there)) != 0)
            sim_fail(s, "order", "another order of arrival gives another store");
        else if (other != digest)
            sim_fail(s, "order", "another order of arrival gives another audit");
    }
    if (r == 0)
        store_close(s->store);
    s->store = own;
}

void check_store(struct sim *s)
{
    if (!check_agrees(s, &s->taken, true))
        return;
    check_acknowledged(s);
}
