/* The writer: commas, escapes, and that nothing it is given can make it write what is no JSON.
 */
#include <errno.h>
#include <string.h>

#include "json/json.h"
#include "json/jsonw.h"
#include "support/leak.h"

SUITE(jsonw);

static void write_sample(struct jsonw *w)
{
    jsonw_object(w, NULL);
    jsonw_text(w, "text", "a \"b\"");
    jsonw_text(w, "none", NULL);
    jsonw_array(w, "list");
    jsonw_int(w, NULL, INT64_MIN);
    jsonw_int(w, NULL, 0);
    jsonw_object(w, NULL);
    jsonw_end_object(w);
    jsonw_object(w, NULL);
    jsonw_bool(w, "yes", true);
    jsonw_bool(w, "no", false);
    jsonw_end_object(w);
    jsonw_end_array(w);
    jsonw_array(w, "empty");
    jsonw_end_array(w);
    jsonw_null(w, "null");
    jsonw_raw(w, "raw", "{\"x\":[1]}");
    jsonw_end_object(w);
}

Test(jsonw, the_tight_form_has_no_white_space)
{
    AUTO(buf) struct buf out = BUF_INIT(1024);
    struct jsonw w = jsonw_to(&out, false);
    write_sample(&w);
    cr_expect_str_eq(buf_str(&out),
                     "{\"text\":\"a \\\"b\\\"\",\"none\":null,"
                     "\"list\":[-9223372036854775808,0,{},{\"yes\":true,\"no\":false}],"
                     "\"empty\":[],\"null\":null,\"raw\":{\"x\":[1]}}");
}

Test(jsonw, the_form_for_people_has_a_line_a_member)
{
    AUTO(buf) struct buf out = BUF_INIT(1024);
    struct jsonw w = jsonw_to(&out, true);
    write_sample(&w);
    cr_expect_str_eq(buf_str(&out), "{\n"
                                    "  \"text\": \"a \\\"b\\\"\",\n"
                                    "  \"none\": null,\n"
                                    "  \"list\": [\n"
                                    "    -9223372036854775808,\n"
                                    "    0,\n"
                                    "    {},\n"
                                    "    {\n"
                                    "      \"yes\": true,\n"
                                    "      \"no\": false\n"
                                    "    }\n"
                                    "  ],\n"
                                    "  \"empty\": [],\n"
                                    "  \"null\": null,\n"
                                    "  \"raw\": {\"x\":[1]}\n"
                                    "}");
}

Test(jsonw, texts_are_escaped_where_json_needs_it)
{
    static const struct {
        const char *in, *out, *why;
    } rows[] = {
        {"", "\"\"", "empty"},
        {"\"\\/", "\"\\\"\\\\/\"", "quote and backslash, not slash"},
        {"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"", "short forms"},
        {"\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\"", "other control characters; DEL may stand"},
        {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"",
         "two, three and four bytes pass"},
        {"a\xff"
         "b",
         "\"a\xef\xbf\xbd"
         "b\"",
         "a byte that UTF-8 never has"},
        {"\x80", "\"\xef\xbf\xbd\"", "a continuation alone"},
        {"\xc3", "\"\xef\xbf\xbd\"", "cut at the end"},
        {"\xe2\x82(", "\"\xef\xbf\xbd\xef\xbf\xbd(\"", "cut before a plain byte, which stays"},
        {"\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"", "overlong"},
        {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"", "surrogate"},
        {"\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"",
         "beyond U+10FFFF"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf out = BUF_INIT(1024);
        struct jsonw w = jsonw_to(&out, false);
        jsonw_text(&w, NULL, rows[i].in);
        cr_expect_str_eq(buf_str(&out), rows[i].out, "%s: %s", rows[i].why, buf_str(&out));
    }
}

Test(jsonw, keys_are_escaped_too)
{
    AUTO(buf) struct buf out = BUF_INIT(1024);
    struct jsonw w = jsonw_to(&out, false);
    jsonw_object(&w, NULL);
    jsonw_int(&w, "a\"\n\xff", 1);
    jsonw_end_object(&w);
    cr_expect_str_eq(buf_str(&out), "{\"a\\\"\\n\xef\xbf\xbd\":1}");
}

Test(jsonw, every_byte_is_read_back_as_text)
{
    char all[256];
    for (size_t i = 0; i < 255; i++)
        all[i] = (char)(i + 1);
    all[255] = '\0';
    AUTO(buf) struct buf out = BUF_INIT(4096);
    struct jsonw w = jsonw_to(&out, false);
    jsonw_array(&w, NULL);
    jsonw_text(&w, NULL, all);
    jsonw_end_array(&w);
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct json_error e;
    cr_assert_eq(json_read(text_of(buf_str(&out)), &doc, &e), 0, "%s", e.diag.text);
    struct json root = json_root(doc);
    struct json item = json_item(&root, 0);
    struct text text;
    cr_assert_eq(json_get_text(&item, 4096, &text, &e), 0);
    /* 127 plain bytes as they were, then 128 that are not UTF-8, each now three bytes. */
    cr_expect_eq(text.n, 127 + 128 * 3);
    cr_expect_eq(memcmp(text.p, all, 127), 0);
}

Test(jsonw, an_error_is_the_buffers)
{
    AUTO(buf) struct buf out = BUF_INIT(8);
    struct jsonw w = jsonw_to(&out, false);
    jsonw_array(&w, NULL);
    jsonw_text(&w, NULL, "long enough");
    jsonw_end_array(&w);
    cr_expect_eq(buf_error(&out), -ERANGE);
}
