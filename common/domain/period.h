/* A period: one calendar month in the configured zone (SPEC 1). */
#ifndef DOMAIN_PERIOD_H
#define DOMAIN_PERIOD_H

#include "domain/zone.h"

/* Months since January of year 0: 2026-10 is 2026 * 12 + 9. Order is time's order. */
typedef struct {
    int32_t month;
} period_t;

#define PERIOD_TEXT_SIZE 12

/* "YYYY-MM", 2000-01 to 2099-12. 0 or -EBADMSG. */
MUST_USE int period_parse(struct text t, period_t *ret);
const char *period_format(period_t p, char out[static PERIOD_TEXT_SIZE]);

/* The first moment of the period; that of the next is its exclusive end. */
wall_t period_start(const struct zone *z, period_t p);
period_t period_at(const struct zone *z, wall_t t);
period_t period_plus(period_t p, int months);

#endif
