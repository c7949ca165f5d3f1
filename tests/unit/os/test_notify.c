/* Claims about what systemd and a daemon tell each other. */
#include "support/leak.h"
#include "support/temp.h"

#include "os/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(notify, .fini = leak_check, .timeout = 60);

/* ---- State ------------------------------------------------------------------------------ */

/* A socket as systemd has it, at a path or, behind '@', without one. */
static int bind_at(const char *where)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    size_t n = strlen(where);
    cr_assert_lt(n, sizeof name.sun_path);
    memcpy(name.sun_path, where, n);
    if (where[0] == '@')
        name.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    cr_assert_geq(fd, 0);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    cr_assert_eq(bind(fd, (const struct sockaddr *)&name, length), 0);
    return fd;
}

static void assert_told(int fd, const char *expected)
{
    char got[256];
    ssize_t n = recv(fd, got, sizeof got, 0);
    cr_assert_eq(n, (ssize_t)strlen(expected));
    cr_assert_arr_eq(got, expected, strlen(expected));
    cr_assert_lt(recv(fd, got, sizeof got, 0), 0, "one datagram each");
}

Test(notify, tells_a_socket_without_a_path)
{
    char where[64];
    (void)snprintf(where, sizeof where, "@unit-notify-%ld", (long)getpid());
    int fd = bind_at(where);
    setenv("NOTIFY_SOCKET", where, 1);
    notify_send("READY=1\nSTATUS=serving 12 connections");
    assert_told(fd, "READY=1\nSTATUS=serving 12 connections");
    notify_send("WATCHDOG=1");
    assert_told(fd, "WATCHDOG=1");
    close(fd);
}

static void temp_free(struct temp *t)
{
    temp_done(t);
}

Test(notify, tells_a_socket_at_a_path)
{
    __attribute__((cleanup(temp_free))) struct temp t;
    char where[TEMP_PATH_SIZE];
    cr_assert_eq(temp_make(&t), 0);
    int fd = bind_at(temp_file(&t, "notify", where));
    setenv("NOTIFY_SOCKET", where, 1);
    notify_send("STOPPING=1");
    assert_told(fd, "STOPPING=1");
    close(fd);
}

Test(notify, does_nothing_where_there_is_no_systemd)
{
    /* Beyond sun_path, which has 108 bytes. */
    char long_path[200] = "/";
    memset(long_path + 1, 'x', sizeof long_path - 2);
    long_path[sizeof long_path - 1] = '\0';
    const char *const rows[] = {
        "", "/", "@", "relative", "vsock:2:1234", "/nobody/is/here", long_path};
    unsetenv("NOTIFY_SOCKET");
    notify_send("READY=1");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        setenv("NOTIFY_SOCKET", rows[i], 1);
        notify_send("READY=1"); /* it comes back, and leaves nothing open: */
    }
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    cr_assert_eq(next, fd + 1);
    close(fd);
    close(next);
}

Test(notify, does_not_wait_for_ever_for_one_who_does_not_read)
{
    char where[64];
    (void)snprintf(where, sizeof where, "@unit-notify-full-%ld", (long)getpid());
    int fd = bind_at(where);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    memcpy(name.sun_path, where, strlen(where));
    name.sun_path[0] = '\0';
    socklen_t n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(where));
    int filler = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    while (sendto(filler, "x", 1, 0, (const struct sockaddr *)&name, n) == 1)
        ;
    cr_assert_eq(errno, EAGAIN);
    setenv("NOTIFY_SOCKET", where, 1);
    notify_send("WATCHDOG=1"); /* the suite's limit ends a wait */
    close(filler);
    close(fd);
}

/* ---- Watchdog --------------------------------------------------------------------------- */

Test(notify, the_watchdog_is_fed_twice_in_its_time)
{
    static const struct {
        const char *us;
        int64_t ms;
        const char *why;
    } rows[] = {
        {NULL, 0, "none"},
        {"30000000", 15000, "30 s"},
        {"1000000", 500, "1 s"},
        {"1000", 1, "less than can be counted, but not never"},
        {"0", 0, "switched off"},
        {"", 0, "no number"},
        {"-1", 0, "no number"},
        {"1s", 0, "no number"},
        {"9223372036854775808", 0, "beyond 63 bits"},
    };
    unsetenv("WATCHDOG_PID");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        unsetenv("WATCHDOG_USEC");
        if (rows[i].us)
            setenv("WATCHDOG_USEC", rows[i].us, 1);
        cr_assert_eq(notify_watchdog_ms(), rows[i].ms, "%s", rows[i].why);
    }
}

static void set_number(const char *variable, long v)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%ld", v);
    cr_assert_eq(setenv(variable, text, 1), 0);
}

Test(notify, the_watchdog_of_another_process_is_not_ours)
{
    setenv("WATCHDOG_USEC", "30000000", 1);
    set_number("WATCHDOG_PID", getpid());
    cr_assert_eq(notify_watchdog_ms(), 15000);
    set_number("WATCHDOG_PID", getppid());
    cr_assert_eq(notify_watchdog_ms(), 0);
    setenv("WATCHDOG_PID", "rubbish", 1);
    cr_assert_eq(notify_watchdog_ms(), 0);
}

/* ---- Sockets passed on ------------------------------------------------------------------ */

/* Descriptors from 3 on are the test framework's: such tests run in a child. */
static bool holds_in_child(bool (*claim)(void))
{
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0)
        _exit(claim() ? 0 : 1);
    int status = -1;
    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* From 3 on, n sockets as systemd passes them: blocking, open for children; then none. */
static bool pass_sockets(int n)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool is_well = fd >= 0;
    int high = is_well ? fcntl(fd, F_DUPFD, NOTIFY_LISTEN_FIRST + 100) : -1;
    for (int i = 0; i < n; i++)
        is_well = is_well && dup2(high, NOTIFY_LISTEN_FIRST + i) >= 0;
    for (int i = NOTIFY_LISTEN_FIRST + n; i < NOTIFY_LISTEN_FIRST + 100; i++)
        (void)close(i);
    set_number("LISTEN_PID", getpid());
    set_number("LISTEN_FDS", n);
    return is_well;
}

static bool is_environment_clear(void)
{
    return !getenv("LISTEN_PID") && !getenv("LISTEN_FDS") && !getenv("LISTEN_FDNAMES");
}

static bool two_named(void)
{
    struct notify_listen l;
    bool is_well = pass_sockets(2);
    setenv("LISTEN_FDNAMES", "agents:monitor", 1);
    is_well = is_well && notify_listen_fds(&l) == 0 && l.n == 2 &&
              strcmp(l.names[0], "agents") == 0 && strcmp(l.names[1], "monitor") == 0 &&
              is_environment_clear();
    for (int fd = NOTIFY_LISTEN_FIRST; fd < NOTIFY_LISTEN_FIRST + 2; fd++)
        is_well = is_well && (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0 &&
                  (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
    /* Asked again, there are none. */
    return is_well && notify_listen_fds(&l) == 0 && l.n == 0;
}

Test(notify, sockets_passed_on_are_ours_alone_and_named)
{
    cr_assert(holds_in_child(two_named));
}

static bool most_unnamed(void)
{
    struct notify_listen l;
    unsetenv("LISTEN_FDNAMES");
    return pass_sockets(NOTIFY_LISTEN_MAX) && notify_listen_fds(&l) == 0 &&
           l.n == NOTIFY_LISTEN_MAX && l.names[0][0] == '\0' &&
           l.names[NOTIFY_LISTEN_MAX - 1][0] == '\0';
}

Test(notify, sixteen_sockets_without_names_are_passed_on)
{
    cr_assert(holds_in_child(most_unnamed));
}

static bool with_names(const char *names, int expected)
{
    struct notify_listen l = {.n = 99};
    bool is_well = pass_sockets(2);
    setenv("LISTEN_FDNAMES", names, 1);
    return is_well && notify_listen_fds(&l) == expected && is_environment_clear() &&
           (expected == 0) == (l.n == 2);
}

static bool names_in_forms(void)
{
    char longest[80];
    char too_long[80];
    (void)snprintf(longest, sizeof longest, "%063d:b", 7);
    (void)snprintf(too_long, sizeof too_long, "%064d:b", 7);
    return with_names(":", 0) && with_names("a:", 0) && with_names(longest, 0) &&
           with_names("", -EBADMSG) && with_names("a", -EBADMSG) &&
           with_names("a:b:c", -EBADMSG) && with_names("a:b:", -EBADMSG) &&
           with_names(too_long, -ERANGE);
}

Test(notify, there_are_as_many_names_as_sockets)
{
    cr_assert(holds_in_child(names_in_forms));
}

static bool none_open(void)
{
    struct notify_listen l = {.n = 99};
    bool is_well = pass_sockets(1);
    unsetenv("LISTEN_FDNAMES");
    set_number("LISTEN_FDS", 2);
    return is_well && notify_listen_fds(&l) == -EBADMSG && l.n == 99 && is_environment_clear();
}

Test(notify, a_socket_that_is_not_open_is_refused)
{
    cr_assert(holds_in_child(none_open));
}

Test(notify, what_is_meant_for_another_process_is_passed_over)
{
    struct notify_listen l = {.n = 99};
    unsetenv("LISTEN_PID");
    setenv("LISTEN_FDS", "2", 1);
    cr_assert_eq(notify_listen_fds(&l), 0);
    cr_assert_eq(l.n, 0);
    cr_assert(is_environment_clear());
    l.n = 99;
    set_number("LISTEN_PID", getppid());
    setenv("LISTEN_FDS", "2", 1);
    setenv("LISTEN_FDNAMES", "a:b:c", 1);
    cr_assert_eq(notify_listen_fds(&l), 0);
    cr_assert_eq(l.n, 0);
    cr_assert(is_environment_clear());
}

Test(notify, an_environment_that_makes_no_sense_is_refused)
{
    static const struct {
        const char *pid, *fds;
        int error;
        const char *why;
    } rows[] = {
        {"rubbish", "1", -EBADMSG, "no process"},
        {"-1", "1", -EBADMSG, "no process"},
        {"", "1", -EBADMSG, "no process"},
        {NULL, "rubbish", -EBADMSG, "no number"},
        {NULL, "", -EBADMSG, "no number"},
        {NULL, "-1", -EBADMSG, "no number"},
        {NULL, "2147483648", -EBADMSG, "beyond any descriptor"},
        {NULL, NULL, -EBADMSG, "meant for us, but no number"},
        {NULL, "17", -ERANGE, "more than 16"},
        {NULL, "0", 0, "none"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct notify_listen l = {.n = 99};
        set_number("LISTEN_PID", getpid());
        if (rows[i].pid)
            setenv("LISTEN_PID", rows[i].pid, 1);
        unsetenv("LISTEN_FDS");
        if (rows[i].fds)
            setenv("LISTEN_FDS", rows[i].fds, 1);
        cr_assert_eq(notify_listen_fds(&l), rows[i].error, "%s", rows[i].why);
        cr_assert_eq(l.n, rows[i].error == 0 ? 0 : 99, "%s", rows[i].why);
        cr_assert(is_environment_clear(), "%s", rows[i].why);
    }
}
