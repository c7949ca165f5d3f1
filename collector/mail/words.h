/*
 * The text of a header field: as it is where that is plain ASCII, else in encoded words
 * (RFC 2047), folded into lines of at most 76 columns wherever a word allows it.
 */
#ifndef MAIL_WORDS_H
#define MAIL_WORDS_H

#include "base/buf.h"
#include "base/text.h"

/* Where a field stands while it is written. Its lines end with \n. */
struct words {
    struct buf *out;
    size_t column; /* of the line so far; begin with that behind "Name:" */
};

/* A text of clean_line(): a subject. */
void words_add_text(struct words *w, struct text t);
/* The same as a name before an address. "" adds nothing. */
void words_add_phrase(struct words *w, struct text t);
/* One word, as it is: an address. */
void words_add(struct words *w, struct text word);

#endif
