/* A report that is decoded while memory runs out, and versions letter by letter. */
#include "support/json_edit.h"
#include "support/leak.h"
#include "support/scarce.h"
#include "support/scarce_names.h"
#include "unit/wire/sound.h"
#include "wire/fields.h"
#include "wire/report_json.h"
#include <errno.h>
#include <string.h>

SUITE(report_scarce);

static const char sound[] = REPORT_SOUND;

static int decode(void *arg)
{
    AUTO(report) struct report r = {.n_licenses = 0};
    struct json_error e;
    (void)arg;
    return report_from_json(text_of(sound), &r, &e);
}

Test(report_scarce, memory_that_runs_out_is_no_refusal)
{
    cr_assert_gt(scarce_each("report", decode, NULL), 0);
}

/* Not 400: the agent would set a sound report aside. */
Test(report_scarce, a_domain_is_not_refused_because_memory_ran_out)
{
    struct json_edit edit = {JSON_EDIT_SET, "/mailboxes/0/domain", NULL, "\"bücher.example\""};
    AUTO(buf) struct buf text = BUF_INIT(65536);
    AUTO(report) struct report r = {.n_licenses = 0};
    struct json_error e;

    json_edit(sound, &edit, &text);
    scarce_names_from_now(1);
    cr_assert_eq(report_from_json(text_of(buf_str(&text)), &r, &e), -ENOMEM);
    cr_assert_eq(report_from_json(text_of(buf_str(&text)), &r, &e), 0, "%s", e.diag.text);
    cr_assert_str_eq(r.mailboxes[0].domain, "xn--bcher-kva.example");
}

/* The first refusal is the one that is told. */
Test(report_scarce, a_second_refusal_does_not_hide_the_first)
{
    static const char *const known[] = {"a", "b", NULL};
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct json_error e;

    cr_assert_eq(json_read(text_of("{\"a\":\"x\",\"b\":\"y\"}"), &doc, &e), 0);
    struct json root = json_root(doc);
    struct fields f = fields_of(&root, known, &e);
    fields_refuse(&f, "a", text_of("x"), "one thing");
    fields_refuse(&f, "b", text_of("y"), "another thing");
    cr_assert_eq(f.error, -EBADMSG);
    cr_assert_str_eq(e.at, "/a");
}

/* Letters, digits and dots, and what stands beside them in ASCII. */
Test(report_scarce, a_version_has_letters_digits_and_dots)
{
    static const struct {
        const char *raw;
        bool is_good;
    } rows[] = {
        {"\"az\"", true},        {"\"AZ\"", true},       {"\"09.1\"", true},
        {"\"1`\"", false},       {"\"1{\"", false},      {"\"1@\"", false},
        {"\"1[\"", false},       {"\"1/\"", false},      {"\"1:\"", false},
        {"\"\"", false},         {"\"12345678\"", true}, {"\"123456789\"", false},
        {"\"1234567.9\"", true},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct json_edit edit = {JSON_EDIT_SET, "/licenses/0/version", NULL, rows[i].raw};
        AUTO(buf) struct buf text = BUF_INIT(65536);
        AUTO(report) struct report r = {.n_licenses = 0};
        struct json_error e;
        json_edit(sound, &edit, &text);
        cr_assert_eq(report_from_json(text_of(buf_str(&text)), &r, &e),
                     rows[i].is_good ? 0 : -EBADMSG, "%s", rows[i].raw);
    }
}
