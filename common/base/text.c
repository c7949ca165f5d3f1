/* Bytes that claim to be text: lengths, UTF-8, integers, and how to show what was refused. */
#include "base/text.h"

#include "base/caps.h"

#include <errno.h>
#include <string.h>

struct text text_of(const char *s)
{
    return (struct text){s, strlen(s)};
}

bool text_is(struct text t, const char *s)
{
    size_t n = strlen(s);
    return t.n == n && (n == 0 || memcmp(t.p, s, n) == 0);
}

/* The length of a UTF-8 sequence by its first byte, and the smallest code point that needs it.
 */
static size_t utf8_length(uint8_t first, uint32_t *ret_bits, uint32_t *ret_least)
{
    static const struct {
        uint8_t mask, lead;
        uint32_t least;
    } forms[] = {
        {0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        if ((first & forms[i].mask) != forms[i].lead)
            continue;
        *ret_bits = (uint32_t)first & (0xffU ^ forms[i].mask);
        *ret_least = forms[i].least;
        return i + 1;
    }
    return 0;
}

size_t text_next(struct text t, uint32_t *ret)
{
    uint32_t code;
    uint32_t least;
    size_t length = t.n > 0 ? utf8_length((uint8_t)t.p[0], &code, &least) : 0;
    if (length == 0 || length > t.n)
        return 0;
    for (size_t i = 1; i < length; i++) {
        uint8_t byte = (uint8_t)t.p[i];
        if ((byte & 0xc0) != 0x80)
            return 0;
        code = (code << 6) | (byte & 0x3f);
    }
    if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    *ret = code;
    return length;
}

bool text_is_utf8(struct text t)
{
    uint32_t code;
    for (size_t at = 0, length; at < t.n; at += length) {
        length = text_next((struct text){t.p + at, t.n - at}, &code);
        if (length == 0)
            return false;
    }
    return true;
}

bool text_code_is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

bool text_code_is_space(uint32_t code)
{
    return code == 0x20 || code == 0xa0 || code == 0x1680 ||
           (code >= 0x2000 && code <= 0x200a) || code == 0x2028 || code == 0x2029 ||
           code == 0x202f || code == 0x205f || code == 0x3000;
}

bool text_is_label(struct text t, size_t cap)
{
    if (t.n == 0 || t.n > cap)
        return false;
    uint32_t code = 0;
    for (size_t at = 0, length; at < t.n; at += length) {
        length = text_next((struct text){t.p + at, t.n - at}, &code);
        if (length == 0 || text_code_is_control(code))
            return false;
        if (at == 0 && text_code_is_space(code))
            return false;
    }
    return !text_code_is_space(code);
}

/* Digits without a needless zero in front. */
static bool is_plain_number(struct text t)
{
    if (t.n == 0 || (t.n > 1 && t.p[0] == '0'))
        return false;
    for (size_t i = 0; i < t.n; i++) {
        if (t.p[i] < '0' || t.p[i] > '9')
            return false;
    }
    return true;
}

int text_to_int(struct text t, int64_t min, int64_t max, int64_t *ret)
{
    bool is_negative = t.n > 0 && t.p[0] == '-';
    struct text digits = {is_negative ? t.p + 1 : t.p, is_negative ? t.n - 1 : t.n};
    if (!is_plain_number(digits) || (is_negative && digits.p[0] == '0'))
        return -EBADMSG;
    /* Summed below zero, where the range is larger by one. */
    int64_t v = 0;
    for (size_t i = 0; i < digits.n; i++) {
        if (__builtin_mul_overflow(v, INT64_C(10), &v) ||
            __builtin_sub_overflow(v, (int64_t)(digits.p[i] - '0'), &v))
            return -ERANGE;
    }
    if (!is_negative && __builtin_sub_overflow(INT64_C(0), v, &v))
        return -ERANGE;
    if (v < min || v > max)
        return -ERANGE;
    *ret = v;
    return 0;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int text_from_hex(struct text t, uint8_t *ret, size_t n)
{
    if (t.n % 2 != 0 || t.n / 2 != n)
        return -EBADMSG;
    for (size_t i = 0; i < t.n; i++) {
        if (hex_digit(t.p[i]) < 0)
            return -EBADMSG;
    }
    for (size_t i = 0; i < n; i++)
        ret[i] = (uint8_t)(hex_digit(t.p[2 * i]) * 16 + hex_digit(t.p[2 * i + 1]));
    return 0;
}

bool text_code_is_invisible(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x00ad, 0x00ad}, {0x061c, 0x061c}, {0x180e, 0x180e},
        {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
        {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
    };
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    }
    return false;
}

static size_t quote_bytes(const char *p, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        *out++ = '\\';
        *out++ = 'x';
        *out++ = digits[(uint8_t)p[i] >> 4];
        *out++ = digits[(uint8_t)p[i] & 15];
    }
    return 4 * n;
}

static_assert(TEXT_QUOTE_SIZE >= 4 * CAP_QUOTE + sizeof "\"\xe2\x80\xa6\"",
              "every byte of a quoted value may have to be escaped");

const char *text_quote(struct text t, char out[static TEXT_QUOTE_SIZE])
{
    size_t to = 0;
    out[to++] = '"';
    size_t at = 0;
    while (at < t.n) {
        uint32_t code = 0;
        size_t length = text_next((struct text){t.p + at, t.n - at}, &code);
        bool is_plain = length > 0 && !text_code_is_control(code) &&
                        !text_code_is_invisible(code) && code != '"' && code != '\\';
        if (length == 0)
            length = 1;
        if (at + length > CAP_QUOTE)
            break; /* never in the middle of a character */
        if (is_plain)
            memcpy(out + to, t.p + at, length);
        to += is_plain ? length : quote_bytes(t.p + at, length, out + to);
        at += length;
    }
    static const char dots[] = "\xe2\x80\xa6"; /* U+2026 */
    if (at < t.n) {
        memcpy(out + to, dots, sizeof dots - 1);
        to += sizeof dots - 1;
    }
    out[to++] = '"';
    out[to] = '\0';
    return out;
}
