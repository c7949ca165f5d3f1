/* Any bytes as JSON: every value has a place in the text, and the canonical form is stable. */
#include <string.h>

#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct walk {
    struct text text;
    size_t left; /* values still to be looked at: each costs a walk through the text */
};

static int visit(void *arg, const struct json *v)
{
    struct walk *w = arg;
    struct json_error e;
    if (w->left == 0)
        return 1;
    w->left--;
    int r = json_refuse(v, &e, "bad-value", "is not %s", "right");
    assert(r < 0 && e.line >= 1 && e.column >= 1 && e.column <= w->text.n);
    assert(strlen(e.at) < JSON_AT_SIZE && (e.at[0] == '/' || e.at[0] == '\0'));
    if (json_kind(v) == JSON_OBJECT)
        return json_each(v, visit, w);
    for (size_t i = 0; json_kind(v) == JSON_ARRAY && i < json_count(v); i++) {
        struct json item = json_item(v, i);
        if (visit(w, &item) != 0)
            return 1;
    }
    return 0;
}

static void check_canonical(struct text text)
{
    AUTO(buf) struct buf first = BUF_INIT(64 << 20);
    if (json_canonical(text, &first) != 0)
        return;
    AUTO(buf) struct buf second = BUF_INIT(64 << 20);
    int r = json_canonical((struct text){first.data, first.len}, &second);
    assert(r == 0 && first.len == second.len);
    assert(memcmp(first.data, second.data, first.len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct text text = {(const char *)data, n};
    struct json_error e = {.line = 0};
    AUTO(json_doc) struct json_doc *doc = NULL;
    if (json_read(text, &doc, &e) != 0) {
        assert(e.line >= 1 && e.column >= 1 && e.code[0] != '\0' && e.diag.text[0] != '\0');
        return 0;
    }
    struct walk w = {text, 200};
    struct json root = json_root(doc);
    (void)visit(&w, &root); /* stops early on a large document, which is fine */
    check_canonical(text);
    return 0;
}
