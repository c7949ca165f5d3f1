/* Random bytes that nobody can foretell. */
#ifndef CRYPTO_RANDOM_H
#define CRYPTO_RANDOM_H

#include "base/defs.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 0 or -EIO (nothing usable is in ret then). */
MUST_USE int random_bytes(uint8_t *ret, size_t n);

/* Whether two secrets are the same, in a time that does not tell where they differ. */
bool random_same(const uint8_t *a, const uint8_t *b, size_t n);

#endif
