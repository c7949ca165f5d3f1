/*
 * Reading an estate (SPEC 4): a JSON file, a folder of CSV files, or the distributor API's
 * licence listing; checking it as a whole; putting it into the store, all or nothing.
 * Nothing here prints. Secrets of a listing are never copied out of the parser's memory.
 */
#ifndef ESTATE_ESTATE_IMPORT_H
#define ESTATE_ESTATE_IMPORT_H

#include "base/diag.h"
#include "domain/estate.h"
#include "domain/zone.h"
#include "store/store.h"

/* Rows as read, each with the place it came from, for messages. */
struct estate_place {
    const char *file;
    size_t line, column; /* from 1 */
};

/* Owns its rows and texts. Several documents may be read into one, but each table once. After
 * an error it holds a part of a document, and is only to be freed. */
struct estate;

/* Dates in what it will read are days of `zone`, which must outlive it. */
MUST_USE int estate_new(const struct zone *zone, struct estate **ret);
void estate_free(struct estate *e);
static inline void estate_done(struct estate **e)
{
    estate_free(*e);
}

/*
 * Reads one JSON document: SPEC 4's object, or a licence listing as the API answers it (told
 * apart by its members). `name` is for messages. `reseller`: whose listing it is (NULL = must
 * follow from the store).
 * -EBADMSG with "file:line:column: path: what, and what would be right" in d.
 */
MUST_USE int estate_read_json(struct estate *e, struct text text, const char *name,
                              const char *reseller, struct diag *d);

/* One CSV table (RFC 4180; UTF-8, an optional BOM; a header line; columns in any order).
 * `table` is the file's stem. */
MUST_USE int estate_read_csv(struct estate *e, struct text text, const char *table,
                             const char *name, struct diag *d);

/* By what an import is judged. */
struct estate_leave {
    wall_t now;  /* tariffs that begin less than 14 days from it need leave */
    bool accept; /* leave is given */
};

/* What applying would do, and did. */
struct estate_summary {
    bool named[ESTATE_TABLE_COUNT];
    int64_t rows[ESTATE_TABLE_COUNT]; /* now in the table, where named */
    int64_t added, changed, removed;  /* rows, over all tables */
    int64_t skipped;                  /* listing rows passed over: deleted or not Plesk */
    bool needs_accept;                /* and `why` says what for */
    struct diag why;
};

/*
 * Checks the estate as it would stand after the import (named tables replaced, others as
 * stored): references, overlaps, duplicates, and what needs --accept; then replaces.
 * The caller holds a write transaction, and rolls it back on any error or when needs_accept is
 * set without leave. The same estate again changes nothing. -EBADMSG with the place in d; store
 * errors.
 */
MUST_USE int estate_apply(const struct estate *e, struct store *s,
                          const struct estate_leave *leave, struct estate_summary *ret,
                          struct diag *d);

#endif
