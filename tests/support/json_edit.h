/* A JSON document with one change: how tests make a hundred bad documents from one sound one.
 */
#ifndef SUPPORT_JSON_EDIT_H
#define SUPPORT_JSON_EDIT_H

#include "base/buf.h"

enum json_edit_verb {
    JSON_EDIT_NONE,   /* a copy without white space */
    JSON_EDIT_SET,    /* the value becomes `raw` */
    JSON_EDIT_REMOVE, /* it goes, with its key */
    JSON_EDIT_RENAME, /* its key becomes `key` */
    JSON_EDIT_ADD,    /* the object there gets a member `key` with the value `raw` */
};

struct json_edit {
    enum json_edit_verb verb;
    const char *at; /* JSON pointer, keys without ~ and / */
    const char *key, *raw;
};

/* Adds the changed document to `out`. A document that is no JSON, or has a real number, or no
 * such place stops the test: that is its own fault. */
void json_edit(const char *text, const struct json_edit *edit, struct buf *out);

#endif
