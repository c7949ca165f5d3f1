/*
 * The outbox's other end: hands over what is due, one mail after another, and writes down what
 * became of each. At least once: a mail is marked as sent only after the server took it.
 */
#ifndef EDITION_DELIVER_H
#define EDITION_DELIVER_H

#include "mail/send.h"
#include "store/store.h"

struct deliver_setup {
    struct store *store; /* for writing; no transaction */
    struct mail_sender *sender;
    dur_t retry_first, retry_most; /* after the n-th attempt: first, doubled n - 1 times */
    dur_t give_up;                 /* this long after its night a mail is given up */
    dur_t timeout;                 /* of one attempt, as the sender's */
    wall_t (*now)(void);
    bool (*is_ended)(void); /* asked before each mail: somebody wants the program to end */
    /* A line for the operator: what became of one attempt. */
    void (*tell)(const struct store_mail *m, const struct mail_result *result);
};

struct deliver_tally {
    int64_t sent, later, dead;
    bool is_route_down; /* nobody answered, or the route is wrong: it was left at that */
    bool has_next;
    wall_t next; /* when the next of those that wait is due */
};

/*
 * Hands over all that is due. One bad address holds up nobody else: only when the route itself
 * is down the rest is left for later. 0; store errors, with the text in store_diag().
 */
MUST_USE int deliver_due(const struct deliver_setup *setup, struct deliver_tally *ret);

#endif
