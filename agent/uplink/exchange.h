/*
 * HTTPS to the collector, by libcurl: the only place that knows it. One order is one connection
 * (two where IPv4 leads nowhere), and nothing is kept for a next. Only who the given authority
 * vouches for is believed; what the system trusts besides counts for nothing.
 */
#ifndef UPLINK_EXCHANGE_H
#define UPLINK_EXCHANGE_H

#include "uplink/uplink.h"

struct exchange_order {
    const char *url;       /* the collector's, in its one spelling (options/url.h) */
    const char *path;      /* behind it: "/v1/reports" */
    const char *authority; /* file, PEM: who is believed */
    const char
        *identity;     /* file, PEM: the key and the certificate that are shown; NULL = none */
    const char *proxy; /* in its one spelling; "" = none, whatever the environment says */
    struct text body;
    const char *acknowledged; /* "BOOT_ID COUNTER" of a report, told beside this; "" = none */
    wall_t boot; /* sent_at is told by the clock that had this at the kernel's start */
};

struct exchange_answer {
    /* DONE: there is an answer, and its status is to be judged; LATER: one that cannot be used;
     * UNREACHABLE, UNTRUSTED, BROKEN: there is none. */
    enum message_outcome outcome;
    int64_t status;
    int64_t retry_after_s;
    wall_t
        clock_boot; /* what the collector's clock had when our kernel started; 0 = not said */
    struct buf body;
    struct diag why; /* without secrets: "URL: …" */
};
void exchange_answer_done(struct exchange_answer *a);

/* libcurl's own beginning and end, around all else here. 0 or -ENOMEM. */
MUST_USE int exchange_begin(void);
void exchange_end(void);

/* POSTs the body as JSON and takes the answer. */
void exchange_post(const struct exchange_order *o, struct exchange_answer *ret);

/*
 * Looks who is there, believing nobody: a handshake, after which nothing is said. DONE with the
 * certificates that were shown as `body`, in PEM. Only order's url and proxy count.
 */
void exchange_look(const struct exchange_order *o, struct exchange_answer *ret);

#endif
