/* A mail to a sendmail program. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <unistd.h>

#include "mail/parts.h"
#include "os/clock.h"
#include "os/spawn.h"

enum { SIGNAL_CODE = 128 };

static void fd_done(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* a file in memory: nothing is lost */
}

/* ---- What it reads ---------------------------------------------------------------------- */

static int write_all(int fd, struct text t)
{
    while (t.n > 0) {
        ssize_t n = write(fd, t.p, t.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        t = (struct text){t.p + n, t.n - (size_t)n};
    }
    return 0;
}

/* The message with \n where it has CRLF: it has neither a CR nor an LF alone. */
static int write_message(int fd, struct text t)
{
    AUTO(buf) struct buf text = BUF_INIT(t.n);
    for (size_t i = 0; i < t.n; i++) {
        if (t.p[i] != '\r')
            buf_add_char(&text, t.p[i]);
    }
    int r = buf_error(&text);
    return r != 0 ? r : write_all(fd, (struct text){buf_str(&text), text.len});
}

/* A file of its own in memory, so that a program that reads slowly, or not at all, holds nobody
 * up, and no pipe can break. */
static int open_message(struct text t, int *ret_fd)
{
    AUTO(fd) int fd = memfd_create("mail", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    int r = write_message(fd, t);
    if (r == 0 && lseek(fd, 0, SEEK_SET) != 0)
        r = -errno;
    if (r != 0)
        return r;
    *ret_fd = fd;
    fd = -1;
    return 0;
}

/* ---- How it ended ----------------------------------------------------------------------- */

static enum mail_fate fate_of_code(int code)
{
    switch (code) {
    case EX_OK: return MAIL_SENT;
    case EX_DATAERR:
    case EX_NOUSER: return MAIL_REFUSED;
    case EX_NOHOST: /* some mean the recipient's, some the next server */
    case EX_UNAVAILABLE:
    case EX_SOFTWARE:
    case EX_OSERR:
    case EX_CANTCREAT:
    case EX_IOERR:
    case EX_TEMPFAIL:
    case EX_PROTOCOL: return MAIL_LATER;
    default: return code > SIGNAL_CODE ? MAIL_LATER : MAIL_NOT_US;
    }
}

static void judge(const char *program, int code, struct mail_result *ret)
{
    char said[64];
    enum mail_fate fate = fate_of_code(code);
    *ret = (struct mail_result){
        .fate = fate,
        .code = code,
        .may_have_arrived = code > SIGNAL_CODE,
        .is_route_down = fate == MAIL_NOT_US,
    };
    if (fate == MAIL_SENT)
        result_say(ret, "taken by %s", program);
    else
        result_say(ret, "%s %s", program, spawn_code_text(code, said));
}

/* What stands in its way may pass (no memory, no process, no descriptor), or is the program. */
static void judge_start(int error, const char *why, struct mail_result *ret)
{
    bool is_passing = error == -ENOMEM || error == -EAGAIN || error == -EMFILE ||
                      error == -ENFILE || error == -EINTR;
    *ret = (struct mail_result){.fate = is_passing ? MAIL_LATER : MAIL_NOT_US,
                                .is_route_down = true};
    result_say(ret, "%s", why);
}

/* Until the program's end or the deadline. 0; -ETIME; -errno. */
static int wait_for_end(int pidfd, mono_t deadline)
{
    for (;;) {
        int64_t left = deadline.ms - clock_mono().ms;
        struct pollfd p = {.fd = pidfd, .events = POLLIN};
        int n = poll(&p, 1, left > 0 ? (int)left : 0);
        if (n > 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return -errno;
        if (left <= 0)
            return -ETIME;
    }
}

static void follow(struct child *c, const char *program, dur_t timeout, struct mail_result *ret)
{
    int code = 0;
    int r = wait_for_end(c->pidfd, mono_plus(clock_mono(), timeout));
    if (r == 0)
        r = spawn_reap(c, &code);
    if (r == 0) {
        judge(program, code, ret);
        return;
    }
    spawn_kill(c);
    *ret = (struct mail_result){.fate = MAIL_LATER, .may_have_arrived = true};
    if (r == -ETIME) {
        ret->is_route_down = true;
        result_say(ret, "%s was ended after %lld s", program, (long long)timeout.s);
    } else {
        result_say(ret, "%s: cannot wait for its end: error %d", program, -r);
    }
}

void sendmail_send(const char *program, dur_t timeout, const struct envelope *e,
                   struct mail_result *ret)
{
    const char *const argv[] = {program, "-i", "-f", e->from, "--", e->to, NULL};
    AUTO(fd) int in = -1;
    struct child child = {.pid = 0, .pidfd = -1};
    struct diag d = {""};
    int r = open_message(e->message, &in);
    if (r != 0) {
        errno = -r; /* for %m */
        (void)diag_set(&d, 0, "cannot hold the mail for %s: %m", program);
        judge_start(-ENOMEM, d.text, ret);
        return;
    }
    struct spawn_order order = {
        .path = program, .argv = argv, .in = in, .out = -1, .third = -1};
    r = spawn_start(&order, &child, &d);
    if (r != 0)
        judge_start(r, d.text, ret);
    else
        follow(&child, program, timeout, ret);
}
