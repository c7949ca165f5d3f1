/*
 * The collector's settings (SPEC 5), from a libconfig file by a table of keys, or the defaults.
 */
#ifndef SETTINGS_SETTINGS_H
#define SETTINGS_SETTINGS_H

#include "audit/policy.h"
#include "base/buf.h"
#include "base/diag.h"
#include "domain/addr.h"
#include "domain/zone.h"

struct settings {
    char store[512]; /* a store URL; "" = not said */
    struct zone zone;
    struct network *lab_networks;
    size_t n_lab_networks;
    char license_prefixes[8][8]; /* upper case; default PLSK */
    size_t n_license_prefixes;
    dur_t merge_gap;
    dur_t retention;       /* `store prune`; default 400 days */
    char signing_key[512]; /* path; "" = beside the store */
    struct policy_book policies;
};

/* The defaults (needs the system's zone data). */
MUST_USE int settings_init(struct settings *s, struct diag *d);
/*
 * Reads a file's text. -EBADMSG with "name:line: key: what is wrong, what would be right".
 * Nothing is changed on error.
 */
MUST_USE int settings_read(struct text text, const char *name, struct settings *ret,
                           struct diag *d);

/* The same with time zones from elsewhere than the system: `load` is as zoneinfo_load(). */
typedef int settings_zone_loader(const char *name, struct zone *ret, struct diag *d);
MUST_USE int settings_read_zoned(struct text text, const char *name, settings_zone_loader *load,
                                 struct settings *ret, struct diag *d);

void settings_done(struct settings *s);

/* Prints what holds, in the file's own grammar, with a comment for each unit: reading it back
 * gives the same. */
void settings_print(const struct settings *s, struct buf *out);

/*
 * Canonical: a line of what holds for all (zone, networks, prefixes, merging), then one a
 * policy version and override: what `--accept` accepts. Its digest
 * changes when anything that can change money does.
 */
void settings_policy_text(const struct settings *s, struct buf *out);

#endif
