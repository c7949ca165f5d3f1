/*
 * One reader's bulletin as it goes out: its renderings, its timelines, and the mail made of
 * them, within the size that a mail may have.
 */
#ifndef EDITION_LETTER_H
#define EDITION_LETTER_H

#include "base/arena.h"
#include "bulletin/model.h"
#include "mail/message.h"
#include "run/nightly.h"

/* A message with all its parts, encoded: mail programs and phones take it at once. */
#define LETTER_BYTES_MAX ((size_t)1 << 20)

struct letter {
    struct arena arena;
    struct bulletin bulletin; /* with its pictures; maybe shortened */
    struct buf subject, text, html, csv, money_csv, json;
    struct buf pictures[BULLETIN_PICTURES_MAX]; /* PNG, as bulletin.pictures */
};
void letter_done(struct letter *l);

struct letter_maker {
    const struct run_setup *run; /* pictures are drawn from its store */
    const char *left;  /* of Content-IDs and of files named after them; "" = nothing */
    const char *right; /* of Content-IDs: the sender's domain */
    bool is_plain;     /* no pictures */
};

/*
 * Renders everything. A bulletin too large for a mail is told with fewer pictures, then fewer
 * findings, and says so; `json` is always the whole. 0; store errors; -ENOMEM; -ERANGE; -EIO
 * with the text in d.
 */
MUST_USE int letter_make(const struct letter_maker *m, const struct bulletin *b,
                         struct letter *ret, struct diag *d);

struct letter_envelope {
    struct mail_address from, to, reply_to;
    const char *message_id;
    wall_t date;
};

/* Adds the mail to `out`. As mail_compose(). */
MUST_USE int letter_compose(const struct letter *l, const struct letter_envelope *e,
                            struct buf *out, struct diag *d);

#endif
