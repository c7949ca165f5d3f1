/* From findings to money (SPEC 6.5): which tariff, how many units, what is due. */
#include "support/brute_parts.h"

#include <stdio.h>
#include <string.h>

static bool charge_of(enum finding_kind k, enum charge_kind *ret)
{
    for (int i = 0; i < CHARGE_KIND_COUNT; i++)
        if (strcmp(charge_kind_name((enum charge_kind)i), finding_kind_name(k)) == 0) {
            *ret = (enum charge_kind)i;
            return true;
        }
    return false;
}

static const struct currency *currency_of(const struct world *w, const char *reseller)
{
    for (size_t i = 0; i < w->n_resellers; i++)
        if (strcmp(w->resellers[i].id, reseller) == 0)
            return w->resellers[i].currency;
    return NULL;
}

/* The reseller's own before the general one, then the latest `from`. */
static bool goes_before(const struct estate_tariff *a, const struct estate_tariff *b)
{
    if (b == NULL || (a->reseller == NULL) != (b->reseller == NULL))
        return b == NULL || a->reseller != NULL;
    return a->from.s > b->from.s;
}

static const struct estate_tariff *tariff_for(const struct world *w, const struct cost *d)
{
    const struct estate_tariff *best = NULL;
    wall_t p0 = period_start(&w->zone, d->period);
    for (size_t i = 0; i < w->n_tariffs; i++) {
        const struct estate_tariff *t = &w->tariffs[i];
        if (t->kind == d->kind && strcmp(t->currency->code, d->currency->code) == 0 &&
            (t->reseller == NULL || strcmp(t->reseller, d->reseller) == 0) &&
            t->from.s <= p0.s && goes_before(t, best))
            best = t;
    }
    return best;
}

/* Millionths of the major unit to minor units, half away from zero (none is negative). */
static int64_t to_minor(__int128 micro, const struct currency *c)
{
    __int128 step = 1000000;
    for (int i = 0; i < c->digits; i++)
        step /= 10;
    return (int64_t)((2 * micro + step) / (2 * step));
}

void brute_due(const struct world *w, const struct verdict_list *verdicts,
               struct cost_list *out)
{
    for (size_t i = 0; i < verdicts->n; i++) {
        const struct verdict *v = &verdicts->v[i];
        struct cost d = {.period = v->period, .quantity = v->quantity};
        if (v->state != STATE_CONFIRMED || !charge_of(v->kind, &d.kind))
            continue;
        (void)snprintf(d.reseller, sizeof d.reseller, "%s", v->reseller);
        (void)snprintf(d.subject, sizeof d.subject, "%s", v->subject);
        d.currency = currency_of(w, v->reseller);
        const struct estate_tariff *t = tariff_for(w, &d);
        if (t == NULL)
            continue;
        d.units = (d.quantity + t->block - 1) / t->block;
        d.unit_price = t->unit_price;
        d.due.minor = to_minor((__int128)d.units * t->unit_price.micro, d.currency);
        if (d.due.minor == 0)
            continue;
        assert(out->n < COSTS_MAX);
        out->v[out->n++] = d;
    }
    cost_sort(out);
}
