/* One look, from the settings that it is given to the last message (plesk.h). */
#ifndef PLESK_LOOK_H
#define PLESK_LOOK_H

#include "base/defs.h"
#include "options/options.h"

/* Settings from a file, or from the usual one where it is there; else the defaults. 0; -errno
 * with what to do in d. */
MUST_USE int look_options(const char *path, struct options *ret, struct diag *d);

/* Gives up all rights, then looks. Sysexits code; what is wrong is said on standard error. */
int look_run(const struct options *o, bool has_mailboxes);

/* "fairuse-look: …" on standard error. Returns `code`. */
int look_fail(int code, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
