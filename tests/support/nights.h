/*
 * Nights one after another in a store of their own: an estate, what was seen in it, and what
 * each night's bulletins say. Times are UTC; the policy is the default (grace 14 days, bridge
 * 26 hours, at least 24 hours in the month).
 */
#ifndef SUPPORT_NIGHTS_H
#define SUPPORT_NIGHTS_H

#include "edition/edition.h"
#include "support/store_fixture.h"

enum { NIGHTS_SAID_MAX = 4096 };

struct nights {
    struct store_place place;
    struct store *store;
    struct zone zone;
    struct policy_version version;
    struct policy_book policies;
    struct network lab[3];
    struct book book;
    int counters;
    /* Of the next night; NULL, 0: as a whole one. */
    const char *only_manager, *only_reseller;
    const char *period; /* that one alone is audited, as by --period */
    dur_t remind;
    int refuse; /* what the sink answers to a bulletin; then nothing is kept of the night */
    /* Is shown each bulletin, while it lasts. */
    void (*look)(void *arg, const struct bulletin *b);
    void *look_arg;
    /* Of the last night: what nights_print() says of each bulletin, and what is said now. */
    struct buf text;
    struct nights_said {
        enum nights_what { NIGHTS_MAIL, NIGHTS_READER, NIGHTS_ROW } what;
        /* Whose it is, of the first two; `reseller` is the reader's id then. */
        enum bulletin_audience audience;
        char reseller[CAP_ID + 1], subject[CAP_DOMAIN + 1];
        struct edition_said row;
    } * said;
    size_t n_said;
    size_t n_bulletins;
};

/*
 * Managers am1 (Ann, English) and am2 (Bob, Dutch). Resellers: r1 of am1; r2 of am1, without an
 * e-mail; r3 of am2; trial of am1, a trial. A tariff of 10 euros for each extra IP address.
 */
void nights_init(struct nights *n);
void nights_done(struct nights *n);

/* Whole days of October 2026, as below. */
struct span nights_days(int from, int to);

/* A moment of October 2026; day 32 is the first of November, 0 the last of September. */
wall_t nights_at(int day, int hour);

/* For ever. */
void nights_license(struct nights *n, const char *license, const char *reseller);
void nights_server(struct nights *n, const char *server, const char *reseller);
void nights_network(struct nights *n, const char *network, const char *reseller);
void nights_move(struct nights *n, const char *license, struct term valid);
void nights_domain(struct nights *n, const char *domain, const char *reseller);
void nights_tariff(struct nights *n, enum charge_kind kind, const char *currency,
                   int64_t amount);
/* Replaces the row of the reseller of that id. */
void nights_reseller(struct nights *n, const struct estate_reseller *row);

/* A licence on one server of its reseller's, at 203.0.113.1, in a declared network, from 20
 * September on. */
void nights_at_home(struct nights *n, const char *license, const char *reseller,
                    const char *server);

/* nights_init(), and r1's licence at home on s1; s2 is r1's, too. The other one: and it was
 * seen there, at 203.0.113.2, from 5 October, 0:00, on. */
#define NIGHTS_L1 "PLSK.00000001"
void nights_begin(struct nights *n);
void nights_begin_with_two(struct nights *n);

void nights_saw(struct nights *n, const char *server, const char *license, const char *address,
                struct span seen);
void nights_counted(struct nights *n, const char *server, const char *domain, int64_t mailboxes,
                    struct span seen);

/* What a run is told; its book is that of the last night. */
struct run_setup nights_setup(struct nights *n, wall_t as_of);

/* By a person, at a moment. */
void nights_close(struct nights *n, const char *period, wall_t at);
void nights_decide(struct nights *n, enum decision what, const char *key, wall_t at);

/* One night: audits, makes, and keeps what was said and that there was a mail. */
void nights_run(struct nights *n, wall_t as_of);
/* The same night that failed. */
void nights_fail(struct nights *n, wall_t as_of, const char *why);

/*
 * "to am1: 1 new, 0 changed, 0 resolved", then a line a finding, in the bulletin's order:
 * "r1 extra-ip PLSK.00000001 2026-10 potential 1 new"; "-" for no reseller. Only what changed
 * is told with its change; "." stands for none.
 */
void nights_print(const struct bulletin *b, struct buf *out);

/* The reseller in a manager's bulletin; aborts when it is not there. */
const struct bulletin_reseller *nights_of(const struct bulletin *b, const char *id);
bool nights_is_to(const struct bulletin *b, const char *id);

/* The last night's text is exactly that. */
#define nights_expect(n, expected)                                                             \
    cr_assert_str_eq(buf_str(&(n)->text), (expected), "it says:\n%s", buf_str(&(n)->text))

/* The row that is said of a key to a reader now; NULL = none. */
const struct edition_said *nights_said_of(const struct nights *n,
                                          enum bulletin_audience audience, const char *reader,
                                          const char *subject, const char *period);

#endif
