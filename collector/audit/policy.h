/*
 * The policy settings of SPEC 5 as a value, and the book of all versions: which holds on a
 * period's first day, and what it says for one reseller.
 */
#ifndef AUDIT_POLICY_H
#define AUDIT_POLICY_H

#include "base/caps.h"
#include "base/times.h"
#include "domain/money.h"
#include "domain/source.h"

enum charge_by { CHARGE_BY_BOTH = 0, CHARGE_BY_ADDRESSES = 1, CHARGE_BY_SERVERS = 2 };
enum mailbox_basis { BASIS_MAILBOXES = 0, BASIS_ADDRESSES = 1 };
enum mailbox_split { SPLIT_MAX = 0, SPLIT_SUM = 1 };

struct policy {
    uint8_t count_sources; /* bit (1 << enum source) */
    enum charge_by charge_by;
    dur_t grace, outside_grace, period_min, bridge, flag_after;
    enum mailbox_basis mailbox_basis;
    enum mailbox_split mailbox_split;
    bool mailbox_filtered_only;
    dur_t mailbox_sustain;
    int64_t max_places;
    dur_t silent_after;
    int64_t strikes[3];
    dur_t close_after;
    int64_t reaudit_periods;
    int64_t max_close_entries;
    price_t max_close_amount; /* major units of the reseller's currency */
};

/* The defaults of SPEC 5. */
void policy_init(struct policy *p);

struct policy_override {
    const char *reseller;
    struct policy policy; /* whole: base and changes */
};

struct policy_version {
    char version[CAP_VERSION + 1];
    wall_t from; /* WALL_BEGIN for the one that always holds */
    struct policy base;
    struct policy_override *overrides; /* by reseller id (strcmp) */
    size_t n_overrides;
};

struct policy_book {
    struct policy_version *versions; /* by `from`; at least one */
    size_t n;
};

/* The version in force at `at` (a period's first moment): the latest that has begun, or the
 * oldest where none has. */
const struct policy_version *policy_version_at(const struct policy_book *b, wall_t at);
/* What it says for a reseller (NULL = the base). */
const struct policy *policy_for(const struct policy_version *v, const char *reseller);

#endif
