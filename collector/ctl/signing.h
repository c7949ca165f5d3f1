/* The collector's signing key: a PEM file (0600) beside the store, or where the settings say.
 */
#ifndef CTL_SIGNING_H
#define CTL_SIGNING_H

#include "crypto/sign.h"
#include "ctl/ctl.h"

/* Makes the key where there is none. 0 or an exit code. */
MUST_USE int signing_key_make(struct ctl *c, struct store *s);
/* 0 or an exit code. */
MUST_USE int signing_key_load(struct ctl *c, struct store *s, struct sign_key **ret);
/* Where the key is, into `ret`; the public half lies beside it with ".pub". 0 or an exit code.
 */
MUST_USE int signing_key_path(struct ctl *c, struct store *s, struct buf *ret);

#endif
