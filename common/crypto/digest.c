/* SHA-256, by GnuTLS. */
#include "crypto/digest.h"

#include <errno.h>

#include <gnutls/crypto.h>

int digest_sha256(struct text data, struct digest *ret)
{
    struct digest d;
    /* Even nothing needs a place to be read from. */
    if (gnutls_hash_fast(GNUTLS_DIG_SHA256, data.n > 0 ? data.p : "", data.n, d.bytes) != 0)
        return -EIO;
    *ret = d;
    return 0;
}

const char *digest_format(const struct digest *d, char out[static DIGEST_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        out[2 * i] = digits[d->bytes[i] >> 4];
        out[2 * i + 1] = digits[d->bytes[i] & 15];
    }
    out[DIGEST_TEXT_SIZE - 1] = '\0';
    return out;
}

int digest_parse(struct text t, struct digest *ret)
{
    for (size_t i = 0; i < t.n; i++) {
        if (t.p[i] >= 'A' && t.p[i] <= 'F')
            return -EBADMSG;
    }
    return text_from_hex(t, ret->bytes, DIGEST_BYTES);
}
