/*
 * Settings by a table of keys: one row a key, used for reading a libconfig file, for printing
 * it back, and for holding manuals and shipped examples to the program. An unknown key, a wrong
 * type, a value out of range: the file is refused, with file, line and what would be right.
 */
#ifndef TABLE_TABLE_H
#define TABLE_TABLE_H

#include "base/buf.h"
#include "base/diag.h"
#include "domain/addr.h"
#include "domain/source.h"

#define TABLE_TEXTS_MAX 64
#define TABLE_TEXT_SIZE 256
struct table_texts {
    size_t n;
    char v[TABLE_TEXTS_MAX][TABLE_TEXT_SIZE];
};

#define TABLE_INTS_MAX 8
struct table_ints {
    size_t n;
    int64_t v[TABLE_INTS_MAX];
};

struct config;
struct config_node;

/* A file being read, and where its errors go. */
struct table_file {
    const struct config *config;
    struct diag *d;
};

enum table_type {
    KEY_TEXT,     /* char[max + 1]; min to max bytes; with a form at most TABLE_TEXT_SIZE - 1 */
    KEY_PATH,     /* the same, and absolute where it is not empty */
    KEY_DURATION, /* dur_t; min and max in seconds */
    KEY_INT,      /* int64_t */
    KEY_BOOL,     /* bool */
    KEY_CHOICE,   /* an enum as wide as unsigned, which is an index into `choices` */
    KEY_SOURCES,  /* uint8_t, a bit for each enum source; at least one */
    KEY_NETWORKS, /* struct network *, and its size_t at count_offset */
    KEY_TEXTS,    /* struct table_texts; min to max of them, each of `form`, each once */
    KEY_INTS,     /* struct table_ints; at least one, each min to max, each once */
    KEY_OTHER,    /* what the table's owner alone knows: `other` */
};

/* Brings a text to its canonical form. 0; -EBADMSG; -ENOMEM. */
typedef int table_form(struct text t, char ret[static TABLE_TEXT_SIZE]);

struct table_key;

/* A type of the table's owner; as table_value_read() and table_value_print(). */
struct table_kind {
    int (*read)(const struct table_file *file, const struct config_node *n,
                const struct table_key *key, void *base);
    void (*print)(const struct table_key *key, const void *base, struct buf *out);
};

struct table_key {
    const char *name;
    enum table_type type;
    size_t offset; /* in the struct that the table describes */
    size_t count_offset;
    int64_t min, max;
    const char *standard; /* the default, in the file's grammar */
    const char *unit;     /* what may stand there, for people */
    const char *const *choices;
    size_t n_choices;
    table_form *form;  /* of each text, and of a KEY_TEXT that is not empty, or NULL */
    table_form *shown; /* how a KEY_TEXT that holds a secret is printed, or NULL */
    const char *item;  /* what such a text is, for people */
    const char *why;
    const struct table_kind *other; /* of KEY_OTHER */
};

/* NULL when the table has no such key. */
const struct table_key *table_find(const struct table_key *keys, size_t n, const char *name);

/* A group's keys and where they go; `others` (NULL-terminated) may stand there too. */
struct table_group {
    const struct table_key *keys;
    size_t n_keys;
    const char *const *others;
};

/*
 * Reads every key that stands in a group into `base`, over what it holds; refuses a key that is
 * in neither list. 0; -EBADMSG with the place; -ENOMEM. On error some keys may have been read.
 */
MUST_USE int table_group_read(const struct table_file *file, const struct config_node *group,
                              const struct table_group *what, void *base);

/* A line a key: name, value, a comment with its unit; `depth` steps to the right. */
void table_print(const struct table_key *keys, size_t n, const void *base, struct buf *out,
                 int depth);
void table_print_indent(struct buf *out, int depth);

/*
 * Reads the value of `key` from `n` into its field of `base`. 0; -EBADMSG with the place and
 * what would be right; -ENOMEM. The field is untouched on error.
 */
MUST_USE int table_value_read(const struct table_file *file, const struct config_node *n,
                              const struct table_key *key, void *base);

/* Reads back to the same value, but for a text that is `shown` without its secret. */
void table_value_print(const struct table_key *key, const void *base, struct buf *out);

/* A text as a string of the file's grammar, with its quotes. */
void table_text_print(const char *s, struct buf *out);

#endif
