/* The HTML report's table of what changed since the mail before it. */
#include "bulletin/html_parts.h"

static const struct html_column columns[] = {
    {WORD_COL_RESELLER, HTML_NAME},
    {WORD_COL_SUBJECT, HTML_NAME},
    {WORD_COL_WHAT, HTML_TEXT},
    {WORD_COL_CHANGE, HTML_TEXT},
};

/* Lines of one reseller, or of none. */
struct news {
    const struct bulletin_reseller *x; /* may be NULL */
    const struct bulletin_line *lines;
    size_t n;
};

static bool is_alike(const struct bulletin_line *a, const struct bulletin_line *b)
{
    return a->group >= 0 && a->group == b->group && a->state == b->state &&
           a->change == b->change;
}

/* Whether an earlier line of the same cause, that changed in the same way, stands for it. */
static bool is_led(const struct news *w, size_t at)
{
    for (size_t i = 0; w->x && i < at; i++)
        if (is_alike(&w->lines[i], &w->lines[at]))
            return true;
    return false;
}

static void add_subject(struct html *h, const struct news *w, const struct bulletin_line *l)
{
    int64_t others = 0;

    for (size_t i = 0; w->x && i < w->n; i++)
        others += &w->lines[i] != l && is_alike(&w->lines[i], l) ? 1 : 0;
    html_subject(h, l->shown);
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

static void add_row(struct html *h, const struct news *w, const struct bulletin_line *l)
{
    html_row_open(h);
    html_cell_open(h, columns, 0);
    if (w->x)
        html_name(h, w->x->name);
    else
        html_word(h, WORD_HEAD_UNASSIGNED);
    html_cell_close(h, 0);
    html_cell_open(h, columns, 1);
    add_subject(h, w, l);
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
static void add_rows(struct html *h, const struct news *w, size_t *rows)
{
    for (size_t i = 0; i < w->n; i++) {
        if (w->lines[i].change == CHANGE_NONE || is_led(w, i))
            continue;
        if (*rows == 0)
            html_table_open(h, columns, ARRAY_LEN(columns));
        if (*rows < h->r->shown_max)
            add_row(h, w, &w->lines[i]);
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
        add_rows(h, &(struct news){x, x->lines, x->n_lines}, &rows);
    }
    add_rows(h, &(struct news){NULL, r->unassigned, r->n_unassigned}, &rows);
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
