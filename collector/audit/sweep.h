/*
 * A walk along presences in time: at each moment at which one begins or ends, who is present
 * at that moment and who on the open stretch after it.
 */
#ifndef AUDIT_SWEEP_H
#define AUDIT_SWEEP_H

#include "audit/presence.h"

struct sweep {
    const struct presences *p;
    struct span window; /* moments outside it are not visited */
    uint32_t *by_last;  /* presences by their end */
    uint32_t *active;   /* presences that hold the present moment or stretch */
    size_t n_active, next_first, next_last;
    const wall_t *extra; /* further moments to stop at, rising */
    size_t n_extra, next_extra;
    bool is_begun;
    wall_t at; /* the present moment */
};

/*
 * `extra` (borrowed) are moments at which something else changes: a move, a network's
 * validity. The window's own ends are always visited. 0 or -ENOMEM.
 */
MUST_USE int sweep_init(struct sweep *s, const struct presences *p, struct span window,
                        const wall_t *extra, size_t n_extra);
void sweep_done(struct sweep *s);

/* Goes to the next moment, s->at: `active` is who is present at it. False after the window's
 * end. */
bool sweep_next(struct sweep *s);
/* From the moment to the open stretch after it. */
void sweep_pass(struct sweep *s);

/* Step 2 and the sizes that the rules ask for, of those now active. */
struct census {
    const struct presences *p;
    uint32_t *anchored; /* per machine: this round it is on an anchor (place_is_anchor) */
    uint32_t *blocked;  /* per place: this round it is the second stack of a machine */
    uint32_t *machine_round, *place_round; /* rounds of last sight */
    uint32_t *machine_no, *place_no;       /* this round's numbers, from 0 without holes */
    uint32_t round;
    int64_t machines; /* with some presence */
    int64_t places;   /* with some presence, blocked ones too */
    int64_t units;    /* of step 2 */
};

MUST_USE int census_init(struct census *c, const struct presences *p);
void census_done(struct census *c);
/* Counts; census_has_unit() is about this count until the next. */
void census_take(struct census *c, const struct sweep *s);
bool census_has_unit(const struct census *c, uint32_t place);

#endif
