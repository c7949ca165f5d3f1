/* The nightly report as one HTML document, for an account manager or a reseller. */
#include "bulletin/html_parts.h"

static void html_done(struct html *h)
{
    buf_done(&h->said);
}

/* ---- For an account manager ------------------------------------------------------------ */

static void add_coverage(struct html *h)
{
    html_heading(h, 2, WORD_HEAD_COVERAGE);
    say_coverage(h->v, &h->r->coverage, html_say(h));
    html_said_in_p(h, A_P);
}

static void item_said(struct html *h)
{
    html_raw(h, "<li" A_ITEM ">");
    html_said(h);
    html_raw(h, "</li>\n");
}

static void add_waiting(struct html *h)
{
    if (h->r->n_waiting == 0)
        return;
    html_heading(h, 2, WORD_HEAD_WAITING);
    html_raw(h, "<ul" A_LIST ">\n");
    for (size_t i = 0; i < h->r->n_waiting; i++) {
        say_waiting(h->v, h->r, &h->r->waiting[i], html_say(h));
        item_said(h);
    }
    html_raw(h, "</ul>\n");
}

static void add_rates(struct html *h)
{
    if (h->r->n_rates == 0)
        return;
    html_heading(h, 2, WORD_HEAD_RATES);
    html_raw(h, "<ul" A_LIST ">\n");
    for (size_t i = 0; i < h->r->n_rates; i++) {
        say_rate(h->v, &h->r->rates[i], html_say(h));
        item_said(h);
    }
    html_raw(h, "</ul>\n");
}

static void add_dead(struct html *h)
{
    if (h->r->n_dead == 0)
        return;
    html_heading(h, 2, WORD_HEAD_DEAD);
    html_raw(h, "<ul" A_LIST ">\n");
    for (size_t i = 0; i < h->r->n_dead; i++) {
        say_dead(h->v, &h->r->dead[i], html_say(h));
        item_said(h);
    }
    if (h->r->n_dead_more > 0) {
        SAY_N(h->v, html_say(h), WORD_AND_MORE, h->r->n_dead_more);
        item_said(h);
    }
    html_raw(h, "</ul>\n");
}

static void add_ledger(struct html *h)
{
    html_heading(h, 2, WORD_HEAD_LEDGER);
    say_chain(h->v, h->r, html_say(h));
    html_said_in_p(h, A_P);
}

static void tell_manager(struct html *h)
{
    html_calls(h);
    if (h->r->has_last)
        html_news(h);
    html_resellers(h);
    add_coverage(h);
    html_totals(h);
    add_waiting(h);
    add_rates(h);
    add_dead(h);
    add_ledger(h);
}

/* ---- For a reseller -------------------------------------------------------------------- */

static void tell_reseller(struct html *h)
{
    const struct bulletin *r = h->r;
    char name[VOICE_NAME_SIZE];

    SAY(h->v, html_say(h), WORD_GREETING, voice_name(r->name, name));
    html_said_in_p(h, A_GREETING);
    html_verdict(h);
    if (r->failure || r->n_resellers == 0)
        return;
    const struct bulletin_reseller *x = &r->resellers[0];
    html_states(h,
                (struct html_findings){.x = x, .lines = x->lines, .n = x->n_lines, .level = 2});
    html_ended(h, x);
    html_more(h);
    html_heading(h, 2, WORD_HEAD_ANSWER);
    say_answer(h->v, r, html_say(h));
    html_said_paragraphs(h);
}

/* ---- The whole ------------------------------------------------------------------------- */

static void add_failure(struct html *h)
{
    html_raw(h, "<table" A_BOXED "><tr><td" A_CARD ">\n");
    say_failure(h->v, h->r, html_say(h));
    html_said_paragraphs(h);
    html_raw(h, "</td></tr></table>\n");
}

int bulletin_html_in(const struct voice *v, const struct bulletin *r, const char *folder,
                     struct buf *out)
{
    AUTO(html)
    struct html h = {.r = r,
                     .v = v,
                     .folder = folder,
                     .out = out,
                     .said = BUF_INIT((size_t)1 << 22),
                     .plan = plan_of(r)};

    html_begin(&h);
    if (r->audience == AUDIENCE_RESELLER) {
        tell_reseller(&h);
    } else {
        html_verdict(&h);
        if (!r->failure)
            tell_manager(&h);
    }
    if (r->failure)
        add_failure(&h);
    html_end(&h);
    return buf_error(out);
}

int bulletin_html(const struct bulletin *r, const char *folder, struct buf *out)
{
    struct voice v = voice_of(r->language, r->zone);

    return bulletin_html_in(&v, r, folder, out);
}
