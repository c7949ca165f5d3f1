/* Reading the members of one object with an error that sticks. */
#include "wire/fields.h"

#include <errno.h>
#include <stdio.h>

struct fields fields_of(const struct json *v, const char *const known[], struct json_error *e)
{
    return (struct fields){.object = v, .e = e, .error = json_only(v, known, e)};
}

bool fields_has(const struct fields *f, const char *key)
{
    struct json v = json_member(f->object, key);
    return f->error == 0 && json_kind(&v) != JSON_ABSENT;
}

void fields_int(struct fields *f, const char *key, int64_t min, int64_t max, int64_t *ret)
{
    struct json v = json_member(f->object, key);
    if (f->error == 0)
        f->error = json_get_int(&v, min, max, ret, f->e);
}

void fields_bool(struct fields *f, const char *key, bool *ret)
{
    struct json v = json_member(f->object, key);
    if (f->error == 0)
        f->error = json_get_bool(&v, ret, f->e);
}

bool fields_text(struct fields *f, const char *key, size_t max_bytes, struct text *ret)
{
    struct json v = json_member(f->object, key);
    if (f->error == 0)
        f->error = json_get_text(&v, max_bytes, ret, f->e);
    return f->error == 0;
}

void fields_refuse(struct fields *f, const char *key, struct text value, const char *wanted)
{
    struct json v = json_member(f->object, key);
    char quoted[TEXT_QUOTE_SIZE];
    if (f->error == 0)
        f->error = json_refuse(&v, f->e, "bad-value", "is %s, must be %s",
                               text_quote(value, quoted), wanted);
}

/* Every list full, and the lists, the report and the line around it. */
enum {
    OPENED_MAX =
        CAP_REPORT_LICENSES + CAP_REPORT_SIGHTINGS + CAP_REPORT_MAILBOXES + CAP_REPORT_GAPS + 6,
};

static int refuse_size(struct json_error *e, size_t n, const char *what, size_t max)
{
    *e = (struct json_error){.line = 1, .column = 1};
    (void)snprintf(e->code, sizeof e->code, "out-of-range");
    return diag_set(&e->diag, -EBADMSG, "has %zu %s, at most %zu are allowed", n, what, max);
}

int fields_read_document(struct text text, size_t max_bytes, struct json_doc **ret,
                         struct json_error *reterr)
{
    if (text.n > max_bytes)
        return refuse_size(reterr, text.n, "bytes", max_bytes);
    size_t opened = json_count_opened(text);
    if (opened > OPENED_MAX)
        return refuse_size(reterr, opened, "objects and arrays", OPENED_MAX);
    return json_read(text, ret, reterr);
}
