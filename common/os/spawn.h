/*
 * Children: programs of our own, started without a shell, with the descriptors that they are
 * given and no other, and never left behind.
 */
#ifndef OS_SPAWN_H
#define OS_SPAWN_H

#include "base/diag.h"
#include <sys/types.h>

#define SPAWN_PATH_SIZE 4096

/*
 * A program that belongs to this one: in the same folder as the running executable
 * (/proc/self/exe), else in ../lib/fairuse beside that folder. 0; -ENOENT with where it was
 * looked for; -ERANGE.
 */
MUST_USE int spawn_find(const char *name, char ret[static SPAWN_PATH_SIZE], struct diag *d);

struct spawn_order {
    const char *path;
    const char *const *argv;        /* NULL-terminated, argv[0] included */
    int in, out;                    /* the child's 0 and 1; -1 = /dev/null */
    int third;                      /* the child's 3; -1 = none */
    const char *const *environment; /* NULL-terminated names that are passed on; all others are
                                       not. Always passed: PATH, LANG, LC_ALL, TZ,
                                       JOURNAL_STREAM; NOTIFY_SOCKET is not. */
};

struct child {
    pid_t pid;
    int pidfd; /* readable when it has ended; close-on-exec */
};

/* Starts it: default signals, none blocked; dies with us (PR_SET_PDEATHSIG, SIGTERM). 0 or
 * -errno with the reason (also of an exec that failed). */
MUST_USE int spawn_start(const struct spawn_order *o, struct child *ret, struct diag *d);

/* After pidfd became readable: reaps it. *ret_code = its exit code, or 128 + the signal. 0;
 * -EAGAIN when it has not ended yet. The pidfd is closed on 0. */
MUST_USE int spawn_reap(struct child *c, int *ret_code);
/* Ends it at once and reaps it. Harmless for one that was reaped (pid 0). */
void spawn_kill(struct child *c);

/* Sentences of ours for a code: "ended with 74", "was ended by signal 9". */
const char *spawn_code_text(int code, char out[static 64]);

#endif
