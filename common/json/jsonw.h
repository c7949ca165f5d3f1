/* Writing JSON into a buffer, member by member. It keeps commas and escapes right, no more. */
#ifndef JSON_JSONW_H
#define JSON_JSONW_H

#include "base/buf.h"
#include "base/caps.h"

#define JSONW_DEPTH (CAP_JSON_DEPTH + 1) /* what we can read, we can write */

struct jsonw {
    struct buf *out;
    bool pretty; /* two spaces a level, for people; else no white space */
    bool has_items[JSONW_DEPTH];
    unsigned depth;
};

struct jsonw jsonw_to(struct buf *out, bool pretty);

/* `key` is NULL inside an array and at the top. Errors are the buffer's. */
void jsonw_object(struct jsonw *w, const char *key);
void jsonw_end_object(struct jsonw *w);
void jsonw_array(struct jsonw *w, const char *key);
void jsonw_end_array(struct jsonw *w);
void jsonw_text(struct jsonw *w, const char *key, const char *value); /* NULL = null */
void jsonw_int(struct jsonw *w, const char *key, int64_t value);
void jsonw_bool(struct jsonw *w, const char *key, bool value);
void jsonw_null(struct jsonw *w, const char *key);
/* A finished JSON value, put in as it is (in pretty mode not reformatted). */
void jsonw_raw(struct jsonw *w, const char *key, const char *json);

#endif
