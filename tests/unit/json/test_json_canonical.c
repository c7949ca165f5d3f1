/* The canonical form: expected texts are worked out by hand from its rule. */
#include <errno.h>

#include "json/json.h"
#include "support/leak.h"

SUITE(json_canonical);

Test(json_canonical, one_value_has_one_text)
{
    static const struct {
        const char *in, *out, *why;
    } rows[] = {
        {"{}", "{}", "empty object"},
        {" [ ] ", "[]", "white space goes"},
        {"{\"b\":1,\"a\":2}", "{\"a\":2,\"b\":1}", "keys are sorted"},
        {"{\"b\":{\"d\":[],\"c\":{}},\"B\":null}", "{\"B\":null,\"b\":{\"c\":{},\"d\":[]}}",
         "at every depth; capitals first"},
        {"[2,1,2]", "[2,1,2]", "the order of a list is kept"},
        {"[true,false,null,-0,0,-12]", "[true,false,null,0,0,-12]", "scalars"},
        {"[9223372036854775807,-9223372036854775808]",
         "[9223372036854775807,-9223372036854775808]", "the ends of int64"},
        {"[\"\\u00e9\\ud83d\\ude00\\/\"]", "[\"\xc3\xa9\xf0\x9f\x98\x80/\"]",
         "UTF-8 as it is, no needless escape"},
        {"[\"\\u0001\\b\\f\\n\\r\\t\\\"\\\\\\u001F\x7f\"]",
         "[\"\\u0001\\b\\f\\n\\r\\t\\\"\\\\\\u001f\x7f\"]",
         "control characters: the short form where there is one, else lower-case hex"},
        {"{\"\\u00e9\":1,\"z\":2,\"\\uffff\":3,\"\\ud800\\udc00\":4}",
         "{\"z\":2,\"\xc3\xa9\":1,\"\xef\xbf\xbf\":3,\"\xf0\x90\x80\x80\":4}",
         "sorted by code point, not by UTF-16 unit"},
        {"{\"a\":1,\"\":2,\"aa\":3}", "{\"\":2,\"a\":1,\"aa\":3}", "a prefix comes first"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf out = BUF_INIT(1024);
        cr_expect_eq(json_canonical(text_of(rows[i].in), &out), 0, "%s", rows[i].why);
        cr_expect_str_eq(buf_str(&out), rows[i].out, "%s: %s", rows[i].why, buf_str(&out));
        AUTO(buf) struct buf again = BUF_INIT(1024);
        cr_expect_eq(json_canonical(text_of(buf_str(&out)), &again), 0, "%s", rows[i].why);
        cr_expect_str_eq(buf_str(&again), buf_str(&out), "%s: not stable", rows[i].why);
    }
}

Test(json_canonical, what_has_no_one_text_is_refused_and_nothing_written)
{
    static const char *const rows[] = {
        "[1.0]", "[1e2]", "{\"a\":1,\"b\":[{\"c\":-0.5}]}", "{\"a\":1,\"a\":1}", "[1", "7"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf out = BUF_INIT(1024);
        cr_expect_eq(json_canonical(text_of(rows[i]), &out), -EBADMSG, "%s", rows[i]);
        cr_expect_str_eq(buf_str(&out), "", "%s", rows[i]);
    }
}

Test(json_canonical, the_deepest_document_that_is_read_is_written)
{
    AUTO(buf) struct buf text = BUF_INIT(4096);
    for (size_t i = 0; i < CAP_JSON_DEPTH; i++)
        buf_add_str(&text, i % 2 ? "[" : "{\"k\":");
    buf_add_str(&text, "1");
    for (size_t i = CAP_JSON_DEPTH; i-- > 0;)
        buf_add_str(&text, i % 2 ? "]" : "}");
    AUTO(buf) struct buf out = BUF_INIT(4096);
    cr_assert_eq(json_canonical(text_of(buf_str(&text)), &out), 0);
    cr_expect_str_eq(buf_str(&out), buf_str(&text), "it was canonical already");
}

Test(json_canonical, the_cap_of_the_buffer_holds)
{
    AUTO(buf) struct buf out = BUF_INIT(6);
    cr_expect_eq(json_canonical(text_of("[1,2,3]"), &out), -ERANGE, "seven bytes");
    AUTO(buf) struct buf fits = BUF_INIT(7);
    cr_expect_eq(json_canonical(text_of("[1,2,3]"), &fits), 0);
}
