/* The JSON reader: jansson's tree behind values that know their path. */
#include "json/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Five of jansson's names are ours too; here, and only here, its own are written out. */
#define JSON_OBJECT JANSSON_OBJECT
#define JSON_ARRAY JANSSON_ARRAY
#define JSON_STRING JANSSON_STRING
#define JSON_REAL JANSSON_REAL
#define JSON_NULL JANSSON_NULL
#include <jansson.h>
#undef JSON_OBJECT
#undef JSON_ARRAY
#undef JSON_STRING
#undef JSON_REAL
#undef JSON_NULL

#include "json/json_locate.h"

struct json_doc {
    json_t *tree;
    struct text text;
};

/* A path deeper than any document is one into what is absent. */
enum { PATH_MAX_STEPS = CAP_JSON_DEPTH + 8 };

static void error_set(struct json_error *e, const char *code, const char *sentence)
{
    *e = (struct json_error){.line = 0};
    (void)snprintf(e->code, sizeof e->code, "%s", code);
    (void)diag_set(&e->diag, 0, "%s", sentence);
}

static void error_place(struct json_error *e, struct text text, size_t offset)
{
    json_locate_place(text, offset, &e->line, &e->column);
}

/*
 * Adds one step to a pointer. A key that is not fit for a terminal is written as text_quote()
 * shows it: no member that we know has such a name. A step that does not fit is left out, and
 * false returned: the pointer then names what encloses the place.
 */
static bool at_add(char at[static JSON_AT_SIZE], const char *key, size_t index)
{
    char step[2 * TEXT_QUOTE_SIZE] = "/";
    size_t n = 1;
    if (key != NULL) {
        char quoted[TEXT_QUOTE_SIZE];
        const char *shown = text_quote(text_of(key), quoted);
        for (const char *c = shown + 1; c[1] != '\0'; c++) { /* without its quotes */
            bool is_escaped = *c == '~' || *c == '/';
            if (is_escaped)
                step[n++] = '~';
            step[n++] = is_escaped ? (*c == '~' ? '0' : '1') : *c;
        }
    } else {
        n += (size_t)snprintf(step + n, sizeof step - n, "%zu", index);
    }
    size_t len = strlen(at);
    if (n >= JSON_AT_SIZE - len)
        return false;
    memcpy(at + len, step, n);
    at[len + n] = '\0';
    return true;
}

/* The key at which reading stopped, decoded; NULL when it was none. To be freed. */
static char *turn_key(const struct json_turn *turn)
{
    if (turn->key.p == NULL)
        return NULL;
    json_t *value = json_loadb(turn->key.p - 1, turn->key.n + 2, JSON_DECODE_ANY, NULL);
    char *key = value != NULL ? strdup(json_string_value(value)) : NULL;
    json_decref(value);
    return key;
}

/* Names the value at which jansson stopped. All of the text before it is sound. */
static void error_at_trail(struct json_error *e, struct text text, size_t end)
{
    struct json_trail trail;
    json_locate_trail(text, end, &trail);
    error_place(e, text, trail.last);
    for (size_t i = 0; i < trail.depth; i++) {
        const struct json_turn *turn = &trail.turn[i];
        AUTO_FREE char *key = turn->is_object ? turn_key(turn) : NULL;
        if ((turn->is_object && key == NULL) || !at_add(e->at, key, turn->ordinal))
            return;
    }
}

static const char *syntax_sentence(enum json_error_code code, struct text text)
{
    static const struct {
        enum json_error_code code;
        const char *sentence;
    } rows[] = {
        {json_error_invalid_utf8, "is not UTF-8 here"},
        {json_error_premature_end_of_input, "ends before the JSON is complete"},
        {json_error_end_of_input_expected, "has something behind the end of the JSON"},
        {json_error_null_character, "has a NUL character in a text, which is not allowed"},
        {json_error_null_byte_in_key, "has a NUL character in a key, which is not allowed"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].code == code)
            return rows[i].sentence;
    }
    if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
        return "begins with a byte order mark, which JSON does not allow";
    return "is not JSON here; the whole must be one object or one array";
}

/* jansson's own message is never used: it repeats the input, which may be a secret. */
static int refuse_syntax(struct text text, const json_error_t *error, struct json_error *reterr)
{
    enum json_error_code code = json_error_code(error);
    if (code == json_error_out_of_memory || error->text[0] == '\0')
        return -ENOMEM;
    size_t end = error->position > 0 ? (size_t)error->position : 1;
    if (end > text.n)
        end = text.n > 0 ? text.n : 1;
    if (code == json_error_duplicate_key) {
        error_set(reterr, "syntax", "stands twice in one object");
        error_at_trail(reterr, text, end);
    } else if (code == json_error_numeric_overflow) {
        error_set(reterr, "out-of-range", "is a number that no field can hold");
        error_at_trail(reterr, text, end);
    } else {
        error_set(reterr, "syntax", syntax_sentence(code, text));
        error_place(reterr, text, end - 1);
    }
    return -EBADMSG;
}

int json_read(struct text text, struct json_doc **ret, struct json_error *reterr)
{
    size_t deep;
    if (json_locate_deep(text, &deep)) {
        error_set(reterr, "out-of-range", "");
        error_place(reterr, text, deep);
        return diag_set(&reterr->diag, -EBADMSG, "is nested deeper than %d levels",
                        CAP_JSON_DEPTH);
    }
    AUTO(json_doc) struct json_doc *doc = calloc(1, sizeof *doc);
    if (doc == NULL)
        return -ENOMEM;
    json_error_t error = {.text = ""};
    doc->text = text;
    doc->tree = json_loadb(text.n > 0 ? text.p : "", text.n, JSON_REJECT_DUPLICATES, &error);
    if (doc->tree == NULL)
        return refuse_syntax(text, &error, reterr);
    *ret = STEAL(doc);
    return 0;
}

void json_free(struct json_doc *doc)
{
    if (doc == NULL)
        return;
    json_decref(doc->tree);
    free(doc);
}

struct json json_root(const struct json_doc *doc)
{
    return (struct json){.doc = doc, .node = doc->tree};
}

enum json_kind json_kind(const struct json *v)
{
    if (v->node == NULL)
        return JSON_ABSENT;
    switch (json_typeof((json_t *)v->node)) {
    case JANSSON_OBJECT: return JSON_OBJECT;
    case JANSSON_ARRAY: return JSON_ARRAY;
    case JANSSON_STRING: return JSON_STRING;
    case JSON_INTEGER: return JSON_INT;
    case JANSSON_REAL: return JSON_REAL;
    case JSON_TRUE:
    case JSON_FALSE: return JSON_BOOL;
    case JANSSON_NULL: return JSON_NULL;
    }
    return JSON_ABSENT;
}

struct json json_member(const struct json *object, const char *key)
{
    /* json_object_get() of what is no object is NULL, which is what absent means. */
    return (struct json){.doc = object->doc,
                         .node = json_object_get(object->node, key),
                         .parent = object,
                         .key = key};
}

size_t json_count(const struct json *array_or_object)
{
    const json_t *node = array_or_object->node;
    return json_kind(array_or_object) == JSON_OBJECT ? json_object_size(node)
                                                     : json_array_size(node);
}

struct json json_item(const struct json *array, size_t i)
{
    return (struct json){
        .doc = array->doc, .node = json_array_get(array->node, i), .parent = array, .index = i};
}

int json_each(const struct json *object, int (*each)(void *arg, const struct json *member),
              void *arg)
{
    for (void *at = json_object_iter(object->node); at != NULL;
         at = json_object_iter_next(object->node, at)) {
        struct json member = {.doc = object->doc,
                              .node = json_object_iter_value(at),
                              .parent = object,
                              .key = json_object_iter_key(at)};
        int r = each(arg, &member);
        if (r != 0)
            return r;
    }
    return 0;
}

/* Which member of its object it is, in the file's order, which jansson keeps. */
static size_t ordinal_of(const struct json *v)
{
    if (v->key == NULL)
        return v->index;
    size_t ordinal = 0;
    void *object = v->parent->node;
    for (void *at = json_object_iter(object); at != NULL;
         at = json_object_iter_next(object, at)) {
        if (strcmp(json_object_iter_key(at), v->key) == 0)
            break;
        ordinal++;
    }
    return ordinal;
}

/* The place of `v`; of what is absent, the place of what it is missing from. */
static void error_locate(struct json_error *e, const struct json *v)
{
    const struct json *steps[PATH_MAX_STEPS];
    size_t depth = 0;
    for (const struct json *s = v; s->parent != NULL; s = s->parent)
        depth++;
    const struct json *s = v;
    for (size_t i = depth; i-- > 0; s = s->parent) {
        if (i < PATH_MAX_STEPS)
            steps[i] = s;
    }
    size_t ordinals[CAP_JSON_DEPTH];
    size_t n = 0;
    bool is_whole = true;
    for (size_t i = 0; i < depth && i < PATH_MAX_STEPS; i++) {
        is_whole = is_whole && at_add(e->at, steps[i]->key, steps[i]->index);
        if (n == i && steps[i]->node != NULL && n < CAP_JSON_DEPTH)
            ordinals[n++] = ordinal_of(steps[i]);
    }
    error_place(e, v->doc->text, json_locate_value(v->doc->text, ordinals, n));
}

int json_refuse(const struct json *v, struct json_error *e, const char *code, const char *fmt,
                ...)
{
    char sentence[CAP_DIAG];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(sentence, sizeof sentence, fmt,
                    args); /* cut is fine: so would diag_set() */
    va_end(args);
    error_set(e, code, sentence);
    error_locate(e, v);
    return -EBADMSG;
}

/* "is null, must be an integer": for what is absent or of another type. */
static int refuse_kind(const struct json *v, struct json_error *e, const char *wanted)
{
    static const char *const names[] = {
        [JSON_ABSENT] = "missing", [JSON_NULL] = "null",          [JSON_BOOL] = "a boolean",
        [JSON_INT] = "an integer", [JSON_REAL] = "a real number", [JSON_STRING] = "a text",
        [JSON_ARRAY] = "an array", [JSON_OBJECT] = "an object",
    };
    enum json_kind kind = json_kind(v);
    return json_refuse(v, e, kind == JSON_ABSENT ? "missing-field" : "wrong-type",
                       "is %s, must be %s", names[kind], wanted);
}

struct known_keys {
    const char *const *keys;
    struct json_error *e;
};

static int check_known(void *arg, const struct json *member)
{
    const struct known_keys *known = arg;
    for (const char *const *key = known->keys; *key != NULL; key++) {
        if (strcmp(*key, member->key) == 0)
            return 0;
    }
    AUTO(buf) struct buf list = BUF_INIT(CAP_DIAG);
    for (const char *const *key = known->keys; *key != NULL; key++) {
        buf_add_str(&list, key == known->keys ? "" : ", ");
        buf_add_str(&list, *key);
    }
    char quoted[TEXT_QUOTE_SIZE];
    return json_refuse(member, known->e, "unknown-field", "%s is not known here, only %s",
                       text_quote(text_of(member->key), quoted), buf_str(&list));
}

int json_only(const struct json *object, const char *const known[], struct json_error *e)
{
    if (json_kind(object) != JSON_OBJECT)
        return refuse_kind(object, e, "an object");
    struct known_keys keys = {known, e};
    return json_each(object, check_known, &keys);
}

int json_get_int(const struct json *v, int64_t min, int64_t max, int64_t *ret,
                 struct json_error *e)
{
    if (json_kind(v) != JSON_INT)
        return refuse_kind(v, e, "an integer");
    int64_t value = json_integer_value(v->node);
    if (value < min || value > max)
        return json_refuse(v, e, "out-of-range",
                           "is %" PRId64 ", must be %" PRId64 " to %" PRId64, value, min, max);
    *ret = value;
    return 0;
}

int json_get_bool(const struct json *v, bool *ret, struct json_error *e)
{
    if (json_kind(v) != JSON_BOOL)
        return refuse_kind(v, e, "true or false");
    *ret = json_typeof((json_t *)v->node) == JSON_TRUE;
    return 0;
}

int json_get_text(const struct json *v, size_t max_bytes, struct text *ret,
                  struct json_error *e)
{
    if (json_kind(v) != JSON_STRING)
        return refuse_kind(v, e, "a text");
    size_t n = json_string_length(v->node);
    if (n > max_bytes)
        return json_refuse(v, e, "out-of-range", "is %zu bytes long, at most %zu are allowed",
                           n, max_bytes);
    *ret = (struct text){json_string_value(v->node), n};
    return 0;
}

int json_get_array(const struct json *v, size_t max_items, struct json_error *e)
{
    if (json_kind(v) != JSON_ARRAY)
        return refuse_kind(v, e, "an array");
    size_t n = json_array_size(v->node);
    if (n > max_items)
        return json_refuse(v, e, "out-of-range", "has %zu entries, at most %zu are allowed", n,
                           max_items);
    return 0;
}

int json_get_object(const struct json *v, struct json_error *e)
{
    return json_kind(v) == JSON_OBJECT ? 0 : refuse_kind(v, e, "an object");
}

bool json_is_given(const struct json *v)
{
    return json_kind(v) != JSON_ABSENT && json_kind(v) != JSON_NULL;
}
