/*
 * crowded-address: `peer` sightings in V of machines of more than one reseller on one address:
 * a balancer that hides its clients, or a shared gateway. (SPEC 6.4)
 */
#include "audit/rules.h"

int audit_address(const struct audit *a, const struct addr *address,
                  const struct peer_seen *peers, size_t n, const struct finding_sink *sink)
{
    const struct audit_reseller *first = NULL;
    char subject[ADDR_TEXT_SIZE];

    for (size_t i = 0; i < n; i++) {
        struct span seen = peers[i].seen;
        if (!span_cut(&seen, (struct span){a->p0, a->end}))
            continue;
        for (size_t k = 0; k < peers[i].server->n_tenures; k++) {
            const struct tenure *t = &peers[i].server->tenures[k];
            if (wall_max(seen.first, t->valid.from).s > seen.last.s ||
                seen.first.s >= t->valid.to.s)
                continue;
            if (!first)
                first = t->reseller;
            if (t->reseller == first)
                continue;
            struct finding f =
                finding_about(a, FINDING_CROWDED_ADDRESS, NULL, addr_format(address, subject));
            return finding_emit(sink, &f);
        }
    }
    return 0;
}
