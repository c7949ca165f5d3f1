/* Judging an entry again: it must be able to stand before somebody who trusts nothing. */
#include "audit/evidence.h"
#include "json/json.h"
#include "ledger/ledger.h"
#include <errno.h>
#include <string.h>

static const enum finding_kind finding_of[] = {
    [CHARGE_EXTRA_IP] = FINDING_EXTRA_IP,
    [CHARGE_MAILBOXES] = FINDING_MAILBOXES,
    [CHARGE_OUTSIDE] = FINDING_OUTSIDE,
};
static_assert(ARRAY_LEN(finding_of) == CHARGE_KIND_COUNT, "a rule for each charge");

static int check_digest(const struct ledger_entry *e, struct text evidence, struct diag *d)
{
    AUTO(buf) struct buf canonical = BUF_INIT((size_t)CAP_EVIDENCE_BYTES);
    struct digest digest;
    int r = json_canonical(evidence, &canonical);

    if (r == -ENOMEM)
        return r;
    if (r >= 0)
        r = digest_sha256((struct text){canonical.data, canonical.len}, &digest);
    if (r < 0 || memcmp(&digest, &e->evidence, sizeof(digest)) != 0)
        return diag_set(d, -EBADMSG, "the evidence is not what the entry's digest was made of");
    return 0;
}

/* due = price of the quantity where one is charged, else nothing; amount = due - before. */
static int check_amounts(const struct ledger_entry *e, struct diag *d)
{
    struct money_cost cost = {0};
    money_t amount;

    if (e->due.basis == DUE_CONFIRMED) {
        if (e->due.block < 1 || e->due.quantity < 1 ||
            money_due(e->due.quantity, e->due.block, e->due.unit_price, e->currency, &cost) < 0)
            return diag_set(d, -EBADMSG, "the entry charges without a quantity or a price");
    }
    if (cost.units != e->due.units || cost.amount.minor != e->due.amount.minor)
        return diag_set(d, -EBADMSG, "what is due is not the price of the quantity");
    if (money_sub(cost.amount, e->entered_before, &amount) < 0 ||
        amount.minor != e->amount.minor)
        return diag_set(d, -EBADMSG,
                        "the amount is not what is due less what was entered before");
    return 0;
}

/* The rule, run again on the very intervals, says what the entry says. */
static int check_rule(const struct ledger_entry *e, struct text evidence, struct diag *d)
{
    bool was_confirmed = e->due.basis == DUE_CONFIRMED || e->due.basis == DUE_UNPRICED ||
                         e->due.basis == DUE_WAIVED;
    struct level_answer answer;
    struct json_error error;
    enum finding_kind kind;
    int r = evidence_judge(evidence, &kind, &answer, &error);

    if (r == -ENOMEM)
        return r;
    if (r < 0)
        return diag_set(d, -EBADMSG, "the evidence can not be judged: %s: %s", error.at,
                        error.diag.text);
    if (kind != finding_of[e->kind])
        return diag_set(d, -EBADMSG, "the evidence is about another rule");
    if ((answer.state == STATE_CONFIRMED) != was_confirmed ||
        (was_confirmed && answer.quantity != e->due.quantity))
        return diag_set(d, -EBADMSG,
                        "the rule, run again on the evidence, says %s with quantity %lld, and "
                        "the entry says %s with quantity %lld",
                        finding_state_name(answer.state), (long long)answer.quantity,
                        due_basis_name(e->due.basis), (long long)e->due.quantity);
    return 0;
}

int ledger_check_entry(const struct ledger_entry *e, struct text evidence, struct diag *d)
{
    int r = check_digest(e, evidence, d);

    if (r >= 0)
        r = check_amounts(e, d);
    return r < 0 ? r : check_rule(e, evidence, d);
}
