/* The ledger's rows: two chains without holes that only grow, balances, closings, notes. */
#include "contract.h"

#include <string.h>

SUITE(store_ledger);

#define HASH(digit) digit digit digit digit digit digit digit digit
#define HASH_1 HASH("11111111")
#define HASH_2 HASH("22222222")

static struct store_entry entry(int64_t sequence, int32_t month, int64_t minor)
{
    return (struct store_entry){.sequence = sequence,
                                .period = {month},
                                .booked = {month + 1},
                                .kind = CHARGE_EXTRA_IP,
                                .reseller = "r1",
                                .subject = "PLSK.00000001",
                                .currency = "EUR",
                                .amount = {minor},
                                .body = "{\"a\":1}",
                                .evidence = "{}",
                                .hash = HASH_1};
}

static void append(struct contract *c, struct store_entry e)
{
    OK(c->store, store_begin(c->store));
    OK(c->store, store_append_entry(c->store, &e));
    OK(c->store, store_commit(c->store));
}

CONTRACT(store_ledger, entries_round_trip_in_sequence)
{
    append(c, entry(1, 100, 1250));
    append(c, entry(2, 101, -5));
    append(c, entry(3, 100, 7));
    AUTO(store_scan) struct store_scan *all = NULL;
    AUTO(store_scan) struct store_scan *some = NULL;
    AUTO(store_scan) struct store_scan *one = NULL;
    AUTO(store_scan) struct store_scan *none = NULL;
    struct store_entry x;
    OK(c->store, store_scan_entries(c->store, false, (period_t){0}, &all));
    for (int64_t i = 1; i <= 3; i++) {
        cr_assert_eq(store_next_entry(all, &x), 1);
        cr_assert_eq(x.sequence, i);
    }
    cr_assert_eq(store_next_entry(all, &x), 0);
    OK(c->store, store_scan_entries(c->store, true, (period_t){100}, &some));
    cr_assert_eq(store_next_entry(some, &x), 1);
    cr_assert_eq(x.sequence, 1);
    cr_assert_eq(store_next_entry(some, &x), 1);
    cr_assert_eq(x.sequence, 3);
    cr_assert_eq(store_next_entry(some, &x), 0);
    OK(c->store, store_get_entry(c->store, 2, &one));
    cr_assert_eq(store_next_entry(one, &x), 1);
    cr_assert_eq(x.period.month, 101);
    cr_assert_eq(x.booked.month, 102);
    cr_assert_eq(x.kind, CHARGE_EXTRA_IP);
    cr_assert_eq(x.amount.minor, -5);
    cr_assert_str_eq(x.reseller, "r1");
    cr_assert_str_eq(x.subject, "PLSK.00000001");
    cr_assert_str_eq(x.currency, "EUR");
    cr_assert_str_eq(x.body, "{\"a\":1}");
    cr_assert_str_eq(x.evidence, "{}");
    cr_assert_str_eq(x.hash, HASH_1);
    cr_assert_eq(store_next_entry(one, &x), 0);
    OK(c->store, store_get_entry(c->store, 4, &none));
    cr_assert_eq(store_next_entry(none, &x), 0);
    expect_sound(c->store);
}

CONTRACT(store_ledger, only_the_next_number_is_taken)
{
    static const struct {
        int64_t sequence;
        const char *why;
    } rows[] = {{0, "before the first"}, {2, "there already"}, {4, "a hole"}, {-1, "negative"}};
    append(c, entry(1, 100, 1));
    append(c, entry(2, 100, 1));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct store_entry e = entry(rows[i].sequence, 100, 1);
        struct store_decision d = {.sequence = 1 + rows[i].sequence,
                                   .reseller = "r1",
                                   .subject = "x",
                                   .body = "{}",
                                   .hash = HASH_1};
        OK(c->store, store_begin(c->store));
        cr_assert_eq(store_append_entry(c->store, &e), -EEXIST, "%s", rows[i].why);
        store_rollback(c->store);
        if (d.sequence == 1)
            continue; /* the first of the other chain */
        OK(c->store, store_begin(c->store));
        cr_assert_eq(store_append_decision(c->store, &d), -EEXIST, "%s", rows[i].why);
        store_rollback(c->store);
    }
    append(c, entry(3, 100, 1));
}

CONTRACT(store_ledger, an_entry_rolled_back_leaves_no_hole)
{
    OK(c->store, store_begin(c->store));
    struct store_entry e = entry(1, 100, 1);
    OK(c->store, store_append_entry(c->store, &e));
    store_rollback(c->store);
    append(c, entry(1, 100, 1));
}

CONTRACT(store_ledger, the_head_is_the_last_row_of_each_chain)
{
    int64_t sequence = -1;
    char hash[65] = "x";
    OK(c->store, store_chain_head(c->store, false, &sequence, hash));
    cr_assert_eq(sequence, 0);
    cr_assert_str_eq(hash, "");
    append(c, entry(1, 100, 1));
    struct store_entry second = entry(2, 100, 1);
    second.hash = HASH_2;
    append(c, second);
    OK(c->store, store_chain_head(c->store, false, &sequence, hash));
    cr_assert_eq(sequence, 2);
    cr_assert_str_eq(hash, HASH_2);
    OK(c->store, store_chain_head(c->store, true, &sequence, hash));
    cr_assert_eq(sequence, 0, "decisions are a chain of their own");
    cr_assert_str_eq(hash, "");
}

CONTRACT(store_ledger, balances_add_up_by_key)
{
    static const struct {
        enum charge_kind kind;
        const char *reseller, *subject, *currency;
        int64_t minor;
    } entries[] = {
        {CHARGE_OUTSIDE, "a", "PLSK.00000001", "EUR", 1},
        {CHARGE_MAILBOXES, "a", "z.nl", "EUR", 10},
        {CHARGE_EXTRA_IP, "b", "PLSK.00000001", "EUR", 100},
        {CHARGE_EXTRA_IP, "b", "PLSK.00000001", "EUR", -30},
        {CHARGE_EXTRA_IP, "a", "PLSK.00000002", "USD", 5},
    };
    for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
        struct store_entry e = entry((int64_t)i + 1, 100, entries[i].minor);
        e.kind = entries[i].kind;
        e.reseller = entries[i].reseller;
        e.subject = entries[i].subject;
        e.currency = entries[i].currency;
        append(c, e);
    }
    append(c, entry(6, 101, 77));
    /* extra-ip < mailboxes < outside, by name */
    static const struct {
        enum charge_kind kind;
        const char *reseller, *subject, *currency;
        int64_t minor, entries;
    } rows[] = {
        {CHARGE_EXTRA_IP, "a", "PLSK.00000002", "USD", 5, 1},
        {CHARGE_EXTRA_IP, "b", "PLSK.00000001", "EUR", 70, 2},
        {CHARGE_MAILBOXES, "a", "z.nl", "EUR", 10, 1},
        {CHARGE_OUTSIDE, "a", "PLSK.00000001", "EUR", 1, 1},
    };
    AUTO(store_scan) struct store_scan *scan = NULL;
    OK(c->store, store_scan_balances(c->store, (period_t){100}, &scan));
    struct store_balance x;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_assert_eq(store_next_balance(scan, &x), 1);
        cr_assert_eq(x.period.month, 100);
        cr_assert_eq(x.kind, rows[i].kind, "row %zu", i);
        cr_assert_str_eq(x.reseller, rows[i].reseller);
        cr_assert_str_eq(x.subject, rows[i].subject);
        cr_assert_str_eq(x.currency, rows[i].currency);
        cr_assert_eq(x.amount.minor, rows[i].minor);
        cr_assert_eq(x.entries, rows[i].entries);
    }
    cr_assert_eq(store_next_balance(scan, &x), 0);
}

CONTRACT(store_ledger, a_balance_that_overflows_is_an_error)
{
    append(c, entry(1, 100, INT64_MAX));
    append(c, entry(2, 100, 1));
    AUTO(store_scan) struct store_scan *scan = NULL;
    OK(c->store, store_scan_balances(c->store, (period_t){100}, &scan));
    struct store_balance x;
    cr_assert_lt(store_next_balance(scan, &x), 0, "not a wrapped sum");
}

CONTRACT(store_ledger, the_last_decision_on_a_key_counts)
{
    static const struct {
        enum decision decision;
        int32_t month;
        const char *reseller, *subject;
    } decisions[] = {
        {DECISION_WAIVE, 100, "r1", "PLSK.00000001"},
        {DECISION_DISPUTE, 100, "r1", "PLSK.00000002"},
        {DECISION_REINSTATE, 100, "r1", "PLSK.00000001"},
        {DECISION_CLOSE, 100, "", ""},
        {DECISION_UPHOLD, 101, "r1", "PLSK.00000002"},
    };
    period_t closed;
    cr_assert_eq(store_last_closed(c->store, &closed), -ENOENT);
    OK(c->store, store_begin(c->store));
    for (size_t i = 0; i < ARRAY_LEN(decisions); i++) {
        struct store_decision d = {.sequence = (int64_t)i + 1,
                                   .decision = decisions[i].decision,
                                   .period = {decisions[i].month},
                                   .reseller = decisions[i].reseller,
                                   .subject = decisions[i].subject,
                                   .body = "{}",
                                   .hash = HASH_1};
        OK(c->store, store_append_decision(c->store, &d));
    }
    OK(c->store, store_commit(c->store));
    AUTO(store_scan) struct store_scan *scan = NULL;
    OK(c->store, store_scan_decisions(c->store, &scan));
    struct store_decision x;
    for (size_t i = 0; i < ARRAY_LEN(decisions); i++) {
        cr_assert_eq(store_next_decision(scan, &x), 1);
        cr_assert_eq(x.sequence, (int64_t)i + 1);
        cr_assert_eq(x.decision, decisions[i].decision);
        cr_assert_eq(x.period.month, decisions[i].month);
        cr_assert_str_eq(x.subject, decisions[i].subject);
        cr_assert_str_eq(x.hash, HASH_1);
    }
    cr_assert_eq(store_next_decision(scan, &x), 0);
    enum decision d;
    period_t p = {100};
    OK(c->store,
       store_key_decision(c->store,
                          &(struct store_key){p, CHARGE_EXTRA_IP, "r1", "PLSK.00000001"}, &d));
    cr_assert_eq(d, DECISION_REINSTATE);
    OK(c->store,
       store_key_decision(c->store,
                          &(struct store_key){p, CHARGE_EXTRA_IP, "r1", "PLSK.00000002"}, &d));
    cr_assert_eq(d, DECISION_DISPUTE, "the period is part of the key");
    cr_assert_eq(
        store_key_decision(c->store,
                           &(struct store_key){p, CHARGE_OUTSIDE, "r1", "PLSK.00000001"}, &d),
        -ENOENT);
    cr_assert_eq(
        store_key_decision(c->store, &(struct store_key){p, CHARGE_EXTRA_IP, "", ""}, &d),
        -ENOENT, "a closing is no decision on a key");
    OK(c->store, store_last_closed(c->store, &closed));
    cr_assert_eq(closed.month, 100);
    expect_sound(c->store);
}

CONTRACT(store_ledger, notes_are_kept_by_name)
{
    AUTO(buf) struct buf value = BUF_INIT(100);
    cr_assert_eq(store_get_note(c->store, "policy", &value), 0);
    OK(c->store, store_begin(c->store));
    OK(c->store, store_set_note(c->store, "policy", "one"));
    OK(c->store, store_set_note(c->store, "policy", "two"));
    OK(c->store, store_set_note(c->store, "other", ""));
    OK(c->store, store_commit(c->store));
    cr_assert_eq(store_get_note(c->store, "policy", &value), 1);
    cr_assert_str_eq(buf_str(&value), "two");
    cr_assert_eq(store_get_note(c->store, "other", &value), 1);
    cr_assert_str_eq(buf_str(&value), "", "what was in the buffer is gone");
}
