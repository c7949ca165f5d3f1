/*
 * crowded-address: `peer` sightings in V of machines of more than one reseller on one address:
 * a balancer that hides its clients, or a shared gateway. A server that changes hands is not a
 * crowd by itself: it takes two servers. (SPEC 6.4)
 */
#include "audit/rules.h"
#include <string.h>

static void side_add(struct crowd_side *side, const struct audit_reseller *reseller)
{
    if (!side->reseller)
        side->reseller = reseller;
    else if (side->reseller != reseller)
        side->is_several = true;
}

void audit_crowd_add(const struct audit *a, struct crowd *c, const struct audit_server *server,
                     struct span seen)
{
    if (!span_cut(&seen, (struct span){a->p0, a->end}))
        return;
    for (size_t i = 0; i < server->n_tenures; i++) {
        const struct tenure *t = &server->tenures[i];
        if (t->valid.from.s > seen.last.s || t->valid.to.s <= seen.first.s)
            continue;
        side_add(&c->now, t->reseller);
        if (!c->lowest || strcmp(t->reseller->id, c->lowest->id) < 0)
            c->lowest = t->reseller;
        if (!c->highest || strcmp(t->reseller->id, c->highest->id) > 0)
            c->highest = t->reseller;
        if (c->before.reseller && (c->before.is_several || c->before.reseller != t->reseller))
            c->is_crowded = true;
    }
}

void audit_crowd_next_server(struct crowd *c)
{
    if (c->now.reseller)
        side_add(&c->before, c->now.reseller);
    c->before.is_several = c->before.is_several || c->now.is_several;
    c->now = (struct crowd_side){0};
}

int audit_crowd_end(const struct audit *a, const struct crowd *c, const struct addr *address,
                    struct audit_work *w, const struct finding_sink *sink)
{
    char subject[ADDR_TEXT_SIZE];

    if (!c->is_crowded)
        return 0;
    struct finding f =
        finding_about(a, FINDING_CROWDED_ADDRESS, NULL, addr_format(address, subject));
    struct jsonw o = notice_begin(w);
    jsonw_array(&o, "among_resellers");
    jsonw_text(&o, NULL, c->lowest->id);
    jsonw_text(&o, NULL, c->highest->id);
    jsonw_end_array(&o);
    return notice_emit(sink, &f, &o, w);
}
