/* The HTML report's calls to make: who, why, by when, and a text to forward. */
#include "bulletin/html_parts.h"
#include <string.h>

bool html_is_called(const struct html *h, size_t reseller)
{
    for (size_t i = 0; i < h->r->n_calls && i < BULLETIN_CALLS_MAX; i++)
        if (h->r->calls[i].reseller == reseller)
            return true;
    return false;
}

/* The reseller's language; this report's own words where it is the same. */
static struct voice voice_for(const struct html *h, enum language language)
{
    return language == h->v->language ? *h->v : voice_of(language, h->v->zone);
}

static void add_forward(struct html *h, const struct bulletin_reseller *x)
{
    struct voice v = voice_for(h, x->language);

    say_forward(&v, h->r, x, html_say(h));
    if (h->said.len == 0)
        return;
    html_heading(h, 4, WORD_HEAD_FORWARD);
    html_raw(h, "<table" A_INNER "><tr><td lang=\"");
    html_raw(h, html_lang(x->language));
    html_raw(h, "\"" A_FORWARD ">\n");
    html_said_paragraphs(h);
    html_raw(h, "</td></tr></table>\n");
}

static void add_contact(struct html *h, const struct bulletin_reseller *x,
                        const struct bulletin_call *c)
{
    html_facts_open(h);
    if (c->has_by) {
        char by[VOICE_TEXT_SIZE];
        html_fact_open(h, WORD_LABEL_BY);
        html_raw(h, "<b>");
        /* It costs from `by` on: the second before is the last that clears it. */
        html_text(h, voice_moment(h->v, say_deadline(c->by), by));
        html_raw(h, "</b>");
        html_fact_close(h);
    }
    if (x->email) {
        html_fact_open(h, WORD_LABEL_EMAIL);
        html_name(h, x->email);
        html_fact_close(h);
    }
    html_facts_close(h);
}

static void add_call(struct html *h, const struct bulletin_call *c)
{
    const struct bulletin_reseller *x = &h->r->resellers[c->reseller];

    html_raw(h, "<table" A_BOXED "><tr><td" A_CARD ">\n<h3" A_HEAD_FIRST ">");
    html_name(h, x->name);
    html_raw(h, "</h3>\n");
    say_call(h->v, h->r, c, html_say(h));
    html_said_in_p(h, A_P);
    if (c->has_by || x->email)
        add_contact(h, x, c);
    for (size_t i = 0; i < h->r->n_pictures; i++)
        if (h->r->pictures[i].reseller == c->reseller)
            html_picture(h, &h->r->pictures[i]);
    add_forward(h, x);
    html_raw(h, "</td></tr></table>\n");
}

/* Calls without a text, by name. */
static void add_others(struct html *h, size_t first)
{
    struct say_names names = {.n = 0};

    for (size_t i = first; i < h->r->n_calls; i++)
        say_names_add(&names, h->r->resellers[h->r->calls[i].reseller].name);
    say_more_calls(h->v, &names, html_say(h));
    html_said_in_p(h, A_P);
}

void html_calls(struct html *h)
{
    size_t n = h->r->n_calls < BULLETIN_CALLS_MAX ? h->r->n_calls : BULLETIN_CALLS_MAX;

    html_heading(h, 2, WORD_HEAD_CALLS);
    if (n == 0) {
        html_raw(h, "<p" A_P ">");
        html_word(h, WORD_NO_CALLS);
        html_raw(h, "</p>\n");
    }
    for (size_t i = 0; i < n; i++)
        add_call(h, &h->r->calls[i]);
    if (h->r->n_calls > n)
        add_others(h, n);
}
