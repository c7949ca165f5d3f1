/*
 * What a process of the agent may do, and how it gives up the rest: each role's rights, with
 * the reason beside each one. The only place that knows libcap and libseccomp.
 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include "base/diag.h"
#include <stdbool.h>

enum sandbox_role {
    SANDBOX_PROBE,  /* reads packets, events, its socket; opens nothing any more */
    SANDBOX_KEEPER, /* keeps the spool, starts the look and the uplink */
    SANDBOX_LOOK,   /* reads key files, Plesk's database, DNS; ends */
    SANDBOX_UPLINK, /* one exchange with the collector; ends */
};

/*
 * Whoever was started as root becomes `user` (its groups, gid, uid; no way back), which clears
 * all capabilities; that it ends with its parent stays so. Without root, or when `user` is
 * root: does nothing. -ENOENT: no such user, with what to do in d; -EPERM and others of the
 * calls.
 */
MUST_USE int sandbox_become(const char *user, struct diag *d);

/* For a supervisor that stays root: keeps only what opening the probe's sockets and becoming
 * others needs (CAP_NET_RAW, CAP_NET_ADMIN, CAP_SETUID, CAP_SETGID, CAP_KILL). */
MUST_USE int sandbox_limit_root(struct diag *d);

/*
 * No capability is left, nor can one be had again: ambient, bounding (as far as it is allowed
 * to), effective, permitted and inheritable sets are empty, no_new_privs is set; no core file,
 * not dumpable. To be called by every role, root's or not, before anything from outside is
 * read.
 *
 * Such a process cannot be traced, by itself neither. So in a build with AddressSanitizer it
 * tells the leak checker, which works by tracing, not to begin when it ends: leaks are looked
 * for in tests that keep their rights.
 */
MUST_USE int sandbox_drop_rights(struct diag *d);

/* Whether this process has the capability now (CAP_NET_RAW and so on, linux/capability.h). */
bool sandbox_has(int capability);

/*
 * The role's list of system calls; any other ends the process (SIGSYS). After everything is
 * open. Children and programs have it too, and their own on top. -ENOSYS where the kernel has
 * no seccomp: said in d, the caller decides to go on.
 */
MUST_USE int sandbox_confine(enum sandbox_role role, struct diag *d);

#endif
