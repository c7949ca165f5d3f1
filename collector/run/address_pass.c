/*
 * One record a `peer` stretch goes to the sorter; at the end they come by address and server.
 * Nearly every address has one server: none is looked up before a second shows up.
 */
#include "run/address_pass.h"
#include "base/grow.h"
#include "run/servers.h"
#include "store/sorter.h"
#include <errno.h>
#include <string.h>

/* The sorter's key: by address, then by server. */
struct peer_key {
    struct addr address;
    uint8_t server_be[8];
};
static_assert(sizeof(struct peer_key) == 25, "keys are compared as bytes");

struct address_pass {
    const struct run_setup *setup;
    const struct run_period *periods;
    size_t n;
    struct sorter *sorter;
    struct crowd *crowds; /* one a period */
    struct arena arena;
    struct audit_server server; /* the present one, of an address that is shared */
    struct peer_key now;
    bool is_shared;
    struct span *waiting; /* the stretches of an address's first server */
    size_t n_waiting, cap_waiting;
};

void address_pass_free(struct address_pass *p)
{
    if (!p)
        return;
    sorter_free(p->sorter);
    arena_done(&p->arena);
    free(p->crowds);
    free(p->waiting);
    free(p);
}

static inline void address_pass_done(struct address_pass **p)
{
    address_pass_free(*p);
}

int address_pass_new(const struct run_setup *setup, const struct run_window *window,
                     struct address_pass **ret)
{
    AUTO(address_pass) struct address_pass *p = calloc(1, sizeof(*p));
    struct diag d;

    if (!p)
        return -ENOMEM;
    *p = (struct address_pass){.setup = setup, .periods = window->periods, .n = window->n};
    p->crowds = calloc(p->n + 1, sizeof(*p->crowds));
    if (!p->crowds)
        return -ENOMEM;
    int r = sorter_new(&p->sorter, &d);
    if (r < 0)
        return r;
    *ret = STEAL(p);
    return 0;
}

static bool reaches_a_period(const struct address_pass *p, struct span seen)
{
    for (size_t i = 0; i < p->n; i++)
        if (seen.first.s <= p->periods[i].now.end.s && seen.last.s >= p->periods[i].now.p0.s)
            return true;
    return false;
}

static int send(struct address_pass *p, const struct addr *address, server_id server,
                struct span seen)
{
    struct peer_key key = {.address = *address};
    uint64_t v = (uint64_t)server;

    for (size_t i = sizeof(key.server_be); i-- > 0; v >>= 8)
        key.server_be[i] = (uint8_t)v;
    return sorter_put(p->sorter, (struct text){(const char *)&key, sizeof(key)},
                      (struct text){(const char *)&seen, sizeof(seen)});
}

int address_pass_license(struct address_pass *p, const struct license_outline *o)
{
    int r = 0;

    for (size_t i = 0; i < o->facts.n_sightings && r >= 0; i++) {
        const struct audit_sighting *s = &o->facts.sightings[i];
        if (s->source == SOURCE_PEER && reaches_a_period(p, s->seen))
            r = send(p, &s->address, o->machines[s->machine].server, s->seen);
    }
    return r;
}

/* ---- The end: one address after another ------------------------------------------------ */

static int end_address(struct address_pass *p, struct audit_work *w,
                       const struct finding_sink *sink)
{
    int r = 0;

    for (size_t i = 0; i < p->n && p->is_shared && r >= 0; i++) {
        r = audit_crowd_end(&p->periods[i].now, &p->crowds[i], &p->now.address, w, sink);
        p->crowds[i] = (struct crowd){0};
    }
    p->is_shared = false;
    p->n_waiting = 0;
    return r;
}

/* Makes the server of the present key the one whose stretches are added. */
static int begin_server(struct address_pass *p)
{
    uint64_t id = 0;

    for (size_t i = 0; i < sizeof(p->now.server_be); i++)
        id = id << 8 | p->now.server_be[i];
    arena_reset(&p->arena);
    for (size_t i = 0; i < p->n; i++)
        audit_crowd_next_server(&p->crowds[i]);
    return server_load(p->setup->store, p->setup->book, (server_id)id, &p->arena, &p->server);
}

static void add(struct address_pass *p, struct span seen)
{
    for (size_t i = 0; i < p->n; i++)
        audit_crowd_add(&p->periods[i].now, &p->crowds[i], &p->server, seen);
}

/* A second server: now the first one's stretches matter. */
static int share(struct address_pass *p)
{
    int r = begin_server(p);

    for (size_t i = 0; i < p->n_waiting && r >= 0; i++)
        add(p, p->waiting[i]);
    p->is_shared = true;
    return r;
}

static int take(struct address_pass *p, const struct peer_key *key, struct span seen)
{
    bool is_other = memcmp(&p->now, key, sizeof(*key)) != 0;
    int r = 0;

    if (is_other && !p->is_shared && p->n_waiting > 0)
        r = share(p);
    p->now = *key;
    if (r >= 0 && is_other && p->is_shared)
        r = begin_server(p);
    if (r < 0)
        return r;
    if (p->is_shared) {
        add(p, seen);
        return 0;
    }
    r = grow(&p->waiting, &p->cap_waiting, p->n_waiting + 1, sizeof(*p->waiting), SIZE_MAX);
    if (r >= 0)
        p->waiting[p->n_waiting++] = seen;
    return r;
}

int address_pass_end(struct address_pass *p, struct audit_work *w,
                     const struct finding_sink *sink)
{
    struct text key_bytes, value;
    struct peer_key key;
    struct span seen;
    int r;

    while ((r = sorter_next(p->sorter, &key_bytes, &value)) > 0) {
        memcpy(&key, key_bytes.p, sizeof(key));
        memcpy(&seen, value.p, sizeof(seen));
        if (addr_compare(&p->now.address, &key.address) != 0)
            r = end_address(p, w, sink);
        if (r >= 0)
            r = take(p, &key, seen);
        if (r < 0)
            return r;
    }
    return r < 0 ? r : end_address(p, w, sink);
}
