/* Hostile bodies and requests. */
#include "hostile.h"

#include <stdio.h>
#include <string.h>

#define COUNT_OF(a) (sizeof(a) / sizeof(a)[0])

/* ---- Chance ------------------------------------------------------------------------------ */

/* SplitMix64: any seed is a good one. */
static uint64_t next(uint64_t *rng)
{
    uint64_t z = *rng += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static size_t below(uint64_t *rng, size_t n)
{
    return n == 0 ? 0 : (size_t)(next(rng) % n);
}

/* Each order of magnitude as often: mostly small, up to 2^17. */
static size_t some_size(uint64_t *rng)
{
    return below(rng, (size_t)2 << below(rng, 17));
}

/* ---- Edits ------------------------------------------------------------------------------- */

/* Puts n bytes in the place of `gone` at `at`; what does not fit is left away. */
static void splice(struct sample *s, size_t at, size_t gone, const char *in, size_t n)
{
    if (gone > s->n - at)
        gone = s->n - at;
    if (n > HOSTILE_MAX - (s->n - gone))
        n = HOSTILE_MAX - (s->n - gone);
    memmove(s->text + at + n, s->text + at + gone, s->n - at - gone);
    memcpy(s->text + at, in, n);
    s->n = s->n - gone + n;
    s->text[s->n] = '\0';
}

static void append(struct sample *s, const char *in)
{
    splice(s, s->n, 0, in, strlen(in));
}

static void append_often(struct sample *s, const char *in, size_t times)
{
    size_t n = strlen(in);
    for (size_t i = 0; i < times && s->n + n <= HOSTILE_MAX; i++)
        append(s, in);
}

static void append_random(struct sample *s, uint64_t *rng, size_t n)
{
    for (size_t i = 0; i < n && s->n < HOSTILE_MAX; i++) {
        char byte = (char)(uint8_t)next(rng);
        splice(s, s->n, 0, &byte, 1);
    }
}

static const char *const json_words[] = {"null",
                                         "true",
                                         "[",
                                         "]",
                                         "{",
                                         "}",
                                         ",",
                                         ":",
                                         "\"",
                                         "\\",
                                         "\\u0000",
                                         "\\ud800",
                                         "\xff",
                                         "\xc0\x80",
                                         "\xed\xa0\x80",
                                         "\xf4\x90\x80\x80",
                                         "\"format\":1,",
                                         "{\"a\":1}",
                                         "[]",
                                         "\"\"",
                                         "\"counter\":1,",
                                         "\r\n",
                                         "\t",
                                         "/*",
                                         "PLSK.00000000",
                                         "::",
                                         "0.0.0.0",
                                         "xn--",
                                         "..",
                                         "keyserver",
                                         "peer",
                                         "1e3",
                                         "\"x\":null,"};

static const char *const numbers[] = {"0",
                                      "-0",
                                      "-1",
                                      "1",
                                      "1.0",
                                      "1e0",
                                      "1e999",
                                      "-1e999",
                                      "1e-999",
                                      "0x1",
                                      "01",
                                      "+1",
                                      ".5",
                                      "1.",
                                      "9223372036854775807",
                                      "9223372036854775808",
                                      "-9223372036854775808",
                                      "-9223372036854775809",
                                      "18446744073709551615",
                                      "18446744073709551616",
                                      "4294967296",
                                      "2147483648",
                                      "99999999999999999999999999999999999999999",
                                      "NaN",
                                      "Infinity",
                                      "1577836799",
                                      "1577836800",
                                      "253402300800",
                                      "10000000",
                                      "10000001"};

static const char *const http_words[] = {"\r\n",
                                         "\n",
                                         "\r",
                                         "\r\n\r\n",
                                         ":",
                                         " ",
                                         "\t",
                                         "HTTP/1.1",
                                         "HTTP/1.0",
                                         "HTTP/2.0",
                                         "GET ",
                                         "POST ",
                                         "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                                         "Content-Length: 5\r\n",
                                         "Content-Length: -1\r\n",
                                         "Content-Length: 18446744073709551616\r\n",
                                         "Content-Length: 4194304\r\n",
                                         "Content-Length: +5\r\n",
                                         "Content-Length: 5, 5\r\n",
                                         "Content-Length:\r\n",
                                         "Transfer-Encoding: chunked\r\n",
                                         "Transfer-Encoding: identity\r\n",
                                         "Host: a\r\n",
                                         "Expect: 100-continue\r\n",
                                         "Expect: x\r\n",
                                         "Connection: close\r\n",
                                         "Connection: upgrade\r\n",
                                         "Upgrade: h2c\r\n",
                                         "Fairuse-Sent-At: 99999999999999999999\r\n",
                                         "Fairuse-Sent-At: -1\r\n",
                                         "X-Forwarded-For: 1.2.3.4\r\n",
                                         "Content-Type: text/html\r\n",
                                         "%00",
                                         "/../",
                                         "?",
                                         "#",
                                         "/v1/enrol",
                                         "/v1/renew",
                                         "/metrics",
                                         "*",
                                         "\x80",
                                         "\x7f",
                                         "\x01",
                                         "http://x/"};

static const char *word(uint64_t *rng, const char *const *words, size_t n)
{
    return words[below(rng, n)];
}

/* The digits at or behind `at` become another number. */
static void change_number(struct sample *s, uint64_t *rng, size_t at)
{
    static const char digits[] = "0123456789";
    size_t begin = at + strcspn(s->text + at, digits);
    size_t length = begin < s->n ? strspn(s->text + begin, digits) : 0;
    const char *other = word(rng, numbers, COUNT_OF(numbers));

    if (length > 0)
        splice(s, begin, length, other, strlen(other));
}

static void edit(struct sample *s, uint64_t *rng, const char *const *words, size_t n_words)
{
    size_t at = below(rng, s->n + 1), length = below(rng, 32), from = below(rng, s->n + 1);
    const char *w = word(rng, words, n_words);
    char byte = (char)(uint8_t)next(rng), copy[32];

    switch (below(rng, 8)) {
    case 0:
        if (at < s->n)
            s->text[at] = (char)(s->text[at] ^ (1 << below(rng, 8)));
        break;
    case 1: splice(s, at, 1, &byte, 1); break;
    case 2: splice(s, at, 0, &byte, 1); break;
    case 3: splice(s, at, length, "", 0); break;
    case 4: splice(s, at, 0, w, strlen(w)); break;
    case 5: splice(s, at, length, w, strlen(w)); break;
    case 6:
        if (length > s->n - from)
            length = s->n - from;
        memcpy(copy, s->text + from, length);
        splice(s, at, below(rng, 2) * length, copy, length);
        break;
    default: change_number(s, rng, at); break;
    }
}

static void edit_often(struct sample *s, uint64_t *rng, const char *const *words, size_t n)
{
    for (size_t left = 1 + below(rng, 2) * below(rng, 8); left > 0; left--)
        edit(s, rng, words, n);
}

/* ---- Bodies ------------------------------------------------------------------------------ */

static void make_report(struct sample *s, uint64_t n, long long now)
{
    s->n = (size_t)snprintf(
        s->text, sizeof s->text,
        "{\"format\":1,\"agent_version\":\"1.0.0\","
        "\"boot_id\":\"0d9c6f0e-7c1c-4f7e-9d0f-2b1f6f0c9a11\",\"counter\":%llu,\"live\":true,"
        "\"licenses\":[{\"license\":\"PLSK.00000001\",\"version\":\"0003\","
        "\"product\":\"plesk-unified\",\"edition\":\"web-pro\",\"expires\":\"2026-12-04\"}],"
        "\"sightings\":[{\"license\":\"PLSK.00000001\",\"address\":\"203.0.113.9\","
        "\"source\":\"keyserver\",\"first\":%lld,\"last\":%lld},"
        "{\"license\":\"PLSK.00000001\",\"address\":\"2001:db8::9\",\"source\":\"interface\","
        "\"first\":%lld,\"last\":%lld}],"
        "\"mailboxes\":[{\"domain\":\"b\\u00fccher.example\",\"mailboxes\":42,\"aliases\":12,"
        "\"forwards\":3,\"lists\":0,\"catch_all\":false,\"alias_domains\":1,"
        "\"filtered\":true,\"first\":%lld,\"last\":%lld}],"
        "\"gaps\":[{\"what\":\"capture\",\"first\":%lld,\"last\":%lld,\"lost\":120}]}",
        (unsigned long long)n + 1, now - 3600, now - 60, now - 3600, now - 60, now - 3600,
        now - 60, now - 3600, now - 60);
}

/* Nested to a depth that a parser which calls itself does not survive. */
static void make_deep(struct sample *s, uint64_t *rng)
{
    static const char *const openers[] = {"[", "{\"a\":", "[{\"a\":[", "[[],"};
    static const char *const closers[] = {"]", "}", "]}]", "]"};
    size_t which = below(rng, COUNT_OF(openers)), depth = some_size(rng);

    if (below(rng, 2) == 0)
        append(s, "{\"format\":1,\"licenses\":");
    append_often(s, openers[which], depth);
    if (below(rng, 2) == 0)
        append_often(s, closers[which], depth);
}

/* Long lists, texts, numbers, and the same name again and again. */
static void make_huge(struct sample *s, uint64_t *rng)
{
    static const struct {
        const char *before, *again, *behind;
    } kinds[] = {
        {"{\"format\":", "9", "}"},
        {"{\"format\":1,\"counter\":-", "0", "1}"},
        {"{\"format\":1e", "9", "}"},
        {"{\"format\":0.", "3", "}"},
        {"{\"format\":1,\"agent_version\":\"", "a", "\"}"},
        {"{\"format\":1,\"agent_version\":\"", "\\u0041", "\"}"},
        {"{\"", "\xc3\xa9", "\":1}"},
        {"{\"format\":1,\"licenses\":[", "{},", "{}]}"},
        {"{\"format\":1,\"gaps\":[", "null,", "1]}"},
        {"{\"format\":1,\"sightings\":[", "{\"license\":\"PLSK.1\",\"license\":\"PLSK.1\"},",
         "{}]}"},
        {"{", "\"format\":1,", "\"format\":1}"},
        {"", " ", "{}"},
    };
    size_t which = below(rng, COUNT_OF(kinds));

    append(s, kinds[which].before);
    append_often(s, kinds[which].again, some_size(rng));
    append(s, kinds[which].behind);
}

static uint64_t chance_of(uint64_t seed, uint64_t n)
{
    uint64_t mixed = seed;
    return next(&mixed) ^ n;
}

void make_body(struct sample *s, uint64_t seed, uint64_t n, long long now)
{
    uint64_t chance = chance_of(seed, n), *rng = &chance;
    size_t kind = below(rng, 64);

    s->n = 0;
    s->text[0] = '\0';
    if (kind < 6) {
        append_random(s, rng, some_size(rng) % 4096);
    } else if (kind < 8) {
        make_deep(s, rng);
    } else if (kind < 11) {
        make_huge(s, rng);
    } else {
        make_report(s, n, now);
        if (kind < 20)
            splice(s, below(rng, s->n), HOSTILE_MAX, "", 0);
        else if (kind < 63)
            edit_often(s, rng, json_words, COUNT_OF(json_words));
    }
}

void make_http(struct sample *s, uint64_t seed, uint64_t n, long long now)
{
    static struct sample const none;
    uint64_t chance = chance_of(seed, n), *rng = &chance;
    size_t kind = below(rng, 16);
    char head[512];

    *s = none;
    if (kind < 2) {
        append_random(s, rng, some_size(rng) % 20000);
        return;
    }
    make_report(s, n, now);
    (void)snprintf(head, sizeof head,
                   "POST /v1/reports HTTP/1.1\r\nHost: localhost\r\n"
                   "Content-Type: application/json\r\nFairuse-Sent-At: %lld\r\n"
                   "Content-Length: %zu\r\n\r\n",
                   now, s->n);
    if (kind < 8) /* the head alone is edited, so that most edits fall on it */
        s->n = 0;
    splice(s, 0, 0, head, strlen(head));
    edit_often(s, rng, http_words, COUNT_OF(http_words));
    if (kind == 8)
        append_random(s, rng, some_size(rng) % 4096); /* a second request that is none */
    else if (kind == 9)
        splice(s, below(rng, s->n), HOSTILE_MAX, "", 0);
    else if (kind == 10)
        append_often(s, "X: y\r\n", some_size(rng));
}
