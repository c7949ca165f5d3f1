/* Makes a new, empty store file (sqlite_create.c); private to the SQLite backend. */
#ifndef STORE_SQLITE_CREATE_H
#define STORE_SQLITE_CREATE_H

#include "base/diag.h"

/*
 * path   has a '/' in it. Nothing is there; should another program make a store there in the
 *        meantime, that one stays.
 *
 * Returns 0; -EBADMSG when a log of another store lies in the way; -EIO; -ENOMEM; -EROFS.
 */
MUST_USE int lite_create(const char *path, struct diag *d);

#endif
