/*
 * For the agent's programs in a build with counters: libgcov writes them when a process ends,
 * by calls that no role of the agent may make (confine.c). They are added to the filter as it
 * is loaded; all else stays forbidden. The linker turns seccomp_load() here.
 */
#include <seccomp.h>
#include <stddef.h>

/* Its files: found, opened, locked, read, written anew. */
static const int calls[] = {
    SCMP_SYS(openat), SCMP_SYS(open),   SCMP_SYS(fcntl),  SCMP_SYS(lseek),
    SCMP_SYS(read),   SCMP_SYS(write),  SCMP_SYS(fstat),  SCMP_SYS(newfstatat),
    SCMP_SYS(mkdir),  SCMP_SYS(getpid), SCMP_SYS(access),
};

int __real_seccomp_load(scmp_filter_ctx filter);
int __wrap_seccomp_load(scmp_filter_ctx filter);

int __wrap_seccomp_load(scmp_filter_ctx filter)
{
    /* A rule that is there already, or a call that this machine lacks, is no harm. */
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        (void)seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, calls[i], 0, NULL);
    return __real_seccomp_load(filter);
}
