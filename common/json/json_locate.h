/*
 * Where in a JSON text a value stands. The tree does not keep positions, so this scanner finds
 * them again, only when there is an error to report. It tells tokens apart and no more: on
 * text that is not JSON it stays within bounds and its answers mean little.
 */
#ifndef JSON_JSON_LOCATE_H
#define JSON_JSON_LOCATE_H

#include "base/caps.h"
#include "base/text.h"

/* One level on the way from the document to a place. */
struct json_turn {
    bool is_object;
    size_t ordinal;  /* which member or item, from 0 */
    struct text key; /* as written, without its quotes; p is NULL before it was read */
};

struct json_trail {
    size_t depth;
    struct json_turn turn[CAP_JSON_DEPTH];
    size_t last; /* offset of the last token */
};

/* The offset of the first bracket that is nested deeper than CAP_JSON_DEPTH, if there is one.
 */
bool json_locate_deep(struct text raw, size_t *ret_offset);

/*
 * The next token at or behind *pos that is no comma and no colon, and moves *pos behind it;
 * nothing at the end.
 */
struct text json_locate_token(struct text raw, size_t *pos);

/* The way to the last token that begins before `limit`. */
void json_locate_trail(struct text raw, size_t limit, struct json_trail *ret);

/* The offset of the value that is reached by these ordinals; raw.n when there is none. */
size_t json_locate_value(struct text raw, const size_t *ordinals, size_t n);

/* Line and column, both from 1; the column counts bytes. */
void json_locate_place(struct text raw, size_t offset, size_t *ret_line, size_t *ret_column);

#endif
