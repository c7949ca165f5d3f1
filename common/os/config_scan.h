/* What must be known of a configuration text before libconfig reads it. */
#ifndef OS_CONFIG_SCAN_H
#define OS_CONFIG_SCAN_H

#include "base/diag.h"
#include "base/text.h"

/*
 * Refuses what libconfig 1.5 takes without a word, or answers with a leak:
 * - @include, for the configuration is one file;
 * - integers that do not fit their type, which would wrap around;
 * - strings and comments that are never closed;
 * - a string where none can stand, which it reports but does not free;
 * - groups and lists nested deeper than anybody writes them;
 * - what is not UTF-8, or holds a NUL, behind which nothing would be read.
 * All else it leaves to libconfig. 0; -EBADMSG with "name:line: reason" in d.
 */
MUST_USE int config_scan(struct text text, const char *name, struct diag *d);

#endif
