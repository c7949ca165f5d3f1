/*
 * The room's own picture of an estate: rows of all tables in one shape, and for each table what
 * it is made of. Reading (JSON, CSV, listing), checking and applying are written once over it.
 */
#ifndef ESTATE_ESTATE_INTERNAL_H
#define ESTATE_ESTATE_INTERNAL_H

#include "base/arena.h"
#include "estate/estate_import.h"

/* A reseller's networks are rows of their own here; for the store they go with the resellers.
 */
enum table {
    TABLE_MANAGERS,
    TABLE_RESELLERS,
    TABLE_NETWORKS,
    TABLE_LICENSES,
    TABLE_DOMAINS,
    TABLE_SERVERS,
    TABLE_MOVES,
    TABLE_TARIFFS,
};
#define TABLE_COUNT 8

struct estate_row {
    struct estate_place at;  /* file NULL: it came from the store */
    bool is_binding_unknown; /* of a listing: it has no such member, which is not "none" */
    union {
        struct estate_manager manager;
        struct estate_reseller reseller;
        struct estate_network network;
        struct estate_license license;
        struct estate_domain domain;
        struct estate_server server;
        struct estate_move move;
        struct estate_tariff tariff;
    };
};

struct estate_rows {
    struct estate_row *v;
    size_t n, cap;
};

struct estate {
    const struct zone *zone;
    struct arena arena;
    struct estate_rows
        tables[TABLE_COUNT];           /* each in the order of its table, once it is read */
    const char *named_by[TABLE_COUNT]; /* the file, or NULL */
    /*
     * A listing's licences, by licence: reseller NULL where it must follow from what is known.
     * The file that gave it, or NULL.
     */
    struct estate_rows listing;
    const char *listed_by;
    int64_t skipped;
};

/* ---- Fields: what a row is made of -------------------------------------------------- */

enum field_type {
    FIELD_LABEL, /* const char *; at most `max` bytes */
    FIELD_NOTE,  /* the same, "" allowed */
    FIELD_EMAIL, /* const char * */
    FIELD_LANGUAGE,
    FIELD_CURRENCY,
    FIELD_BILLING, /* bool: trial */
    FIELD_KIND,
    FIELD_PRICE,
    FIELD_LICENSE,
    FIELD_DOMAIN,
    FIELD_ADDRESS, /* "" allowed: none */
    FIELD_NETWORK,
    FIELD_DAY,     /* wall_t: the day's start in the zone */
    FIELD_MOMENT,  /* wall_t: RFC 3339 */
    FIELD_RETIRED, /* wall_t: either of them */
    FIELD_INT,
    FIELD_BOOL,
};

struct field {
    const char *name;
    enum field_type type;
    size_t offset; /* in struct estate_row */
    bool is_required;
    int64_t min, max;
};

/* A value as a file gives it: FIELD_INT and FIELD_BOOL have theirs, all others are texts. */
struct field_value {
    struct text text;
    int64_t number;
    bool truth;
};

/* What turning texts into values needs. */
struct field_context {
    struct arena *arena;
    const struct zone *zone;
};

/* 0; -EBADMSG with `is "…", must be …` in d; -ENOMEM. */
MUST_USE int field_set(const struct field *f, const struct field_value *v,
                       const struct field_context *ctx, struct estate_row *row, struct diag *d);

/* ---- Tables ------------------------------------------------------------------------- */

struct table_info {
    const char *name; /* the JSON member, and the CSV file's stem */
    const char *noun; /* for messages, plural */
    enum estate_table part_of;
    const struct field *fields;
    size_t n_fields;
    struct estate_row defaults; /* but for a reseller's currency, see row_init() */
    /* Whether two rows speak of the same, and in which order they stand. */
    int (*compare_subject)(const struct estate_row *a, const struct estate_row *b);
    /* When a row holds. Of one subject no two may meet. */
    struct term (*term)(const struct estate_row *r);
    bool (*equal)(const struct estate_row *a, const struct estate_row *b);
    /* The id that must be known (a manager's for a reseller, else a reseller's), or NULL. */
    const char *(*reference)(const struct estate_row *r);
    void (*describe)(const struct estate_row *r, struct diag *ret);
    int (*scan)(struct store *s, struct store_scan **ret);
    int (*next)(struct store_scan *scan, struct estate_row *ret);
    int (*put)(struct store *s, const struct estate_row *r);
};

const struct table_info *table_info(enum table t);

/* A row with the defaults of its table. */
void row_init(enum table t, struct estate_row *ret);

/* By subject, then from; for equal keys by place. The store's own order. */
int table_compare(enum table t, const struct estate_row *a, const struct estate_row *b);
MUST_USE int rows_add(struct estate_rows *rows,
                      const struct estate_row *row); /* 0, -ERANGE, -ENOMEM */
void rows_sort(struct estate_rows *rows, enum table t);
void rows_done(struct estate_rows *rows);

/* Copies of the stored rows, texts in the arena. Store errors, with the text in d; -ENOMEM. */
MUST_USE int rows_load(struct estate_rows *rows, enum table t, struct store *s,
                       struct arena *arena, struct diag *d);

/* ---- Reading ------------------------------------------------------------------------ */

/* A document being read. */
struct estate_source {
    struct estate *e;
    const char *name; /* in the estate's arena */
    const struct zone *zone;
    struct diag *d;
};

/* Says that `t` comes from this document; -EBADMSG when another one gave it already. */
MUST_USE int source_names_table(const struct estate_source *src, enum table t);

/* "not enough memory" or "too many rows" for what an inner function returned. */
MUST_USE int source_fail(const struct estate_source *src, int r);

struct json;
struct json_error;
/* A listing (told by data.results), and what went wrong in it, without the vendor's values. */
bool listing_is(const struct json *root);
MUST_USE int listing_read(const struct estate_source *src, const struct json *root,
                          struct text text, const char *reseller, struct json_error *e);

/* Where each element of an array begins; empty when the path is not found as it is written. */
struct spot {
    uint32_t line, column;
};
struct spots {
    struct spot *v;
    size_t n, cap;
};
void spots_done(struct spots *s);
/* `text` is a sound document; `path` the members that lead to the array. 0 or -ENOMEM. */
MUST_USE int spots_find(struct text text, const char *const *path, size_t depth,
                        struct spots *ret);
/* The place of element i. */
struct estate_place spots_place(const struct spots *s, size_t i, const char *file);

/* ---- Applying ----------------------------------------------------------------------- */

/* The estate as it would stand, as far as this import changes it. */
struct apply {
    const struct estate *e;
    struct store *s;
    wall_t now;
    struct diag *d;
    struct arena arena;
    struct estate_rows licenses;  /* the table with the listing put in, where there is one */
    struct estate_rows managers;  /* stored ones, where the import names none */
    struct estate_rows resellers; /* the same */
};

bool apply_names(const struct apply *a, enum table t);
const struct estate_rows *apply_rows(const struct apply *a, enum table t);
/* "file:line:column: …" for a row. Returns -EBADMSG. */
MUST_USE int apply_refuse(const struct apply *a, const struct estate_row *row, const char *fmt,
                          ...) PRINTF_LIKE(3, 4);
/* What the store said. Returns r. */
MUST_USE int apply_store_fail(const struct apply *a, int r);

/* Puts the listing into what is known of the licences. */
MUST_USE int listing_merge(struct apply *a);
/* Duplicates, overlaps, caps, references. */
MUST_USE int apply_check(const struct apply *a);

#endif
