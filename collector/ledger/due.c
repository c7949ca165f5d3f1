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

static bool tariff_applies(const struct estate_tariff *t, enum charge_kind kind,
                           const char *reseller, const struct currency *currency,
                           wall_t period_start)
{
    return t->kind == kind && t->currency == currency && t->from.s <= period_start.s &&
           (!t->reseller || strcmp(t->reseller, reseller) == 0);
}

static bool tariff_is_better(const struct estate_tariff *t, const struct estate_tariff *best)
{
    if (!best || !t->reseller != !best->reseller)
        return !best || t->reseller;
    return t->from.s > best->from.s;
}

const struct estate_tariff *ledger_tariff(const struct estate_tariff *v, size_t n,
                                          enum charge_kind kind, const char *reseller,
                                          const struct currency *currency, wall_t period_start)
{
    const struct estate_tariff *best = NULL;

    for (size_t i = 0; i < n; i++)
        if (tariff_applies(&v[i], kind, reseller, currency, period_start) &&
            tariff_is_better(&v[i], best))
            best = &v[i];
    return best;
}

int ledger_due(enum finding_state state, int64_t quantity, bool is_waived,
               const struct estate_tariff *tariff, const struct currency *currency,
               struct due *ret)
{
    struct due d = {.basis = DUE_CLEAR, .tariff_from = WALL_BEGIN};

    if (state == STATE_CONFIRMED) {
        d.quantity = quantity;
        d.basis = tariff ? DUE_CONFIRMED : DUE_UNPRICED;
    }
    if (tariff) {
        d.block = tariff->block;
        d.unit_price = tariff->unit_price;
        d.tariff_from = tariff->from;
        d.tariff_is_own = tariff->reseller != NULL;
    }
    if (d.basis == DUE_CONFIRMED && is_waived)
        d.basis = DUE_WAIVED;
    if (d.basis == DUE_CONFIRMED) {
        int r = money_due(quantity, d.block, d.unit_price, currency, &d.units, &d.amount);
        if (r < 0)
            return r;
    }
    *ret = d;
    return 0;
}
