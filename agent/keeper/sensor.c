/* The line to the probe. */
#include "keeper/sensor.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "keeper/timer.h"
#include "os/local.h"
#include "os/spawn.h"

enum {
    RETRY_FIRST_MS = 1000,
    RETRY_MOST_MS = 60000,
    LASTED_MS = 60000, /* a line that held for so long was a good one: begin anew */
    TARGETS_MAX = 128,
};

struct sensor {
    struct loop *loop;
    struct sensor_order order;
    struct watch line;
    struct timer retry, silence;
    struct child child;
    int64_t retry_ms;
    mono_t opened;
    struct message_target *targets;
    size_t n_targets;
};

static void close_line(struct sensor *s)
{
    timer_clear(&s->silence);
    if (s->line.fd >= 0) {
        loop_unwatch(s->loop, &s->line);
        (void)close(s->line.fd);
        s->line.fd = -1;
    }
    spawn_kill(&s->child);
    s->child = (struct child){.pid = 0};
}

static void broke(struct sensor *s, const char *why)
{
    close_line(s);
    if (loop_now(s->loop).ms - s->opened.ms > LASTED_MS)
        s->retry_ms = RETRY_FIRST_MS;
    timer_set(&s->retry, s->retry_ms);
    s->retry_ms = s->retry_ms * 2 < RETRY_MOST_MS ? s->retry_ms * 2 : RETRY_MOST_MS;
    s->order.lost(s->order.arg, why);
}

static int say(struct sensor *s, const struct message *m)
{
    AUTO(buf) struct buf b = BUF_INIT(MESSAGE_BYTES_MAX);
    message_encode(m, &b);
    int r = buf_error(&b);
    return r < 0 ? r : local_send(s->line.fd, b.data, b.len);
}

/* A probe that does not take them is started anew, and told again. */
static int say_targets(struct sensor *s)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < s->n_targets; i++)
        r = say(s, &(struct message){MESSAGE_TARGET, {.target = s->targets[i]}});
    if (r == 0)
        r = say(s, &(struct message){.kind = MESSAGE_END});
    return r;
}

static void hear(struct watch *w, uint32_t events)
{
    enum { MOST = 64 }; /* then others have their turn */
    static const uint32_t allowed = MESSAGE_BIT(MESSAGE_HELLO) | MESSAGE_BIT(MESSAGE_ADDRESS) |
                                    MESSAGE_BIT(MESSAGE_SEEN) | MESSAGE_BIT(MESSAGE_PULSE) |
                                    MESSAGE_BIT(MESSAGE_GAP);
    struct sensor *s = LOOP_OWNER(w, struct sensor, line);
    (void)events;
    for (int i = 0; i < MOST; i++) {
        char bytes[MESSAGE_BYTES_MAX];
        ssize_t n = local_receive(w->fd, bytes, sizeof bytes);
        if (n == -EAGAIN)
            return;
        struct message m;
        struct diag d = {"its line broke"};
        size_t used;
        if (n < 0 ||
            message_decode((struct text){bytes, (size_t)n}, allowed, &m, &used, &d) < 0 ||
            used != (size_t)n) {
            broke(s, d.text);
            return;
        }
        timer_set(&s->silence, SENSOR_SILENCE_MS);
        s->order.message(s->order.arg, &m);
    }
}

static bool is_trusted(const struct sensor *s, uid_t uid)
{
    const struct passwd *probe = getpwnam(s->order.probe_user);
    return uid == 0 || uid == geteuid() || (probe && uid == probe->pw_uid);
}

static int connect_probe(struct sensor *s, struct diag *d)
{
    uid_t uid;
    int fd = local_connect(s->order.socket, &uid);
    if (fd < 0)
        return diag_set(d, fd, "no probe at %s (%s); is fairuse-probe.service running?",
                        s->order.socket, strerror(-fd));
    if (is_trusted(s, uid))
        return fd;
    (void)close(fd);
    return diag_set(d, -EPERM, "who listens at %s is not a probe of ours (uid %u)",
                    s->order.socket, (unsigned)uid);
}

static int start_probe(struct sensor *s, struct diag *d)
{
    char path[SPAWN_PATH_SIZE];
    int ends[2];
    int r = spawn_find("fairuse-probe", path, d);
    if (r < 0)
        return r;
    if ((r = local_pair(ends)) < 0)
        return diag_set(d, r, "no line to a probe: %s", strerror(-r));
    const char *argv[] = {"fairuse-probe", "run", "--descriptor", "3", "-c",
                          s->order.config, NULL};
    if (!s->order.config)
        argv[4] = NULL;
    r = spawn_start(
        &(struct spawn_order){
            .path = path, .argv = argv, .in = -1, .out = -1, .third = ends[1]},
        &s->child, d);
    (void)close(ends[1]);
    if (r == 0)
        return ends[0];
    (void)close(ends[0]);
    return r;
}

static int open_line(struct sensor *s, struct diag *d)
{
    int given = s->order.descriptor;
    s->order.descriptor = -1;
    if (given >= 0)
        return given;
    return s->order.socket ? connect_probe(s, d) : start_probe(s, d);
}

static void try_line(struct timer *t)
{
    struct sensor *s = LOOP_OWNER(t, struct sensor, retry);
    struct diag d = {""};
    s->opened = loop_now(s->loop);
    int fd = open_line(s, &d);
    if (fd < 0) {
        broke(s, d.text);
        return;
    }
    s->line.fd = fd;
    int r = loop_watch(s->loop, &s->line, fd, EPOLLIN);
    if (r == 0)
        r = say_targets(s);
    if (r < 0)
        broke(s, strerror(-r));
    else
        timer_set(&s->silence, SENSOR_SILENCE_MS);
}

static void was_silent(struct timer *t)
{
    broke(LOOP_OWNER(t, struct sensor, silence), "it said nothing for too long");
}

int sensor_new(struct loop *l, const struct sensor_order *o, struct sensor **ret)
{
    struct sensor *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    s->loop = l;
    s->order = *o;
    s->line = (struct watch){.ready = hear, .fd = -1};
    s->retry_ms = RETRY_FIRST_MS;
    timer_init(&s->retry, l, try_line);
    timer_init(&s->silence, l, was_silent);
    timer_set(&s->retry, 1);
    *ret = s;
    return 0;
}

void sensor_free(struct sensor *s)
{
    if (!s)
        return;
    close_line(s);
    timer_done(&s->retry);
    timer_done(&s->silence);
    free(s->targets);
    free(s);
}

int sensor_set_targets(struct sensor *s, const struct message_target *v, size_t n)
{
    if (n > TARGETS_MAX)
        return -ERANGE;
    struct message_target *copy = calloc(n + 1, sizeof *copy);
    if (!copy)
        return -ENOMEM;
    memcpy(copy, v, n * sizeof *v);
    free(s->targets);
    s->targets = copy;
    s->n_targets = n;
    if (s->line.fd >= 0 && say_targets(s) < 0)
        broke(s, "it does not listen");
    return 0;
}
