/*
 * Judging again from evidence alone: a sound document gives the answer that its intervals bear,
 * and each row of refusals changes one thing in it. P0 = 1790805600 and E = 1793487600 are
 * October 2026 in Amsterdam; 1790892000 = P0 + 1 d, 1792188000 = that + 15 d, 1791756000 =
 * that + 10 d.
 */
#include "audit/evidence.h"
#include "support/json_edit.h"
#include "support/leak.h"
#include "support/scarce.h"
#include <errno.h>
#include <string.h>

SUITE(evidence_read);

#define TERMS(grace, window)                                                                   \
    "\"window\":[" window ",1793487600],\"in_period\":[1790805600,1793487600],"                \
    "\"end\":1793487600,\"grace\":" grace ",\"period_min\":86400,\"flag_after\":3600,"

/* Two machines on two units for 15 days; a move after that. One machine too many. */
static const char extra_ip[] = "{\"rule\":\"extra-ip\"," TERMS(
    "1209600", "1789596000") "\"charge_by\":\"both\","
                             "\"bridge\":93600,\"machines\":[{},{}],\"units\":["
                             "{\"unit\":\"198.51.100.1\",\"one_place\":false},"
                             "{\"unit\":\"203.0.113.0/28\",\"one_place\":true}],\"sightings\":["
                             "[0,0,\"198.51.100.1\",\"keyserver\",1790892000,1792188000],"
                             "[1,1,\"203.0.113.2\",\"keyserver\",1790892000,1792188000]],"
                             "\"moves\":[[1793400000,1793487600]]}";

/* One machine for 15 days where nothing is declared any more. */
static const char outside[] = "{\"rule\":\"outside\"," TERMS(
    "1209600",
    "1789596000") "\"bridge\":93600,"
                  "\"machines\":[{}],\"units\":[{\"unit\":\"192.0.2.150\",\"one_place\":false}]"
                  ","
                  "\"sightings\":[[0,0,\"192.0.2.150\",\"keyserver\",1790892000,1792188000]],"
                  "\"inside\":[[0,1789596000,1790892000]],\"declared\":[[4,1789596000,"
                  "1793500000]]}";

/* 1,200 for 10 days and 900 for an hour on one server, 10 for those days on another. */
static const char mailboxes[] = "{\"rule\":\"mailboxes\"," TERMS(
    "604800",
    "1790200800") "\"split\":\"max\","
                  "\"bridge\":93600,\"servers\":[\"srv-1\",\"srv-2\"],\"rows\":["
                  "{\"server\":0,\"count\":1200,\"first\":1790892000,\"last\":1791756000,"
                  "\"carry_until\":9007199254740992},"
                  "{\"server\":0,\"count\":900,\"first\":1791756000,\"last\":1791759600,"
                  "\"carry_until\":9007199254740992},"
                  "{\"server\":1,\"count\":10,\"first\":1790892000,\"last\":1791756000,"
                  "\"carry_until\":9007199254740992}],"
                  "\"limits\":[[-9007199254740992,1000],[1792000000,1100]]}";

static int judge(const char *text, const struct json_edit *edit, struct level_answer *ret,
                 struct json_error *e)
{
    AUTO(buf) struct buf changed = BUF_INIT(65536);
    enum finding_kind kind;

    json_edit(text, edit, &changed);
    return evidence_judge(text_of(buf_str(&changed)), &kind, ret, e);
}

static void expect_confirmed(const char *text, const struct json_edit *edit, int64_t quantity)
{
    struct level_answer answer;
    struct json_error e;

    cr_assert_eq(judge(text, edit, &answer, &e), 0, "%s: %s: %s", edit->at, e.at, e.diag.text);
    cr_assert_eq(answer.state, STATE_CONFIRMED, "%s: %s", edit->at ? edit->at : "",
                 finding_state_name(answer.state));
    cr_assert_eq(answer.quantity, quantity);
}

Test(evidence_read, each_rule_judges_again_from_its_own_evidence)
{
    static const struct {
        const char *text;
        enum finding_kind kind;
        int64_t quantity;
    } rows[] = {
        {extra_ip, FINDING_EXTRA_IP, 1},
        {outside, FINDING_OUTSIDE, 1},
        {mailboxes, FINDING_MAILBOXES, 200}, /* 1,200 - 1,000 */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        enum finding_kind kind;
        struct level_answer answer;
        struct json_error e;
        cr_assert_eq(evidence_judge(text_of(rows[i].text), &kind, &answer, &e), 0, "%s: %s",
                     e.at, e.diag.text);
        cr_assert_eq(kind, rows[i].kind);
        cr_assert_eq(answer.state, STATE_CONFIRMED);
        cr_assert_eq(answer.quantity, rows[i].quantity);
    }
}

/* Two machines and two units: each of the three ways to count says one too many. */
Test(evidence_read, what_is_charged_by_is_what_the_evidence_says)
{
    expect_confirmed(
        extra_ip, &(struct json_edit){JSON_EDIT_SET, "/charge_by", NULL, "\"addresses\""}, 1);
    expect_confirmed(extra_ip,
                     &(struct json_edit){JSON_EDIT_SET, "/charge_by", NULL, "\"servers\""}, 1);
    /* On one unit for a while: by servers alone there is one too many. */
    struct json_edit together = {JSON_EDIT_SET, "/sightings/1/1", NULL, "0"};
    struct level_answer answer;
    struct json_error e;
    cr_assert_eq(judge(extra_ip, &together, &answer, &e), 0);
    cr_assert_eq(answer.state, STATE_CLEAR);
}

/* 1,200 + 10 at once, 1,000 allowed. */
Test(evidence_read, servers_are_added_up_where_the_evidence_says_so)
{
    expect_confirmed(mailboxes, &(struct json_edit){JSON_EDIT_SET, "/split", NULL, "\"sum\""},
                     210);
}

/* Settings may be 0, a server may have no mailboxes, and 40 million are what a row can hold. */
Test(evidence_read, the_least_and_the_most_are_judged_too)
{
    expect_confirmed(extra_ip, &(struct json_edit){JSON_EDIT_SET, "/period_min", NULL, "0"}, 1);
    expect_confirmed(mailboxes, &(struct json_edit){JSON_EDIT_SET, "/rows/2/count", NULL, "0"},
                     200);
    expect_confirmed(mailboxes,
                     &(struct json_edit){JSON_EDIT_SET, "/rows/0/count", NULL, "40000000"},
                     39999000);
}

Test(evidence_read, sightings_may_stand_in_any_order)
{
    static const struct json_edit edit = {
        JSON_EDIT_SET, "/sightings", NULL,
        "[[1,1,\"203.0.113.2\",\"keyserver\",1790892000,1792188000],"
        "[0,0,\"198.51.100.1\",\"keyserver\",1791500000,1792188000],"
        "[0,0,\"198.51.100.1\",\"keyserver\",1790892000,1791500000]]"};
    expect_confirmed(extra_ip, &edit, 1);
}

Test(evidence_read, what_fell_away_is_clear)
{
    static const char none[] = "{\"rule\":\"outside\",\"none\":\"gone\"}";
    enum finding_kind kind;
    struct level_answer answer;
    struct json_error e;

    cr_assert_eq(evidence_judge(text_of(none), &kind, &answer, &e), 0);
    cr_assert_eq(kind, FINDING_OUTSIDE);
    cr_assert_eq(answer.state, STATE_CLEAR);
}

/* Members that are missed wherever they are left out. */
static const struct {
    const char *text;
    const char *members[16];
} required[] = {
    {extra_ip,
     {"/rule", "/window", "/in_period", "/end", "/grace", "/period_min", "/flag_after",
      "/charge_by", "/bridge", "/machines", "/units", "/sightings", "/moves", "/units/0/unit",
      "/units/0/one_place"}},
    {outside, {"/window", "/units", "/sightings", "/bridge", "/inside", "/declared"}},
    {mailboxes,
     {"/window", "/split", "/bridge", "/servers", "/rows", "/limits", "/rows/0/server",
      "/rows/0/count", "/rows/0/first", "/rows/0/last", "/rows/0/carry_until"}},
};

Test(evidence_read, a_member_that_is_left_out_is_named)
{
    for (size_t i = 0; i < ARRAY_LEN(required); i++)
        for (const char *const *at = required[i].members; *at; at++) {
            struct json_edit edit = {.verb = JSON_EDIT_REMOVE, .at = *at};
            struct level_answer answer;
            struct json_error e;
            cr_assert_eq(judge(required[i].text, &edit, &answer, &e), -EBADMSG, "%s", *at);
            cr_assert_str_eq(e.at, *at);
            cr_assert_str_eq(e.code, "missing-field");
        }
}

/* One value changed; where the refusal must point. */
static const struct refusal {
    const char *text, *at, *raw, *refused_at;
} refusals[] = {
    {extra_ip, "/rule", "7", "/rule"},
    {extra_ip, "/rule", "\"roaming\"", "/rule"}, /* a finding, and never a charge */
    {extra_ip, "/rule", "\"no such\"", "/rule"},
    {extra_ip, "/window", "[1793487600]", "/window/1"},
    {extra_ip, "/window", "[\"x\",1793487600]", "/window/0"},
    {extra_ip, "/window", "[1793487600,1789596000]", "/window"},
    {extra_ip, "/in_period", "[1793487600,1790805600]", "/in_period"},
    {extra_ip, "/in_period", "[1789595999,1793487600]", "/in_period"}, /* a second too early */
    {extra_ip, "/in_period", "[1790805600,1793487601]", "/in_period"}, /* and one too late */
    {extra_ip, "/grace", "-1", "/grace"},
    {extra_ip, "/charge_by", "\"all\"", "/charge_by"},
    {extra_ip, "/charge_by", "7", "/charge_by"},
    {extra_ip, "/machines", "7", "/machines"},
    {extra_ip, "/units/0", "7", "/units/0/unit"},
    {extra_ip, "/units/0/unit", "\"nowhere\"", "/units/0/unit"},
    {extra_ip, "/units/1/unit", "\"203.0.113.1/28\"", "/units/1/unit"}, /* host bits */
    {extra_ip, "/units/0/one_place", "7", "/units/0/one_place"},
    {extra_ip, "/sightings/0", "7", "/sightings/0"},
    {extra_ip, "/sightings/0", "[0,0,\"198.51.100.1\",\"nat\",1790892000,1792188000,1]",
     "/sightings/0"},
    {extra_ip, "/sightings/0/0", "2", "/sightings/0/0"}, /* there are 0 and 1 */
    {extra_ip, "/sightings/1/1", "2", "/sightings/1/1"},
    {extra_ip, "/sightings/0/2", "7", "/sightings/0/2"},
    {extra_ip, "/sightings/0/2", "\"here\"", "/sightings/0"},
    {extra_ip, "/sightings/0/3", "7", "/sightings/0/3"},
    {extra_ip, "/sightings/0/3", "\"guess\"", "/sightings/0"},
    {extra_ip, "/sightings/0/4", "\"x\"", "/sightings/0/4"},
    {extra_ip, "/sightings/0/5", "1790891999", "/sightings/0"},
    {extra_ip, "/moves/0", "7", "/moves/0"},
    {extra_ip, "/moves/0", "[1]", "/moves/0/1"},
    {extra_ip, "/moves", "[7,[1793400000,1793487600]]", "/moves/0"},
    {outside, "/inside/0", "7", "/inside/0"},
    {outside, "/inside/0", "[0,1789596000,1790892000,1]", "/inside/0"},
    {outside, "/inside/0/0", "1", "/inside/0/0"}, /* there is one unit */
    {outside, "/inside/0/1", "\"x\"", "/inside/0/1"},
    {outside, "/declared/0/0", "7", "/declared/0/0"}, /* families are 4 and 6 */
    {outside, "/declared/0/2", "1789595999", "/declared/0"},
    {mailboxes, "/split", "7", "/split"},
    {mailboxes, "/split", "\"anything\"", "/split"},
    {mailboxes, "/rows/0/server", "2", "/rows/0/server"}, /* there are 0 and 1 */
    {mailboxes, "/rows/0/count", "-1", "/rows/0/count"},
    {mailboxes, "/rows/0/count", "40000001", "/rows/0/count"}, /* of four kinds, 10 million */
    {mailboxes, "/rows/0/first", "1791756001", "/rows/0"},
    {mailboxes, "/rows/0/carry_until", "1791755999", "/rows/0"},
    {mailboxes, "/rows/0/server", "1", "/rows/1"},         /* then 0 comes after 1 */
    {mailboxes, "/rows/1/first", "1790891999", "/rows/1"}, /* before the first row's */
    {mailboxes, "/rows",
     "[{\"server\":0,\"count\":1,\"first\":10,\"last\":30,\"carry_until\":30},"
     "{\"server\":1,\"count\":1,\"first\":20,\"last\":30,\"carry_until\":30},"
     "{\"server\":1,\"count\":1,\"first\":19,\"last\":30,\"carry_until\":30}]",
     "/rows/2"}, /* before the row of its own server */
    {mailboxes, "/limits/0", "[-9007199254740992,1000,1]", "/limits/0"},
    {mailboxes, "/limits/0", "7", "/limits/0"},
    {mailboxes, "/limits/0/0", "\"x\"", "/limits/0/0"},
    {mailboxes, "/limits/0/1", "-1", "/limits/0/1"},
    {mailboxes, "/limits/1/0", "-9007199254740992", "/limits/1"}, /* twice from then on */
};

Test(evidence_read, a_value_that_can_not_be_is_refused_where_it_stands)
{
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        const struct refusal *r = &refusals[i];
        struct json_edit edit = {.verb = JSON_EDIT_SET, .at = r->at, .raw = r->raw};
        struct level_answer answer;
        struct json_error e;
        cr_assert_eq(judge(r->text, &edit, &answer, &e), -EBADMSG, "%s = %s", r->at, r->raw);
        cr_assert_str_eq(e.at, r->refused_at, "%s = %s", r->at, r->raw);
    }
}

Test(evidence_read, what_is_no_json_is_refused)
{
    enum finding_kind kind;
    struct level_answer answer;
    struct json_error e;

    cr_assert_eq(evidence_judge(text_of("{\"rule\":"), &kind, &answer, &e), -EBADMSG);
    cr_assert_eq(evidence_judge(text_of("[]"), &kind, &answer, &e), -EBADMSG);
}

static int judge_all_again(void *arg)
{
    static const char *const texts[] = {extra_ip, outside, mailboxes};
    enum finding_kind kind;
    struct level_answer answer;
    struct json_error e;
    int r = 0;

    (void)arg;
    for (size_t i = 0; i < ARRAY_LEN(texts) && r == 0; i++)
        r = evidence_judge(text_of(texts[i]), &kind, &answer, &e);
    if (r == 0)
        cr_assert_eq(answer.quantity, 200);
    return r;
}

Test(evidence_read, memory_that_runs_out_is_told_and_no_verdict)
{
    cr_assert_gt(scarce_each("evidence", judge_all_again, NULL), 0);
}
