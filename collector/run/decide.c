/* Decisions of persons on single keys: an append-only chain of their own. */
#include "run/close_parts.h"
#include <errno.h>
#include <string.h>

static const char *const decision_names[] = {"waive", "reinstate", "dispute", "uphold",
                                             "close"};

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

static int decide_now(const struct run_setup *setup, const struct ledger_key *key,
                      const struct decision_order *order, struct diag *d)
{
    struct store *s = setup->store;
    enum decision last = DECISION_CLOSE;
    int r = store_key_decision(s, key->period, key->kind, key->reseller, key->subject, &last);

    if (r < 0 && r != -ENOENT)
        return diag_set(d, r, "%s", store_diag(s));
    if (!may_follow(order->decision, r >= 0, last))
        return diag_set(d, -EBADMSG, "the key can not be put to `%s`: %s%s",
                        decision_names[order->decision],
                        r >= 0 ? "the last decision on it is "
                               : "there is no decision on it yet",
                        r >= 0 ? decision_names[last] : "");
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
