/* Rule 6.1, extra-ip. */
#ifndef AUDIT_EXTRA_IP_H
#define AUDIT_EXTRA_IP_H

#include "audit/presence.h"

/* All that the rule needs: what a charge keeps as evidence, and what explain shows. */
struct extra_ip_facts {
    const struct presences *presences;
    dur_t bridge; /* by which they were made */
    struct level_terms terms;
    enum charge_by charge_by;
    const struct term *moves; /* by from, apart */
    size_t n_moves;
};

/* Step 3: the level over the window. `ret` is reset first. 0 or -ENOMEM. */
MUST_USE int extra_ip_level(const struct extra_ip_facts *f, struct level *ret);

/* Steps 3 and 4: sustained(level, grace), else seen(level). */
MUST_USE int extra_ip_judge(const struct extra_ip_facts *f, struct level_answer *ret);

/* Notices of 6.1, for where extra_ip_judge says nothing. state is NOTICE or CLEAR. */
MUST_USE int many_addresses_judge(const struct extra_ip_facts *f, struct level_answer *ret);
MUST_USE int second_server_judge(const struct extra_ip_facts *f, struct level_answer *ret);
MUST_USE int roaming_judge(const struct extra_ip_facts *f, int64_t max_places,
                           struct level_answer *ret);

#endif
