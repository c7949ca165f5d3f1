/* Claims about the system calls of each role: each call is made in a child that is confined. */
#include "support/leak.h"

#include "sandbox/sandbox.h"
#include "unit/sandbox/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

/* The suite is test_sandbox.c's. */

enum { PROBE = 1, KEEPER = 2, LOOK = 4, UPLINK = 8, NOBODY = 0, ALL = 15 };

static const struct {
    enum sandbox_role role;
    int bit;
    const char *name;
} roles[] = {{SANDBOX_PROBE, PROBE, "probe"},
             {SANDBOX_KEEPER, KEEPER, "keeper"},
             {SANDBOX_LOOK, LOOK, "look"},
             {SANDBOX_UPLINK, UPLINK, "uplink"}};

/* Exit codes of the children. */
enum { WENT_ON = 0, NOT_CONFINED = 90, WRONG = 91 };

static int confine(enum sandbox_role role)
{
    struct diag d = {""};
    int r = sandbox_confine(role, &d);
    if (r != 0)
        fprintf(stderr, "%s\n", d.text);
    return r;
}

/* ---- One call of the kernel ------------------------------------------------------------- */

static const struct timespec moment = {0, 1};
static struct timespec when;
static char page[64];

#define P(p) ((long)(intptr_t)(p))

struct call {
    const char *why;
    int who; /* may make it; everybody else is ended */
    long number;
    long args[6];
};

struct trial {
    enum sandbox_role role;
    const struct call *call;
};

static int make_call(const void *arg)
{
    const struct trial *t = arg;
    const long *a = t->call->args;
    if (confine(t->role) != 0)
        return NOT_CONFINED;
    (void)syscall(t->call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
    return WENT_ON; /* whatever the kernel says of its arguments */
}

#define RW (PROT_READ | PROT_WRITE)
#define RX (PROT_READ | PROT_EXEC)
#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)

static const struct call calls[] = {
    {"writing to what is open", ALL, SYS_write, {2, P(page), 0}},
    {"reading what is open", ALL, SYS_read, {-1, P(page), 1}},
    {"the clock", ALL, SYS_clock_gettime, {CLOCK_BOOTTIME, P(&when)}},
    {"sleeping", ALL, SYS_clock_nanosleep, {CLOCK_MONOTONIC, 0, P(&moment), 0}},
    {"waiting", ALL, SYS_ppoll, {0, 0, P(&moment), 0}},
    {"chance", ALL, SYS_getrandom, {P(page), 8, 0}},
    {"memory", ALL, SYS_mmap, {0, 4096, RW, ANONYMOUS, -1, 0}},
    {"memory for code", KEEPER | LOOK | UPLINK, SYS_mmap, {0, 4096, RX, ANONYMOUS, -1, 0}},
    {"data that becomes code", KEEPER | LOOK | UPLINK, SYS_mprotect, {0, 4096, RX}},
    {"data that may be read only", ALL, SYS_mprotect, {0, 4096, PROT_READ}},
    {"what is open, looked at", ALL, SYS_newfstatat, {0, P(""), P(page), AT_EMPTY_PATH}},
    {"a path, looked at", KEEPER | LOOK | UPLINK, SYS_newfstatat, {0, P("/etc"), 0, 0}},
    {"its limits", ALL, SYS_prlimit64, {0, 7, 0, P(page)}},
    {"is this a terminal", ALL, SYS_ioctl, {0, TCGETS, P(page)}},
    {"a terminal's input, forged", NOBODY, SYS_ioctl, {0, TIOCSTI, P(page)}},

    {"a file, to be read",
     KEEPER | LOOK | UPLINK,
     SYS_openat,
     {AT_FDCWD, P("/etc/passwd"), O_RDONLY | O_CLOEXEC, 0}},
    {"a folder, to be read",
     KEEPER | LOOK | UPLINK,
     SYS_openat,
     {AT_FDCWD, P("/etc"), O_RDONLY | O_DIRECTORY, 0}},
    {"a file, to be written",
     KEEPER | LOOK | UPLINK,
     SYS_openat,
     {AT_FDCWD, P("/dev/null"), O_WRONLY}},
    {"a file, to be read and written",
     KEEPER | LOOK | UPLINK,
     SYS_openat,
     {AT_FDCWD, P("/dev/null"), O_RDWR}},
    {"a file, to be made",
     KEEPER | LOOK | UPLINK,
     SYS_openat,
     {AT_FDCWD, P("/no/where"), O_RDONLY | O_CREAT, 0600}},
    {"a file, to be emptied",
     KEEPER | LOOK | UPLINK,
     SYS_openat,
     {AT_FDCWD, P("/no/where"), O_RDONLY | O_TRUNC}},
    {"a file, to be removed",
     KEEPER | LOOK | UPLINK,
     SYS_unlinkat,
     {AT_FDCWD, P("/no/where"), 0}},
    {"a file, to be renamed",
     KEEPER | LOOK | UPLINK,
     SYS_renameat2,
     {AT_FDCWD, P("/no/where"), AT_FDCWD, P("/no/there"), 0}},
    {"a file, to be cut", KEEPER | UPLINK, SYS_ftruncate, {-1, 0}},
    {"disk, to be reached", KEEPER | UPLINK, SYS_fdatasync, {-1}},
    {"a folder, to be made", KEEPER | UPLINK, SYS_mkdirat, {AT_FDCWD, P("/no/where"), 0700}},
    {"a lock", KEEPER | LOOK | UPLINK, SYS_fcntl, {0, F_GETLK, P(page)}},
    {"flags of what is open", ALL, SYS_fcntl, {0, F_GETFL, 0}},

    {"a socket to tell systemd", ALL, SYS_socket, {AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0}},
    {"a socket to a local service", KEEPER | LOOK | UPLINK, SYS_socket, {AF_UNIX, SOCK_STREAM}},
    {"a connection to anywhere",
     KEEPER | LOOK | UPLINK,
     SYS_socket,
     {AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0}},
    {"the same by IPv6", KEEPER | LOOK | UPLINK, SYS_socket, {AF_INET6, SOCK_STREAM, 0}},
    {"a question of DNS", KEEPER | LOOK | UPLINK, SYS_socket, {AF_INET6, SOCK_DGRAM, 0}},
    {"what addresses there are",
     KEEPER | LOOK | UPLINK,
     SYS_socket,
     {AF_NETLINK, SOCK_RAW, NETLINK_ROUTE}},
    {"a raw socket", NOBODY, SYS_socket, {AF_INET, SOCK_RAW, 1}},
    {"the same by IPv6", NOBODY, SYS_socket, {AF_INET6, SOCK_RAW | SOCK_CLOEXEC, 58}},
    {"a rare family", NOBODY, SYS_socket, {AF_VSOCK, SOCK_STREAM, 0}},
    {"a connection", KEEPER | LOOK | UPLINK, SYS_connect, {-1, P(page), 16}},
    {"a name for a socket", KEEPER | LOOK | UPLINK, SYS_bind, {-1, P(page), 16}},
    {"another listener", KEEPER, SYS_listen, {-1, 1}},
    {"who connects", ALL, SYS_accept4, {-1, 0, 0, 0}},
    {"a filter of packets",
     ALL,
     SYS_setsockopt,
     {-1, SOL_SOCKET, SO_ATTACH_FILTER, P(page), 8}},
    {"no filter of packets",
     ALL,
     SYS_setsockopt,
     {-1, SOL_SOCKET, SO_DETACH_FILTER, P(page), 4}},
    {"a ring that is given back", ALL, SYS_setsockopt, {-1, SOL_PACKET, PACKET_RX_RING, 0, 0}},
    {"a packet socket that joins others",
     KEEPER | LOOK | UPLINK,
     SYS_setsockopt,
     {-1, SOL_PACKET, PACKET_ADD_MEMBERSHIP, P(page), 16}},
    {"another option",
     KEEPER | LOOK | UPLINK,
     SYS_setsockopt,
     {-1, SOL_SOCKET, SO_BROADCAST, P(page), 4}},
    {"how many packets came",
     ALL,
     SYS_getsockopt,
     {-1, SOL_PACKET, PACKET_STATISTICS, P(page), P(page)}},

    {"another program", KEEPER, SYS_execve, {P("/no/where"), 0, 0}},
    {"another program, otherwise", NOBODY, SYS_execveat, {AT_FDCWD, P("/no/where"), 0, 0, 0}},
    {"waiting for a child", KEEPER, SYS_wait4, {-1, 0, 1, 0}},
    {"a signal to another", KEEPER, SYS_kill, {1, 0}},
    {"a signal to another's thread", KEEPER, SYS_tgkill, {1, 1, 0}},
    {"what it says of itself", KEEPER, SYS_prctl, {PR_SET_DUMPABLE, 0, 0, 0, 0}},
    {"a subreaper", NOBODY, SYS_prctl, {PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0}},
    {"capabilities", KEEPER, SYS_capset, {P(page), P(page)}},
    {"a filter on top", KEEPER, SYS_seccomp, {1, 0, P(page)}},

    {"ptrace", NOBODY, SYS_ptrace, {0}},
    {"mount", NOBODY, SYS_mount, {P("x"), P("/no/where"), P("x")}},
    {"umount", NOBODY, SYS_umount2, {P("/no/where"), 0}},
    {"chroot", NOBODY, SYS_chroot, {P("/no/where")}},
    {"pivot_root", NOBODY, SYS_pivot_root, {P("/no/where"), P("/no/where")}},
    {"bpf", NOBODY, SYS_bpf, {-1, P(page), 0}},
    {"perf_event_open", NOBODY, SYS_perf_event_open, {P(page), 0, -1, -1, 0}},
    {"unshare", NOBODY, SYS_unshare, {0}},
    {"setns", NOBODY, SYS_setns, {-1, 0}},
    {"keyctl", NOBODY, SYS_keyctl, {-1}},
    {"add_key", NOBODY, SYS_add_key, {0}},
    {"init_module", NOBODY, SYS_init_module, {0, 0, 0}},
    {"finit_module", NOBODY, SYS_finit_module, {-1, 0, 0}},
    {"kexec_load", NOBODY, SYS_kexec_load, {0, 0, 0, -1}},
    {"io_uring_setup", NOBODY, SYS_io_uring_setup, {0, 0}},
    {"userfaultfd", NOBODY, SYS_userfaultfd, {-1}},
    {"process_vm_readv", NOBODY, SYS_process_vm_readv, {1, 0, 0, 0, 0, 0}},
    {"process_vm_writev", NOBODY, SYS_process_vm_writev, {1, 0, 0, 0, 0, 0}},
    {"pidfd_getfd", NOBODY, SYS_pidfd_getfd, {-1, 0, 0}},
    {"open_by_handle_at", NOBODY, SYS_open_by_handle_at, {-1, 0, 0}},
    {"mknodat", NOBODY, SYS_mknodat, {AT_FDCWD, P("/no/where"), 0, 0}},
    {"setuid", NOBODY, SYS_setuid, {-1}},
    {"setgroups", NOBODY, SYS_setgroups, {-1, 0}},
    {"settimeofday", NOBODY, SYS_settimeofday, {0, P(page)}},
    {"sethostname", NOBODY, SYS_sethostname, {P(page), -1}},
    {"personality", NOBODY, SYS_personality, {0xffffffff}},
    {"swapon", NOBODY, SYS_swapon, {P("/no/where"), 0}},
    {"syslog", NOBODY, SYS_syslog, {10, 0, 0}},
    {"acct", NOBODY, SYS_acct, {P("/no/where")}},
    {"chown", NOBODY, SYS_fchownat, {AT_FDCWD, P("/no/where"), 0, 0, 0}},
    {"attributes", NOBODY, SYS_setxattr, {P("/no/where"), P("user.x"), 0, 0, 0}},
    {"a call that does not exist", NOBODY, 100000, {0}},
};

static void make_all_calls(size_t role)
{
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        const struct trial t = {roles[role].role, calls + i};
        bool may = (calls[i].who & roles[role].bit) != 0;
        cr_expect_eq(apart(make_call, &t), may ? WENT_ON : -SIGSYS, "%s: %s", roles[role].name,
                     calls[i].why);
    }
}

Test(sandbox, a_probe_makes_its_own_calls_and_is_ended_by_any_other)
{
    make_all_calls(0);
}

Test(sandbox, a_keeper_makes_its_own_calls_and_is_ended_by_any_other)
{
    make_all_calls(1);
}

Test(sandbox, a_look_makes_its_own_calls_and_is_ended_by_any_other)
{
    make_all_calls(2);
}

Test(sandbox, an_uplink_makes_its_own_calls_and_is_ended_by_any_other)
{
    make_all_calls(3);
}

/* ---- What takes more than one call ------------------------------------------------------ */

static void for_each_role(int (*act)(const void *arg), const int wanted[static 4])
{
    for (size_t r = 0; r < ARRAY_LEN(roles); r++)
        cr_expect_eq(apart(act, &roles[r].role), wanted[r], "%s", roles[r].name);
}

static int abort_confined(const void *role)
{
    if (confine(*(const enum sandbox_role *)role) != 0)
        return NOT_CONFINED;
    abort();
}

Test(sandbox, an_assertion_that_fails_is_seen_as_one)
{
    static const int wanted[] = {-SIGABRT, -SIGABRT, -SIGABRT, -SIGABRT};
    for_each_role(abort_confined, wanted);
}

static int allocate_confined(const void *role)
{
    static const size_t sizes[] = {100, 100000, 10000000};
    if (confine(*(const enum sandbox_role *)role) != 0)
        return NOT_CONFINED;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        char *volatile p = malloc(sizes[i]);
        if (!p)
            return WRONG;
        p[0] = 1;
        char *volatile q = realloc(p, 2 * sizes[i]);
        if (!q)
            return WRONG;
        free(q);
    }
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    fflush(stdout);
    return WENT_ON;
}

Test(sandbox, memory_and_clocks_work_in_every_role)
{
    static const int wanted[] = {WENT_ON, WENT_ON, WENT_ON, WENT_ON};
    for_each_role(allocate_confined, wanted);
}

static int fork_confined(const void *role)
{
    int status = -1;
    if (confine(*(const enum sandbox_role *)role) != 0)
        return NOT_CONFINED;
    pid_t pid = fork();
    if (pid == 0)
        _exit(7);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return WRONG;
    return WIFEXITED(status) && WEXITSTATUS(status) == 7 ? WENT_ON : WRONG;
}

Test(sandbox, only_the_keeper_has_children)
{
    static const int wanted[] = {-SIGSYS, WENT_ON, -SIGSYS, -SIGSYS};
    for_each_role(fork_confined, wanted);
}

static int start_confined(const void *role)
{
    if (confine(*(const enum sandbox_role *)role) != 0)
        return NOT_CONFINED;
    (void)execl("/bin/sh", "sh", "-c", "x=$(cat /etc/hostname); ls /etc > /dev/null && exit 9",
                (char *)NULL);
    return WRONG;
}

Test(sandbox, a_program_of_the_keepers_works_under_its_list)
{
    static const int wanted[] = {-SIGSYS, 9, -SIGSYS, -SIGSYS};
    for_each_role(start_confined, wanted);
}

static void *answer(void *arg)
{
    *(int *)arg = 7;
    return NULL;
}

static int thread_confined(const void *role)
{
    pthread_t thread;
    int answered = 0;
    if (confine(*(const enum sandbox_role *)role) != 0)
        return NOT_CONFINED;
    if (pthread_create(&thread, NULL, answer, &answered) != 0 ||
        pthread_join(thread, NULL) != 0)
        return WRONG;
    return answered == 7 ? WENT_ON : WRONG;
}

/* libcurl asks for addresses in one. */
Test(sandbox, the_uplink_and_the_keeper_may_have_threads)
{
    static const int wanted[] = {-SIGSYS, WENT_ON, -SIGSYS, WENT_ON};
    for_each_role(thread_confined, wanted);
}

static int leave_by_clone(const void *role)
{
    if (confine(*(const enum sandbox_role *)role) != 0)
        return NOT_CONFINED;
    long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
    return pid == 0 ? WENT_ON : WRONG;
}

Test(sandbox, a_new_process_is_in_no_new_namespace)
{
    static const int wanted[] = {-SIGSYS, -SIGSYS, -SIGSYS, -SIGSYS};
    for_each_role(leave_by_clone, wanted);
}

static int leave_by_clone3(const void *role)
{
    struct clone_args a = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
    if (confine(*(const enum sandbox_role *)role) != 0)
        return NOT_CONFINED;
    return syscall(SYS_clone3, &a, sizeof a) == -1 && errno == ENOSYS ? WENT_ON : WRONG;
}

Test(sandbox, clone3_whose_flags_cannot_be_seen_is_not_there)
{
    static const int wanted[] = {-SIGSYS, WENT_ON, -SIGSYS, WENT_ON};
    for_each_role(leave_by_clone3, wanted);
}

static int capture_confined(const void *role)
{
    if (confine(*(const enum sandbox_role *)role) != 0)
        return NOT_CONFINED;
    bool is_refused = socket(AF_PACKET, SOCK_RAW, 0) < 0 && errno == EPERM;
    errno = 0;
    return is_refused && socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER) < 0 && errno == EPERM
               ? WENT_ON
               : WRONG;
}

/* So that a probe without rights, which is its child, can say what it may not. */
Test(sandbox, the_keepers_children_are_told_that_they_may_not_capture)
{
    static const int wanted[] = {-SIGSYS, WENT_ON, -SIGSYS, -SIGSYS};
    for_each_role(capture_confined, wanted);
}

static int make_folder_below_the_keeper(const void *role)
{
    if (confine(SANDBOX_KEEPER) != 0 || confine(*(const enum sandbox_role *)role) != 0)
        return NOT_CONFINED;
    return mkdir("/no/where", 0700) == -1 && errno == ENOENT ? WENT_ON : WRONG;
}

Test(sandbox, a_childs_list_comes_on_top_of_the_keepers)
{
    static const int wanted[] = {-SIGSYS, WENT_ON, -SIGSYS, WENT_ON};
    for_each_role(make_folder_below_the_keeper, wanted);
}

static int drop_below_the_keeper(const void *arg)
{
    struct diag d = {""};
    (void)arg;
    if (confine(SANDBOX_KEEPER) != 0)
        return NOT_CONFINED;
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || sandbox_drop_rights(&d) != 0) {
        fprintf(stderr, "%s\n", d.text);
        return WRONG;
    }
    return confine(SANDBOX_UPLINK) == 0 ? WENT_ON : WRONG;
}

Test(sandbox, a_child_of_the_keeper_can_give_up_its_own_rights)
{
    cr_assert_eq(apart(drop_below_the_keeper, NULL), WENT_ON);
}

#ifdef __x86_64__
static int call_as_x32(const void *role)
{
    if (confine(*(const enum sandbox_role *)role) != 0)
        return NOT_CONFINED;
    (void)syscall(0x40000000 | SYS_getpid); /* __X32_SYSCALL_BIT */
    return WENT_ON;
}

Test(sandbox, another_way_into_the_kernel_is_none)
{
    static const int wanted[] = {-SIGSYS, -SIGSYS, -SIGSYS, -SIGSYS};
    for_each_role(call_as_x32, wanted);
}
#endif

static int is_confined(const void *role)
{
    if (confine(*(const enum sandbox_role *)role) != 0)
        return NOT_CONFINED;
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? WENT_ON : WRONG;
}

/* Asking is not everybody's: of the keeper it is enough. */
Test(sandbox, no_program_grants_rights_to_who_is_confined)
{
    static const int wanted[] = {-SIGSYS, WENT_ON, -SIGSYS, -SIGSYS};
    for_each_role(is_confined, wanted);
}
