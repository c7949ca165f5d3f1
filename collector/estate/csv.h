/*
 * A strict reader of CSV (RFC 4180), pure: comma, double quotes, records that end in LF or CRLF
 * (the last may do without), UTF-8 with an optional byte order mark. All records have as many
 * fields as the first. Each field knows its place.
 */
#ifndef ESTATE_CSV_H
#define ESTATE_CSV_H

#include "base/buf.h"
#include "base/caps.h"
#include "base/diag.h"
#include "base/text.h"

#define CSV_FIELDS_MAX 64

struct csv_field {
    struct text text;    /* without its quotes; borrowed until the next record */
    size_t line, column; /* of its first byte, from 1; columns count bytes */
};

struct csv_record {
    size_t n;
    struct csv_field fields[CSV_FIELDS_MAX];
};

struct csv {
    struct text text;
    size_t at, line, line_start;
    size_t n_fields;  /* of the first record; 0 = not yet read */
    struct buf plain; /* the record's fields, unquoted */
};

/* `text` must outlive it. */
void csv_init(struct csv *c, struct text text);
void csv_done(struct csv *c);

/*
 * 1 and the next record, 0 at the end. -EBADMSG: the reason in d, the place in *ret_line and
 * *ret_column (which are set only then); -ENOMEM. After an error, read no more.
 */
MUST_USE int csv_next(struct csv *c, struct csv_record *ret, size_t *ret_line,
                      size_t *ret_column, struct diag *d);

#endif
