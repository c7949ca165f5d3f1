/* Claims about signals as a descriptor. */
#include "support/leak.h"

#include "os/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

TestSuite(signals, .fini = leak_check, .timeout = 60);

static const int numbers[] = {SIGTERM, SIGHUP, SIGUSR1};

static bool is_readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) == 1;
}

static int open_all(void)
{
    int fd = signals_open(numbers, ARRAY_LEN(numbers));
    cr_assert_geq(fd, 0);
    return fd;
}

Test(signals, come_through_the_descriptor_and_end_nothing)
{
    int fd = open_all();
    cr_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    cr_assert_not(is_readable(fd));
    cr_assert_eq(signals_next(fd), 0);
    cr_assert_eq(kill(getpid(), SIGTERM), 0);
    cr_assert(is_readable(fd));
    cr_assert_eq(signals_next(fd), SIGTERM);
    cr_assert_eq(signals_next(fd), 0);
    cr_assert_not(is_readable(fd));
    close(fd);
}

Test(signals, several_come_one_at_a_time)
{
    int fd = open_all();
    bool came[2] = {false};
    cr_assert_eq(kill(getpid(), SIGHUP), 0);
    cr_assert_eq(kill(getpid(), SIGUSR1), 0);
    cr_assert_eq(kill(getpid(), SIGUSR1), 0); /* the same while it waits is one (signal(7)) */
    for (int number = signals_next(fd); number != 0; number = signals_next(fd)) {
        bool *which = &came[number == SIGHUP];
        cr_assert_not(*which);
        *which = true;
    }
    cr_assert(came[0] && came[1]);
    close(fd);
}

Test(signals, come_even_when_they_were_ignored_before)
{
    (void)signal(SIGHUP, SIG_IGN); /* as nohup does */
    int fd = open_all();
    cr_assert_eq(kill(getpid(), SIGHUP), 0);
    cr_assert_eq(signals_next(fd), SIGHUP);
    close(fd);
}

Test(signals, a_broken_pipe_is_an_error_and_not_the_end)
{
    int ends[2];
    int fd = open_all();
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    close(ends[0]);
    cr_assert_eq(write(ends[1], "x", 1), -1);
    cr_assert_eq(errno, EPIPE);
    close(ends[1]);
    close(fd);
}

static void *signal_us(void *arg)
{
    (void)arg;
    (void)raise(SIGTERM); /* to this thread: it inherited the mask */
    return NULL;
}

Test(signals, are_blocked_in_threads_started_later)
{
    pthread_t thread;
    int fd = open_all();
    cr_assert_eq(pthread_create(&thread, NULL, signal_us, NULL), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    close(fd);
}

Test(signals, what_is_no_signal_is_refused)
{
    static const int wrong[] = {SIGTERM, 1000};
    sigset_t blocked;
    cr_assert_eq(signals_open(wrong, ARRAY_LEN(wrong)), -EINVAL);
    cr_assert_eq(pthread_sigmask(SIG_BLOCK, NULL, &blocked), 0);
    cr_assert_not(sigismember(&blocked, SIGTERM), "nothing was blocked");
}

Test(signals, a_descriptor_that_is_none_has_none)
{
    cr_assert_eq(signals_next(-1), 0);
}
