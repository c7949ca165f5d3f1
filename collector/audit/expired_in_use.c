/*
 * expired-in-use: seen in [P0, E] after its last entry's `to`, by any source, on a server that
 * belongs to somebody then. The finding is about that entry's reseller. (SPEC 6.4)
 */
#include "audit/rules.h"

static bool is_after(const struct audit *a, const struct audit_server *server, struct span seen,
                     wall_t to)
{
    if (!span_cut(&seen, (struct span){a->p0, a->end}))
        return false;
    for (size_t i = 0; i < server->n_tenures; i++) {
        struct term t = server->tenures[i].valid;
        /* Some moment later than `to`: of the whole seconds, to + 1 is the first. */
        int64_t from = wall_max(wall_max(t.from, seen.first), (wall_t){to.s + 1}).s;
        if (from <= seen.last.s && from < t.to.s)
            return true;
    }
    return false;
}

int rule_expired_in_use(const struct audit *a, const struct license_case *c,
                        const struct finding_sink *sink)
{
    char subject[LICENSE_TEXT_SIZE];
    const struct audit_row *last = c->n_rows > 0 ? &c->rows[c->n_rows - 1] : NULL;

    if (!last || last->valid.to.s >= a->end.s)
        return 0;
    for (size_t i = 0; i < c->n_sightings; i++) {
        const struct audit_sighting *s = &c->sightings[i];
        if (!is_after(a, c->machines[s->machine].server, s->seen, last->valid.to))
            continue;
        struct finding f = finding_about(a, FINDING_EXPIRED_IN_USE, last->reseller,
                                         license_format(c->license, subject));
        return finding_emit(sink, &f);
    }
    return 0;
}
