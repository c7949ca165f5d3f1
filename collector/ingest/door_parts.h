/*
 * The door from inside, for door.c (listening and limits), conn.c (one connection from its
 * first byte to its last), route.c (what a request asks for) and task.c (what the writer does
 * for it).
 */
#ifndef INGEST_DOOR_PARTS_H
#define INGEST_DOOR_PARTS_H

#include "http/http.h"
#include "ingest/door.h"
#include "ingest/rate.h"
#include "os/socket.h"
#include "run/intake.h"

/*
 * A connection's states, in their order; each but WAITING has its deadline, which does not move
 * however many bytes dribble in.
 */
enum conn_state {
    CONN_PROXY,     /* a balancer's header is awaited */
    CONN_HANDSHAKE, /* TLS */
    CONN_IDLE,      /* the first byte of a request is awaited: it holds no buffer */
    CONN_HEAD,
    CONN_BODY,
    CONN_STRANGER, /* the body of somebody unknown: it will be refused, or asks to enrol */
    CONN_WAITING,  /* for the writer; nothing is read */
    CONN_ANSWER,   /* being written */
    CONN_LINGER,   /* refused in the middle of what it sends: it must be able to read why */
};
#define CONN_STATE_COUNT 9

enum route { ROUTE_NONE, ROUTE_REPORTS, ROUTE_ENROL, ROUTE_RENEW, ROUTE_HEALTH, ROUTE_METRICS };

/* Why a request is not answered with what it wants. All texts are constants. */
struct refused {
    int status;
    const char *code, *message;
    int64_t retry_after; /* seconds; 0 = not said */
    const char *allow;   /* for 405 */
};

struct task;

struct conn {
    struct watch watch;
    struct deadline deadline;
    struct deferred burial;
    struct door *door;
    struct conn *prev, *next; /* of the door's list */
    enum conn_state state;
    bool is_monitor;
    bool is_counted; /* in the tally of its address */
    bool has_gone;   /* the peer left while it waited */
    struct addr peer;
    int fd;
    struct tls *tls; /* NULL on the monitor, and before it begins */

    struct buf in; /* what came and is not used up */
    struct buf out;
    size_t sent; /* of out */

    /* The request. */
    enum route route;
    bool keep_alive;
    int64_t sent_at;
    struct http_acknowledged acknowledged;
    size_t body_bytes;      /* of the whole body */
    size_t discarded;       /* of a refused body that is short enough to be thrown away */
    int64_t in_flight;      /* bytes counted against the door's limit */
    struct refused refused; /* status 0 = not refused */
    struct task *task;      /* what it waits for */

    /* Who it is, from its first request on. */
    struct keys
        *looked_with;      /* whose authority its certificate was held against; NULL = none */
    struct x509_peer *who; /* NULL = no certificate, or none that could be read */
    char reseller[CAP_ID + 1];
};

struct listener {
    struct watch watch;
    struct deadline pause; /* out of descriptors: it rests */
    struct door *door;
    int fd;
    bool is_monitor;
};

struct door {
    struct loop *loop;
    struct writer *writer;
    const struct log *log;
    char *store_url;
    struct store *reader; /* NULL = to be opened anew */
    struct deferred burial;
    struct door_config config;
    struct answer_settings answers; /* of the config, as answers want it */
    const char *mx_suffixes[TABLE_TEXTS_MAX], *key_servers[TABLE_TEXTS_MAX];
    struct standings *standings; /* may be NULL */
    struct metrics metrics;
    struct diag trouble;

    struct listener listeners[CAP_LISTENERS + 1];
    size_t n_listeners;
    bool is_draining;

    struct conn *conns; /* all */
    size_t n_conns;
    int64_t in_flight;
    struct tally *per_address;
    struct rate_table *address_rate, *server_rate;
    struct deadline_queue queues[CONN_STATE_COUNT]; /* by state */
    struct deadline_queue pauses;

    /* What outsiders can provoke is told once a minute. */
    struct log_limit refusal_limits[REFUSAL_COUNT], limited, bad_request, bad_body, busy,
        crowded, lacking;

    uint8_t scratch[16384 + 256]; /* one TLS record; empty between two calls */
};

/* ---- conn.c ---------------------------------------------------------------------------- */

/* A new connection, which owns `fd`; it may be ended before this returns. */
void conn_new(struct door *d, int fd, const struct addr *peer, bool is_monitor);
/* Ends it at once; the struct lives until the turn's end. */
void conn_close(struct conn *c);
/* What is said; JSON unless `type` says otherwise. The body is copied. */
struct reply {
    int status;
    const char *type;
    const struct buf *body;
    int64_t retry_after;
    const char *allow;
};
/* Makes the answer ready; the connection's next step writes it. */
void conn_answer(struct conn *c, const struct reply *reply);
void conn_refuse(struct conn *c, const struct refused *why);
/* It waits for its task; nothing is read meanwhile. */
void conn_wait(struct conn *c);
/* The task that it waited for has answered: the connection goes on. */
void conn_resume(struct conn *c);
/* Who it is is to be found out anew. */
void conn_forget_peer(struct conn *c);
/* Whether it may be ended without anybody losing an answer. */
bool conn_is_idle(const struct conn *c);

/* ---- door.c ---------------------------------------------------------------------------- */

/* Whether an address may open a connection now; counts it. False: it was refused. */
bool door_admit_address(struct conn *c);
/*
 * Makes room for the bytes of a request: ends the oldest body of a stranger; when it is
 * `for_known`, also the oldest that has been coming for far longer than a report takes. False:
 * there is none.
 */
MUST_USE bool door_free_bytes(struct door *d, bool for_known);
/* Logs at most once a minute what a stranger can provoke. */
void door_tell(struct door *d, struct log_limit *limit, const char *event, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
void door_count_answer(struct door *d, const struct conn *c, int status);

/* ---- route.c --------------------------------------------------------------------------- */

/* What the head asks for, and whether it may. False: refused, with the reason. */
MUST_USE bool route_head(struct conn *c, const struct http_request *request,
                         struct refused *reterr);
/* What a refusal is told as. One text for all reasons of a status: who is refused does not
 * learn how near it was. */
const struct refused *route_refused(enum refusal why);
/* The whole body is there: answers, or hands a task to the writer (the state says which). */
void route_body(struct conn *c, struct text body);

/* ---- task.c ---------------------------------------------------------------------------- */

/* A settled report to the writer; takes the report over. 0 or -EAGAIN, -ENOMEM. */
MUST_USE int task_report(struct conn *c, struct recorded *rec, const struct intake *prepared);
/* An enrolment or renewal; takes the body over. The same errors. */
MUST_USE int task_enrol(struct conn *c, struct enrol_body *body, wall_t now);
/* The connection has gone: what it asked for is done all the same, and answered to nobody. */
void task_forget(struct task *t);

#endif
