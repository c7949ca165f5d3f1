/* SHA-256 (FIPS 180-4). */
#ifndef CRYPTO_DIGEST_H
#define CRYPTO_DIGEST_H

#include "base/text.h"

#define DIGEST_BYTES 32
#define DIGEST_TEXT_SIZE 65

struct digest {
    uint8_t bytes[DIGEST_BYTES];
};

MUST_USE int digest_sha256(struct text data,
                           struct digest *ret); /* 0 or -EIO: library failure */
const char *digest_format(const struct digest *d, char out[static DIGEST_TEXT_SIZE]);
MUST_USE int digest_parse(struct text t, struct digest *ret); /* 64 lower-case hex digits */

#endif
