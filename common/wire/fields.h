/*
 * The members of one object, read one after the other: the first refusal sticks and all reads
 * behind it do nothing, so a row of them is checked once, at its end.
 */
#ifndef WIRE_FIELDS_H
#define WIRE_FIELDS_H

#include "json/json.h"

struct fields {
    const struct json *object;
    struct json_error *e;
    int error; /* 0, -EBADMSG or -ENOMEM */
};

/* Starts on `v`, which must be an object without any member but the NULL-terminated `known`. */
struct fields fields_of(const struct json *v, const char *const known[], struct json_error *e);

/* Whether an optional member is there (null is there, and will be refused). */
bool fields_has(const struct fields *f, const char *key);

/* Required members. On a refusal *ret is untouched. */
void fields_int(struct fields *f, const char *key, int64_t min, int64_t max, int64_t *ret);
void fields_bool(struct fields *f, const char *key, bool *ret);
/* True when there is a text to look at; borrowed from the document. */
bool fields_text(struct fields *f, const char *key, size_t max_bytes, struct text *ret);

/* Refuses the text of a member: `is "…", must be WANTED`. */
void fields_refuse(struct fields *f, const char *key, struct text value, const char *wanted);

/*
 * json_read() within a cap in bytes, and in objects and arrays: those that a full report has.
 * 0; -EBADMSG; -ENOMEM.
 */
MUST_USE int fields_read_document(struct text text, size_t max_bytes, struct json_doc **ret,
                                  struct json_error *reterr);

#endif
