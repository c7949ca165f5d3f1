/*
 * silent: a licence, or a server, seen in the 35 days before E but not within `silent_after`
 * of E, and the server is not retired. (SPEC 6.4)
 */
#include "audit/rules.h"

static bool is_silent(wall_t last, wall_t end, const struct policy *p)
{
    int64_t age = end.s - last.s;
    return age > p->silent_after.s && age <= SILENT_KNOWN_S;
}

static int say(struct finding *f, wall_t last, struct audit_work *w,
               const struct finding_sink *sink)
{
    struct jsonw o = notice_begin(w);

    jsonw_int(&o, "last_seen", last.s);
    return notice_emit(sink, f, &o, w);
}

/* The latest moment at which the sighting's server was the entry's reseller's and saw it. */
static bool last_seen(const struct audit *a, const struct license_case *c,
                      const struct entry *e, const struct audit_sighting *s, wall_t *ret)
{
    const struct audit_server *server = c->machines[s->machine].server;
    bool found = false;

    for (size_t i = 0; i < server->n_tenures; i++) {
        struct span cut = s->seen;
        if (server->tenures[i].reseller != e->reseller ||
            !span_cut(&cut, term_closed(server->tenures[i].valid)) ||
            !span_cut(&cut, term_closed(e->valid)) ||
            !span_cut(&cut, (struct span){WALL_BEGIN, a->end}))
            continue;
        if (!found || cut.last.s > ret->s)
            *ret = cut.last;
        found = true;
    }
    return found;
}

int rule_silent_license(const struct audit *a, const struct license_case *c,
                        const struct entry *e, struct audit_work *w,
                        const struct finding_sink *sink)
{
    wall_t last = WALL_BEGIN, one;
    bool is_alive = false; /* one of the servers that saw it last is not retired */
    char subject[LICENSE_TEXT_SIZE];

    if (!term_holds(e->valid, a->end))
        return 0;
    for (size_t i = 0; i < c->n_sightings; i++) {
        if (!last_seen(a, c, e, &c->sightings[i], &one) || one.s < last.s)
            continue;
        bool is_retired = c->machines[c->sightings[i].machine].server->retired.s <= a->end.s;
        is_alive = (one.s == last.s && is_alive) || !is_retired;
        last = one;
    }
    if (!is_alive || !is_silent(last, a->end, e->policy))
        return 0;
    struct finding f =
        finding_about(a, FINDING_SILENT, e->reseller, license_format(c->license, subject));
    return say(&f, last, w, sink);
}

int rule_silent_server(const struct audit *a, const struct server_case *c, struct audit_work *w,
                       const struct finding_sink *sink)
{
    const struct audit_reseller *reseller = server_reseller(c->server, a->end);

    if (!reseller || !c->has_last || c->server->retired.s <= a->end.s ||
        !is_silent(c->last, a->end, policy_for(a->policy, reseller->id)))
        return 0;
    struct finding f = finding_about(a, FINDING_SILENT, reseller, c->server->name);
    return say(&f, c->last, w, sink);
}
