/* Reading JSON: what is refused, how it is named, and that nothing unasked is repeated. */
#include <errno.h>
#include <string.h>

#include "json/json.h"
#include "support/leak.h"

SUITE(json);

static struct json_doc *read_sound(const char *text)
{
    struct json_doc *doc = NULL;
    struct json_error e;
    cr_assert_eq(json_read(text_of(text), &doc, &e), 0, "not read: %s", text);
    return doc;
}

struct refused {
    const char *text;
    const char *code, *at;
    size_t line, column;
    const char *why;
};

static void check_refused(const struct refused *row)
{
    struct json_doc *doc = NULL;
    struct json_error e;
    cr_assert_eq(json_read(text_of(row->text), &doc, &e), -EBADMSG, "%s: taken", row->why);
    cr_assert_null(doc, "%s: output touched", row->why);
    cr_expect_str_eq(e.code, row->code, "%s: %s", row->why, e.code);
    cr_expect_str_eq(e.at, row->at, "%s: at %s", row->why, e.at);
    cr_expect(e.line == row->line && e.column == row->column, "%s: at %zu:%zu", row->why,
              e.line, e.column);
    cr_expect(e.diag.text[0] != '\0', "%s: says nothing", row->why);
}

Test(json, what_rfc_8259_does_not_allow_is_refused_with_its_place)
{
    /* Columns counted by hand: the last byte of what could still be read as a token. */
    static const struct refused rows[] = {
        {"", "syntax", "", 1, 1, "nothing"},
        {"1", "syntax", "", 1, 1, "a bare number is no document of ours"},
        {"\"a\"", "syntax", "", 1, 3, "nor is a text"},
        {"{\"a\":1} x", "syntax", "", 1, 9, "trailing text"},
        {"{\"a\":1}{}", "syntax", "", 1, 8, "a second document"},
        {"{\"a\":1", "syntax", "", 1, 6, "cut short"},
        {"[1,]", "syntax", "", 1, 4, "trailing comma"},
        {"{\"a\":1,}", "syntax", "", 1, 8, "trailing comma in an object"},
        {"[01]", "syntax", "", 1, 2, "leading zero"},
        {"[+1]", "syntax", "", 1, 2, "leading plus"},
        {"[NaN]", "syntax", "", 1, 4, "not a number"},
        {"{\n \"a\": tru\n}", "syntax", "", 2, 9, "second line"},
        {"['a']", "syntax", "", 1, 2, "single quotes"},
        {"[\"\\ud800\"]", "syntax", "", 1, 9, "lone surrogate"},
        {"[\"a\tb\"]", "syntax", "", 1, 3, "raw control character"},
        {"[/* */1]", "syntax", "", 1, 2, "comment"},
        {"\xef\xbb\xbf{}", "syntax", "", 1, 3, "byte order mark"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_refused(&rows[i]);
}

Test(json, a_key_that_stands_twice_is_named)
{
    static const struct refused rows[] = {
        {"{\"a\":1,\"a\":1}", "syntax", "/a", 1, 8, "at the top"},
        {"{\"a\":[{},{\"b\":1,\n\"b\":2}]}", "syntax", "/a/1/b", 2, 1, "deep, next line"},
        {"{\"\\u0061\":1,\"a\":1}", "syntax", "/a", 1, 13, "equal after its escapes"},
        {"{\"a\":1,\"\\u0061\":1}", "syntax", "/a", 1, 8, "its escape is shown decoded"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_refused(&rows[i]);
}

Test(json, a_number_beyond_any_field_is_out_of_range_at_its_field)
{
    static const struct refused rows[] = {
        {"{\"a\":9223372036854775808}", "out-of-range", "/a", 1, 6, "2^63"},
        {"{\"a\":[0, -9223372036854775809]}", "out-of-range", "/a/1", 1, 10, "-2^63 - 1"},
        {"{\"a\":{\"b\":1e999}}", "out-of-range", "/a/b", 1, 11, "no double holds it"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_refused(&rows[i]);
}

/* `levels` arrays, one within the other. */
static int read_nested(size_t levels, struct json_error *e)
{
    AUTO(buf) struct buf text = BUF_INIT(4096);
    for (size_t i = 0; i < levels; i++)
        buf_add_char(&text, '[');
    for (size_t i = 0; i < levels; i++)
        buf_add_char(&text, ']');
    AUTO(json_doc) struct json_doc *doc = NULL;
    return json_read(text_of(buf_str(&text)), &doc, e);
}

Test(json, nesting_ends_at_its_cap)
{
    struct json_error e;
    cr_assert_eq(read_nested(32, &e), 0);
    cr_assert_eq(read_nested(33, &e), -EBADMSG);
    cr_expect_str_eq(e.code, "out-of-range");
    cr_expect(e.line == 1 && e.column == 33, "the bracket too many, not %zu", e.column);
    cr_assert_eq(read_nested(2000, &e), -EBADMSG);
    /* Brackets in a text are not nesting: 40 of them, then an escaped quote and one more. */
    AUTO(json_doc)
    struct json_doc *doc = read_sound("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\"]");
    struct json root = json_root(doc);
    cr_expect_eq(json_count(&root), 1);
}

Test(json, what_a_text_opens_is_counted_outside_of_its_strings)
{
    static const struct {
        const char *text;
        size_t count;
    } rows[] = {
        {"", 0},    {"[]", 1},  {"{\"a\":[{},[]]}", 4}, {"[\"[{\\\"{\",[", 2},
        {"\"[", 0}, {"]}[", 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        cr_expect_eq(json_count_opened(text_of(rows[i].text)), rows[i].count, "row %zu", i);
}

Test(json, bytes_are_refused_that_a_c_string_could_not_show)
{
    static const struct {
        struct text text;
        const char *why;
    } rows[] = {
        {{"[1]\0", 4}, "NUL behind the end"},
        {{"[\"a\0b\"]", 7}, "NUL in a text"},
        {{"[\"a\\u0000b\"]", 12}, "escaped NUL in a text"},
        {{"{\"a\\u0000b\":1}", 14}, "escaped NUL in a key"},
        {{"[\"\xc3(\"]", 6}, "not UTF-8"},
        {{"[\"\xed\xa0\x80\"]", 7}, "a surrogate in UTF-8"},
        {{"[\"\xc0\xaf\"]", 6}, "overlong"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct json_doc *doc = NULL;
        struct json_error e;
        cr_expect_eq(json_read(rows[i].text, &doc, &e), -EBADMSG, "%s", rows[i].why);
        cr_expect_str_eq(e.code, "syntax", "%s", rows[i].why);
    }
}

Test(json, no_syntax_error_repeats_the_input)
{
    static const char *const rows[] = {
        "{\"password\":SECRET}",
        "{\"password\":\"SECRET",
        "{\"password\":\"SECRET\"x}",
        "{\"password\":\"SECRET\\q\"}",
        "[\"SECRET\",\"SECRET\n\"]",
        "[\"x\"]SECRET",
        "{\"a\":\"SECRET\",\"a\":\"SECRET\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct json_doc *doc = NULL;
        struct json_error e;
        cr_assert_eq(json_read(text_of(rows[i]), &doc, &e), -EBADMSG, "%s", rows[i]);
        cr_expect_null(strstr(e.diag.text, "SECRET"), "%s", e.diag.text);
        cr_expect_null(strstr(e.at, "SECRET"), "%s", e.at);
    }
}

Test(json, values_have_their_kinds)
{
    AUTO(json_doc)
    struct json_doc *doc = read_sound(
        "{\"n\":null,\"b\":true,\"i\":-0,\"r\":1.0,\"s\":\"x\",\"a\":[1,2],\"o\":{}}");
    static const struct {
        const char *key;
        enum json_kind kind;
        size_t count;
    } rows[] = {
        {"n", JSON_NULL, 0},   {"b", JSON_BOOL, 0},   {"i", JSON_INT, 0},
        {"r", JSON_REAL, 0},   {"s", JSON_STRING, 0}, {"a", JSON_ARRAY, 2},
        {"o", JSON_OBJECT, 0}, {"x", JSON_ABSENT, 0},
    };
    struct json root = json_root(doc);
    cr_expect_eq(json_count(&root), 7);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct json v = json_member(&root, rows[i].key);
        cr_expect_eq(json_kind(&v), rows[i].kind, "%s", rows[i].key);
        cr_expect_eq(json_count(&v), rows[i].count, "%s", rows[i].key);
        bool is_given = rows[i].kind != JSON_NULL && rows[i].kind != JSON_ABSENT;
        cr_expect_eq(json_is_given(&v), is_given, "%s", rows[i].key);
    }
}

Test(json, what_is_not_there_is_absent_at_any_depth)
{
    AUTO(json_doc) struct json_doc *doc = read_sound("{\"a\":[1]}");
    struct json root = json_root(doc);
    struct json a = json_member(&root, "a");
    struct json past = json_item(&a, 1);
    struct json under = json_member(&past, "x");
    struct json of_array = json_member(&a, "x");
    struct json of_object = json_item(&root, 0);
    cr_expect_eq(json_kind(&past), JSON_ABSENT);
    cr_expect_eq(json_kind(&under), JSON_ABSENT);
    cr_expect_eq(json_kind(&of_array), JSON_ABSENT);
    cr_expect_eq(json_kind(&of_object), JSON_ABSENT);
    struct json_error e;
    cr_expect_eq(json_get_object(&under, &e), -EBADMSG);
    cr_expect_str_eq(e.at, "/a/1/x");
    cr_expect(e.line == 1 && e.column == 6, "the place of what it is missing from");
}

static const char place_text[] = "{\n"
                                 "  \"a\": 1,\n"
                                 "  \"\\u0062\": [\n"
                                 "    {\"c\": \"x\"}, {\"c\" :\n"
                                 "      \"a\\\"}]y\", \"d\": 5}\n"
                                 "  ],\n"
                                 "  \"e/f~g\": {\"h\": [[], [7]]}\n"
                                 "}\n";

Test(json, a_refusal_gives_pointer_line_and_column)
{
    AUTO(json_doc) struct json_doc *doc = read_sound(place_text);
    struct json root = json_root(doc);
    struct json a = json_member(&root, "a");
    struct json b = json_member(&root, "b");
    struct json b1 = json_item(&b, 1);
    struct json c = json_member(&b1, "c");
    struct json d = json_member(&b1, "d");
    struct json missing = json_member(&b1, "x");
    struct json slash = json_member(&root, "e/f~g");
    struct json h = json_member(&slash, "h");
    struct json h1 = json_item(&h, 1);
    struct json seven = json_item(&h1, 0);
    const struct {
        const struct json *v;
        const char *at;
        size_t line, column;
    } rows[] = {
        {&root, "", 1, 1},
        {&a, "/a", 2, 8},
        {&b, "/b", 3, 13},
        {&b1, "/b/1", 4, 17},
        {&c, "/b/1/c", 5, 7},
        {&d, "/b/1/d", 5, 22},
        {&missing, "/b/1/x", 4, 17},
        {&slash, "/e~1f~0g", 7, 12},
        {&seven, "/e~1f~0g/h/1/0", 7, 24},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct json_error e;
        cr_expect_eq(json_refuse(rows[i].v, &e, "bad-value", "no %d", 7), -EBADMSG);
        cr_expect_str_eq(e.at, rows[i].at, "%s", e.at);
        cr_expect(e.line == rows[i].line && e.column == rows[i].column, "%s: %zu:%zu", e.at,
                  e.line, e.column);
        cr_expect_str_eq(e.code, "bad-value");
        cr_expect_str_eq(e.diag.text, "no 7");
    }
}

Test(json, an_unknown_member_is_named_and_its_value_is_not)
{
    static const char *const known[] = {"a", "b", NULL};
    AUTO(json_doc) struct json_doc *doc = read_sound("{\"a\":1,\"password\":\"SECRET\"}");
    struct json root = json_root(doc);
    struct json_error e;
    cr_assert_eq(json_only(&root, known, &e), -EBADMSG);
    cr_expect_str_eq(e.at, "/password");
    cr_expect_str_eq(e.code, "unknown-field");
    cr_expect_str_eq(e.diag.text, "\"password\" is not known here, only a, b");
    cr_expect(e.line == 1 && e.column == 19);
}

Test(json, a_hostile_key_is_shown_safely)
{
    static const char *const known[] = {"a", NULL};
    /* ESC, and U+202E which turns the line around: both as text_quote() writes them. */
    AUTO(json_doc) struct json_doc *doc = read_sound("{\"\\u001b[31m\\u202e\":1}");
    struct json root = json_root(doc);
    struct json_error e;
    cr_assert_eq(json_only(&root, known, &e), -EBADMSG);
    cr_expect_str_eq(e.at, "/\\x1b[31m\\xe2\\x80\\xae");
    cr_expect_null(strchr(e.diag.text, '\x1b'));
}

Test(json, a_pointer_that_grows_too_long_names_what_encloses_it)
{
    /* Steps of 61 bytes (a key of 60): two fit into 159, the third does not. */
    static const char key[] = "123456789012345678901234567890123456789012345678901234567890";
    AUTO(buf) struct buf text = BUF_INIT(4096);
    buf_printf(&text, "{\"%s\":{\"%s\":{\"%s\":1}}}", key, key, key);
    AUTO(json_doc) struct json_doc *doc = read_sound(buf_str(&text));
    struct json v[4] = {json_root(doc)};
    for (size_t i = 1; i < 4; i++)
        v[i] = json_member(&v[i - 1], key);
    struct json_error e;
    cr_assert_eq(json_get_object(&v[3], &e), -EBADMSG);
    cr_expect_eq(strlen(e.at), 2 * 61);
    cr_expect(e.line == 1 && e.column == 193, "the place stays exact: %zu", e.column);
}

Test(json, known_members_pass_and_no_object_does_not)
{
    static const char *const known[] = {"a", "b", NULL};
    AUTO(json_doc) struct json_doc *doc = read_sound("[{\"b\":1,\"a\":null},{},[]]");
    struct json root = json_root(doc);
    struct json_error e;
    for (size_t i = 0; i < 2; i++) {
        struct json v = json_item(&root, i);
        cr_expect_eq(json_only(&v, known, &e), 0);
    }
    struct json array = json_item(&root, 2);
    cr_assert_eq(json_only(&array, known, &e), -EBADMSG);
    cr_expect_str_eq(e.code, "wrong-type");
    cr_expect_str_eq(e.at, "/2");
}

struct get_row {
    const char *key;
    const char *code; /* NULL = taken */
    const char *sentence;
};

static const char get_text[] = "{\"i\":5,\"low\":0,\"r\":5.0,\"s\":\"abcd\",\"n\":null,\"b\":"
                               "false,\"a\":[1,2,3],\"o\":{}}";

static void check_got(const struct get_row *row, int r, const struct json_error *e)
{
    if (row->code == NULL) {
        cr_expect_eq(r, 0, "%s", row->key);
        return;
    }
    cr_assert_eq(r, -EBADMSG, "%s", row->key);
    cr_expect_str_eq(e->code, row->code, "%s: %s", row->key, e->code);
    cr_expect_str_eq(e->diag.text, row->sentence, "%s: %s", row->key, e->diag.text);
    cr_expect_str_eq(e->at + 1, row->key);
}

Test(json, integers_are_whole_and_in_range)
{
    static const struct get_row rows[] = {
        {"i", NULL, NULL},
        {"low", "out-of-range", "is 0, must be 1 to 5"},
        {"r", "wrong-type", "is a real number, must be an integer"},
        {"s", "wrong-type", "is a text, must be an integer"},
        {"n", "wrong-type", "is null, must be an integer"},
        {"b", "wrong-type", "is a boolean, must be an integer"},
        {"x", "missing-field", "is missing, must be an integer"},
    };
    AUTO(json_doc) struct json_doc *doc = read_sound(get_text);
    struct json root = json_root(doc);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct json v = json_member(&root, rows[i].key);
        struct json_error e;
        int64_t got = 77;
        check_got(&rows[i], json_get_int(&v, 1, 5, &got, &e), &e);
        cr_expect_eq(got, rows[i].code == NULL ? 5 : 77);
    }
}

Test(json, booleans_are_true_or_false)
{
    static const struct get_row rows[] = {
        {"b", NULL, NULL},
        {"i", "wrong-type", "is an integer, must be true or false"},
        {"x", "missing-field", "is missing, must be true or false"},
    };
    AUTO(json_doc) struct json_doc *doc = read_sound(get_text);
    struct json root = json_root(doc);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct json v = json_member(&root, rows[i].key);
        struct json_error e;
        bool got = true;
        check_got(&rows[i], json_get_bool(&v, &got, &e), &e);
        cr_expect_eq(got, rows[i].code != NULL);
    }
}

Test(json, texts_have_a_cap_in_bytes)
{
    AUTO(json_doc) struct json_doc *doc = read_sound(get_text);
    struct json root = json_root(doc);
    struct json s = json_member(&root, "s");
    struct json a = json_member(&root, "a");
    struct json_error e;
    struct text got = {NULL, 0};
    cr_assert_eq(json_get_text(&s, 4, &got, &e), 0);
    cr_expect(text_is(got, "abcd"));
    static const struct get_row long_row = {"s", "out-of-range",
                                            "is 4 bytes long, at most 3 are allowed"};
    check_got(&long_row, json_get_text(&s, 3, &got, &e), &e);
    static const struct get_row array_row = {"a", "wrong-type", "is an array, must be a text"};
    check_got(&array_row, json_get_text(&a, 3, &got, &e), &e);
}

Test(json, arrays_have_a_cap_and_objects_are_objects)
{
    AUTO(json_doc) struct json_doc *doc = read_sound(get_text);
    struct json root = json_root(doc);
    struct json a = json_member(&root, "a");
    struct json o = json_member(&root, "o");
    struct json_error e;
    cr_expect_eq(json_get_array(&a, 3, &e), 0);
    cr_expect_eq(json_get_object(&o, &e), 0);
    static const struct get_row rows[] = {
        {"a", "out-of-range", "has 3 entries, at most 2 are allowed"},
        {"o", "wrong-type", "is an object, must be an array"},
        {"a", "wrong-type", "is an array, must be an object"},
    };
    check_got(&rows[0], json_get_array(&a, 2, &e), &e);
    check_got(&rows[1], json_get_array(&o, 2, &e), &e);
    check_got(&rows[2], json_get_object(&a, &e), &e);
}

static int note_key(void *arg, const struct json *member)
{
    struct buf *keys = arg;
    buf_add_str(keys, member->key);
    return strcmp(member->key, "stop") == 0 ? 42 : 0;
}

Test(json, members_come_in_the_order_of_the_file)
{
    AUTO(json_doc)
    struct json_doc *doc = read_sound("{\"z\":1,\"a\":2,\"m\":3,\"stop\":4,\"q\":5}");
    struct json root = json_root(doc);
    AUTO(buf) struct buf keys = BUF_INIT(64);
    cr_expect_eq(json_each(&root, note_key, &keys), 42);
    cr_expect_str_eq(buf_str(&keys), "zamstop");
}
