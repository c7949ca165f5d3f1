/* What gives up rights is done in a child, so that the tests keep theirs. */
#ifndef UNIT_SANDBOX_APART_H
#define UNIT_SANDBOX_APART_H

#include "base/defs.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* How a child ends that does `act`: its exit code (0 = as it returned), or -signal. */
static inline int apart(int (*act)(const void *arg), const void *arg)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        static const struct rlimit none = {0, 0};
        (void)setrlimit(RLIMIT_CORE, &none); /* many are ended by signals: no core files */
        _exit(act(arg));
    }
    cr_assert_gt(pid, 0);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

#endif
