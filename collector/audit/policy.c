/* The policy settings' defaults, and which of them hold when and for whom. */
#include "audit/policy.h"

#include <string.h>

enum { HOUR = 3600, DAY = 24 * HOUR };

void policy_init(struct policy *p)
{
    *p = (struct policy){
        .count_sources = 1U << SOURCE_PEER | 1U << SOURCE_KEYSERVER | 1U << SOURCE_NAT,
        .charge_by = CHARGE_BY_BOTH,
        .grace = {14 * DAY},
        .outside_grace = {14 * DAY},
        .period_min = {24 * HOUR},
        .bridge = {26 * HOUR},
        .flag_after = {HOUR},
        .mailbox_basis = BASIS_MAILBOXES,
        .mailbox_split = SPLIT_MAX,
        .mailbox_filtered_only = true,
        .mailbox_sustain = {7 * DAY},
        .max_places = 4,
        .silent_after = {72 * HOUR},
        .strikes = {1, 3, 6},
        .close_after = {5 * DAY},
        .reaudit_periods = 3,
        .max_close_entries = 500,
        .max_close_amount = {INT64_C(5000) * 1000000},
    };
}

const struct policy_version *policy_version_at(const struct policy_book *b, wall_t at)
{
    assert(b->n > 0);
    const struct policy_version *found = &b->versions[0];
    for (size_t i = 1; i < b->n && b->versions[i].from.s <= at.s; i++)
        found = &b->versions[i];
    return found;
}

const struct policy *policy_for(const struct policy_version *v, const char *reseller)
{
    size_t low = 0, high = reseller ? v->n_overrides : 0;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(reseller, v->overrides[mid].reseller);
        if (order == 0)
            return &v->overrides[mid].policy;
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return &v->base;
}
