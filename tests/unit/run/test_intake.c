/* A report in two steps: what is prepared once can be put again, and the store is the same. */
#include "run/intake.h"

#include <errno.h>
#include <string.h>

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
