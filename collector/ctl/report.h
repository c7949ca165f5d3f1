/* fairusectl report: what its files share. Private to the command. */
#ifndef CTL_REPORT_H
#define CTL_REPORT_H

#include "ctl/night.h"
#include "edition/deliver.h"
#include "edition/keep.h"

#define CTL_COMMAND_SIZE 600

/* What was asked for. */
struct report_order {
    struct edition_setup setup; /* but for what the audit gives */
    bool has_language;
    enum language language;
    char command[CTL_COMMAND_SIZE]; /* words before "explain" */
    char scope[CAP_ID + 64];        /* "all"; or what it is limited to */
    bool is_partial;
};

/* Reads the options. 0 or an exit code. */
MUST_USE int report_order_read(struct ctl *c, struct report_order *ret);

/* --output DIR: the night's files. 0 or an exit code. */
MUST_USE int report_files(struct ctl *c, const struct report_order *o, struct night *n);

/* --send: the night is kept and mailed. */
MUST_USE int report_send(struct ctl *c, const struct report_order *o);

/* Everything that a mail needs, from the settings. */
struct report_route {
    struct mail_route route;
    struct keep_sender sender;
    struct buf password;
    char wire[MAIL_ADDRESS_SIZE];
    const char *right;
};
/* 0 or an exit code, told: nothing is configured, or something is missing. */
MUST_USE int report_route_read(struct ctl *c, struct report_route *ret);
void report_route_done(struct report_route *r);

/*
 * Mails at once, without the outbox, what failed first: to `alarm_to`, and with `setup` to the
 * account managers that its store can still tell. Whether that worked is told on standard
 * error.
 */
void report_alarm(struct ctl *c, const struct report_route *route,
                  const struct edition_setup *setup);

/* Who a bulletin is for, as a file's name and in lines: "manager-ID", "reseller-ID", with what
 * is no letter, digit, '-', '_' as %XX. */
#define REPORT_READER_SIZE (CAP_ID * 3 + 16)
const char *report_reader_name(bool is_manager, const char *id,
                               char out[static REPORT_READER_SIZE]);

#endif
