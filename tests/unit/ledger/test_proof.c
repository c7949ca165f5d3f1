/* Entries and proofs. */
#include "json/json.h"
#include "ledger/proof.h"
#include "support/entry_sample.h"
#include "support/leak.h"
#include <errno.h>
#include <string.h>

SUITE(proof);

static const char evidence[] = SAMPLE_CONFIRMED;

Test(proof, the_sample_evidence_is_in_its_canonical_form)
{
    AUTO(buf) struct buf out = BUF_INIT(65536);

    cr_assert_eq(json_canonical(text_of(evidence), &out), 0);
    cr_assert_str_eq(buf_str(&out), evidence);
}

Test(proof, an_entry_is_canonical_and_reads_back_the_same)
{
    AUTO(buf) struct buf body = BUF_INIT(65536);
    AUTO(buf) struct buf canonical = BUF_INIT(65536);
    AUTO(buf) struct buf again = BUF_INIT(65536);
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct ledger_entry e = sample_entry(evidence), read;
    struct json_error error;

    ledger_write_entry(&e, &body);
    cr_assert_eq(json_canonical(text_of(buf_str(&body)), &canonical), 0);
    cr_assert_str_eq(buf_str(&body), buf_str(&canonical));
    cr_assert_eq(json_read(text_of(buf_str(&body)), &doc, &error), 0);
    struct json root = json_root(doc);
    cr_assert_eq(ledger_read_entry(&root, &read, &error), 0, "%s %s", error.at,
                 error.diag.text);
    ledger_write_entry(&read, &again);
    cr_assert_str_eq(buf_str(&again), buf_str(&body));
}

Test(proof, an_entry_that_its_evidence_bears_out_is_good)
{
    struct ledger_entry e = sample_entry(evidence);
    struct diag d = {""};

    cr_assert_eq(ledger_check_entry(&e, text_of(evidence), &d), 0, "%s", d.text);
}

/* What may be changed in an entry, and what the check must then say. */
static void change_quantity(struct ledger_entry *e)
{
    e->due.quantity = e->due.units = 2;
    e->due.amount.minor = e->amount.minor = 2500;
}
static void change_amount(struct ledger_entry *e)
{
    e->amount.minor = 1251;
}
static void change_due(struct ledger_entry *e)
{
    e->due.amount.minor = e->amount.minor = 1300;
}
static void change_before(struct ledger_entry *e)
{
    e->entered_before.minor = 100;
}
static void change_kind(struct ledger_entry *e)
{
    e->kind = CHARGE_OUTSIDE;
}
static void change_basis(struct ledger_entry *e)
{
    e->due.basis = DUE_CLEAR;
    e->due.units = 0;
    e->due.amount.minor = e->amount.minor = 0;
}
static void change_digest(struct ledger_entry *e)
{
    e->evidence.bytes[0] ^= 1;
}

static const struct {
    void (*change)(struct ledger_entry *e);
    const char *says;
} changes[] = {
    {change_quantity, "says confirmed with quantity 1"},
    {change_amount, "less what was entered before"},
    {change_due, "not the price of the quantity"},
    {change_before, "less what was entered before"},
    {change_kind, "another rule"},
    {change_basis, "says confirmed with quantity 1"},
    {change_digest, "digest"},
};

Test(proof, an_entry_that_says_more_than_its_evidence_is_found_out)
{
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        struct ledger_entry e = sample_entry(evidence);
        struct diag d = {""};
        changes[i].change(&e);
        cr_assert_eq(ledger_check_entry(&e, text_of(evidence), &d), -EBADMSG, "%s",
                     changes[i].says);
        cr_assert(strstr(d.text, changes[i].says) != NULL, "\"%s\" lacks \"%s\"", d.text,
                  changes[i].says);
    }
}

Test(proof, evidence_of_one_second_less_than_needed_does_not_bear_a_charge)
{
    /* 14 d exactly is not longer than the grace: 1790892000 + 1209600 = 1792101600. */
    static const char less[] = SAMPLE_EVIDENCE("1792101600");
    static const char just[] = SAMPLE_EVIDENCE("1792101601");
    struct ledger_entry e = sample_entry(evidence);
    struct diag d = {""};

    cr_assert_eq(digest_sha256(text_of(less), &e.evidence), 0);
    cr_assert_eq(ledger_check_entry(&e, text_of(less), &d), -EBADMSG);
    cr_assert_eq(digest_sha256(text_of(just), &e.evidence), 0);
    cr_assert_eq(ledger_check_entry(&e, text_of(just), &d), 0, "%s", d.text);
}

static void make_proof(struct sign_key *key, struct buf *out)
{
    AUTO(buf) struct buf body = BUF_INIT(65536);
    struct ledger_entry e = sample_entry(evidence);
    char hash[DIGEST_TEXT_SIZE];
    struct diag d = {""};

    ledger_write_entry(&e, &body);
    cr_assert_eq(ledger_hash(text_of(buf_str(&body)), hash), 0);
    cr_assert_eq(
        proof_write(&(struct proof_parts){buf_str(&body), hash, evidence}, key, out, &d), 0,
        "%s", d.text);
}

Test(proof, verifies_anywhere_and_says_what_it_is_about)
{
    AUTO(sign_key) struct sign_key *key = NULL;
    AUTO(buf) struct buf file = BUF_INIT(1 << 20);
    uint8_t public_key[SIGN_KEY_BYTES];
    struct proof p;
    struct diag d = {""};

    cr_assert_eq(sign_key_new(&key, &d), 0);
    make_proof(key, &file);
    cr_assert_eq(proof_check(text_of(buf_str(&file)), NULL, &p, &d), 0, "%s", d.text);
    cr_assert_eq(p.entry.amount.minor, 1250);
    cr_assert(text_is(p.entry.subject, "PLSK.01234567"));
    cr_assert_eq(sign_key_public(key, public_key), 0);
    cr_assert_eq(proof_check(text_of(buf_str(&file)), public_key, &p, &d), 0, "%s", d.text);
    public_key[3] ^= 1;
    cr_assert_eq(proof_check(text_of(buf_str(&file)), public_key, &p, &d), -EBADMSG);
    cr_assert(strstr(d.text, "another key") != NULL, "%s", d.text);
}

/* What fairuse-ledger(5) says is signed, and that it is all of it: the object without key and
 * signature, in its canonical form. */
Test(proof, is_signed_over_what_the_manual_says)
{
    AUTO(sign_key) struct sign_key *key = NULL;
    AUTO(buf) struct buf file = BUF_INIT(1 << 20);
    AUTO(buf) struct buf body = BUF_INIT(65536);
    AUTO(buf) struct buf whole = BUF_INIT(65536);
    struct ledger_entry e = sample_entry(evidence);
    uint8_t public_key[SIGN_KEY_BYTES], signature[SIGN_BYTES];
    char hash[DIGEST_TEXT_SIZE];
    struct diag d = {""};

    cr_assert_eq(sign_key_new(&key, &d), 0);
    make_proof(key, &file);
    ledger_write_entry(&e, &body);
    cr_assert_eq(ledger_hash(text_of(buf_str(&body)), hash), 0);
    buf_printf(&whole,
               "{\"entry\":%s,\"evidence\":%s,\"format\":\"fairuse-proof-1\",\"hash\":\"%s\"}",
               buf_str(&body), evidence, hash);
    const char *hex = strstr(buf_str(&file), "\"signature\": \"");
    cr_assert_not_null(hex, "%s", buf_str(&file));
    cr_assert_eq(
        text_from_hex((struct text){hex + 14, 2 * SIGN_BYTES}, signature, sizeof signature), 0);
    cr_assert_eq(sign_key_public(key, public_key), 0);
    cr_assert_eq(sign_check(public_key, text_of(buf_str(&whole)), signature), 0);
}

/* Whatever the buffer held; it is laid out for people, and ends with its line. */
Test(proof, is_all_that_is_written)
{
    AUTO(sign_key) struct sign_key *key = NULL;
    AUTO(buf) struct buf file = BUF_INIT(1 << 20);
    struct diag d = {""};

    cr_assert_eq(sign_key_new(&key, &d), 0);
    buf_add_str(&file, "an older text");
    make_proof(key, &file);
    cr_assert_eq(strncmp(buf_str(&file), "{\n", 2), 0, "%s", buf_str(&file));
    cr_assert_str_eq(buf_str(&file) + file.len - 3, "\n}\n");
}

static bool lies_in(const struct proof *p, struct text t)
{
    return t.p >= p->texts[0] && t.p + t.n < p->texts[0] + sizeof p->texts;
}

/* Its texts are the proof's own, each ended; the document that they were read from is gone. */
Test(proof, keeps_what_it_says)
{
    AUTO(sign_key) struct sign_key *key = NULL;
    AUTO(buf) struct buf file = BUF_INIT(1 << 20);
    AUTO(buf) struct buf body = BUF_INIT(65536);
    struct ledger_entry e = sample_entry(evidence);
    uint8_t public_key[SIGN_KEY_BYTES];
    char text[DIGEST_TEXT_SIZE];
    struct digest digest;
    struct diag d = {""};
    struct proof p;

    cr_assert_eq(sign_key_new(&key, &d), 0);
    make_proof(key, &file);
    memset(&p, 0xff, sizeof p);
    cr_assert_eq(proof_check(text_of(buf_str(&file)), NULL, &p, &d), 0, "%s", d.text);
    const struct {
        struct text kept, expected;
    } rows[] = {{p.entry.who, e.who},
                {p.entry.reseller, e.reseller},
                {p.entry.subject, e.subject},
                {p.entry.policy, e.policy}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_assert(lies_in(&p, rows[i].kept), "text %zu", i);
        cr_assert_str_eq(rows[i].kept.p, rows[i].expected.p);
        cr_assert_eq(rows[i].kept.n, rows[i].expected.n);
    }
    ledger_write_entry(&e, &body);
    cr_assert_eq(ledger_hash(text_of(buf_str(&body)), text), 0);
    cr_assert_str_eq(p.hash, text);
    cr_assert_eq(sign_key_public(key, public_key), 0);
    cr_assert_eq(
        digest_sha256((struct text){(const char *)public_key, sizeof public_key}, &digest), 0);
    cr_assert_str_eq(p.key_fingerprint, digest_format(&digest, text));
}

/* The first occurrence of a text in the file becomes another. */
static void expect_refused(const char *file, const char *text, const char *becomes,
                           const char *says)
{
    AUTO(buf) struct buf changed = BUF_INIT(1 << 20);
    const char *at = strstr(file, text);
    struct diag d = {""};
    struct proof p;

    cr_assert_not_null(at, "%s", text);
    buf_add(&changed, file, (size_t)(at - file));
    buf_add_str(&changed, becomes);
    buf_add_str(&changed, at + strlen(text));
    cr_assert_eq(proof_check(text_of(buf_str(&changed)), NULL, &p, &d), -EBADMSG);
    cr_assert(strstr(d.text, says) != NULL, "\"%s\" lacks \"%s\"", d.text, says);
}

Test(proof, that_was_changed_says_what_is_wrong)
{
    AUTO(sign_key) struct sign_key *key = NULL;
    AUTO(buf) struct buf file = BUF_INIT(1 << 20);
    struct diag d = {""};

    cr_assert_eq(sign_key_new(&key, &d), 0);
    make_proof(key, &file);
    const char *f = buf_str(&file);
    expect_refused(f, "\"who\":\"Anna\"", "\"who\":\"Bob\"", "the signature is not of this");
    expect_refused(f, "\"hash\": \"", "\"hash\": \"z", "/hash: is 65 bytes long, at most 64");
    expect_refused(f, "\"signature\": \"", "\"signature\": \"0",
                   "/signature: is 129 bytes long, at most 128");
    expect_refused("{\"hash\": \"abc\", \"format\": \"fairuse-proof-1\"}", "abc", "xyz",
                   "/hash: must be 64 hex digits");
    expect_refused("{\"format\": 1, \"a\": 1}", "\"a\"", "\"\"", ": /: ");
}

Test(proof, no_byte_of_it_can_be_changed_unnoticed)
{
    AUTO(sign_key) struct sign_key *key = NULL;
    AUTO(buf) struct buf file = BUF_INIT(1 << 20);
    struct proof p;
    struct diag d = {""};

    cr_assert_eq(sign_key_new(&key, &d), 0);
    make_proof(key, &file);
    for (size_t i = 0; i < file.len; i++) {
        char was = file.data[i];
        if (was == ' ' || was == '\n' || was == '"')
            continue; /* white space may change; a quote only breaks the syntax */
        file.data[i] = was == '1' ? '2' : was == 'a' ? 'b' : '1';
        cr_assert_lt(proof_check(text_of(buf_str(&file)), NULL, &p, &d), 0,
                     "byte %zu, '%c', was changed unnoticed", i, was);
        file.data[i] = was;
    }
    cr_assert_eq(proof_check(text_of(buf_str(&file)), NULL, &p, &d), 0);
}
