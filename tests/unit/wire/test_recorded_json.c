/* Recorded reports, one a line (SPEC 4). */
#include <errno.h>
#include <string.h>

#include "support/json_edit.h"
#include "support/leak.h"
#include "unit/wire/sound.h"
#include "wire/report_json.h"

SUITE(recorded_json);

static const char sound[] = "{\"server\":\"srv-1\",\"sent_at\":1795300000,"
                            "\"received_at\":1795300003,\"peer\":\"203.0.113.9\","
                            "\"report\":" REPORT_SOUND "}";

static int decode(const struct json_edit *edit, struct recorded *ret, struct json_error *e)
{
    AUTO(buf) struct buf text = BUF_INIT(CAP_REPORT_BYTES);
    json_edit(sound, edit, &text);
    return recorded_from_json(text_of(buf_str(&text)), ret, e);
}

Test(recorded_json, a_line_is_read)
{
    AUTO(recorded) struct recorded r = {.server = ""};
    struct json_error e;
    cr_assert_eq(recorded_from_json(text_of(sound), &r, &e), 0, "%s: %s", e.at, e.diag.text);
    char text[ADDR_TEXT_SIZE];
    cr_expect_str_eq(r.server, "srv-1");
    cr_expect(r.sent_at.s == 1795300000 && r.received_at.s == 1795300003);
    cr_expect_str_eq(addr_format(&r.peer, text), "203.0.113.9");
    cr_expect(r.report.is_live && r.report.counter == 42 && r.report.n_sightings == 1);
}

Test(recorded_json, every_refusal_has_its_path_from_the_line)
{
    static const struct {
        const char *at, *raw; /* raw NULL: removed */
        const char *code, *why;
    } rows[] = {
        {"/server", NULL, "missing-field", "required"},
        {"/server", "\"\"", "bad-value", "empty"},
        {"/server", "\" srv\"", "bad-value", "space in front"},
        {"/server", "\"a\\u0007\"", "bad-value", "control character"},
        {"/server", "\"1234567890123456789012345678901234567890123456789012345678901234x\"",
         "out-of-range", "65 bytes"},
        {"/server", "1", "wrong-type", "a number"},
        {"/sent_at", NULL, "missing-field", "required"},
        {"/sent_at", "-1", "out-of-range", "before 1970"},
        {"/sent_at", "\"1795300000\"", "wrong-type", "a text"},
        {"/received_at", NULL, "missing-field", "required"},
        {"/received_at", "253402300800", "out-of-range", "the year 10000"},
        {"/received_at", "null", "wrong-type", "null"},
        {"/peer", NULL, "missing-field", "a live report came from somewhere"},
        {"/peer", "null", "wrong-type", "likewise"},
        {"/peer", "\"here\"", "bad-value", "no address"},
        {"/peer", "7", "wrong-type", "a number"},
        {"/report", NULL, "missing-field", "required"},
        {"/report", "null", "wrong-type", "null"},
        {"/report", "\"{}\"", "wrong-type", "a text"},
        {"/report/counter", "0", "out-of-range", "within the report"},
        {"/report/sightings/0/source", "\"peer\"", "bad-value", "deep within the report"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct recorded r = {.sent_at = {7}};
        struct json_error e;
        struct json_edit edit = {rows[i].raw ? JSON_EDIT_SET : JSON_EDIT_REMOVE, rows[i].at,
                                 NULL, rows[i].raw};
        cr_assert_eq(decode(&edit, &r, &e), -EBADMSG, "%s %s: taken", rows[i].at, rows[i].why);
        cr_expect_str_eq(e.at, rows[i].at, "%s %s: at %s", rows[i].at, rows[i].why, e.at);
        cr_expect_str_eq(e.code, rows[i].code, "%s %s: %s", rows[i].at, rows[i].why, e.code);
        cr_expect(e.line == 1 && e.column > 0, "%s: no place", rows[i].at);
        cr_expect(r.sent_at.s == 7 && r.report.licenses == NULL, "%s: touched", rows[i].at);
    }
}

Test(recorded_json, an_unknown_member_is_refused)
{
    struct recorded r;
    struct json_error e;
    struct json_edit edit = {JSON_EDIT_ADD, "", "note", "1"};
    cr_assert_eq(decode(&edit, &r, &e), -EBADMSG);
    cr_expect_str_eq(e.at, "/note");
    cr_expect_str_eq(e.code, "unknown-field");
}

/* A line without the lists, so that only the peer matters. */
#define LINE(live, peer)                                                                       \
    "{\"server\":\"s\",\"sent_at\":1,\"received_at\":2," peer                                  \
    "\"report\":{\"format\":1,\"boot_id\":\"0d9c6f0e-7c1c-4f7e-9d0f-2b1f6f0c9a11\","           \
    "\"counter\":1,\"live\":" live "}}"

Test(recorded_json, only_what_is_not_live_may_come_from_nowhere)
{
    static const struct {
        const char *line;
        uint8_t family; /* of the peer; 9 = refused */
    } rows[] = {
        {LINE("false", ""), 0},
        {LINE("false", "\"peer\":null,"), 0},
        {LINE("false", "\"peer\":\"203.0.113.9\","), ADDR_IPV4},
        {LINE("true", "\"peer\":\"2001:db8::1\","), ADDR_IPV6},
        {LINE("true", "\"peer\":\"::ffff:203.0.113.9\","), ADDR_IPV4},
        {LINE("true", ""), 9},
        {LINE("true", "\"peer\":null,"), 9},
        {LINE("false", "\"peer\":\"\","), 9},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(recorded) struct recorded r = {.server = ""};
        struct json_error e;
        int got = recorded_from_json(text_of(rows[i].line), &r, &e);
        cr_expect_eq(got, rows[i].family == 9 ? -EBADMSG : 0, "row %zu", i);
        if (got == 0)
            cr_expect_eq(r.peer.family, rows[i].family, "row %zu", i);
    }
}

Test(recorded_json, a_server_id_has_up_to_64_bytes)
{
    AUTO(recorded) struct recorded r = {.server = ""};
    struct json_error e;
    static const char id[] = "1234567890123456789012345678901234567890123456789012345678901234";
    struct json_edit edit = {
        JSON_EDIT_SET, "/server", NULL,
        "\"1234567890123456789012345678901234567890123456789012345678901234\""};
    cr_assert_eq(decode(&edit, &r, &e), 0, "%s", e.diag.text);
    cr_expect_str_eq(r.server, id);
}

Test(recorded_json, bytes_that_are_no_json_are_refused)
{
    static const char *const rows[] = {"", "{", "[]", "{} {}", "not json"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct recorded r;
        struct json_error e;
        cr_expect_eq(recorded_from_json(text_of(rows[i]), &r, &e), -EBADMSG, "%s", rows[i]);
    }
}
