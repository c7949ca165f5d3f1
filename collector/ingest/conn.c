/*
 * One connection, from its first byte to its last. Each state has a step, which does what it
 * can without waiting; a deadline ends whoever stays in one state for too long, and it does not
 * move with the bytes that come.
 */
#include "ingest/door_parts.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/proxy.h"
#include "os/clock.h"

enum {
    STEPS_A_TURN = 32, /* then others are served first */
    SHORT_BODY =
        64 << 10, /* a refused body up to this is read to its end; beyond, we hang up */
};

enum step {
    STEP_AGAIN, /* the state has changed, or more may have come */
    STEP_WAIT,  /* for the socket, or the writer */
    STEP_CLOSE,
};

static void enter(struct conn *c, enum conn_state state)
{
    c->state = state;
    if (state == CONN_WAITING)
        deadline_clear(&c->deadline); /* the disk's time is not the peer's fault */
    else
        deadline_set(c->door->loop, &c->door->queues[state], &c->deadline);
}

/* ---- Bytes ----------------------------------------------------------------------------- */

/* A count, 0 at the end, -EAGAIN, or another error: the connection is of no more use. */
static ssize_t receive(struct conn *c, void *p, size_t n)
{
    if (c->tls)
        return tls_read(c->tls, p, n);
    ssize_t got = recv(c->fd, p, n, 0);
    if (got >= 0)
        return got;
    return errno == EAGAIN || errno == EINTR ? -EAGAIN : -EPIPE;
}

static ssize_t transmit(struct conn *c, const char *p, size_t n)
{
    if (c->tls)
        return tls_write(c->tls, p, n);
    ssize_t sent = send(c->fd, p, n, MSG_NOSIGNAL);
    if (sent >= 0)
        return sent;
    return errno == EAGAIN || errno == EINTR ? -EAGAIN : -EPIPE;
}

/* Reads once into `in`, which may hold `room` bytes and one record more. */
static enum step fill(struct conn *c, size_t room)
{
    struct door *d = c->door;
    ssize_t n = receive(c, d->scratch, sizeof d->scratch);

    if (n == -EAGAIN)
        return STEP_WAIT;
    if (n <= 0)
        return STEP_CLOSE;
    d->metrics.bytes_received += (uint64_t)n;
    c->in.cap = room + sizeof d->scratch;
    buf_add(&c->in, d->scratch, (size_t)n);
    return buf_error(&c->in) < 0 ? STEP_CLOSE : STEP_AGAIN;
}

/* Takes the first n bytes out of what came. */
static void use_up(struct conn *c, size_t n)
{
    memmove(c->in.data, c->in.data + n, c->in.len - n);
    c->in.len -= n;
    if (c->in.len == 0)
        buf_done(&c->in); /* an idle connection holds no buffer */
}

/* ---- Before the first request ----------------------------------------------------------- */

static enum step begin_tls(struct conn *c)
{
    if (tls_new(c->door->config.keys->tls, c->fd, &c->tls) < 0)
        return STEP_CLOSE;
    enter(c, CONN_HANDSHAKE);
    return STEP_AGAIN;
}

/*
 * Exactly the balancer's header is read, for what follows is TLS's. Whoever it speaks for is
 * counted and limited as if it had come by itself.
 */
static enum step step_proxy(struct conn *c)
{
    struct proxy_header header;
    struct text so_far = {c->in.data, c->in.len};
    int length = proxy_length(so_far);

    if (length > 0 && c->in.len == (size_t)length) {
        length = proxy_parse(so_far, &header);
        buf_done(&c->in);
        if (length == 0 && header.command == PROXY_FOR)
            c->peer = header.source;
        if (length == 0)
            return door_admit_address(c) ? begin_tls(c) : STEP_CLOSE;
    }
    if (length < 0) {
        c->door->metrics.dropped_proxy++;
        return STEP_CLOSE;
    }
    size_t wanted = (length == 0 ? PROXY_HEAD_BYTES : (size_t)length) - c->in.len;
    ssize_t n = receive(c, c->door->scratch, wanted);
    if (n <= 0)
        return n == -EAGAIN ? STEP_WAIT : STEP_CLOSE;
    buf_add(&c->in, c->door->scratch, (size_t)n);
    return buf_error(&c->in) < 0 ? STEP_CLOSE : STEP_AGAIN;
}

static enum step step_handshake(struct conn *c)
{
    struct metrics *m = &c->door->metrics;
    int r = tls_handshake(c->tls);

    if (r == -EAGAIN)
        return STEP_WAIT;
    if (r < 0) {
        m->handshakes_failed++;
        return STEP_CLOSE;
    }
    if (tls_is_resumed(c->tls))
        m->handshakes_resumed++;
    else
        m->handshakes_full++;
    enter(c, CONN_IDLE);
    return STEP_AGAIN;
}

/* ---- The request ------------------------------------------------------------------------ */

static enum step step_idle(struct conn *c)
{
    if (c->in.len == 0) {
        enum step s = fill(c, CAP_HTTP_HEAD);
        if (s != STEP_AGAIN)
            return s;
    }
    enter(c, CONN_HEAD);
    return STEP_AGAIN;
}

/* A client that asks whether it may send a large body is told at once. */
static bool say_continue(struct conn *c, const struct http_request *request)
{
    static const char text[] = HTTP_CONTINUE;
    size_t n = sizeof text - 1;

    if (!request->expects_continue || c->in.len >= c->body_bytes)
        return true;
    return transmit(c, text, n) == (ssize_t)n; /* nothing else can fill the socket's buffer */
}

static enum step take_head(struct conn *c, const struct http_request *request)
{
    struct refused why = {.status = 0};
    bool is_let_in = route_head(c, request, &why);

    /* Who is refused for good comes again by the front, where connections are counted. */
    c->keep_alive =
        request->keep_alive && !c->door->is_draining && (is_let_in || why.retry_after > 0);
    c->body_bytes = (size_t)request->content_length;
    c->discarded = 0;
    c->refused = why;
    use_up(c, request->head_bytes); /* `request` points to nothing from here on */
    enter(c, is_let_in && c->route != ROUTE_ENROL ? CONN_BODY : CONN_STRANGER);
    if (!is_let_in && (c->body_bytes > SHORT_BODY || request->expects_continue)) {
        c->keep_alive = false;
        conn_refuse(c, &why);
        return STEP_AGAIN;
    }
    return say_continue(c, request) ? STEP_AGAIN : STEP_CLOSE;
}

static enum step step_head(struct conn *c)
{
    struct http_request request;
    struct http_refusal bad;
    int r = http_parse_head((struct text){c->in.data, c->in.len}, &request, &bad);

    if (r > 0)
        return take_head(c, &request);
    if (r == 0)
        return fill(c, CAP_HTTP_HEAD);
    c->route = ROUTE_NONE;
    c->keep_alive = false;
    c->body_bytes = SIZE_MAX; /* where the request ends nobody knows */
    door_tell(c->door, &c->door->bad_request, "request-refused", "status=%d code=%s",
              bad.status, bad.code);
    conn_refuse(c, &(struct refused){bad.status, bad.code, bad.message, 0, NULL});
    return STEP_AGAIN;
}

/* A refused body is thrown away as it comes. */
static enum step discard_body(struct conn *c)
{
    size_t left = c->body_bytes - c->discarded;
    size_t n = c->in.len < left ? c->in.len : left;

    if (n > 0)
        use_up(c, n);
    c->discarded += n;
    if (c->discarded < c->body_bytes)
        return fill(c, 0);
    conn_refuse(c, &c->refused);
    return STEP_AGAIN;
}

static enum step step_body(struct conn *c)
{
    if (c->refused.status != 0)
        return discard_body(c);
    if (c->in.len < c->body_bytes)
        return fill(c, c->body_bytes);
    route_body(c, (struct text){c->in.data, c->body_bytes});
    if (c->in.len > 0)
        use_up(c, c->body_bytes);
    return c->state == CONN_WAITING ? STEP_WAIT : STEP_AGAIN;
}

void conn_wait(struct conn *c)
{
    enter(c, CONN_WAITING);
}

static enum step step_waiting(struct conn *c)
{
    (void)c; /* conn_resume() goes on */
    return STEP_WAIT;
}

/* ---- The answer ------------------------------------------------------------------------- */

static void release_in_flight(struct conn *c)
{
    c->door->in_flight -= c->in_flight;
    c->in_flight = 0;
}

void conn_answer(struct conn *c, const struct reply *reply)
{
    bool is_whole = c->body_bytes <= c->in.len || c->body_bytes == c->discarded;
    c->keep_alive = c->keep_alive && !c->door->is_draining && (is_whole || c->task);
    struct http_answer a = {
        .status = reply->status,
        .date = clock_now(),
        .type = reply->type ? reply->type : "application/json",
        .body = {buf_str(reply->body), reply->body->len},
        .keep_alive = c->keep_alive,
        .retry_after_seconds = reply->retry_after,
        .allow = reply->allow,
    };
    c->out = BUF_INIT(CAP_HTTP_ANSWER);
    c->sent = 0;
    if (buf_error(reply->body) == 0)
        http_put_answer(&a, &c->out);
    release_in_flight(c);
    door_count_answer(c->door, c, reply->status);
    enter(c, CONN_ANSWER);
}

void conn_refuse(struct conn *c, const struct refused *why)
{
    AUTO(buf) struct buf body = BUF_INIT(4096);

    answer_put_error(&body, why->code, why->message, NULL);
    conn_answer(c, &(struct reply){.status = why->status,
                                   .body = &body,
                                   .retry_after = why->retry_after,
                                   .allow = why->allow});
}

/* After the last answer: hangs up, or lets the peer read why while it still sends. */
static enum step say_goodbye(struct conn *c)
{
    bool is_sending = c->body_bytes > c->discarded && c->refused.status != 0;

    if (c->tls)
        tls_bye(c->tls);
    if (!is_sending && c->body_bytes != SIZE_MAX)
        return STEP_CLOSE;
    (void)shutdown(c->fd, SHUT_WR); /* whatever it says, the deadline ends it */
    enter(c, CONN_LINGER);
    return STEP_AGAIN;
}

static enum step step_answer(struct conn *c)
{
    if (buf_error(&c->out) < 0 || c->out.len == 0)
        return STEP_CLOSE; /* out of memory: the peer comes again */
    while (c->sent < c->out.len) {
        ssize_t n = transmit(c, c->out.data + c->sent, c->out.len - c->sent);
        if (n == -EAGAIN)
            return STEP_WAIT;
        if (n <= 0)
            return STEP_CLOSE;
        c->sent += (size_t)n;
    }
    buf_done(&c->out);
    if (!c->keep_alive)
        return say_goodbye(c);
    c->refused = (struct refused){.status = 0};
    c->body_bytes = 0;
    enter(c, CONN_IDLE);
    bool has_more = c->in.len > 0 || (c->tls && tls_has_pending(c->tls));
    return has_more ? STEP_AGAIN : STEP_WAIT;
}

static enum step step_linger(struct conn *c)
{
    ssize_t n = recv(c->fd, c->door->scratch, sizeof c->door->scratch, 0);
    if (n > 0)
        return STEP_AGAIN;
    return n < 0 && (errno == EAGAIN || errno == EINTR) ? STEP_WAIT : STEP_CLOSE;
}

/* ---- Going on --------------------------------------------------------------------------- */

static uint32_t events_wanted(const struct conn *c)
{
    switch (c->state) {
    case CONN_WAITING: return EPOLLIN; /* as it is armed; only when its steps are used up */
    case CONN_HANDSHAKE: return tls_wants(c->tls);
    case CONN_ANSWER: return c->tls ? tls_wants(c->tls) : EPOLLOUT;
    case CONN_PROXY:
    case CONN_IDLE:
    case CONN_HEAD:
    case CONN_BODY:
    case CONN_STRANGER:
    case CONN_LINGER: return EPOLLIN;
    }
    return 0;
}

static void go_on(struct conn *c)
{
    static enum step (*const steps[CONN_STATE_COUNT])(struct conn *) = {
        [CONN_PROXY] = step_proxy,     [CONN_HANDSHAKE] = step_handshake,
        [CONN_IDLE] = step_idle,       [CONN_HEAD] = step_head,
        [CONN_BODY] = step_body,       [CONN_STRANGER] = step_body,
        [CONN_WAITING] = step_waiting, [CONN_ANSWER] = step_answer,
        [CONN_LINGER] = step_linger,
    };
    enum step s = STEP_AGAIN;

    for (unsigned n = 0; s == STEP_AGAIN && n < STEPS_A_TURN; n++)
        s = steps[c->state](c);
    if (c->state == CONN_WAITING && s == STEP_WAIT)
        return; /* what it is armed for stays: see turn_away() */
    uint32_t events = events_wanted(c);
    if (s == STEP_AGAIN)
        events |= EPOLLOUT; /* ready at once: the next turn goes on with it */
    if (s == STEP_CLOSE || loop_arm(c->door->loop, &c->watch, events) < 0)
        conn_close(c);
}

/*
 * Something comes from a connection that waits for the writer. Seldom, so it was not disarmed
 * for that: two system calls less for each request that is alone. What it says is read later;
 * if it has hung up, which would be reported for ever, what it sent is stored all the same.
 */
static void turn_away(struct conn *c, uint32_t events)
{
    c->has_gone = (events & (EPOLLERR | EPOLLHUP)) != 0;
    if (c->has_gone || loop_arm(c->door->loop, &c->watch, 0) < 0)
        loop_unwatch(c->door->loop, &c->watch);
}

static void on_ready(struct watch *w, uint32_t events)
{
    struct conn *c = LOOP_OWNER(w, struct conn, watch);

    if (c->state == CONN_WAITING)
        turn_away(c, events);
    else
        go_on(c);
}

void conn_resume(struct conn *c)
{
    c->task = NULL;
    if (c->has_gone)
        conn_close(c);
    else
        go_on(c);
}

void conn_forget_peer(struct conn *c)
{
    free(c->who);
    c->who = NULL;
    keys_unref(c->looked_with);
    c->looked_with = NULL;
}

bool conn_is_idle(const struct conn *c)
{
    return c->state == CONN_PROXY || c->state == CONN_HANDSHAKE || c->state == CONN_IDLE ||
           c->state == CONN_LINGER;
}

/* ---- Beginning and end ------------------------------------------------------------------ */

static void bury(struct deferred *deferred)
{
    struct conn *c = LOOP_OWNER(deferred, struct conn, burial);
    free(c);
}

static void list_out(struct conn *c)
{
    if (c->prev)
        c->prev->next = c->next;
    else
        c->door->conns = c->next;
    if (c->next)
        c->next->prev = c->prev;
    c->door->n_conns--;
}

static void list_in(struct door *d, struct conn *c)
{
    c->next = d->conns;
    if (c->next)
        c->next->prev = c;
    d->conns = c;
    d->n_conns++;
}

void conn_close(struct conn *c)
{
    uint8_t key[RATE_ADDRESS_KEY];

    if (c->fd < 0)
        return;
    loop_unwatch(c->door->loop, &c->watch);
    deadline_clear(&c->deadline);
    if (c->task)
        task_forget(c->task);
    release_in_flight(c);
    if (c->is_counted)
        tally_give(c->door->per_address, rate_address_key(&c->peer, key));
    tls_free(c->tls);
    (void)close(c->fd); /* nothing that was promised hangs on it */
    c->fd = -1;
    conn_forget_peer(c);
    buf_done(&c->in);
    buf_done(&c->out);
    list_out(c);
    c->burial.run = bury;
    loop_defer(c->door->loop, &c->burial);
}

static bool is_balancer(const struct door *d, const struct addr *peer)
{
    const struct settings_collector *rules = d->config.rules;
    for (size_t i = 0; i < rules->n_proxies; i++)
        if (network_holds(&rules->proxies[i], peer))
            return true;
    return false;
}

static enum step begin(struct conn *c)
{
    if (c->is_monitor) {
        enter(c, CONN_IDLE);
        return STEP_AGAIN;
    }
    if (is_balancer(c->door, &c->peer)) {
        enter(c, CONN_PROXY);
        return STEP_AGAIN;
    }
    return door_admit_address(c) ? begin_tls(c) : STEP_CLOSE;
}

void conn_new(struct door *d, int fd, const struct addr *peer, bool is_monitor)
{
    struct conn *c = calloc(1, sizeof(*c));
    if (!c) {
        (void)close(fd); /* nobody was promised anything */
        return;
    }
    *c = (struct conn){.door = d,
                       .fd = fd,
                       .peer = *peer,
                       .is_monitor = is_monitor,
                       .in = BUF_INIT(PROXY_MAX_BYTES)};
    c->watch.ready = on_ready;
    list_in(d, c);
    d->metrics.connections_total++;
    if (begin(c) == STEP_CLOSE || loop_watch(d->loop, &c->watch, fd, EPOLLIN) < 0)
        conn_close(c);
}
