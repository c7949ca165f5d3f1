/*
 * What the keeper is to hear: sightings, joined by address and source, and gaps. What is said
 * stays here until it was read, so a keeper that ends costs nothing. Pure: moments come in, in
 * seconds of clock_boot().
 */
#ifndef PROBE_HELD_H
#define PROBE_HELD_H

#include "message/message.h"

enum {
    HELD_JOIN_S = 60, /* between two sightings of one address and source; the first one goes
                         at once. Gaps as near to each other become one. */
    HELD_APART_S = 45 * 60, /* beyond it two moments are not one stretch (SPEC 3) */
    HELD_GAPS_S = 5, /* between two times that gaps are said, for one trouble shows in several
                        ways; when it lasts, HELD_JOIN_S */
    HELD_GAPS_MAX = 32, /* beyond it the oldest two of a kind become one */
};

/* A run of moments with a count; count 0 = none. */
struct held_run {
    int64_t first_s, last_s, count;
};

struct held_seen {
    struct addr address;
    enum source source;
    struct held_run waiting, said; /* said: not known to be read yet */
    int64_t said_s;                /* when; HELD_NEVER */
};
#define HELD_NEVER INT64_MIN

struct held {
    struct held_seen *seen; /* by address, then by source */
    size_t n_seen, cap_seen;
    struct message_gap gaps[HELD_GAPS_MAX];
    size_t n_gaps, n_gaps_said;        /* those said come first */
    int64_t gaps_said_s, gaps_pause_s; /* when, and how long nothing follows */
};

void held_init(struct held *h);
void held_done(struct held *h);

/* An address was seen. 0; -ERANGE: CAP_PRESENCES others are held already; -ENOMEM. */
MUST_USE int held_add(struct held *h, const struct addr *a, enum source source, int64_t at_s);
/* What could not be seen; those of a kind that nearly touch become one. */
void held_add_gap(struct held *h, const struct message_gap *g);

/*
 * The next that may be said now, from the place *at on (0 at first); false when there is none.
 * held_say() or held_say_gaps() after each one that was said; a place not said stays.
 */
bool held_next(const struct held *h, int64_t now_s, size_t *at, struct message_seen *ret);
void held_say(struct held *h, size_t at, int64_t now_s);
/* How many gaps may be said now: those from n_gaps_said on. */
size_t held_next_gaps(const struct held *h, int64_t now_s);
void held_say_gaps(struct held *h, size_t n, int64_t now_s);

/* Whether something was said that is not known to be read. */
bool held_has_said(const struct held *h);
void held_was_read(struct held *h);
/* The keeper ended: what it did not read waits again; all that waits may go to the next one at
 * once. */
void held_was_lost(struct held *h);

/* Seconds until something may be said; 0 = now, -1 = nothing waits. */
int64_t held_wait_s(const struct held *h, int64_t now_s);

#endif
