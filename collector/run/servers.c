/* From the store's numbers to servers with tenures, and machines in an order of their own. */
#include "run/servers.h"
#include "base/grow.h"
#include <errno.h>
#include <string.h>

static int load_enrolment(const struct book *b, const struct store_server *row,
                          struct arena *arena, struct audit_server *ret)
{
    const struct audit_reseller *reseller = book_reseller(b, row->enrolled_reseller);
    struct tenure *t = arena_alloc(arena, sizeof(*t));

    if (!t)
        return -ENOMEM;
    *t = (struct tenure){reseller, {row->enrolled_at, WALL_END}};
    ret->tenures = t;
    ret->n_tenures = reseller ? 1 : 0;
    return 0;
}

/* Adds a tenure, or lengthens the last one where the same reseller's rows touch. */
static void add_tenure(struct tenure *v, size_t *n, struct tenure t)
{
    if (t.valid.from.s >= t.valid.to.s)
        return;
    if (*n > 0 && v[*n - 1].reseller == t.reseller && v[*n - 1].valid.to.s == t.valid.from.s)
        v[*n - 1].valid.to = t.valid.to;
    else
        v[(*n)++] = t;
}

static int load_rows(const struct book *b, const struct store_server *row, struct arena *arena,
                     struct audit_server *ret)
{
    struct tenure *v = arena_array(arena, row->n_tenures, sizeof(*v));
    size_t n = 0;

    if (!v)
        return -ENOMEM;
    for (size_t i = 0; i < row->n_tenures; i++) {
        struct tenure t = {book_reseller(b, row->tenures[i].reseller), row->tenures[i].valid};
        if (row->is_enrolled)
            t.valid.from = wall_max(t.valid.from, row->enrolled_at);
        if (t.reseller)
            add_tenure(v, &n, t);
    }
    ret->tenures = v;
    ret->n_tenures = n;
    return 0;
}

int server_make(const struct book *b, const struct store_server *row, struct arena *arena,
                struct audit_server *ret)
{
    *ret = (struct audit_server){.retired = row->retired};
    ret->name = arena_text(arena, text_of(row->name));
    if (!ret->name)
        return -ENOMEM;
    if (row->n_tenures > 0)
        return load_rows(b, row, arena, ret);
    return row->is_enrolled ? load_enrolment(b, row, arena, ret) : 0;
}

int server_load(struct store *s, const struct book *b, server_id id, struct arena *arena,
                struct audit_server *ret)
{
    struct store_server row;
    int r = store_get_server(s, id, &row);

    return r < 0 ? r : server_make(b, &row, arena, ret);
}

void crew_done(struct crew *c)
{
    arena_done(&c->arena);
    free(c->v);
    free(c->servers);
    free(c->server_ids);
    free(c->sorted);
    *c = (struct crew){0};
}

void crew_reset(struct crew *c)
{
    arena_reset(&c->arena);
    c->n = c->n_servers = 0;
    c->highest = INT64_MIN;
}

/* Machines and servers of one case are few, and rows come by machine: look from the end. */
int crew_server(struct crew *c, struct store *s, const struct book *b, server_id id,
                uint32_t *ret)
{
    for (size_t i = c->n_servers; i-- > 0;)
        if (c->server_ids[i] == id) {
            *ret = (uint32_t)i;
            return 0;
        }
    struct audit_server *server = arena_alloc(&c->arena, sizeof(*server));
    int r = server ? server_load(s, b, id, &c->arena, server) : -ENOMEM;
    if (r >= 0)
        r = grow(&c->servers, &c->cap_servers, c->n_servers + 1, sizeof(*c->servers),
                 UINT32_MAX);
    if (r >= 0)
        r = grow(&c->server_ids, &c->cap_server_ids, c->n_servers + 1, sizeof(*c->server_ids),
                 UINT32_MAX);
    if (r < 0)
        return r;
    c->servers[c->n_servers] = server;
    c->server_ids[c->n_servers] = id;
    *ret = (uint32_t)c->n_servers++;
    return 0;
}

int crew_add(struct crew *c, struct store *s, const struct book *b, machine_id id,
             uint32_t *ret)
{
    struct store_machine row;
    uint32_t server;

    /* Rows come by machine: it is the last one, or a new one, or (in another licence) an old
     * one. */
    for (size_t i = c->n; i-- > 0 && id <= c->highest;)
        if (c->v[i].id == id) {
            *ret = (uint32_t)i;
            return 0;
        }
    int r = store_get_machine(s, id, &row);
    if (r >= 0)
        r = crew_server(c, s, b, row.server, &server);
    if (r >= 0)
        r = grow(&c->v, &c->cap, c->n + 1, sizeof(*c->v), UINT32_MAX);
    if (r < 0)
        return r;
    struct crew_machine *m = &c->v[c->n];
    *m = (struct crew_machine){.id = id, .server = row.server};
    m->machine = (struct audit_machine){.server = c->servers[server], .boot = row.boot};
    c->highest = id > c->highest ? id : c->highest;
    *ret = (uint32_t)c->n++;
    return 0;
}

static int load_gaps(struct crew *c, struct store *s, machine_id id, struct audit_machine *m)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    AUTO_FREE struct audit_gap *v = NULL;
    struct store_gap row;
    size_t n = 0, cap = 0;
    int r = store_scan_gaps(s, id, &scan);

    while (r >= 0 && (r = store_next_gap(scan, &row)) > 0) {
        r = grow(&v, &cap, n + 1, sizeof(*v), SIZE_MAX);
        if (r >= 0)
            v[n++] = (struct audit_gap){row.what, row.seen, row.lost};
    }
    if (r < 0 || n == 0)
        return r;
    struct audit_gap *kept = arena_array(&c->arena, n, sizeof(*kept));
    if (!kept)
        return -ENOMEM;
    memcpy(kept, v, n * sizeof(*v));
    m->gaps = kept;
    m->n_gaps = n;
    return 0;
}

int crew_load_gaps(struct crew *c, struct store *s)
{
    int r = 0;

    for (size_t i = 0; i < c->n && r >= 0; i++)
        r = load_gaps(c, s, c->v[i].id, &c->v[i].machine);
    return r;
}

static int machine_compare(const void *a, const void *b, void *arg)
{
    const struct crew *c = arg;
    const struct audit_machine *x = &c->v[*(const uint32_t *)a].machine;
    const struct audit_machine *y = &c->v[*(const uint32_t *)b].machine;
    int r = strcmp(x->server->name, y->server->name);

    return r != 0 ? r : memcmp(&x->boot, &y->boot, sizeof(x->boot));
}

int crew_sort(struct crew *c)
{
    AUTO_FREE uint32_t *order = calloc(c->n + 1, sizeof(*order));
    int r = grow(&c->sorted, &c->cap_sorted, c->n, sizeof(*c->sorted), UINT32_MAX);

    if (r < 0 || !order)
        return -ENOMEM;
    for (size_t i = 0; i < c->n; i++)
        order[i] = (uint32_t)i;
    if (c->n > 1)
        qsort_r(order, c->n, sizeof(*order), machine_compare, c);
    for (size_t i = 0; i < c->n; i++) {
        c->v[order[i]].number = (uint32_t)i;
        c->sorted[i] = c->v[order[i]].machine;
    }
    return 0;
}
