/*
 * A proof: one entry with its evidence, signed, in a file that verifies anywhere without the
 * database (T&C 16.6: our records stand until disproved). Format: fairuse-ledger(5).
 */
#ifndef LEDGER_PROOF_H
#define LEDGER_PROOF_H

#include "crypto/sign.h"
#include "ledger/ledger.h"

/* An entry as it is stored: canonical JSON, terminated. */
struct proof_parts {
    const char *body, *hash, *evidence;
};

/* The text replaces what is in `out`. 0; -EBADMSG; -EIO; -ENOMEM. */
MUST_USE int proof_write(const struct proof_parts *parts, const struct sign_key *key,
                         struct buf *out, struct diag *d);

/* What a proof says, to be shown; texts end with the call's document, so they are copied. */
struct proof {
    struct ledger_entry entry; /* its texts point into `texts` */
    char texts[4][LEDGER_NAME_SIZE];
    char hash[DIGEST_TEXT_SIZE];
    char key_fingerprint[DIGEST_TEXT_SIZE]; /* SHA-256 of the 32 key bytes */
};

/*
 * Checks everything that can be checked without the database: the signature (by `pinned` when
 * given, else by the key in the file), the hash, and ledger_check_entry().
 * 0; -EBADMSG with the reason in d; -ENOMEM; -EIO.
 */
MUST_USE int proof_check(struct text file, const uint8_t *pinned, struct proof *ret,
                         struct diag *d);

#endif
