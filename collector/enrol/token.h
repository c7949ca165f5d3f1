/*
 * The text of an enrolment token: "fairuse1.ID.SECRET.FINGERPRINT", 16, 32 and 64 hex digits.
 * The fingerprint is that of the collector's authority: an agent that enrols checks whom it is
 * talking to before it says the secret, so the first contact cannot be hijacked.
 */
#ifndef ENROL_TOKEN_H
#define ENROL_TOKEN_H

#include "crypto/digest.h"

#define TOKEN_ID_BYTES 8
#define TOKEN_SECRET_BYTES                                                                     \
    16 /* 128 random bits: nobody guesses, so one SHA-256 is hash enough */
#define TOKEN_TEXT_SIZE (9 + 16 + 1 + 32 + 1 + 64 + 1)

struct token {
    uint8_t id[TOKEN_ID_BYTES];
    uint8_t secret[TOKEN_SECRET_BYTES]; /* to be wiped */
    struct digest authority;
};

/* A new one. 0 or -EIO. */
MUST_USE int token_new(const struct digest *authority, struct token *ret);
/* Contains the secret: for the one who asked, and nobody else. */
const char *token_format(const struct token *t, char out[static TOKEN_TEXT_SIZE]);
/* White space around it is passed over. 0 or -EBADMSG. */
MUST_USE int token_parse(struct text t, struct token *ret);
MUST_USE int token_hash(const struct token *t,
                        struct digest *ret); /* of the secret: 0 or -EIO */
/* The name of a token for people: its id in hex. */
#define TOKEN_NAME_SIZE 17
const char *token_name(const uint8_t id[static TOKEN_ID_BYTES],
                       char out[static TOKEN_NAME_SIZE]);
MUST_USE int token_name_parse(struct text t, uint8_t ret[static TOKEN_ID_BYTES]);

#endif
