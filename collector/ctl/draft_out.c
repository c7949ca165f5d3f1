/* Drafts for machines. */
#include "ctl/draft_table.h"
#include "ctl/entry_out.h"
#include "ctl/json_out.h"

struct rows {
    struct buf *out;
    bool has_any;
};

static int take_json(void *arg, const struct draft *d)
{
    struct rows *rows = arg;

    if (!due_has_row(d))
        return 0;
    buf_add_str(rows->out, rows->has_any ? ",\n" : "\n");
    rows->has_any = true;
    struct jsonw w = jsonw_to(rows->out, false);
    json_due(&w, d);
    return buf_error(rows->out);
}

static int take_csv(void *arg, const struct draft *d)
{
    struct rows *rows = arg;
    char text[MONEY_TEXT_SIZE], period[PERIOD_TEXT_SIZE];

    if (!due_has_row(d))
        return 0;
    csv_text(rows->out, period_format(d->period, period), false);
    csv_text(rows->out, d->reseller, false);
    csv_text(rows->out, charge_kind_name(d->kind), false);
    csv_text(rows->out, d->subject, false);
    buf_printf(rows->out, "%lld,%lld,%s,", (long long)d->due.quantity, (long long)d->due.units,
               d->due.block > 0 ? price_format(d->due.unit_price, d->currency, text) : "");
    csv_text(rows->out, d->currency->code, false);
    buf_printf(rows->out, "%s,", money_format(d->due.amount, d->currency, text));
    buf_printf(rows->out, "%s,", money_format(d->entered, d->currency, text));
    buf_printf(rows->out, "%s,%s\r\n", money_format(d->draft, d->currency, text),
               d->is_trial ? "true" : "false");
    return buf_error(rows->out);
}

static int put_periods(struct night *n, struct rows *rows,
                       int (*take)(void *arg, const struct draft *d))
{
    for (size_t i = 0; i < n->periods.n; i++) {
        int r = drafts_of(&n->setup, n->findings, n->periods.v[i], take, rows);
        if (r < 0)
            return ctl_fail_errno(r, store_diag(n->store));
        int code = ctl_print(rows->out);
        if (code != 0)
            return code;
        buf_reset(rows->out);
    }
    return 0;
}

int draft_json(struct night *n)
{
    AUTO(buf) struct buf out = BUF_INIT(256 << 20);
    struct rows rows = {.out = &out};

    buf_add_char(&out, '[');
    int code = put_periods(n, &rows, take_json);
    if (code != 0)
        return code;
    buf_add_str(&out, "\n]\n");
    return ctl_print(&out);
}

int draft_csv(struct night *n)
{
    AUTO(buf) struct buf out = BUF_INIT(256 << 20);
    struct rows rows = {.out = &out};

    buf_add_str(&out, "period,reseller,kind,subject,quantity,units,unit_price,currency,due,"
                      "entered,draft,trial\r\n");
    return put_periods(n, &rows, take_csv);
}
