/* The authority and the server's own certificate, from files or made here. */
#ifndef SERVE_KEYRING_H
#define SERVE_KEYRING_H

#include "ingest/door.h"

struct keyring_order {
    const struct settings_collector *rules;
    const char *store; /* its path, beside which the authority lies; NULL = it has none */
    wall_t now;
};

/*
 * Loads the authority, and the server's certificate: the settings' (it must be in its time, be
 * the key's, and lead to the authority, for that is whom agents trust), or a new one for the
 * settings' names, which lives in memory alone.
 *
 * ret_until  when the server's certificate ends: to be loaded anew well before.
 *
 * 0; -ENOENT, -EBADMSG, -EPERM, -EIO, -ENOMEM with what to do in d.
 */
MUST_USE int keyring_load(const struct keyring_order *order, struct keys **ret,
                          wall_t *ret_until, struct diag *d);

#endif
