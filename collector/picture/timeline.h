/*
 * The timeline picture: who was where and when, the level that came of it, and how much of the
 * grace is used. The model is a plain value, made by whoever has a story to show; drawing is a
 * function of it: equal models, equal bytes. Texts may be hostile: they become shapes.
 */
#ifndef PICTURE_TIMELINE_H
#define PICTURE_TIMELINE_H

#include "audit/finding.h"
#include "domain/span.h"
#include "domain/zone.h"

enum timeline_format { TIMELINE_SVG, TIMELINE_PNG };

/* What a bar says; each has its own lightness, pattern and height. */
enum timeline_bar_kind {
    /* The lower lie under the higher. */
    TIMELINE_BRIDGED,   /* present by bridging: outlined */
    TIMELINE_CARRIED,   /* a count that is carried on: outlined */
    TIMELINE_SEEN,      /* seen by an agent: dark, the upper part */
    TIMELINE_COLLECTOR, /* seen by the collector itself: lighter, the lower part */
    TIMELINE_COUNTS,    /* a unit that counts, inside the reseller's networks */
    TIMELINE_UNKNOWN,   /* a unit that counts; no network is declared */
    TIMELINE_OUTSIDE,   /* a unit that counts, in none of the networks: hatched */
    TIMELINE_SECOND,    /* the second stack of a machine: a thin line */
};
#define TIMELINE_BAR_KIND_COUNT 8

struct timeline_bar {
    struct span at;
    enum timeline_bar_kind kind;
};

struct timeline_lane {
    const char *label, *detail;      /* detail: small, to the label's right end; "" = none */
    const struct timeline_bar *bars; /* any order */
    size_t n_bars;
};

/* Lanes beyond TIMELINE_LANES_MAX are not drawn; their number is said. */
#define TIMELINE_LANES_MAX 40
struct timeline_group {
    const char *title;
    const struct timeline_lane *lanes;
    size_t n_lanes;
};

struct timeline_point {
    wall_t at;
    int64_t value; /* >= 0 */
};

/* A line that a curve must not exceed. */
struct timeline_limit {
    struct span at;
    int64_t value;
};

struct timeline_curve {
    const char *title;
    bool is_slope;                       /* straight lines between points; else steps */
    bool is_time;                        /* values are seconds */
    const struct timeline_point *points; /* by time; 0 before the first */
    size_t n_points;
    wall_t until; /* the last value holds up to here */
    bool goes_on; /* a slope of time: from `until` on it would rise, drawn dashed */
    const struct timeline_limit *limits; /* by time */
    size_t n_limits;
    const char *limit_label; /* "" = none */
};

enum timeline_band_kind {
    TIMELINE_LOOK_BACK, /* before the period, within the grace: shaded */
    TIMELINE_FUTURE,    /* after "as of": dotted */
    TIMELINE_MOVE,      /* a declared move: hatched */
};
#define TIMELINE_BAND_KIND_COUNT 3

struct timeline_band {
    struct span at;
    enum timeline_band_kind kind;
};

/* An upright line with words. */
struct timeline_mark {
    wall_t at;
    const char *label;
};

#define TIMELINE_CURVES_MAX 8
struct timeline {
    const char *title;
    enum finding_state state; /* shown as a badge, with its word */
    const char *const *lines; /* below the title */
    size_t n_lines;
    const char *footer;
    const struct zone *zone;
    struct span window; /* the time shown; first < last */
    const struct timeline_band *bands;
    size_t n_bands;
    const struct timeline_mark *marks; /* by time */
    size_t n_marks;
    const struct timeline_group *groups;
    size_t n_groups;
    const struct timeline_curve *curves; /* those beyond TIMELINE_CURVES_MAX are not drawn */
    size_t n_curves;
};

/* Adds the picture to `out`. 0; -ENOMEM; -ERANGE over the buffer's cap; -EIO. */
MUST_USE int timeline_draw(const struct timeline *t, enum timeline_format f, struct buf *out);

#endif
