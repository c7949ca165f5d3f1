/*
 * What a report says of things, in sentences of the reader's language: plain text (UTF-8, no
 * line breaks but where said, names already harmless), for the text as it is, for the HTML to
 * be escaped whole. One sentence is said in one place only, so that both say the same.
 *
 * Each adds to `out`; buf_error() tells.
 */
#ifndef BULLETIN_SENTENCES_H
#define BULLETIN_SENTENCES_H

#include "bulletin/model.h"
#include "bulletin/voice.h"

/* One line, at most about 120 characters: whether anything needs doing. To a reseller with the
 * first deadline. */
void say_verdict(const struct voice *v, const struct bulletin *r, struct buf *out);
/* The mail's subject: the serial number and the verdict (manager), what happened (reseller).
 * Short: to a reseller at most 120 characters, whatever the name. */
void say_subject(const struct voice *v, const struct bulletin *r, struct buf *out);
/* "Number 12; the mail before it was number 11, of 3 October 2026 …" or that it is the first,
 * or a preview. */
void say_serial(const struct voice *v, const struct bulletin *r, struct buf *out);

/* Words for values. */
const char *say_kind(const struct voice *v, enum finding_kind k);      /* "extra IP address" */
const char *say_state(const struct voice *v, enum finding_state s);    /* "potential" */
const char *say_change(const struct voice *v, enum bulletin_change c); /* "new"; "" for NONE */
/* The clause a kind rests on with the name of the policy, "Fair Use Policy, licence management
 * 2 (one server per licence)"; "" where there is none. */
const char *say_clause(const struct voice *v, enum finding_kind k);

/* The last moment at which something can still be cleared: a second later it costs money. */
static inline wall_t say_deadline(wall_t confirms_at)
{
    return (wall_t){confirms_at.s - 1};
}

/* ---- Of one finding ------------------------------------------------------------------ */

/* What it is, with the quantity: "1 extra IP address (confirmed)". */
void say_finding(const struct voice *v, const struct bulletin_line *l, struct buf *out);
/* What was seen and since when: places with their times; what is not said where nothing is
 * known. Several sentences. */
void say_seen(const struct voice *v, const struct bulletin_line *l, struct buf *out);
/* How sure it is: presence and observation, the collector's own part, gaps. */
void say_sure(const struct voice *v, const struct bulletin_line *l, struct buf *out);
/* Which place is the living one, if one replaced the other; nothing otherwise. */
void say_living(const struct voice *v, const struct bulletin_line *l, struct buf *out);
/* What clears it and by when; what holds when it cannot be cleared any more. */
void say_clears(const struct voice *v, const struct bulletin_line *l, struct buf *out);
/* What it costs or would cost; trial, waiver, dispute, no tariff are said here. */
void say_cost(const struct voice *v, const struct bulletin_line *l, struct buf *out);
/* What changed since the last mail; nothing for NONE and NEW. */
void say_changed(const struct voice *v, const struct bulletin_line *l, struct buf *out);
/* A group's one cause, and how many it explains. */
void say_group(const struct voice *v, const struct bulletin_group *g, struct buf *out);
/* The command for the why: "fairusectl … explain SUBJECT --period YYYY-MM --as-of T". */
void say_explain(const struct bulletin *r, const struct bulletin_line *l, struct buf *out);
/* Whether explain knows this kind of subject (licences and domains). */
bool say_can_explain(const struct bulletin_line *l);

/* ---- Of a reseller and of the whole ---------------------------------------------------- */

/* Why it should be called, and by when; one sentence a reason. */
void say_call(const struct voice *v, const struct bulletin *r, const struct bulletin_call *c,
              struct buf *out);
/* The text to forward, in the reseller's language `v`: its own data only, paragraphs with an
 * empty line between them. Of the charging findings that are potential or confirmed and not
 * waived, those of one cause together, the first of many; and that little of it is seen, if so.
 * Nothing where there is nothing to tell. */
void say_forward(const struct voice *v, const struct bulletin *r,
                 const struct bulletin_reseller *x, struct buf *out);
void say_strikes(const struct voice *v, const struct bulletin_strikes *s, struct buf *out);
/* What was seen of what is known, and what was not; several sentences. */
void say_coverage(const struct voice *v, const struct bulletin_coverage *c, struct buf *out);
void say_rate(const struct voice *v, const struct bulletin_rate *x, struct buf *out);
void say_waiting(const struct voice *v, const struct bulletin *r,
                 const struct bulletin_waiting *w, struct buf *out);
void say_dead(const struct voice *v, const struct bulletin_dead *d, struct buf *out);
void say_chain(const struct voice *v, const struct bulletin *r, struct buf *out);
/* That the audit failed and what that means for the reader. */
void say_failure(const struct voice *v, const struct bulletin *r, struct buf *out);
/* To a reseller: how to answer and how to dispute. */
void say_answer(const struct voice *v, const struct bulletin *r, struct buf *out);
/* A picture in words, for its alternative text. */
void say_picture(const struct voice *v, const struct bulletin_line *l, struct buf *out);
/* A list of names: so many are written out, more are counted. */
enum { SAY_NAMED_MAX = 40 };
struct say_names {
    char text[SAY_NAMED_MAX * (VOICE_NAME_SIZE + 2)];
    size_t len;
    int64_t n;
};
void say_names_add(struct say_names *names, const char *name);
/* "Bakker, Sakura and 3 more" */
void say_names(const struct voice *v, const struct say_names *names, struct buf *out);
/* Resellers to call that are not written out. */
void say_more_calls(const struct voice *v, const struct say_names *names, struct buf *out);
/* Where the amounts are that did not fit; nothing where they did. */
void say_lacks_amounts(const struct voice *v, const struct bulletin *r, struct buf *out);
/* How many findings are not shown, and where they are: in the attached CSV, or by a command; a
 * reseller has neither, and may ask. */
void say_more(const struct voice *v, const struct bulletin *r, int64_t not_shown,
              int64_t not_kept, struct buf *out);

#endif
