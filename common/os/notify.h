/*
 * What systemd and a daemon tell each other (sd_notify(3), sd_listen_fds(3)): state, watchdog,
 * sockets passed on. All of it does nothing where there is no systemd. Our own few lines: the
 * library would bring five more into every daemon, and the protocol is a datagram.
 */
#ifndef OS_NOTIFY_H
#define OS_NOTIFY_H

#include "base/defs.h"
#include <stdint.h>

/* E.g. "READY=1\nSTATUS=serving 12 connections". Errors are passed over: nothing depends on it.
 * Waits for a second at most when systemd does not read. */
void notify_send(const char *state);

/* How often WATCHDOG=1 is wanted, in milliseconds: half of WATCHDOG_USEC; 0 = never. */
int64_t notify_watchdog_ms(void);

/*
 * The sockets passed on (LISTEN_FDS for this process): how many, from descriptor 3 on; they are
 * made close-on-exec and non-blocking. names[i] is LISTEN_FDNAMES' or "". -EBADMSG when what
 * stands in the environment makes no sense, -ERANGE for too many or too long a name. The
 * environment is cleared of it in any case: call before threads are started, and once.
 */
#define NOTIFY_LISTEN_MAX 16
#define NOTIFY_LISTEN_FIRST 3
struct notify_listen {
    size_t n;
    char names[NOTIFY_LISTEN_MAX][64];
};
MUST_USE int notify_listen_fds(struct notify_listen *ret);

#endif
