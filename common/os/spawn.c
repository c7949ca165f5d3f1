/* Children: programs of our own, with the descriptors that they are given and no other. */
#include "os/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    GIVEN = 3,  /* the child's 0, 1 and 3; 2 is ours */
    CLEAR = 10, /* descriptors are put aside from here on, above those that are given */
    CODE_OF_SIGNAL = 128,
    EXIT_NOT_STARTED = 127,
};

/* ---- Where it is ------------------------------------------------------------------------ */

/* Cuts a path before its last slash; false where there is nothing before it. */
static bool cut_last(char *path)
{
    char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return false;
    *slash = '\0';
    return true;
}

static bool is_program(const char *folder, const char *name, char ret[static SPAWN_PATH_SIZE],
                       bool *ret_fits)
{
    int n = snprintf(ret, SPAWN_PATH_SIZE, "%s/%s", folder, name);
    *ret_fits = n > 0 && n < SPAWN_PATH_SIZE;
    return *ret_fits && access(ret, X_OK) == 0;
}

int spawn_find(const char *name, char ret[static SPAWN_PATH_SIZE], struct diag *d)
{
    char folder[SPAWN_PATH_SIZE];
    char library[SPAWN_PATH_SIZE];
    char path[SPAWN_PATH_SIZE];
    bool fits = true;
    assert(name[0] && !strchr(name, '/'));
    ssize_t n = readlink("/proc/self/exe", folder, sizeof folder - 1);
    if (n < 0)
        return diag_set(d, -ENOENT, "cannot tell where this program is: /proc/self/exe: %m");
    folder[n] =
        '\0'; /* of a program that was replaced: "PATH (deleted)"; the folder is right */
    if (!cut_last(folder))
        folder[0] = '\0'; /* the root */
    bool is_there = is_program(folder, name, path, &fits);
    if (fits && !is_there) {
        char beside[SPAWN_PATH_SIZE];
        memcpy(beside, folder, sizeof beside);
        if (!cut_last(beside))
            beside[0] = '\0';
        int length = snprintf(library, sizeof library, "%s/lib/fairuse", beside);
        fits = length > 0 && (size_t)length < sizeof library;
        is_there = fits && is_program(library, name, path, &fits);
    }
    if (!fits)
        return diag_set(d, -ERANGE, "the path of %s is too long", name);
    if (!is_there)
        return diag_set(d, -ENOENT, "%s is neither in %s nor in %s", name, folder, library);
    memcpy(ret, path, sizeof path);
    return 0;
}

/* ---- What it is given ------------------------------------------------------------------- */

/* Whether NAME of "NAME=VALUE" is in a list. */
static bool is_named(const char *entry, const char *const *names)
{
    const char *equals = strchr(entry, '=');
    for (; equals && names && *names; names++) {
        size_t n = strlen(*names);
        if (n == (size_t)(equals - entry) && memcmp(entry, *names, n) == 0)
            return true;
    }
    return false;
}

/* What is passed on of our environment, borrowed from it; NULL when out of memory. */
static char **new_environment(const char *const *names)
{
    static const char *const always[] = {"PATH", "LANG",           "LC_ALL",
                                         "TZ",   "JOURNAL_STREAM", NULL};
    size_t n = 0;
    for (char **e = environ; e && *e; e++)
        n++;
    char **list = calloc(n + 1, sizeof *list);
    size_t to = 0;
    for (size_t i = 0; list && i < n; i++) {
        if (is_named(environ[i], always) || is_named(environ[i], names))
            list[to++] = environ[i];
    }
    return list;
}

/* ---- In the child ----------------------------------------------------------------------- */

/* What is ignored, or blocked for a signalfd, would stay so in the new program. */
static int reset_signals(void)
{
    const struct sigaction standard = {.sa_handler = SIG_DFL};
    sigset_t none;
    for (int number = 1; number < NSIG; number++)
        (void)sigaction(number, &standard,
                        NULL); /* fails for SIGKILL, SIGSTOP and glibc's own */
    (void)sigemptyset(&none);  /* cannot fail */
    return sigprocmask(SIG_SETMASK, &none, NULL) == 0 ? 0 : -errno;
}

/* A descriptor, or /dev/null for none, out of the way of those that are given. */
static int put_aside(int fd)
{
    int from = fd >= 0 ? fd : open("/dev/null", O_RDWR | O_CLOEXEC);
    int to = from >= 0 ? fcntl(from, F_DUPFD_CLOEXEC, CLEAR) : -1;
    return to >= 0 ? to : -errno;
}

/* The child's 0, 1 and 3; everything else but 2 ends with the exec. */
static int set_descriptors(const struct spawn_order *o)
{
    const int wanted[GIVEN] = {o->in, o->out, o->third};
    static const int numbers[GIVEN] = {STDIN_FILENO, STDOUT_FILENO, 3};
    int aside[GIVEN];
    size_t n = o->third >= 0 ? GIVEN : GIVEN - 1;
    for (size_t i = 0; i < n; i++) {
        aside[i] = put_aside(wanted[i]);
        if (aside[i] < 0)
            return aside[i];
    }
    for (size_t i = 0; i < n; i++) {
        if (dup2(aside[i], numbers[i]) < 0) /* it stays open across the exec */
            return -errno;
    }
    unsigned first = o->third >= 0 ? 4 : 3;
    return close_range(first, ~0U, CLOSE_RANGE_CLOEXEC) == 0 ? 0 : -errno;
}

/* Our parent may have died before it could be said that we are to die with it. */
static int follow_parent(pid_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0)
        return -errno;
    return getppid() == parent ? 0 : -ESRCH;
}

/* -errno, when it comes back at all. */
static int become(const struct spawn_order *o, char *const *environment, pid_t parent)
{
    int r = follow_parent(parent);
    if (r == 0)
        r = reset_signals();
    if (r == 0)
        r = set_descriptors(o);
    if (r != 0)
        return r;
    /* execve(2) takes what it does not change without const. */
    (void)execve(o->path, (char *const *)o->argv, environment);
    return -errno;
}

_Noreturn static void run_child(const struct spawn_order *o, char *const *environment,
                                pid_t parent, int report)
{
    int aside = fcntl(report, F_DUPFD_CLOEXEC, CLEAR);
    int r = aside >= 0 ? become(o, environment, parent) : -errno;
    /* Who reads it has nothing else to do; when it has gone, nobody wants to know. */
    (void)!write(aside >= 0 ? aside : report, &r, sizeof r);
    _exit(EXIT_NOT_STARTED);
}

/* ---- Starting and ending ---------------------------------------------------------------- */

/* Waits for its end; a signal of ours does not end the wait. */
static pid_t wait_for(pid_t pid, int *ret_status, int options)
{
    pid_t r;
    do
        r = waitpid(pid, ret_status, options);
    while (r < 0 && errno == EINTR);
    return r;
}

/* What the child says of its exec: 0 = it was done, for that closed the pipe. */
static int read_report(int fd)
{
    int r = 0;
    ssize_t n;
    do
        n = read(fd, &r, sizeof r);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    return n == (ssize_t)sizeof r ? r : 0;
}

/* The child is there and becomes the program, or not. */
static int follow_start(pid_t pid, int report, struct child *ret)
{
    int status;
    int r = read_report(report);
    int pidfd = r == 0 ? pidfd_open(pid, 0) : -1;
    if (r == 0 && pidfd < 0) {
        r = -errno;
        (void)kill(pid, SIGKILL); /* it is ours and not reaped: the number is still its own */
    }
    if (r != 0) {
        (void)wait_for(pid, &status, 0); /* it has ended, or was ended */
        return r;
    }
    *ret = (struct child){pid, pidfd};
    return 0;
}

static int start(const struct spawn_order *o, char *const *environment, struct child *ret)
{
    int ends[2];
    pid_t parent = getpid();
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -errno;
    pid_t pid = fork();
    int r = -errno;
    if (pid == 0)
        run_child(o, environment, parent, ends[1]);
    (void)close(ends[1]); /* nothing was written */
    if (pid > 0)
        r = follow_start(pid, ends[0], ret);
    (void)close(ends[0]); /* read */
    return r;
}

int spawn_start(const struct spawn_order *o, struct child *ret, struct diag *d)
{
    AUTO_FREE char **environment = new_environment(o->environment);
    int r = environment ? start(o, environment, ret) : -ENOMEM;
    if (r == 0)
        return 0;
    errno = -r; /* for %m */
    return diag_set(d, r, "cannot start %s: %m", o->path);
}

/* It has been reaped, or is nobody's. */
static void forget(struct child *c)
{
    (void)close(c->pidfd); /* nothing is written there */
    *c = (struct child){.pid = 0, .pidfd = -1};
}

int spawn_reap(struct child *c, int *ret_code)
{
    int status = 0;
    pid_t r = wait_for(c->pid, &status, WNOHANG);
    if (r == 0)
        return -EAGAIN;
    if (r < 0)
        return -errno;
    *ret_code = WIFEXITED(status) ? WEXITSTATUS(status) : CODE_OF_SIGNAL + WTERMSIG(status);
    forget(c);
    return 0;
}

void spawn_kill(struct child *c)
{
    int status;
    if (c->pid <= 0)
        return;
    (void)pidfd_send_signal(c->pidfd, SIGKILL, NULL, 0); /* fails when it has ended already */
    (void)wait_for(c->pid, &status, 0); /* fails when it is not ours any more */
    forget(c);
}

const char *spawn_code_text(int code, char out[static 64])
{
    if (code > CODE_OF_SIGNAL && code < CODE_OF_SIGNAL + NSIG)
        (void)snprintf(out, 64, "was ended by signal %d", code - CODE_OF_SIGNAL);
    else
        (void)snprintf(out, 64, "ended with %d", code);
    return out;
}
