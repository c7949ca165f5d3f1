/*
 * forked-identity: two machines of one server present together (bridged) in V for longer than
 * `flag_after`, or one boot_id whose counter came twice with different bodies. A clone of a
 * disk is the same server but another machine: evidence, never a lock-out. (SPEC 6.4)
 */
#include "audit/rules.h"
#include <errno.h>

/* How long both lists hold. */
static dur_t together(const struct spans *a, const struct spans *b)
{
    dur_t sum = {0};

    for (size_t i = 0, k = 0; i < a->n && k < b->n;) {
        struct span both = a->v[i];
        if (span_cut(&both, b->v[k]))
            sum.s += both.last.s - both.first.s;
        if (a->v[i].last.s < b->v[k].last.s)
            i++;
        else
            k++;
    }
    return sum;
}

static void lists_free(struct spans *lists, size_t n)
{
    for (size_t i = 0; i < n; i++)
        spans_done(&lists[i]);
    free(lists);
}

/* Two machines that were present together for too long, and for how long; none: first < 0. */
struct pair {
    int64_t first, second;
    dur_t together;
};

static int find_pair(const struct audit *a, const struct presences *p, dur_t flag_after,
                     struct spans *lists, struct pair *ret)
{
    struct span window = {a->p0, a->end};

    for (uint32_t i = 0; i < p->n_machines; i++) {
        int r =
            presences_joined(p, (struct presence_choice){i, PRESENCE_ANY}, window, &lists[i]);
        if (r < 0)
            return r;
        for (uint32_t k = 0; k < i; k++) {
            dur_t length = together(&lists[i], &lists[k]);
            if (length.s > flag_after.s) {
                *ret = (struct pair){k, i, length};
                return 0;
            }
        }
    }
    return 0;
}

static int find_together(const struct audit *a, const struct server_case *c,
                         const struct audit_reseller *reseller, struct presences *p,
                         struct pair *ret)
{
    *ret = (struct pair){-1, -1, {0}};
    if (c->machines.n_machines < 2)
        return 0;
    int r = presences_gather_server(p, a, &c->machines, reseller);
    if (r < 0)
        return r;
    struct spans *lists = calloc(p->n_machines, sizeof(*lists));
    if (!lists)
        return -ENOMEM;
    r = find_pair(a, p, policy_for(a->policy, reseller->id)->flag_after, lists, ret);
    lists_free(lists, p->n_machines);
    return r;
}

static void put_pair(struct jsonw *o, const struct server_case *c, const struct pair *pair)
{
    char boot[UUID_TEXT_SIZE];

    if (pair->first < 0)
        return;
    jsonw_array(o, "boot_ids");
    jsonw_text(o, NULL, uuid_format(&c->machines.machines[pair->first].boot, boot));
    jsonw_text(o, NULL, uuid_format(&c->machines.machines[pair->second].boot, boot));
    jsonw_end_array(o);
    jsonw_int(o, "together_seconds", pair->together.s);
}

int rule_forked_identity(const struct audit *a, const struct server_case *c,
                         struct audit_work *w, const struct finding_sink *sink)
{
    const struct audit_reseller *reseller = server_last_reseller(c->server, a->end);
    struct pair pair;

    if (!reseller)
        return 0;
    int r = find_together(a, c, reseller, &w->presences, &pair);
    if (r < 0 || (pair.first < 0 && !c->has_fork))
        return r;
    struct finding f = finding_about(a, FINDING_FORKED_IDENTITY, reseller, c->server->name);
    struct jsonw o = notice_begin(w);
    put_pair(&o, c, &pair);
    jsonw_bool(&o, "counter_repeated", c->has_fork);
    return notice_emit(sink, &f, &o, w);
}
