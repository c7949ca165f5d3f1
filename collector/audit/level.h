/*
 * A level: a whole number at every moment (how many machines too many, how many mailboxes too
 * many), and the one question that all charging rules ask of it (SPEC 6, "Sustained").
 */
#ifndef AUDIT_LEVEL_H
#define AUDIT_LEVEL_H

#include "audit/finding.h"
#include "domain/span.h"

/* From one moment to the next step: `on` at the moment itself, `after` on the open stretch. */
struct level_step {
    wall_t at;
    int64_t on, after;
};

/* Steps by rising `at`; 0 before the first. Owns its memory, and keeps it over level_reset. */
struct level {
    struct level_step *v;
    size_t n, cap;
};

void level_done(struct level *l);
void level_reset(struct level *l);

/* The next step, later than the last one. Steps that change nothing are left out. */
MUST_USE int level_add(struct level *l, struct level_step step);

int64_t level_value(const struct level *l, wall_t at);

/* *ret(t) = combine(a(t), b(t)); combine(0, 0) must be 0. */
MUST_USE int level_combine(const struct level *a, const struct level *b,
                           int64_t (*combine)(int64_t, int64_t), struct level *ret);

/* The terms of the question. `v` lies within `window`; both end at min(E, the entry's end). */
struct level_terms {
    struct span window; /* [P0 - grace, E] within the entry */
    struct span v;      /* [P0, E] within the entry */
    wall_t end;         /* E itself */
    dur_t grace, period_min, flag_after;
};

struct level_answer {
    enum finding_state state; /* CONFIRMED, POTENTIAL or CLEAR */
    int64_t quantity;
    bool has_since, has_confirms;
    wall_t since, confirms_at;
    dur_t in_window, in_v; /* how long the level was at least 1 */
    /* The last moment in the window with a level of at least 1; where the entry reaches E. */
    bool has_last;
    wall_t last;
};

/* sustained(f, grace), else seen(f), else CLEAR. 0 or -ENOMEM. */
MUST_USE int level_judge(const struct level *l, const struct level_terms *t,
                         struct level_answer *ret);

/*
 * The largest q >= 1 with |{t in v: f(t) >= q}| > `longer_than`, or 0; `since` by the window.
 * state is NOTICE or CLEAR.
 */
MUST_USE int level_notice(const struct level *l, const struct level_terms *t, dur_t longer_than,
                          struct level_answer *ret);

#endif
