/*
 * docs/report.schema.json against the decoder. The schema is walked beside the sound report;
 * at each member, documents are made from what the schema says, and the decoder must agree.
 */
#include <errno.h>
#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "support/json_edit.h"
#include "support/leak.h"
#include "unit/wire/sound.h"
#include "wire/report_json.h"

SUITE(report_schema);

enum { SCHEMA_BYTES = 65536, AT_SIZE = 128 };

static void file_text(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "rb");
    cr_assert_not_null(f, "%s", path);
    char chunk[4096];
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
        buf_add(out, chunk, n);
    cr_assert_eq(fclose(f), 0);
    cr_assert_eq(buf_error(out), 0);
}

/* What the decoder says of the sound report with one change. */
static int decode(enum json_edit_verb verb, const char *at, const char *key, const char *raw,
                  struct json_error *e)
{
    struct json_edit edit = {verb, at, key, raw};
    AUTO(buf) struct buf text = BUF_INIT(CAP_REPORT_BYTES);
    json_edit(REPORT_SOUND, &edit, &text);
    AUTO(report) struct report r = {.n_licenses = 0};
    *e = (struct json_error){.line = 0};
    return report_from_json(text_of(buf_str(&text)), &r, e);
}

static void expect_taken(const char *at, const char *raw)
{
    struct json_error e;
    cr_expect_eq(decode(JSON_EDIT_SET, at, NULL, raw, &e), 0, "%s = %s: %s", at, raw,
                 e.diag.text);
}

static void expect_refused(const char *at, const char *raw, const char *code)
{
    struct json_error e;
    cr_expect_eq(decode(JSON_EDIT_SET, at, NULL, raw, &e), -EBADMSG, "%s = %s", at, raw);
    cr_expect_str_eq(e.at, at, "%s = %s: at %s", at, raw, e.at);
    cr_expect_str_eq(e.code, code, "%s = %s: %s", at, raw, e.code);
}

static struct text get_text(const struct json *v)
{
    struct text t = {"", 0};
    struct json_error e;
    cr_assert_eq(json_get_text(v, SCHEMA_BYTES, &t, &e), 0, "%s", e.at);
    return t;
}

static int64_t get_int(const struct json *v)
{
    int64_t n = 0;
    struct json_error e;
    cr_assert_eq(json_get_int(v, INT64_MIN, INT64_MAX, &n, &e), 0, "%s", e.at);
    return n;
}

/* The schema of a member: itself, or the definition to which it refers. */
static struct json resolve(const struct json *schema, const struct json *defs)
{
    static const char prefix[] = "#/$defs/";
    struct json ref = json_member(schema, "$ref");
    if (!json_is_given(&ref))
        return *schema;
    const char *name = get_text(&ref).p;
    cr_assert_eq(strncmp(name, prefix, sizeof prefix - 1), 0, "%s", name);
    struct json found = json_member(defs, name + sizeof prefix - 1);
    cr_assert(json_is_given(&found), "%s", name);
    return found;
}

static void walk(const struct json *schema, const struct json *defs, const char *at);

static void check_integer(const struct json *schema, const char *at)
{
    struct json minimum = json_member(schema, "minimum");
    struct json maximum = json_member(schema, "maximum");
    const struct {
        int64_t value;
        bool is_taken;
    } rows[] = {
        {get_int(&minimum), true},
        {get_int(&maximum), true},
        {get_int(&minimum) - 1, false},
        {get_int(&maximum) + 1, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char raw[32];
        (void)snprintf(raw, sizeof raw, "%" PRId64, rows[i].value);
        if (rows[i].is_taken)
            expect_taken(at, raw);
        else
            expect_refused(at, raw, "out-of-range");
    }
    expect_refused(at, "\"1\"", "wrong-type");
    expect_refused(at, "1.5", "wrong-type");
}

/* A text as JSON, in `out`. */
static const char *quoted(struct text t, struct buf *out)
{
    buf_reset(out);
    buf_add_char(out, '"');
    buf_add(out, t.p, t.n); /* the schema's texts need no escape */
    buf_add_char(out, '"');
    return buf_str(out);
}

static void check_pattern(const struct json *pattern, struct text value, const char *at)
{
    regex_t regex;
    cr_assert_eq(regcomp(&regex, get_text(pattern).p, REG_EXTENDED | REG_NOSUB), 0, "%s", at);
    cr_expect_eq(regexec(&regex, value.p, 0, NULL, 0), 0, "%s: the pattern refuses %s", at,
                 value.p);
    regfree(&regex);
}

/* Each listed value is taken and fits the pattern; the lists may be absent. */
static void check_values(const struct json *schema, const char *list, const char *at)
{
    struct json values = json_member(schema, list);
    struct json pattern = json_member(schema, "pattern");
    AUTO(buf) struct buf raw = BUF_INIT(SCHEMA_BYTES);
    for (size_t i = 0; i < json_count(&values); i++) {
        struct json value = json_item(&values, i);
        expect_taken(at, quoted(get_text(&value), &raw));
        if (json_is_given(&pattern))
            check_pattern(&pattern, get_text(&value), at);
    }
}

static void check_string(const struct json *schema, const struct json *sample, const char *at)
{
    check_values(schema, "enum", at);
    check_values(schema, "examples", at);
    struct json pattern = json_member(schema, "pattern");
    struct json values = json_member(schema, "enum");
    if (json_is_given(&pattern))
        check_pattern(&pattern, get_text(sample), at);
    if (json_is_given(&pattern) || json_is_given(&values))
        expect_refused(at, "\"no such value!\"", "bad-value");
    expect_refused(at, "\"\"", "bad-value");
    expect_refused(at, "1", "wrong-type");
    struct json longest = json_member(schema, "maxLength");
    if (!json_is_given(&longest))
        return;
    AUTO(buf) struct buf raw = BUF_INIT(SCHEMA_BYTES);
    buf_add_char(&raw, '"');
    for (int64_t i = 0; i <= get_int(&longest); i++)
        buf_add_char(&raw, 'x');
    buf_add_char(&raw, '"');
    expect_refused(at, buf_str(&raw), "out-of-range");
}

static void check_array(const struct json *schema, const struct json *defs, const char *at)
{
    struct json most = json_member(schema, "maxItems");
    AUTO(buf) struct buf raw = BUF_INIT(CAP_REPORT_BYTES);
    for (int64_t i = 0; i < get_int(&most); i++)
        buf_add_str(&raw, i == 0 ? "[{}" : ",{}");
    struct json_error e;
    buf_add_char(&raw, ']');
    cr_expect_eq(decode(JSON_EDIT_SET, at, NULL, buf_str(&raw), &e), -EBADMSG, "%s", at);
    cr_expect_str_eq(e.code, "missing-field", "%s: so many are not too many", at);
    raw.len--;
    buf_add_str(&raw, ",{}]");
    expect_refused(at, buf_str(&raw), "out-of-range");
    expect_taken(at, "[]");
    expect_refused(at, "{}", "wrong-type");
    char item_at[AT_SIZE];
    (void)snprintf(item_at, sizeof item_at, "%s/0", at);
    struct json items = json_member(schema, "items");
    walk(&items, defs, item_at);
}

struct object_walk {
    const struct json *defs, *required;
    const char *at;
    struct buf *keys; /* of all properties, joined by ", " */
};

static bool is_required(const struct object_walk *w, const char *key)
{
    for (size_t i = 0; i < json_count(w->required); i++) {
        struct json item = json_item(w->required, i);
        if (text_is(get_text(&item), key))
            return true;
    }
    return false;
}

static int check_property(void *arg, const struct json *schema)
{
    struct object_walk *w = arg;
    char at[AT_SIZE];
    char other[AT_SIZE];
    (void)snprintf(at, sizeof at, "%s/%s", w->at, schema->key);
    (void)snprintf(other, sizeof other, "%sx", schema->key);
    buf_add_str(w->keys, w->keys->len > 0 ? ", " : "");
    buf_add_str(w->keys, schema->key);
    struct json_error e;
    if (is_required(w, schema->key)) {
        cr_expect_eq(decode(JSON_EDIT_REMOVE, at, NULL, NULL, &e), -EBADMSG, "%s", at);
        cr_expect_str_eq(e.code, "missing-field", "%s", at);
        cr_expect_str_eq(e.at, at);
    } else {
        cr_expect_eq(decode(JSON_EDIT_REMOVE, at, NULL, NULL, &e), 0, "%s", at);
    }
    cr_expect_eq(decode(JSON_EDIT_RENAME, at, other, NULL, &e), -EBADMSG, "%s", at);
    cr_expect_str_eq(e.code, "unknown-field", "%s renamed: %s", at, e.code);
    expect_refused(at, "null", "wrong-type");
    walk(schema, w->defs, at);
    return 0;
}

/* The decoder names what it knows when it meets what it does not: that list is the schema's. */
static void check_known(const struct object_walk *w)
{
    static const char before[] = "\"unheard of\" is not known here, only ";
    struct json_error e;
    cr_assert_eq(decode(JSON_EDIT_ADD, w->at, "unheard of", "1", &e), -EBADMSG);
    cr_assert_eq(strncmp(e.diag.text, before, sizeof before - 1), 0, "%s", e.diag.text);
    cr_expect_str_eq(e.diag.text + sizeof before - 1, buf_str(w->keys), "%s", w->at);
}

static void check_object(const struct json *schema, const struct json *defs, const char *at)
{
    struct json required = json_member(schema, "required");
    struct json properties = json_member(schema, "properties");
    struct json additional = json_member(schema, "additionalProperties");
    struct json_error e;
    bool may_have_more = true;
    cr_assert_eq(json_get_bool(&additional, &may_have_more, &e), 0, "%s", e.at);
    cr_expect_not(may_have_more, "%s", at);
    cr_assert(json_count(&properties) > 0 && json_count(&required) > 0, "%s", at);
    AUTO(buf) struct buf keys = BUF_INIT(SCHEMA_BYTES);
    struct object_walk w = {defs, &required, at, &keys};
    cr_assert_eq(json_each(&properties, check_property, &w), 0);
    check_known(&w);
    for (size_t i = 0; i < json_count(&required); i++) {
        struct json item = json_item(&required, i);
        struct json property = json_member(&properties, get_text(&item).p);
        cr_expect(json_is_given(&property), "%s requires what it has not", at);
    }
}

/* The value of the sound report at a pointer. */
static struct json *sample_at(struct json *steps, const char *at)
{
    for (struct json *v = steps;; v++) {
        if (*at == '\0')
            return v;
        size_t n = strcspn(at + 1, "/");
        static char keys[8][AT_SIZE];
        char *key = keys[v - steps];
        (void)snprintf(key, AT_SIZE, "%.*s", (int)n, at + 1);
        v[1] = json_kind(v) == JSON_ARRAY ? json_item(v, 0) : json_member(v, key);
        at += 1 + n;
    }
}

static void walk(const struct json *schema, const struct json *defs, const char *at)
{
    struct json s = resolve(schema, defs);
    struct json type = json_member(&s, "type");
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct json_error e;
    cr_assert_eq(json_read(text_of(REPORT_SOUND), &doc, &e), 0);
    struct json steps[8] = {json_root(doc)};
    const struct json *sample = sample_at(steps, at);
    cr_assert_neq(json_kind(sample), JSON_ABSENT, "the sound report has no %s", at);
    if (text_is(get_text(&type), "object"))
        check_object(&s, defs, at);
    else if (text_is(get_text(&type), "array"))
        check_array(&s, defs, at);
    else if (text_is(get_text(&type), "integer"))
        check_integer(&s, at);
    else if (text_is(get_text(&type), "string"))
        check_string(&s, sample, at);
    else
        cr_assert(text_is(get_text(&type), "boolean"), "%s: no such type", at);
}

Test(report_schema, the_decoder_takes_what_the_schema_allows_and_no_more)
{
    AUTO(buf) struct buf text = BUF_INIT(SCHEMA_BYTES);
    file_text(SOURCE_DIR "/docs/report.schema.json", &text);
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct json_error e;
    cr_assert_eq(json_read(text_of(buf_str(&text)), &doc, &e), 0, "%zu:%zu: %s", e.line,
                 e.column, e.diag.text);
    struct json root = json_root(doc);
    struct json defs = json_member(&root, "$defs");
    walk(&root, &defs, "");
}

Test(report_schema, the_body_cap_that_it_tells_is_ours)
{
    AUTO(buf) struct buf text = BUF_INIT(SCHEMA_BYTES);
    file_text(SOURCE_DIR "/docs/report.schema.json", &text);
    char cap[64];
    (void)snprintf(cap, sizeof cap, "at most %d bytes", CAP_REPORT_BYTES);
    cr_expect_not_null(strstr(buf_str(&text), cap), "%s", cap);
}

/* A number as people write it: 4194304 is 4,194,304. */
static void grouped(int n, char ret[static 32])
{
    if (n >= 1000000)
        (void)snprintf(ret, 32, "%d,%03d,%03d", n / 1000000, n / 1000 % 1000, n % 1000);
    else if (n >= 1000)
        (void)snprintf(ret, 32, "%d,%03d", n / 1000, n % 1000);
    else
        (void)snprintf(ret, 32, "%d", n);
}

Test(report_schema, the_manual_names_every_cap)
{
    static const int caps[] = {CAP_REPORT_LICENSES, CAP_REPORT_SIGHTINGS, CAP_REPORT_MAILBOXES,
                               CAP_REPORT_GAPS,     CAP_REPORT_COUNT,     CAP_REPORT_BYTES,
                               CAP_LABEL_TEXT,      CAP_JSON_DEPTH,       CAP_ID};
    AUTO(buf) struct buf manual = BUF_INIT(SCHEMA_BYTES);
    file_text(SOURCE_DIR "/docs/fairuse-report.5.md", &manual);
    for (size_t i = 0; i < ARRAY_LEN(caps); i++) {
        char text[32];
        grouped(caps[i], text);
        cr_expect_not_null(strstr(buf_str(&manual), text), "%s", text);
    }
}

static int find_member(void *arg, const struct json *schema)
{
    const char *manual = arg;
    char quoted_key[AT_SIZE];
    (void)snprintf(quoted_key, sizeof quoted_key, "`%s`", schema->key);
    cr_expect_not_null(strstr(manual, quoted_key), "%s", quoted_key);
    struct json items = json_member(schema, "items");
    struct json properties = json_member(&items, "properties");
    return json_each(&properties, find_member, arg);
}

Test(report_schema, the_manual_names_every_member)
{
    AUTO(buf) struct buf manual = BUF_INIT(SCHEMA_BYTES);
    file_text(SOURCE_DIR "/docs/fairuse-report.5.md", &manual);
    AUTO(buf) struct buf text = BUF_INIT(SCHEMA_BYTES);
    file_text(SOURCE_DIR "/docs/report.schema.json", &text);
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct json_error e;
    cr_assert_eq(json_read(text_of(buf_str(&text)), &doc, &e), 0);
    struct json root = json_root(doc);
    struct json properties = json_member(&root, "properties");
    cr_assert(json_count(&properties) > 0);
    cr_expect_eq(json_each(&properties, find_member, manual.data), 0);
}
