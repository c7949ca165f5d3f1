/* The report's decoder (SPEC 3): each row of refusals changes one thing in a sound report. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "support/json_edit.h"
#include "support/leak.h"
#include "unit/wire/sound.h"
#include "wire/report_json.h"

SUITE(report_json);

static const char sound[] = REPORT_SOUND;

/* Decodes the sound report with one change. */
static int decode(const struct json_edit *edit, struct report *ret, struct json_error *e)
{
    AUTO(buf) struct buf text = BUF_INIT(CAP_REPORT_BYTES);
    json_edit(sound, edit, &text);
    return report_from_json(text_of(buf_str(&text)), ret, e);
}

Test(report_json, every_member_of_a_full_report_is_read)
{
    AUTO(report) struct report r = {.n_licenses = 0};
    struct json_error e;
    cr_assert_eq(report_from_json(text_of(sound), &r, &e), 0, "%s: %s", e.at, e.diag.text);
    char text[64];
    cr_expect_str_eq(r.agent_version, "1.0.0");
    cr_expect_str_eq(uuid_format(&r.boot, text), "0d9c6f0e-7c1c-4f7e-9d0f-2b1f6f0c9a11");
    cr_expect_eq(r.counter, 42);
    cr_expect(r.is_live);
    cr_assert(r.n_licenses == 1 && r.n_sightings == 1 && r.n_mailboxes == 1 && r.n_gaps == 1);
    const struct report_license *l = &r.licenses[0];
    cr_expect_str_eq(license_format(l->license, text), "PLSK.01234567");
    cr_expect_str_eq(l->version, "0003");
    cr_expect_str_eq(l->product, "plesk-unified");
    cr_expect_str_eq(l->edition, "web-pro");
    cr_expect_str_eq(l->expires, "2026-12-04");
    cr_expect_str_eq(l->machine_id,
                     "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
    const struct report_sighting *s = &r.sightings[0];
    cr_expect_eq(s->license.code, l->license.code);
    cr_expect_str_eq(addr_format(&s->address, text), "203.0.113.9");
    cr_expect_eq(s->source, SOURCE_KEYSERVER);
    cr_expect(s->seen.first.s == 1795296400 && s->seen.last.s == 1795299700);
    const struct report_mailboxes *m = &r.mailboxes[0];
    cr_expect_str_eq(m->domain, "example.nl");
    cr_expect(m->counts.mailboxes == 1042 && m->counts.aliases == 12 &&
              m->counts.forwards == 3 && m->counts.lists == 0 && m->counts.alias_domains == 1);
    cr_expect(!m->counts.catch_all && m->counts.is_filtered);
    cr_expect(m->seen.first.s == 1795296400 && m->seen.last.s == 1795299700);
    const struct report_gap *g = &r.gaps[0];
    cr_expect(g->what == GAP_CAPTURE && g->lost == 120);
    cr_expect(g->seen.first.s == 1795296400 && g->seen.last.s == 1795296460);
}

Test(report_json, four_members_are_enough)
{
    AUTO(report) struct report r = {.n_licenses = 0};
    struct json_error e;
    static const char text[] = "{\"format\":1,\"counter\":1,\"live\":false,"
                               "\"boot_id\":\"00000000-0000-0000-0000-000000000000\"}";
    cr_assert_eq(report_from_json(text_of(text), &r, &e), 0, "%s", e.diag.text);
    cr_expect_str_eq(r.agent_version, "");
    cr_expect(r.n_licenses == 0 && r.n_sightings == 0 && r.n_mailboxes == 0 && r.n_gaps == 0);
}

struct refusal {
    const char *at, *raw; /* raw NULL: the member is removed */
    const char *code, *why;
};

static void check_refusal(const struct refusal *row)
{
    struct report r = {.counter = 7};
    struct json_error e;
    struct json_edit edit = {row->raw ? JSON_EDIT_SET : JSON_EDIT_REMOVE, row->at, NULL,
                             row->raw};
    cr_assert_eq(decode(&edit, &r, &e), -EBADMSG, "%s %s: taken", row->at, row->why);
    cr_expect_str_eq(e.at, row->at, "%s %s: said to be at %s", row->at, row->why, e.at);
    cr_expect_str_eq(e.code, row->code, "%s %s: %s", row->at, row->why, e.code);
    cr_expect(e.line == 1 && e.column > 0, "%s: no place", row->at);
    cr_expect(r.counter == 7 && r.licenses == NULL, "%s: output touched", row->at);
}

Test(report_json, the_head_is_exact)
{
    static const struct refusal rows[] = {
        {"/format", NULL, "missing-field", "required"},
        {"/format", "2", "out-of-range", "another format"},
        {"/format", "0", "out-of-range", "another format"},
        {"/format", "\"1\"", "wrong-type", "a text"},
        {"/format", "1.0", "wrong-type", "a real"},
        {"/format", "null", "wrong-type", "null"},
        {"/agent_version", "null", "wrong-type", "null is not absent"},
        {"/agent_version", "1", "wrong-type", "a number"},
        {"/agent_version", "\"\"", "bad-value", "empty"},
        {"/agent_version", "\" 1\"", "bad-value", "space in front"},
        {"/agent_version", "\"1\\n2\"", "bad-value", "control character"},
        {"/boot_id", NULL, "missing-field", "required"},
        {"/boot_id", "\"0D9C6F0E-7C1C-4F7E-9D0F-2B1F6F0C9A11\"", "bad-value", "upper case"},
        {"/boot_id", "\"0d9c6f0e7c1c4f7e9d0f2b1f6f0c9a11\"", "bad-value", "no hyphens"},
        {"/boot_id", "\"\"", "bad-value", "empty"},
        {"/boot_id", "5", "wrong-type", "a number"},
        {"/counter", NULL, "missing-field", "required"},
        {"/counter", "0", "out-of-range", "from 1"},
        {"/counter", "-1", "out-of-range", "negative"},
        {"/counter", "9007199254740993", "out-of-range", "2^53 + 1"},
        {"/counter", "true", "wrong-type", "a boolean"},
        {"/live", NULL, "missing-field", "required"},
        {"/live", "1", "wrong-type", "a number"},
        {"/live", "\"true\"", "wrong-type", "a text"},
        {"/live", "null", "wrong-type", "null"},
        {"/licenses", "null", "wrong-type", "null is not absent"},
        {"/licenses", "{}", "wrong-type", "an object"},
        {"/sightings", "\"\"", "wrong-type", "a text"},
        {"/mailboxes", "null", "wrong-type", "null"},
        {"/gaps", "0", "wrong-type", "a number"},
        {"/licenses/0", "[]", "wrong-type", "an array"},
        {"/sightings/0", "null", "wrong-type", "null"},
        {"/mailboxes/0", "\"example.nl\"", "wrong-type", "a text"},
        {"/gaps/0", "1", "wrong-type", "a number"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_refusal(&rows[i]);
}

Test(report_json, a_licence_entry_is_exact)
{
    static const struct refusal rows[] = {
        {"/licenses/0/license", NULL, "missing-field", "required"},
        {"/licenses/0/license", "1234567", "wrong-type", "a bare number"},
        {"/licenses/0/license", "\"1234567\"", "bad-value", "a bare number as text"},
        {"/licenses/0/license", "\"01234567\"", "bad-value", "no prefix"},
        {"/licenses/0/license", "\"PLSK.1234567\"", "bad-value", "seven digits"},
        {"/licenses/0/license", "\"\"", "bad-value", "empty"},
        {"/licenses/0/version", "\"\"", "bad-value", "empty"},
        {"/licenses/0/version", "3", "wrong-type", "a number"},
        {"/licenses/0/version", "\"123456789\"", "bad-value", "nine digits"},
        {"/licenses/0/version", "\"18 0\"", "bad-value", "a space"},
        {"/licenses/0/version", "null", "wrong-type", "null is not absent"},
        {"/licenses/0/product", "\"\"", "bad-value", "empty"},
        {"/licenses/0/product", "\"a\\u007f\"", "bad-value", "control character"},
        {"/licenses/0/edition", "\"a \"", "bad-value", "space at the end"},
        {"/licenses/0/edition", "[]", "wrong-type", "an array"},
        {"/licenses/0/expires", "\"2026-02-29\"", "bad-value", "no such day"},
        {"/licenses/0/expires", "\"20261204\"", "bad-value", "another form"},
        {"/licenses/0/expires", "\"2026-12-04T00:00:00Z\"", "bad-value", "with a time"},
        {"/licenses/0/expires", "20261204", "wrong-type", "a number"},
        {"/licenses/0/machine_id", "\"00\"", "bad-value", "too short"},
        {"/licenses/0/machine_id", "\"" HEX64 "00\"", "bad-value", "too long"},
        {"/licenses/0/machine_id",
         "\"g0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"", "bad-value",
         "no hex digit"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_refusal(&rows[i]);
}

Test(report_json, a_sighting_is_exact)
{
    static const struct refusal rows[] = {
        {"/sightings/0/license", NULL, "missing-field", "required"},
        {"/sightings/0/license", "\"PLSK\"", "bad-value", "no number"},
        {"/sightings/0/address", NULL, "missing-field", "required"},
        {"/sightings/0/address", "\"203.0.113.256\"", "bad-value", "no address"},
        {"/sightings/0/address", "\"203.0.113.9/32\"", "bad-value", "a network"},
        {"/sightings/0/address", "\"fe80::1%eth0\"", "bad-value", "a zone index"},
        {"/sightings/0/address", "\"\"", "bad-value", "empty"},
        {"/sightings/0/address", "3405803785", "wrong-type", "a number"},
        {"/sightings/0/source", NULL, "missing-field", "required"},
        {"/sightings/0/source", "\"peer\"", "bad-value", "only the collector sees peers"},
        {"/sightings/0/source", "\"NAT\"", "bad-value", "upper case"},
        {"/sightings/0/source", "\"dns\"", "bad-value", "unknown"},
        {"/sightings/0/source", "2", "wrong-type", "a number"},
        {"/sightings/0/first", NULL, "missing-field", "required"},
        {"/sightings/0/first", "-1", "out-of-range", "before 1970"},
        {"/sightings/0/first", "1795296400.5", "wrong-type", "a fraction"},
        {"/sightings/0/first", "\"1795296400\"", "wrong-type", "a text"},
        {"/sightings/0/last", NULL, "missing-field", "required"},
        {"/sightings/0/last", "253402300800", "out-of-range", "the year 10000"},
        {"/sightings/0/last", "null", "wrong-type", "null"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_refusal(&rows[i]);
}

Test(report_json, a_mailbox_row_is_exact)
{
    static const struct refusal rows[] = {
        {"/mailboxes/0/domain", NULL, "missing-field", "required"},
        {"/mailboxes/0/domain", "\"localhost\"", "bad-value", "one label"},
        {"/mailboxes/0/domain", "\"exa mple.nl\"", "bad-value", "a space"},
        {"/mailboxes/0/domain", "\"example..nl\"", "bad-value", "an empty label"},
        {"/mailboxes/0/domain", "\"\"", "bad-value", "empty"},
        {"/mailboxes/0/mailboxes", NULL, "missing-field", "required"},
        {"/mailboxes/0/mailboxes", "10000001", "out-of-range", "more than the cap"},
        {"/mailboxes/0/aliases", "-1", "out-of-range", "negative"},
        {"/mailboxes/0/forwards", "null", "wrong-type", "null"},
        {"/mailboxes/0/lists", "0.0", "wrong-type", "a real"},
        {"/mailboxes/0/alias_domains", "\"1\"", "wrong-type", "a text"},
        {"/mailboxes/0/catch_all", NULL, "missing-field", "required"},
        {"/mailboxes/0/catch_all", "0", "wrong-type", "a number"},
        {"/mailboxes/0/filtered", NULL, "missing-field", "required"},
        {"/mailboxes/0/filtered", "\"\"", "wrong-type", "a text"},
        {"/mailboxes/0/first", NULL, "missing-field", "required"},
        {"/mailboxes/0/last", "99999999999999999999", "out-of-range", "beyond 64 bits"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_refusal(&rows[i]);
}

Test(report_json, a_gap_is_exact)
{
    static const struct refusal rows[] = {
        {"/gaps/0/what", NULL, "missing-field", "required"},
        {"/gaps/0/what", "\"network\"", "bad-value", "unknown"},
        {"/gaps/0/what", "false", "wrong-type", "a boolean"},
        {"/gaps/0/first", NULL, "missing-field", "required"},
        {"/gaps/0/last", NULL, "missing-field", "required"},
        {"/gaps/0/lost", "-1", "out-of-range", "negative"},
        {"/gaps/0/lost", "9007199254740993", "out-of-range", "2^53 + 1"},
        {"/gaps/0/lost", "null", "wrong-type", "null is not absent"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_refusal(&rows[i]);
}

Test(report_json, a_text_over_its_cap_is_refused_by_length)
{
    static const struct {
        const char *at;
        size_t fits;
    } rows[] = {
        {"/agent_version", 128},
        {"/licenses/0/version", 128},
        {"/licenses/0/product", 128},
        {"/licenses/0/edition", 128},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t n = rows[i].fits; n <= rows[i].fits + 1; n++) {
            AUTO(buf) struct buf raw = BUF_INIT(1024);
            buf_add_char(&raw, '"');
            for (size_t k = 0; k < n; k++)
                buf_add_char(&raw, 'v');
            buf_add_char(&raw, '"');
            AUTO(report) struct report r = {.n_licenses = 0};
            struct json_error e;
            struct json_edit edit = {JSON_EDIT_SET, rows[i].at, NULL, buf_str(&raw)};
            int got = decode(&edit, &r, &e);
            cr_expect_eq(got, n == rows[i].fits ? 0 : -EBADMSG, "%s, %zu", rows[i].at, n);
            if (got < 0)
                cr_expect_str_eq(e.code, "out-of-range");
        }
    }
}

Test(report_json, an_unknown_member_refuses_the_whole_wherever_it_stands)
{
    static const struct {
        const char *object, *at;
    } rows[] = {
        {"", "/extra"},
        {"/licenses/0", "/licenses/0/extra"},
        {"/sightings/0", "/sightings/0/extra"},
        {"/mailboxes/0", "/mailboxes/0/extra"},
        {"/gaps/0", "/gaps/0/extra"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct report r;
        struct json_error e;
        struct json_edit edit = {JSON_EDIT_ADD, rows[i].object, "extra", "\"SECRET\""};
        cr_assert_eq(decode(&edit, &r, &e), -EBADMSG, "%s", rows[i].at);
        cr_expect_str_eq(e.code, "unknown-field");
        cr_expect_str_eq(e.at, rows[i].at);
        cr_expect_null(strstr(e.diag.text, "SECRET"));
    }
}

Test(report_json, a_refusal_says_what_would_be_right)
{
    static const struct {
        const char *at, *raw, *sentence;
    } rows[] = {
        {"/sightings/0/source", "\"peer\"",
         "is \"peer\", must be one of keyserver, nat, panel, interface"},
        {"/gaps/0/what", "\"x\"",
         "is \"x\", must be one of capture, conntrack, spool, mailboxes"},
        {"/counter", "0", "is 0, must be 1 to 9007199254740992"},
        {"/licenses/0/license", "\"x\\u001b\"",
         "is \"x\\x1b\", must be a key number such as PLSK.01234567"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct report r;
        struct json_error e;
        struct json_edit edit = {JSON_EDIT_SET, rows[i].at, NULL, rows[i].raw};
        cr_assert_eq(decode(&edit, &r, &e), -EBADMSG, "%s", rows[i].at);
        cr_expect_str_eq(e.diag.text, rows[i].sentence, "%s", e.diag.text);
    }
}

Test(report_json, the_ends_of_every_range_are_taken)
{
    static const struct {
        const char *at, *raw;
    } rows[] = {
        {"/counter", "1"},
        {"/counter", "9007199254740992"},
        {"/sightings/0/first", "0"},
        {"/sightings/0/last", "253402300799"},
        {"/mailboxes/0/mailboxes", "10000000"},
        {"/mailboxes/0/lists", "10000000"},
        {"/gaps/0/lost", "0"},
        {"/gaps/0/lost", "9007199254740992"},
        {"/licenses", "[]"},
        {"/gaps", "[]"},
        {"/licenses/0/version", "\"12345678\""},
        {"/licenses/0/version", "\"18.0.62.a\""},
        {"/licenses/0/expires", "\"2028-02-29\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(report) struct report r = {.n_licenses = 0};
        struct json_error e;
        struct json_edit edit = {JSON_EDIT_SET, rows[i].at, NULL, rows[i].raw};
        cr_expect_eq(decode(&edit, &r, &e), 0, "%s %s", rows[i].at, rows[i].raw);
    }
}

Test(report_json, the_order_of_times_is_not_judged_here)
{
    AUTO(report) struct report r = {.n_licenses = 0};
    struct json_error e;
    struct json_edit edit = {JSON_EDIT_SET, "/sightings/0/first", NULL, "1795299701"};
    cr_expect_eq(decode(&edit, &r, &e), 0, "first > last is for report_settle()");
}

Test(report_json, optional_members_may_be_left_out)
{
    static const char *const rows[] = {
        "/agent_version",
        "/licenses",
        "/sightings",
        "/mailboxes",
        "/gaps",
        "/licenses/0/version",
        "/licenses/0/product",
        "/licenses/0/edition",
        "/licenses/0/expires",
        "/licenses/0/machine_id",
        "/gaps/0/lost",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(report) struct report r = {.n_licenses = 0};
        struct json_error e;
        struct json_edit edit = {JSON_EDIT_REMOVE, rows[i], NULL, NULL};
        cr_expect_eq(decode(&edit, &r, &e), 0, "%s: %s", rows[i], e.diag.text);
    }
}

Test(report_json, a_licence_has_many_spellings_and_one_identity)
{
    /* What the entry's own `version` says goes before what the spelling carries. */
    static const struct {
        const char *spelling, *version, *want, *want_version;
    } rows[] = {
        {"PLSK.01234567", NULL, "PLSK.01234567", ""},
        {"plsk.01234567.0004", NULL, "PLSK.01234567", "0004"},
        {"PLSK012345670004", NULL, "PLSK.01234567", "0004"},
        {"PLSK012345670004", "0003", "PLSK.01234567", "0003"},
        {"EXT.00000001", NULL, "EXT.00000001", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf raw = BUF_INIT(256);
        buf_printf(&raw, "[{\"license\":\"%s\"", rows[i].spelling);
        if (rows[i].version)
            buf_printf(&raw, ",\"version\":\"%s\"", rows[i].version);
        buf_add_str(&raw, "}]");
        AUTO(report) struct report r = {.n_licenses = 0};
        struct json_error e;
        struct json_edit edit = {JSON_EDIT_SET, "/licenses", NULL, buf_str(&raw)};
        cr_assert_eq(decode(&edit, &r, &e), 0, "%s: %s", rows[i].spelling, e.diag.text);
        char text[LICENSE_TEXT_SIZE];
        cr_assert_eq(r.n_licenses, 1);
        cr_expect_str_eq(license_format(r.licenses[0].license, text), rows[i].want);
        cr_expect_str_eq(r.licenses[0].version, rows[i].want_version);
    }
}

Test(report_json, names_and_addresses_take_their_one_form)
{
    AUTO(report) struct report r = {.n_licenses = 0};
    AUTO(report) struct report s = {.n_licenses = 0};
    struct json_error e;
    struct json_edit domain = {JSON_EDIT_SET, "/mailboxes/0/domain", NULL,
                               "\"B\\u00dcCHER.Example.\""};
    cr_assert_eq(decode(&domain, &r, &e), 0, "%s", e.diag.text);
    cr_expect_str_eq(r.mailboxes[0].domain,
                     "xn--bcher-kva.example"); /* RFC 3492's own example */
    struct json_edit mapped = {JSON_EDIT_SET, "/sightings/0/address", NULL,
                               "\"::ffff:203.0.113.9\""};
    cr_assert_eq(decode(&mapped, &s, &e), 0, "%s", e.diag.text);
    char text[ADDR_TEXT_SIZE];
    cr_expect_str_eq(addr_format(&s.sightings[0].address, text), "203.0.113.9");
}

#define SIGHTING(license, source)                                                              \
    "{\"license\":\"" license "\",\"address\":\"203.0.113.9\",\"source\":\"" source            \
    "\",\"first\":1,\"last\":2}"

Test(report_json, an_all_zero_key_is_passed_over)
{
    AUTO(report) struct report r = {.n_licenses = 0};
    AUTO(report) struct report s = {.n_licenses = 0};
    struct json_error e;
    struct json_edit licenses = {
        JSON_EDIT_SET, "/licenses", NULL,
        "[{\"license\":\"plsk.00000000.0000\",\"product\":\"none\"},"
        "{\"license\":\"PLSK.00000001\"},{\"license\":\"plsk000000000000\"}]"};
    cr_assert_eq(decode(&licenses, &r, &e), 0, "%s", e.diag.text);
    cr_assert_eq(r.n_licenses, 1);
    char text[LICENSE_TEXT_SIZE];
    cr_expect_str_eq(license_format(r.licenses[0].license, text), "PLSK.00000001");
    cr_expect_str_eq(r.licenses[0].product, "", "nothing of the entry before is left");
    struct json_edit sightings = {JSON_EDIT_SET, "/sightings", NULL,
                                  "[" SIGHTING("PLSK.00000000", "nat") "]"};
    cr_assert_eq(decode(&sightings, &s, &e), 0, "%s", e.diag.text);
    cr_expect_eq(s.n_sightings, 0);
}

Test(report_json, an_all_zero_key_excuses_nothing_else)
{
    static const struct {
        const char *list, *raw, *at;
    } rows[] = {
        {"/licenses", "[{\"license\":\"PLSK.00000000\",\"product\":7}]", "/licenses/0/product"},
        {"/licenses", "[{\"license\":\"PLSK.00000000\",\"x\":7}]", "/licenses/0/x"},
        {"/sightings", "[{\"license\":\"PLSK.00000000\"}]", "/sightings/0/address"},
        {"/sightings", "[" SIGHTING("PLSK.00000000", "peer") "]", "/sightings/0/source"},
        {"/sightings",
         "[" SIGHTING("PLSK.00000000", "nat") "," SIGHTING("PLSK.00000001", "peer") "]",
         "/sightings/1/source"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct report r;
        struct json_error e;
        struct json_edit edit = {JSON_EDIT_SET, rows[i].list, NULL, rows[i].raw};
        cr_assert_eq(decode(&edit, &r, &e), -EBADMSG, "%s", rows[i].raw);
        cr_expect_str_eq(e.at, rows[i].at, "%s", e.at);
    }
}

#define MAILBOXES                                                                              \
    "{\"domain\":\"a.nl\",\"mailboxes\":1,\"aliases\":0,\"forwards\":0,\"lists\":0,"           \
    "\"catch_all\":false,\"alias_domains\":0,\"filtered\":true,\"first\":1,\"last\":2}"

Test(report_json, every_list_has_its_cap)
{
    static const struct {
        const char *at, *entry;
        size_t cap;
    } rows[] = {
        {"/licenses", "{\"license\":\"PLSK.00000001\"}", 256},
        {"/sightings", SIGHTING("PLSK.00000001", "nat"), 4096},
        {"/mailboxes", MAILBOXES, 20000},
        {"/gaps", "{\"what\":\"spool\",\"first\":1,\"last\":2}", 1024},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t n = rows[i].cap; n <= rows[i].cap + 1; n++) {
            AUTO(buf) struct buf raw = BUF_INIT(CAP_REPORT_BYTES);
            for (size_t k = 0; k < n; k++) {
                buf_add_char(&raw, k == 0 ? '[' : ',');
                buf_add_str(&raw, rows[i].entry);
            }
            buf_add_char(&raw, ']');
            AUTO(report) struct report r = {.n_licenses = 0};
            struct json_error e = {.line = 0};
            struct json_edit edit = {JSON_EDIT_SET, rows[i].at, NULL, buf_str(&raw)};
            cr_assert_eq(decode(&edit, &r, &e), n == rows[i].cap ? 0 : -EBADMSG, "%s %zu",
                         rows[i].at, n);
            if (n > rows[i].cap) {
                cr_expect_str_eq(e.code, "out-of-range");
                cr_expect_str_eq(e.at, rows[i].at);
            }
        }
    }
}

Test(report_json, a_body_over_its_cap_is_not_even_parsed)
{
    AUTO(buf) struct buf text = BUF_INIT(CAP_REPORT_BYTES + 1);
    buf_add_str(&text, sound);
    while (text.len < CAP_REPORT_BYTES)
        buf_add_char(&text, ' ');
    AUTO(report) struct report r = {.n_licenses = 0};
    struct json_error e;
    cr_assert_eq(report_from_json((struct text){text.data, text.len}, &r, &e), 0);
    buf_add_char(&text, ' ');
    AUTO(report) struct report more = {.n_licenses = 0};
    cr_assert_eq(report_from_json((struct text){text.data, text.len}, &more, &e), -EBADMSG);
    cr_expect_str_eq(e.code, "out-of-range");
    cr_expect_str_eq(e.at, "");
}

Test(report_json, more_objects_than_a_full_report_has_are_not_even_parsed)
{
    /* A tree of them would take 70 times the memory of the text. */
    AUTO(buf) struct buf text = BUF_INIT(CAP_REPORT_BYTES);
    buf_add_str(&text, "{\"x\":[0");
    for (int i = 0; i < 30000; i++)
        buf_add_str(&text, ",{}");
    buf_add_str(&text, "]}");
    struct report r;
    struct json_error e;
    cr_assert_eq(report_from_json(text_of(buf_str(&text)), &r, &e), -EBADMSG);
    cr_expect_str_eq(e.code, "out-of-range");
    cr_expect_str_eq(e.at, "");
    /* 256 + 4,096 + 20,000 + 1,024 entries, four lists, the report, the line around it. */
    cr_expect_str_eq(e.diag.text, "has 30002 objects and arrays, at most 25382 are allowed");
}

Test(report_json, what_is_no_report_at_all_is_refused)
{
    static const struct {
        const char *text, *code, *at;
    } rows[] = {
        {"", "syntax", ""},
        {"[]", "wrong-type", ""},
        {"{}", "missing-field", "/format"},
        {"{\"format\":1,\"format\":1}", "syntax", "/format"},
        {"hello", "syntax", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct report r;
        struct json_error e;
        cr_assert_eq(report_from_json(text_of(rows[i].text), &r, &e), -EBADMSG, "row %zu", i);
        cr_expect_str_eq(e.code, rows[i].code);
        cr_expect_str_eq(e.at, rows[i].at);
    }
}
