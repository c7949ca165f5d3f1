/* What the commands share: where things are, what is told at the end. Private to the room. */
#ifndef UPLINK_UPLINK_PARTS_H
#define UPLINK_UPLINK_PARTS_H

#include "uplink/exchange.h"

#define UPLINK_PATH_SIZE (OPTIONS_PATH_SIZE + 64)
#define UPLINK_IDENTITY_CAP 65536
#define UPLINK_OUT_CAP (256 * 1024) /* 256 licences and 129 settings have 100 kB at most */

struct uplink {
    const struct options *options;
    wall_t boot;    /* the clock: what it had at the kernel's start */
    struct buf out; /* what is told before the result */
    struct message_result result;
    char enrolled_url[TABLE_TEXT_SIZE]; /* of the file; "" = none */
    char server[CAP_ID + 1];            /* of the file: who we are there; "" = not known */
    /* The files. */
    char identity[UPLINK_PATH_SIZE], authority[UPLINK_PATH_SIZE], collector[UPLINK_PATH_SIZE];
    char new_key[UPLINK_PATH_SIZE], new_authority[UPLINK_PATH_SIZE];
};

/* 0 or -ERANGE: the state folder's path is too long. */
MUST_USE int uplink_init(struct uplink *u, const struct options *options);
void uplink_done(struct uplink *u);

/* The result, with a sentence; the identity's term stays. */
void uplink_end(struct uplink *u, enum message_outcome outcome, const struct diag *why);

/* ---- Files ----------------------------------------------------------------------------- */

/* The identity that there is, its term into the result, and the URL that was enrolled with.
 * False after uplink_end(). */
MUST_USE bool uplink_read_identity(struct uplink *u);

/* What an enrolment or a renewal brought. */
struct uplink_news {
    struct text key, certificate, authority; /* PEM */
    const char *url, *server;                /* of an enrolment; NULL = as they were */
};
/* Writes it all, the identity at last; its term into the result. 0 or a negative error; the
 * identity is as it was then. */
MUST_USE int uplink_write(struct uplink *u, const struct uplink_news *news, struct diag *d);

/* ---- Asking ---------------------------------------------------------------------------- */

/* Reads the body of a 200 and adds what it tells to `out`. 0; -EBADMSG: what is wrong with it;
 * other errors are our own. */
typedef int uplink_reader(struct uplink *u, void *arg, struct text body, struct buf *out,
                          struct diag *d);

struct uplink_question {
    const char *path;
    const char *authority; /* files, as in struct exchange_order */
    const char *identity;
    struct text body;
    uplink_reader *read;
    void *arg;
    const char *acknowledged; /* as in struct exchange_order */
};

/* Asks the collector at a URL; the result is in `u`, where it is better than what is there. */
void uplink_ask(struct uplink *u, const char *url, const struct uplink_question *q);
/* Asks each collector in turn, until one settles it. */
void uplink_ask_all(struct uplink *u, const struct uplink_question *q);

/* ---- The commands: what is said at the end is in `u` ------------------------------------ */

/* The last report that was acknowledged, and as which server it was sent: it is told to the
 * collector while we are the same. */
struct uplink_acknowledged {
    char said[UUID_TEXT_SIZE + 24]; /* "BOOT_ID COUNTER"; "" = none */
    char server[CAP_ID + 1];
};
void uplink_send(struct uplink *u, const struct uplink_acknowledged *last, struct text body);
void uplink_renew(struct uplink *u);
/* `url` in its one spelling. */
void uplink_enrol(struct uplink *u, const char *url, struct text token, bool may_replace);

#endif
