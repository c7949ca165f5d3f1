/* A growing run of bytes with a cap from birth. */
#include "base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { BUF_FIRST_SIZE = 64 };

void buf_done(struct buf *b)
{
    free(b->data);
    *b = BUF_INIT(b->cap);
}

void buf_reset(struct buf *b)
{
    b->len = 0;
    b->error = 0;
    if (b->data)
        b->data[0] = '\0';
}

/* Makes room for `n` bytes more and the terminator; false, with the error kept, when it cannot.
 */
static bool buf_reserve(struct buf *b, size_t n)
{
    if (b->error)
        return false;
    if (b->len > b->cap || n > b->cap - b->len || b->len + n == SIZE_MAX) {
        b->error = -ERANGE;
        return false;
    }
    size_t need = b->len + n + 1;
    if (b->data && need <= b->size)
        return true;
    size_t size = b->size > SIZE_MAX / 2 ? need : b->size * 2;
    if (size < BUF_FIRST_SIZE)
        size = BUF_FIRST_SIZE;
    if (size > b->cap)
        size = b->cap + 1;
    if (size < need)
        size = need;
    char *data = realloc(b->data, size);
    if (!data) {
        b->error = -ENOMEM;
        return false;
    }
    b->data = data;
    b->size = size;
    return true;
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
    if (!buf_reserve(b, n))
        return;
    if (n > 0)
        memcpy(b->data + b->len, bytes, n);
    b->len += n;
    b->data[b->len] = '\0';
}

void buf_add_char(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_add_str(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_add_int(struct buf *b, int64_t v)
{
    char digits[20]; /* of 2^63, and the sign */
    size_t at = sizeof digits;
    uint64_t rest = v < 0 ? -(uint64_t)v : (uint64_t)v;
    do
        digits[--at] = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (v < 0)
        digits[--at] = '-';
    buf_add(b, digits + at, sizeof digits - at);
}

void buf_add_hex(struct buf *b, const uint8_t *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    if (n > SIZE_MAX / 2) {
        if (!b->error)
            b->error = -ERANGE;
        return;
    }
    if (!buf_reserve(b, 2 * n))
        return;
    for (size_t i = 0; i < n; i++) {
        b->data[b->len++] = digits[bytes[i] >> 4];
        b->data[b->len++] = digits[bytes[i] & 15];
    }
    b->data[b->len] = '\0';
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    if (!buf_reserve(b, 0))
        return;
    va_list args;
    va_list again;
    va_start(args, fmt);
    va_copy(again, args);
    size_t room = b->size - b->len;
    int n = vsnprintf(b->data + b->len, room, fmt, args);
    va_end(args);
    if (n < 0) {
        b->error = -ERANGE; /* longer than INT_MAX, the only way for our formats to fail */
    } else if ((size_t)n < room && b->len + (size_t)n <= b->cap) {
        b->len += (size_t)n;
    } else if (buf_reserve(b, (size_t)n)) {
        (void)vsnprintf(b->data + b->len, b->size - b->len, fmt, again); /* measured above */
        b->len += (size_t)n;
    }
    va_end(again);
    b->data[b->len] = '\0'; /* a first attempt that did not fit leaves nothing behind */
}

int buf_error(const struct buf *b)
{
    return b->error;
}

const char *buf_str(const struct buf *b)
{
    return b->data ? b->data : "";
}

char *buf_take(struct buf *b)
{
    char *text = NULL;
    if (buf_reserve(b, 0)) {
        b->data[b->len] = '\0';
        text = STEAL(b->data);
    }
    buf_done(b);
    return text;
}
