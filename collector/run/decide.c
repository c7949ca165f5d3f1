/* Decisions of persons on single keys: an append-only chain of their own. */
#include "run/close_parts.h"
#include <errno.h>
#include <string.h>

static const char *const decision_names[] = {"waive", "reinstate", "dispute", "uphold",
                                             "close"};

const char *decision_name(enum decision d)
{
    return decision_names[d];
}

int decision_append(struct store *s, const struct ledger_decision *d, enum decision decision,
                    enum charge_kind kind)
{
    AUTO(buf) struct buf body = BUF_INIT(65536);
    struct ledger_decision next = *d;
    char previous[DIGEST_TEXT_SIZE], hash[DIGEST_TEXT_SIZE];
    int r = store_chain_head(s, true, &next.sequence, previous);

    if (r < 0)
        return r;
    next.sequence++;
    next.previous = previous;
    ledger_write_decision(&next, &body);
    r = buf_error(&body);
    if (r >= 0)
        r = ledger_hash((struct text){body.data, body.len}, hash);
    if (r < 0)
        return r;
    return store_append_decision(s, &(struct store_decision){
                                        .sequence = next.sequence,
                                        .decision = decision,
                                        .period = next.period,
                                        .kind = kind,
                                        .reseller = next.reseller,
                                        .subject = next.subject,
                                        .body = buf_str(&body),
                                        .hash = hash,
                                    });
}

/* What may follow what. A key without a decision stands as after `reinstate` or `uphold`. */
static bool may_follow(enum decision decision, bool has_last, enum decision last)
{
    bool is_waived = has_last && last == DECISION_WAIVE;
    bool is_disputed = has_last && last == DECISION_DISPUTE;

    switch (decision) {
    case DECISION_WAIVE: return !is_waived;
    case DECISION_REINSTATE: return is_waived;
    case DECISION_DISPUTE: return !is_waived && !is_disputed;
    case DECISION_UPHOLD: return is_disputed;
    case DECISION_CLOSE: return false;
    }
    return false;
}

struct watcher {
    const struct ledger_key *key;
    bool has_finding;
};

static int watch(void *arg, const struct finding *f)
{
    struct watcher *w = arg;

    if (f->reseller && strcmp(f->reseller, w->key->reseller) == 0 &&
        strcmp(finding_kind_name(f->kind), charge_kind_name(w->key->kind)) == 0)
        w->has_finding = true;
    return 0;
}

static int has_balance(struct store *s, const struct ledger_key *key, bool *ret)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_balance row;
    int r = store_scan_balances(s, key->period, &scan);

    *ret = false;
    while (r >= 0 && (r = store_next_balance(scan, &row)) > 0)
        if (row.kind == key->kind && strcmp(row.reseller, key->reseller) == 0 &&
            strcmp(row.subject, key->subject) == 0)
            *ret = true;
    return r;
}

/* Whether there is anything to decide about: a finding of the key, whatever its state, or an
 * entry. */
static int key_is_about_something(const struct run_setup *setup, const struct ledger_key *key,
                                  bool *ret)
{
    AUTO(book) struct book book = {0};
    struct watcher w = {.key = key};
    struct finding_sink sink = {.take = watch, .arg = &w};
    struct run_setup with_book = *setup;
    license_t license;
    int r = has_balance(setup->store, key, ret);

    if (r < 0 || *ret)
        return r;
    r = book_load(&book, setup->store);
    with_book.book = &book;
    if (r >= 0 && key->kind == CHARGE_MAILBOXES)
        r = run_audit_domain(&with_book, key->subject, &key->period, 1, &sink);
    else if (r >= 0 && license_parse(text_of(key->subject), &license, NULL) == 0)
        r = run_audit_license(&with_book, license, &key->period, 1, &sink);
    *ret = w.has_finding;
    return r;
}

static int check_key(const struct run_setup *setup, const struct ledger_key *key,
                     struct diag *d)
{
    bool is_about_something = false;
    int r = key_is_about_something(setup, key, &is_about_something);

    if (r < 0)
        return diag_set(d, r, "%s", store_diag(setup->store));
    if (is_about_something)
        return 0;
    return diag_set(
        d, -EBADMSG,
        "there is nothing to decide about: the key has neither a finding nor an entry "
        "(`ledger list --draft` shows the keys)");
}

static int decide_now(const struct run_setup *setup, const struct ledger_key *key,
                      const struct decision_order *order, struct diag *d)
{
    struct store *s = setup->store;
    enum decision last = DECISION_CLOSE;
    int r = store_key_decision(
        s, &(struct store_key){key->period, key->kind, key->reseller, key->subject}, &last);

    if (r < 0 && r != -ENOENT)
        return diag_set(d, r, "%s", store_diag(s));
    if (!may_follow(order->decision, r >= 0, last))
        return diag_set(d, -EBADMSG, "the key can not be put to `%s`: %s%s",
                        decision_names[order->decision],
                        r >= 0 ? "the last decision on it is "
                               : "there is no decision on it yet",
                        r >= 0 ? decision_names[last] : "");
    if (r == -ENOENT) {
        r = check_key(setup, key, d);
        if (r < 0)
            return r;
    }
    r = decision_append(s,
                        &(struct ledger_decision){
                            .time = setup->as_of,
                            .who = order->who,
                            .reason = order->reason,
                            .decision = decision_names[order->decision],
                            .period = key->period,
                            .kind = charge_kind_name(key->kind),
                            .reseller = key->reseller,
                            .subject = key->subject,
                        },
                        order->decision, key->kind);
    return r < 0 ? diag_set(d, r, "%s", store_diag(s)) : 0;
}

int ledger_decide(const struct run_setup *setup, const struct ledger_key *key,
                  const struct decision_order *order, struct diag *d)
{
    struct store *s = setup->store;
    int r = store_begin(s);

    if (r < 0)
        return diag_set(d, r, "%s", store_diag(s));
    r = decide_now(setup, key, order, d);
    if (r < 0) {
        store_rollback(s);
        return r;
    }
    r = store_commit(s);
    return r < 0 ? diag_set(d, r, "%s", store_diag(s)) : 0;
}
