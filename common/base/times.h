/*
 * Moments and durations in whole seconds (SPEC 1). Both are structs, so that one cannot be
 * passed for the other, or for a count; inside a function `.s` is plain arithmetic.
 */
#ifndef BASE_TIMES_H
#define BASE_TIMES_H

#include "base/buf.h"
#include "base/text.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int64_t s; /* seconds since 1970-01-01T00:00:00Z, without leap seconds */
} wall_t;

typedef struct {
    int64_t s;
} dur_t;

/* A moment on a clock that never jumps; only differences mean something. */
typedef struct {
    int64_t ms;
} mono_t;

/* Stand for "always was" and "for ever"; far from overflow in any sum that we make. */
#define WALL_BEGIN ((wall_t){-(INT64_C(1) << 53)})
#define WALL_END ((wall_t){INT64_C(1) << 53})

/* What a wire, a file or a person may name: 0001-01-01 to 9999-12-31T23:59:59Z. */
#define WALL_MIN ((wall_t){INT64_C(-62135596800)})
#define WALL_MAX ((wall_t){INT64_C(253402300799)})

#define WALL_TEXT_SIZE 24

/* RFC 3339 with Z, e.g. "2026-10-03T00:00:00Z"; "always" and "never" for the two ends. */
const char *wall_format(wall_t t, char out[static WALL_TEXT_SIZE]);

/*
 * RFC 3339 date-time with Z or a numeric offset, seconds without fraction; a second of 60 is
 * refused. 0 or -EBADMSG.
 */
MUST_USE int wall_parse(struct text t, wall_t *ret);

/*
 * A setting's duration: digits and one of d h m s, e.g. "14d", "26h", "45m", "10s".
 * 0; -EBADMSG; -ERANGE above 100 years.
 */
MUST_USE int dur_parse(struct text t, dur_t *ret);

/* The same form back, in the largest unit that loses nothing: 93600 s is "26h", 0 is "0s". */
#define DUR_TEXT_SIZE 24
const char *dur_format(dur_t d, char out[static DUR_TEXT_SIZE]);

/* Days from 1970-01-01 to a date of the proleptic Gregorian calendar, and back. */
int64_t civil_to_days(int64_t year, int month, int day);
void civil_from_days(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day);

/* "YYYY-MM-DD", year 0001 to 9999, a day that exists. 0 or -EBADMSG. */
MUST_USE int civil_parse(struct text t, int64_t *ret_days);

static inline mono_t mono_plus(mono_t t, dur_t d)
{
    return (mono_t){t.ms + d.s * 1000};
}

static inline wall_t wall_min(wall_t a, wall_t b)
{
    return a.s < b.s ? a : b;
}

static inline wall_t wall_max(wall_t a, wall_t b)
{
    return a.s > b.s ? a : b;
}

#endif
