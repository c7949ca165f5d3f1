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

/* ---- Whether jansson read what is written ---------------------------------------------- */

/*
 * jansson's scanner keeps a token in a buffer that grows with the longest one, and leaves a
 * character out, silently, when there is no memory for that. So what a token of at least this
 * length has become is compared with the text.
 */
enum { LONG_TOKEN = 15 };

/* The four hex digits at the beginning of `t`; what is none gives what no escape stands for. */
static uint32_t hex_unit(struct text t)
{
    uint8_t hex[2];
    bool is_hex = t.n >= 4 && text_from_hex((struct text){t.p, 4}, hex, 2) == 0;
    return is_hex ? (uint32_t)hex[0] << 8 | hex[1] : UINT32_MAX;
}

static struct text text_from(struct text t, size_t n)
{
    return n < t.n ? (struct text){t.p + n, t.n - n} : (struct text){t.p + t.n, 0};
}

/* A code point as UTF-8. */
static size_t put_code(uint32_t code, char out[static 4])
{
    static const uint8_t leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(leads[n] | code);
    return n;
}

/* The bytes that the character at the beginning of `*t` stands for; moves behind it. */
static size_t take_character(struct text *t, char out[static 4])
{
    static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
    out[0] = t->p[0];
    *t = text_from(*t, 1);
    if (out[0] != '\\' || t->n == 0)
        return 1;
    out[0] = t->p[0];
    *t = text_from(*t, 1);
    const char *letter = strchr(letters, out[0]);
    if (letter != NULL && out[0] != '\0')
        out[0] = meant[letter - letters];
    if (out[0] != 'u')
        return 1;
    uint32_t code = hex_unit(*t);
    *t = text_from(*t, 4);
    if (code >= 0xd800 && code < 0xdc00) { /* the first of two: \ud83d\ude00 */
        code = 0x10000 + ((code & 0x3ff) << 10 | (hex_unit(text_from(*t, 2)) & 0x3ff));
        *t = text_from(*t, 6);
    }
    return code < 0x110000 ? put_code(code, out) : 1;
}

/* A token with its quotes, and the text that it has become. */
static bool string_agrees(struct text token, struct text value)
{
    if (token.n < LONG_TOKEN)
        return true;
    struct text rest = {token.p + 1, token.n - 2};
    while (rest.n > 0) {
        char bytes[4];
        size_t n = take_character(&rest, bytes);
        if (n > value.n || memcmp(bytes, value.p, n) != 0)
            return false;
        value = text_from(value, n);
    }
    return value.n == 0;
}

/* Recursion ends at CAP_JSON_DEPTH, which was checked before. */
/* NOLINTBEGIN(misc-no-recursion) */
static bool value_agrees(struct text raw, size_t *pos, json_t *v);

static bool members_agree(struct text raw, size_t *pos, json_t *object)
{
    for (void *at = json_object_iter(object); at != NULL;
         at = json_object_iter_next(object, at)) {
        struct text token = json_locate_token(raw, pos);
        if (!string_agrees(token, text_of(json_object_iter_key(at))) ||
            !value_agrees(raw, pos, json_object_iter_value(at)))
            return false;
    }
    return json_locate_token(raw, pos).n == 1; /* the closing brace */
}

static bool items_agree(struct text raw, size_t *pos, json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (!value_agrees(raw, pos, json_array_get(array, i)))
            return false;
    }
    return json_locate_token(raw, pos).n == 1;
}

/* Moves `pos` behind the value. */
static bool value_agrees(struct text raw, size_t *pos, json_t *v)
{
    struct text token = json_locate_token(raw, pos);
    int64_t number;
    switch (json_typeof(v)) {
    case JANSSON_OBJECT: return members_agree(raw, pos, v);
    case JANSSON_ARRAY: return items_agree(raw, pos, v);
    case JANSSON_STRING:
        return string_agrees(token, (struct text){json_string_value(v), json_string_length(v)});
    case JSON_INTEGER:
        return token.n < LONG_TOKEN ||
               (text_to_int(token, INT64_MIN, INT64_MAX, &number) == 0 &&
                number == json_integer_value(v));
    case JANSSON_REAL: /* is never read: see json.h */
    case JSON_TRUE:
    case JSON_FALSE:
    case JANSSON_NULL: break;
    }
    return true;
}
/* NOLINTEND(misc-no-recursion) */

/* 0; -ENOMEM, whatever jansson calls it; -EBADMSG with the tree's first defect in `error`. */
static int load(struct text text, json_t **ret, json_error_t *error)
{
    const char *bytes = text.n > 0 ? text.p : "";
    size_t pos = 0;
    *ret = json_loadb(bytes, text.n, JSON_REJECT_DUPLICATES, error);
    if (*ret != NULL)
        return value_agrees(text, &pos, *ret) ? 0 : -ENOMEM;
    /* A text that there was no memory for is a bad token to it. What is really bad stays so. */
    json_error_t again = {.text = ""};
    json_t *tree = json_loadb(bytes, text.n, JSON_REJECT_DUPLICATES, &again);
    bool is_bad = tree == NULL && again.position == error->position;
    json_decref(tree);
    return is_bad ? -EBADMSG : -ENOMEM;
}

/*
 * jansson passes over a NUL that stands behind a number or a word: it takes the byte that it
 * has put back for the end of its buffer. No JSON has one anywhere.
 */
static int refuse_nul(struct text text, struct json_error *reterr)
{
    const char *nul = text.n > 0 ? memchr(text.p, '\0', text.n) : NULL;
    if (nul == NULL)
        return 0;
    error_set(reterr, "syntax", "has a NUL byte, which is not allowed");
    error_place(reterr, text, (size_t)(nul - text.p));
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
    int r = load(text, &doc->tree, &error);
    if (r == -EBADMSG)
        return refuse_syntax(text, &error, reterr);
    int nul = refuse_nul(text, reterr);
    if (nul < 0 || r < 0)
        return nul < 0 ? nul : r;
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
