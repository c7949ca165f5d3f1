/*
 * What the check of an entry and of a proof refuses, beyond what test_proof.c changes: entries
 * that contradict themselves, proofs with the wrong parts, and what fails under them.
 */
#include "json/json.h"
#include "ledger/proof.h"
#include "support/entry_sample.h"
#include "support/json_edit.h"
#include "support/leak.h"
#include "support/scarce.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

SUITE(check_refuses);

static const char confirmed[] = SAMPLE_CONFIRMED;
static const char potential[] = SAMPLE_EVIDENCE("1790978400"); /* one day */

/* What the tests let fail below the ledger; the linker turns the calls here. */
int __real_digest_sha256(struct text data, struct digest *ret);
int __real_sign_key_public(const struct sign_key *k, uint8_t *ret);
int __real_sign_make(const struct sign_key *k, struct text data, uint8_t *ret);
int __wrap_digest_sha256(struct text data, struct digest *ret);
int __wrap_sign_key_public(const struct sign_key *k, uint8_t *ret);
int __wrap_sign_make(const struct sign_key *k, struct text data, uint8_t *ret);

static int digest_in = 0; /* the n-th digest from now on fails */
static bool is_keyless, is_penless;

int __wrap_digest_sha256(struct text data, struct digest *ret)
{
    return digest_in > 0 && --digest_in == 0 ? -EIO : __real_digest_sha256(data, ret);
}

int __wrap_sign_key_public(const struct sign_key *k, uint8_t *ret)
{
    return is_keyless ? -EIO : __real_sign_key_public(k, ret);
}

int __wrap_sign_make(const struct sign_key *k, struct text data, uint8_t *ret)
{
    return is_penless ? -EIO : __real_sign_make(k, data, ret);
}

/* Nothing is due, for that reason. */
static struct ledger_entry sample_free(const char *evidence, enum due_basis basis,
                                       int64_t quantity)
{
    struct ledger_entry e = sample_entry(evidence);
    e.due.basis = basis;
    e.due.quantity = quantity;
    e.due.units = e.due.amount.minor = e.amount.minor = 0;
    return e;
}

static void expect_refused(const struct ledger_entry *e, const char *evidence, const char *says)
{
    struct diag d = {""};
    cr_assert_eq(ledger_check_entry(e, text_of(evidence), &d), -EBADMSG, "%s", says);
    cr_assert(strstr(d.text, says) != NULL, "\"%s\" lacks \"%s\"", d.text, says);
}

/* ---- Entries ---------------------------------------------------------------------------- */

Test(check_refuses, what_was_confirmed_stands_also_without_a_price_and_when_waived)
{
    static const enum due_basis bases[] = {DUE_UNPRICED, DUE_WAIVED};

    for (size_t i = 0; i < ARRAY_LEN(bases); i++) {
        struct ledger_entry e = sample_free(confirmed, bases[i], 1);
        struct diag d = {""};
        cr_assert_eq(ledger_check_entry(&e, text_of(confirmed), &d), 0, "%s", d.text);
    }
}

Test(check_refuses, what_was_not_confirmed_stands_as_clear_and_never_as_a_charge)
{
    struct ledger_entry clear = sample_free(potential, DUE_CLEAR, 0);
    struct ledger_entry waived = sample_free(potential, DUE_WAIVED, 1);
    struct diag d = {""};

    cr_assert_eq(ledger_check_entry(&clear, text_of(potential), &d), 0, "%s", d.text);
    expect_refused(&waived, potential, "says potential with quantity 1");
}

Test(check_refuses, evidence_that_is_no_json_has_no_digest)
{
    struct ledger_entry e = sample_entry("x");
    expect_refused(&e, "x", "digest");
}

Test(check_refuses, a_charge_needs_a_quantity_a_block_and_a_price_that_is_a_number)
{
    static const char says[] = "without a quantity or a price";
    struct ledger_entry none = sample_entry(confirmed), unblocked = none, endless = none;

    none.due.quantity = 0;
    expect_refused(&none, confirmed, says);
    unblocked.due.block = 0;
    expect_refused(&unblocked, confirmed, says);
    /* 2^62 * 12.50 EUR are more cents than there are numbers for. */
    endless.due.quantity = INT64_C(1) << 62;
    expect_refused(&endless, confirmed, says);
}

Test(check_refuses, the_units_are_the_quantity_in_blocks)
{
    struct ledger_entry e = sample_entry(confirmed);
    e.due.units = 2;
    expect_refused(&e, confirmed, "not the price of the quantity");
}

Test(check_refuses, an_amount_beyond_all_numbers_is_no_difference)
{
    struct ledger_entry e = sample_entry(confirmed);
    e.entered_before.minor = INT64_MIN; /* 1,250 less this is over INT64_MAX */
    expect_refused(&e, confirmed, "less what was entered before");
}

Test(check_refuses, evidence_that_can_not_be_judged_bears_nothing)
{
    static const char empty[] = "{\"rule\":\"extra-ip\"}";
    struct ledger_entry e = sample_entry(empty);
    expect_refused(&e, empty, "can not be judged: /window");
}

static int check_again(void *arg)
{
    struct ledger_entry e = sample_entry(confirmed);
    struct diag d = {""};
    (void)arg;
    return ledger_check_entry(&e, text_of(confirmed), &d);
}

Test(check_refuses, memory_that_runs_out_is_no_verdict_on_an_entry)
{
    cr_assert_gt(scarce_each("check", check_again, NULL), 0);
}

Test(check_refuses, a_digest_that_can_not_be_made_is_no_match)
{
    struct ledger_entry e = sample_entry(confirmed);
    digest_in = 1;
    expect_refused(&e, confirmed, "digest");
}

/* ---- Proofs ----------------------------------------------------------------------------- */

static struct sign_key *key;

static void make_key(void)
{
    struct diag d = {""};
    cr_assert_eq(sign_key_new(&key, &d), 0, "%s", d.text);
}

static void free_key(void)
{
    sign_key_free(key);
    key = NULL;
    leak_check();
}

TestSuite(proof_refuses, .init = make_key, .fini = free_key);

/* A proof of the sample; `hash` NULL = its own. */
static int write_proof(const char *hash, struct buf *out, struct diag *d)
{
    AUTO(buf) struct buf body = BUF_INIT(65536);
    struct ledger_entry e = sample_entry(confirmed);
    char own[DIGEST_TEXT_SIZE];

    ledger_write_entry(&e, &body);
    int r = buf_error(&body);
    if (r == 0)
        r = ledger_hash(text_of(buf_str(&body)), own);
    if (r == 0)
        r = proof_write(&(struct proof_parts){buf_str(&body), hash ? hash : own, confirmed},
                        key, out, d);
    return r;
}

static int prove_again(void *arg)
{
    AUTO(buf) struct buf file = BUF_INIT(1 << 20);
    struct diag d = {""};
    struct proof p;
    int r = write_proof(NULL, &file, &d);

    (void)arg;
    return r < 0 ? r : proof_check(text_of(buf_str(&file)), NULL, &p, &d);
}

Test(proof_refuses, memory_that_runs_out_is_no_verdict_on_a_proof)
{
    cr_assert_gt(scarce_each("proof", prove_again, NULL), 0);
}

Test(proof_refuses, what_can_not_be_signed_is_no_proof)
{
    AUTO(buf) struct buf file = BUF_INIT(1 << 20);
    struct diag d = {""};

    is_keyless = true;
    cr_assert_eq(write_proof(NULL, &file, &d), -EIO);
    is_keyless = false;
    is_penless = true;
    cr_assert_eq(write_proof(NULL, &file, &d), -EIO);
    is_penless = false;
    cr_assert(strstr(d.text, "could not be signed") != NULL, "%s", d.text);
}

Test(proof_refuses, an_entry_under_another_hash_is_found_out_though_it_is_signed)
{
    AUTO(buf) struct buf file = BUF_INIT(1 << 20);
    char hash[DIGEST_TEXT_SIZE] = "";
    struct diag d = {""};
    struct proof p;

    memset(hash, 'a', sizeof hash - 1);
    cr_assert_eq(write_proof(hash, &file, &d), 0, "%s", d.text);
    cr_assert_eq(proof_check(text_of(buf_str(&file)), NULL, &p, &d), -EBADMSG);
    cr_assert(strstr(d.text, "not what its hash was made of") != NULL, "%s", d.text);
}

/* The digests of a check: of the entry, of the evidence, of the key. */
Test(proof_refuses, a_digest_that_can_not_be_made_verifies_nothing)
{
    static const int told[] = {-EIO, -EBADMSG, -EIO};
    AUTO(buf) struct buf file = BUF_INIT(1 << 20);
    struct diag d = {""};
    struct proof p;

    cr_assert_eq(write_proof(NULL, &file, &d), 0, "%s", d.text);
    for (int i = 0; i < 3; i++) {
        digest_in = i + 1;
        cr_assert_eq(proof_check(text_of(buf_str(&file)), NULL, &p, &d), told[i], "%d", i);
    }
    cr_assert_eq(digest_in, 0);
    cr_assert_eq(proof_check(text_of(buf_str(&file)), NULL, &p, &d), 0, "%s", d.text);
}

/* One change; where the file is said to be wrong. */
Test(proof_refuses, a_file_with_other_parts_is_refused_by_its_place)
{
    static const struct {
        struct json_edit edit;
        const char *says;
    } rows[] = {
        {{JSON_EDIT_SET, "", NULL, "[]"}, "the file: "},
        {{JSON_EDIT_ADD, "", "more", "1"}, "/more: "},
        {{JSON_EDIT_SET, "/format", NULL, "7"}, "/format: "},
        {{JSON_EDIT_SET, "/format", NULL, "\"other\""}, "/format: "},
        {{JSON_EDIT_SET, "/hash", NULL, "7"}, "/hash: "},
        {{JSON_EDIT_SET, "/hash", NULL, "\"zz\""}, "/hash: "},
        {{JSON_EDIT_REMOVE, "/public_key", NULL, NULL}, "/public_key: "},
        {{JSON_EDIT_REMOVE, "/signature", NULL, NULL}, "/signature: "},
        {{JSON_EDIT_SET, "/entry", NULL, "7"}, "/entry: "},
        {{JSON_EDIT_SET, "/entry/units", NULL, "\"1\""}, "/entry/units: "},
        {{JSON_EDIT_SET, "/evidence", NULL, "[]"}, "/evidence: "},
        {{JSON_EDIT_SET, "/evidence", NULL, "{\"rule\":1.5}"}, "/evidence: has no canonical"},
    };
    AUTO(buf) struct buf file = BUF_INIT(1 << 20);
    struct diag d = {""};

    cr_assert_eq(write_proof(NULL, &file, &d), 0, "%s", d.text);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf changed = BUF_INIT(1 << 20);
        struct proof p;
        json_edit(buf_str(&file), &rows[i].edit, &changed);
        cr_assert_eq(proof_check(text_of(buf_str(&changed)), NULL, &p, &d), -EBADMSG, "%s",
                     rows[i].says);
        cr_assert(strstr(d.text, rows[i].says) != NULL, "\"%s\" lacks \"%s\"", d.text,
                  rows[i].says);
    }
}

/* ---- Keys ------------------------------------------------------------------------------- */

Test(check_refuses, a_key_needs_all_its_parts_and_a_reseller_of_at_most_64_bytes)
{
    static const struct {
        int reseller;
        int r;
    } rows[] = {{64, 0}, {65, -EBADMSG}};
    struct ledger_key k;
    struct diag d;

    cr_assert_eq(ledger_key_parse(text_of("2026-10/r1"), &k, &d), -EBADMSG);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[128];
        (void)snprintf(text, sizeof text, "2026-10/%0*d/outside/PLSK.01234567",
                       rows[i].reseller, 1);
        cr_assert_eq(ledger_key_parse(text_of(text), &k, &d), rows[i].r, "%s", text);
    }
}
