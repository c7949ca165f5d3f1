/* Which price, and what is due. */
#include "ledger/ledger.h"
#include <errno.h>
#include <string.h>

static const char *const basis_names[] = {"confirmed", "unpriced", "clear", "gone", "waived"};
static_assert(ARRAY_LEN(basis_names) == DUE_WAIVED + 1, "a name for each basis");

const char *due_basis_name(enum due_basis b)
{
    return basis_names[b];
}

static bool tariff_applies(const struct estate_tariff *t, const struct tariff_query *q)
{
    return t->kind == q->kind && t->currency == q->currency && t->from.s <= q->period_start.s &&
           (!t->reseller || strcmp(t->reseller, q->reseller) == 0);
}

static bool tariff_is_better(const struct estate_tariff *t, const struct estate_tariff *best)
{
    if (!best || !t->reseller != !best->reseller)
        return !best || t->reseller;
    return t->from.s > best->from.s;
}

const struct estate_tariff *ledger_tariff(const struct estate_tariff *v, size_t n,
                                          const struct tariff_query *q)
{
    const struct estate_tariff *best = NULL;

    for (size_t i = 0; i < n; i++)
        if (tariff_applies(&v[i], q) && tariff_is_better(&v[i], best))
            best = &v[i];
    return best;
}

int ledger_due(const struct due_question *q, struct due *ret)
{
    struct due d = {.basis = DUE_CLEAR, .tariff_from = WALL_BEGIN};

    if (q->state == STATE_CONFIRMED) {
        d.quantity = q->quantity;
        d.basis = q->tariff ? DUE_CONFIRMED : DUE_UNPRICED;
    }
    if (q->tariff) {
        d.block = q->tariff->block;
        d.unit_price = q->tariff->unit_price;
        d.tariff_from = q->tariff->from;
        d.tariff_is_own = q->tariff->reseller != NULL;
    }
    if (d.basis == DUE_CONFIRMED && q->is_waived)
        d.basis = DUE_WAIVED;
    if (d.basis == DUE_CONFIRMED) {
        struct money_cost cost;
        int r = money_due(d.quantity, d.block, d.unit_price, q->currency, &cost);
        if (r < 0)
            return r;
        d.units = cost.units;
        d.amount = cost.amount;
    }
    *ret = d;
    return 0;
}
