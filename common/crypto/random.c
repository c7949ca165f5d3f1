/* Random bytes and secret comparisons, by GnuTLS. */
#include "crypto/random.h"

#include <errno.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

int random_bytes(uint8_t *ret, size_t n)
{
    return gnutls_rnd(GNUTLS_RND_KEY, ret, n) == 0 ? 0 : -EIO;
}

bool random_same(const uint8_t *a, const uint8_t *b, size_t n)
{
    return gnutls_memcmp(a, b, n) == 0;
}
