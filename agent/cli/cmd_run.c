/*
 * run. As a service's own user it is the keeper. As root, without a service manager, it is a
 * supervisor: it starts the probe and the keeper, each of which becomes its own user, and
 * starts again what ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli/cli_parts.h"
#include "keeper/keeper.h"
#include "keeper/timer.h"
#include "os/signals.h"
#include "os/slim.h"
#include "os/spawn.h"
#include "sandbox/sandbox.h"

#define RUN_FOLDER "/run/fairuse-agent"
#define RUN_SOCKET RUN_FOLDER "/probe.sock"

enum { AGAIN_FIRST_MS = 1000, AGAIN_MOST_MS = 60000, STOP_MS = 10000 };

struct supervisor;

struct charge { /* one of the two */
    struct supervisor *owner;
    const char *program;
    const char *argv[10];
    struct child child;
    struct watch exit;
    struct timer again;
    int64_t again_ms;
    mono_t started;
};

struct supervisor {
    struct loop *loop;
    struct log *log;
    struct watch signals;
    struct charge probe, keeper;
    struct timer patience; /* for those that are to end */
    struct slim slim;
    bool is_ending;
    int code; /* to end with */
};

static void stop_when_alone(struct supervisor *s)
{
    if (s->is_ending && s->probe.child.pid == 0 && s->keeper.child.pid == 0)
        loop_stop(s->loop);
}

static void charge_signal(struct charge *c, int number)
{
    if (c->child.pid > 0)
        (void)kill(c->child.pid, number); /* one that has just ended needs none */
}

static void end_both(struct supervisor *s)
{
    s->is_ending = true;
    timer_clear(&s->probe.again);
    timer_clear(&s->keeper.again);
    charge_signal(&s->probe, SIGTERM);
    charge_signal(&s->keeper, SIGTERM);
    timer_set(&s->patience, STOP_MS);
    stop_when_alone(s);
}

static void has_ended(struct watch *w, uint32_t events)
{
    struct charge *c = LOOP_OWNER(w, struct charge, exit);
    struct supervisor *s = c->owner;
    char text[64];
    int code = 0;
    (void)events;
    loop_unwatch(s->loop, w);
    if (spawn_reap(&c->child, &code) < 0)
        code = 0;
    c->child = (struct child){.pid = 0};
    if (s->is_ending) {
        stop_when_alone(s);
        return;
    }
    log_event(s->log, LOG_LEVEL_WARNING, "ended", "program=%s how=\"%s\"", c->program,
              spawn_code_text(code, text));
    if (loop_now(s->loop).ms - c->started.ms > AGAIN_MOST_MS)
        c->again_ms = AGAIN_FIRST_MS;
    timer_set(&c->again, c->again_ms);
    c->again_ms = c->again_ms * 2 < AGAIN_MOST_MS ? c->again_ms * 2 : AGAIN_MOST_MS;
    if (code == EX_CONFIG) { /* no better the next time */
        s->code = code;
        end_both(s);
    }
}

static void start_charge(struct timer *t)
{
    struct charge *c = LOOP_OWNER(t, struct charge, again);
    struct supervisor *s = c->owner;
    char path[SPAWN_PATH_SIZE];
    struct diag d = {""};
    c->started = loop_now(s->loop);
    struct spawn_order order = {
        .path = path, .argv = c->argv, .in = -1, .out = -1, .third = -1};
    int r = spawn_find(c->program, path, &d);
    if (r == 0)
        r = spawn_start(&order, &c->child, &d);
    if (r == 0)
        r = loop_watch(s->loop, &c->exit, c->child.pidfd, EPOLLIN);
    if (r < 0) {
        log_event(s->log, LOG_LEVEL_ERROR, "cannot-start", "program=%s why=\"%s\"", c->program,
                  d.text[0] ? d.text : strerror(-r));
        timer_set(&c->again, AGAIN_MOST_MS);
    }
}

static void charge_init(struct charge *c, struct supervisor *s)
{
    c->owner = s;
    c->again_ms = AGAIN_FIRST_MS;
    c->exit.ready = has_ended;
    timer_init(&c->again, s->loop, start_charge);
    timer_set(&c->again, 1);
}

static void take_signal(struct watch *w, uint32_t events)
{
    struct supervisor *s = LOOP_OWNER(w, struct supervisor, signals);
    (void)events;
    for (int number; (number = signals_next(w->fd)) != 0;) {
        if (number == SIGHUP) {
            charge_signal(&s->keeper, SIGHUP);
            continue;
        }
        end_both(s);
    }
}

static void lose_patience(struct timer *t)
{
    loop_stop(LOOP_OWNER(t, struct supervisor, patience)->loop);
}

static int supervise_loop(struct supervisor *s)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
    int fd = signals_open(numbers, ARRAY_LEN(numbers));
    if (fd < 0)
        return fd;
    s->signals.ready = take_signal;
    int r = loop_watch(s->loop, &s->signals, fd, EPOLLIN);
    timer_init(&s->patience, s->loop, lose_patience);
    charge_init(&s->probe, s);
    charge_init(&s->keeper, s);
    slim_find(&s->slim);
    slim_drop(&s->slim);
    if (r == 0)
        r = loop_run(s->loop);
    spawn_kill(&s->probe.child);
    spawn_kill(&s->keeper.child);
    (void)close(fd);
    return r;
}

/*
 * The socket is ours alone, or our keeper would believe another agent's probe: one that may see
 * another network. Held until we end, however that is; 0, or an exit code that has been told.
 */
static int hold_socket(const char *socket, int *ret_fd)
{
    char path[4096];
    int n = snprintf(path, sizeof(path), "%s.lock", socket);
    if (n < 0 || (size_t)n >= sizeof(path))
        return cli_fail(EX_USAGE, "--probe-socket: the path is too long");
    *ret_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*ret_fd < 0)
        return cli_fail(EX_CANTCREAT, "%s: %m", path);
    if (flock(*ret_fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno != EWOULDBLOCK)
        return cli_fail(EX_OSERR, "%s: %m", path);
    return cli_fail(EX_TEMPFAIL,
                    "%s: another agent's probe is there already; end that agent, or give this "
                    "one a socket of its own with --probe-socket",
                    socket);
}

static int supervise(const char *config, const char *socket, struct log *log)
{
    AUTO(loop) struct loop *loop = NULL;
    int held = -1; /* never closed: the process ends with this */
    struct diag d = {""};
    if (!socket && mkdir(RUN_FOLDER, 0755) < 0 && errno != EEXIST)
        return cli_fail(EX_CANTCREAT, "%s: %m", RUN_FOLDER);
    socket = socket ? socket : RUN_SOCKET;
    int r = hold_socket(socket, &held);
    if (r == 0)
        r = sandbox_limit_root(&d);
    if (r > 0)
        return r;
    if (r < 0)
        return cli_fail(EX_OSERR, "%s", d.text);
    if ((r = loop_new(&loop)) < 0)
        return cli_fail(EX_OSERR, "no event loop: %s", strerror(-r));
    struct supervisor s = {
        .loop = loop,
        .log = log,
        .probe = {.program = "fairuse-probe",
                  .argv = {"fairuse-probe", "run", "--listen", socket, config ? "-c" : NULL,
                           config, NULL}},
        .keeper = {.program = "fairuse-agent",
                   .argv = {"fairuse-agent", "run", "--keeper", "--probe-socket", socket,
                            config ? "-c" : NULL, config, NULL}},
    };
    r = supervise_loop(&s);
    return r < 0 ? EX_OSERR : s.code;
}

static void drop(struct options *o)
{
    options_done(o);
    free(o);
}

static int keep(const struct keeper_order *order, struct options *take_options, struct log *log)
{
    struct diag d = {""};
    int r = sandbox_become(take_options->user, &d);
    if (r == 0)
        return keeper_run(order, take_options, log);
    drop(take_options);
    return cli_fail(r == -ENOENT ? EX_NOUSER : EX_OSERR, "%s", d.text);
}

static int run(struct keeper_order *order, bool is_keeper, struct options *take_options)
{
    struct log log = cli_log(take_options);
    bool sees_interfaces_only = take_options->observe == 1U << SOURCE_INTERFACE;
    int r = is_keeper ? 0 : cli_state_folder(take_options);
    if (r != 0) {
        drop(take_options);
        return r;
    }
    if (geteuid() == 0 && !is_keeper && !sees_interfaces_only) {
        drop(take_options);
        return supervise(order->config, order->socket, &log);
    }
    /* The profile without any right: a probe that is our own child, with none either. */
    if (sees_interfaces_only)
        order->socket = NULL;
    return keep(order, take_options, &log);
}

int cmd_run(int argc, char **argv)
{
    struct keeper_order order = {.descriptor = -1};
    bool is_keeper = false;
    const struct arg words[] = {{"config", 'c', &order.config, NULL},
                                {"probe-socket", 0, &order.socket, NULL},
                                {"keeper", 0, NULL, &is_keeper}};
    /* They are large: not on a stack that would stay so. */
    AUTO_FREE struct options *o = calloc(1, sizeof *o);
    int r = args_read(argc, argv, &(struct args){words, ARRAY_LEN(words), NULL, 0});
    if (r != 0)
        return r;
    if (!o)
        return cli_fail(EX_OSERR, "out of memory");
    r = cli_options(&order.config, o);
    return r != 0 ? r : run(&order, is_keeper, STEAL(o));
}
