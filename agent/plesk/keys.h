/*
 * The key folder: several files are normal, stale ones among them. Which key does the panel
 * use?
 *
 * 1. A file that cannot be read or parsed is named in the diagnosis; the others count.
 * 2. Files that the registry names (registry.xml beside the folder: any text or attribute in it
 *    that is a file's name or path) come before others: where it names a main key, main keys
 *    that it does not name are stale. A main key that says "no licence" counts here. Where it
 *    names none, but names a file that says nothing, or there is one that could not even be
 *    opened, that may be the main key: then no other is taken for it.
 * 3. Of one key number the highest version stands (then the later expiry).
 * 4. A panel has one main key. Of several numbers: those not expired before those expired, then
 *    the later expiry, then the later inode change. Being wrong here would put a licence where
 *    it is not, so never more than one is named.
 * 5. Add-on keys: each number once, unless it has expired.
 * 6. Where the folder is not there, the key of old panels (legacy file) is the one.
 */
#ifndef PLESK_KEYS_H
#define PLESK_KEYS_H

#include "plesk/keyfile.h"

struct keys_order {
    const char *folder;   /* "/etc/sw/keys/keys" */
    const char *registry; /* "/etc/sw/keys/registry.xml" */
    const char *legacy;   /* "/etc/psa/psa.key" */
    wall_t now;
};

struct key_found {
    struct keyfile key;
    wall_t changed; /* the inode's ctime */
};

struct keys {
    struct key_found *v; /* the main key first, then add-ons by number */
    size_t n;
    bool has_trouble; /* something could not be read; d says what */
};

void keys_done(struct keys *k);
/* 0, also with nothing found (no Plesk, no licence): that is known then; -EACCES, -EIO …: not
 * known, with what to do in d; -E2BIG: more than 64 files; -ENOMEM. Files are those whose names
 * begin with "key", of at most KEYFILE_BYTES_MAX. */
MUST_USE int keys_find(const struct keys_order *order, struct keys *ret, struct diag *d);

#endif
