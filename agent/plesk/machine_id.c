/* The machine that a key was issued for. */
#include "plesk/machine_id.h"

#include <errno.h>
#include <string.h>

/* ---- Base64 (RFC 4648 4), with its padding ------------------------------------------- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The value of a digit, or -1. */
static int digit_of(char c)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c == '\0' ? NULL : strchr(digits, c);
    return at ? (int)(at - digits) : -1;
}

/* What is read of a group of four digits. */
struct group {
    uint32_t bits;
    size_t n, n_padding;
};

static bool take_digit(struct group *g, char c)
{
    int digit = digit_of(c);
    bool is_padding = c == '=' && g->n >= 2;
    if (!is_padding && (digit < 0 || g->n_padding > 0))
        return false;
    g->bits = g->bits << 6 | (is_padding ? 0 : (uint32_t)digit);
    g->n++;
    g->n_padding += is_padding;
    return true;
}

/* The bytes of a whole group to `out`; how many, or -1 when what padding hides is not zero. */
static int give_group(const struct group *g, char out[static 3])
{
    size_t n = 3 - g->n_padding;
    out[0] = (char)(g->bits >> 16 & 0xff);
    out[1] = (char)(g->bits >> 8 & 0xff);
    out[2] = (char)(g->bits & 0xff);
    for (size_t i = n; i < 3; i++) {
        if (out[i] != '\0')
            return -1;
    }
    return (int)n;
}

/* Decodes to `out`, which has room for t.n bytes and two. 0 or -EBADMSG. */
static int decode(struct text t, char *out, size_t *ret_n)
{
    struct group g = {0};
    size_t n = 0;
    bool is_ended = false;
    for (size_t i = 0; i < t.n; i++) {
        if (is_space(t.p[i]))
            continue;
        if (is_ended || !take_digit(&g, t.p[i]))
            return -EBADMSG;
        if (g.n < 4)
            continue;
        int given = give_group(&g, out + n);
        if (given < 0)
            return -EBADMSG;
        n += (size_t)given;
        is_ended = given < 3;
        g = (struct group){0};
    }
    if (g.n > 0)
        return -EBADMSG;
    *ret_n = n;
    return 0;
}

/* ---- The list ------------------------------------------------------------------------- */

/* What is left of the text, and whether all of it so far was as it must be. */
struct cursor {
    struct text rest;
    bool is_bad;
};

static char peek(struct cursor *c)
{
    while (c->rest.n > 0 && is_space(c->rest.p[0]))
        c->rest = (struct text){c->rest.p + 1, c->rest.n - 1};
    return c->rest.n > 0 ? c->rest.p[0] : '\0';
}

static bool accept(struct cursor *c, char wanted)
{
    if (c->is_bad || peek(c) != wanted || c->rest.n == 0)
        return false;
    c->rest = (struct text){c->rest.p + 1, c->rest.n - 1};
    return true;
}

static void expect(struct cursor *c, char wanted)
{
    if (!accept(c, wanted))
        c->is_bad = true;
}

/* A string without escapes: neither the names nor hex digits need one. */
static struct text take_string(struct cursor *c)
{
    expect(c, '"');
    struct text s = {c->rest.p, 0};
    while (s.n < c->rest.n && s.p[s.n] != '"' && s.p[s.n] != '\\' &&
           (unsigned char)s.p[s.n] >= 0x20)
        s.n++;
    c->rest = (struct text){c->rest.p + s.n, c->rest.n - s.n};
    expect(c, '"');
    return s;
}

static int64_t take_integer(struct cursor *c)
{
    (void)peek(c); /* passes over white space */
    struct text s = {c->rest.p, 0};
    while (s.n < c->rest.n && s.p[s.n] >= '0' && s.p[s.n] <= '9')
        s.n++;
    int64_t value = 0;
    if (text_to_int(s, 0, INT32_MAX, &value) != 0)
        c->is_bad = true;
    c->rest = (struct text){c->rest.p + s.n, c->rest.n - s.n};
    return value;
}

struct entry {
    int64_t version;
    struct text value;
};

static void take_member(struct cursor *c, struct entry *e, unsigned *seen)
{
    struct text name = take_string(c);
    unsigned bit = text_is(name, "version") ? 1U : text_is(name, "value") ? 2U : 0;
    expect(c, ':');
    if (bit == 0 || (*seen & bit))
        c->is_bad = true;
    else if (bit == 1U)
        e->version = take_integer(c);
    else
        e->value = take_string(c);
    *seen |= bit;
}

static struct entry take_entry(struct cursor *c)
{
    struct entry e = {0};
    unsigned seen = 0;
    expect(c, '{');
    do
        take_member(c, &e, &seen);
    while (accept(c, ','));
    expect(c, '}');
    if (seen != 3U)
        c->is_bad = true;
    return e;
}

/* The value of the first entry of version 1; no bytes when there is none. */
static struct text take_list(struct cursor *c)
{
    struct text found = {"", 0};
    bool is_found = false;
    expect(c, '[');
    do {
        struct entry e = take_entry(c);
        if (e.version == 1 && !is_found) {
            found = e.value;
            is_found = true;
        }
    } while (accept(c, ','));
    expect(c, ']');
    if (peek(c) != '\0' || c->rest.n > 0)
        c->is_bad = true;
    return found;
}

int machine_id_parse(struct text t, char ret[static MACHINE_ID_SIZE])
{
    char json[MACHINE_ID_BYTES_MAX + 2];
    uint8_t id[(MACHINE_ID_SIZE - 1) / 2];
    size_t n = 0;
    if (t.n > MACHINE_ID_BYTES_MAX || decode(t, json, &n) != 0)
        return -EBADMSG;
    struct cursor c = {.rest = {json, n}};
    struct text value = take_list(&c);
    if (c.is_bad || text_from_hex(value, id, sizeof id) != 0)
        return -EBADMSG;
    for (size_t i = 0; i < value.n; i++) {
        char digit = value.p[i];
        ret[i] = digit >= 'A' && digit <= 'F' ? (char)(digit - 'A' + 'a') : digit;
    }
    ret[value.n] = '\0';
    return 0;
}
