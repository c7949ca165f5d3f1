/*
 * Which findings a text tells, and which resellers it writes out, of more than fit: the gravest
 * first, wherever they stand, and several findings of one cause as one. Private to this room.
 */
#ifndef BULLETIN_PLAN_H
#define BULLETIN_PLAN_H

#include "bulletin/model.h"

#define PLAN_STATE_COUNT 4 /* of enum finding_state */

struct plan {
    size_t left[PLAN_STATE_COUNT];     /* of each state still to be told */
    size_t sections[PLAN_STATE_COUNT]; /* resellers still to be written out, by the gravest */
    int64_t not_shown;                 /* findings passed over */
};

/* Of all findings of the report at most r->shown_max, and of its resellers. */
struct plan plan_of(const struct bulletin *r);

/* Whether a line is told among what ended, and not among the findings. */
bool plan_is_ended(const struct bulletin *r, const struct bulletin_line *l);
/* Whether a group tells of the line; `x` may be NULL. */
bool plan_is_grouped(const struct bulletin_reseller *x, const struct bulletin_line *l);
/* Whether line `i` is told by itself or for its group; else another one tells of it. */
bool plan_is_told(const struct bulletin *r, const struct bulletin_reseller *x,
                  const struct bulletin_line *lines, size_t i);
/* Whether `a` is told, and by the same group as `b`, which is grouped. */
bool plan_is_alike(const struct bulletin *r, const struct bulletin_line *a,
                   const struct bulletin_line *b);
/* How many findings a line that is told stands for. */
int64_t plan_stands_for(const struct bulletin *r, const struct bulletin_reseller *x,
                        const struct bulletin_line *l);
/* Takes one of the state; false when all are told, and `n` findings are passed over. */
bool plan_take(struct plan *p, enum finding_state state, int64_t n);

/* Whether there is nothing to tell of a reseller but its name. */
bool plan_is_quiet(const struct bulletin *r, const struct bulletin_reseller *x);
/* Takes the part of a reseller that is not quiet; false where it is only named, and its
 * findings are passed over. */
bool plan_take_section(struct plan *p, const struct bulletin *r,
                       const struct bulletin_reseller *x);
/* Lines of one reseller, or of none (x NULL), of which those that changed are told: lines of
 * one cause that changed in the same way as one, by the first. */
struct plan_news {
    const struct bulletin_reseller *x;
    const struct bulletin_line *lines;
    size_t n;
};
bool plan_news_is_told(const struct plan_news *w, size_t at);
/* How many others line `at`, which is told, stands for. */
int64_t plan_news_followers(const struct plan_news *w, size_t at);

/* Findings that the model does not hold. */
int64_t plan_not_kept(const struct bulletin *r);

#endif
