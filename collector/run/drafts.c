/* The merge of two streams with one order: confirmed findings, and balances. */
#include "run/drafts.h"
#include <errno.h>
#include <string.h>

static const enum finding_kind charging[] = {
    [CHARGE_EXTRA_IP] = FINDING_EXTRA_IP,
    [CHARGE_MAILBOXES] = FINDING_MAILBOXES,
    [CHARGE_OUTSIDE] = FINDING_OUTSIDE,
};
static_assert(ARRAY_LEN(charging) == CHARGE_KIND_COUNT, "a finding for each charge");

struct merge {
    const struct run_setup *setup;
    struct findings *findings;
    struct store_scan *balances;
    period_t period;
    struct finding finding;
    enum charge_kind kind; /* of the finding */
    struct store_balance balance;
    bool has_finding, has_balance;
};

/* The next confirmed finding of the period that charges. */
static int next_finding(struct merge *m)
{
    int r;

    m->has_finding = false;
    while ((r = findings_next(m->findings, &m->finding)) > 0) {
        if (m->finding.period.month != m->period.month || m->finding.state != STATE_CONFIRMED)
            continue;
        for (int k = 0; k < CHARGE_KIND_COUNT; k++)
            if (charging[k] == m->finding.kind) {
                m->kind = (enum charge_kind)k;
                m->has_finding = true;
                return 0;
            }
    }
    return r;
}

static int next_balance(struct merge *m)
{
    int r = store_next_balance(m->balances, &m->balance);

    m->has_balance = r > 0;
    return r < 0 ? r : 0;
}

/* Which of the two comes first, or 0 when they are about one key. */
static int merge_order(const struct merge *m)
{
    if (!m->has_finding || !m->has_balance)
        return m->has_finding ? -1 : 1;
    int r = strcmp(charge_kind_name(m->kind), charge_kind_name(m->balance.kind));
    if (r == 0)
        r = strcmp(m->finding.reseller, m->balance.reseller);
    return r != 0 ? r : strcmp(m->finding.subject, m->balance.subject);
}

/*
 * A key is reckoned in the currency of its first entry, so that what was entered can always be
 * taken back; a new key in its reseller's.
 */
static const struct currency *currency_of(const struct merge *m, bool has_balance,
                                          const char *reseller)
{
    if (has_balance)
        return currency_find(text_of(m->balance.currency));
    const struct estate_reseller *facts = book_facts(m->setup->book, reseller);
    return facts ? facts->currency : NULL;
}

static int decide(const struct merge *m, struct draft *d)
{
    enum decision last;
    int r = store_key_decision(m->setup->store,
                               &(struct store_key){d->period, d->kind, d->reseller, d->subject},
                               &last);

    if (r == -ENOENT)
        return 0;
    if (r < 0)
        return r;
    d->is_waived = last == DECISION_WAIVE;
    d->is_disputed = last == DECISION_DISPUTE;
    return 0;
}

static int price(const struct merge *m, struct draft *d, bool has_finding)
{
    const struct book *book = m->setup->book;
    struct tariff_query query = {d->kind, d->reseller, d->currency,
                                 period_start(m->setup->zone, d->period)};
    struct due_question question = {
        .state = has_finding ? STATE_CONFIRMED : STATE_CLEAR,
        .quantity = has_finding ? m->finding.quantity : 0,
        .is_waived = d->is_waived,
        .tariff = ledger_tariff(book->tariffs, book->n_tariffs, &query),
        .currency = d->currency,
    };
    int r = ledger_due(&question, &d->due);

    return r < 0 ? r : money_sub(d->due.amount, d->entered, &d->draft);
}

/* The draft of the key that comes first; *order says of which streams it is. */
static int make_draft(const struct merge *m, int order, struct draft *ret)
{
    bool has_finding = order <= 0, has_balance = order >= 0;
    struct draft d = {.period = m->period};

    d.kind = has_finding ? m->kind : m->balance.kind;
    d.reseller = has_finding ? m->finding.reseller : m->balance.reseller;
    d.subject = has_finding ? m->finding.subject : m->balance.subject;
    d.entered = has_balance ? m->balance.amount : (money_t){0};
    d.entries = has_balance ? m->balance.entries : 0;
    d.currency = currency_of(m, has_balance, d.reseller);
    const struct audit_reseller *reseller = book_reseller(m->setup->book, d.reseller);
    d.is_trial = reseller && reseller->is_trial;
    wall_t start = period_start(m->setup->zone, m->period);
    d.policy =
        has_finding ? m->finding.policy : policy_version_at(m->setup->policies, start)->version;
    d.evidence = has_finding ? m->finding.evidence : NULL;
    if (!d.currency)
        return -EBADMSG;
    int r = decide(m, &d);
    if (r >= 0)
        r = price(m, &d, has_finding);
    if (r >= 0)
        *ret = d;
    return r;
}

static bool draft_says_something(const struct draft *d)
{
    return d->entries > 0 || d->due.amount.minor != 0 || d->due.basis == DUE_UNPRICED ||
           d->due.basis == DUE_WAIVED;
}

static int merge_all(struct merge *m, int (*take)(void *arg, const struct draft *d), void *arg)
{
    int r = next_finding(m);

    if (r >= 0)
        r = next_balance(m);
    while (r >= 0 && (m->has_finding || m->has_balance)) {
        struct draft d;
        int order = merge_order(m);
        r = make_draft(m, order, &d);
        if (r >= 0 && draft_says_something(&d))
            r = take(arg, &d);
        if (r >= 0 && order <= 0)
            r = next_finding(m);
        if (r >= 0 && order >= 0)
            r = next_balance(m);
    }
    return r;
}

int drafts_of(const struct run_setup *setup, struct findings *f, period_t period,
              int (*take)(void *arg, const struct draft *d), void *arg)
{
    struct merge m = {.setup = setup, .findings = f, .period = period};
    int r = findings_rewind(f);

    if (r >= 0)
        r = store_scan_balances(setup->store, period, &m.balances);
    if (r < 0)
        return r;
    r = merge_all(&m, take, arg);
    store_scan_end(m.balances);
    return r;
}

bool draft_is_enterable(const struct draft *d)
{
    return d->draft.minor != 0 && !d->is_trial && !d->is_disputed;
}
