/*
 * The text report's parts, shared by its files: lines of at most TEXT_WIDTH columns, headings,
 * lists, tables. Sentences come whole from sentences.h. Private to this room.
 */
#ifndef BULLETIN_TEXT_PARTS_H
#define BULLETIN_TEXT_PARTS_H

#include "base/arena.h"
#include "bulletin/plan.h"
#include "bulletin/render.h"
#include "bulletin/sentences.h"

enum { TEXT_WIDTH = 78 };

/* One rendering on its way. */
struct page {
    const struct bulletin *r;
    const struct voice *v;
    struct buf *out;
    struct buf said; /* a sentence on its way to be wrapped */
    struct plan plan;
};

/* bulletin_text() with words of the caller's choice. `v` also speaks for resellers of its own
 * language. */
MUST_USE int bulletin_text_in(const struct voice *v, const struct bulletin *r, struct buf *out);

/* ---- Lines (text_parts.c) ---- */

/* Columns of a terminal that the text takes; line breaks take none. */
size_t page_columns(struct text t);

/* The empty buffer for a sentence, which the functions below then take. */
struct buf *page_say(struct page *p);
void page_name(struct page *p, const char *name);
void page_word(struct page *p, enum word w);

/*
 * What was said, wrapped: the first line behind `first`, the others behind `rest`. Its own line
 * breaks stay; nothing where nothing was said.
 */
void page_wrap(struct page *p, const char *first, const char *rest);
/* An indent and a sign, as a lead of our own. */
enum { PAGE_LEAD_SIZE = 16 };
const char *page_lead(const char *indent, const char *sign, char out[static PAGE_LEAD_SIZE]);
/* An empty line, unless there is one. */
void page_gap(struct page *p);
/* "LABEL: " and what was said; nothing where nothing was. */
void page_fact(struct page *p, enum word label, const char *indent);
/* What was said, on a line of its own, however long: to be copied. */
void page_unbroken(struct page *p, const char *indent);
/* What was said as a heading of level 1 (the title) to 4. */
void page_heading_said(struct page *p, int level);
void page_heading(struct page *p, int level, enum word w);
/* A heading, and what was said under it; nothing where nothing was. */
void page_section(struct page *p, int level, enum word heading, const char *indent);

/* ---- Tables (text_table.c) ---- */

enum { PAGE_COLUMNS_MAX = 6 };
struct page_column {
    enum word head;
    bool is_number;
};

/* Rows, until all are known. Errors are the page's. */
struct page_table {
    struct arena arena;
    const struct page_column *columns;
    size_t n_columns;
    const char **cells;
    size_t n, cap;
    size_t widths[PAGE_COLUMNS_MAX];
};

struct page_table page_table_of(const struct page_column *columns, size_t n);
void page_table_done(struct page_table *t);
/* What was said becomes the next cell. */
void page_cell(struct page *p, struct page_table *t);
void page_cell_name(struct page *p, struct page_table *t, const char *name);
void page_cell_word(struct page *p, struct page_table *t, enum word w);
void page_cell_money(struct page *p, struct page_table *t, money_t m, const struct currency *c);
void page_cell_period(struct page *p, struct page_table *t, period_t period);
void page_cell_charge(struct page *p, struct page_table *t, enum charge_kind k);
/* The table, aligned; where that is too wide, its rows as a list. */
void page_table(struct page *p, const struct page_table *t, const char *indent);

/* ---- Findings (text_finding.c) ---- */

/* Confirmed, potential and noticed ones, each under a heading of that level. */
struct page_findings {
    const struct bulletin_reseller *x; /* NULL = of none */
    const struct bulletin_line *lines;
    size_t n;
    int level;
};
void page_findings(struct page *p, const struct page_findings *f);
/* What a reseller was told of and is no longer found. */
void page_ended(struct page *p, const struct bulletin_reseller *x);
/* How many were not told, if any; after all others. */
void page_more(struct page *p);

/* ---- Of an account manager's report (text_account.c, text_calls.c) ---- */
void page_calls(struct page *p);
void page_news(struct page *p);
void page_resellers(struct page *p);
void page_totals(struct page *p);

#endif
