/* How often charges did not stand: what persons took back tells whether a rule is right. */
#include "edition/sides.h"

#include <errno.h>
#include <string.h>

#include "base/grow.h"

enum { RATE_PERIODS = 12 };

/* A key on which a person decided; of the rows of one key the latest holds. */
struct decided {
    struct store_key key; /* texts in the arena */
    int64_t sequence;
    enum decision decision;
    bool has_entry;
};

struct rating {
    const struct edition_setup *setup;
    period_t first, newest;
    struct arena arena;
    struct decided *v; /* by key */
    size_t n, cap;
    struct bulletin_rate rates[CHARGE_KIND_COUNT];
};

static void rating_done(struct rating *x)
{
    arena_done(&x->arena);
    free(x->v);
}

static int key_compare(const struct store_key *a, const struct store_key *b)
{
    if (a->period.month != b->period.month)
        return a->period.month < b->period.month ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    int r = strcmp(a->reseller, b->reseller);
    return r != 0 ? r : strcmp(a->subject, b->subject);
}

static int decided_compare(const void *a, const void *b)
{
    const struct decided *x = a, *y = b;
    int r = key_compare(&x->key, &y->key);
    return r != 0 ? r : (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

/* ---- Decisions -------------------------------------------------------------------------- */

static int take_decision(struct rating *x, const struct store_decision *row)
{
    if (row->decision == DECISION_CLOSE || row->period.month < x->first.month ||
        row->period.month > x->newest.month)
        return 0;
    struct decided d = {.key = {row->period, row->kind, NULL, NULL},
                        .sequence = row->sequence,
                        .decision = row->decision};
    d.key.reseller = arena_text(&x->arena, text_of(row->reseller));
    d.key.subject = arena_text(&x->arena, text_of(row->subject));
    if (!d.key.reseller || !d.key.subject)
        return -ENOMEM;
    int r = grow(&x->v, &x->cap, x->n + 1, sizeof(*x->v), SIZE_MAX);
    if (r >= 0)
        x->v[x->n++] = d;
    return r;
}

static int load_decisions(struct rating *x)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_decision row;
    size_t kept = 0;
    int r = store_scan_decisions(x->setup->run->store, &scan);

    while (r >= 0 && (r = store_next_decision(scan, &row)) > 0)
        r = take_decision(x, &row);
    if (r < 0 || x->n == 0)
        return r;
    qsort(x->v, x->n, sizeof(*x->v), decided_compare);
    for (size_t i = 1; i < x->n; i++) {
        if (key_compare(&x->v[kept].key, &x->v[i].key) != 0)
            kept++;
        x->v[kept] = x->v[i];
    }
    x->n = kept + 1;
    return 0;
}

static struct decided *find_decided(struct rating *x, const struct store_key *key)
{
    size_t low = 0, high = x->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = key_compare(&x->v[middle].key, key);
        if (order == 0)
            return &x->v[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* ---- Entries ---------------------------------------------------------------------------- */

static void count_key(struct rating *x, const struct store_balance *b)
{
    struct store_key key = {b->period, b->kind, b->reseller, b->subject};
    struct decided *d = find_decided(x, &key);
    bool is_waived = d && d->decision == DECISION_WAIVE;

    /* Should a key have entries in two currencies, it has two rows, and is two charges. */
    x->rates[b->kind].charged++;
    x->rates[b->kind].withdrawn += is_waived || b->amount.minor == 0;
    if (d)
        d->has_entry = true;
}

static int count_entered(struct rating *x, period_t period)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_balance row;
    int r = store_scan_balances(x->setup->run->store, period, &scan);

    while (r >= 0 && (r = store_next_balance(scan, &row)) > 0)
        count_key(x, &row);
    return r;
}

static void count_held_back(struct rating *x)
{
    for (size_t i = 0; i < x->n; i++) {
        const struct decided *d = &x->v[i];
        bool is_waived = d->decision == DECISION_WAIVE;
        const struct audit_reseller *reseller =
            book_reseller(x->setup->run->book, d->key.reseller);
        if (d->has_entry || (reseller && reseller->is_trial) ||
            (!is_waived && d->decision != DECISION_DISPUTE))
            continue;
        x->rates[d->key.kind].charged++;
        x->rates[d->key.kind].withdrawn += is_waived;
    }
}

static int keep_rates(const struct rating *x, struct arena *keep,
                      const struct bulletin_rate **ret, size_t *ret_n)
{
    struct bulletin_rate *v = arena_array(keep, CHARGE_KIND_COUNT, sizeof(*v));
    size_t n = 0;

    if (!v)
        return -ENOMEM;
    for (int k = 0; k < CHARGE_KIND_COUNT; k++) {
        if (x->rates[k].charged == 0)
            continue;
        v[n] = x->rates[k];
        v[n++].kind = (enum charge_kind)k;
    }
    *ret = v;
    *ret_n = n;
    return 0;
}

int rates_make(const struct edition_setup *setup, struct arena *keep,
               const struct bulletin_rate **ret, size_t *ret_n)
{
    AUTO(rating) struct rating x = {.setup = setup, .newest = sides_newest(setup)};

    x.first = period_plus(x.newest, 1 - RATE_PERIODS);
    int r = load_decisions(&x);
    for (int i = 0; i < RATE_PERIODS && r >= 0; i++)
        r = count_entered(&x, period_plus(x.first, i));
    if (r < 0)
        return r;
    count_held_back(&x);
    return keep_rates(&x, keep, ret, ret_n);
}
