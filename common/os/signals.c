/* Signals as a descriptor. */
#include "os/signals.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* A blocked signal waits for us even where whoever started us had it ignored: the kernel asks
 * for that only when it is unblocked. */
static int prepare(const sigset_t *set)
{
    static const struct sigaction ignore = {.sa_handler = SIG_IGN};
    if (sigaction(SIGPIPE, &ignore, NULL) != 0)
        return -errno;
    return -pthread_sigmask(SIG_BLOCK, set, NULL);
}

int signals_open(const int *numbers, size_t n)
{
    sigset_t set;
    (void)sigemptyset(&set); /* never fails */
    for (size_t i = 0; i < n; i++) {
        if (sigaddset(&set, numbers[i]) != 0)
            return -errno;
    }
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    int r = prepare(&set);
    if (r != 0)
        (void)close(fd); /* nothing is kept in it */
    return r == 0 ? fd : r;
}

int signals_next(int fd)
{
    struct signalfd_siginfo info;
    ssize_t n;
    do
        n = read(fd, &info, sizeof info);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}
