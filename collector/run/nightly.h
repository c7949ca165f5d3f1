/*
 * A night's audit: all licences, domains, servers and addresses of a store, in the periods
 * asked for, in one pass over what is stored. Pure but for reading: the same store, settings
 * and moment give the same findings, byte for byte.
 */
#ifndef RUN_NIGHTLY_H
#define RUN_NIGHTLY_H

#include "domain/zone.h"
#include "run/book.h"
#include "run/findings.h"

/* What a run is told. All borrowed. */
struct run_setup {
    struct store *store;
    const struct book *book; /* of that store */
    const struct zone *zone;
    const struct policy_book *policies;
    const struct network *lab_networks;
    size_t n_lab_networks;
    const char (*license_prefixes)[8];
    size_t n_license_prefixes;
    wall_t as_of; /* T */
    /* Told of progress now and then; NULL = nobody. Rows read so far and, roughly, in all. */
    void (*progress)(void *arg, int64_t done, int64_t total);
    void *progress_arg;
};

/*
 * The audit of one period with the five before it, for the rules' use. Where T is not later
 * than the period's start there is nothing to audit: false.
 */
struct run_period {
    struct audit now;
    struct audit before[5];
};
bool run_period_init(struct run_period *p, const struct run_setup *setup, period_t period);

/* The periods of a run together, for the passes that look at them all at once. */
struct run_window {
    const struct run_period *periods;
    size_t n;
    struct span since; /* from the horizon of the earliest (audit_horizon) to the last E */
};

/*
 * Audits the n periods (those not begun at T are passed over); findings go to `sink`.
 * 0; store errors; what the sink returned.
 */
MUST_USE int run_audit(const struct run_setup *setup, const period_t *periods, size_t n,
                       const struct finding_sink *sink);

/* One subject alone, all its kinds: a licence by its name, a domain by its A-label. */
MUST_USE int run_audit_license(const struct run_setup *setup, license_t license,
                               const period_t *periods, size_t n,
                               const struct finding_sink *sink);
MUST_USE int run_audit_domain(const struct run_setup *setup, const char *domain,
                              const period_t *periods, size_t n,
                              const struct finding_sink *sink);

/*
 * The open periods at T: from the one after the last closed (or from the first evidence, at
 * most CAP_OPEN_PERIODS back) to that of T. *ret_is_cut: evidence before that is left out.
 * And the `reaudit` closed ones before them that can still be corrected. ret has room for
 * RUN_PERIODS_MAX. 0; store errors.
 */
#define RUN_PERIODS_MAX (CAP_OPEN_PERIODS + 16)
struct run_periods {
    period_t v[RUN_PERIODS_MAX]; /* rising: first the corrected, then the open */
    size_t n_corrected, n;
    bool is_cut;
};
MUST_USE int run_periods_find(const struct run_setup *setup, struct run_periods *ret);

#endif
