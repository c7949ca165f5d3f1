/* The collector's certificate authority, for commands: beside the store, or where the settings
 * say. */
#ifndef CTL_AUTHORITY_H
#define CTL_AUTHORITY_H

#include "ctl/ctl.h"
#include "enrol/keys.h"

/* Makes it where there is none, and says in `out` where it is. 0 or an exit code. */
MUST_USE int ctl_authority_make(struct ctl *c, struct store *s, struct buf *out);
/* 0 or an exit code. */
MUST_USE int ctl_authority_load(struct ctl *c, struct store *s, struct authority **ret);

#endif
