/*
 * What is known, in plain lists: stretches by key, joined one by one (SPEC 3), and the counters
 * that came. It shares no code with the store, nor with what puts times on the collector's
 * clock.
 */
#include "sim/sim.h"

#include <string.h>

void known_done(struct known *k)
{
    for (size_t i = 0; i < k->n; i++)
        free(k->facts[i].v);
    free(k->facts);
    free(k->table);
    free(k->counters);
    *k = (struct known){.has_counters = k->has_counters};
}

static void *dup_array(const void *p, size_t bytes)
{
    void *copy = malloc(bytes + 1);
    if (!copy)
        abort();
    if (bytes > 0)
        memcpy(copy, p, bytes);
    return copy;
}

void known_copy(struct known *to, const struct known *from)
{
    known_done(to);
    *to = *from;
    to->cap = from->n;
    to->counters_cap = from->n_counters;
    to->facts = dup_array(from->facts, from->n * sizeof *from->facts);
    to->table = dup_array(from->table, from->table_n * sizeof *from->table);
    to->counters = dup_array(from->counters, from->n_counters * sizeof *from->counters);
    for (size_t i = 0; i < to->n; i++) {
        struct fact *f = &to->facts[i];
        f->v = dup_array(from->facts[i].v, f->n * sizeof *f->v);
        f->cap = f->n;
    }
}

/* ---- Facts by key -------------------------------------------------------------------------
 */

static size_t place_of(const struct known *k, const struct fact_key *key)
{
    uint64_t h = 1;
    sim_mix(&h, key, sizeof *key);
    size_t i = (size_t)(h % k->table_n);
    while (k->table[i] != 0 && memcmp(&k->facts[k->table[i] - 1].key, key, sizeof *key) != 0)
        i = (i + 1) % k->table_n;
    return i;
}

struct fact *known_find(const struct known *k, const struct fact_key *key)
{
    if (k->table_n == 0)
        return NULL;
    uint32_t at = k->table[place_of(k, key)];
    return at == 0 ? NULL : &k->facts[at - 1];
}

static void make_room(struct known *k)
{
    if (k->table_n > 2 * k->n + 16)
        return;
    free(k->table);
    k->table_n = 4 * k->n + 64;
    k->table = calloc(k->table_n, sizeof *k->table);
    if (!k->table)
        abort();
    for (size_t i = 0; i < k->n; i++)
        k->table[place_of(k, &k->facts[i].key)] = (uint32_t)i + 1;
}

/* Makes one stretch of `seen` and all of the list that lie at most `gap` from it. */
static void join(struct fact *f, struct span seen, int64_t gap)
{
    size_t from = 0;
    while (from < f->n && f->v[from].last.s < seen.first.s - gap)
        from++;
    size_t to = from;
    for (; to < f->n && f->v[to].first.s <= seen.last.s + gap; to++) {
        seen.first.s = f->v[to].first.s < seen.first.s ? f->v[to].first.s : seen.first.s;
        seen.last.s = f->v[to].last.s > seen.last.s ? f->v[to].last.s : seen.last.s;
    }
    f->v = sim_grow(f->v, f->n + 1, &f->cap, sizeof *f->v);
    memmove(f->v + from + 1, f->v + to, (f->n - to) * sizeof *f->v);
    f->v[from] = seen;
    f->n = f->n + 1 - (to - from);
}

void known_add(struct known *k, const struct fact_key *key, struct span seen, int64_t gap)
{
    make_room(k);
    size_t at = place_of(k, key);
    if (k->table[at] == 0) {
        k->facts = sim_grow(k->facts, k->n + 1, &k->cap, sizeof *k->facts);
        k->facts[k->n] = (struct fact){.v = NULL};
        k->facts[k->n].key = *key;
        k->table[at] = (uint32_t)++k->n;
    }
    join(&k->facts[k->table[at] - 1], seen, gap);
}

/* ---- Reports ------------------------------------------------------------------------------
 */

struct sent *sent_ref(struct sent *s)
{
    s->refs++;
    return s;
}

void sent_unref(struct sent *s)
{
    if (!s || --s->refs > 0)
        return;
    report_done(&s->report);
    free(s->body);
    free(s);
}

/* "Clock" of SPEC 3. */
static bool settle(const struct arrival *a, struct span *s)
{
    int64_t off = a->received_at - a->sent_at;
    if (s->first.s > s->last.s || s->last.s > a->sent_at + 60)
        return false;
    if (off > 60 || off < -60) {
        s->first.s += off;
        s->last.s += off;
    }
    if (s->last.s > a->received_at)
        s->last.s = a->received_at;
    if (s->first.s > a->received_at)
        s->first.s = a->received_at;
    return s->first.s >= INT64_C(1577836800);
}

static struct fact_key key_of(const struct arrival *a, enum fact_kind kind, int64_t what)
{
    struct fact_key key;
    memset(&key, 0, sizeof key);
    key.kind = (uint8_t)kind;
    key.what = what;
    key.server = a->sent->server;
    if (kind != FACT_MAIL)
        key.boot = a->sent->report.boot;
    return key;
}

static bool learn_sightings(struct known *k, const struct arrival *a)
{
    const struct report *r = &a->sent->report;
    for (size_t i = 0; i < r->n_sightings; i++) {
        struct fact_key key = key_of(a, FACT_SIGHTING, r->sightings[i].license.code);
        struct span seen = r->sightings[i].seen;
        key.address = r->sightings[i].address;
        key.source = (uint8_t)r->sightings[i].source;
        if (!settle(a, &seen))
            return false;
        known_add(k, &key, seen, SIM_MERGE_GAP);
    }
    for (size_t i = 0; i < r->n_licenses && r->is_live; i++) {
        struct fact_key key = key_of(a, FACT_SIGHTING, r->licenses[i].license.code);
        key.address = a->peer;
        key.source = SOURCE_PEER;
        known_add(k, &key, (struct span){{a->received_at}, {a->received_at}}, SIM_MERGE_GAP);
    }
    return true;
}

static bool learn_mail(struct known *k, const struct arrival *a)
{
    const struct report *r = &a->sent->report;
    for (size_t i = 0; i < r->n_mailboxes; i++) {
        const struct mail_counts *c = &r->mailboxes[i].counts;
        struct fact_key key = key_of(a, FACT_MAIL, sim_domain_number(r->mailboxes[i].domain));
        struct span seen = r->mailboxes[i].seen;
        int64_t counts[5] = {c->mailboxes, c->aliases, c->forwards, c->lists, c->alias_domains};
        memcpy(key.counts, counts, sizeof counts);
        key.flags = (uint8_t)(c->catch_all | c->is_filtered << 1);
        if (!settle(a, &seen))
            return false;
        known_add(k, &key, seen, SIM_MERGE_GAP);
    }
    return true;
}

/* Whether so many later ones of its run came before that no store tells it from another: what a
 * clone is asked to send again has numbers that its model used long ago. */
static bool is_past_telling(const struct known *k, const struct counter *x)
{
    for (size_t i = 0; i < k->n_counters; i++) {
        const struct counter *c = &k->counters[i];
        if (c->counter - x->counter >= CAP_COUNTER_WINDOW && c->server == x->server &&
            memcmp(&c->boot, &x->boot, sizeof x->boot) == 0)
            return true;
    }
    return false;
}

static void learn_counter(struct known *k, const struct arrival *a)
{
    const struct report *r = &a->sent->report;
    struct counter new = {.boot = r->boot,
                          .counter = r->counter,
                          .server = a->sent->server,
                          .body = {a->sent->body_hash},
                          .at = {a->received_at},
                          .n = 1};
    if (is_past_telling(k, &new))
        return;
    for (size_t i = k->n_counters; i-- > 0;) {
        struct counter *c = &k->counters[i];
        if (c->counter != new.counter || c->server != new.server ||
            memcmp(&c->boot, &new.boot, sizeof new.boot) != 0)
            continue;
        for (int j = 0; j < c->n; j++)
            if (c->body[j] == new.body[0]) {
                c->at[j] = c->at[j] < new.at[0] ? c->at[j] : new.at[0];
                return;
            }
        int j = c->n < 2 ? c->n++ : c->at[0] > c->at[1] ? 0 : 1;
        if (c->body[j] == 0 || c->at[j] > new.at[0]) {
            c->body[j] = new.body[0];
            c->at[j] = new.at[0];
        }
        return;
    }
    k->counters =
        sim_grow(k->counters, k->n_counters + 1, &k->counters_cap, sizeof *k->counters);
    k->counters[k->n_counters++] = new;
}

bool known_learn(struct known *k, const struct arrival *a)
{
    const struct report *r = &a->sent->report;
    bool ok = learn_sightings(k, a) && learn_mail(k, a);
    for (size_t i = 0; i < r->n_gaps && ok; i++) {
        struct fact_key key = key_of(a, FACT_GAP, (int64_t)r->gaps[i].what);
        struct span seen = r->gaps[i].seen;
        ok = settle(a, &seen);
        if (ok)
            known_add(k, &key, seen, SIM_MERGE_GAP);
    }
    if (k->has_counters)
        learn_counter(k, a);
    return ok;
}
