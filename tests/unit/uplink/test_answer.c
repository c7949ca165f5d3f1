/* Claims about the collector's answers: each member, and what is refused. */
#include "support/leak.h"
#include "uplink/uplink.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

SUITE(answer);

enum { MESSAGES_MAX = 600 };

/* What an answer became. */
struct told {
    struct buf bytes;
    struct message m[MESSAGES_MAX];
    size_t n;
    int r;
    bool is_lacking;
    struct diag d;
};

static void told_done(struct told *t)
{
    buf_done(&t->bytes);
}

static void decode(struct told *t)
{
    struct text rest = {buf_str(&t->bytes), t->bytes.len};
    while (rest.n > 0) {
        size_t used = 0;
        struct diag d = {""};
        cr_assert_lt(t->n, MESSAGES_MAX);
        int r =
            message_decode(rest, MESSAGE_BIT(MESSAGE_STANDING) | MESSAGE_BIT(MESSAGE_SETTING),
                           &t->m[t->n++], &used, &d);
        cr_assert_eq(r, 0, "%s", d.text);
        rest = (struct text){rest.p + used, rest.n - used};
    }
}

static void read_bytes(struct told *t, struct text body)
{
    *t = (struct told){.bytes = BUF_INIT(1 << 20)};
    t->r = answer_read(body, &t->bytes, &t->is_lacking, &t->d);
    if (t->r != 0)
        cr_expect_eq(t->bytes.len, 0, "nothing is told of what is refused");
    decode(t);
}

static void read_answer(struct told *t, const char *body)
{
    read_bytes(t, text_of(body));
}

#define SETTINGS                                                                               \
    "\"settings\":{\"interval\":900,\"mx_suffixes\":[\"mx.example.net\"],"                     \
    "\"key_servers\":[\"ka.example.com:443\"]}"
#define ANSWER(licenses) "{\"accepted\":true,\"licenses\":[" licenses "]," SETTINGS "}"
#define OK_LICENSE                                                                             \
    "{\"license\":\"PLSK.01234567\",\"state\":\"ok\",\"kinds\":[],\"since\":null,"             \
    "\"confirms_at\":null}"

/* ---- An accepted report ---------------------------------------------------------------- */

Test(answer, the_manual_s_example_is_told_whole)
{
    AUTO(told) struct told t;
    license_t license;
    read_answer(&t,
                "{\"accepted\": true,\n"
                " \"licenses\": [{\"license\": \"PLSK.01234567\", \"state\": \"potential\", "
                "\"kinds\": [\"extra-ip\"],\n"
                "               \"since\": 1795296400, \"confirms_at\": 1796506001}],\n"
                " \"settings\": {\"interval\": 900, \"mx_suffixes\": [\"mx.example.net\"], "
                "\"key_servers\": [\"ka.example.com:443\"]}}");
    cr_assert_eq(t.r, 0, "%s", t.d.text);
    cr_assert_eq(t.n, 4);
    cr_assert_eq(license_parse(text_of("PLSK.01234567"), &license, NULL), 0);
    cr_assert_eq(t.m[0].kind, MESSAGE_STANDING);
    cr_expect_eq(t.m[0].as.standing.license.code, license.code);
    cr_expect_eq(t.m[0].as.standing.state, MESSAGE_STATE_POTENTIAL);
    cr_expect_str_eq(t.m[0].as.standing.kinds, "extra-ip");
    cr_expect_eq(t.m[0].as.standing.since, 1795296400);
    cr_expect_eq(t.m[0].as.standing.confirms_at, 1796506001);
    cr_expect_eq(t.m[1].as.setting.kind, MESSAGE_SETTING_INTERVAL);
    cr_expect_eq(t.m[1].as.setting.number, 900);
    cr_expect_eq(t.m[2].as.setting.kind, MESSAGE_SETTING_MX_SUFFIX);
    cr_expect_str_eq(t.m[2].as.setting.text, "mx.example.net");
    cr_expect_eq(t.m[3].as.setting.kind, MESSAGE_SETTING_KEY_SERVER);
    cr_expect_str_eq(t.m[3].as.setting.text, "ka.example.com:443");
}

Test(answer, whether_all_is_wanted_again)
{
    static const struct {
        const char *body;
        int r;
        bool is_lacking;
    } rows[] = {
        {"{\"accepted\":true,\"resend\":true,\"licenses\":[]," SETTINGS "}", 0, true},
        {"{\"accepted\":true,\"resend\":false,\"licenses\":[]," SETTINGS "}", 0, false},
        {ANSWER(""), 0, false},
        {"{\"accepted\":true,\"resend\":1,\"licenses\":[]," SETTINGS "}", -EBADMSG, false},
        {"{\"accepted\":true,\"resend\":null,\"licenses\":[]," SETTINGS "}", 0, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(told) struct told t;
        read_answer(&t, rows[i].body);
        cr_expect_eq(t.r, rows[i].r, "%s: %s", rows[i].body, t.d.text);
        cr_expect_eq(t.is_lacking, rows[i].is_lacking, "%s", rows[i].body);
        cr_expect_eq(t.n, rows[i].r == 0 ? 3 : 0, "no message of its own");
    }
}

static const struct {
    const char *license;
    enum message_state state;
    const char *kinds;
    int64_t since, confirms_at;
    const char *why;
} standings[] = {
    {OK_LICENSE, MESSAGE_STATE_OK, "", 0, 0, "ok"},
    {"{\"license\":\"PLSK.01234567\",\"state\":\"confirmed\",\"kinds\":[\"extra-ip\","
     "\"outside\"],\"since\":1795296400,\"confirms_at\":null}",
     MESSAGE_STATE_CONFIRMED, "extra-ip,outside", 1795296400, 0, "both kinds, confirmed"},
    {"{\"license\":\"PLSK.01234567\",\"state\":\"potential\",\"kinds\":[\"outside\"],"
     "\"since\":1795296400,\"confirms_at\":null}",
     MESSAGE_STATE_POTENTIAL, "outside", 1795296400, 0, "does not go on"},
    {"{\"confirms_at\":253402300799,\"since\":0,\"kinds\":[\"a-new-kind2\"],"
     "\"state\":\"potential\",\"license\":\"plsk.01234567.0003\"}",
     MESSAGE_STATE_POTENTIAL, "a-new-kind2", 0, 253402300799,
     "any order, any spelling of the key, a kind of a newer collector, the last moment"},
};

Test(answer, each_state_of_a_licence_is_told)
{
    for (size_t i = 0; i < ARRAY_LEN(standings); i++) {
        AUTO(told) struct told t;
        char body[1024];
        (void)snprintf(body, sizeof body, ANSWER("%s"), standings[i].license);
        read_answer(&t, body);
        cr_assert_eq(t.r, 0, "%s: %s", standings[i].why, t.d.text);
        const struct message_standing *s = &t.m[0].as.standing;
        cr_expect_eq(s->state, standings[i].state, "%s", standings[i].why);
        cr_expect_str_eq(s->kinds, standings[i].kinds, "%s", standings[i].why);
        cr_expect_eq(s->since, standings[i].since, "%s", standings[i].why);
        cr_expect_eq(s->confirms_at, standings[i].confirms_at, "%s", standings[i].why);
    }
}

Test(answer, members_of_a_newer_collector_are_passed_over)
{
    AUTO(told) struct told t;
    read_answer(&t, "{\"new\":{\"a\":[1.5,null,{}]},\"accepted\":true,\"licenses\":["
                    "{\"license\":\"PLSK.01234567\",\"state\":\"ok\",\"kinds\":[],"
                    "\"since\":null,\"confirms_at\":null,\"reason\":\"x\"}],"
                    "\"settings\":{\"interval\":60,\"mx_suffixes\":[],\"key_servers\":[],"
                    "\"colour\":\"red\"},\"accepte\":false}");
    cr_assert_eq(t.r, 0, "%s", t.d.text);
    cr_expect_eq(t.n, 2);
}

Test(answer, settings_come_in_their_one_spelling)
{
    AUTO(told) struct told t;
    read_answer(&t,
                "{\"accepted\":true,\"licenses\":[],\"settings\":{\"interval\":1,"
                "\"mx_suffixes\":[\"MX.Example.NET.\",\"m\xc3\xbcnchen.example\"],"
                "\"key_servers\":[\"KA.example.com\",\"[2001:DB8::1]:443\",\"192.0.2.1\"]}}");
    static const char *const wanted[] = {"mx.example.net", "xn--mnchen-3ya.example",
                                         "ka.example.com", "[2001:db8::1]:443", "192.0.2.1"};
    cr_assert_eq(t.r, 0, "%s", t.d.text);
    cr_assert_eq(t.n, 1 + ARRAY_LEN(wanted));
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        cr_expect_str_eq(t.m[i + 1].as.setting.text, wanted[i]);
}

Test(answer, the_largest_answer_of_the_contract_is_read)
{
    AUTO(told) struct told t;
    AUTO(buf) struct buf body = BUF_INIT(CAP_HTTP_ANSWER);
    char label[64];
    memset(label, 'a', 63);
    label[63] = '\0';
    buf_add_str(&body, "{\"accepted\":true,\"licenses\":[");
    for (int i = 0; i < CAP_REPORT_LICENSES; i++)
        buf_printf(&body,
                   "%s{\"license\":\"PLSKAB.%08d\",\"state\":\"confirmed\",\"kinds\":"
                   "[\"extra-ip\",\"outside\"],\"since\":253402300799,\"confirms_at\":null}",
                   i > 0 ? "," : "", i + 1);
    buf_add_str(&body, "],\"settings\":{\"interval\":86400,\"mx_suffixes\":[");
    for (int i = 0; i < CAP_SUFFIXES; i++)
        buf_printf(&body, "%s\"%.61s.%s.%s.%s\"", i > 0 ? "," : "", label, label, label, label);
    buf_add_str(&body, "],\"key_servers\":[");
    for (int i = 0; i < CAP_SUFFIXES; i++)
        buf_printf(&body, "%s\"%.57s.%s.%s.%s:443\"", i > 0 ? "," : "", label, label, label,
                   label);
    buf_add_str(&body, "]}}");
    cr_assert_eq(buf_error(&body), 0);
    read_bytes(&t, (struct text){body.data, body.len});
    cr_assert_eq(t.r, 0, "%s", t.d.text);
    cr_expect_eq(t.n, CAP_REPORT_LICENSES + 1 + 2 * CAP_SUFFIXES);
}

static const struct {
    const char *body, *place, *why;
} refused[] = {
    {"", "", "nothing"},
    {"<html>busy</html>", "", "a balancer's page"},
    {"{\"accepted\":true", "", "cut off"},
    {"[]", "", "a list"},
    {"true", "", "no object"},
    {"{}", "/accepted", "nothing in it"},
    {ANSWER("") "x", "", "something behind it"},
    {"{\"accepted\":true,\"accepted\":true,\"licenses\":[]," SETTINGS "}", "/accepted",
     "twice"},
    {"{\"accepted\":false,\"licenses\":[]," SETTINGS "}", "/accepted", "not accepted"},
    {"{\"accepted\":1,\"licenses\":[]," SETTINGS "}", "/accepted", "a number"},
    {"{\"accepted\":true," SETTINGS "}", "/licenses", "no licences"},
    {"{\"accepted\":true,\"licenses\":{}," SETTINGS "}", "/licenses", "an object"},
    {"{\"accepted\":true,\"licenses\":null," SETTINGS "}", "/licenses", "null"},
    {ANSWER("null"), "/licenses/0", "a licence that is null"},
    {ANSWER("{}"), "/licenses/0/license", "an empty one"},
    {ANSWER("{\"license\":1234567,\"state\":\"ok\",\"kinds\":[],\"since\":null,"
            "\"confirms_at\":null}"),
     "/licenses/0/license", "a key that is a number"},
    {ANSWER("{\"license\":\"01234567\",\"state\":\"ok\",\"kinds\":[],\"since\":null,"
            "\"confirms_at\":null}"),
     "/licenses/0/license", "a bare number"},
    {ANSWER("{\"license\":\"PLSK.00000000\",\"state\":\"ok\",\"kinds\":[],\"since\":null,"
            "\"confirms_at\":null}"),
     "/licenses/0/license", "no licence"},
    {ANSWER(OK_LICENSE ",{\"license\":\"PLSK.01234568\",\"state\":\"fine\",\"kinds\":[],"
                       "\"since\":null,\"confirms_at\":null}"),
     "/licenses/1/state", "no such state"},
    {ANSWER("{\"license\":\"PLSK.01234567\",\"kinds\":[],\"since\":null,\"confirms_at\":null}"),
     "/licenses/0/state", "no state"},
    {ANSWER("{\"license\":\"PLSK.01234567\",\"state\":\"ok\",\"since\":null,"
            "\"confirms_at\":null}"),
     "/licenses/0/kinds", "no kinds"},
    {ANSWER("{\"license\":\"PLSK.01234567\",\"state\":\"potential\",\"kinds\":[\"a b\"],"
            "\"since\":1,\"confirms_at\":null}"),
     "/licenses/0/kinds/0", "a kind that is no word"},
    {ANSWER("{\"license\":\"PLSK.01234567\",\"state\":\"potential\",\"kinds\":[\"\"],"
            "\"since\":1,\"confirms_at\":null}"),
     "/licenses/0/kinds/0", "an empty kind"},
    {ANSWER("{\"license\":\"PLSK.01234567\",\"state\":\"potential\",\"kinds\":[\"a,b\"],"
            "\"since\":1,\"confirms_at\":null}"),
     "/licenses/0/kinds/0", "a kind that would be two"},
    {ANSWER("{\"license\":\"PLSK.01234567\",\"state\":\"potential\",\"kinds\":["
            "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"],"
            "\"since\":1,\"confirms_at\":null}"),
     "/licenses/0/kinds", "32 + 1 + 32 bytes of kinds: one too many"},
    {ANSWER("{\"license\":\"PLSK.01234567\",\"state\":\"potential\",\"kinds\":[],"
            "\"since\":-1,\"confirms_at\":null}"),
     "/licenses/0/since", "before 1970"},
    {ANSWER("{\"license\":\"PLSK.01234567\",\"state\":\"potential\",\"kinds\":[],"
            "\"since\":1.0,\"confirms_at\":null}"),
     "/licenses/0/since", "a fraction"},
    {ANSWER("{\"license\":\"PLSK.01234567\",\"state\":\"potential\",\"kinds\":[],"
            "\"confirms_at\":null}"),
     "/licenses/0/since", "missing is not null"},
    {ANSWER("{\"license\":\"PLSK.01234567\",\"state\":\"potential\",\"kinds\":[],"
            "\"since\":1,\"confirms_at\":253402300800}"),
     "/licenses/0/confirms_at", "after the year 9999"},
    {ANSWER("{\"license\":\"PLSK.01234567\",\"state\":\"potential\",\"kinds\":[],"
            "\"since\":1,\"confirms_at\":\"tomorrow\"}"),
     "/licenses/0/confirms_at", "a text"},
    {ANSWER("{\"license\":\"PLSK.01234567\",\"state\":\"ok\",\"kinds\":[\"outside\"],"
            "\"since\":null,\"confirms_at\":null}"),
     "/licenses/0", "ok, and yet of a kind"},
    {ANSWER("{\"license\":\"PLSK.01234567\",\"state\":\"ok\",\"kinds\":[],"
            "\"since\":5,\"confirms_at\":null}"),
     "/licenses/0", "ok, and yet since"},
    {"{\"accepted\":true,\"licenses\":[]}", "/settings", "no settings"},
    {"{\"accepted\":true,\"licenses\":[],\"settings\":[]}", "/settings", "a list of settings"},
    {"{\"accepted\":true,\"licenses\":[],\"settings\":{\"mx_suffixes\":[],\"key_servers\":[]}}",
     "/settings/interval", "no interval"},
    {"{\"accepted\":true,\"licenses\":[],\"settings\":{\"interval\":0,\"mx_suffixes\":[],"
     "\"key_servers\":[]}}",
     "/settings/interval", "an interval of nothing"},
    {"{\"accepted\":true,\"licenses\":[],\"settings\":{\"interval\":86401,\"mx_suffixes\":[],"
     "\"key_servers\":[]}}",
     "/settings/interval", "an interval of more than a day"},
    {"{\"accepted\":true,\"licenses\":[],\"settings\":{\"interval\":900,\"key_servers\":[]}}",
     "/settings/mx_suffixes", "no suffixes"},
    {"{\"accepted\":true,\"licenses\":[],\"settings\":{\"interval\":900,\"mx_suffixes\":"
     "\"mx.example.net\",\"key_servers\":[]}}",
     "/settings/mx_suffixes", "a text, not a list"},
    {"{\"accepted\":true,\"licenses\":[],\"settings\":{\"interval\":900,\"mx_suffixes\":["
     "\"mx.example.net\",\"no name\"],\"key_servers\":[]}}",
     "/settings/mx_suffixes/1", "no domain name"},
    {"{\"accepted\":true,\"licenses\":[],\"settings\":{\"interval\":900,\"mx_suffixes\":[],"
     "\"key_servers\":[\"ka.example.com:0\"]}}",
     "/settings/key_servers/0", "no port"},
    {"{\"accepted\":true,\"licenses\":[],\"settings\":{\"interval\":900,\"mx_suffixes\":[],"
     "\"key_servers\":[7]}}",
     "/settings/key_servers/0", "a number"},
};

Test(answer, what_is_known_must_be_right)
{
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        AUTO(told) struct told t;
        read_answer(&t, refused[i].body);
        cr_expect_eq(t.r, -EBADMSG, "%s", refused[i].why);
        cr_expect_not_null(strstr(t.d.text, refused[i].place), "%s: %s", refused[i].why,
                           t.d.text);
        cr_expect(strncmp(t.d.text, "the collector's answer: ", 24) == 0, "%s", t.d.text);
    }
}

Test(answer, lists_over_their_limit_are_refused)
{
    AUTO(told) struct told t;
    AUTO(buf) struct buf body = BUF_INIT(CAP_HTTP_ANSWER);
    buf_add_str(&body, "{\"accepted\":true,\"licenses\":[" OK_LICENSE);
    for (int i = 1; i <= CAP_REPORT_LICENSES; i++)
        buf_add_str(&body, "," OK_LICENSE);
    buf_add_str(&body, "]," SETTINGS "}");
    read_bytes(&t, (struct text){body.data, body.len});
    cr_expect_eq(t.r, -EBADMSG);
}

Test(answer, an_answer_that_would_only_cost_memory_is_not_read)
{
    AUTO(told) struct told one;
    AUTO(told) struct told two;
    AUTO(buf) struct buf lists = BUF_INIT(CAP_HTTP_ANSWER);
    AUTO(buf) struct buf large = BUF_INIT(CAP_HTTP_ANSWER + 16);
    buf_add_str(&lists, "{\"new\":[[]");
    while (lists.len + 16 < CAP_HTTP_ANSWER)
        buf_add_str(&lists, ",[]");
    buf_add_str(&lists, "]}");
    read_bytes(&one, (struct text){lists.data, lists.len});
    cr_expect_eq(one.r, -EBADMSG);
    cr_expect_not_null(strstr(one.d.text, "objects and lists"), "%s", one.d.text);
    while (large.len <= CAP_HTTP_ANSWER)
        buf_add_char(&large, ' ');
    read_bytes(&two, (struct text){large.data, large.len});
    cr_expect_eq(two.r, -EBADMSG);
    cr_expect_not_null(strstr(two.d.text, "bytes"), "%s", two.d.text);
}

Test(answer, what_has_no_room_is_not_told_in_part)
{
    AUTO(buf) struct buf out = BUF_INIT(100); /* a setting alone has more than 20 bytes */
    struct diag d = {""};
    bool is_lacking;
    cr_expect_lt(answer_read(text_of(ANSWER(OK_LICENSE "," OK_LICENSE)), &out, &is_lacking, &d),
                 0);
    cr_expect_eq(out.len, 0);
    cr_expect(d.text[0] != '\0');
}

Test(answer, a_hostile_text_cannot_be_heard_in_the_reason)
{
    AUTO(told) struct told t;
    read_answer(&t, ANSWER("{\"license\":\"\\u001b[2J\\u202e\",\"state\":\"ok\",\"kinds\":[],"
                           "\"since\":null,\"confirms_at\":null}"));
    cr_expect_eq(t.r, -EBADMSG);
    cr_expect_null(strchr(t.d.text, '\x1b'));
    cr_expect_null(strstr(t.d.text, "\xe2\x80\xae"));
}

/* ---- An enrolment ---------------------------------------------------------------------- */

#define ENROLLED(server, certificate, authority, end)                                          \
    "{\"server\":" server ",\"certificate\":" certificate ",\"authority\":" authority          \
    ",\"not_after\":" end "," SETTINGS "}"

Test(answer, an_enrolment_is_read_whole)
{
    AUTO(buf) struct buf out = BUF_INIT(65536);
    AUTO(answer_enrolled) struct answer_enrolled e = {.server = ""};
    struct diag d = {""};
    int r = answer_read_enrolled(
        text_of(ENROLLED("\"srv-1\"", "\"CERT\\n\"", "\"CA\\n\"", "1795300000")), &e, &out, &d);
    cr_assert_eq(r, 0, "%s", d.text);
    cr_expect_str_eq(e.server, "srv-1");
    cr_expect_str_eq(buf_str(&e.certificate), "CERT\n");
    cr_expect_str_eq(buf_str(&e.authority), "CA\n");
    AUTO(told) struct told t = {.bytes = BUF_INIT(65536)};
    buf_add(&t.bytes, out.data, out.len);
    decode(&t);
    cr_expect_eq(t.n, 3, "the settings");
}

static const struct {
    const char *body, *place, *why;
} bad_enrolments[] = {
    {"", "", "nothing"},
    {"{}", "/server", "nothing in it"},
    {"[]", "", "a list"},
    {ENROLLED("\"\"", "\"C\"", "\"A\"", "1"), "/server", "no name"},
    {ENROLLED("\" a\"", "\"C\"", "\"A\"", "1"), "/server", "a name that begins with a space"},
    {ENROLLED("\"a\\nb\"", "\"C\"", "\"A\"", "1"), "/server", "two lines"},
    {ENROLLED("\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", "\"C\"",
              "\"A\"", "1"),
     "/server", "65 bytes"},
    {ENROLLED("7", "\"C\"", "\"A\"", "1"), "/server", "a number"},
    {ENROLLED("\"s\"", "\"\"", "\"A\"", "1"), "/certificate", "none"},
    {ENROLLED("\"s\"", "null", "\"A\"", "1"), "/certificate", "null"},
    {ENROLLED("\"s\"", "\"C\"", "\"\"", "1"), "/authority", "none"},
    {ENROLLED("\"s\"", "\"C\"", "[]", "1"), "/authority", "a list"},
    {ENROLLED("\"s\"", "\"C\"", "\"A\"", "null"), "/not_after", "null"},
    {ENROLLED("\"s\"", "\"C\"", "\"A\"", "253402300800"), "/not_after", "after the year 9999"},
    {"{\"server\":\"s\",\"certificate\":\"C\",\"authority\":\"A\",\"not_after\":1}",
     "/settings", "no settings"},
};

Test(answer, what_is_known_of_an_enrolment_must_be_right)
{
    for (size_t i = 0; i < ARRAY_LEN(bad_enrolments); i++) {
        AUTO(buf) struct buf out = BUF_INIT(65536);
        struct answer_enrolled e = {.server = "untouched"};
        struct diag d = {""};
        int r = answer_read_enrolled(text_of(bad_enrolments[i].body), &e, &out, &d);
        cr_expect_eq(r, -EBADMSG, "%s", bad_enrolments[i].why);
        cr_expect_not_null(strstr(d.text, bad_enrolments[i].place), "%s: %s",
                           bad_enrolments[i].why, d.text);
        cr_expect_str_eq(e.server, "untouched");
        cr_expect_null(e.certificate.data);
        cr_expect_eq(out.len, 0);
    }
}

/* ---- A refusal ------------------------------------------------------------------------- */

#define LONG_STEP "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
    const char *body, *at, *said, *why;
} refusals[] = {
    {"{\"error\":{\"code\":\"bad-value\",\"message\":\"is \\\"peer\\\", must be one of "
     "keyserver\",\"at\":\"/sightings/3/source\"}}",
     "/sightings/3/source", "is \"peer\", must be one of keyserver", "the manual's example"},
    {"{\"error\":{\"code\":\"forbidden\",\"message\":\"this is not for you\"}}", "",
     "this is not for you", "about no place"},
    {"{\"error\":{\"code\":\"x\",\"message\":\"m\",\"at\":\"\"}}", "", "m", "the whole body"},
    {"{\"error\":{\"code\":\"x\",\"message\":\"m\",\"at\":\"/mailboxes/3/" LONG_STEP "\"}}",
     "/mailboxes/3", "m", "cut to what encloses it"},
    {"{\"error\":{\"code\":\"x\",\"message\":\"m\",\"at\":\"/" LONG_STEP "\"}}", "", "m",
     "no step fits"},
    {"{\"error\":{\"code\":\"x\",\"message\":\"m\",\"at\":\"licenses\"}}", "", "m",
     "no pointer"},
    {"{\"error\":{\"code\":\"x\",\"message\":\"m\",\"at\":\"/a\\u001b[2J\"}}", "", "m",
     "a control character"},
    {"{\"error\":{\"code\":\"x\",\"message\":\"m\",\"at\":7}}", "", "m", "a number"},
    {"{\"error\":{\"message\":\"a\\r\\nb\\u001b\"}}", "", "a  b", "cleaned"},
    {"{\"error\":{\"message\":7,\"at\":\"/x\"}}", "/x", "", "no words"},
    {"{\"error\":\"no\"}", "", "", "a text"},
    {"{}", "", "", "nothing in it"},
    {"[]", "", "", "a list"},
    {"", "", "", "nothing"},
    {"<html><title>502 Bad Gateway</title></html>", "", "", "a balancer's page"},
};

Test(answer, a_refusal_says_where_and_why)
{
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        char at[REPORT_AT_SIZE] = "x";
        char said[MESSAGE_TEXT_MAX + 1] = "x";
        answer_read_error(text_of(refusals[i].body), at, said);
        cr_expect_str_eq(at, refusals[i].at, "%s", refusals[i].why);
        cr_expect_str_eq(said, refusals[i].said, "%s", refusals[i].why);
    }
}

Test(answer, long_words_of_a_refusal_are_cut)
{
    AUTO(buf) struct buf body = BUF_INIT(65536);
    char at[REPORT_AT_SIZE];
    char said[MESSAGE_TEXT_MAX + 1];
    buf_add_str(&body, "{\"error\":{\"message\":\"");
    for (int i = 0; i < 1000; i++)
        buf_add_str(&body, "word ");
    buf_add_str(&body, "\"}}");
    answer_read_error((struct text){body.data, body.len}, at, said);
    cr_expect_eq(strlen(said), MESSAGE_TEXT_MAX - 1, "the 80th word's space is cut off too");
}
