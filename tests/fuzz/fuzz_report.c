/* Any bytes as a report and as a recorded line: what decodes, encodes and decodes the same. */
#include "wire/report_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_error(const struct json_error *e)
{
    assert(e->code[0] != '\0' && e->diag.text[0] != '\0');
}

static void check_round_trip(const struct report *r)
{
    AUTO(buf) struct buf first = BUF_INIT(64 << 20);
    report_to_json(r, &first);
    if (buf_error(&first) != 0 || first.len > CAP_REPORT_BYTES)
        return; /* one that grew over the cap by its escapes is not read again */
    AUTO(report) struct report back = {.n_licenses = 0};
    struct json_error e;
    int result = report_from_json((struct text){first.data, first.len}, &back, &e);
    assert(result == 0);
    AUTO(buf) struct buf second = BUF_INIT(64 << 20);
    report_to_json(&back, &second);
    assert(first.len == second.len &&
           text_is((struct text){first.data, first.len}, buf_str(&second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct text text = {(const char *)data, n};
    struct json_error e = {.line = 0};
    AUTO(report) struct report r = {.n_licenses = 0};
    if (report_from_json(text, &r, &e) == 0)
        check_round_trip(&r);
    else
        check_error(&e);
    AUTO(recorded) struct recorded line = {.server = ""};
    if (recorded_from_json(text, &line, &e) == 0)
        check_round_trip(&line.report);
    else
        check_error(&e);
    return 0;
}
