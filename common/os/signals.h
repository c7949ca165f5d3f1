/* Signals as a descriptor: no work is ever done in a handler. */
#ifndef OS_SIGNALS_H
#define OS_SIGNALS_H

#include "base/defs.h"
#include <signal.h>
#include <stddef.h>

/*
 * Blocks the signals for this thread and those that it starts, and returns a non-blocking
 * descriptor that becomes readable when one came; or -errno. They come even when whoever
 * started us had them ignored (nohup). SIGPIPE is ignored besides.
 */
MUST_USE int signals_open(const int *numbers, size_t n);
int signals_next(int fd); /* the number of one that came, 0 when there is none */

#endif
