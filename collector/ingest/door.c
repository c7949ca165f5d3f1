/* Listeners, limits, and what holds for all connections. */
#include "ingest/door_parts.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "crypto/random.h"

enum {
    ACCEPTS_A_TURN = 16, /* then those who are in are served */
    PAUSE_MS = 200,      /* of a listener, when there are no descriptors left */
    LINGER_MS = 2000,
    SLOW_MS = 5000, /* a body that takes longer gives way, where room is short */
};

/* ---- Keys ------------------------------------------------------------------------------- */

struct keys *keys_new(struct authority *authority, struct tls_context *tls)
{
    struct keys *k = calloc(1, sizeof(*k));
    if (k)
        *k = (struct keys){1, authority, tls};
    return k;
}

struct keys *keys_ref(struct keys *k)
{
    k->references++;
    return k;
}

void keys_unref(struct keys *k)
{
    if (!k || --k->references > 0)
        return;
    tls_context_unref(k->tls); /* sessions hold their own */
    authority_free(k->authority);
    free(k);
}

/* ---- Telling ---------------------------------------------------------------------------- */

void door_tell(struct door *d, struct log_limit *limit, const char *event, const char *fmt, ...)
{
    char text[CAP_LOG_LINE];
    uint64_t silent = 0;
    va_list args;

    if (!log_limit_allows(limit, loop_now(d->loop), &silent))
        return;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args); /* cut is fine */
    va_end(args);
    if (silent > 0)
        log_event(d->log, LOG_LEVEL_WARNING, event, "%s not_shown=%llu", text,
                  (unsigned long long)silent);
    else
        log_event(d->log, LOG_LEVEL_WARNING, event, "%s", text);
}

void door_count_answer(struct door *d, const struct conn *c, int status)
{
    static const enum metric_request of_route[] = {
        [ROUTE_NONE] = METRIC_OTHER,   [ROUTE_REPORTS] = METRIC_REPORTS,
        [ROUTE_ENROL] = METRIC_ENROL,  [ROUTE_RENEW] = METRIC_RENEW,
        [ROUTE_HEALTH] = METRIC_OTHER, [ROUTE_METRICS] = METRIC_OTHER,
    };
    if (c->is_monitor)
        return; /* its own requests would drown what it is there to show */
    d->metrics.answers[of_route[c->route]][status / 100 % 6]++;
    d->metrics.busy += status == 503;
    d->metrics.limited += status == 429;
    d->metrics.reports_stored += status == 200 && c->route == ROUTE_REPORTS;
}

/* ---- Who may open a connection ---------------------------------------------------------- */

static bool refuse_address(struct conn *c, const char *why)
{
    char text[ADDR_TEXT_SIZE];
    door_tell(c->door, &c->door->crowded, "connection-dropped", "peer=%s reason=%s",
              addr_format(&c->peer, text), why);
    return false;
}

bool door_admit_address(struct conn *c)
{
    struct door *d = c->door;
    const struct settings_collector *rules = d->config.rules;
    struct rate_rule rate = {rules->address_burst, rules->address_per_minute};
    uint8_t bytes[RATE_ADDRESS_KEY];
    struct text key = rate_address_key(&c->peer, bytes);

    if (rate_take(d->address_rate, &rate, key, loop_now(d->loop)) > 0) {
        d->metrics.dropped_rate++;
        return refuse_address(c, "rate");
    }
    if (!tally_take(d->per_address, key, rules->max_connections_per_address)) {
        d->metrics.dropped_per_address++;
        return refuse_address(c, "too-many-connections");
    }
    c->is_counted = true;
    return true;
}

static bool evict_oldest(struct door *d, enum conn_state state, int64_t min_age_ms)
{
    const struct deadline_queue *q = &d->queues[state];

    if (!q->head || loop_now(d->loop).ms - (q->head->at.ms - q->after_ms) < min_age_ms)
        return false;
    d->metrics.evicted++;
    conn_close(LOOP_OWNER(q->head, struct conn, deadline));
    return true;
}

/*
 * Makes room when the house is full: whoever has waited longest without a request of a known
 * server that is under way, then such a one that is slow. So idlers cannot keep others out, nor
 * can those who dribble. False: everybody is being served.
 */
static bool evict_one(struct door *d)
{
    static const enum conn_state order[] = {CONN_LINGER, CONN_IDLE, CONN_HANDSHAKE,
                                            CONN_PROXY,  CONN_HEAD, CONN_STRANGER};
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        if (evict_oldest(d, order[i], 0))
            return true;
    return evict_oldest(d, CONN_ANSWER, SLOW_MS) || evict_oldest(d, CONN_BODY, SLOW_MS);
}

bool door_free_bytes(struct door *d, bool for_known)
{
    return evict_oldest(d, CONN_STRANGER, 0) ||
           (for_known && evict_oldest(d, CONN_BODY, SLOW_MS));
}

static void on_expired(struct deadline *deadline)
{
    struct conn *c = LOOP_OWNER(deadline, struct conn, deadline);
    c->door->metrics.timed_out += c->state != CONN_IDLE && c->state != CONN_LINGER;
    conn_close(c);
}

/* ---- Listening -------------------------------------------------------------------------- */

static void pause_listener(struct listener *l)
{
    loop_unwatch(l->door->loop, &l->watch);
    deadline_set(l->door->loop, &l->door->pauses, &l->pause);
}

static void on_pause_over(struct deadline *deadline)
{
    struct listener *l = LOOP_OWNER(deadline, struct listener, pause);
    if (loop_watch(l->door->loop, &l->watch, l->fd, EPOLLIN) < 0)
        deadline_set(l->door->loop, &l->door->pauses, deadline);
}

static bool is_full(const struct door *d)
{
    return d->n_conns >= (size_t)d->config.rules->max_connections;
}

static bool is_out_of_descriptors(int error)
{
    return error == -EMFILE || error == -ENFILE || error == -ENOBUFS || error == -ENOMEM ||
           error == -EPERM;
}

/*
 * False: there is nothing more to accept now. That somebody waits is known of the first of a
 * turn alone; accept(2) wants a descriptor even where nobody does, and for nobody no one is
 * evicted.
 */
static bool accept_one(struct listener *l, bool is_first)
{
    struct door *d = l->door;
    struct endpoint peer;

    if (is_full(d) && !is_first)
        return false;
    if (is_full(d) && !l->is_monitor && !evict_one(d)) {
        pause_listener(l);
        return false;
    }
    int fd = socket_accept(l->fd, &peer);
    if (fd == -EAGAIN)
        return false;
    if (is_out_of_descriptors(fd)) {
        if (is_first && !evict_one(d))
            pause_listener(l);
        return false;
    }
    if (fd >= 0)
        conn_new(d, fd, &peer.address, l->is_monitor);
    return true; /* also when one was gone before it was accepted */
}

static void on_connection(struct watch *w, uint32_t events)
{
    struct listener *l = LOOP_OWNER(w, struct listener, watch);
    (void)events;
    for (unsigned n = 0; n < ACCEPTS_A_TURN; n++)
        if (!accept_one(l, n == 0))
            return;
}

int door_listen(struct door *d, int fd, enum door_kind kind)
{
    if (d->n_listeners == ARRAY_LEN(d->listeners))
        return -E2BIG;
    struct listener *l = &d->listeners[d->n_listeners];
    *l = (struct listener){.door = d, .fd = fd, .is_monitor = kind == DOOR_MONITOR};
    l->watch.ready = on_connection;
    int r = loop_watch(d->loop, &l->watch, fd, EPOLLIN);
    if (r == 0)
        d->n_listeners++;
    return r;
}

static void stop_listening(struct door *d)
{
    for (size_t i = 0; i < d->n_listeners; i++) {
        struct listener *l = &d->listeners[i];
        loop_unwatch(d->loop, &l->watch);
        deadline_clear(&l->pause);
        (void)close(l->fd); /* nothing was written through it */
    }
    d->n_listeners = 0;
}

/* ---- The door as a whole ---------------------------------------------------------------- */

static void set_deadlines(struct door *d)
{
    const struct settings_collector *rules = d->config.rules;
    const int64_t ms[CONN_STATE_COUNT] = {
        [CONN_PROXY] = rules->handshake_timeout.s * 1000,
        [CONN_HANDSHAKE] = rules->handshake_timeout.s * 1000,
        [CONN_IDLE] = rules->idle_timeout.s * 1000,
        [CONN_HEAD] = rules->head_timeout.s * 1000,
        [CONN_BODY] = rules->body_timeout.s * 1000,
        [CONN_STRANGER] = rules->body_timeout.s * 1000,
        [CONN_ANSWER] = rules->answer_timeout.s * 1000,
        [CONN_LINGER] = LINGER_MS,
    };
    for (size_t i = 0; i < CONN_STATE_COUNT; i++)
        d->queues[i].after_ms = ms[i];
}

static void add_queues(struct door *d)
{
    for (size_t i = 0; i < CONN_STATE_COUNT; i++) {
        d->queues[i].expired = on_expired;
        loop_add_queue(d->loop, &d->queues[i]);
    }
    d->pauses = (struct deadline_queue){.expired = on_pause_over, .after_ms = PAUSE_MS};
    loop_add_queue(d->loop, &d->pauses);
}

static int make_tables(struct door *d)
{
    uint64_t seed[3];
    int r = random_bytes((uint8_t *)seed, sizeof seed);

    if (r == 0)
        r = tally_new(CAP_CONNECTIONS, seed[0], &d->per_address);
    if (r == 0)
        r = rate_table_new(CAP_PEER_BUCKETS, seed[1], &d->address_rate);
    return r == 0 ? rate_table_new(CAP_PEER_BUCKETS, seed[2], &d->server_rate) : r;
}

int door_open(const struct door_setup *setup, struct door **ret, struct diag *e)
{
    struct door *d = calloc(1, sizeof(*d));
    if (!d)
        return diag_set(e, -ENOMEM, "out of memory");
    d->loop = setup->loop;
    d->writer = setup->writer;
    d->log = setup->log;
    d->metrics.is_storing = true;
    add_queues(d);
    door_configure(d, &setup->config);
    d->store_url = strdup(setup->store_url);
    int r = d->store_url ? make_tables(d) : -ENOMEM;
    if (r < 0)
        (void)diag_set(e, r, r == -ENOMEM ? "out of memory" : "no random bytes");
    else
        r = door_reopen_store(d, e);
    if (r < 0) {
        door_close(d);
        return r;
    }
    *ret = d;
    return 0;
}

static void bury(struct deferred *deferred)
{
    free(LOOP_OWNER(deferred, struct door, burial));
}

void door_close(struct door *d)
{
    if (!d)
        return;
    stop_listening(d);
    while (d->conns)
        conn_close(d->conns);
    for (size_t i = 0; i < CONN_STATE_COUNT; i++)
        loop_remove_queue(d->loop, &d->queues[i]);
    loop_remove_queue(d->loop, &d->pauses);
    door_leave_store(d);
    standings_free(d->standings);
    keys_unref(d->config.keys);
    tally_free(d->per_address);
    rate_table_free(d->address_rate);
    rate_table_free(d->server_rate);
    free(d->store_url);
    d->burial.run = bury; /* after what is put off within it */
    loop_defer(d->loop, &d->burial);
}

static void point_at(const char *ret[static TABLE_TEXTS_MAX], const struct table_texts *t)
{
    for (size_t i = 0; i < t->n; i++)
        ret[i] = t->v[i];
}

void door_configure(struct door *d, const struct door_config *config)
{
    struct keys *before = d->config.keys;
    d->config = *config;
    d->config.keys = keys_ref(config->keys);
    keys_unref(before);
    set_deadlines(d);
    point_at(d->mx_suffixes, &config->rules->mx_suffixes);
    point_at(d->key_servers, &config->rules->key_servers);
    d->answers = (struct answer_settings){config->rules->interval, d->mx_suffixes,
                                          config->rules->mx_suffixes.n, d->key_servers,
                                          config->rules->key_servers.n};
}

int door_refresh_standings(struct door *d, struct diag *e)
{
    struct standings *fresh = NULL;
    int64_t generation = 0;
    wall_t as_of;
    int64_t known = d->standings ? standings_generation(d->standings) : 0;

    if (!d->reader)
        return 0; /* it is being told elsewhere */
    int r = store_standing_generation(d->reader, &generation, &as_of);
    if (r == 0 && generation == known)
        return 0;
    if (r == 0)
        r = standings_load(d->reader, &fresh);
    if (r < 0)
        return diag_set(e, r, "%s", store_diag(d->reader));
    standings_free(d->standings);
    d->standings = fresh;
    d->metrics.standing_generation = generation;
    d->metrics.standing_as_of = as_of.s;
    return 1;
}

void door_leave_store(struct door *d)
{
    if (!d)
        return;
    store_close(d->reader);
    d->reader = NULL;
}

int door_reopen_store(struct door *d, struct diag *e)
{
    door_leave_store(d);
    return store_open(d->store_url, STORE_READ, &d->reader, e);
}

bool door_has_store(const struct door *d)
{
    return d->reader != NULL;
}

void door_drain(struct door *d)
{
    d->is_draining = true;
    stop_listening(d);
    for (struct conn *c = d->conns, *next; c; c = next) {
        next = c->next;
        if (c->is_monitor || conn_is_idle(c))
            conn_close(c);
    }
}

size_t door_connections(const struct door *d)
{
    return d->n_conns;
}

struct metrics *door_metrics(struct door *d)
{
    return &d->metrics;
}

void door_set_trouble(struct door *d, const char *trouble)
{
    (void)diag_set(&d->trouble, 0, "%s", trouble);
    d->metrics.is_storing = trouble[0] == '\0';
}
