/* Long tokens: what jansson made of them is compared with the text, and sound ones pass. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "json/json.h"
#include "support/leak.h"

SUITE(json_long);

#define SIXTEEN "0123456789abcdef"

/* The text that a document of one item holds; NULL when it is not read. */
static void check_item(const char *written, const char *meant, const char *why)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct json_error e;
    struct text t;
    char text[512];
    (void)snprintf(text, sizeof text, "[\"" SIXTEEN "%s\"]", written);
    cr_assert_eq(json_read(text_of(text), &doc, &e), 0, "%s: %s", why, text);
    struct json root = json_root(doc);
    struct json item = json_item(&root, 0);
    cr_assert_eq(json_get_text(&item, 512, &t, &e), 0, "%s", why);
    (void)snprintf(text, sizeof text, SIXTEEN "%s", meant);
    cr_expect(text_is(t, text), "%s: %.*s", why, (int)t.n, t.p);
}

Test(json_long, texts_with_every_escape_are_read)
{
    /* RFC 8259, 7; UTF-8 of the code points by RFC 3629. */
    static const struct {
        const char *written, *meant, *why;
    } rows[] = {
        {"", "", "none"},
        {"\\\"\\\\\\/", "\"\\/", "quote, backslash, slash"},
        {"\\b\\f\\n\\r\\t", "\b\f\n\r\t", "the five letters"},
        {"\\u0041\\u00e9\\u20ac", "A\xc3\xa9\xe2\x82\xac", "one, two and three bytes"},
        {"\\u20AC\\u20aC", "\xe2\x82\xac\xe2\x82\xac", "hex digits in both cases"},
        {"\\ud83d\\ude00", "\xf0\x9f\x98\x80", "a pair: U+1F600"},
        {"\\udbff\\udfff", "\xf4\x8f\xbf\xbf", "the last pair: U+10FFFF"},
        {"\\ud800\\udc00", "\xf0\x90\x80\x80", "the first pair: U+10000"},
        {"\xc3\xa9\xf0\x9f\x98\x80", "\xc3\xa9\xf0\x9f\x98\x80", "UTF-8 as it is"},
        {"\\\\u0041", "\\u0041", "a backslash, and no escape after it"},
        {"{}[]:,", "{}[]:,", "what is a mark outside of texts"},
        {"\\\\", "\\", "an escape at the end"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_item(rows[i].written, rows[i].meant, rows[i].why);
}

Test(json_long, keys_and_nested_values_are_read)
{
    static const char text[] =
        " { \"" SIXTEEN "\\u0041\" : [ { } , [ ] , true , null , -9223372036854775808 ,\n"
        " 9223372036854775807 , 123456789012345 , { \"" SIXTEEN "\\n\" : \"" SIXTEEN
        "\\t\" } ],"
        " \"" SIXTEEN "\" : -0 , \"\" : false } \n";
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct json_error e;
    int64_t number;
    cr_assert_eq(json_read(text_of(text), &doc, &e), 0, "%s", e.diag.text);
    struct json root = json_root(doc);
    cr_assert_eq(json_count(&root), 3);
    struct json list = json_member(&root, SIXTEEN "A");
    cr_assert_eq(json_count(&list), 8);
    struct json least = json_item(&list, 4), most = json_item(&list, 5);
    cr_assert_eq(json_get_int(&least, INT64_MIN, INT64_MAX, &number, &e), 0);
    cr_expect_eq(number, INT64_MIN);
    cr_assert_eq(json_get_int(&most, INT64_MIN, INT64_MAX, &number, &e), 0);
    cr_expect_eq(number, INT64_MAX);
    struct json last = json_item(&list, 7);
    struct json inner = json_member(&last, SIXTEEN "\n");
    cr_expect_eq(json_kind(&inner), JSON_STRING);
}

Test(json_long, reals_are_left_to_who_refuses_them)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct json_error e;
    cr_assert_eq(json_read(text_of("[0.12345678901234567, 1234567890123456e3]"), &doc, &e), 0);
    struct json root = json_root(doc);
    struct json item = json_item(&root, 0);
    cr_expect_eq(json_kind(&item), JSON_REAL);
}
