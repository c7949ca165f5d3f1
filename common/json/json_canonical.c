/* The canonical form of a JSON document: one text for one value, so that it can be hashed. */
#include "json/json.h"
#include "json/jsonw.h"

#include <errno.h>
#include <string.h>

/* Recursion ends at CAP_JSON_DEPTH, which the reader has checked. */
/* NOLINTBEGIN(misc-no-recursion) */
static int write_value(struct jsonw *w, const char *key, const struct json *v);

/* Whether a real number stands anywhere in it; found before anything is written. */
static int has_real(void *arg, const struct json *v)
{
    enum json_kind kind = json_kind(v);
    if (kind == JSON_OBJECT)
        return json_each(v, has_real, arg);
    for (size_t i = 0; kind == JSON_ARRAY && i < json_count(v); i++) {
        struct json item = json_item(v, i);
        if (has_real(arg, &item))
            return 1;
    }
    return kind == JSON_REAL;
}

struct members {
    struct json *v;
    size_t n;
};

static int collect(void *arg, const struct json *member)
{
    struct members *m = arg;
    m->v[m->n++] = *member;
    return 0;
}

/* strcmp() compares bytes without sign, and so UTF-8 by code point. */
static int compare_keys(const void *a, const void *b)
{
    return strcmp(((const struct json *)a)->key, ((const struct json *)b)->key);
}

static int write_object(struct jsonw *w, const struct json *object)
{
    size_t n = json_count(object);
    if (n == 0)
        return 0;
    AUTO_FREE struct json *v = calloc(n, sizeof *v);
    if (v == NULL)
        return -ENOMEM;
    struct members m = {.v = v};
    (void)json_each(object, collect, &m); /* collect() never stops it */
    qsort(v, n, sizeof *v, compare_keys);
    int r = 0;
    for (size_t i = 0; r == 0 && i < n; i++)
        r = write_value(w, v[i].key, &v[i]);
    return r;
}

static int write_array(struct jsonw *w, const struct json *array)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < json_count(array); i++) {
        struct json item = json_item(array, i);
        r = write_value(w, NULL, &item);
    }
    return r;
}

/* The kind is asked first: a refused read would look for a line and column, in vain. */
static void write_scalar(struct jsonw *w, const char *key, const struct json *v)
{
    struct json_error unused;
    enum json_kind kind = json_kind(v);
    int64_t number;
    bool truth;
    struct text text;
    if (kind == JSON_INT && json_get_int(v, INT64_MIN, INT64_MAX, &number, &unused) == 0)
        jsonw_int(w, key, number);
    else if (kind == JSON_BOOL && json_get_bool(v, &truth, &unused) == 0)
        jsonw_bool(w, key, truth);
    else if (kind == JSON_STRING && json_get_text(v, SIZE_MAX, &text, &unused) == 0)
        jsonw_text(w, key, text.p);
    else
        jsonw_null(w, key);
}

static int write_value(struct jsonw *w, const char *key, const struct json *v)
{
    int r = 0;
    switch (json_kind(v)) {
    case JSON_OBJECT:
        jsonw_object(w, key);
        r = write_object(w, v);
        jsonw_end_object(w);
        break;
    case JSON_ARRAY:
        jsonw_array(w, key);
        r = write_array(w, v);
        jsonw_end_array(w);
        break;
    case JSON_NULL:
    case JSON_BOOL:
    case JSON_INT:
    case JSON_STRING: write_scalar(w, key, v); break;
    case JSON_REAL:
    case JSON_ABSENT: break; /* the first was refused before, the second is in no document */
    }
    return r;
}
/* NOLINTEND(misc-no-recursion) */

int json_canonical_value(const struct json *v, struct buf *out)
{
    if (has_real(NULL, v))
        return -EBADMSG;
    struct jsonw w = jsonw_to(out, false);
    int r = write_value(&w, NULL, v);
    return r < 0 ? r : buf_error(out);
}

int json_canonical(struct text text, struct buf *out)
{
    AUTO(json_doc) struct json_doc *doc = NULL;
    struct json_error unused;
    int r = json_read(text, &doc, &unused);
    if (r < 0)
        return r;
    struct json root = json_root(doc);
    return json_canonical_value(&root, out);
}
