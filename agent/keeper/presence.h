/*
 * Which licence was used from which address, and when: the licences that looks found, times the
 * addresses that the probe saw. Pure: moments are handed in, on the run's steady clock.
 *
 * A licence counts from one look to the next only where both found it. One that is new counts
 * from when its key file came (and a moment before, for it came through a connection). So a key
 * that moves away is never seen here for longer than it was. What the probe tells late counts
 * for a licence that each look since has found.
 */
#ifndef KEEPER_PRESENCE_H
#define KEEPER_PRESENCE_H

#include "domain/report.h"

struct presence;

/* A key is written just after the connection that fetched it; so long what was seen is
 * remembered for it, also over a look in between. */
#define PRESENCE_ACTIVATION ((dur_t){120})

/* `lab` is borrowed: networks that are public, too. 0 or -ENOMEM. */
MUST_USE int presence_new(const struct network *lab, size_t n_lab, struct presence **ret);
void presence_free(struct presence *p);
static inline void presence_done(struct presence **p)
{
    presence_free(*p);
}

/* Addresses that are not public are passed over. 0; -ENOMEM; -ERANGE: over CAP_PRESENCES. */
MUST_USE int presence_link(struct presence *p, const struct addr *a, bool is_there, wall_t at);
MUST_USE int presence_seen(struct presence *p, enum source source, const struct addr *a,
                           struct span seen);
/* The probe is gone: what interfaces have is not known from `at` on, until it is told anew. 0;
 * -ENOMEM: what was there since the last look is lost. */
MUST_USE int presence_blind(struct presence *p, wall_t at);

struct presence_license {
    license_t license;
    wall_t since; /* of its file */
};

/* Who takes what a look can say. */
struct presence_sink {
    int (*take)(void *arg, const struct report_sighting *s); /* 0, or ends it */
    void *arg;
};

/*
 * A look that began at `at` found these: calls `sink` for all that can be said up to then, also
 * for what was seen before an earlier look and is heard of only now. What lies behind `at`
 * waits for the next look. The sink's error is returned, and what was not taken yet is gone
 * (the sink keeps what it cannot write).
 */
MUST_USE int presence_look(struct presence *p, const struct presence_license *v, size_t n,
                           wall_t at, const struct presence_sink *sink);
/* A look that failed: whose addresses these were is not known up to `at`. */
void presence_forget(struct presence *p, wall_t at);

/* What is there or was seen since the last look, for people; in no order. */
typedef void presence_place_fn(void *arg, const struct addr *a, enum source source);
void presence_places(const struct presence *p, presence_place_fn *each, void *arg);

#endif
