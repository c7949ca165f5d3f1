/*
 * A report as people and machines read it. Each is a pure function of the model and adds to
 * `out`. 0; -ENOMEM; -ERANGE over the cap of `out`.
 */
#ifndef BULLETIN_RENDER_H
#define BULLETIN_RENDER_H

#include "bulletin/model.h"

/* UTF-8, lines of at most 78 columns (but for commands and hashes), \n. */
MUST_USE int bulletin_text(const struct bulletin *r, struct buf *out);

/*
 * One document for mail programs: tables, inline styles, no script, nothing remote; light and
 * dark, 320 to 1,200 px. Pictures are "cid:CID", or with `folder` not NULL files there: FOLDER
 * and the cid up to its '@', and ".png".
 */
MUST_USE int bulletin_html(const struct bulletin *r, const char *folder, struct buf *out);

/*
 * All kept findings as a table: RFC 4180 with a header row (names in English, as in JSON),
 * CRLF, UTF-8 with a byte order mark, so that spreadsheets read it as such. A field that a
 * spreadsheet would run begins with an apostrophe.
 */
MUST_USE int bulletin_csv(const struct bulletin *r, struct buf *out);

/* The money rows, the same way. */
MUST_USE int bulletin_money_csv(const struct bulletin *r, struct buf *out);

/* The whole model, canonical; fairuse-bulletin(5). Times as integers. */
MUST_USE int bulletin_json(const struct bulletin *r, struct buf *out);

#endif
