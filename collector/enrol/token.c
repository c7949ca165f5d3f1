/* The text of a token, to bytes and back. */
#include "enrol/token.h"
#include "crypto/random.h"
#include <errno.h>
#include <string.h>

#define PREFIX "fairuse1."

enum {
    PREFIX_CHARS = sizeof(PREFIX) - 1,
    ID_CHARS = 2 * TOKEN_ID_BYTES,
    SECRET_CHARS = 2 * TOKEN_SECRET_BYTES,
    DIGEST_CHARS = 2 * DIGEST_BYTES,
    SECRET_AT = PREFIX_CHARS + ID_CHARS + 1,
    DIGEST_AT = SECRET_AT + SECRET_CHARS + 1,
};
static_assert(DIGEST_AT + DIGEST_CHARS + 1 == TOKEN_TEXT_SIZE, "the parts make the whole");
static_assert(ID_CHARS + 1 == TOKEN_NAME_SIZE, "a name is an id in hex");

int token_new(const struct digest *authority, struct token *ret)
{
    struct token t = {.authority = *authority};
    int r = random_bytes(t.id, sizeof(t.id));

    if (r >= 0)
        r = random_bytes(t.secret, sizeof(t.secret));
    if (r >= 0)
        *ret = t;
    explicit_bzero(&t, sizeof(t));
    return r < 0 ? r : 0;
}

static char *put_hex(char *out, const uint8_t *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    return out;
}

const char *token_format(const struct token *t, char out[static TOKEN_TEXT_SIZE])
{
    char *p = out;

    memcpy(p, PREFIX, PREFIX_CHARS);
    p = put_hex(p + PREFIX_CHARS, t->id, sizeof(t->id));
    *p++ = '.';
    p = put_hex(p, t->secret, sizeof(t->secret));
    *p++ = '.';
    p = put_hex(p, t->authority.bytes, sizeof(t->authority.bytes));
    *p = '\0';
    return out;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Without the white space that a terminal, a mail or a file's last line put around it. */
static struct text trimmed(struct text t)
{
    while (t.n > 0 && is_space(t.p[0]))
        t = (struct text){t.p + 1, t.n - 1};
    while (t.n > 0 && is_space(t.p[t.n - 1]))
        t.n--;
    return t;
}

static struct text part(struct text t, size_t at, size_t n)
{
    return (struct text){t.p + at, n};
}

int token_parse(struct text t, struct token *ret)
{
    struct token found = {0};
    int r = -EBADMSG;

    t = trimmed(t);
    if (t.n == TOKEN_TEXT_SIZE - 1 && memcmp(t.p, PREFIX, PREFIX_CHARS) == 0 &&
        t.p[SECRET_AT - 1] == '.' && t.p[DIGEST_AT - 1] == '.')
        r = token_name_parse(part(t, PREFIX_CHARS, ID_CHARS), found.id);
    if (r >= 0)
        r = text_from_hex(part(t, SECRET_AT, SECRET_CHARS), found.secret, TOKEN_SECRET_BYTES);
    if (r >= 0)
        r = text_from_hex(part(t, DIGEST_AT, DIGEST_CHARS), found.authority.bytes,
                          DIGEST_BYTES);
    if (r >= 0)
        *ret = found;
    explicit_bzero(&found, sizeof(found));
    return r < 0 ? -EBADMSG : 0;
}

int token_hash(const struct token *t, struct digest *ret)
{
    return digest_sha256((struct text){(const char *)t->secret, sizeof(t->secret)}, ret);
}

const char *token_name(const uint8_t id[static TOKEN_ID_BYTES],
                       char out[static TOKEN_NAME_SIZE])
{
    *put_hex(out, id, TOKEN_ID_BYTES) = '\0';
    return out;
}

int token_name_parse(struct text t, uint8_t ret[static TOKEN_ID_BYTES])
{
    return text_from_hex(t, ret, TOKEN_ID_BYTES);
}
