/*
 * Keeping a night: an edition_sink that makes a letter of each bulletin, keeps its model and
 * puts its mail into the outbox. All of it is published in one transaction at the end, with
 * what was said, what was confirmed, and what agents are told; until then nobody sees any of
 * it.
 */
#ifndef EDITION_KEEP_H
#define EDITION_KEEP_H

#include "edition/edition.h"
#include "edition/letter.h"

/* Whose mail it is. Addresses as they were configured. All borrowed. */
struct keep_sender {
    struct mail_address from, reply_to; /* address "" = none: the contact, for resellers */
    const char *right;                  /* of Message-IDs: the domain of `from`, an A-label */
    const char *wire;                   /* the address of `from` as it goes over the wire */
};

struct keep_order {
    const struct run_setup *run;
    struct store *writer;
    struct keep_sender sender;
    wall_t made_at;
    int64_t day;       /* of the night: the local date of as_of */
    const char *scope; /* "all", or what the night was limited to; keep_find() */
    bool is_failed;
    bool is_partial; /* of one period or one reader: only its mails are published */
    const enum language *language; /* NULL = the readers' own */
    void (*warn)(
        const char *sentence); /* of a mail that could not be made: it harms no other */
};

/* Timelines of one night: some seconds of drawing; whoever comes later is mailed without. */
enum { KEEP_PICTURES_MAX = 1500 };

struct keep;

/* Begins the night. 0; store errors with the text in d; -EIO; -ENOMEM. */
MUST_USE int keep_new(const struct keep_order *o, struct keep **ret, struct diag *d);
void keep_free(struct keep *k);
static inline void keep_done(struct keep **k)
{
    keep_free(*k);
}

/* What edition_make() is to be given; `arg` is the keep. */
struct edition_sink keep_sink(struct keep *k);

struct keep_tally {
    int64_t run;
    int64_t editions, mails, unaddressed; /* without a mail: the address is none */
};

/*
 * Publishes. `findings` and `periods` are the audit's: the keys confirmed in them are kept for
 * the strikes, and agents' standings are replaced (not by a failed or partial night). After an
 * error nothing of the night is seen by anybody.
 */
MUST_USE int keep_publish(struct keep *k, struct findings *findings,
                          const struct run_periods *periods, struct keep_tally *ret,
                          struct diag *d);

/* Whether a night of that day and scope was published: 1 or 0, a failed one counts only for a
 * failed one. -ESTALE: a later day's whole night was told already. Store errors. */
MUST_USE int keep_find(struct store *s, int64_t day, const char *scope, bool is_failed);

/* The scope of a night of all readers and all open periods; and whether a run was one. */
#define KEEP_WHOLE "all"
bool keep_is_whole(const struct store_run *run);

/* The words of a run for listings: a JSON object, its scope first. */
void keep_about(const char *scope, struct buf *out);

/* What is kept of one edition (struct store_edition): the text as it was sent and the model. */
MUST_USE int keep_pack(struct text text, struct text json, struct buf *out);
/* Adds each to its buffer. 0; -EBADMSG; -ENOMEM; -ERANGE. */
MUST_USE int keep_unpack(struct text packed, struct buf *text, struct buf *json);

#endif
