/*
 * The table of keys (SPEC 5): one row a key, used for reading, for printing and for the manual.
 * Private to the room, and to the test that holds the shipped example to it.
 */
#ifndef SETTINGS_KEYS_H
#define SETTINGS_KEYS_H

#include "settings/settings.h"

enum key_type {
    KEY_TEXT,     /* char[max + 1] */
    KEY_DURATION, /* dur_t; min and max in seconds */
    KEY_INT,      /* int64_t */
    KEY_BOOL,     /* bool */
    KEY_CHOICE,   /* an enum, which is an index into `choices` */
    KEY_SOURCES,  /* uint8_t, a bit for each enum source */
    KEY_STRIKES,  /* int64_t[3]; min and max of each */
    KEY_PRICE,    /* price_t */
    KEY_NETWORKS, /* struct network *, and its size_t at count_offset */
    KEY_TEXTS,    /* struct settings_texts; min to max of them, each of `form` */
    KEY_PREFIXES, /* license_prefixes and n_license_prefixes */
};

/* Brings a text to its canonical form. 0; -EBADMSG; -ENOMEM. */
typedef int settings_text_form(struct text t, char ret[static SETTINGS_TEXT_SIZE]);

struct settings_key {
    const char *name;
    enum key_type type;
    size_t offset; /* in struct settings, struct policy or struct settings_collector */
    size_t count_offset;
    int64_t min, max;
    const char *standard; /* the default, in the file's grammar */
    const char *unit;     /* what may stand there, for people */
    const char *const *choices;
    size_t n_choices;
    settings_text_form *form; /* of each text, and of a KEY_TEXT that is not empty, or NULL */
    const char *item;         /* what such a text is, for people */
    const char *why;
};

#define SETTINGS_TOP_KEYS 7
#define SETTINGS_POLICY_KEYS 18
#define SETTINGS_COLLECTOR_KEYS 32
extern const struct settings_key settings_top_keys[SETTINGS_TOP_KEYS];
extern const struct settings_key settings_policy_keys[SETTINGS_POLICY_KEYS];
extern const struct settings_key settings_collector_keys[SETTINGS_COLLECTOR_KEYS];

/* NULL when the table has no such key. */
const struct settings_key *settings_key_find(const struct settings_key *keys, size_t n,
                                             const char *name);

#endif
