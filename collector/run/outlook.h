/*
 * Whether a potential finding goes on, and when it will be confirmed if it does. The audit
 * gives a moment only to what was seen at E itself (SPEC 6). At night the last reports are
 * minutes old, so here a thing goes on, too, if its last moment is at most `bridge` before E:
 * the next sighting would join it, and the time between would count. As `explain` has it.
 */
#ifndef RUN_OUTLOOK_H
#define RUN_OUTLOOK_H

#include "run/nightly.h"

struct outlook {
    bool goes_on;
    wall_t confirms_at; /* where it goes on */
};

/* Of a potential finding of a charging kind. 0 or -ENOMEM. */
MUST_USE int outlook_of(const struct run_setup *setup, const struct finding *f,
                        struct outlook *ret);

#endif
