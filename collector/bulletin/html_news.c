/* The HTML report's table of what changed since the mail before it. */
#include "bulletin/html_parts.h"

static const struct html_column columns[] = {
    {WORD_COL_RESELLER, HTML_NAME},
    {WORD_COL_SUBJECT, HTML_NAME},
    {WORD_COL_WHAT, HTML_TEXT},
    {WORD_COL_CHANGE, HTML_TEXT},
};

static void add_subject(struct html *h, const struct plan_news *w, size_t at)
{
    int64_t others = plan_news_followers(w, at);

    html_subject(h, w->lines[at].shown);
    if (others == 0)
        return;
    html_raw(h, " ");
    SAY_N(h->v, html_say(h), WORD_AND_MORE, others);
    html_said(h);
}

/* The sentence; the word where that says all. */
static void add_change(struct html *h, const struct bulletin_line *l)
{
    struct buf *said = html_say(h);

    say_changed(h->v, l, said);
    if (said->len == 0)
        buf_add_str(said, say_change(h->v, l->change));
    html_said(h);
}

static void add_row(struct html *h, const struct plan_news *w, size_t at)
{
    const struct bulletin_line *l = &w->lines[at];

    html_row_open(h);
    html_cell_open(h, columns, 0);
    if (w->x)
        html_name(h, w->x->name);
    else
        html_word(h, WORD_HEAD_UNASSIGNED);
    html_cell_close(h, 0);
    html_cell_open(h, columns, 1);
    add_subject(h, w, at);
    html_cell_close(h, 1);
    html_cell_open(h, columns, 2);
    say_finding(h->v, l, html_say(h));
    html_said(h);
    html_cell_close(h, 2);
    html_cell_open(h, columns, 3);
    add_change(h, l);
    html_cell_close(h, 3);
    html_row_close(h);
}

/* Adds rows up to shown_max; counts all. */
static void add_rows(struct html *h, const struct plan_news *w, size_t *rows)
{
    for (size_t i = 0; i < w->n; i++) {
        if (!plan_news_is_told(w, i))
            continue;
        if (*rows == 0)
            html_table_open(h, columns, ARRAY_LEN(columns));
        if (*rows < h->r->shown_max)
            add_row(h, w, i);
        (*rows)++;
    }
}

void html_news(struct html *h)
{
    const struct bulletin *r = h->r;
    size_t rows = 0;

    html_heading(h, 2, WORD_HEAD_NEWS);
    for (size_t i = 0; i < r->n_resellers; i++) {
        const struct bulletin_reseller *x = &r->resellers[i];
        add_rows(h, &(struct plan_news){x, x->lines, x->n_lines}, &rows);
    }
    add_rows(h, &(struct plan_news){NULL, r->unassigned, r->n_unassigned}, &rows);
    if (rows > 0) {
        html_table_close(h);
    } else {
        html_raw(h, "<p" A_P ">");
        html_word(h, WORD_NO_NEWS);
        html_raw(h, "</p>\n");
    }
    if (rows > r->shown_max) {
        say_more(h->v, r, (int64_t)(rows - r->shown_max), 0, html_say(h));
        html_said_in_p(h, A_P);
    }
}
