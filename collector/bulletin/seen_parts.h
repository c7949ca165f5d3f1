/* What the digest of evidence shares among its files. Private to this room. */
#ifndef BULLETIN_SEEN_PARTS_H
#define BULLETIN_SEEN_PARTS_H

#include "bulletin/seen.h"
#include "domain/span.h"
#include "json/json.h"

/* A subject at one place for some time; texts are the document's. */
struct seen_row {
    struct text server, unit;
    uint32_t machine, number; /* indices in the evidence, of machine and unit */
    bool is_anchor;           /* stands by itself; else it may be a machine's second stack */
    bool is_outside, by_collector;
    struct span at; /* within the window */
    int64_t count;
};

struct seen_rows {
    struct seen_row *v;
    size_t n, cap;
};

/* Typed reads whose errors nobody is shown: false where the value is not of that form. */
bool seen_get_moment(const struct json *v, wall_t *ret);
bool seen_get_seconds(const struct json *object, const char *key, dur_t *ret);
bool seen_get_number(const struct json *v, int64_t max, int64_t *ret);
bool seen_get_text(const struct json *v, struct text *ret);
bool seen_get_array(const struct json *v);
/* "window": the first and last moment. */
bool seen_get_window(const struct json *root, struct span *ret);

/*
 * Where a licence was (seen_place.c), a domain was (seen_mail.c), by what extra-ip and outside,
 * or mailboxes, wrote: a row for each server and unit, in no order. 0; -ENOMEM; -EBADMSG when
 * the evidence is of another form.
 */
MUST_USE int seen_read_places(const struct json *root, bool is_outside, struct seen_rows *ret,
                              struct bulletin_line *line);
MUST_USE int seen_read_mail(const struct json *root, wall_t end, struct seen_rows *ret,
                            struct bulletin_line *line);

#endif
