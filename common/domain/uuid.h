/* A boot_id: a UUID in its lower-case text form (RFC 4122), 16 bytes inside. */
#ifndef DOMAIN_UUID_H
#define DOMAIN_UUID_H

#include "base/text.h"

struct uuid {
    uint8_t bytes[16];
};

#define UUID_TEXT_SIZE 37

MUST_USE int uuid_parse(struct text t,
                        struct uuid *ret); /* 0 or -EBADMSG; upper case refused */
const char *uuid_format(const struct uuid *u, char out[static UUID_TEXT_SIZE]);

#endif
