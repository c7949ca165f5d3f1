/* Bytes that claim to be text: lengths, UTF-8, integers, and how to show what was refused. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/defs.h"
#include <stdbool.h>
#include <stdint.h>

/* A borrowed run of bytes, not terminated. */
struct text {
    const char *p;
    size_t n;
};

struct text text_of(const char *s);
bool text_is(struct text t, const char *s);

/* Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF). */
bool text_is_utf8(struct text t);

/*
 * The first character of UTF-8 bytes: its length in bytes, with its code point; 0 where there
 * is none: no bytes, or not well-formed ones (*ret is then as it was).
 */
size_t text_next(struct text t, uint32_t *ret);

/* C0, DEL, C1. */
bool text_code_is_control(uint32_t code);
/* Unicode's White_Space, less the control characters. */
bool text_code_is_space(uint32_t code);
/*
 * Characters that show nothing themselves but change how what is around them is shown, or hide
 * in it: zero-width and bidirectional marks, line separators, annotations, tags.
 */
bool text_code_is_invisible(uint32_t code);

/*
 * Fit for a name or an id: UTF-8, 1 to `cap` bytes, no control character (C0, DEL, C1), no
 * white space at its ends.
 */
bool text_is_label(struct text t, size_t cap);

/*
 * An integer in decimal, the whole text: optional '-', no '+', no space, no needless zero.
 * 0; -EBADMSG when it is none; -ERANGE when it lies outside [min, max]. *ret only on 0.
 */
MUST_USE int text_to_int(struct text t, int64_t min, int64_t max, int64_t *ret);

/* Exactly 2n hex digits of either case. 0 or -EBADMSG. */
MUST_USE int text_from_hex(struct text t, uint8_t *ret, size_t n);

/*
 * Writes a refused value so that it is safe on any terminal and in any log: in double quotes,
 * cut after CAP_QUOTE bytes (then with "…"), control characters, bidirectional and other
 * invisible marks, double quotes, backslashes and bytes that are not UTF-8 as \xNN. Returns
 * `out`.
 */
#define TEXT_QUOTE_SIZE 280
const char *text_quote(struct text t, char out[static TEXT_QUOTE_SIZE]);

#endif
