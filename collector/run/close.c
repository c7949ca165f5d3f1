/*
 * Closing a period. The audit runs on a snapshot, so that a long one holds up no collector;
 * the drafts are then read, bounded and entered inside one write transaction, by the ledger as
 * it is at that moment.
 */
#include "run/close.h"
#include "json/json.h"
#include "run/clear.h"
#include "run/close_parts.h"
#include <errno.h>
#include <string.h>

static void closer_done(struct closer *c)
{
    book_done(&c->book);
    findings_free(c->findings);
    free(c->totals);
    buf_done(&c->evidence);
    buf_done(&c->body);
}

static int store_failed(const struct closer *c, int r, struct diag *d)
{
    const char *text = store_diag(c->setup->store);

    if (r == -ERANGE)
        return diag_set(d, r, "an amount is too large to be reckoned with");
    return diag_set(d, r, "%s", r == -ENOMEM || !text[0] ? "out of memory" : text);
}

/* Which periods are audited: the corrected ones, the open ones up to `period`, and it. */
static int choose_periods(struct closer *c, struct diag *d)
{
    struct run_periods all;
    char text[PERIOD_TEXT_SIZE];
    int r = run_periods_find(c->setup, &all);

    if (r < 0)
        return store_failed(c, r, d);
    for (size_t i = 0; i < all.n; i++)
        if (all.v[i].month <= c->period.month) {
            c->n_corrected += i < all.n_corrected;
            c->periods[c->n_periods++] = all.v[i];
        }
    if (c->n_periods > c->n_corrected && c->periods[c->n_periods - 1].month == c->period.month)
        return 0;
    /* Before the first evidence there is nothing to enter, but a person may say so. */
    if (c->n_periods == 0 && !all.is_cut) {
        c->periods[c->n_periods++] = c->period;
        return 0;
    }
    return diag_set(
        d, -EBADMSG,
        "period %s can not be closed: it is older than the %d periods that can be open",
        period_format(c->period, text), CAP_OPEN_PERIODS);
}

static int check_time(const struct closer *c, struct diag *d)
{
    wall_t start = period_start(c->setup->zone, c->period);
    wall_t end = period_start(c->setup->zone, period_plus(c->period, 1));
    dur_t wait = policy_version_at(c->setup->policies, start)->base.close_after;
    wall_t from = {end.s + wait.s};
    char text[PERIOD_TEXT_SIZE], zoned[ZONE_TEXT_SIZE];

    if (c->setup->as_of.s >= from.s)
        return 0;
    return diag_set(
        d, -EAGAIN,
        "period %s can be closed from %s on (close_after), so that late reports are "
        "in it: try again then",
        period_format(c->period, text), zone_format(c->setup->zone, from, zoned));
}

static int audit_on_snapshot(struct closer *c, struct diag *d)
{
    struct store *s = c->setup->store;
    int r = store_snapshot(s);

    if (r < 0)
        return store_failed(c, r, d);
    r = choose_periods(c, d);
    if (r < 0) {
        store_snapshot_end(s);
        return r;
    }
    r = findings_new(&c->findings, d);
    if (r >= 0)
        r = book_load(&c->book, s);
    struct finding_sink sink = {.take = findings_take, .arg = c->findings};
    if (r >= 0)
        r = run_audit(&c->with_book, c->periods, c->n_periods, &sink);
    store_snapshot_end(s);
    return r < 0 ? store_failed(c, r, d) : 0;
}

/* ---- Inside the transaction ----------------------------------------------------------- */

static struct reseller_total *total_of(struct closer *c, const char *reseller)
{
    for (size_t i = c->n_totals; i-- > 0;)
        if (strcmp(c->totals[i].reseller, reseller) == 0)
            return &c->totals[i];
    if (grow(&c->totals, &c->cap_totals, c->n_totals + 1, sizeof(*c->totals), SIZE_MAX) < 0)
        return NULL;
    struct reseller_total *t = &c->totals[c->n_totals++];
    *t = (struct reseller_total){0};
    memcpy(t->reseller, reseller, strlen(reseller) + 1);
    return t;
}

/* Counts what would be entered, a reseller at a time. */
static int count_draft(void *arg, const struct draft *draft)
{
    struct closer *c = arg;

    if (draft->draft.minor == 0)
        return 0;
    c->result.trial += draft->is_trial;
    c->result.held += !draft->is_trial && draft->is_disputed;
    if (!draft_is_enterable(draft))
        return 0;
    if (c->is_before) {
        c->has_older_drafts = true;
        return 0;
    }
    struct reseller_total *t = total_of(c, draft->reseller);
    if (!t)
        return -ENOMEM;
    t->currency = draft->currency;
    t->entries++;
    int64_t size = draft->draft.minor < 0 ? -draft->draft.minor : draft->draft.minor;
    return money_add(t->amount, (money_t){size}, &t->amount);
}

static int check_bound(const struct closer *c, const struct reseller_total *t, struct diag *d)
{
    wall_t start = period_start(c->setup->zone, c->period);
    const struct policy *p =
        policy_for(policy_version_at(c->setup->policies, start), t->reseller);
    char most[MONEY_TEXT_SIZE], amount[MONEY_TEXT_SIZE];
    char quoted[TEXT_QUOTE_SIZE];
    int64_t micro = t->amount.minor;

    for (int i = t->currency->digits; i < 6 && micro <= INT64_MAX / 10; i++)
        micro *= 10;
    if (t->entries <= p->max_close_entries && micro <= p->max_close_amount.micro)
        return 0;
    return diag_set(
        d, -EAGAIN,
        "reseller %s would get %lld entries of %s %s in all, and the bounds are %lld and "
        "%s (max_close_entries, max_close_amount): look at them with `ledger list "
        "--draft`, then close with --accept",
        text_quote(text_of(t->reseller), quoted), (long long)t->entries, t->currency->code,
        money_format(t->amount, t->currency, amount), (long long)p->max_close_entries,
        price_format(p->max_close_amount, t->currency, most));
}

/* Looks at all drafts before the first is entered. */
static int check_drafts(struct closer *c, struct diag *d)
{
    char text[PERIOD_TEXT_SIZE], older[PERIOD_TEXT_SIZE];

    for (size_t i = 0; i < c->n_periods; i++) {
        c->is_before = i >= c->n_corrected && c->periods[i].month < c->period.month;
        int r = drafts_of(&c->with_book, c->findings, c->periods[i], count_draft, c);
        if (r < 0)
            return store_failed(c, r, d);
        if (c->has_older_drafts)
            return diag_set(
                d, -EBADMSG,
                "period %s is open and has drafts: periods are closed oldest first, "
                "so close %s before %s",
                period_format(c->periods[i], older), older, period_format(c->period, text));
    }
    for (size_t i = 0; i < c->n_totals && !c->accept; i++) {
        int r = check_bound(c, &c->totals[i], d);
        if (r < 0)
            return r;
    }
    return 0;
}

/* The canonical evidence of a draft: its finding's, or why there is no charge (any more). */
static int draft_evidence(struct closer *c, struct draft *draft)
{
    AUTO(buf) struct buf plain = BUF_INIT((size_t)CAP_EVIDENCE_BYTES);
    int r = 0;

    buf_reset(&c->evidence);
    if (draft->evidence)
        return json_canonical(text_of(draft->evidence), &c->evidence);
    bool is_judged = false;
    r = clear_evidence(&c->with_book, draft, &plain, &is_judged);
    if (r < 0)
        return r;
    draft->due.basis = is_judged ? DUE_CLEAR : DUE_GONE;
    return json_canonical((struct text){plain.data, plain.len}, &c->evidence);
}

static int append_entry(struct closer *c, const struct draft *draft)
{
    struct ledger_entry e = {
        .sequence = c->result.head + 1,
        .time = c->setup->as_of,
        .who = text_of(c->who),
        .is_adjustment = draft->entries > 0,
        .booked = c->period,
        .period = draft->period,
        .reseller = text_of(draft->reseller),
        .subject = text_of(draft->subject),
        .kind = draft->kind,
        .currency = draft->currency,
        .due = draft->due,
        .entered_before = draft->entered,
        .amount = draft->draft,
        .policy = text_of(draft->policy),
    };
    memcpy(e.previous, c->result.hash, sizeof(e.previous));
    int r = digest_sha256((struct text){c->evidence.data, c->evidence.len}, &e.evidence);
    buf_reset(&c->body);
    ledger_write_entry(&e, &c->body);
    if (r >= 0)
        r = buf_error(&c->body);
    if (r >= 0)
        r = ledger_hash((struct text){c->body.data, c->body.len}, c->result.hash);
    if (r < 0)
        return r;
    c->result.head = e.sequence;
    c->result.entries++;
    return store_append_entry(c->setup->store, &(struct store_entry){
                                                   .sequence = e.sequence,
                                                   .period = e.period,
                                                   .booked = e.booked,
                                                   .kind = e.kind,
                                                   .reseller = draft->reseller,
                                                   .subject = draft->subject,
                                                   .currency = e.currency->code,
                                                   .amount = e.amount,
                                                   .body = buf_str(&c->body),
                                                   .evidence = buf_str(&c->evidence),
                                                   .hash = c->result.hash,
                                               });
}

static int enter_draft(void *arg, const struct draft *draft)
{
    struct closer *c = arg;
    struct draft copy = *draft;

    if (!draft_is_enterable(draft))
        return 0;
    int r = draft_evidence(c, &copy);
    return r < 0 ? r : append_entry(c, &copy);
}

static int enter_all(struct closer *c, struct diag *d)
{
    int r = store_chain_head(c->setup->store, false, &c->result.head, c->result.hash);

    for (size_t i = 0; i < c->n_periods && r >= 0; i++)
        if (i < c->n_corrected || c->periods[i].month == c->period.month)
            r = drafts_of(&c->with_book, c->findings, c->periods[i], enter_draft, c);
    if (r >= 0)
        r = decision_append(c->setup->store,
                            &(struct ledger_decision){
                                .time = c->setup->as_of,
                                .who = c->who,
                                .reason = "",
                                .decision = "close",
                                .period = c->period,
                                .kind = "",
                                .reseller = "",
                                .subject = "",
                            },
                            DECISION_CLOSE, CHARGE_EXTRA_IP);
    return r < 0 ? store_failed(c, r, d) : 0;
}

static int enter_in_transaction(struct closer *c, struct diag *d)
{
    struct store *s = c->setup->store;
    period_t closed;
    int r = store_begin(s);

    if (r < 0)
        return store_failed(c, r, d);
    /* Somebody else may have closed meanwhile. */
    r = store_last_closed(s, &closed);
    if (r >= 0 && closed.month >= c->periods[c->n_corrected].month)
        r = diag_set(d, -EAGAIN, "another closing came between: try again");
    else if (r >= 0 || r == -ENOENT)
        r = check_drafts(c, d);
    else
        r = store_failed(c, r, d);
    if (r >= 0)
        r = enter_all(c, d);
    if (r < 0) {
        store_rollback(s);
        return r;
    }
    r = store_commit(s);
    return r < 0 ? store_failed(c, r, d) : 0;
}

int ledger_close(const struct run_setup *setup, const struct close_order *order,
                 struct closing *ret, struct diag *d)
{
    AUTO(closer)
    struct closer c = {
        .setup = setup, .period = order->period, .who = order->who, .accept = order->accept};
    period_t closed;
    int r = store_last_closed(setup->store, &closed);

    c.with_book = *setup;
    c.with_book.book = &c.book;
    c.evidence = c.body = BUF_INIT((size_t)CAP_EVIDENCE_BYTES);
    if (r < 0 && r != -ENOENT)
        return store_failed(&c, r, d);
    if (r >= 0 && closed.month >= order->period.month) {
        *ret =
            (struct closing){.was_closed = true, .first = order->period, .last = order->period};
        return 0;
    }
    r = check_time(&c, d);
    if (r >= 0)
        r = audit_on_snapshot(&c, d);
    if (r >= 0)
        r = enter_in_transaction(&c, d);
    if (r < 0)
        return r;
    c.result.first = c.periods[c.n_corrected];
    c.result.last = order->period;
    *ret = c.result;
    return 0;
}
