/*
 * unknown-license: seen by a counted source in [P0, E] at a moment at which no entry is valid
 * and none was before, on a server that then belongs to a reseller; one finding for each such
 * reseller. (SPEC 6.4)
 */
#include "audit/rules.h"
#include <string.h>

/* Whether the stretch meets [P0, E], before the first entry, within the tenure. */
static bool is_unknown(const struct audit *a, const struct license_case *c, struct span seen,
                       struct term tenure)
{
    wall_t known = c->n_rows > 0 ? c->rows[0].valid.from : WALL_END;

    if (!span_cut(&seen, (struct span){a->p0, a->end}))
        return false;
    int64_t from = wall_max(tenure.from, seen.first).s;
    return from <= seen.last.s && from < tenure.to.s && from < known.s;
}

static bool sees_unknown(const struct audit *a, const struct license_case *c,
                         const struct audit_sighting *s, const struct tenure *t)
{
    const struct policy *policy = policy_for(a->policy, t->reseller->id);

    return (policy->count_sources >> s->source & 1) != 0 && is_unknown(a, c, s->seen, t->valid);
}

/* The next reseller, by id, after `after` (NULL = the first) one of whose servers sees it; and
 * that server, the first by name. */
static const struct audit_reseller *next_reseller(const struct audit *a,
                                                  const struct license_case *c,
                                                  const struct audit_reseller *after,
                                                  const char **ret_server)
{
    const struct audit_reseller *best = NULL;

    for (size_t i = 0; i < c->n_sightings; i++) {
        const struct audit_server *server = c->machines[c->sightings[i].machine].server;
        for (size_t k = 0; k < server->n_tenures; k++) {
            const struct audit_reseller *r = server->tenures[k].reseller;
            if ((after && strcmp(r->id, after->id) <= 0) ||
                (best && strcmp(r->id, best->id) > 0) ||
                !sees_unknown(a, c, &c->sightings[i], &server->tenures[k]))
                continue;
            if (r != best || strcmp(server->name, *ret_server) < 0)
                *ret_server = server->name;
            best = r;
        }
    }
    return best;
}

int rule_unknown_license(const struct audit *a, const struct license_case *c,
                         struct audit_work *w, const struct finding_sink *sink)
{
    char subject[LICENSE_TEXT_SIZE];
    const struct audit_reseller *reseller = NULL;
    const char *server = "";

    if (c->n_rows > 0 && c->rows[0].valid.from.s <= a->p0.s)
        return 0;
    while ((reseller = next_reseller(a, c, reseller, &server)) != NULL) {
        struct finding f = finding_about(a, FINDING_UNKNOWN_LICENSE, reseller,
                                         license_format(c->license, subject));
        struct jsonw o = notice_begin(w);
        jsonw_text(&o, "server", server);
        int r = notice_emit(sink, &f, &o, w);
        if (r < 0)
            return r;
    }
    return 0;
}
