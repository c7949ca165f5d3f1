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

enum timeline_format {
    TIMELINE_SVG,
    TIMELINE_PNG,
    TIMELINE_PNG_SMALL, /* of 16 colours: a third of the bytes, for mails */
};

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
    TIMELINE_OVER,      /* time in which it was too much */
    TIMELINE_GOES_ON,   /* time in which it would be too much, if it goes on: dotted */
};
#define TIMELINE_BAR_KIND_COUNT 10

struct timeline_bar {
    struct span at;
    enum timeline_bar_kind kind;
};

struct timeline_lane {
    const char *label, *detail; /* detail: small, to the label's right end; "" = none. Where
                                   labels stand over their bars, "" takes no room */
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

#define TIMELINE_STATE_COUNT 4
/* All words that are not the model's own, in one language. */
struct timeline_words {
    const char *months[12], *short_months[12]; /* January first */
    const char *badges[TIMELINE_STATE_COUNT];  /* by enum finding_state */
    const char *bars[TIMELINE_BAR_KIND_COUNT]; /* for the legend */
    const char *bands[TIMELINE_BAND_KIND_COUNT];
    const char *nothing_seen;             /* in a group without lanes */
    const char *more_before, *more_after; /* around the number of lanes that are not drawn */
    const char *thousands;                /* between groups of digits; "" = no groups */
    const char *days, *hours, *minutes;   /* units, after a number and a space */
};

/* Those of `explain`. */
extern const struct timeline_words timeline_words_en;

#define TIMELINE_CURVES_MAX 8
/*
 * Sizes: width in pixels as shown, 0 = 1,200. At 900 and more the labels stand beside their
 * bars; below that, as for a mail, letters are larger and labels stand over their bars.
 */
enum { TIMELINE_WIDTH_MIN = 320, TIMELINE_WIDTH_MAX = 4000, TIMELINE_SCALE_MAX = 4 };
struct timeline {
    const struct timeline_words *words; /* NULL = the English ones */
    int width;                          /* 0, or from TIMELINE_WIDTH_MIN to _MAX */
    int scale;        /* pixels of a PNG to one as shown, 1 to TIMELINE_SCALE_MAX; 0 = 2 */
    size_t lanes_max; /* of one group; 0 = TIMELINE_LANES_MAX, and never more than that */
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

/* Its width and height in pixels as shown. */
struct timeline_size {
    int width, height;
};

/*
 * Adds the picture to `out`; its size goes to *ret unless that is NULL. 0; -ENOMEM; -ERANGE
 * over the buffer's cap; -EIO.
 */
MUST_USE int timeline_draw_sized(const struct timeline *t, enum timeline_format f,
                                 struct buf *out, struct timeline_size *ret);
/* The same, for those who need no size. */
MUST_USE int timeline_draw(const struct timeline *t, enum timeline_format f, struct buf *out);

#endif
