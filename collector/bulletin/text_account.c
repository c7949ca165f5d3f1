/* The text report's part by reseller, for their account manager, and its money. */
#include "bulletin/text_parts.h"
#include <string.h>

/* ---- Money ------------------------------------------------------------------------------- */

static void add_unpriced(struct page *p, const struct bulletin_money *m)
{
    char period[VOICE_TEXT_SIZE];

    if (m->unpriced == 0)
        return;
    buf_printf(page_say(p), "%s: ", voice_period(p->v, m->period, period));
    SAY_N(p->v, &p->said, WORD_UNPRICED, m->unpriced);
    page_wrap(p, "  ", "  ");
}

static void add_closed(struct page *p, const struct bulletin_reseller *x, size_t i)
{
    const struct bulletin_money *m = &x->money[i];
    char period[VOICE_TEXT_SIZE];

    if (!m->is_closed || (i > 0 && x->money[i - 1].period.month == m->period.month))
        return;
    SAY(p->v, page_say(p), WORD_CLOSED_PERIOD, voice_period(p->v, m->period, period));
    page_wrap(p, "  ", "  ");
}

static void add_money(struct page *p, const struct bulletin_reseller *x)
{
    static const struct page_column columns[] = {
        {WORD_COL_PERIOD, false}, {WORD_COL_KIND, false}, {WORD_COL_DUE, true},
        {WORD_COL_ENTERED, true}, {WORD_COL_DRAFT, true},
    };
    AUTO(page_table) struct page_table t = page_table_of(columns, ARRAY_LEN(columns));

    if (x->n_money == 0)
        return;
    page_heading(p, 4, WORD_HEAD_MONEY);
    page_gap(p);
    for (size_t i = 0; i < x->n_money; i++) {
        const struct bulletin_money *m = &x->money[i];
        page_cell_period(p, &t, m->period);
        page_cell_charge(p, &t, m->kind);
        page_cell_money(p, &t, m->due, m->currency);
        page_cell_money(p, &t, m->entered, m->currency);
        page_cell_money(p, &t, m->draft, m->currency);
    }
    page_table(p, &t, "  ");
    for (size_t i = 0; i < x->n_money; i++) {
        add_closed(p, x, i);
        add_unpriced(p, &x->money[i]);
    }
}

static void add_holds(struct page *p, const struct bulletin_reseller *x)
{
    static const struct page_column columns[] = {
        {WORD_COL_SUBJECT, false},  {WORD_COL_KIND, false},  {WORD_COL_PERIOD, false},
        {WORD_COL_DECISION, false}, {WORD_COL_AMOUNT, true},
    };
    AUTO(page_table) struct page_table t = page_table_of(columns, ARRAY_LEN(columns));

    if (x->n_holds == 0)
        return;
    page_heading(p, 4, WORD_HEAD_HOLDS);
    page_gap(p);
    for (size_t i = 0; i < x->n_holds; i++) {
        const struct bulletin_hold *d = &x->holds[i];
        page_cell_name(p, &t, d->subject);
        page_cell_charge(p, &t, d->kind);
        page_cell_period(p, &t, d->period);
        page_cell_word(p, &t, d->is_waived ? WORD_IS_WAIVED : WORD_IS_DISPUTED);
        page_cell_money(p, &t, d->amount, d->currency);
    }
    page_table(p, &t, "  ");
    if (x->n_holds_more > 0)
        SAY_N(p->v, page_say(p), WORD_AND_MORE, x->n_holds_more);
    else
        (void)page_say(p);
    page_wrap(p, "  ", "  ");
}

void page_totals(struct page *p)
{
    static const struct page_column columns[] = {
        {WORD_COL_CURRENCY, false},  {WORD_COL_ENTERED, true}, {WORD_COL_DRAFT, true},
        {WORD_COL_ADJUSTMENT, true}, {WORD_COL_WOULD, true},
    };
    AUTO(page_table) struct page_table t = page_table_of(columns, ARRAY_LEN(columns));

    if (p->r->n_sums == 0)
        return;
    page_heading(p, 2, WORD_HEAD_TOTALS);
    for (size_t i = 0; i < p->r->n_sums; i++) {
        const struct bulletin_sum *s = &p->r->sums[i];
        page_cell_name(p, &t, s->currency->code);
        page_cell_money(p, &t, s->entered, s->currency);
        page_cell_money(p, &t, s->draft, s->currency);
        page_cell_money(p, &t, s->adjustment, s->currency);
        page_cell_money(p, &t, s->would, s->currency);
    }
    page_table(p, &t, "  ");
    say_lacks_amounts(p->v, p->r, page_say(p));
    page_wrap(p, "", "");
}

/* ---- Resellers --------------------------------------------------------------------------- */

/* "Bakker Hosting B.V. (bakker) [trial]" */
static void add_name(struct page *p, const struct bulletin_reseller *x)
{
    struct buf *said = page_say(p);

    page_name(p, x->name);
    if (strcmp(x->name, x->id) != 0) {
        buf_add_str(said, " (");
        page_name(p, x->id);
        buf_add_char(said, ')');
    }
    if (x->is_trial)
        buf_printf(said, " [%s]", voice_word(p->v, WORD_IS_TRIAL));
    page_heading_said(p, 3);
}

static void add_reseller(struct page *p, const struct bulletin_reseller *x)
{
    add_name(p, x);
    page_findings(p, &(struct page_findings){x, x->lines, x->n_lines, 4});
    add_money(p, x);
    add_holds(p, x);
    say_coverage(p->v, &x->coverage, page_say(p));
    page_section(p, 4, WORD_HEAD_COVERAGE, "  ");
    say_strikes(p->v, &x->strikes, page_say(p));
    page_section(p, 4, WORD_HEAD_STRIKES, "  ");
}

static void add_names(struct page *p, enum word heading, const struct say_names *names)
{
    if (names->n == 0)
        return;
    page_heading(p, 2, heading);
    say_names(p->v, names, page_say(p));
    page_wrap(p, "", "");
}

void page_resellers(struct page *p)
{
    const struct bulletin *r = p->r;
    struct say_names quiet = {.n = 0}, others = {.n = 0};
    bool has_any = false;

    page_heading(p, 2, WORD_HEAD_RESELLERS);
    for (size_t i = 0; i < r->n_resellers; i++) {
        const struct bulletin_reseller *x = &r->resellers[i];
        if (plan_is_quiet(r, x)) {
            say_names_add(&quiet, x->name);
            continue;
        }
        has_any = true;
        if (plan_take_section(&p->plan, r, x))
            add_reseller(p, x);
        else
            say_names_add(&others, x->name);
    }
    if (!has_any) {
        (void)page_say(p);
        page_word(p, WORD_NO_FINDINGS);
        page_wrap(p, "", "");
    }
    add_names(p, WORD_HEAD_OTHERS, &others);
    add_names(p, WORD_HEAD_QUIET, &quiet);
    if (r->n_unassigned > 0) {
        page_heading(p, 2, WORD_HEAD_UNASSIGNED);
        page_findings(p, &(struct page_findings){NULL, r->unassigned, r->n_unassigned, 4});
    }
    page_more(p);
}
