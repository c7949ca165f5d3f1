/* The nightly report as text, for an account manager or a reseller. */
#include "bulletin/text_parts.h"

static void page_done(struct page *p)
{
    buf_done(&p->said);
}

/* ---- For an account manager -------------------------------------------------------------- */

static void add_coverage(struct page *p)
{
    say_coverage(p->v, &p->r->coverage, page_say(p));
    page_section(p, 2, WORD_HEAD_COVERAGE, "");
}

static void add_waiting(struct page *p)
{
    if (p->r->n_waiting == 0)
        return;
    page_heading(p, 2, WORD_HEAD_WAITING);
    for (size_t i = 0; i < p->r->n_waiting; i++) {
        say_waiting(p->v, p->r, &p->r->waiting[i], page_say(p));
        page_wrap(p, "- ", "  ");
    }
}

static void add_rates(struct page *p)
{
    if (p->r->n_rates == 0)
        return;
    page_heading(p, 2, WORD_HEAD_RATES);
    for (size_t i = 0; i < p->r->n_rates; i++) {
        say_rate(p->v, &p->r->rates[i], page_say(p));
        page_wrap(p, "- ", "  ");
    }
}

static void add_dead(struct page *p)
{
    if (p->r->n_dead == 0)
        return;
    page_heading(p, 2, WORD_HEAD_DEAD);
    for (size_t i = 0; i < p->r->n_dead; i++) {
        say_dead(p->v, &p->r->dead[i], page_say(p));
        page_wrap(p, "- ", "  ");
    }
    (void)page_say(p);
    if (p->r->n_dead_more > 0)
        SAY_N(p->v, &p->said, WORD_AND_MORE, p->r->n_dead_more);
    page_wrap(p, "- ", "  ");
}

static void add_ledger(struct page *p)
{
    say_chain(p->v, p->r, page_say(p));
    page_section(p, 2, WORD_HEAD_LEDGER, "");
}

static void tell_manager(struct page *p)
{
    page_calls(p);
    if (p->r->has_last)
        page_news(p);
    page_resellers(p);
    add_coverage(p);
    page_totals(p);
    add_waiting(p);
    add_rates(p);
    add_dead(p);
    add_ledger(p);
}

/* ---- For a reseller ---------------------------------------------------------------------- */

static void tell_reseller(struct page *p)
{
    const struct bulletin_reseller *x = &p->r->resellers[0];

    page_findings(p, &(struct page_findings){x, x->lines, x->n_lines, 2});
    page_ended(p, x);
    page_more(p);
    say_answer(p->v, p->r, page_say(p));
    page_section(p, 2, WORD_HEAD_ANSWER, "");
}

/* ---- The whole --------------------------------------------------------------------------- */

static void begin(struct page *p)
{
    const struct bulletin *r = p->r;
    bool is_manager = r->audience == AUDIENCE_MANAGER;
    char name[VOICE_NAME_SIZE], at[VOICE_TEXT_SIZE];

    voice_name(r->name, name);
    SAY(p->v, page_say(p), is_manager ? WORD_TITLE_MANAGER : WORD_TITLE_RESELLER, name);
    page_heading_said(p, 1);
    SAY(p->v, page_say(p), WORD_AS_OF, voice_moment(p->v, r->as_of, at));
    page_wrap(p, "", "");
    say_serial(p->v, r, page_say(p));
    page_wrap(p, "", "");
    page_gap(p);
    if (!is_manager) {
        SAY(p->v, page_say(p), WORD_GREETING, name);
        page_wrap(p, "", "");
        page_gap(p);
    }
    say_verdict(p->v, r, page_say(p));
    page_wrap(p, "", "");
}

static void add_failure(struct page *p)
{
    page_gap(p);
    say_failure(p->v, p->r, page_say(p));
    page_wrap(p, "", "");
}

/* "-- " on a line of its own would be taken for a signature, and folded away. */
static void end(struct page *p)
{
    char at[VOICE_TEXT_SIZE];

    page_gap(p);
    buf_add_str(p->out, "---\n");
    (void)page_say(p);
    page_word(p, WORD_FOOTER_STATES);
    page_wrap(p, "", "");
    SAY(p->v, page_say(p), WORD_FOOTER_AUTOMATIC, voice_moment(p->v, p->r->as_of, at));
    page_wrap(p, "", "");
}

int bulletin_text_in(const struct voice *v, const struct bulletin *r, struct buf *out)
{
    AUTO(page)
    struct page p = {
        .r = r, .v = v, .out = out, .said = BUF_INIT((size_t)1 << 22), .plan = plan_of(r)};

    begin(&p);
    if (r->failure)
        add_failure(&p);
    else if (r->audience == AUDIENCE_MANAGER)
        tell_manager(&p);
    else if (r->n_resellers > 0)
        tell_reseller(&p);
    end(&p);
    return buf_error(out);
}

int bulletin_text(const struct bulletin *r, struct buf *out)
{
    struct voice v = voice_of(r->language, r->zone);

    return bulletin_text_in(&v, r, out);
}
