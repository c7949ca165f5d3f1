/* The HTML report's tables of money: of a reseller, its disputes and waivers, and of all. */
#include "bulletin/html_parts.h"

/* What a charge is called: as the finding that it comes from. */
static enum finding_kind finding_of(enum charge_kind k)
{
    switch (k) {
    case CHARGE_EXTRA_IP: return FINDING_EXTRA_IP;
    case CHARGE_MAILBOXES: return FINDING_MAILBOXES;
    case CHARGE_OUTSIDE: return FINDING_OUTSIDE;
    }
    return FINDING_EXTRA_IP;
}

static void cell_period(struct html *h, const struct html_column *columns, size_t at,
                        period_t p)
{
    char period[VOICE_TEXT_SIZE];

    html_cell_open(h, columns, at);
    html_text(h, voice_period(h->v, p, period));
    html_cell_close(h, at);
}

static void cell_kind(struct html *h, const struct html_column *columns, size_t at,
                      enum charge_kind k)
{
    html_cell_open(h, columns, at);
    html_text(h, say_kind(h->v, finding_of(k)));
    html_cell_close(h, at);
}

/* ---- Of a reseller --------------------------------------------------------------------- */

static const struct html_column money_columns[] = {
    {WORD_COL_PERIOD, HTML_TEXT},    {WORD_COL_KIND, HTML_TEXT},    {WORD_COL_DUE, HTML_NUMBER},
    {WORD_COL_ENTERED, HTML_NUMBER}, {WORD_COL_DRAFT, HTML_NUMBER},
};

/* The draft of a closed period is an adjustment, and is called so. */
static void add_draft(struct html *h, const struct bulletin_money *m)
{
    char amount[VOICE_TEXT_SIZE];

    html_cell_open(h, money_columns, 4);
    html_text(h, voice_money(h->v, m->draft, m->currency, amount));
    if (m->is_closed) {
        html_raw(h, "<br><span" A_SOFT ">");
        html_word(h, WORD_COL_ADJUSTMENT);
        html_raw(h, "</span>");
    }
    html_cell_close(h, 4);
}

static void add_money(struct html *h, const struct bulletin_money *m)
{
    char amount[VOICE_TEXT_SIZE];

    html_row_open(h);
    cell_period(h, money_columns, 0, m->period);
    cell_kind(h, money_columns, 1, m->kind);
    html_cell_open(h, money_columns, 2);
    html_text(h, voice_money(h->v, m->due, m->currency, amount));
    if (m->unpriced > 0) {
        html_raw(h, "<br><span" A_SOFT ">");
        SAY_N(h->v, html_say(h), WORD_UNPRICED, m->unpriced);
        html_said(h);
        html_raw(h, "</span>");
    }
    html_cell_close(h, 2);
    html_cell_money(h, money_columns, 3, m->entered, m->currency);
    add_draft(h, m);
    html_row_close(h);
}

void html_money(struct html *h, const struct bulletin_reseller *x)
{
    if (x->n_money == 0)
        return;
    html_heading(h, 4, WORD_HEAD_MONEY);
    html_table_open(h, money_columns, ARRAY_LEN(money_columns));
    for (size_t i = 0; i < x->n_money; i++)
        add_money(h, &x->money[i]);
    html_table_close(h);
}

/* ---- What a person decided on ---------------------------------------------------------- */

static const struct html_column hold_columns[] = {
    {WORD_COL_SUBJECT, HTML_NAME},  {WORD_COL_KIND, HTML_TEXT},
    {WORD_COL_PERIOD, HTML_TEXT},   {WORD_COL_DECISION, HTML_TEXT},
    {WORD_COL_AMOUNT, HTML_NUMBER},
};

void html_holds(struct html *h, const struct bulletin_reseller *x)
{
    if (x->n_holds == 0)
        return;
    html_heading(h, 4, WORD_HEAD_HOLDS);
    html_table_open(h, hold_columns, ARRAY_LEN(hold_columns));
    for (size_t i = 0; i < x->n_holds; i++) {
        const struct bulletin_hold *d = &x->holds[i];
        html_row_open(h);
        html_cell_open(h, hold_columns, 0);
        html_subject(h, d->subject);
        html_cell_close(h, 0);
        cell_kind(h, hold_columns, 1, d->kind);
        cell_period(h, hold_columns, 2, d->period);
        html_cell_open(h, hold_columns, 3);
        html_word(h, d->is_waived ? WORD_IS_WAIVED : WORD_IS_DISPUTED);
        html_cell_close(h, 3);
        html_cell_money(h, hold_columns, 4, d->amount, d->currency);
        html_row_close(h);
    }
    html_table_close(h);
    if (x->n_holds_more > 0) {
        SAY_N(h->v, html_say(h), WORD_AND_MORE, x->n_holds_more);
        html_said_in_p(h, A_P);
    }
}

/* ---- Of all ---------------------------------------------------------------------------- */

static const struct html_column sum_columns[] = {
    {WORD_COL_CURRENCY, HTML_TEXT}, {WORD_COL_ENTERED, HTML_NUMBER},
    {WORD_COL_DRAFT, HTML_NUMBER},  {WORD_COL_ADJUSTMENT, HTML_NUMBER},
    {WORD_COL_WOULD, HTML_NUMBER},
};

void html_totals(struct html *h)
{
    if (h->r->n_sums == 0)
        return;
    html_heading(h, 2, WORD_HEAD_TOTALS);
    html_table_open(h, sum_columns, ARRAY_LEN(sum_columns));
    for (size_t i = 0; i < h->r->n_sums; i++) {
        const struct bulletin_sum *s = &h->r->sums[i];
        html_row_open(h);
        html_cell_open(h, sum_columns, 0);
        html_text(h, s->currency->code);
        html_cell_close(h, 0);
        html_cell_money(h, sum_columns, 1, s->entered, s->currency);
        html_cell_money(h, sum_columns, 2, s->draft, s->currency);
        html_cell_money(h, sum_columns, 3, s->adjustment, s->currency);
        html_cell_money(h, sum_columns, 4, s->would, s->currency);
        html_row_close(h);
    }
    html_table_close(h);
    say_lacks_amounts(h->v, h->r, html_say(h));
    html_said_in_p(h, A_P);
}
