/* A report in two steps: what is prepared once can be put again, and the store is the same. */
#include "run/intake.h"

#include <errno.h>
#include <string.h>

#include "support/json_edit.h"
#include "support/leak.h"
#include "support/store_dump.h"
#include "support/store_fixture.h"

SUITE(intake);

#define LINE(sent, first, last)                                                                \
    "{\"server\":\"srv-1\",\"sent_at\":" sent ",\"received_at\":1795300100,"                   \
    "\"peer\":\"203.0.113.9\",\"report\":{\"format\":1,"                                       \
    "\"boot_id\":\"0d9c6f0e-7c1c-4f7e-9d0f-2b1f6f0c9a11\",\"counter\":1,\"live\":true,"        \
    "\"licenses\":[{\"license\":\"PLSK.00000001\"}],"                                          \
    "\"sightings\":[{\"license\":\"PLSK.00000001\",\"address\":\"203.0.113.9\","               \
    "\"source\":\"nat\",\"first\":" first ",\"last\":" last "}]}}"
#define SOUND LINE("1795300100", "1795300010", "1795300020")

static void fresh(struct store_place *place, struct store **ret)
{
    struct diag d = {""};
    cr_assert_eq(store_backends[0].find_place(place), 0);
    cr_assert_eq(store_open(place->url, STORE_CREATE, ret, &d), 0, "%s", d.text);
}

static void read_line(const char *line, struct recorded *ret)
{
    struct json_error e;
    cr_assert_eq(recorded_from_json(text_of(line), ret, &e), 0, "%s: %s", e.at, e.diag.text);
}

static void put(struct store *s, const struct recorded *rec, const struct intake *prepared)
{
    struct diag d = {""};
    cr_assert_eq(store_begin(s), 0, "%s", store_diag(s));
    cr_assert_eq(intake_put(s, rec, prepared, (dur_t){2700}, &d), 0, "%s", d.text);
}

static const char *dump(struct store *s, struct buf *out)
{
    buf_reset(out);
    cr_assert_eq(store_dump(s, DUMP_ALL, T0, out), 0, "%s", store_diag(s));
    return buf_str(out);
}

Test(intake, a_prepared_report_can_be_put_after_a_rollback_and_again)
{
    struct store_place places[2];
    AUTO(store) struct store *whole = NULL, *steps = NULL;
    AUTO(recorded) struct recorded a = {.server = ""}, b = {.server = ""};
    AUTO(buf) struct buf want = BUF_INIT(1 << 20), got = BUF_INIT(1 << 20);
    struct intake prepared;
    struct diag d = {""};
    char at[REPORT_AT_SIZE];
    fresh(&places[0], &whole);
    fresh(&places[1], &steps);
    read_line(SOUND, &a);
    read_line(SOUND, &b);
    cr_assert_eq(store_begin(whole), 0);
    cr_assert_eq(intake_report(whole, &a, (dur_t){2700}, at, &d), 0, "%s", d.text);
    cr_assert_eq(store_commit(whole), 0);

    cr_assert_eq(intake_prepare(&b, &prepared, at, &d), 0, "%s", d.text);
    put(steps, &b, &prepared);
    store_rollback(steps);
    put(steps, &b, &prepared);
    cr_assert_eq(store_commit(steps), 0);
    put(steps, &b, &prepared); /* the agent did not hear the answer */
    cr_assert_eq(store_commit(steps), 0);

    cr_assert_neq(dump(whole, &want)[0], '\0');
    cr_assert_str_eq(dump(steps, &got), buf_str(&want));
    store_close(STEAL(whole));
    store_close(STEAL(steps));
    temp_done(&places[0].dir);
    temp_done(&places[1].dir);
}

Test(intake, a_fingerprint_is_of_the_times_as_they_were_sent)
{
    /* The agent's clock was set forward by 200 s between two attempts: one body, settled by
     * nothing and by 200 s. */
    AUTO(recorded) struct recorded a = {.server = ""}, b = {.server = ""};
    struct intake first, second;
    struct diag d = {""};
    char at[REPORT_AT_SIZE];
    read_line(SOUND, &a);
    read_line(LINE("1795300300", "1795300010", "1795300020"), &b);
    cr_assert_eq(intake_prepare(&a, &first, at, &d), 0, "%s", d.text);
    cr_assert_eq(intake_prepare(&b, &second, at, &d), 0, "%s", d.text);
    cr_assert_eq(first.body_digest, second.body_digest);
    cr_assert_eq(a.report.sightings[0].seen.first.s, 1795300010);
    cr_assert_eq(b.report.sightings[0].seen.first.s, 1795300010 - 200);
}

/* All members that a report can have. */
static const char full[] =
    "{\"server\":\"srv-1\",\"sent_at\":1795300100,\"received_at\":1795300100,\"peer\":\"203.0."
    "113.9\","
    "\"report\":{\"format\":1,\"agent_version\":\"1.0.0\","
    "\"boot_id\":\"0d9c6f0e-7c1c-4f7e-9d0f-2b1f6f0c9a11\",\"counter\":42,\"live\":false,"
    "\"licenses\":[{\"license\":\"PLSK.00000001\",\"version\":\"0003\",\"product\":\"p\","
    "\"edition\":\"e\",\"expires\":\"2026-12-04\",\"machine_id\":\""
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}],"
    "\"sightings\":[{\"license\":\"PLSK.00000001\",\"address\":\"203.0.113.9\","
    "\"source\":\"nat\",\"first\":1795300010,\"last\":1795300020}],"
    "\"mailboxes\":[{\"domain\":\"a.example\",\"mailboxes\":1,\"aliases\":2,\"forwards\":3,"
    "\"lists\":4,\"catch_all\":false,\"alias_domains\":5,\"filtered\":true,"
    "\"first\":1795300010,\"last\":1795300020}],"
    "\"gaps\":[{\"what\":\"capture\",\"first\":1795300010,\"last\":1795300020,\"lost\":7}]}}";

static uint64_t fingerprint(const struct json_edit *edit)
{
    AUTO(buf) struct buf line = BUF_INIT(8192);
    AUTO(recorded) struct recorded rec = {.server = ""};
    struct intake prepared;
    struct diag d = {""};
    char at[REPORT_AT_SIZE];
    json_edit(full, edit, &line);
    read_line(buf_str(&line), &rec);
    cr_assert_eq(intake_prepare(&rec, &prepared, at, &d), 0, "%s %s", at, d.text);
    return prepared.body_digest;
}

Test(intake, whatever_a_body_says_is_in_its_fingerprint)
{
    static const struct {
        const char *at, *raw;
    } rows[] = {
        {"/report/agent_version", "\"1.0.1\""},
        {"/report/boot_id", "\"0d9c6f0e-7c1c-4f7e-9d0f-2b1f6f0c9a12\""},
        {"/report/counter", "43"},
        {"/report/live", "true"},
        {"/report/licenses", "[]"},
        {"/report/licenses/0/license", "\"PLSK.00000002\""},
        {"/report/licenses/0/version", "\"0004\""},
        {"/report/licenses/0/product", "\"q\""},
        {"/report/licenses/0/product", "\"pe\""},
        {"/report/licenses/0/edition", "\"f\""},
        {"/report/licenses/0/expires", "\"2026-12-05\""},
        {"/report/licenses/0/machine_id",
         "\"1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\""},
        {"/report/sightings", "[]"},
        {"/report/sightings/0/license", "\"PLSK.00000002\""},
        {"/report/sightings/0/address", "\"203.0.113.10\""},
        {"/report/sightings/0/source", "\"panel\""},
        {"/report/sightings/0/first", "1795300011"},
        {"/report/sightings/0/last", "1795300021"},
        {"/report/mailboxes", "[]"},
        {"/report/mailboxes/0/domain", "\"b.example\""},
        {"/report/mailboxes/0/mailboxes", "9"},
        {"/report/mailboxes/0/aliases", "9"},
        {"/report/mailboxes/0/forwards", "9"},
        {"/report/mailboxes/0/lists", "9"},
        {"/report/mailboxes/0/catch_all", "true"},
        {"/report/mailboxes/0/alias_domains", "9"},
        {"/report/mailboxes/0/filtered", "false"},
        {"/report/mailboxes/0/first", "1795300011"},
        {"/report/mailboxes/0/last", "1795300021"},
        {"/report/gaps", "[]"},
        {"/report/gaps/0/what", "\"spool\""},
        {"/report/gaps/0/first", "1795300011"},
        {"/report/gaps/0/last", "1795300021"},
        {"/report/gaps/0/lost", "8"},
    };
    uint64_t seen[ARRAY_LEN(rows) + 1];
    seen[0] = fingerprint(&(struct json_edit){.verb = JSON_EDIT_NONE});
    cr_assert_eq(seen[0], fingerprint(&(struct json_edit){.verb = JSON_EDIT_NONE}));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        seen[i + 1] = fingerprint(
            &(struct json_edit){.verb = JSON_EDIT_SET, .at = rows[i].at, .raw = rows[i].raw});
        for (size_t k = 0; k <= i; k++)
            cr_expect_neq(seen[i + 1], seen[k], "%s %s", rows[i].at, rows[i].raw);
    }
}

Test(intake, a_refusal_says_where_and_leaves_what_was_prepared)
{
    AUTO(recorded) struct recorded rec = {.server = ""};
    struct intake prepared = {.body_digest = 42};
    struct diag d = {""};
    char at[REPORT_AT_SIZE] = "";
    read_line(LINE("1795300100", "1795300020", "1795300010"), &rec);
    cr_assert_eq(intake_prepare(&rec, &prepared, at, &d), -EBADMSG);
    cr_assert_str_eq(at, "/sightings/0/first");
    cr_assert_neq(d.text[0], '\0');
    cr_assert_eq(prepared.body_digest, 42);
}
