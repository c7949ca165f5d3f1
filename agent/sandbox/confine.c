/*
 * The system calls of each role. The only place that knows libseccomp.
 *
 * Whatever is not named here ends the process: then it does what nobody wrote, for somebody
 * else. A filter is inherited by children and programs, and a child's own comes on top of it.
 * So the keeper's list holds what the look and the uplink need too, and what a program needs to
 * start; what it leaves out is all that administers a machine or looks into other processes:
 * mount, ptrace, bpf, perf_event_open, keyctl, modules, kexec, namespaces, io_uring,
 * userfaultfd, process_vm_*, raw and packet sockets.
 *
 * Calls that the machine's architecture does not have are skipped by the library.
 */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <seccomp.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif

enum {
    PROBE = 1 << SANDBOX_PROBE,
    KEEPER = 1 << SANDBOX_KEEPER,
    LOOK = 1 << SANDBOX_LOOK,
    UPLINK = 1 << SANDBOX_UPLINK,
    ALL = PROBE | KEEPER | LOOK | UPLINK,
};

/* ---- Calls whatever their arguments are ------------------------------------------------- */

/* On what is open already. */
static const int io[] = {
    SCMP_SYS(read),  SCMP_SYS(readv), SCMP_SYS(write),           SCMP_SYS(writev),
    SCMP_SYS(close), SCMP_SYS(lseek), SCMP_SYS(restart_syscall),
};

/* Messages over sockets that are there. */
static const int messages[] = {
    SCMP_SYS(recvfrom), SCMP_SYS(recvmsg),  SCMP_SYS(sendto),      SCMP_SYS(sendmsg),
    SCMP_SYS(accept4),  SCMP_SYS(shutdown), SCMP_SYS(getsockname), SCMP_SYS(getsockopt),
};

/* The event loop, and the libraries' own waiting. */
static const int waiting[] = {
    SCMP_SYS(poll),        SCMP_SYS(ppoll),        SCMP_SYS(epoll_wait), SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2), SCMP_SYS(futex),
};

/* The clocks, where the kernel does not tell them without a call. */
static const int clocks[] = {
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),     SCMP_SYS(gettimeofday), SCMP_SYS(time),
    SCMP_SYS(times),
};

/* malloc and free; what may be executed is limited below. */
static const int memory[] = {
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
};

/* What a process asks about itself and its machine (sysinfo: qsort(), before it allocates). */
static const int self[] = {
    SCMP_SYS(getpid),  SCMP_SYS(gettid),    SCMP_SYS(getuid),
    SCMP_SYS(geteuid), SCMP_SYS(getgid),    SCMP_SYS(getegid),
    SCMP_SYS(sysinfo), SCMP_SYS(getrandom), SCMP_SYS(getrusage),
};

/* Signals that came, and the end; rt_sigaction is what abort() begins with. */
static const int ending[] = {
    SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction),
    SCMP_SYS(exit),         SCMP_SYS(exit_group),
};

/* Reading files: Plesk's, the resolver's, certificates. */
static const int reading_files[] = {
    SCMP_SYS(pread64),    SCMP_SYS(newfstatat), SCMP_SYS(statx),      SCMP_SYS(stat),
    SCMP_SYS(lstat),      SCMP_SYS(fstat),      SCMP_SYS(access),     SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2), SCMP_SYS(readlink),   SCMP_SYS(readlinkat), SCMP_SYS(getdents64),
    SCMP_SYS(fcntl),      SCMP_SYS(getcwd),     SCMP_SYS(fadvise64),  SCMP_SYS(fstatfs),
    SCMP_SYS(statfs),     SCMP_SYS(preadv),     SCMP_SYS(dup),        SCMP_SYS(flock),
    SCMP_SYS(uname),
};

/* Writing files: the spool (SQLite, and room kept for it), the identity: written beside,
 * synced, renamed. fchown: SQLite gives its journals to the owner of the database. */
static const int writing_files[] = {
    SCMP_SYS(openat),    SCMP_SYS(open),      SCMP_SYS(pwrite64),  SCMP_SYS(pwritev),
    SCMP_SYS(fsync),     SCMP_SYS(fdatasync), SCMP_SYS(ftruncate), SCMP_SYS(fallocate),
    SCMP_SYS(unlink),    SCMP_SYS(unlinkat),  SCMP_SYS(rename),    SCMP_SYS(renameat),
    SCMP_SYS(renameat2), SCMP_SYS(link),      SCMP_SYS(linkat),    SCMP_SYS(mkdir),
    SCMP_SYS(mkdirat),   SCMP_SYS(rmdir),     SCMP_SYS(chmod),     SCMP_SYS(fchmod),
    SCMP_SYS(fchmodat),  SCMP_SYS(fchown),    SCMP_SYS(utimensat), SCMP_SYS(umask),
    SCMP_SYS(msync),
};

/* The look keeps one file, what it heard of mail exchangers: written beside, synced, renamed.
 */
static const int keeping_answers[] = {
    SCMP_SYS(openat),    SCMP_SYS(open),   SCMP_SYS(fsync),
    SCMP_SYS(fchmod),    SCMP_SYS(rename), SCMP_SYS(renameat),
    SCMP_SYS(renameat2), SCMP_SYS(unlink), SCMP_SYS(unlinkat),
};

/* Connections: of names, of Plesk's database, of the collector. Which families: below. */
static const int connecting[] = {
    SCMP_SYS(connect),       SCMP_SYS(bind),     SCMP_SYS(getpeername), SCMP_SYS(setsockopt),
    SCMP_SYS(sendmmsg),      SCMP_SYS(recvmmsg), SCMP_SYS(socketpair),  SCMP_SYS(select),
    SCMP_SYS(pselect6),      SCMP_SYS(eventfd2), SCMP_SYS(pipe2),       SCMP_SYS(pipe),
    SCMP_SYS(epoll_create1),
};

/* What a thread does at its start and end, and locks between them. (Which may start some:
 * below.) */
static const int threads[] = {
    SCMP_SYS(set_robust_list), SCMP_SYS(get_robust_list),   SCMP_SYS(rseq),
    SCMP_SYS(sched_yield),     SCMP_SYS(sched_getaffinity), SCMP_SYS(sigaltstack),
    SCMP_SYS(getcpu),
};

/* Children: started, waited for, ended. */
static const int children[] = {
    SCMP_SYS(execve),        SCMP_SYS(fork),          SCMP_SYS(vfork),
    SCMP_SYS(wait4),         SCMP_SYS(waitid),        SCMP_SYS(kill),
    SCMP_SYS(tgkill),        SCMP_SYS(pidfd_open),    SCMP_SYS(pidfd_send_signal),
    SCMP_SYS(getppid),       SCMP_SYS(close_range),   SCMP_SYS(dup2),
    SCMP_SYS(dup3),          SCMP_SYS(rt_sigpending), SCMP_SYS(rt_sigtimedwait),
    SCMP_SYS(rt_sigsuspend), SCMP_SYS(getpgrp),       SCMP_SYS(getpgid),
};

/* What a program does before its main(), and when it gives up its own rights. */
static const int starting[] = {
    SCMP_SYS(arch_prctl),      SCMP_SYS(set_tid_address), SCMP_SYS(prlimit64),
    SCMP_SYS(getrlimit),       SCMP_SYS(setrlimit),       SCMP_SYS(capget),
    SCMP_SYS(capset),          SCMP_SYS(seccomp),         SCMP_SYS(getresuid),
    SCMP_SYS(getresgid),       SCMP_SYS(getgroups),       SCMP_SYS(listen),
    SCMP_SYS(accept),          SCMP_SYS(signalfd4),       SCMP_SYS(timerfd_create),
    SCMP_SYS(timerfd_settime), SCMP_SYS(timerfd_gettime), SCMP_SYS(fchdir),
    SCMP_SYS(chdir),           SCMP_SYS(alarm),
};

/* Memory for code: shared libraries, those that the resolver and the database's client load by
 * themselves among them. */
static const int code[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};

#ifdef HAS_SANITIZER
/* The sanitizers' runtime: its threads' and signals' stacks, its locks, its limits. */
static const int sanitizer[] = {
    SCMP_SYS(sigaltstack),
    SCMP_SYS(sched_yield),
    SCMP_SYS(prlimit64),
    SCMP_SYS(getrlimit),
};
#endif

#define GROUP(roles, calls)                                                                    \
    {                                                                                          \
        roles, calls, ARRAY_LEN(calls)                                                         \
    }

static const struct group {
    unsigned roles;
    const int *calls;
    size_t n;
} groups[] = {
    GROUP(ALL, io),
    GROUP(ALL, messages),
    GROUP(ALL, waiting),
    GROUP(ALL, clocks),
    GROUP(ALL, memory),
    GROUP(ALL, self),
    GROUP(ALL, ending),
    GROUP(KEEPER | LOOK | UPLINK, reading_files),
    GROUP(KEEPER | UPLINK, writing_files),
    GROUP(LOOK, keeping_answers),
    GROUP(KEEPER | LOOK | UPLINK, connecting),
    GROUP(KEEPER | LOOK | UPLINK, code),
    GROUP(KEEPER | LOOK | UPLINK, threads),
    GROUP(KEEPER, children),
    GROUP(KEEPER, starting),
#ifdef HAS_SANITIZER
    GROUP(ALL, sanitizer),
#endif
};

/* ---- Calls with certain arguments ------------------------------------------------------- */

enum { ARGUMENTS_MOST = 3 };

/* Argument `at`, of which only the bits of `mask` count, is `value`. */
struct argument {
    unsigned at;
    uint64_t mask, value;
};

struct rule {
    unsigned roles;
    int call;
    struct argument arguments[ARGUMENTS_MOST]; /* up to a mask of 0 */
};

#define WHOLE UINT64_C(0xffffffff) /* of an int: the kernel reads no more of it */
#define IS(at, value)                                                                          \
    {                                                                                          \
        at, WHOLE, value                                                                       \
    }
#define IS_TYPE(at, value)                                                                     \
    {                                                                                          \
        at, 0xf, value                                                                         \
    } /* of a socket, without its flags */
#define HAS_NONE_OF(at, bits)                                                                  \
    {                                                                                          \
        at, bits, 0                                                                            \
    }
#define HAS_ALL_OF(at, bits)                                                                   \
    {                                                                                          \
        at, bits, bits                                                                         \
    }

#define NAMESPACES                                                                             \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
     CLONE_NEWPID | CLONE_NEWNET)
#define SET_VMA 0x53564d41 /* PR_SET_VMA, which older headers lack */

static const struct rule rules[] = {
    /* The probe's memory holds data and never code. */
    {PROBE, SCMP_SYS(mmap), {HAS_NONE_OF(2, PROT_EXEC)}},
    {PROBE, SCMP_SYS(mprotect), {HAS_NONE_OF(2, PROT_EXEC)}},
    /* fstat() is this of the kernel's: of what is open, no path. */
    {PROBE, SCMP_SYS(fstat), {{0}}},
    {PROBE, SCMP_SYS(newfstatat), {IS(3, AT_EMPTY_PATH)}},
    /* libpcap empties the socket before it sets another filter: without waiting, for so long.
     */
    {PROBE, SCMP_SYS(fcntl), {IS(1, F_GETFL)}},
    {PROBE, SCMP_SYS(fcntl), {IS(1, F_SETFL)}},
    /* The filters of packets and of connection events: as key servers move. */
    {PROBE, SCMP_SYS(setsockopt), {IS(1, SOL_SOCKET), IS(2, SO_ATTACH_FILTER)}},
    {PROBE, SCMP_SYS(setsockopt), {IS(1, SOL_SOCKET), IS(2, SO_DETACH_FILTER)}},
    /* libpcap gives the ring back when it closes. */
    {PROBE, SCMP_SYS(setsockopt), {IS(1, SOL_PACKET), IS(2, PACKET_RX_RING)}},
    /* systemd is told by a socket made for it each time (os/notify.h). */
    {PROBE, SCMP_SYS(socket), {IS(0, AF_UNIX), IS(1, SOCK_DGRAM | SOCK_CLOEXEC)}},
    {PROBE, SCMP_SYS(setsockopt), {IS(1, SOL_SOCKET), IS(2, SO_SNDTIMEO)}},
    /* A limit that is asked for and not set. */
    {ALL, SCMP_SYS(prlimit64), {IS(0, 0), {2, UINT64_MAX, 0}}},
    /* Whether stdout is a terminal: stdio asks before it writes. */
    {ALL, SCMP_SYS(ioctl), {IS(1, TCGETS)}},
    /* Libraries' other way to have a socket not wait, to ask what there is to read, and to find
     * the interface of a link-local address. */
    {KEEPER | LOOK | UPLINK, SCMP_SYS(ioctl), {IS(1, FIONBIO)}},
    {KEEPER | LOOK | UPLINK, SCMP_SYS(ioctl), {IS(1, FIONREAD)}},
    {KEEPER | LOOK | UPLINK, SCMP_SYS(ioctl), {IS(1, SIOCGIFINDEX)}},
    /* Local services (names, the database, systemd), DNS, the database, the collector. */
    {KEEPER | LOOK | UPLINK, SCMP_SYS(socket), {IS(0, AF_UNIX)}},
    {KEEPER | LOOK | UPLINK, SCMP_SYS(socket), {IS(0, AF_INET), IS_TYPE(1, SOCK_STREAM)}},
    {KEEPER | LOOK | UPLINK, SCMP_SYS(socket), {IS(0, AF_INET), IS_TYPE(1, SOCK_DGRAM)}},
    {KEEPER | LOOK | UPLINK, SCMP_SYS(socket), {IS(0, AF_INET6), IS_TYPE(1, SOCK_STREAM)}},
    {KEEPER | LOOK | UPLINK, SCMP_SYS(socket), {IS(0, AF_INET6), IS_TYPE(1, SOCK_DGRAM)}},
    /* glibc and libcurl ask which addresses this machine has. */
    {KEEPER | LOOK | UPLINK, SCMP_SYS(socket), {IS(0, AF_NETLINK), IS(2, NETLINK_ROUTE)}},
    /* libcurl asks for addresses in a thread. A thread is no process of its own. */
    {UPLINK, SCMP_SYS(clone), {HAS_ALL_OF(0, CLONE_VM | CLONE_THREAD)}},
    {KEEPER, SCMP_SYS(clone), {HAS_NONE_OF(0, NAMESPACES)}},
    /* What a process says of itself: whom it follows, which rights it gives up, its name. */
    {KEEPER, SCMP_SYS(prctl), {IS(0, PR_SET_PDEATHSIG)}},
    {KEEPER, SCMP_SYS(prctl), {IS(0, PR_GET_PDEATHSIG)}},
    {KEEPER, SCMP_SYS(prctl), {IS(0, PR_SET_NO_NEW_PRIVS)}},
    {KEEPER, SCMP_SYS(prctl), {IS(0, PR_GET_NO_NEW_PRIVS)}},
    {KEEPER, SCMP_SYS(prctl), {IS(0, PR_CAPBSET_READ)}},
    {KEEPER, SCMP_SYS(prctl), {IS(0, PR_CAPBSET_DROP)}},
    {KEEPER, SCMP_SYS(prctl), {IS(0, PR_CAP_AMBIENT)}},
    {KEEPER, SCMP_SYS(prctl), {IS(0, PR_SET_DUMPABLE)}},
    {KEEPER, SCMP_SYS(prctl), {IS(0, PR_GET_DUMPABLE)}},
    {KEEPER, SCMP_SYS(prctl), {IS(0, PR_GET_SECUREBITS)}},
    {KEEPER, SCMP_SYS(prctl), {IS(0, PR_GET_SECCOMP)}},
    {KEEPER, SCMP_SYS(prctl), {IS(0, PR_SET_SECCOMP)}},
    {KEEPER | UPLINK, SCMP_SYS(prctl), {IS(0, PR_SET_NAME)}},
    {ALL, SCMP_SYS(prctl), {IS(0, SET_VMA)}},
};

/* ---- Calls that fail instead ------------------------------------------------------------ */

/*
 * clone3() hides its flags from filters; glibc then uses clone(), whose are seen. A probe that
 * is the keeper's own child, for want of rights, tries to open what only rights open, and says
 * that it may not.
 */
static const struct refusal {
    struct rule rule;
    int error;
} refusals[] = {
    {{KEEPER | UPLINK, SCMP_SYS(clone3), {{0}}}, ENOSYS},
    {{KEEPER, SCMP_SYS(socket), {IS(0, AF_PACKET)}}, EPERM},
    {{KEEPER, SCMP_SYS(socket), {IS(0, AF_NETLINK), IS(2, NETLINK_NETFILTER)}}, EPERM},
};

/* ---- The filter ------------------------------------------------------------------------- */

static void filter_done(scmp_filter_ctx *f)
{
    if (*f)
        seccomp_release(*f);
}

static int add_rule(scmp_filter_ctx filter, const struct rule *rule, uint32_t action)
{
    struct scmp_arg_cmp compared[ARGUMENTS_MOST];
    unsigned n = 0;
    while (n < ARGUMENTS_MOST && rule->arguments[n].mask != 0) {
        const struct argument *a = rule->arguments + n;
        compared[n++] = (struct scmp_arg_cmp){a->at, SCMP_CMP_MASKED_EQ, a->mask, a->value};
    }
    int r = seccomp_rule_add_array(filter, action, rule->call, n, compared);
    return r == -EEXIST ? 0 : r; /* named in two groups, each for its own reason */
}

static int add_groups(scmp_filter_ctx filter, unsigned role)
{
    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        for (size_t j = 0; j < groups[i].n && (groups[i].roles & role) != 0; j++) {
            const struct rule any = {.call = groups[i].calls[j]};
            int r = add_rule(filter, &any, SCMP_ACT_ALLOW);
            if (r != 0)
                return r;
        }
    }
    return 0;
}

static int add_rules(scmp_filter_ctx filter, unsigned role)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(rules); i++) {
        if ((rules[i].roles & role) != 0)
            r = add_rule(filter, rules + i, SCMP_ACT_ALLOW);
    }
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(refusals); i++) {
        if ((refusals[i].rule.roles & role) != 0)
            r = add_rule(filter, &refusals[i].rule,
                         SCMP_ACT_ERRNO((unsigned)refusals[i].error));
    }
    return r;
}

/* An assertion that fails ends the process by abort(), which sends the signal to itself. */
static int add_abort(scmp_filter_ctx filter)
{
    const struct rule own = {.call = SCMP_SYS(tgkill),
                             .arguments = {IS(0, (uint64_t)getpid())}};
    return add_rule(filter, &own, SCMP_ACT_ALLOW);
}

/* The whole process ends; by all ways into the kernel, and with all its threads; and the
 * kernel's own error is told. */
static int set_manner(scmp_filter_ctx filter)
{
    static const struct {
        enum scmp_filter_attr name;
        uint32_t value;
    } manners[] = {
        {SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS},
        {SCMP_FLTATR_CTL_NNP, 1},
        {SCMP_FLTATR_CTL_TSYNC, 1},
        {SCMP_FLTATR_API_SYSRAWRC, 1},
    };
    int r = 0;
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(manners); i++)
        r = seccomp_attr_set(filter, manners[i].name, manners[i].value);
    return r;
}

/* A kernel that was built without filters. */
static bool lacks_seccomp(void)
{
    return prctl(PR_GET_SECCOMP) < 0 && errno == EINVAL;
}

int sandbox_confine(enum sandbox_role role, struct diag *d)
{
    unsigned bit = 1U << role;
    if (lacks_seccomp())
        return diag_set(d, -ENOSYS, "this kernel cannot limit system calls (seccomp)");
    AUTO(filter) scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int r = filter ? set_manner(filter) : -ENOMEM;
    if (r == 0)
        r = add_groups(filter, bit);
    if (r == 0)
        r = add_rules(filter, bit);
    if (r == 0)
        r = add_abort(filter);
    if (r == 0)
        r = seccomp_load(filter);
    if (r == 0)
        return 0;
    errno = -r; /* for %m */
    return diag_set(d, r, "cannot limit system calls: %m");
}
