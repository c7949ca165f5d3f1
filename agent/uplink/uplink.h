/*
 * The way to the collector: one process, one exchange, then it is gone, so that TLS's memory is
 * held for some milliseconds a quarter of an hour. libcurl and the identity live here.
 *
 * fairuse-uplink send|renew -c FILE                 standard input: the report's body (send)
 * fairuse-uplink enrol URL [--replace] -c FILE      standard input: the token
 * Standard output: messages (message.h): what the collector told (STANDING, SETTING, TAKEN), at
 * last one RESULT. It says nothing on standard error but what its own failure needs; the keeper
 * logs.
 */
#ifndef UPLINK_UPLINK_H
#define UPLINK_UPLINK_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/text.h"
#include "base/times.h"
#include "message/message.h"
#include "options/options.h"

/* 0 when a RESULT was written, however the exchange ended; else of sysexits.h: 64 the command
 * line, 74 standard output, 78 the settings. */
int uplink_main(int argc, char **argv);

/* ---- Its parts, for tests and fuzzers -------------------------------------------------- */

/* The identity: files in the state folder, of the folder's owner. */
#define UPLINK_IDENTITY "identity.pem"   /* key and certificate, 0600, replaced in one go */
#define UPLINK_AUTHORITY "authority.pem" /* whom to believe */
/* Two lines: the URL that was enrolled with, and the server's name. */
#define UPLINK_COLLECTOR "collector"
/* While an enrolment is on its way: its key, 0600, which a retry must use again (the token is
 * used up by it, and good for it alone), and whom the token says to believe. */
#define UPLINK_NEW_KEY "identity.new"
#define UPLINK_NEW_AUTHORITY "authority.new"

/*
 * What the collector answered, strictly read (fairuse-report(5), "The answer"): members that
 * this version does not know are passed over, for a collector may be newer; what it knows must
 * be right. The messages are added to `out`. *ret_lacking: it wants to be sent again what it
 * acknowledged before. 0; -EBADMSG with the reason; -ENOMEM. Pure.
 */
MUST_USE int answer_read(struct text body, struct buf *out, bool *ret_lacking, struct diag *d);
/* The error of a refusal: its `at` and `message`, cut and cleaned; "" where there is none. */
void answer_read_error(struct text body, char ret_at[static REPORT_AT_SIZE],
                       char ret_why[static MESSAGE_TEXT_MAX + 1]);

/* An enrolment's or a renewal's answer (fairuse-report(5), "Enrolment and renewal"). */
struct answer_enrolled {
    char server[CAP_ID + 1];
    struct buf certificate, authority; /* PEM; not looked into */
};
void answer_enrolled_done(struct answer_enrolled *e);
/* 0 with *ret and the settings added to `out`; -EBADMSG; -ENOMEM. */
MUST_USE int answer_read_enrolled(struct text body, struct answer_enrolled *ret,
                                  struct buf *out, struct diag *d);

/* A text for a message: cut, on one line, without what a terminal would not show or obey. */
void uplink_put_text(struct text t, char ret[static MESSAGE_TEXT_MAX + 1]);

/* How an HTTP status is judged. */
enum message_outcome uplink_judge(int64_t status);
/* IMF-fixdate (RFC 9110 5.6.7), the one form that is still written. */
bool uplink_date(struct text t, wall_t *ret);
/* Retry-After: delta-seconds or an HTTP-date (RFC 9110 10.2.3) -> seconds from `now`, 0 to a
 * day; 0 when it cannot be read. */
int64_t uplink_retry_after(struct text value, wall_t now);
/* Of two attempts' outcomes the one that says more: DONE, REFUSED, STRANGER, LATER, UNTRUSTED,
 * UNREACHABLE; what is wrong here (NO_IDENTITY, BROKEN) goes before all but DONE. */
bool uplink_is_better(enum message_outcome a, enum message_outcome b);

#endif
