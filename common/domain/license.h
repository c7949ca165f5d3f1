/*
 * A licence's identity: PREFIX.NNNNNNNN (SPEC 2). Held as one integer whose order is that of
 * the text, so that stores and streams sort it without knowing it.
 */
#ifndef DOMAIN_LICENSE_H
#define DOMAIN_LICENSE_H

#include "base/text.h"

typedef struct {
    int64_t
        code; /* prefix of 2 to 6 letters in base 27, left aligned, times 10^8, plus number */
} license_t;

#define LICENSE_TEXT_SIZE 16
#define LICENSE_VERSION_SIZE 8

/*
 * Every spelling of a key number, in either case: "PLSK.01234567", "PLSK.01234567.0003",
 * "PLSK012345670003" (prefix, 8 digits, optional 4 digits of version). The version, if any, is
 * stored apart ("" otherwise; may be NULL). Not the bare number.
 * 0; 1 for an all-zero number, which is no licence (nothing stored); -EBADMSG.
 */
MUST_USE int license_parse(struct text t, license_t *ret, char *ret_version);

/* From the distributor's listing: a bare number beside a Plesk product. 1 when 0; -ERANGE. */
MUST_USE int license_from_number(int64_t number, license_t *ret);

/* From the integer that a store holds. 0 or -EBADMSG. */
MUST_USE int license_from_code(int64_t code, license_t *ret);

const char *license_format(license_t l, char out[static LICENSE_TEXT_SIZE]);

/* Whether its prefix is `prefix` (upper case). */
bool license_has_prefix(license_t l, const char *prefix);

#endif
