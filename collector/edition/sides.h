/*
 * What a report says beside the findings: how much was seen of what is known, strikes, how
 * often charges did not stand, which periods wait, which mails came back. Read from the store.
 */
#ifndef EDITION_SIDES_H
#define EDITION_SIDES_H

#include "edition/edition.h"
#include "base/arena.h"

/* The period that a night is about: the last of the open ones audited, else that of T. */
static inline period_t sides_newest(const struct edition_setup *s)
{
    const struct run_periods *p = s->periods;
    return p && p->n > p->n_corrected ? p->v[p->n - 1] : period_at(s->run->zone, s->run->as_of);
}

/*
 * Coverage of all resellers at E, the end of what is known of the newest period, made in one
 * pass over licences, domains, servers and gaps:
 *
 * known      entries valid at E (of licences, those that the rules speak of).
 * seen       of these: some sighting or row, whatever its source, on a server that was then the
 *            entry's reseller's, that meets the entry (rows that touch are one) and the newest
 *            period, or the `silent_after` before E where that reaches further back: on the
 *            first of a month nothing has been seen in it. Rows of mailboxes that do not count
 *            (SPEC 6.2, `filtered`) are as if never reported.
 * servers    known: the reseller's at E, neither retired nor revoked, and heard of in the 35
 *            days before, by its enrolment or by any sighting or row; silent: not within
 *            `silent_after`. That is the rule `silent` (SPEC 6.4), and the agents from which
 *            nothing came since they were enrolled.
 * gaps       in the newest period, each machine's united over their kinds, while its server
 *            was the reseller's.
 * lacks      of resellers with a known licence: no network of that family is valid at E.
 *
 * Receipts of reports are not asked for: they are no part of what is stored up to T, and there
 * are 128 for each machine. Memory grows with servers (50 bytes) and resellers, not with
 * licences. d has a text for -ENOMEM; errors of the store have theirs there.
 */
struct coverage;
MUST_USE int coverage_make(const struct edition_setup *setup, struct coverage **ret,
                           struct diag *d);
void coverage_free(struct coverage *c);
/* All zero for a reseller that nothing is known of. */
struct bulletin_coverage coverage_of(const struct coverage *c, const char *reseller);
void coverage_add(struct bulletin_coverage *sum, const struct bulletin_coverage *x);

/*
 * Strikes: of the last 12 periods (the newest included), those with a confirmed, unwaived
 * finding of a reseller that is no trial. For the audited ones `tonight` says it (the keys
 * found confirmed, waived ones left out by the caller); for the others what the store kept
 * (store_scan_confirmed) and what the ledger holds (a balance above 0), less what is waived
 * now. What the ledger holds is read once for all resellers; memory grows with its keys of
 * those periods. `licenses_known` is left to the caller.
 */
struct strikes;
MUST_USE int strikes_make(const struct edition_setup *setup, struct strikes **ret);
void strikes_free(struct strikes *s);

struct tonight_key {
    period_t period;
    enum charge_kind kind;
    const char *subject;
};
struct strikes_question {
    const char *reseller;
    const struct tonight_key *tonight; /* any order */
    size_t n_tonight;
};
MUST_USE int strikes_of(struct strikes *s, const struct strikes_question *q,
                        struct bulletin_strikes *ret);

/*
 * How often charges did not stand: of the keys of the last 12 periods (the newest included),
 * those with an entry, and those without one that are waived or disputed now (of trial
 * resellers, who are not charged, only the former) are `charged`; of them those that are waived
 * now, or whose entries are 0 together, are `withdrawn`. One row a kind that has any, by kind;
 * in `keep`.
 */
MUST_USE int rates_make(const struct edition_setup *setup, struct arena *keep,
                        const struct bulletin_rate **ret, size_t *ret_n);

/*
 * Audited periods that are over since close_after and not closed, oldest first, with how many
 * drafts closing it would enter (draft_is_enterable): its own, and with the oldest those of the
 * closed periods that are still corrected. Reads setup->findings from their beginning, and
 * leaves them at their end.
 */
MUST_USE int waiting_make(const struct edition_setup *setup, struct arena *keep,
                          const struct bulletin_waiting **ret, size_t *ret_n);

/*
 * Mails given up since the night before the last one that was published and did not fail, of
 * whatever readers: so each is named in the next night's mails, and mostly in two. The latest
 * first, at most BULLETIN_DEAD_MAX; *ret_more are left out.
 */
MUST_USE int dead_make(const struct edition_setup *setup, struct arena *keep,
                       const struct bulletin_dead **ret, size_t *ret_n, int64_t *ret_more);

#endif
