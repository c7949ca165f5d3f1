/* The HTML report's primitives: escaping, sentences, rows and tables. */
#include "bulletin/html_parts.h"
#include <string.h>

void html_raw(struct html *h, const char *markup)
{
    buf_add_str(h->out, markup);
}

static const char *entity(char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

static void add_escaped(struct buf *out, const char *text, size_t n)
{
    size_t start = 0;

    for (size_t i = 0; i < n; i++) {
        const char *e = entity(text[i]);
        if (!e)
            continue;
        buf_add(out, text + start, i - start);
        buf_add_str(out, e);
        start = i + 1;
    }
    buf_add(out, text + start, n - start);
}

void html_text(struct html *h, const char *text)
{
    add_escaped(h->out, text, strlen(text));
}

void html_name(struct html *h, const char *name)
{
    char harmless[VOICE_NAME_SIZE];

    html_text(h, voice_name(name, harmless));
}

void html_subject(struct html *h, const char *subject)
{
    enum { UNBROKEN_MAX = 18 }; /* a licence's 13, an IPv4 address's 15 bytes, and some */
    bool is_short = strlen(subject) <= UNBROKEN_MAX;

    html_raw(h, is_short ? "<span style=\"white-space:nowrap\">" : "");
    html_name(h, subject);
    html_raw(h, is_short ? "</span>" : "");
}

void html_word(struct html *h, enum word w)
{
    html_text(h, voice_word(h->v, w));
}

struct buf *html_say(struct html *h)
{
    buf_reset(&h->said);
    return &h->said;
}

/* A sentence that could not be made fails the whole document. */
static void pass_error(struct html *h)
{
    int error = buf_error(&h->said);

    if (error && !buf_error(h->out))
        h->out->error = error;
}

void html_said(struct html *h)
{
    pass_error(h);
    html_text(h, buf_str(&h->said));
}

void html_said_in_p(struct html *h, const char *attributes)
{
    if (h->said.len == 0) {
        pass_error(h);
        return;
    }
    html_raw(h, "<p");
    html_raw(h, attributes);
    html_raw(h, ">");
    html_said(h);
    html_raw(h, "</p>\n");
}

/* One paragraph; its single line breaks stay. */
static void add_paragraph(struct html *h, const char *text, size_t n)
{
    size_t start = 0;

    html_raw(h, "<p" A_P ">");
    for (size_t i = 0; i < n; i++)
        if (text[i] == '\n') {
            add_escaped(h->out, text + start, i - start);
            html_raw(h, "<br>\n");
            start = i + 1;
        }
    add_escaped(h->out, text + start, n - start);
    html_raw(h, "</p>\n");
}

void html_said_paragraphs(struct html *h)
{
    const char *p = buf_str(&h->said);

    pass_error(h);
    for (;;) {
        p += strspn(p, "\n");
        if (*p == '\0')
            return;
        const char *end = strstr(p, "\n\n");
        size_t n = end ? (size_t)(end - p) : strlen(p);
        while (n > 0 && p[n - 1] == '\n')
            n--;
        add_paragraph(h, p, n);
        p = end ? end : p + strlen(p);
    }
}

void html_heading(struct html *h, int level, enum word w)
{
    static const char *const attributes[] = {[2] = A_H2, [3] = A_H3, [4] = A_H4, [5] = A_H4};

    buf_printf(h->out, "<h%d%s>", level, attributes[level]);
    html_word(h, w);
    buf_printf(h->out, "</h%d>\n", level);
}

const char *html_lang(enum language language)
{
    return language == LANGUAGE_NL ? "nl" : "en";
}

/* ---- Facts ----------------------------------------------------------------------------- */

void html_facts_open(struct html *h)
{
    html_raw(h, "<table" A_FACTS ">\n");
}

void html_fact_open(struct html *h, enum word label)
{
    html_raw(h, "<tr><th scope=\"row\"" A_LABEL ">");
    html_word(h, label);
    html_raw(h, "</th><td" A_FACT ">");
}

void html_fact_close(struct html *h)
{
    html_raw(h, "</td></tr>\n");
}

void html_fact_said(struct html *h, enum word label)
{
    if (h->said.len == 0) {
        pass_error(h);
        return;
    }
    html_fact_open(h, label);
    html_said(h);
    html_fact_close(h);
}

void html_facts_close(struct html *h)
{
    html_raw(h, "</table>\n");
}

/* ---- Tables ---------------------------------------------------------------------------- */

void html_table_open(struct html *h, const struct html_column *columns, size_t n)
{
    static const char *const attributes[] = {
        [HTML_TEXT] = A_COL_TEXT, [HTML_NAME] = A_COL_NAME, [HTML_NUMBER] = A_COL_NUMBER};

    html_raw(h, "<table" A_TABLE ">\n<thead><tr>");
    for (size_t i = 0; i < n; i++) {
        html_raw(h, "<th scope=\"col\"");
        html_raw(h, attributes[columns[i].cell]);
        html_raw(h, ">");
        html_word(h, columns[i].word);
        html_raw(h, "</th>");
    }
    html_raw(h, "</tr></thead>\n<tbody>\n");
}

void html_row_open(struct html *h)
{
    html_raw(h, "<tr>");
}

void html_cell_open(struct html *h, const struct html_column *columns, size_t at)
{
    static const char *const attributes[] = {
        [HTML_TEXT] = A_CELL_TEXT, [HTML_NAME] = A_CELL_NAME, [HTML_NUMBER] = A_CELL_NUMBER};

    if (at == 0) {
        html_raw(h, "<th scope=\"row\"" A_ROW_HEAD ">");
        return;
    }
    /* The label is for narrow screens, where the columns are stacked. */
    html_raw(h, "<td data-label=\"");
    html_word(h, columns[at].word);
    html_raw(h, "\"");
    html_raw(h, attributes[columns[at].cell]);
    html_raw(h, ">");
}

void html_cell_close(struct html *h, size_t at)
{
    html_raw(h, at == 0 ? "</th>" : "</td>");
}

void html_cell_money(struct html *h, const struct html_column *columns, size_t at, money_t m,
                     const struct currency *c)
{
    char amount[VOICE_TEXT_SIZE];

    html_cell_open(h, columns, at);
    html_text(h, voice_money(h->v, m, c, amount));
    html_cell_close(h, at);
}

void html_row_close(struct html *h)
{
    html_raw(h, "</tr>\n");
}

void html_table_close(struct html *h)
{
    html_raw(h, "</tbody>\n</table>\n");
}
