/*
 * never-seen: an entry valid in all of [P0, E], and no sighting ever, of any source, by
 * anyone, that begins at or before E. (SPEC 6.4)
 */
#include "audit/rules.h"

int rule_never_seen(const struct judged *j)
{
    char subject[LICENSE_TEXT_SIZE];

    if (j->e->valid.from.s > j->a->p0.s || j->e->valid.to.s < j->a->end.s)
        return 0;
    for (size_t i = 0; i < j->c->n_sightings; i++)
        if (j->c->sightings[i].seen.first.s <= j->a->end.s)
            return 0;
    struct finding f = finding_about(j->a, FINDING_NEVER_SEEN, j->e->reseller,
                                     license_format(j->c->license, subject));
    return finding_emit(j->sink, &f);
}
