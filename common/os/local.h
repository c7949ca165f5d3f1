/* Local (AF_UNIX) sockets of whole messages (SOCK_SEQPACKET), between our own processes. */
#ifndef OS_LOCAL_H
#define OS_LOCAL_H

#include "base/diag.h"
#include <sys/types.h>

/* Two ends, close-on-exec, non-blocking. 0 or -errno. */
MUST_USE int local_pair(int ret[static 2]);

/* Listens at a path; a socket that nobody listens on any more is replaced; mode 0660. The
 * descriptor (non-blocking, close-on-exec), or -errno with the reason. */
MUST_USE int local_listen(const char *path, struct diag *d);
/* The descriptor; -EAGAIN when nobody waits; -errno. *ret_uid = who connects (SO_PEERCRED). */
MUST_USE int local_accept(int listener, uid_t *ret_uid);
/* The descriptor or -errno (-ENOENT, -ECONNREFUSED: nobody there yet). */
MUST_USE int local_connect(const char *path, uid_t *ret_uid);

/* One message. 0; -EAGAIN: the other does not read; -EPIPE; -EMSGSIZE. Never a signal. */
MUST_USE int local_send(int fd, const void *p, size_t n);
/* Bytes of the next message (never 0); -EAGAIN: none; -EPIPE: the other end is gone; -EMSGSIZE:
 * it was longer than n, and is lost. */
MUST_USE ssize_t local_receive(int fd, void *p, size_t n);

#endif
