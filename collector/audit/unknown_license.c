/*
 * unknown-license: seen by a counted source in [P0, E] at a moment at which no entry is valid
 * and none was before, on a server that then belongs to a reseller; one finding for each such
 * reseller. (SPEC 6.4)
 */
#include "audit/rules.h"

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

int rule_unknown_license(const struct audit *a, const struct license_case *c,
                         const struct finding_sink *sink)
{
    char subject[LICENSE_TEXT_SIZE];
    const struct audit_reseller *said = NULL;

    for (size_t i = 0; i < c->n_sightings; i++) {
        const struct audit_sighting *s = &c->sightings[i];
        const struct audit_server *server = c->machines[s->machine].server;
        for (size_t k = 0; k < server->n_tenures; k++) {
            const struct audit_reseller *reseller = server->tenures[k].reseller;
            const struct policy *policy = policy_for(a->policy, reseller->id);
            if (reseller == said || (policy->count_sources >> s->source & 1) == 0 ||
                !is_unknown(a, c, s->seen, server->tenures[k].valid))
                continue;
            struct finding f = finding_about(a, FINDING_UNKNOWN_LICENSE, reseller,
                                             license_format(c->license, subject));
            int r = finding_emit(sink, &f);
            if (r < 0)
                return r;
            said = reseller;
        }
    }
    return 0;
}
