/*
 * docs/answer.schema.json against what answers say: each sample fits the schema, and between
 * them they use every member, every listed value and every type that it names.
 */
#include "ingest/answer.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "unit/ingest/known.h"

SUITE(answer_schema);

enum { SCHEMA_BYTES = 65536, AT_SIZE = 256 };

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

/* ---- A small validator: it knows the words of this schema, and stops at any other ---------
 */

struct check {
    const struct json *defs;
    struct buf *used; /* what the samples used, a line each, "\n" before and behind */
};

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

static const char *type_of(const struct json *v)
{
    static const char *const names[] = {
        [JSON_ABSENT] = "absent", [JSON_NULL] = "null",     [JSON_BOOL] = "boolean",
        [JSON_INT] = "integer",   [JSON_REAL] = "number",   [JSON_STRING] = "string",
        [JSON_ARRAY] = "array",   [JSON_OBJECT] = "object",
    };
    return names[json_kind(v)];
}

static void use(struct check *c, const char *at, const char *what)
{
    buf_printf(c->used, "%s %s\n", at, what);
}

/* A value as a line of the list: texts as they are, true, or a type's name. */
static struct text shown(const struct json *v)
{
    return json_kind(v) == JSON_STRING ? get_text(v) : text_of("true");
}

static bool fits(struct check *c, const struct json *schema, const struct json *v,
                 const char *at);

static bool fits_type(struct check *c, const struct json *type, const struct json *v,
                      const char *at)
{
    const char *is = type_of(v);
    bool ok = json_kind(type) == JSON_STRING && text_is(get_text(type), is);
    for (size_t i = 0; json_kind(type) == JSON_ARRAY && i < json_count(type); i++) {
        struct json one = json_item(type, i);
        ok = ok || text_is(get_text(&one), is);
    }
    use(c, at, is);
    return ok;
}

static bool fits_enum(struct check *c, const struct json *list, const struct json *v,
                      const char *at)
{
    struct text value = shown(v);
    use(c, at, value.p);
    for (size_t i = 0; i < json_count(list); i++) {
        struct json one = json_item(list, i);
        if (json_kind(&one) == json_kind(v) && text_is(value, shown(&one).p))
            return true;
    }
    return false;
}

static bool fits_pattern(const struct json *pattern, const struct json *v)
{
    regex_t regex;
    cr_assert_eq(regcomp(&regex, get_text(pattern).p, REG_EXTENDED | REG_NOSUB), 0);
    bool ok = regexec(&regex, get_text(v).p, 0, NULL, 0) == 0;
    regfree(&regex);
    return ok;
}

static bool fits_bound(const char *word, int64_t bound, const struct json *v)
{
    if (strcmp(word, "maxItems") == 0)
        return (int64_t)json_count(v) <= bound;
    if (strcmp(word, "minLength") == 0) /* in characters; one byte of each is counted here */
        return (int64_t)get_text(v).n >= bound;
    if (strcmp(word, "maxLength") == 0)
        return (int64_t)get_text(v).n <= bound;
    if (json_kind(v) == JSON_NULL)
        return true;
    if (strcmp(word, "minimum") == 0)
        return get_int(v) >= bound;
    cr_assert_str_eq(word, "maximum", "no such word is known");
    return get_int(v) <= bound;
}

static bool fits_members(struct check *c, const struct json *properties, const struct json *v,
                         const char *at);

static bool fits_required(const struct json *required, const struct json *v)
{
    for (size_t i = 0; i < json_count(required); i++) {
        struct json key = json_item(required, i);
        struct json member = json_member(v, get_text(&key).p);
        if (json_kind(&member) == JSON_ABSENT)
            return false;
    }
    return true;
}

static bool fits_items(struct check *c, const struct json *items, const struct json *v,
                       const char *at)
{
    char below[AT_SIZE];
    (void)snprintf(below, sizeof below, "%s/[]", at);
    for (size_t i = 0; i < json_count(v); i++) {
        struct json item = json_item(v, i);
        if (!fits(c, items, &item, below))
            return false;
    }
    return true;
}

static struct json definition(const struct check *c, const struct json *ref)
{
    static const char prefix[] = "#/$defs/";
    const char *name = get_text(ref).p;
    cr_assert_eq(strncmp(name, prefix, sizeof prefix - 1), 0, "%s", name);
    struct json found = json_member(c->defs, name + sizeof prefix - 1);
    cr_assert(json_is_given(&found), "%s", name);
    return found;
}

struct word_check {
    struct check *c;
    const struct json *value;
    const char *at;
};

/* One word of a schema: 0 when the value fits it. */
static int check_word(void *arg, const struct json *word)
{
    struct word_check *w = arg;
    bool ok;
    if (strcmp(word->key, "description") == 0)
        ok = true;
    else if (strcmp(word->key, "additionalProperties") == 0)
        ok = json_kind(word) == JSON_BOOL; /* false; fits_members() holds to it */
    else if (strcmp(word->key, "type") == 0)
        ok = fits_type(w->c, word, w->value, w->at);
    else if (strcmp(word->key, "enum") == 0)
        ok = fits_enum(w->c, word, w->value, w->at);
    else if (strcmp(word->key, "pattern") == 0)
        ok = fits_pattern(word, w->value);
    else if (strcmp(word->key, "required") == 0)
        ok = fits_required(word, w->value);
    else if (strcmp(word->key, "properties") == 0)
        ok = fits_members(w->c, word, w->value, w->at);
    else if (strcmp(word->key, "items") == 0)
        ok = fits_items(w->c, word, w->value, w->at);
    else
        ok = fits_bound(word->key, get_int(word), w->value);
    cr_expect(ok, "%s: %s", w->at, word->key);
    return ok ? 0 : 1;
}

static bool fits(struct check *c, const struct json *schema, const struct json *v,
                 const char *at)
{
    struct json ref = json_member(schema, "$ref");
    struct json s = json_is_given(&ref) ? definition(c, &ref) : *schema;
    struct word_check w = {c, v, at};
    return json_each(&s, check_word, &w) == 0;
}

struct member_check {
    struct check *c;
    const struct json *properties;
    const char *at;
};

static int check_member(void *arg, const struct json *member)
{
    struct member_check *m = arg;
    char below[AT_SIZE];
    struct json schema = json_member(m->properties, member->key);
    (void)snprintf(below, sizeof below, "%s/%s", m->at, member->key);
    cr_expect(json_is_given(&schema), "%s is not in the schema", below);
    return json_is_given(&schema) && fits(m->c, &schema, member, below) ? 0 : 1;
}

static bool fits_members(struct check *c, const struct json *properties, const struct json *v,
                         const char *at)
{
    struct member_check m = {c, properties, at};
    return json_each(v, check_member, &m) == 0;
}

/* ---- Everything in the schema is used ---------------------------------------------------- */

static void expect_used(const struct check *c, const char *at, const char *what)
{
    char line[2 * AT_SIZE];
    (void)snprintf(line, sizeof line, "\n%s %s\n", at, what);
    cr_expect_not_null(strstr(buf_str(c->used), line), "no answer has %s = %s", at, what);
}

static void expect_all_used(struct check *c, const struct json *schema, const char *at);

struct used_check {
    struct check *c;
    const char *at;
};

static int expect_member_used(void *arg, const struct json *schema)
{
    struct used_check *u = arg;
    char below[AT_SIZE];
    (void)snprintf(below, sizeof below, "%s/%s", u->at, schema->key);
    expect_all_used(u->c, schema, below);
    return 0;
}

static void expect_all_used(struct check *c, const struct json *schema, const char *at)
{
    struct json ref = json_member(schema, "$ref");
    struct json s = json_is_given(&ref) ? definition(c, &ref) : *schema;
    struct json type = json_member(&s, "type"), values = json_member(&s, "enum");
    struct json properties = json_member(&s, "properties"), items = json_member(&s, "items");
    struct used_check u = {c, at};
    char below[AT_SIZE];
    if (json_kind(&type) == JSON_STRING)
        expect_used(c, at, get_text(&type).p);
    for (size_t i = 0; json_kind(&type) == JSON_ARRAY && i < json_count(&type); i++) {
        struct json one = json_item(&type, i);
        expect_used(c, at, get_text(&one).p);
    }
    for (size_t i = 0; i < json_count(&values); i++) {
        struct json one = json_item(&values, i);
        expect_used(c, at, shown(&one).p);
    }
    (void)json_each(&properties, expect_member_used, &u);
    (void)snprintf(below, sizeof below, "%s/[]", at);
    if (json_is_given(&items))
        expect_all_used(c, &items, below);
}

/* ---- The answers ------------------------------------------------------------------------- */

static const char *const texts[] = {"mx.example.net", "mx.example.org"};
static const struct answer_settings settings = {{900}, texts, 2, texts, 1};

static void put_accepted(struct buf *out)
{
    AUTO(known) struct known k;
    known_make(&k);
    const struct store_standing rows[] = {
        {lic("PLSK.00000001"), "r1", false, 1U << CHARGE_EXTRA_IP, AT(10), true, AT(99)},
        {lic("PLSK.00000002"), "r1", true, 1U << CHARGE_OUTSIDE, AT(20), false, {0}},
    };
    struct report_license listed[] = {{.license = lic("EXT.00000001")},
                                      {.license = lic("PLSK.00000001")},
                                      {.license = lic("PLSK.00000002")}};
    struct report r = {.licenses = listed, .n_licenses = ARRAY_LEN(listed)};
    known_publish(&k, rows, ARRAY_LEN(rows));
    answer_put_accepted(out, &(struct answer_accepted){&r, "r1", true}, k.standings, &settings);
}

static void put_enrolled(struct buf *out)
{
    struct enrolled e = {.server = "srv-1", .reseller = "r1"};
    e.certificate.term.to = AT(100);
    e.certificate.pem = BUF_INIT(64);
    buf_add_str(&e.certificate.pem, "CERT\n");
    answer_put_enrolled(out, &e, text_of("AUTH\n"), &settings);
    buf_done(&e.certificate.pem);
}

static void put_error(struct buf *out)
{
    answer_put_error(out, "bad-value", "is no such thing", "/sightings/3/source");
}

static void schema_read(struct buf *text, struct json_doc **ret)
{
    struct json_error e;
    file_text(SOURCE_DIR "/docs/answer.schema.json", text);
    cr_assert_eq(json_read(text_of(buf_str(text)), ret, &e), 0, "%zu:%zu: %s", e.line, e.column,
                 e.diag.text);
}

Test(answer_schema, answers_say_what_the_schema_says_and_all_of_it)
{
    static const struct {
        const char *name;
        void (*put)(struct buf *out);
    } rows[] = {{"accepted", put_accepted}, {"enrolled", put_enrolled}, {"error", put_error}};
    AUTO(buf) struct buf text = BUF_INIT(SCHEMA_BYTES), used = BUF_INIT(SCHEMA_BYTES);
    AUTO(json_doc) struct json_doc *doc = NULL;
    schema_read(&text, &doc);
    struct json root = json_root(doc), defs = json_member(&root, "$defs");
    struct json one_of = json_member(&root, "oneOf");
    struct check c = {&defs, &used};
    buf_add_char(&used, '\n');
    cr_assert_eq(json_count(&one_of), ARRAY_LEN(rows));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf body = BUF_INIT(CAP_HTTP_ANSWER);
        AUTO(json_doc) struct json_doc *sample = NULL;
        struct json_error e;
        struct json ref = json_item(&one_of, i);
        rows[i].put(&body);
        cr_assert_eq(json_read(text_of(buf_str(&body)), &sample, &e), 0, "%s", e.diag.text);
        struct json value = json_root(sample);
        cr_expect(fits(&c, &ref, &value, rows[i].name), "%s", buf_str(&body));
        expect_all_used(&c, &ref, rows[i].name);
    }
}

static int find_member(void *arg, const struct json *schema)
{
    const char *manual = arg;
    char quoted[AT_SIZE];
    (void)snprintf(quoted, sizeof quoted, "`%s`", schema->key);
    cr_expect_not_null(strstr(manual, quoted), "%s", quoted);
    struct json items = json_member(schema, "items");
    struct json below = json_member(&items, "properties"),
                own = json_member(schema, "properties");
    (void)json_each(&own, find_member, arg);
    return json_each(&below, find_member, arg);
}

static int find_definition(void *arg, const struct json *schema)
{
    struct json properties = json_member(schema, "properties");
    cr_assert(json_count(&properties) > 0, "%s", schema->key);
    return json_each(&properties, find_member, arg);
}

Test(answer_schema, the_manual_names_every_member)
{
    AUTO(buf) struct buf manual = BUF_INIT(SCHEMA_BYTES), text = BUF_INIT(SCHEMA_BYTES);
    AUTO(json_doc) struct json_doc *doc = NULL;
    file_text(SOURCE_DIR "/docs/fairuse-report.5.md", &manual);
    schema_read(&text, &doc);
    struct json root = json_root(doc), defs = json_member(&root, "$defs");
    cr_assert_eq(json_each(&defs, find_definition, manual.data), 0);
}

Test(answer_schema, the_caps_that_it_tells_are_ours)
{
    static const struct {
        const char *before;
        int cap;
    } rows[] = {{"at most ", CAP_HTTP_ANSWER},
                {"\"maxItems\": ", CAP_REPORT_LICENSES},
                {"\"maxItems\": ", CAP_SUFFIXES},
                {"\"maxLength\": ", CAP_ID},
                {"\"maxLength\": ", JSON_AT_SIZE}};
    AUTO(buf) struct buf text = BUF_INIT(SCHEMA_BYTES);
    file_text(SOURCE_DIR "/docs/answer.schema.json", &text);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char want[64];
        (void)snprintf(want, sizeof want, "%s%d", rows[i].before, rows[i].cap);
        cr_expect_not_null(strstr(buf_str(&text), want), "%s", want);
    }
}
