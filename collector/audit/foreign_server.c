/*
 * foreign-server: the licence is seen, by any source, at a moment of V at which the entry is
 * valid, on a server that then belongs to another reseller. The quantity is how many such
 * servers. It is never counted against anyone. (SPEC 6.4)
 */
#include "audit/rules.h"
#include "base/grow.h"
#include <errno.h>
#include <string.h>

/* Whether some moment lies in the closed span and in both half-open terms. */
static bool meet_at_a_moment(struct span s, struct term a, struct term b)
{
    int64_t from = wall_max(wall_max(a.from, b.from), s.first).s;
    int64_t to = wall_min(a.to, b.to).s;

    return from < to && from <= s.last.s;
}

static bool is_foreign(const struct judged *j, const struct audit_sighting *s)
{
    const struct audit_server *server = j->c->machines[s->machine].server;
    struct span cut = s->seen;

    if (!span_cut(&cut, j->v))
        return false;
    for (size_t i = 0; i < server->n_tenures; i++)
        if (server->tenures[i].reseller != j->e->reseller &&
            meet_at_a_moment(cut, j->e->valid, server->tenures[i].valid))
            return true;
    return false;
}

static int server_compare(const void *a, const void *b)
{
    const struct audit_server *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

static int say(const struct judged *j, const struct audit_server *const *servers, size_t n)
{
    char subject[LICENSE_TEXT_SIZE];
    struct finding f = finding_about(j->a, FINDING_FOREIGN_SERVER, j->e->reseller,
                                     license_format(j->c->license, subject));
    struct jsonw o = notice_begin(j->w);

    f.quantity = 0;
    jsonw_array(&o, "servers");
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && servers[i] == servers[i - 1])
            continue;
        jsonw_text(&o, NULL, servers[i]->name);
        f.quantity++;
    }
    jsonw_end_array(&o);
    return notice_emit(j->sink, &f, &o, j->w);
}

int rule_foreign_server(const struct judged *j)
{
    AUTO_FREE const struct audit_server **servers = NULL;
    size_t n = 0, cap = 0;

    for (size_t i = 0; i < j->c->n_sightings; i++) {
        const struct audit_server *server = j->c->machines[j->c->sightings[i].machine].server;
        if ((n > 0 && servers[n - 1] == server) || !is_foreign(j, &j->c->sightings[i]))
            continue;
        int r = grow(&servers, &cap, n + 1, sizeof(const struct audit_server *), SIZE_MAX);
        if (r < 0)
            return r;
        servers[n++] = server;
    }
    if (n == 0)
        return 0;
    qsort(servers, n, sizeof(const struct audit_server *), server_compare);
    return say(j, servers, n);
}
