/* A boot_id: a UUID in its lower-case text form. */
#include "domain/uuid.h"

#include <errno.h>
#include <string.h>

/* RFC 4122, 3: the bytes in order, with hyphens before these four. */
static bool has_hyphen_before(size_t byte)
{
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

int uuid_parse(struct text t, struct uuid *ret)
{
    struct uuid u;
    if (t.n != UUID_TEXT_SIZE - 1)
        return -EBADMSG;
    for (size_t i = 0; i < t.n; i++) {
        if (t.p[i] >= 'A' && t.p[i] <= 'F')
            return -EBADMSG;
    }
    size_t at = 0;
    for (size_t i = 0; i < sizeof u.bytes; i++, at += 2) {
        if (has_hyphen_before(i) && t.p[at++] != '-')
            return -EBADMSG;
        if (text_from_hex((struct text){t.p + at, 2}, &u.bytes[i], 1) != 0)
            return -EBADMSG;
    }
    *ret = u;
    return 0;
}

const char *uuid_format(const struct uuid *u, char out[static UUID_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    char *p = out;
    for (size_t i = 0; i < sizeof u->bytes; i++) {
        if (has_hyphen_before(i))
            *p++ = '-';
        *p++ = digits[u->bytes[i] >> 4];
        *p++ = digits[u->bytes[i] & 15];
    }
    *p = '\0';
    return out;
}
