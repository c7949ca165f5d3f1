/* Shared peer addresses, one after another; nothing is kept of an address but whose it was. */
#include "run/address_pass.h"
#include "run/servers.h"
#include <errno.h>

struct address_pass {
    const struct run_period *periods;
    size_t n;
    struct crowd *crowds; /* one a period */
    struct addr address;
    struct arena arena;
    struct audit_server server;
    server_id server_id;
    bool has_address;
};

static void address_pass_done(struct address_pass *p)
{
    free(p->crowds);
    arena_done(&p->arena);
}

static int end_address(struct address_pass *p, struct audit_work *w,
                       const struct finding_sink *sink)
{
    int r = 0;

    for (size_t i = 0; i < p->n && p->has_address && r >= 0; i++) {
        r = audit_crowd_end(&p->periods[i].now, &p->crowds[i], &p->address, w, sink);
        p->crowds[i] = (struct crowd){0};
    }
    return r;
}

static int begin_server(struct address_pass *p, const struct run_setup *setup, server_id id)
{
    arena_reset(&p->arena);
    p->server_id = id;
    for (size_t i = 0; i < p->n; i++)
        audit_crowd_next_server(&p->crowds[i]);
    return server_load(setup->store, setup->book, id, &p->arena, &p->server);
}

int address_pass(const struct run_setup *setup, const struct run_period *periods, size_t n,
                 struct audit_work *w, const struct finding_sink *sink)
{
    AUTO(address_pass) struct address_pass p = {.periods = periods, .n = n};
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_peer row;
    int r = store_scan_shared_peers(setup->store, &scan);

    p.crowds = calloc(n + 1, sizeof(*p.crowds));
    if (!p.crowds)
        return -ENOMEM;
    while (r >= 0 && (r = store_next_peer(scan, &row)) > 0) {
        bool is_new = !p.has_address || addr_compare(&p.address, &row.address) != 0;
        if (is_new)
            r = end_address(&p, w, sink);
        if (r >= 0 && (is_new || row.server != p.server_id))
            r = begin_server(&p, setup, row.server);
        p.address = row.address;
        p.has_address = true;
        for (size_t i = 0; i < n && r >= 0; i++)
            audit_crowd_add(&periods[i].now, &p.crowds[i], &p.server, row.seen);
    }
    return r < 0 ? r : end_address(&p, w, sink);
}
