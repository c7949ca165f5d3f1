/*
 * The HTML report's parts, shared by its files. All bytes that are not markup of our own pass
 * html_text(), which escapes them; sentences come whole from sentences.h.
 */
#ifndef BULLETIN_HTML_PARTS_H
#define BULLETIN_HTML_PARTS_H

#include "bulletin/html_style.h"
#include "bulletin/plan.h"
#include "bulletin/render.h"
#include "bulletin/sentences.h"

/* One rendering on its way. */
struct html {
    const struct bulletin *r;
    const struct voice *v;
    const char *folder; /* NULL: pictures by Content-ID */
    struct buf *out;
    struct buf said;  /* one sentence on its way to be escaped */
    struct plan plan; /* which findings are told */
};

/* bulletin_html() with words of the caller's choice. `v` also speaks for resellers of its own
 * language. */
MUST_USE int bulletin_html_in(const struct voice *v, const struct bulletin *r,
                              const char *folder, struct buf *out);

/* ---- Primitives (html_parts.c) ---- */

/* Markup as it stands. */
void html_raw(struct html *h, const char *markup);
/* Text, escaped: & < > " '. */
void html_text(struct html *h, const char *text);
/* A name of somebody else's, made harmless and escaped. */
void html_name(struct html *h, const char *name);
/* A subject in a table: a name that is not broken if it is short. */
void html_subject(struct html *h, const char *subject);
void html_word(struct html *h, enum word w);
/* The empty buffer for a sentence; html_said() then adds it, escaped. */
struct buf *html_say(struct html *h);
void html_said(struct html *h);
/* What was said as paragraphs, parted by empty lines. */
void html_said_paragraphs(struct html *h);
/* "<pATTRIBUTES>" what was said "</p>"; nothing where nothing was said. */
void html_said_in_p(struct html *h, const char *attributes);
/* A heading of level 2 to 5 that is one word of the table. */
void html_heading(struct html *h, int level, enum word w);
/* The language's tag, as for lang="". */
const char *html_lang(enum language language);

/* What is said of one thing: rows of a label and sentences. */
void html_facts_open(struct html *h);
/* A row with what was said; none where nothing was. */
void html_fact_said(struct html *h, enum word label);
void html_fact_open(struct html *h, enum word label);
void html_fact_close(struct html *h);
void html_facts_close(struct html *h);

/* A table: the first column names its rows. Names may be broken anywhere, so a column of them
 * has a width of its own. */
enum html_cell { HTML_TEXT, HTML_NAME, HTML_NUMBER };
struct html_column {
    enum word word;
    enum html_cell cell;
};
void html_table_open(struct html *h, const struct html_column *columns, size_t n);
void html_row_open(struct html *h);
void html_cell_open(struct html *h, const struct html_column *columns, size_t at);
void html_cell_close(struct html *h, size_t at);
void html_cell_money(struct html *h, const struct html_column *columns, size_t at, money_t m,
                     const struct currency *c);
void html_row_close(struct html *h);
void html_table_close(struct html *h);

/* ---- The document (html_head.c) ---- */
void html_begin(struct html *h);
void html_verdict(struct html *h);
void html_end(struct html *h);

/* ---- Findings (html_finding.c) ---- */

/* Findings of one state under a heading; `x` may be NULL (of no reseller). `level` is the
 * heading's. Nothing where there are none that are told. */
struct html_findings {
    const struct bulletin_reseller *x;
    const struct bulletin_line *lines;
    size_t n;
    enum finding_state state;
    enum word heading;
    int level;
};
void html_findings(struct html *h, const struct html_findings *f);
/* Confirmed, potential and noticed ones, each under its heading. */
void html_states(struct html *h, struct html_findings f);
/* How many were not told, if any; after all others. */
void html_more(struct html *h);
/* One finding with all that is said of it. */
void html_finding(struct html *h, const struct bulletin_line *l, int level);
/* What was found and no longer is, for a reseller. */
void html_ended(struct html *h, const struct bulletin_reseller *x);
void html_picture(struct html *h, const struct bulletin_picture *p);

/* ---- Of an account manager's report ---- */
void html_calls(struct html *h); /* html_calls.c */
bool html_is_called(const struct html *h, size_t reseller);
void html_news(struct html *h);                                     /* html_news.c */
void html_resellers(struct html *h);                                /* html_account.c */
void html_money(struct html *h, const struct bulletin_reseller *x); /* html_money.c */
void html_holds(struct html *h, const struct bulletin_reseller *x);
void html_totals(struct html *h);

#endif
