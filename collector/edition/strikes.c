/* In how many of the last 12 periods a reseller had something confirmed (FUP, last section). */
#include "edition/sides.h"

#include <errno.h>
#include <string.h>

#include "base/grow.h"

enum { STRIKE_PERIODS = 12 };

/* A key that counts in a period that was not audited. */
struct struck {
    uint32_t reseller; /* in the book */
    uint32_t period;   /* 0 = the newest, 1 = the one before … */
    license_t license; /* 0 = the key is no licence's */
};

struct strikes {
    const struct edition_setup *setup;
    period_t newest;
    const struct policy_version *policy;
    bool is_audited[STRIKE_PERIODS]; /* as `period` above */
    struct struck *held;             /* by the ledger; by reseller */
    size_t n_held, cap_held;
    license_t *licenses; /* scratch: of one reseller */
    size_t n_licenses, cap_licenses;
};

void strikes_free(struct strikes *s)
{
    if (!s)
        return;
    free(s->held);
    free(s->licenses);
    free(s);
}

static inline void strikes_done(struct strikes **s)
{
    strikes_free(*s);
}

/* Which of the 12 it is; false when it is none of them. */
static bool place_of(const struct strikes *s, period_t period, uint32_t *ret)
{
    int64_t back = (int64_t)s->newest.month - period.month;

    if (back < 0 || back >= STRIKE_PERIODS)
        return false;
    *ret = (uint32_t)back;
    return true;
}

static license_t license_of(enum charge_kind kind, const char *subject)
{
    license_t license = {0};

    if (kind == CHARGE_MAILBOXES || license_parse(text_of(subject), &license, NULL) != 0)
        return (license_t){0};
    return license;
}

/* 1: it is waived now; 0; store errors. */
static int is_waived(struct store *s, const struct store_key *key)
{
    enum decision last;
    int r = store_key_decision(s, key, &last);

    if (r == -ENOENT)
        return 0;
    return r < 0 ? r : last == DECISION_WAIVE;
}

/* ---- What the ledger holds -------------------------------------------------------------- */

static int take_balance(struct strikes *s, const struct store_balance *b, uint32_t place)
{
    const struct run_setup *run = s->setup->run;
    const struct audit_reseller *reseller = book_reseller(run->book, b->reseller);

    if (b->amount.minor <= 0 || !reseller)
        return 0;
    int r =
        is_waived(run->store, &(struct store_key){b->period, b->kind, b->reseller, b->subject});
    if (r != 0)
        return r < 0 ? r : 0;
    r = grow(&s->held, &s->cap_held, s->n_held + 1, sizeof(*s->held), SIZE_MAX);
    if (r >= 0)
        s->held[s->n_held++] = (struct struck){(uint32_t)(reseller - run->book->resellers),
                                               place, license_of(b->kind, b->subject)};
    return r;
}

static int load_balances(struct strikes *s, uint32_t place)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_balance row;
    int r =
        store_scan_balances(s->setup->run->store, period_plus(s->newest, -(int)place), &scan);

    while (r >= 0 && (r = store_next_balance(scan, &row)) > 0)
        r = take_balance(s, &row, place);
    return r;
}

static int struck_compare(const void *a, const void *b)
{
    const struct struck *x = a, *y = b;
    return x->reseller < y->reseller ? -1 : x->reseller > y->reseller;
}

int strikes_make(const struct edition_setup *setup, struct strikes **ret)
{
    AUTO(strikes) struct strikes *s = calloc(1, sizeof(*s));
    const struct run_setup *run = setup->run;
    uint32_t place;
    int r = 0;

    if (!s)
        return -ENOMEM;
    s->setup = setup;
    s->newest = sides_newest(setup);
    s->policy = policy_version_at(run->policies, period_start(run->zone, s->newest));
    for (size_t i = 0; setup->periods && i < setup->periods->n; i++)
        if (place_of(s, setup->periods->v[i], &place))
            s->is_audited[place] = true;
    for (place = 0; place < STRIKE_PERIODS && r >= 0; place++)
        if (!s->is_audited[place])
            r = load_balances(s, place);
    if (r < 0)
        return r;
    if (s->n_held > 1)
        qsort(s->held, s->n_held, sizeof(*s->held), struck_compare);
    *ret = STEAL(s);
    return 0;
}

/* ---- One reseller ----------------------------------------------------------------------- */

static int strike(struct strikes *s, uint32_t place, license_t license, uint32_t *periods)
{
    *periods |= UINT32_C(1) << place;
    if (license.code == 0)
        return 0;
    int r =
        grow(&s->licenses, &s->cap_licenses, s->n_licenses + 1, sizeof(*s->licenses), SIZE_MAX);
    if (r >= 0)
        s->licenses[s->n_licenses++] = license;
    return r;
}

static int add_tonight(struct strikes *s, const struct strikes_question *q, uint32_t *periods)
{
    uint32_t place;
    int r = 0;

    for (size_t i = 0; i < q->n_tonight && r >= 0; i++) {
        const struct tonight_key *key = &q->tonight[i];
        if (place_of(s, key->period, &place))
            r = strike(s, place, license_of(key->kind, key->subject), periods);
    }
    return r;
}

static int add_kept(struct strikes *s, const char *reseller, uint32_t *periods)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store *store = s->setup->run->store;
    struct store_confirmed row;
    uint32_t place;
    int r = store_scan_confirmed(store, reseller, period_plus(s->newest, 1 - STRIKE_PERIODS),
                                 &scan);

    while (r >= 0 && (r = store_next_confirmed(scan, &row)) > 0) {
        r = 0;
        if (row.is_trial || !place_of(s, row.period, &place) || s->is_audited[place])
            continue;
        r = is_waived(store,
                      &(struct store_key){row.period, row.kind, row.reseller, row.subject});
        if (r == 0)
            r = strike(s, place, license_of(row.kind, row.subject), periods);
    }
    return r;
}

static int add_held(struct strikes *s, uint32_t reseller, uint32_t *periods)
{
    size_t low = 0, high = s->n_held;
    int r = 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->held[middle].reseller < reseller)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < s->n_held && s->held[low].reseller == reseller && r >= 0; low++)
        r = strike(s, s->held[low].period, s->held[low].license, periods);
    return r;
}

static int license_compare(const void *a, const void *b)
{
    const license_t *x = a, *y = b;
    return x->code < y->code ? -1 : x->code > y->code;
}

static int64_t count_licenses(struct strikes *s)
{
    int64_t n = 0;

    if (s->n_licenses > 1)
        qsort(s->licenses, s->n_licenses, sizeof(*s->licenses), license_compare);
    for (size_t i = 0; i < s->n_licenses; i++)
        n += i == 0 || s->licenses[i].code != s->licenses[i - 1].code;
    return n;
}

static void climb(const struct policy *p, struct bulletin_strikes *x)
{
    static const enum bulletin_step steps[] = {STEP_NOTICE, STEP_WARNING, STEP_REVIEW};

    x->step = STEP_NONE;
    x->next_at = 0;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        if (x->periods >= p->strikes[i])
            x->step = steps[i];
        else if (x->next_at == 0)
            x->next_at = p->strikes[i];
    }
}

int strikes_of(struct strikes *s, const struct strikes_question *q,
               struct bulletin_strikes *ret)
{
    const struct book *book = s->setup->run->book;
    const struct audit_reseller *reseller = book_reseller(book, q->reseller);
    struct bulletin_strikes x = {0};
    uint32_t periods = 0;
    int r = 0;

    s->n_licenses = 0;
    if (reseller && !reseller->is_trial)
        r = add_tonight(s, q, &periods);
    if (r >= 0 && reseller)
        r = add_held(s, (uint32_t)(reseller - book->resellers), &periods);
    if (r >= 0)
        r = add_kept(s, q->reseller, &periods);
    if (r < 0)
        return r;
    for (; periods != 0; periods &= periods - 1)
        x.periods++;
    x.licenses_concerned = count_licenses(s);
    climb(policy_for(s->policy, q->reseller), &x);
    *ret = x;
    return 0;
}
