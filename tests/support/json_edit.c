/* A JSON document with one change. */
#include "support/json_edit.h"

#include <stdio.h>
#include <string.h>

#include "json/json.h"
#include "json/jsonw.h"

struct copy {
    struct jsonw w;
    const struct json_edit *edit;
    bool is_done;
};

static void copy_value(struct copy *c, const char *key, const struct json *v, const char *rest);

/* What is left of a pointer below a step; NULL when it does not lead there. */
static const char *below(const char *rest, const char *step)
{
    size_t n = strlen(step);
    if (rest == NULL || rest[0] != '/' || strncmp(rest + 1, step, n) != 0)
        return NULL;
    return rest[1 + n] == '/' || rest[1 + n] == '\0' ? rest + 1 + n : NULL;
}

struct member_copy {
    struct copy *copy;
    const char *rest;
};

static int copy_member(void *arg, const struct json *member)
{
    struct member_copy *m = arg;
    copy_value(m->copy, member->key, member, below(m->rest, member->key));
    return 0;
}

static void copy_object(struct copy *c, const char *key, const struct json *v, const char *rest)
{
    struct member_copy m = {c, rest};
    jsonw_object(&c->w, key);
    (void)json_each(v, copy_member, &m);
    if (rest != NULL && rest[0] == '\0' && c->edit->verb == JSON_EDIT_ADD)
        jsonw_raw(&c->w, c->edit->key, c->edit->raw);
    jsonw_end_object(&c->w);
}

static void copy_array(struct copy *c, const char *key, const struct json *v, const char *rest)
{
    jsonw_array(&c->w, key);
    for (size_t i = 0; i < json_count(v); i++) {
        char step[32];
        (void)snprintf(step, sizeof step, "%zu", i);
        struct json item = json_item(v, i);
        copy_value(c, NULL, &item, below(rest, step));
    }
    jsonw_end_array(&c->w);
}

static void copy_scalar(struct copy *c, const char *key, const struct json *v)
{
    struct json_error e;
    int64_t number;
    bool truth;
    struct text text;
    if (json_get_int(v, INT64_MIN, INT64_MAX, &number, &e) == 0)
        jsonw_int(&c->w, key, number);
    else if (json_get_bool(v, &truth, &e) == 0)
        jsonw_bool(&c->w, key, truth);
    else if (json_get_text(v, SIZE_MAX, &text, &e) == 0)
        jsonw_text(&c->w, key, text.p);
    else
        jsonw_null(&c->w, key);
}

static void copy_value(struct copy *c, const char *key, const struct json *v, const char *rest)
{
    if (rest != NULL && rest[0] == '\0') {
        c->is_done = true;
        if (c->edit->verb == JSON_EDIT_REMOVE)
            return;
        if (c->edit->verb == JSON_EDIT_SET) {
            jsonw_raw(&c->w, key, c->edit->raw);
            return;
        }
        if (c->edit->verb == JSON_EDIT_RENAME)
            key = c->edit->key;
    }
    enum json_kind kind = json_kind(v);
    assert(kind != JSON_REAL);
    if (kind == JSON_OBJECT)
        copy_object(c, key, v, rest);
    else if (kind == JSON_ARRAY)
        copy_array(c, key, v, rest);
    else
        copy_scalar(c, key, v);
}

void json_edit(const char *text, const struct json_edit *edit, struct buf *out)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct json_error e;
    int r = json_read(text_of(text), &doc, &e);
    assert(r == 0);
    struct copy c = {.w = jsonw_to(out, false), .edit = edit};
    struct json root = json_root(doc);
    copy_value(&c, NULL, &root, edit->verb == JSON_EDIT_NONE ? NULL : edit->at);
    assert(c.is_done || edit->verb == JSON_EDIT_NONE);
    r = buf_error(out);
    assert(r == 0);
}
