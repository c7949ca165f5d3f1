/* One message for the person who must act. */
#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/*
 * Stores a message of `length` bytes, of which `text` holds as many as fit. What was cut off
 * must not leave half a UTF-8 character; what came from a library must not break the line.
 */
static void diag_store(struct diag *d, const char *text, size_t length)
{
    size_t n = length < sizeof d->text ? length : sizeof d->text - 1;
    if (n < length) {
        while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
            n--;
    }
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        d->text[i] = c < 0x20 || c == 0x7f ? ' ' : (char)c;
    }
    d->text[n] = '\0';
}

/* One byte more than is kept: whether the first byte cut off goes on a character is seen there.
 */
enum { DIAG_DRAFT = CAP_DIAG + 1 };

int diag_set(struct diag *d, int code, const char *fmt, ...)
{
    char draft[DIAG_DRAFT]; /* the arguments may point into d */
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(draft, sizeof draft, fmt, args);
    va_end(args);
    diag_store(d, draft, n < 0 ? 0 : (size_t)n);
    return code;
}

void diag_within(struct diag *d, const char *fmt, ...)
{
    char context[CAP_DIAG];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(context, sizeof context, fmt, args);
    va_end(args);
    if (n < 0)
        return;
    (void)diag_set(d, 0, "%s: %s", context, d->text); /* the code is the caller's already */
}
