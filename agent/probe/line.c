/* The line to the keeper. */
#include "probe/line.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/sock_diag.h>

#include "os/local.h"

struct line {
    struct line_order order;
    struct watch listener, peer;  /* fd -1 = none */
    bool is_only;                 /* the peer was handed over */
    struct sight_target *targets; /* of the list that comes in now */
    size_t n_targets;
    bool is_cut; /* it is longer than we hold */
};

/* ---- The end of a peer ------------------------------------------------------------------ */

static void drop_targets(struct line *l)
{
    free(l->targets);
    l->targets = NULL;
    l->n_targets = 0;
    l->is_cut = false;
}

static void forget_peer(struct line *l)
{
    loop_unwatch(l->order.loop, &l->peer);
    (void)close(l->peer.fd); /* what was not sent is held elsewhere */
    l->peer.fd = -1;
    drop_targets(l);
}

/*
 * Whether a peer that is gone has read all. The kernel says ECONNRESET, once, when something
 * lay unread in its socket (unix(7)).
 */
static bool took_all(const struct line *l)
{
    int error = 0;
    socklen_t n = sizeof error;
    return getsockopt(l->peer.fd, SOL_SOCKET, SO_ERROR, &error, &n) == 0 && error == 0;
}

static void end_peer(struct line *l, bool was_read, const char *why)
{
    bool is_only = l->is_only;
    l->is_only = false;
    forget_peer(l);
    log_event(l->order.log, LOG_LEVEL_INFO, "keeper-gone", "why=\"%s\"", why);
    l->order.closed(l->order.arg, was_read);
    if (is_only)
        l->order.ended(l->order.arg);
}

/* ---- What the peer says ----------------------------------------------------------------- */

/* 0; -ENOMEM. */
static int hear_target(struct line *l, const struct message_target *t)
{
    if (!l->targets)
        l->targets = calloc(SIGHT_TARGETS_MAX, sizeof *l->targets);
    if (!l->targets)
        return -ENOMEM;
    if (l->n_targets == SIGHT_TARGETS_MAX) {
        l->is_cut = true;
        return 0;
    }
    l->targets[l->n_targets++] = (struct sight_target){
        .address = t->address, .port = t->port, .is_collector = t->is_collector};
    return 0;
}

static void hear_end(struct line *l)
{
    if (l->is_cut)
        log_event(l->order.log, LOG_LEVEL_WARNING, "targets-cut", "held=%d", SIGHT_TARGETS_MAX);
    l->order.targets(l->order.arg, l->targets, l->n_targets);
    log_event(l->order.log, LOG_LEVEL_DEBUG, "targets", "n=%zu", l->n_targets);
    drop_targets(l);
}

/* One message. False: the peer is gone, or was ended for what it said. */
static bool hear_one(struct line *l, const char *bytes, size_t n)
{
    struct message m;
    struct diag d = {"cut short"};
    size_t used = 0;
    int r =
        message_decode((struct text){bytes, n},
                       MESSAGE_BIT(MESSAGE_TARGET) | MESSAGE_BIT(MESSAGE_END), &m, &used, &d);
    if (r == 0 && used != n) {
        r = -EBADMSG;
        (void)diag_set(&d, r, "bytes left over");
    }
    if (r == 0 && m.kind == MESSAGE_TARGET)
        r = hear_target(l, &m.as.target);
    else if (r == 0)
        hear_end(l);
    if (r < 0)
        end_peer(l, false, r == -ENOMEM ? "out of memory" : d.text);
    return r == 0;
}

static void hear(struct line *l)
{
    enum { MOST = 2 * SIGHT_TARGETS_MAX }; /* a whole list; then others have their turn */
    for (int i = 0; i < MOST; i++) {
        char bytes[MESSAGE_BYTES_MAX];
        ssize_t n = local_receive(l->peer.fd, bytes, sizeof bytes);
        if (n == -EAGAIN)
            return;
        if (n < 0) {
            end_peer(l, false, n == -EMSGSIZE ? "a message is too long" : "the line broke");
            return;
        }
        if (!hear_one(l, bytes, (size_t)n))
            return;
    }
}

static void peer_ready(struct watch *w, uint32_t events)
{
    struct line *l = LOOP_OWNER(w, struct line, peer);
    if (events & (EPOLLHUP | EPOLLERR)) {
        bool was_read = took_all(l);
        end_peer(l, was_read, was_read ? "it ended" : "it ended before it read all");
        return;
    }
    if (events & EPOLLOUT) {
        int r = loop_arm(l->order.loop, w, EPOLLIN);
        assert(r == 0); /* it is watched, or we would not be here */
        l->order.ready(l->order.arg);
    }
    if ((events & EPOLLIN) && l->peer.fd >= 0) /* ready() may have found it gone */
        hear(l);
}

/* ---- Whom we talk with ------------------------------------------------------------------ */

static int begin_peer(struct line *l, int fd)
{
    int r = loop_watch(l->order.loop, &l->peer, fd, EPOLLIN);
    if (r < 0) {
        (void)close(fd); /* nothing was said over it */
        l->peer.fd = -1;
        return r;
    }
    log_event(l->order.log, LOG_LEVEL_INFO, "keeper-here", NULL);
    l->order.opened(l->order.arg);
    return 0;
}

static bool may_connect(const struct line *l, uid_t uid)
{
    bool is_known = uid == 0;
    for (size_t i = 0; i < LINE_USERS; i++)
        is_known = is_known || uid == l->order.users[i];
    return is_known;
}

static void listener_ready(struct watch *w, uint32_t events)
{
    struct line *l = LOOP_OWNER(w, struct line, listener);
    uid_t uid = 0;
    (void)events;
    int fd = local_accept(w->fd, &uid);
    if (fd < 0)
        return; /* who waited is gone; another comes by itself */
    if (!may_connect(l, uid)) {
        log_event(l->order.log, LOG_LEVEL_WARNING, "stranger", "uid=%u", (unsigned)uid);
        (void)close(fd); /* nothing was said over it */
        return;
    }
    if (l->peer.fd >= 0)
        end_peer(l, line_was_read(l), "another one came");
    if (begin_peer(l, fd) < 0)
        log_event(l->order.log, LOG_LEVEL_ERROR, "keeper-refused", "%m");
}

int line_new(const struct line_order *o, struct line **ret)
{
    struct line *l = calloc(1, sizeof *l);
    if (!l)
        return -ENOMEM;
    *l = (struct line){.order = *o,
                       .listener = {.ready = listener_ready, .fd = -1},
                       .peer = {.ready = peer_ready, .fd = -1}};
    *ret = l;
    return 0;
}

void line_free(struct line *l)
{
    if (!l)
        return;
    if (l->peer.fd >= 0)
        forget_peer(l);
    loop_unwatch(l->order.loop, &l->listener);
    if (l->listener.fd >= 0)
        (void)close(l->listener.fd); /* nothing is written to it */
    free(l);
}

int line_listen(struct line *l, int listener)
{
    int r = loop_watch(l->order.loop, &l->listener, listener, EPOLLIN);
    if (r < 0)
        (void)close(listener); /* nothing is written to it */
    return r;
}

int line_take(struct line *l, int fd)
{
    l->is_only = true;
    return begin_peer(l, fd);
}

bool line_is_open(const struct line *l)
{
    return l->peer.fd >= 0;
}

int line_say(struct line *l, const struct message *m)
{
    AUTO(buf) struct buf b = BUF_INIT(MESSAGE_BYTES_MAX);
    if (l->peer.fd < 0)
        return -EPIPE;
    message_encode(m, &b);
    int r = buf_error(&b);
    if (r == 0)
        r = local_send(l->peer.fd, b.data, b.len);
    if (r == 0)
        return 0;
    /* Short of memory the keeper is told a little later, as if it did not read. */
    if ((r == -EAGAIN || r == -ENOMEM || r == -ENOBUFS) &&
        loop_arm(l->order.loop, &l->peer, EPOLLIN | EPOLLOUT) == 0)
        return -EAGAIN;
    end_peer(l, false, "it does not listen any more");
    return -EPIPE;
}

bool line_was_read(const struct line *l)
{
    uint32_t in_use[SK_MEMINFO_VARS];
    socklen_t n = sizeof in_use;
    if (l->peer.fd < 0 || getsockopt(l->peer.fd, SOL_SOCKET, SO_MEMINFO, in_use, &n) < 0 ||
        n <= SK_MEMINFO_WMEM_ALLOC * sizeof in_use[0])
        return false;
    /* One that ended has emptied its socket, too: then there is an error. */
    return in_use[SK_MEMINFO_WMEM_ALLOC] == 0 && took_all(l);
}
