/*
 * From a finding's evidence (audit/evidence.h) to what a report tells of it: who was where and
 * when. Reads what the audit wrote; of anything else it says nothing rather than something
 * wrong.
 */
#ifndef BULLETIN_SEEN_H
#define BULLETIN_SEEN_H

#include "base/arena.h"
#include "bulletin/model.h"

/* What the digest is told beside the evidence. */
struct seen_question {
    enum finding_kind kind;
    struct text evidence;
    wall_t end;   /* E: the end of what is known of the period */
    dur_t bridge; /* a place goes on if it was seen at most this long before E */
    bool is_over; /* the period is: nothing is told to go on, nor to live on */
};

/*
 * Fills seen, n_seen, n_seen_more, observed, presence, by_collector, gaps, limit of *line;
 * texts and arrays in `keep`. `living`: of exactly two places of a licence of which one ended
 * (no longer goes on) and the other goes on, the one that goes on, if it was seen first after
 * the other was. A second stack of a machine is no place of its own. Of more places than fit
 * those seen last are told. silent has one place: when it was last seen, and the server, if the
 * evidence names one. *ret_cause: "" or what several findings may have in common: the unit
 * (outside), the server (silent, foreign-server); in `keep`.
 *
 * 0; -ENOMEM. Evidence of another form leaves all at 0 and gives 0.
 */
MUST_USE int seen_digest(const struct seen_question *q, struct arena *keep,
                         struct bulletin_line *line, const char **ret_cause);

#endif
