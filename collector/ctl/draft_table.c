/* Keys with a due or an entry, and the sum of each currency. */
#include "ctl/draft_table.h"
#include "base/grow.h"
#include <errno.h>

struct currency_sum {
    const struct currency *currency;
    money_t due, entered, draft;
};

struct drafting {
    struct table *table;
    struct currency_sum *sums;
    size_t n_sums, cap_sums, rows, unpriced, trial, disputed;
};

static void drafting_done(struct drafting *d)
{
    table_free(d->table);
    free(d->sums);
}

static const char *const heads[] = {"Key",  ">Quantity", ">Unit price", "Currency",
                                    ">Due", ">Entered",  ">Draft",      "Remark"};

static const char *remark(const struct draft *d)
{
    if (d->is_disputed)
        return "disputed: not entered until decided";
    if (d->is_waived)
        return "waived";
    if (d->is_trial)
        return "trial: not entered";
    if (d->due.basis == DUE_UNPRICED)
        return "no tariff: nothing is due";
    return "";
}

static void put_row(struct table *t, const struct draft *d)
{
    char period[PERIOD_TEXT_SIZE], text[MONEY_TEXT_SIZE];

    table_cell(t, "%s/%s/%s/%s", period_format(d->period, period), d->reseller,
               charge_kind_name(d->kind), d->subject);
    table_cell(t, "%lld", (long long)d->due.quantity);
    table_cell(t, "%s",
               d->due.block > 0 ? price_format(d->due.unit_price, d->currency, text) : "-");
    table_cell(t, "%s", d->currency->code);
    table_cell(t, "%s", money_format(d->due.amount, d->currency, text));
    table_cell(t, "%s", money_format(d->entered, d->currency, text));
    table_cell(t, "%s", money_format(d->draft, d->currency, text));
    table_cell(t, "%s", remark(d));
}

static int add_sum(struct drafting *all, const struct draft *d)
{
    struct currency_sum *sum = NULL;

    for (size_t i = 0; i < all->n_sums && !sum; i++)
        if (all->sums[i].currency == d->currency)
            sum = &all->sums[i];
    if (!sum) {
        int r = grow(&all->sums, &all->cap_sums, all->n_sums + 1, sizeof(*all->sums), SIZE_MAX);
        if (r < 0)
            return r;
        sum = &all->sums[all->n_sums++];
        *sum = (struct currency_sum){.currency = d->currency};
    }
    int r = money_add(sum->due, d->due.amount, &sum->due);
    if (r >= 0)
        r = money_add(sum->entered, d->entered, &sum->entered);
    return r < 0 ? r : money_add(sum->draft, d->draft, &sum->draft);
}

static int take(void *arg, const struct draft *d)
{
    struct drafting *all = arg;

    all->rows++;
    all->unpriced += d->due.basis == DUE_UNPRICED;
    all->trial += d->is_trial;
    all->disputed += d->is_disputed;
    put_row(all->table, d);
    return d->is_trial ? 0 : add_sum(all, d);
}

static void put_sums(const struct drafting *all, struct buf *out)
{
    char due[MONEY_TEXT_SIZE], entered[MONEY_TEXT_SIZE], draft[MONEY_TEXT_SIZE];

    for (size_t i = 0; i < all->n_sums; i++) {
        const struct currency_sum *s = &all->sums[i];
        buf_printf(out, "Sum %s, excluding VAT: due %s, entered %s, draft %s\n",
                   s->currency->code, money_format(s->due, s->currency, due),
                   money_format(s->entered, s->currency, entered),
                   money_format(s->draft, s->currency, draft));
    }
    if (all->trial > 0)
        buf_printf(out, "Keys of trial resellers (%zu) are shown and not in the sums.\n",
                   all->trial);
}

int draft_tables(struct night *n)
{
    AUTO(drafting) struct drafting all = {0};
    AUTO(buf) struct buf out = BUF_INIT(256 << 20);
    int r = table_new(heads, ARRAY_LEN(heads), &all.table);

    for (size_t i = 0; i < n->periods.n && r >= 0; i++)
        r = drafts_of(&n->setup, n->findings, n->periods.v[i], take, &all);
    if (r < 0)
        return ctl_fail_errno(r, store_diag(n->store));
    if (all.rows == 0) {
        buf_add_str(&out, "\nNothing is due, and nothing was entered.\n");
        return ctl_print(&out);
    }
    buf_add_str(&out, "\nDue and entered, by key\n\n");
    r = table_write(all.table, &out);
    if (r < 0)
        return ctl_fail_errno(r, NULL);
    buf_add_str(&out, "\n");
    put_sums(&all, &out);
    return ctl_print(&out);
}
