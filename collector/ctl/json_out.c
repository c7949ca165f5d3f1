/* The members of SPEC 7, in its order. */
#include "ctl/json_out.h"

static void put_moment(struct jsonw *w, const char *key, bool has, wall_t t)
{
    if (has)
        jsonw_int(w, key, t.s);
    else
        jsonw_null(w, key);
}

void json_finding(struct jsonw *w, const struct finding *f)
{
    char period[PERIOD_TEXT_SIZE];

    jsonw_object(w, NULL);
    jsonw_text(w, "period", period_format(f->period, period));
    jsonw_text(w, "kind", finding_kind_name(f->kind));
    jsonw_text(w, "state", finding_state_name(f->state));
    jsonw_text(w, "reseller", f->reseller);
    jsonw_text(w, "subject", f->subject);
    jsonw_int(w, "quantity", f->quantity);
    jsonw_text(w, "clause", finding_clause(f->kind));
    put_moment(w, "since", f->has_since, f->since);
    put_moment(w, "confirms_at", f->has_confirms, f->confirms_at);
    jsonw_bool(w, "trial", f->is_trial);
    jsonw_text(w, "policy", f->policy);
    jsonw_raw(w, "evidence", f->evidence);
    jsonw_end_object(w);
}

bool due_has_row(const struct draft *d)
{
    return d->due.amount.minor != 0 || d->entered.minor != 0;
}

void json_due(struct jsonw *w, const struct draft *d)
{
    char text[MONEY_TEXT_SIZE > PERIOD_TEXT_SIZE ? MONEY_TEXT_SIZE : PERIOD_TEXT_SIZE];

    jsonw_object(w, NULL);
    jsonw_text(w, "period", period_format(d->period, text));
    jsonw_text(w, "reseller", d->reseller);
    jsonw_text(w, "kind", charge_kind_name(d->kind));
    jsonw_text(w, "subject", d->subject);
    jsonw_int(w, "quantity", d->due.quantity);
    jsonw_int(w, "units", d->due.units);
    if (d->due.block > 0)
        jsonw_text(w, "unit_price", price_format(d->due.unit_price, d->currency, text));
    else
        jsonw_null(w, "unit_price");
    jsonw_text(w, "currency", d->currency->code);
    jsonw_text(w, "due", money_format(d->due.amount, d->currency, text));
    jsonw_text(w, "entered", money_format(d->entered, d->currency, text));
    jsonw_text(w, "draft", money_format(d->draft, d->currency, text));
    jsonw_bool(w, "trial", d->is_trial);
    jsonw_end_object(w);
}
