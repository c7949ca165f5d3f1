/* What others wrote, made harmless: one line for a header or a terminal, and the text of a
 * mail. */
#ifndef MAIL_CLEAN_H
#define MAIL_CLEAN_H

#include "base/buf.h"
#include "base/text.h"

/*
 * Adds one line of UTF-8: control characters and white space of all kinds become spaces (runs
 * of them one, none at the ends), bidirectional and other invisible marks nothing (joiners
 * within scripts that need them stay), bytes that are not UTF-8 U+FFFD; of more than `most`
 * characters the first most - 1 and "…" are left.
 */
void clean_line(struct text t, size_t most, struct buf *out);

/* Adds text of many lines, as it is but for what is not UTF-8 (U+FFFD) and control characters
 * other than \n and \t (nothing). */
void clean_lines(struct text t, struct buf *out);

#endif
