/*
 * What a report says beside the findings, from a store filled by hand (support/nights.h: its
 * resellers r1, r2, r3 and trial; October 2026, UTC): rows that nights have no words for, and
 * the setup of a night whose findings are given instead of found.
 */
#ifndef SUPPORT_SIDES_H
#define SUPPORT_SIDES_H

#include "edition/sides.h"
#include "support/nights.h"

struct sides {
    struct nights nights;
    struct store *store; /* its */
    int64_t entries, decisions;
    struct arena keep;
    /* After sides_set(). */
    struct run_setup run;
    struct run_periods periods;
    struct findings *findings;
    struct edition_setup setup;
};

void sides_init(struct sides *s);
void sides_done(struct sides *s);

/* From one moment of October to another, for rows of the estate. */
struct term sides_term(int from_day, int to_day);

/* Rows put in a transaction of their own; abort when they cannot be. */
void sides_license(struct sides *s, const char *license, const char *reseller,
                   struct term valid);
void sides_domain(struct sides *s, const char *domain, const char *reseller, struct term valid);
void sides_server(struct sides *s, const char *server, const char *reseller, struct term valid);
void sides_network(struct sides *s, const char *network, const char *reseller,
                   struct term valid);
void sides_enrol(struct sides *s, const char *server, const char *reseller, wall_t at);
void sides_retire(struct sides *s, const char *server, wall_t at);
void sides_revoke(struct sides *s, const char *server, wall_t at);
/* One report of anything. */
void sides_say(struct sides *s, struct say what);

/* In the ledger; keys as people write them: PERIOD/RESELLER/KIND/SUBJECT. */
void sides_entry(struct sides *s, const char *key, int64_t minor);
void sides_decide(struct sides *s, enum decision decision, const char *key);
void sides_close(struct sides *s, const char *period);
/* As an earlier night found it. */
void sides_kept(struct sides *s, const char *key, bool is_trial);

/* A night at `as_of` that audits n periods, rising, the first n_corrected of them closed; what
 * was found is nothing. Once. */
void sides_set(struct sides *s, wall_t as_of, const char *const *periods, size_t n,
               size_t n_corrected);
/* Then: it was found confirmed, quantity 1. */
void sides_find(struct sides *s, const char *key);

#endif
