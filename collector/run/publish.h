/*
 * Publishing an audit: what of its findings is told to agents (SPEC 3, the answer's `state`),
 * as rows of the store's standings.
 *
 * Told of a licence and the reseller of its entry are the charging kinds that are about
 * licences (extra-ip, outside), in the open periods:
 *
 * - confirmed in any of them: it stands until that period is closed, for until then it is
 *   going to be charged, and what happened can still be explained or disputed;
 * - potential in the newest alone: what stayed potential in an older one never becomes a
 *   charge of that period, and what goes on is found in the newest again.
 *
 * Of several such findings the state is the worst, the kinds are all of theirs, `since` is the
 * earliest; `confirms_at` is the earliest of theirs (outlook.h), and there is none where the
 * state is confirmed. It is what the audit says, not the bill: a trial, a waiver or a dispute
 * changes nothing here. Where no period is open nothing is told.
 */
#ifndef RUN_PUBLISH_H
#define RUN_PUBLISH_H

#include "run/findings.h"
#include "run/nightly.h"

struct publish;

/* For an audit of `periods`; `setup` is borrowed. Sorts outside memory: -EIO with the text in
 * d; -ENOMEM. */
MUST_USE int publish_new(const struct run_setup *setup, const struct run_periods *periods,
                         struct publish **ret, struct diag *d);
void publish_free(struct publish *p);
static inline void publish_done(struct publish **p)
{
    publish_free(*p);
}

/* A sink's take: copies what is to be told, passes over the rest. In any order. */
int publish_take(void *publish, const struct finding *f);

/* Takes all of `f`, from its beginning. */
MUST_USE int publish_take_all(struct publish *p, struct findings *f);

/*
 * Replaces the store's standings by what was taken, inside the caller's transaction. May be
 * repeated after a rollback; after the first, take no more. *ret_rows = how many (licence,
 * reseller) are not in order.
 *
 * 0; -ERANGE: more than CAP_STANDINGS; else an error of the store or -EIO; the text in d.
 */
MUST_USE int publish_put(struct publish *p, struct store *s, wall_t as_of, int64_t *ret_rows,
                         struct diag *d);

#endif
