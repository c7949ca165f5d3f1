/* What a rule says of one subject in one period (SPEC 1 and 6), with its evidence. */
#ifndef AUDIT_FINDING_H
#define AUDIT_FINDING_H

#include "base/buf.h"
#include "domain/period.h"

enum finding_kind {
    FINDING_EXTRA_IP,
    FINDING_MAILBOXES,
    FINDING_OUTSIDE,
    FINDING_MANY_ADDRESSES,
    FINDING_SECOND_SERVER,
    FINDING_ROAMING,
    FINDING_SPLIT_DOMAIN,
    FINDING_UNDECLARED,
    FINDING_UNKNOWN_LICENSE,
    FINDING_EXPIRED_IN_USE,
    FINDING_FOREIGN_SERVER,
    FINDING_UNKNOWN_SERVER,
    FINDING_FORKED_IDENTITY,
    FINDING_ELSEWHERE,
    FINDING_SILENT,
    FINDING_NEVER_SEEN,
    FINDING_NEVER_COUNTED,
    FINDING_CROWDED_ADDRESS,
    FINDING_RECURRING,
};
#define FINDING_KIND_COUNT 19

/* CLEAR is not a finding: it is what the ledger keeps when a charge falls away. */
enum finding_state {
    STATE_CLEAR = 0,
    STATE_NOTICE = 1,
    STATE_POTENTIAL = 2,
    STATE_CONFIRMED = 3
};

const char *finding_kind_name(enum finding_kind k); /* "extra-ip" … */
const char *
finding_state_name(enum finding_state s); /* "clear", "notice", "potential", "confirmed" */
/* The clause a finding rests on, e.g. "FUP, licences 2"; "" for the notices about data. */
const char *finding_clause(enum finding_kind k);

struct finding {
    period_t period;
    enum finding_kind kind;
    enum finding_state state;
    const char *reseller; /* NULL = none */
    const char *subject;
    int64_t quantity;
    bool has_since, has_confirms;
    wall_t since, confirms_at;
    bool is_trial;
    const char *policy;   /* version */
    const char *evidence; /* a JSON object, canonical but for key order; never NULL */
};

/*
 * Where findings go, one by one, in no order. All pointers are borrowed for the call. A
 * non-zero return ends the audit with it.
 */
struct finding_sink {
    int (*take)(void *arg, const struct finding *f);
    void *arg;
    bool wants_clear; /* also take what the charging rules judged and found nothing in */
};

#endif
