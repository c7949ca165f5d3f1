/*
 * Handing a mail over: to an SMTP server (libcurl: STARTTLS or implicit TLS, AUTH), or to a
 * sendmail program. One call is one mail to one recipient; the answer says what became of it,
 * so that whoever keeps the outbox knows whether to try again.
 */
#ifndef MAIL_SEND_H
#define MAIL_SEND_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/times.h"

enum mail_tls {
    MAIL_TLS_REQUIRED, /* STARTTLS, or the connection ends before anything is said */
    MAIL_TLS_NEVER,    /* in clear: without a password, and to a loopback address only */
};

/* Where mail goes. All borrowed; exactly one of url and sendmail is not "". */
struct mail_route {
    const char *url;      /* "smtp://host[:port]" (587) or "smtps://host[:port]" (465) */
    const char *sendmail; /* full path of a program that takes -i -f FROM -- TO and the mail at
                             its standard input (its lines end with \n there, as is the custom),
                             and ends with 0 (taken), 75 (try again), or else (sysexits.h) */
    enum mail_tls tls;
    const char *authority; /* PEM file of the authorities to trust; "" = the system's */
    const char *user;      /* "" = no AUTH */
    struct text password;  /* wiped by nobody here; never in a message or a diag */
    const char *hello;     /* EHLO name; "" = this host's */
    dur_t timeout;         /* of one mail, from connecting to the answer after the dot */
};

enum mail_fate {
    MAIL_SENT,    /* taken: 250 after the dot */
    MAIL_LATER,   /* not taken, or not known whether: 4xx, no connection, lost, timed out */
    MAIL_REFUSED, /* never will be: 5xx on this recipient or text */
    MAIL_NOT_US,  /* the route itself is wrong: TLS or certificate, AUTH refused, no such
                     program. It is no mail's fault: try later, and tell the operator */
};

/*
 * Whose fault a 5xx is. Up to the log-in it is the route's. At MAIL FROM too, for the sender is
 * the same for all mails, and a mail must not be lost by a setting: but for its size. At
 * RCPT TO it is the recipient's, but where the answer asks for a log-in (530, 534, 535, 538),
 * or says that it does not relay. From DATA on it is the text's. Of a sendmail program, 65 and
 * 67 are the mail's; 64, 66, 72, 77, 78, what is no sysexits code, and one that cannot be
 * started the route's; all others may pass.
 */

struct mail_result {
    enum mail_fate fate;
    int code;              /* SMTP's, or the program's exit code; 0 = none */
    bool may_have_arrived; /* lost after the dot, or a program that did not end by itself: the
                              repeat may be a second */
    bool is_route_down;    /* nobody answers, or it is wrong for all mails alike: others need
                              not be tried now (a log-in that is tried again and again may
                              even be locked) */
    char text[CAP_DIAG];   /* what was said, one line, safe for a terminal */
};

struct mail_sender;

/* By one thread. Keeps what it needs; holds a
 * connection open between mails. -EBADMSG with what is wrong with the route (also a password
 * without TLS, or MAIL_TLS_NEVER to elsewhere); -ENOMEM. */
MUST_USE int mail_sender_new(const struct mail_route *r, struct mail_sender **ret,
                             struct diag *d);
void mail_sender_free(struct mail_sender *s);
static inline void mail_sender_done(struct mail_sender **s)
{
    mail_sender_free(*s);
}

/*
 * Hands over one message (as mail_compose() made it). from and to are addresses as
 * mail_address_wire() takes them. Always fills *ret.
 *
 * A connection that was kept open and has died is made anew once, where nothing of this mail's
 * text was sent. Of an answer to the log-in only its codes are said: servers have been seen to
 * repeat what they were given.
 */
void mail_send(struct mail_sender *s, const char *from, const char *to, struct text message,
               struct mail_result *ret);

#endif
