/*
 * Between the eye and the spool: what was seen and is not on disk yet, joined. A disk that is
 * full costs nothing as long as this has room; what it has to drop becomes a gap. Pure memory.
 */
#ifndef KEEPER_TALLY_H
#define KEEPER_TALLY_H

#include "domain/report.h"

/* Zeroed before the first use. */
struct tally {
    struct report_sighting *sightings;
    size_t n_sightings, sightings_cap;
    struct report_gap *gaps;
    size_t n_gaps, gaps_cap;
};

void tally_done(struct tally *t);

/* Each joins with what is there (within 45 minutes). Over the cap (CAP_PRESENCES sightings) the
 * oldest one goes and is a gap `spool`; over CAP_REPORT_GAPS the two oldest gaps of a kind
 * become one. Without memory, too, it becomes a gap. */
void tally_sighting(struct tally *t, const struct report_sighting *s);
void tally_gap(struct tally *t, const struct report_gap *g);

/* Everything in it is on disk elsewhere. Gives the memory back. */
void tally_clear(struct tally *t);
static inline bool tally_is_empty(const struct tally *t)
{
    return t->n_sightings == 0 && t->n_gaps == 0;
}

#endif
