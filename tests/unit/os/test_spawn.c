/* Claims about children, with real ones. */
#include "support/leak.h"

#include "base/buf.h"
#include "os/spawn.h"
#include "support/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(spawn, .fini = leak_check, .timeout = 60);

enum { PATIENCE_MS = 30000, OUTPUT_MAX = 8192 };

static const char *const none[] = {NULL};

static int start(const struct spawn_order *o, struct child *ret)
{
    struct diag d = {""};
    int r = spawn_start(o, ret, &d);
    cr_assert(r == 0 || (d.text[0] != '\0' && strstr(d.text, o->path)), "%d: %s", r, d.text);
    return r;
}

/* Waits until it has ended; its code. */
static int wait_for(struct child *c)
{
    struct pollfd p = {.fd = c->pidfd, .events = POLLIN};
    int code = -1;
    cr_assert_eq(poll(&p, 1, PATIENCE_MS), 1, "it does not end");
    cr_assert_eq(spawn_reap(c, &code), 0);
    cr_assert_eq(c->pid, 0);
    return code;
}

/* A shell's output and exit code, with whatever else the order says. */
static int shell(const char *script, const struct spawn_order *more, struct buf *out)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct spawn_order o = *more;
    struct child c;
    int ends[2];
    char part[512];
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    o.path = "/bin/sh";
    o.argv = argv;
    o.out = ends[1];
    cr_assert_eq(start(&o, &c), 0);
    close(ends[1]);
    for (ssize_t n; (n = read(ends[0], part, sizeof part)) > 0;)
        buf_add(out, part, (size_t)n);
    close(ends[0]);
    cr_assert_eq(buf_error(out), 0);
    return wait_for(&c);
}

static const struct spawn_order plain = {.in = -1, .out = -1, .third = -1, .environment = none};

/* ---- Starting --------------------------------------------------------------------------- */

Test(spawn, exit_codes_come_back)
{
    static const char *const argv[] = {"true", NULL};
    struct spawn_order o = plain;
    struct child c;
    o.path = "/bin/true";
    o.argv = argv;
    cr_assert_eq(start(&o, &c), 0);
    cr_assert_gt(c.pid, 0);
    cr_assert(fcntl(c.pidfd, F_GETFD) & FD_CLOEXEC);
    cr_assert_eq(wait_for(&c), 0);

    AUTO(buf) struct buf out = BUF_INIT(OUTPUT_MAX);
    cr_assert_eq(shell("exit 74", &plain, &out), 74);
    cr_assert_eq(shell("kill -9 $$", &plain, &out), 128 + 9);
    cr_assert_eq(out.len, 0);
}

Test(spawn, what_goes_in_comes_out)
{
    static const char *const argv[] = {"cat", NULL};
    int in[2];
    int out[2];
    char text[16];
    struct child c;
    cr_assert_eq(pipe2(in, O_CLOEXEC), 0);
    cr_assert_eq(pipe2(out, O_CLOEXEC), 0);
    const struct spawn_order o = {.path = "/bin/cat",
                                  .argv = argv,
                                  .in = in[0],
                                  .out = out[1],
                                  .third = -1,
                                  .environment = none};
    cr_assert_eq(start(&o, &c), 0);
    close(in[0]);
    close(out[1]);
    cr_assert_eq(write(in[1], "through", 7), 7);
    close(in[1]);
    cr_assert_eq(read(out[0], text, sizeof text), 7);
    cr_assert_arr_eq(text, "through", 7);
    cr_assert_eq(read(out[0], text, sizeof text), 0);
    close(out[0]);
    cr_assert_eq(wait_for(&c), 0);
}

Test(spawn, none_is_dev_null)
{
    AUTO(buf) struct buf out = BUF_INIT(OUTPUT_MAX);
    cr_assert_eq(shell("readlink /proc/self/fd/0; cat", &plain, &out), 0);
    cr_assert_str_eq(buf_str(&out), "/dev/null\n");
}

Test(spawn, an_exec_that_fails_has_its_reason_and_leaves_nobody)
{
    AUTO(temp) struct temp t = {""};
    char path[TEMP_PATH_SIZE];
    static const char *const argv[] = {"x", NULL};
    struct spawn_order o = plain;
    struct child c = {.pid = 77};
    cr_assert_eq(temp_make(&t), 0);
    o.path = temp_file(&t, "x", path);
    o.argv = argv;
    cr_assert_eq(start(&o, &c), -ENOENT);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    cr_assert_eq(start(&o, &c), -EACCES, "not executable");
    cr_assert_eq(fchmod(fd, 0700), 0);
    close(fd);
    cr_assert_eq(start(&o, &c), -ENOEXEC, "empty");
    cr_assert_eq(c.pid, 77, "the output was touched");
    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1);
    cr_assert_eq(errno, ECHILD);
}

Test(spawn, a_descriptor_that_is_none_is_refused)
{
    static const char *const argv[] = {"true", NULL};
    struct child c;
    const struct spawn_order o = {
        .path = "/bin/true", .argv = argv, .in = 9999, .out = -1, .third = -1};
    cr_assert_eq(start(&o, &c), -EBADF);
}

/* ---- What it is given ------------------------------------------------------------------- */

Test(spawn, only_what_is_named_is_passed_on_of_the_environment)
{
    static const char *const wanted[] = {"WANTED", "EMPTY", "MISSING", NULL};
    AUTO(buf) struct buf out = BUF_INIT(OUTPUT_MAX);
    struct spawn_order o = plain;
    cr_assert_eq(clearenv(), 0);
    (void)setenv("PATH", "/usr/bin:/bin", 1);
    (void)setenv("TZ", "UTC", 1);
    (void)setenv("WANTED", "1=2", 1);
    (void)setenv("WANTED_NOT", "1", 1);
    (void)setenv("EMPTY", "", 1);
    (void)setenv("LD_PRELOAD", "", 1);
    (void)setenv("NOTIFY_SOCKET", "/run/x", 1);
    (void)setenv("SECRET", "s", 1);
    o.environment = wanted;
    cr_assert_eq(shell("tr '\\0' '\\n' < /proc/$$/environ | LC_ALL=C sort", &o, &out), 0);
    cr_assert_str_eq(buf_str(&out), "EMPTY=\nPATH=/usr/bin:/bin\nTZ=UTC\nWANTED=1=2\n");
    buf_reset(&out);
    o.environment = NULL;
    cr_assert_eq(shell("tr '\\0' '\\n' < /proc/$$/environ | LC_ALL=C sort", &o, &out), 0);
    cr_assert_str_eq(buf_str(&out), "PATH=/usr/bin:/bin\nTZ=UTC\n");
}

Test(spawn, no_descriptor_leaks_into_the_child)
{
    AUTO(buf) struct buf out = BUF_INIT(OUTPUT_MAX);
    int careless = fcntl(STDERR_FILENO, F_DUPFD, 3); /* it would stay open across an exec */
    int far = fcntl(STDERR_FILENO, F_DUPFD, 200);
    cr_assert(careless >= 3 && far >= 200);
    cr_assert_eq(shell("ls /proc/$$/fd; exit 0", &plain, &out),
                 0); /* of the shell, not of ls */
    cr_assert_str_eq(buf_str(&out), "0\n1\n2\n");
    close(careless);
    close(far);
}

Test(spawn, the_third_descriptor_is_the_childs_3_wherever_it_was_ours)
{
    for (int at = 0; at < 12; at += 3) {
        AUTO(buf) struct buf out = BUF_INIT(OUTPUT_MAX);
        struct spawn_order o = plain;
        int ends[2];
        char text[8];
        cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
        int third = fcntl(ends[1], F_DUPFD_CLOEXEC, at);
        close(ends[1]);
        o.third = third;
        cr_assert_eq(shell("echo three >&3", &o, &out), 0);
        close(third);
        cr_assert_eq(read(ends[0], text, sizeof text), 6);
        cr_assert_arr_eq(text, "three\n", 6);
        cr_assert_eq(read(ends[0], text, sizeof text), 0, "only the child had it");
        close(ends[0]);
    }
}

/* Our 0 is to be its 1, and our 1 its 0: neither may be lost on the way. */
Test(spawn, descriptors_may_change_places)
{
    static const char *const argv[] = {"cat", NULL};
    int in[2];
    int out[2];
    char text[8];
    struct child c;
    cr_assert_eq(pipe2(in, O_CLOEXEC), 0);
    cr_assert_eq(pipe2(out, O_CLOEXEC), 0);
    int kept[2] = {dup(0), dup(1)};
    cr_assert_eq(dup2(out[1], 0), 0);
    cr_assert_eq(dup2(in[0], 1), 1);
    close(out[1]);
    close(in[0]);
    struct diag d;
    const struct spawn_order o = {
        .path = "/bin/cat", .argv = argv, .in = 1, .out = 0, .third = -1};
    int r = spawn_start(&o, &c, &d);
    cr_assert_eq(dup2(kept[0], 0), 0);
    cr_assert_eq(dup2(kept[1], 1), 1);
    close(kept[0]);
    close(kept[1]);
    cr_assert_eq(r, 0, "%s", d.text);
    cr_assert_eq(write(in[1], "x", 1), 1);
    close(in[1]);
    cr_assert_eq(read(out[0], text, sizeof text), 1);
    cr_assert_eq(read(out[0], text, sizeof text), 0);
    close(out[0]);
    cr_assert_eq(wait_for(&c), 0);
}

Test(spawn, signals_are_as_they_are_by_default)
{
    AUTO(buf) struct buf out = BUF_INIT(OUTPUT_MAX);
    sigset_t all;
    (void)sigfillset(&all);
    cr_assert_eq(sigprocmask(SIG_BLOCK, &all, NULL), 0);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    cr_assert_eq(shell("exec grep -E '^Sig(Blk|Ign)' /proc/self/status", &plain, &out), 0);
    cr_assert_str_eq(buf_str(&out), "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

/* ---- Ending ----------------------------------------------------------------------------- */

static int start_sleeper(struct child *ret)
{
    static const char *const argv[] = {"sleep", "1000", NULL};
    struct spawn_order o = plain;
    o.path = "/bin/sleep";
    o.argv = argv;
    return start(&o, ret);
}

Test(spawn, who_has_not_ended_is_not_reaped)
{
    struct child c;
    int code = 77;
    cr_assert_eq(start_sleeper(&c), 0);
    cr_assert_eq(spawn_reap(&c, &code), -EAGAIN);
    cr_assert_eq(code, 77);
    cr_assert_gt(c.pid, 0);
    cr_assert_eq(kill(c.pid, SIGTERM), 0);
    cr_assert_eq(wait_for(&c), 128 + SIGTERM);
}

Test(spawn, who_is_killed_is_gone_and_may_be_killed_again)
{
    struct child c;
    cr_assert_eq(start_sleeper(&c), 0);
    int pidfd = c.pidfd;
    spawn_kill(&c);
    cr_assert_eq(c.pid, 0);
    cr_assert_eq(fcntl(pidfd, F_GETFD), -1);
    spawn_kill(&c);
    struct child never = {.pid = 0};
    spawn_kill(&never);
    cr_assert_neq(fcntl(0, F_GETFD), -1, "descriptor 0 is not a child's");
    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1);
}

Test(spawn, who_has_ended_may_be_killed)
{
    static const char *const argv[] = {"true", NULL};
    struct spawn_order o = plain;
    struct child c;
    o.path = "/bin/true";
    o.argv = argv;
    cr_assert_eq(start(&o, &c), 0);
    struct pollfd p = {.fd = c.pidfd, .events = POLLIN};
    cr_assert_eq(poll(&p, 1, PATIENCE_MS), 1);
    spawn_kill(&c);
    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1);
}

/* A process between us and the child is ended; the child is then to end by itself. */
Test(spawn, children_end_with_their_parent)
{
    int ends[2];
    char text;
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    pid_t between = fork();
    if (between == 0) {
        static const char *const argv[] = {"sleep", "1000", NULL};
        struct child c;
        struct diag d;
        const struct spawn_order o = {
            .path = "/bin/sleep", .argv = argv, .in = -1, .out = -1, .third = ends[1]};
        int r = spawn_start(&o, &c, &d);
        (void)!write(ends[1], r == 0 ? "y" : "n", 1);
        (void)pause();
        _exit(1);
    }
    close(ends[1]);
    cr_assert_eq(read(ends[0], &text, 1), 1);
    cr_assert_eq(text, 'y');
    cr_assert_eq(kill(between, SIGKILL), 0);
    cr_assert_eq(waitpid(between, NULL, 0), between);
    struct pollfd p = {.fd = ends[0], .events = POLLIN};
    cr_assert_eq(poll(&p, 1, PATIENCE_MS), 1, "the child lives on");
    cr_assert_eq(read(ends[0], &text, 1), 0);
    close(ends[0]);
}

Test(spawn, codes_have_their_sentences)
{
    char out[64];
    cr_assert_str_eq(spawn_code_text(0, out), "ended with 0");
    cr_assert_str_eq(spawn_code_text(74, out), "ended with 74");
    cr_assert_str_eq(spawn_code_text(128, out), "ended with 128");
    cr_assert_str_eq(spawn_code_text(137, out), "was ended by signal 9");
    cr_assert_str_eq(spawn_code_text(255, out), "ended with 255");
}

/* ---- Where programs are ----------------------------------------------------------------- */

Test(spawn, programs_beside_us_are_found)
{
    char self[SPAWN_PATH_SIZE];
    char found[SPAWN_PATH_SIZE];
    struct diag d = {""};
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    cr_assert_gt(n, 0);
    self[n] = '\0';
    cr_assert_eq(spawn_find(strrchr(self, '/') + 1, found, &d), 0, "%s", d.text);
    cr_assert_str_eq(found, self);
}

Test(spawn, a_program_that_is_nowhere_is_told_with_both_places)
{
    char found[SPAWN_PATH_SIZE] = "untouched";
    struct diag d = {""};
    cr_assert_eq(spawn_find("fairuse-nowhere", found, &d), -ENOENT);
    cr_assert_not_null(strstr(d.text, "fairuse-nowhere"));
    cr_assert_not_null(strstr(d.text, "/lib/fairuse"));
    cr_assert_str_eq(found, "untouched");
}

/* Beside the folder of this program, as it would be installed: bin/x and lib/fairuse/y. */
Test(spawn, programs_in_the_library_folder_are_found)
{
    char base[SPAWN_PATH_SIZE];
    char folder[SPAWN_PATH_SIZE + 16];
    char path[SPAWN_PATH_SIZE + 64];
    char name[32];
    char found[SPAWN_PATH_SIZE];
    struct diag d = {""};
    ssize_t n = readlink("/proc/self/exe", base, sizeof base - 1);
    cr_assert_gt(n, 0);
    base[n] = '\0';
    for (int i = 0; i < 2; i++)
        *strrchr(base, '/') = '\0';
    (void)snprintf(folder, sizeof folder, "%s/lib", base);
    (void)mkdir(folder, 0755); /* it may be there, and so may the next */
    (void)snprintf(folder, sizeof folder, "%s/lib/fairuse", base);
    (void)mkdir(folder, 0755);
    (void)snprintf(name, sizeof name, "fairuse-test-%d", (int)getpid());
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0700));
    int r = spawn_find(name, found, &d);
    (void)unlink(path);
    (void)rmdir(folder); /* fails when it was not empty before */
    cr_assert_eq(r, 0, "%s", d.text);
    cr_assert_str_eq(found, path);
}
