/* The system's time zone data, read once into a pure value. */
#ifndef OS_ZONEINFO_H
#define OS_ZONEINFO_H

#include "base/diag.h"
#include "domain/zone.h"

/*
 * Loads a zone of the tz database ("Europe/Amsterdam") by asking the C library for every change
 * of offset between 2000 and 2100. Sets the process's TZ: call before threads are started.
 * 0; -ENOENT when the database has no such zone (d says where it was looked for).
 */
MUST_USE int zoneinfo_load(const char *name, struct zone *ret, struct diag *d);

#endif
