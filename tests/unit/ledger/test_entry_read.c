/*
 * Entries and decisions as their bodies say them: written out by hand, read back, and refused
 * where one member is missing or can not be.
 */
#include "json/json.h"
#include "ledger/ledger.h"
#include "support/json_edit.h"
#include "support/leak.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

SUITE(entry_read);

#define DIGEST_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DIGEST_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* An adjustment: what was charged for October, 25.00, comes down to 12.50. */
static const char adjustment[] =
    "{\"amount\":\"-12.50\",\"basis\":\"confirmed\",\"booked_period\":\"2026-11\","
    "\"currency\":\"EUR\",\"due\":\"12.50\",\"entered_before\":\"25.00\","
    "\"evidence_sha256\":\"" DIGEST_A "\",\"format\":1,\"kind\":\"extra-ip\","
    "\"period\":\"2026-10\",\"policy_version\":\"\",\"previous_hash\":\"" DIGEST_B "\","
    "\"quantity\":1,\"reseller\":\"r1\",\"sequence\":7,\"subject\":\"PLSK.01234567\","
    "\"tariff\":{\"block\":1,\"from\":1767222000,\"own\":true},\"time\":1794000000,"
    "\"type\":\"adjustment\",\"unit_price\":\"12.50\",\"units\":1,\"who\":\"Anna\"}";

static int read_body(struct text body, struct ledger_entry *ret, struct buf *again,
                     struct json_error *e)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    int r = json_read(body, &doc, e);

    cr_assert_eq(r, 0, "%s", e->diag.text);
    struct json root = json_root(doc);
    r = ledger_read_entry(&root, ret, e);
    if (r == 0) /* while the document lives, whose texts the entry borrows */
        ledger_write_entry(ret, again);
    return r;
}

static int read_changed(const struct json_edit *edit, struct ledger_entry *ret,
                        struct buf *again, struct json_error *e)
{
    AUTO(buf) struct buf changed = BUF_INIT(65536);

    json_edit(adjustment, edit, &changed);
    return read_body(text_of(buf_str(&changed)), ret, again, e);
}

Test(entry_read, an_adjustment_is_read_and_written_the_same)
{
    AUTO(buf) struct buf again = BUF_INIT(65536);
    struct ledger_entry e;
    struct json_error error;

    cr_assert_eq(read_body(text_of(adjustment), &e, &again, &error), 0, "%s: %s", error.at,
                 error.diag.text);
    cr_assert(e.is_adjustment);
    cr_assert_eq(e.amount.minor, -1250);
    cr_assert_eq(e.entered_before.minor, 2500);
    cr_assert(e.due.tariff_is_own);
    cr_assert_str_eq(e.previous, DIGEST_B);
    cr_assert_str_eq(buf_str(&again), adjustment);
}

/* Confirmed, and no price: nothing is due, and there is neither tariff nor unit price. */
Test(entry_read, an_entry_without_a_tariff_says_null)
{
    static const char unpriced[] =
        "{\"amount\":\"0.00\",\"basis\":\"unpriced\",\"booked_period\":\"2026-10\","
        "\"currency\":\"EUR\",\"due\":\"0.00\",\"entered_before\":\"0.00\","
        "\"evidence_sha256\":\"" DIGEST_A "\",\"format\":1,\"kind\":\"outside\","
        "\"period\":\"2026-10\",\"policy_version\":\"1\",\"previous_hash\":\"\","
        "\"quantity\":1,\"reseller\":\"r1\",\"sequence\":1,\"subject\":\"PLSK.01234567\","
        "\"tariff\":null,\"time\":1794000000,\"type\":\"charge\",\"unit_price\":null,"
        "\"units\":0,\"who\":\"Anna\"}";
    AUTO(buf) struct buf again = BUF_INIT(65536);
    struct ledger_entry e;
    struct json_error error;

    cr_assert_eq(read_body(text_of(unpriced), &e, &again, &error), 0, "%s: %s", error.at,
                 error.diag.text);
    cr_assert_eq(e.due.block, 0);
    cr_assert_eq(e.due.tariff_from.s, WALL_BEGIN.s);
    cr_assert_str_eq(buf_str(&again), unpriced);
}

/* Names that nobody gave are empty, not an accident. */
Test(entry_read, a_text_that_is_not_there_is_written_empty)
{
    AUTO(buf) struct buf body = BUF_INIT(65536);
    struct ledger_entry e = {.currency = currency_find(text_of("EUR")),
                             .period = {2026 * 12},
                             .booked = {2026 * 12}};

    ledger_write_entry(&e, &body);
    cr_assert_eq(buf_error(&body), 0);
    cr_assert(strstr(buf_str(&body), "\"who\":\"\"") != NULL);
}

/* 1,000 bytes are a name (CAP_NAME); of a longer one, which nobody lets in, as many are kept.
 */
Test(entry_read, the_longest_name_is_written_whole)
{
    char who[CAP_NAME + 2], expected[CAP_NAME + 16];

    memset(who, 'a', sizeof who);
    for (size_t n = CAP_NAME - 2; n <= CAP_NAME + 2; n++) {
        AUTO(buf) struct buf body = BUF_INIT(65536);
        struct ledger_entry e = {.currency = currency_find(text_of("EUR")),
                                 .period = {2026 * 12},
                                 .booked = {2026 * 12},
                                 .who = {who, n}};
        int kept = n < CAP_NAME ? (int)n : CAP_NAME;
        (void)snprintf(expected, sizeof expected, "\"who\":\"%.*s\"", kept, who);
        ledger_write_entry(&e, &body);
        cr_assert_eq(buf_error(&body), 0);
        cr_assert(strstr(buf_str(&body), expected) != NULL, "%zu bytes", n);
    }
}

Test(entry_read, a_member_that_is_left_out_is_named)
{
    static const char *const members[] = {
        "/amount",     "/basis",          "/booked_period",   "/currency",
        "/due",        "/entered_before", "/evidence_sha256", "/format",
        "/kind",       "/period",         "/policy_version",  "/previous_hash",
        "/quantity",   "/reseller",       "/sequence",        "/subject",
        "/time",       "/type",           "/units",           "/who",
        "/unit_price", "/tariff/block",   "/tariff/from",     "/tariff/own"};

    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        AUTO(buf) struct buf again = BUF_INIT(65536);
        struct json_edit edit = {.verb = JSON_EDIT_REMOVE, .at = members[i]};
        struct ledger_entry e;
        struct json_error error;
        cr_assert_eq(read_changed(&edit, &e, &again, &error), -EBADMSG, "%s", members[i]);
        cr_assert_str_eq(error.at, members[i]);
        cr_assert_str_eq(error.code, "missing-field");
    }
}

Test(entry_read, a_value_that_can_not_be_is_refused_where_it_stands)
{
    static const struct {
        const char *at, *raw, *refused_at;
    } rows[] = {
        {"/format", "2", "/format"},
        {"/booked_period", "\"2026-13\"", "/booked_period"},
        {"/currency", "\"XYZ\"", "/currency"},
        {"/basis", "\"maybe\"", "/basis"},
        {"/type", "\"refund\"", "/type"},
        {"/kind", "\"silent\"", "/kind"}, /* a finding, and never a charge */
        {"/due", "\"12.505\"", "/due"},   /* a cent is the least */
        {"/amount", "\"much\"", "/amount"},
        {"/tariff/block", "0", "/unit_price"},
        {"/unit_price", "\"free\"", "/unit_price"},
        {"/tariff/own", "1", "/tariff/own"},
        {"/evidence_sha256", "\"abc\"", ""},
        {"/previous_hash", "\"abc\"", ""},
        {"/previous_hash", "\"a\"", ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf again = BUF_INIT(65536);
        struct json_edit edit = {.verb = JSON_EDIT_SET, .at = rows[i].at, .raw = rows[i].raw};
        struct ledger_entry e;
        struct json_error error;
        cr_assert_eq(read_changed(&edit, &e, &again, &error), -EBADMSG, "%s = %s", rows[i].at,
                     rows[i].raw);
        cr_assert_str_eq(error.at, rows[i].refused_at, "%s = %s", rows[i].at, rows[i].raw);
    }
}

Test(entry_read, a_member_that_nobody_knows_is_refused)
{
    AUTO(buf) struct buf again = BUF_INIT(65536);
    struct json_edit edit = {.verb = JSON_EDIT_ADD, .at = "", .key = "note", .raw = "1"};
    struct ledger_entry e;
    struct json_error error;

    cr_assert_eq(read_changed(&edit, &e, &again, &error), -EBADMSG);
    cr_assert_str_eq(error.code, "unknown-field");
}

/* Keys in byte order: the body is canonical as it is written. */
Test(entry_read, a_decision_is_written_in_its_canonical_form)
{
    static const char expected[] =
        "{\"decision\":\"waive\",\"kind\":\"extra-ip\",\"period\":\"2026-10\","
        "\"previous_hash\":\"" DIGEST_B "\",\"reason\":\"a migration\",\"reseller\":\"r1\","
        "\"sequence\":2,\"subject\":\"PLSK.01234567\",\"time\":1794000000,\"who\":\"Anna\"}";
    static const struct ledger_decision decision = {.sequence = 2,
                                                    .time = {1794000000},
                                                    .who = "Anna",
                                                    .reason = "a migration",
                                                    .decision = "waive",
                                                    .period = {2026 * 12 + 9},
                                                    .kind = "extra-ip",
                                                    .reseller = "r1",
                                                    .subject = "PLSK.01234567",
                                                    .previous = DIGEST_B};
    AUTO(buf) struct buf body = BUF_INIT(65536);
    AUTO(buf) struct buf canonical = BUF_INIT(65536);

    ledger_write_decision(&decision, &body);
    cr_assert_str_eq(buf_str(&body), expected);
    cr_assert_eq(json_canonical(text_of(buf_str(&body)), &canonical), 0);
    cr_assert_str_eq(buf_str(&canonical), expected);
}
