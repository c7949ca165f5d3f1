/* The text report's calls to make, and what changed since the mail before it. */
#include "bulletin/text_parts.h"

/* ---- Calls ------------------------------------------------------------------------------- */

/* The reseller's language; this report's own words where it is the same. */
static struct voice voice_for(const struct page *p, enum language language)
{
    return language == p->v->language ? *p->v : voice_of(language, p->v->zone);
}

static void add_forward(struct page *p, const struct bulletin_reseller *x)
{
    struct voice v = voice_for(p, x->language);
    AUTO(buf) struct buf text = BUF_INIT(p->said.cap);

    say_forward(&v, p->r, x, &text);
    if (text.len > 0) {
        page_gap(p);
        buf_printf(page_say(p), "%s:", voice_word(p->v, WORD_HEAD_FORWARD));
        page_wrap(p, "   ", "   ");
        page_gap(p);
    }
    buf_add(page_say(p), buf_str(&text), text.len);
    if (buf_error(&text))
        p->said.error = buf_error(&text);
    page_wrap(p, "   | ", "   | ");
}

static void add_call(struct page *p, size_t number)
{
    const struct bulletin_call *c = &p->r->calls[number];
    const struct bulletin_reseller *x = &p->r->resellers[c->reseller];
    char by[VOICE_TEXT_SIZE];

    page_gap(p);
    buf_printf(page_say(p), "%zu. ", number + 1);
    page_name(p, x->name);
    page_wrap(p, "", "   ");
    say_call(p->v, p->r, c, page_say(p));
    page_wrap(p, "   ", "   ");
    if (c->has_by) {
        buf_add_str(page_say(p), voice_moment(p->v, say_deadline(c->by), by));
        page_fact(p, WORD_LABEL_BY, "   ");
    }
    (void)page_say(p);
    if (x->email)
        page_name(p, x->email);
    page_fact(p, WORD_LABEL_EMAIL, "   ");
    add_forward(p, x);
}

/* Calls without a text, by name. */
static void add_others(struct page *p, size_t first)
{
    struct say_names names = {.n = 0};

    for (size_t i = first; i < p->r->n_calls; i++)
        say_names_add(&names, p->r->resellers[p->r->calls[i].reseller].name);
    page_gap(p);
    say_more_calls(p->v, &names, page_say(p));
    page_wrap(p, "", "");
}

void page_calls(struct page *p)
{
    size_t n = p->r->n_calls < BULLETIN_CALLS_MAX ? p->r->n_calls : BULLETIN_CALLS_MAX;

    page_heading(p, 2, WORD_HEAD_CALLS);
    if (n == 0) {
        (void)page_say(p);
        page_word(p, WORD_NO_CALLS);
        page_wrap(p, "", "");
    }
    for (size_t i = 0; i < n; i++)
        add_call(p, i);
    if (p->r->n_calls > n)
        add_others(p, n);
}

/* ---- News -------------------------------------------------------------------------------- */

/* "Bakker: PLSK.01234567 and 3 more: 1 extra IP address (confirmed) [graver]. Was …" */
static void add_item(struct page *p, const struct plan_news *w, size_t at)
{
    const struct bulletin_line *l = &w->lines[at];
    int64_t others = plan_news_followers(w, at);
    struct buf *said = page_say(p);

    if (w->x)
        page_name(p, w->x->name);
    else
        page_word(p, WORD_HEAD_UNASSIGNED);
    buf_add_str(said, ": ");
    page_name(p, l->shown);
    if (others > 0) {
        buf_add_char(said, ' ');
        SAY_N(p->v, said, WORD_AND_MORE, others);
    }
    buf_add_str(said, ": ");
    say_finding(p->v, l, said);
    buf_printf(said, " [%s]. ", say_change(p->v, l->change));
    if (l->change != CHANGE_NEW && l->change != CHANGE_ENDED) /* that says it */
        say_changed(p->v, l, said);
    page_wrap(p, "- ", "  ");
}

/* Adds items up to shown_max; counts all. */
static void add_items(struct page *p, const struct plan_news *w, size_t *items)
{
    for (size_t i = 0; i < w->n; i++) {
        if (!plan_news_is_told(w, i))
            continue;
        if (*items < p->r->shown_max)
            add_item(p, w, i);
        (*items)++;
    }
}

void page_news(struct page *p)
{
    const struct bulletin *r = p->r;
    size_t items = 0;

    page_heading(p, 2, WORD_HEAD_NEWS);
    for (size_t i = 0; i < r->n_resellers; i++) {
        const struct bulletin_reseller *x = &r->resellers[i];
        add_items(p, &(struct plan_news){x, x->lines, x->n_lines}, &items);
    }
    add_items(p, &(struct plan_news){NULL, r->unassigned, r->n_unassigned}, &items);
    (void)page_say(p);
    if (items == 0)
        page_word(p, WORD_NO_NEWS);
    if (items > r->shown_max)
        say_more(p->v, r, (int64_t)(items - r->shown_max), 0, &p->said);
    page_wrap(p, "", "");
}
