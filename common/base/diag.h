/* One message for the person who must act: what was wrong, where, and what to do. */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include "base/caps.h"
#include "base/defs.h"

struct diag {
    char text[CAP_DIAG]; /* one line, no newline; "" when nothing was said */
};

/* Replaces the message, cut to its cap. Returns `code`, so that it ends a function. */
int diag_set(struct diag *d, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Puts "context: " before the message. */
void diag_within(struct diag *d, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
