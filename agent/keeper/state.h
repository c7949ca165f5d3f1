/*
 * What status shows of a running keeper, as a note in the spool: lines of fields with a tab
 * between. The keeper writes it when something changed; fairuse-agent status reads it.
 */
#ifndef KEEPER_STATE_H
#define KEEPER_STATE_H

#include "base/buf.h"
#include "domain/report.h"
#include "message/message.h"

struct state {
    wall_t as_of, started; /* 0 = not said, here and below */
    int64_t pid;
    /* The probe. */
    bool has_probe;
    uint8_t sources;
    char probe_why[MESSAGE_TEXT_MAX + 1];
    struct message_pulse pulse;
    /* Looks. */
    wall_t looked;
    uint8_t troubles;
    char look_why[MESSAGE_TEXT_MAX + 1];
    wall_t counted;
    int64_t n_domains;
    /* Sending. */
    wall_t sent, attempted, next;
    enum message_outcome outcome; /* of the last attempt; 0 = none yet */
    int64_t status, failures;
    char send_why[MESSAGE_TEXT_MAX + 1];
    wall_t identity_from, identity_to;
    wall_t refused; /* when a report was set aside last */
    char refused_why[MESSAGE_TEXT_MAX + 1];
};

void state_write(const struct state *s, struct buf *out); /* buf_error() tells */
/* Lines that it does not know are passed over. 0; -EBADMSG. */
MUST_USE int state_read(struct text t, struct state *ret);

/* The next line of t, which moves on; and its fields: at most `max`, the last one takes the
 * rest. For the other notes, too. */
bool state_line(struct text *t, struct text *ret_line);
size_t state_fields(struct text line, struct text *ret, size_t max);

#endif
