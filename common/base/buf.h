/* A growing run of bytes with a cap from birth. It is always NUL-terminated, for printing. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/defs.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

struct buf {
    char *data; /* "" until something is added */
    size_t len;
    size_t size; /* allocated */
    size_t cap;  /* most bytes that it may ever hold */
    int error;   /* the first failure; sticks, so a row of additions is checked once */
};

#define BUF_INIT(cap_bytes) ((struct buf){.data = NULL, .cap = (cap_bytes)})

void buf_done(struct buf *b);

/* Empties it and clears its error; the memory stays for the next use. */
void buf_reset(struct buf *b);

/*
 * Each adds to the end. After a failure they do nothing: ask buf_error() once, at the end.
 * -ERANGE: over the cap; -ENOMEM.
 */
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_add_char(struct buf *b, char c);
void buf_add_str(struct buf *b, const char *s);
void buf_add_int(struct buf *b, int64_t v);
void buf_add_hex(struct buf *b, const uint8_t *bytes, size_t n);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

MUST_USE int buf_error(const struct buf *b);

/* The text, never NULL; borrowed until the next addition. */
const char *buf_str(const struct buf *b);

/*
 * Hands the text over, to be freed; the buffer is empty again. NULL when out of memory, or
 * when an addition failed.
 */
char *buf_take(struct buf *b);

#endif
