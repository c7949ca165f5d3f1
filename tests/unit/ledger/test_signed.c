/*
 * A signature proves who says it, not that it is right: a proof whose signer was wrong is
 * refused by what stands in it. And an entry, word for word (SPEC 6.5, the ledger).
 */
#include "ledger/proof.h"
#include "support/entry_sample.h"
#include "support/leak.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

SUITE(signed_proof);

static const char evidence[] = SAMPLE_CONFIRMED;

/* A later one: it adds 10.00 to 2.50 that were entered before. */
static struct ledger_entry sample(void)
{
    struct ledger_entry e = sample_entry(evidence);

    e.sequence = 7;
    e.booked = (period_t){2026 * 12 + 10};
    e.entered_before.minor = 250;
    e.amount.minor = 1000;
    e.is_adjustment = true;
    e.policy = text_of("2026-a");
    memset(e.previous, '1', sizeof(e.previous) - 1);
    return e;
}

/* Whether an entry, signed as it is with that hash (NULL = its own), is refused; and why. */
static int checked(const struct ledger_entry *e, const char *hash, struct diag *d)
{
    AUTO(sign_key) struct sign_key *key = NULL;
    AUTO(buf) struct buf body = BUF_INIT(65536);
    AUTO(buf) struct buf file = BUF_INIT(1 << 20);
    char own[DIGEST_TEXT_SIZE];
    struct proof p;

    ledger_write_entry(e, &body);
    cr_assert_eq(ledger_hash(text_of(buf_str(&body)), own), 0);
    cr_assert_eq(sign_key_new(&key, d), 0);
    cr_assert_eq(proof_write(&(struct proof_parts){buf_str(&body), hash ? hash : own, evidence},
                             key, &file, d),
                 0, "%s", d->text);
    return proof_check(text_of(buf_str(&file)), NULL, &p, d);
}

Test(signed_proof, of_an_entry_that_is_right_holds)
{
    struct ledger_entry e = sample();
    struct diag d = {""};

    cr_assert_eq(checked(&e, NULL, &d), 0, "%s", d.text);
}

Test(signed_proof, of_another_hash_is_refused)
{
    struct ledger_entry e = sample();
    struct diag d = {""};

    cr_assert_eq(checked(&e, e.previous, &d), -EBADMSG);
    cr_assert(strstr(d.text, "hash") != NULL, "%s", d.text);
}

Test(signed_proof, of_a_wrong_amount_is_refused)
{
    struct ledger_entry e = sample();
    struct diag d = {""};

    e.amount.minor = 1001;
    cr_assert_eq(checked(&e, NULL, &d), -EBADMSG);
    cr_assert(strstr(d.text, "what was entered before") != NULL, "%s", d.text);
}

Test(signed_proof, of_more_than_the_evidence_bears_out_is_refused)
{
    struct ledger_entry e = sample();
    struct diag d = {""};

    e.due.quantity = e.due.units = 2;
    e.due.amount.minor = 2500;
    e.amount.minor = 2250;
    cr_assert_eq(checked(&e, NULL, &d), -EBADMSG);
    cr_assert(strstr(d.text, "says confirmed with quantity 1") != NULL, "%s", d.text);
}

static void refused(const struct ledger_entry *e, const char *why)
{
    struct diag d = {""};

    cr_assert_eq(ledger_check_entry(e, text_of(evidence), &d), -EBADMSG, "%s", why);
    cr_assert(strstr(d.text, why) != NULL, "\"%s\" lacks \"%s\"", d.text, why);
}

/* A charge of nothing, or by a block of nothing, is none, whatever its sums. */
Test(signed_proof, a_charge_has_a_quantity_and_a_block)
{
    struct ledger_entry e = sample();

    e.due.quantity = e.due.units = e.due.amount.minor = 0;
    e.amount.minor = -250;
    refused(&e, "without a quantity or a price");
    e = sample();
    e.due.block = 0;
    refused(&e, "without a quantity or a price");
}

/* Without a price, or waived, nothing is due; the rule still says what it says. */
Test(signed_proof, an_entry_without_money_is_borne_out_by_its_evidence_too)
{
    static const enum due_basis bases[] = {DUE_UNPRICED, DUE_WAIVED};

    for (size_t i = 0; i < ARRAY_LEN(bases); i++) {
        struct ledger_entry e = sample();
        struct diag d = {""};
        e.due.basis = bases[i];
        e.due.units = e.due.amount.minor = 0;
        e.amount.minor = -250;
        cr_assert_eq(ledger_check_entry(&e, text_of(evidence), &d), 0, "%s", d.text);
        e.due.quantity = 2;
        refused(&e, "says confirmed with quantity 1");
        e.due.quantity = 1;
        e.amount.minor = -249;
        refused(&e, "what was entered before");
        e.amount.minor = -250;
        e.due.units = 1;
        refused(&e, "not the price of the quantity");
    }
}

/* What is clear, or gone, is not confirmed by its evidence. */
Test(signed_proof, an_entry_that_takes_back_what_the_rule_still_says_is_refused)
{
    static const enum due_basis bases[] = {DUE_CLEAR, DUE_GONE};

    for (size_t i = 0; i < ARRAY_LEN(bases); i++) {
        struct ledger_entry e = sample();
        e.due = (struct due){.basis = bases[i]};
        e.amount.minor = -250;
        refused(&e, "says confirmed with quantity 1");
    }
}

static const char first_half[] =
    "{\"amount\":\"10.00\",\"basis\":\"confirmed\",\"booked_period\":\"2026-11\","
    "\"currency\":\"EUR\",\"due\":\"12.50\",\"entered_before\":\"2.50\","
    "\"evidence_sha256\":\"";
static const char second_half[] =
    "\"format\":1,\"kind\":\"extra-ip\",\"period\":\"2026-10\","
    "\"policy_version\":\"2026-a\",\"previous_hash\":"
    "\"1111111111111111111111111111111111111111111111111111111111111111\","
    "\"quantity\":1,\"reseller\":\"r1\",\"sequence\":7,\"subject\":\"PLSK.01234567\","
    "\"tariff\":{\"block\":1,\"from\":1767222000,\"own\":false},\"time\":1794000000,"
    "\"type\":\"adjustment\",\"unit_price\":\"12.50\",\"units\":1,\"who\":\"Anna\"}";

/* All that SPEC 6.5 says an entry carries. */
Test(signed_proof, an_entry_says_all_of_it)
{
    AUTO(buf) struct buf body = BUF_INIT(65536);
    struct ledger_entry e = sample();
    char digest[DIGEST_TEXT_SIZE], whole[2048];

    ledger_write_entry(&e, &body);
    (void)snprintf(whole, sizeof whole, "%s%s\",%s", first_half,
                   digest_format(&e.evidence, digest), second_half);
    cr_assert_str_eq(buf_str(&body), whole);
}
