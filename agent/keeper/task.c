/* A child with something to do. */
#include "keeper/task.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "os/spawn.h"

enum { READ_BYTES = 16384 };

struct task {
    struct loop *loop;
    struct task_order order;
    struct child child;
    struct watch in, out, exit;
    struct deadline_queue queue;
    struct deadline deadline;
    struct deferred gone;
    size_t input_done;
    char bytes[READ_BYTES + MESSAGE_BYTES_MAX]; /* read, and not decoded yet */
    size_t n_bytes;
    bool has_read_all, has_exited;
    char why[CAP_DIAG + 64]; /* "" = nothing is wrong */
};

static void close_watch(struct task *t, struct watch *w)
{
    if (w->fd < 0)
        return;
    loop_unwatch(t->loop, w);
    (void)close(w->fd);
    w->fd = -1;
}

static void free_task(struct deferred *d)
{
    struct task *t = LOOP_OWNER(d, struct task, gone);
    loop_remove_queue(t->loop, &t->queue);
    free(t->order.take_input);
    free(t);
}

/* It may be one of its own callbacks that runs now: the memory goes at the turn's end. */
static void release(struct task *t)
{
    deadline_clear(&t->deadline);
    close_watch(t, &t->in);
    close_watch(t, &t->out);
    loop_unwatch(t->loop, &t->exit);
    spawn_kill(&t->child);
    t->gone.run = free_task;
    loop_defer(t->loop, &t->gone);
}

void task_kill(struct task *t)
{
    if (t)
        release(t);
}

static void end(struct task *t)
{
    void (*ended)(void *, const char *) = t->order.ended;
    void *arg = t->order.arg;
    char why[sizeof t->why];
    memcpy(why, t->why, sizeof why);
    release(t);
    ended(arg, why[0] ? why : NULL);
}

static void end_when_done(struct task *t)
{
    if (t->has_read_all && t->has_exited)
        end(t);
}

/* Something is wrong with it: it is not listened to any more. */
static void give_up(struct task *t, const char *why)
{
    (void)snprintf(t->why, sizeof t->why, "%s %s", t->order.program, why);
    end(t);
}

static void write_input(struct watch *w, uint32_t events)
{
    struct task *t = LOOP_OWNER(w, struct task, in);
    (void)events;
    ssize_t n =
        write(w->fd, t->order.take_input + t->input_done, t->order.input_bytes - t->input_done);
    if (n > 0)
        t->input_done += (size_t)n;
    bool is_gone = n < 0 && errno != EAGAIN && errno != EINTR;
    /* One that does not want its input says why by its end. */
    if (is_gone || t->input_done == t->order.input_bytes)
        close_watch(t, w);
}

/* Hands on what is whole. 0; -EBADMSG with t->why. */
static int decode(struct task *t)
{
    size_t done = 0;
    while (done < t->n_bytes) {
        struct message m;
        struct diag d = {""};
        size_t used = 0;
        int r = message_decode((struct text){t->bytes + done, t->n_bytes - done},
                               t->order.allowed, &m, &used, &d);
        if (r == -EAGAIN)
            break;
        if (r < 0) {
            (void)snprintf(t->why, sizeof t->why, "%s said what makes no sense: %s",
                           t->order.program, d.text);
            return r;
        }
        done += used;
        t->order.message(t->order.arg, &m);
    }
    memmove(t->bytes, t->bytes + done, t->n_bytes - done);
    t->n_bytes -= done;
    return 0;
}

static void read_output(struct watch *w, uint32_t events)
{
    struct task *t = LOOP_OWNER(w, struct task, out);
    (void)events;
    ssize_t n = read(w->fd, t->bytes + t->n_bytes, sizeof t->bytes - t->n_bytes);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0) {
        t->n_bytes += (size_t)n;
        if (decode(t) < 0)
            end(t);
        return;
    }
    if (t->n_bytes > 0 && !t->why[0])
        (void)snprintf(t->why, sizeof t->why, "%s ended in the middle of a message",
                       t->order.program);
    t->has_read_all = true;
    close_watch(t, w);
    end_when_done(t);
}

static void has_exited(struct watch *w, uint32_t events)
{
    struct task *t = LOOP_OWNER(w, struct task, exit);
    (void)events;
    int code;
    char text[64];
    loop_unwatch(t->loop, w);
    if (spawn_reap(&t->child, &code) < 0)
        code = 0; /* not our child any more: its messages decide */
    if (code != 0 && !t->why[0])
        (void)snprintf(t->why, sizeof t->why, "%s %s", t->order.program,
                       spawn_code_text(code, text));
    t->has_exited = true;
    end_when_done(t);
}

static void too_late(struct deadline *d)
{
    struct task *t = LOOP_OWNER(d, struct task, deadline);
    char why[64];
    (void)snprintf(why, sizeof why, "did not end within %lld s",
                   (long long)(t->order.deadline_ms / 1000));
    give_up(t, why);
}

/* The child's ends are closed here in any case; ours are in t. */
static int start_child(struct task *t, struct diag *d)
{
    char path[SPAWN_PATH_SIZE];
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    int r = spawn_find(t->order.program, path, d);
    if (r == 0 && (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0))
        r = diag_set(d, -errno, "no pipe for %s: %m", t->order.program);
    t->in.fd = in[1];
    t->out.fd = out[0];
    if (r == 0)
        r = spawn_start(
            &(struct spawn_order){
                .path = path, .argv = t->order.argv, .in = in[0], .out = out[1], .third = -1},
            &t->child, d);
    if (in[0] >= 0)
        (void)close(in[0]);
    if (out[1] >= 0)
        (void)close(out[1]);
    if (r == 0 &&
        (fcntl(in[1], F_SETFL, O_NONBLOCK) < 0 || fcntl(out[0], F_SETFL, O_NONBLOCK) < 0))
        r = diag_set(d, -errno, "%s: %m", t->order.program);
    return r;
}

static int watch_child(struct task *t)
{
    t->in.ready = write_input;
    t->out.ready = read_output;
    t->exit.ready = has_exited;
    int r = loop_watch(t->loop, &t->out, t->out.fd, EPOLLIN);
    if (r == 0)
        r = loop_watch(t->loop, &t->exit, t->child.pidfd, EPOLLIN);
    if (r == 0 && t->order.input_bytes > 0)
        r = loop_watch(t->loop, &t->in, t->in.fd, EPOLLOUT);
    else
        close_watch(t, &t->in); /* nothing to say: its standard input ends at once */
    return r;
}

int task_start(struct loop *l, const struct task_order *o, struct task **ret, struct diag *d)
{
    struct task *t = calloc(1, sizeof *t);
    if (!t) {
        free(o->take_input);
        return diag_set(d, -ENOMEM, "out of memory");
    }
    t->loop = l;
    t->order = *o;
    t->in.fd = t->out.fd = -1;
    t->queue = (struct deadline_queue){.expired = too_late, .after_ms = o->deadline_ms};
    loop_add_queue(l, &t->queue);
    int r = start_child(t, d);
    if (r == 0 && (r = watch_child(t)) < 0)
        (void)diag_set(d, r, "%s cannot be watched: %s", o->program, strerror(-r));
    if (r < 0) {
        release(t);
        return r;
    }
    deadline_set(l, &t->queue, &t->deadline);
    *ret = t;
    return 0;
}
