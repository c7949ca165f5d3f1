/*
 * A time zone as a value: when which offset begins. It is made once by os/zoneinfo from the
 * system's data; from then on local time is pure arithmetic.
 */
#ifndef DOMAIN_ZONE_H
#define DOMAIN_ZONE_H

#include "base/times.h"

#define ZONE_NAME_SIZE 64
#define ZONE_STEPS_MAX 512

struct zone_step {
    wall_t from;
    int32_t offset_s; /* local = UTC + offset */
    char abbreviation[8];
};

struct zone {
    char name[ZONE_NAME_SIZE];
    size_t n;                               /* at least 1; the first step holds since ever */
    struct zone_step steps[ZONE_STEPS_MAX]; /* rising `from` */
};

/* UTC, for tests and for those who want it. */
void zone_init_utc(struct zone *z);

const struct zone_step *zone_at(const struct zone *z, wall_t t);

/*
 * The moment at which a local day begins: the first moment whose local date is that day (in a
 * zone that skips midnight, the moment after the skip).
 */
wall_t zone_day_start(const struct zone *z, int64_t days);

/* The local date of a moment, as days since 1970-01-01. */
int64_t zone_date_at(const struct zone *z, wall_t t);

/* "2026-10-03 02:00:00 CEST": for people. */
#define ZONE_TEXT_SIZE 40
const char *zone_format(const struct zone *z, wall_t t, char out[static ZONE_TEXT_SIZE]);

#endif
