/* What the parts of a look share: what was asked for, and the way out. */
#ifndef PLESK_LOOK_PARTS_H
#define PLESK_LOOK_PARTS_H

#include "message/message.h"
#include "plesk/mx.h"

#define LOOK_SERVERS_MAX (TABLE_TEXTS_MAX + CAP_SUFFIXES)

struct look {
    const struct options *options;
    wall_t now;
    int64_t boot_s; /* the same moment, by clock_boot() */
    struct mx_suffixes suffixes;
    char key_servers[LOOK_SERVERS_MAX][TABLE_TEXT_SIZE];
    size_t n_key_servers;
    struct buf out;
    int error;              /* of the way out: the first sticks */
    struct message_end end; /* what is said at last */
};

/* Takes the options' own suffixes and key servers, then those that standard input brings. 0;
 * -EBADMSG with the reason; -EIO. */
MUST_USE int look_wishes(struct look *l, struct diag *d);

void look_say(struct look *l, const struct message *m);
void look_flush(struct look *l);
/* Notes a trouble; the first one's reason is said at the end. 0 = a reason without one. */
void look_trouble(struct look *l, unsigned trouble, const char *why);

/* Counts, asks which domains are filtered, and says those that are to be reported. */
void look_mailboxes(struct look *l);

#endif
