/*
 * Reading JSON: strict (RFC 8259, duplicate keys and trailing bytes refused, depth capped),
 * and each refusal names the place as a JSON pointer and as line and column. The only place
 * that knows jansson. What is quoted in an error is only ever a value the caller asked for by
 * name, so a secret that nobody reads is never shown.
 */
#ifndef JSON_JSON_H
#define JSON_JSON_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/text.h"

struct json_doc; /* owns the tree; borrows the text it was read from */

/* A value in a document, and how it was reached. Borrowed from the document. */
struct json {
    const struct json_doc *doc;
    void *node;                /* NULL = absent */
    const struct json *parent; /* for the path; lives as long as the caller's frame */
    const char *key;           /* in an object, or NULL */
    size_t index;              /* in an array */
};

#define JSON_AT_SIZE 160

struct json_error {
    char at[JSON_AT_SIZE]; /* JSON pointer (RFC 6901), cut; "" = the document */
    char code[24]; /* "syntax", "unknown-field", "missing-field", "wrong-type", "out-of-range",
                      "bad-value" */
    size_t line, column; /* from 1; 0 = not known */
    struct diag diag;    /* the sentence, without the place */
};

/*
 * Reads a whole document. `text` must outlive it. 0; -EBADMSG (reterr tells where and why);
 * -ENOMEM. The message never repeats the input near a syntax error.
 */
MUST_USE int json_read(struct text text, struct json_doc **ret, struct json_error *reterr);
void json_free(struct json_doc *doc);
static inline void json_doc_done(struct json_doc **doc)
{
    json_free(*doc);
}
struct json json_root(const struct json_doc *doc);

/*
 * How many objects and arrays a text opens; it need not be JSON. Two bytes of text can cost the
 * tree 250, so whoever reads what a stranger sent caps this first.
 */
size_t json_count_opened(struct text text);

enum json_kind {
    JSON_ABSENT,
    JSON_NULL,
    JSON_BOOL,
    JSON_INT,
    JSON_REAL,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};
enum json_kind json_kind(const struct json *v);

/* A member; absent ones are a value too, of kind JSON_ABSENT, so that its path is known. */
struct json json_member(const struct json *object, const char *key);
size_t json_count(const struct json *array_or_object);
struct json json_item(const struct json *array, size_t i);

/* Calls `each` for every member, in the file's order, until it returns non-zero. */
int json_each(const struct json *object, int (*each)(void *arg, const struct json *member),
              void *arg);

/* The document itself is not what was asked for: fills the error at `v`. Returns -EBADMSG. */
MUST_USE int json_refuse(const struct json *v, struct json_error *e, const char *code,
                         const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Every key of `object` must be one of the NULL-terminated `known`. Also checks that it is an
 * object. */
MUST_USE int json_only(const struct json *object, const char *const known[],
                       struct json_error *e);

/* Typed reads: 0, or -EBADMSG with the error filled: absent, null, wrong type, out of range. */
MUST_USE int json_get_int(const struct json *v, int64_t min, int64_t max, int64_t *ret,
                          struct json_error *e);
MUST_USE int json_get_bool(const struct json *v, bool *ret, struct json_error *e);
MUST_USE int json_get_text(const struct json *v, size_t max_bytes, struct text *ret,
                           struct json_error *e);
MUST_USE int json_get_array(const struct json *v, size_t max_items, struct json_error *e);
MUST_USE int json_get_object(const struct json *v, struct json_error *e);
/* A value that may be absent or null. */
bool json_is_given(const struct json *v);

/*
 * The canonical form: keys sorted by bytes, no white space, UTF-8 as it is, integers only (a
 * real is refused). What is hashed and signed is this. 0; -EBADMSG; -ENOMEM; -ERANGE.
 */
MUST_USE int json_canonical(struct text text, struct buf *out);
/* The same of a part of a document, added to `out`. */
MUST_USE int json_canonical_value(const struct json *v, struct buf *out);

#endif
