/* Whose each server is, and when: a table that is read once, instead of a look-up for a row. */
#include "edition/coverage_parts.h"

#include <errno.h>

#include "base/grow.h"
#include "run/servers.h"

void seats_done(struct seats *s)
{
    free(s->servers);
    free(s->v);
    *s = (struct seats){0};
}

/* Ids rise from 1, so a server's place is at most its id - 1; without holes it is just that. */
struct seated *seats_find(struct seats *s, server_id id)
{
    if (s->latest && s->latest->id == id)
        return s->latest;
    if (id < 1 || s->n_servers == 0)
        return NULL;
    size_t high = (uint64_t)id < s->n_servers ? (size_t)id : s->n_servers, low = 0;
    if (s->servers[high - 1].id != id) {
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (s->servers[middle].id < id)
                low = middle + 1;
            else
                high = middle;
        }
        high = low + 1;
    }
    if (high > s->n_servers || s->servers[high - 1].id != id)
        return NULL;
    s->latest = &s->servers[high - 1];
    return s->latest;
}

static int add_server(struct coverage *c, server_id id, const struct store_server *row,
                      const struct audit_server *server)
{
    struct seats *s = &c->seats;
    int r =
        grow(&s->servers, &s->cap_servers, s->n_servers + 1, sizeof(*s->servers), UINT32_MAX);

    if (r >= 0)
        r = grow(&s->v, &s->cap, s->n + server->n_tenures, sizeof(*s->v), UINT32_MAX);
    if (r < 0)
        return r;
    bool has_enrolment = row->is_enrolled && row->enrolled_at.s <= c->end.s;
    s->servers[s->n_servers++] = (struct seated){
        .id = id,
        .last = has_enrolment ? row->enrolled_at : WALL_BEGIN,
        .first = (uint32_t)s->n,
        .n = (uint32_t)server->n_tenures,
        .is_off = row->retired.s <= c->end.s || row->revoked.s <= c->end.s,
    };
    for (size_t i = 0; i < server->n_tenures; i++)
        s->v[s->n++] = (struct seat){
            .valid = server->tenures[i].valid,
            .reseller = (uint32_t)(server->tenures[i].reseller - c->book->resellers),
        };
    return 0;
}

int seats_load(struct coverage *c, const struct run_setup *run)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    AUTO(arena) struct arena arena = {0};
    struct store_server_facts row;
    struct audit_server server;
    int r = store_scan_server_facts(run->store, &scan);

    while (r >= 0 && (r = store_next_server_facts(scan, &row)) > 0) {
        arena_reset(&arena);
        r = server_make(c->book, row.server, &arena, &server);
        if (r >= 0)
            r = add_server(c, row.id, row.server, &server);
    }
    return r;
}
