/*
 * The files of the authority beside the store: STORE.ca.pem (0644, to be given to whoever wants
 * to check) and STORE.ca.key (0600); or those of the settings, where an authority was brought
 * along.
 */
#ifndef ENROL_KEYS_H
#define ENROL_KEYS_H

#include "crypto/x509.h"

struct enrol_files {
    char certificate[4096];
    char key[4096];
};
/* `store` is a path or NULL; the settings' two may be "", but only both. -EINVAL: nothing says
 * where, or one of the settings' two is missing; -ERANGE. */
MUST_USE int enrol_files_find(const char *store, const char *certificate, const char *key,
                              struct enrol_files *ret);

/* Makes an authority where there is none (both files missing); the certificate is written last.
 * Nothing is ever overwritten: -EEXIST where only one of the two is there (a making that was
 * cut short is finished). 1 = made, 0 = it was there; -EIO and others; with the text in d. For
 * ten years. Two at once are the caller's to keep apart (a write transaction of the store
 * does). */
MUST_USE int enrol_files_make(const struct enrol_files *f, wall_t now, struct diag *d);

/* The text of a private key's file, which is the caller's to wipe. 0; -EPERM: it may be read by
 * others than its owner and group; and as file_read(). */
MUST_USE int enrol_key_read(const char *path, struct buf *out, struct diag *d);

/* 0; -ENOENT; -EBADMSG: not a CA, or not its key; -EPERM: the key's file may be read by others
 * than its owner and group; with the text in d. */
MUST_USE int enrol_files_load(const struct enrol_files *f, struct authority **ret,
                              struct diag *d);

#endif
