/* What this room's own files know of each other. */
#ifndef MAIL_PARTS_H
#define MAIL_PARTS_H

#include "mail/send.h"

/* One mail on its way; the addresses are in wire form. */
struct envelope {
    const char *from, *to;
    struct text message;
};

/* An SMTP server. The route has been checked; `url` is the route's in full, with its port and
 * the EHLO name. */
struct smtp;
MUST_USE int smtp_new(const struct mail_route *r, const char *url, struct smtp **ret);
void smtp_free(struct smtp *s);
void smtp_send(struct smtp *s, const struct envelope *e, struct mail_result *ret);

/* A sendmail program. */
void sendmail_send(const char *program, dur_t timeout, const struct envelope *e,
                   struct mail_result *ret);

/* Fills the text of a result, safe for a terminal. */
void result_say(struct mail_result *ret, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
