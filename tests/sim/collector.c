/*
 * The collector: a batch of bodies through the product's wire, intake and store in one
 * transaction, as the daemon's writer does; its deaths, its disk, its backups, and files of
 * another collector that are imported late.
 */
#include "sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "run/intake.h"
#include "wire/report_json.h"

void collector_open(struct sim *s)
{
    struct diag d = {""};
    int r = store_open(s->url, STORE_CREATE, &s->store, &d);
    if (r < 0) {
        s->store = NULL;
        sim_fail(s, "store", "it cannot be opened: %d %s", r, d.text);
    }
}

void collector_close(struct sim *s)
{
    store_close(s->store);
    s->store = NULL;
}

/* ---- A batch ------------------------------------------------------------------------------
 */

/* As the daemon's writer: whether what the header names is not in the store. 1, 0 or an error.
 */
static int is_lacking(struct sim *s, const struct sent *x)
{
    char server[CAP_ID + 1];
    if (x->last == 0)
        return 0;
    int has = store_has_report(s->store, sim_server(x->server, server), &x->last_boot, x->last);
    return has < 0 ? has : !has;
}

/* 1: taken; 0: refused (400); or an error of the store. */
static int put(struct sim *s, const struct arrival *a, struct diag *d)
{
    AUTO(recorded)
    struct recorded rec = {
        .sent_at = {a->sent_at}, .received_at = {a->received_at}, .peer = a->peer};
    struct json_error refused;
    char at[REPORT_AT_SIZE] = "";
    (void)sim_server(a->sent->server, rec.server);
    int r =
        report_from_json((struct text){a->sent->body, a->sent->body_n}, &rec.report, &refused);
    if (r == 0)
        r = intake_report(s->store, &rec, (dur_t){SIM_MERGE_GAP}, at, d);
    if (r == -EBADMSG)
        sim_fail(s, "refused", "a report of agent %d was refused at %s: %s; body: %s",
                 a->sent->slot, at, d->text, a->sent->body);
    return r == 0 ? 1 : r == -EBADMSG ? 0 : r;
}

static int put_batch(struct sim *s, struct delivery *v, size_t n, struct diag *d)
{
    int r = store_begin(s->store);
    for (size_t i = 0; i < n && r >= 0 && !s->has_failed; i++) {
        r = is_lacking(s, v[i].arrival.sent);
        v[i].is_lacking = r > 0;
        if (r >= 0)
            r = put(s, &v[i].arrival, d);
    }
    return r < 0 ? r : store_commit(s->store);
}

static void learn_batch(struct sim *s, const struct delivery *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!known_learn(&s->taken, &v[i].arrival))
            sim_fail(s, "refused", "a report of agent %d was taken that may not be: %s",
                     v[i].arrival.sent->slot, v[i].arrival.sent->body);
        if (s->plan->is_large)
            continue;
        s->log = sim_grow(s->log, s->n_log + 1, &s->log_cap, sizeof *s->log);
        s->log[s->n_log] = v[i].arrival;
        (void)sent_ref(s->log[s->n_log++].sent);
    }
}

/* What a commit that failed would have brought: nobody was told; it may be there, or not. */
static void keep_undecided(struct sim *s, const struct delivery *v, size_t n)
{
    struct deliveries *u = &s->undecided;
    for (size_t i = 0; i < u->n; i++)
        sent_unref(u->v[i].arrival.sent);
    u->n = 0;
    for (size_t i = 0; i < n; i++) {
        u->v = sim_grow(u->v, u->n + 1, &u->cap, sizeof *u->v);
        u->v[u->n] = v[i];
        (void)sent_ref(u->v[u->n++].arrival.sent);
    }
}

/* After a death: the last transaction is there as a whole, or not at all. */
static void find_out(struct sim *s)
{
    if (s->undecided.n > 0 && s->store && !check_agrees(s, &s->taken, false))
        learn_batch(s, s->undecided.v, s->undecided.n);
    if (s->store && !check_agrees(s, &s->taken, true))
        sim_fail(s, "half",
                 "after a death of the collector its last batch of %zu is there in "
                 "part",
                 s->undecided.n);
    keep_undecided(s, NULL, 0);
}

static const struct event *next_kill(const struct sim *s)
{
    int64_t i = 0;
    for (size_t j = 0; j < s->n_global; j++)
        if (s->global[j]->kind == EV_KILL && i++ == s->kills_done)
            return s->global[j]->from <= s->now ? s->global[j] : NULL;
    return NULL;
}

static void answer(struct sim *s, const struct delivery *v, size_t n, bool is_accepted)
{
    for (size_t i = 0; i < n; i++) {
        bool is_told = is_accepted && !v[i].is_answer_lost && v[i].slot >= 0;
        if (is_told) {
            (void)known_learn(&s->acked, &v[i].arrival);
            s->count.acked++;
            s->agents[v[i].slot].told_at = v[i].arrival.received_at;
        }
        agent_answered(s, &v[i], is_told);
    }
}

static void die(struct sim *s, const struct event *kill, struct delivery *v, size_t n)
{
    struct diag d = {""};
    s->kills_done++;
    s->count.kills++;
    if (kill->a > 0)
        disk_arm(DISK_STOPS, kill->a, 0);
    int r = put_batch(s, v, n, &d);
    bool was_met = disk_disarm();
    if (r < 0 && !was_met) {
        sim_fail(s, "store", "a batch failed: %d %s", r, d.text);
        return;
    }
    if (was_met)
        disk_arm(DISK_STOPS, 1, 0); /* its closing writes nothing either */
    keep_undecided(s, v, n);
    collector_close(s);
    (void)disk_disarm();
    collector_open(s);
    find_out(s);
    answer(s, v, n, false);
}

void collector_take(struct sim *s, struct delivery *v, size_t n)
{
    struct diag d = {""};
    int64_t at = v[n - 1].arrival.received_at;
    const struct event *bad = sim_event(s, EV_STORE_DISK, -1, at);
    const struct event *kill = next_kill(s);
    if (sim_event(s, EV_BUSY, -1, at)) {
        s->count.refused += (int64_t)n;
        answer(s, v, n, false);
        return;
    }
    if (sim_event(s, EV_LIE, -1, at) && sim_hash(s, 'l', (uint64_t)at, 0) % 20 == 0) {
        answer(s, v, n, true);
        return;
    }
    if (kill) {
        die(s, kill, v, n);
        return;
    }
    if (bad)
        disk_arm(DISK_FAILS, bad->b, (int)bad->a);
    int r = put_batch(s, v, n, &d);
    bool was_met = disk_disarm();
    if (r < 0) {
        store_rollback(s->store);
        s->count.full++;
        if (!was_met)
            sim_fail(s, "store", "a batch failed: %d %s %s", r, d.text, store_diag(s->store));
        keep_undecided(s, v, n);
    } else {
        learn_batch(s, v, n);
        keep_undecided(s, NULL, 0);
    }
    answer(s, v, n, r >= 0);
}

/* ---- The other collector's file ------------------------------------------------------------
 */

/* After a backup was put back its agent must have reported here first: the report that it names
 * would be there, and what lies before it would not be missed. The manual says so. */
static bool has_told(const struct sim *s, const struct delivery *d)
{
    const struct agent *a = &s->agents[d->arrival.sent->slot];
    return s->restored_at == 0 || a->told_at > s->restored_at;
}

static void import_second(struct sim *s, int64_t until)
{
    struct diag d = {""};
    for (size_t i = 0; i < s->second.n && !s->has_failed;) {
        struct delivery x = s->second.v[i];
        if (x.import_at > until || sim_event(s, EV_STORE_DISK, -1, until) || !has_told(s, &x)) {
            i++;
            continue;
        }
        int r = put_batch(s, &x, 1, &d);
        if (r < 0) {
            sim_fail(s, "store", "an import failed: %d %s", r, d.text);
            return;
        }
        learn_batch(s, &x, 1);
        (void)known_learn(&s->acked, &x.arrival);
        keep_undecided(s, NULL, 0);
        s->count.seconds++;
        sent_unref(x.arrival.sent);
        s->second.v[i] = s->second.v[--s->second.n];
    }
}

/* ---- Backups ------------------------------------------------------------------------------
 */

static void back_up(struct sim *s)
{
    struct backup *b = &s->backup;
    char path[TEMP_PATH_SIZE];
    image_take(s->path, &b->db);
    image_take(temp_file(&s->temp, "store.db-wal", path), &b->wal);
    known_copy(&b->taken, &s->taken);
    known_copy(&b->acked, &s->acked);
    books_copy(&b->books, &s->books);
    b->log_n = s->n_log;
    b->is_there = true;
}

/* What was acknowledged since comes back: check_complete() excuses nothing. */
static void put_back(struct sim *s, int64_t t)
{
    struct backup *b = &s->backup;
    char path[TEMP_PATH_SIZE];
    if (!b->is_there)
        return;
    net_cut(s);
    collector_close(s);
    image_put(s->path, &b->db);
    image_put(temp_file(&s->temp, "store.db-wal", path), &b->wal);
    (void)unlink(temp_file(&s->temp, "store.db-shm", path));
    known_copy(&s->taken, &b->taken);
    known_copy(&s->acked, &b->acked);
    books_copy(&s->books, &b->books);
    while (s->n_log > b->log_n)
        sent_unref(s->log[--s->n_log].sent);
    keep_undecided(s, NULL, 0);
    b->is_there = false;
    s->is_estate_old = true;
    s->restored_at = t;
    s->count.restores++;
    collector_open(s);
}

void collector_events(struct sim *s, int64_t until)
{
    for (size_t i = 0; i < s->n_global; i++) {
        const struct event *e = s->global[i];
        if (e->kind == EV_RESTORE && e->from > s->now && e->from <= until)
            back_up(s);
        if (e->kind == EV_RESTORE && e->to > s->now && e->to <= until)
            put_back(s, e->to);
    }
    import_second(s, until);
}
