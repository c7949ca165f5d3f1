/*
 * The story of one subject in one period: all that the rules looked at, step by step, what each
 * said, what it costs, and what would clear it. A value, for `explain` and its picture; the
 * verdicts themselves are the audit's own (collector/audit), never made again here.
 */
#ifndef RUN_STORY_H
#define RUN_STORY_H

#include "audit/level.h"
#include "ledger/ledger.h"
#include "run/nightly.h"

/* What is explained: a licence or a domain. */
struct story_subject {
    bool is_license;
    license_t license;
    char name[DNAME_SIZE]; /* its canonical form */
};

/*
 * A licence in any spelling, or a domain. 0; -EBADMSG with what would be right in `d`; -ENOMEM.
 */
MUST_USE int story_subject_parse(struct text t, struct story_subject *ret, struct diag *d);

/* Arrays that belong to the story. */
struct story_spans {
    const struct span *v;
    size_t n;
};

struct story_level {
    const struct level_step *v;
    size_t n;
};

struct story_gap {
    enum gap_kind what;
    struct span seen; /* cut to the window */
    int64_t lost;
};

struct story_machine {
    const char *server;
    char boot[UUID_TEXT_SIZE];
    wall_t retired; /* of its server; WALL_END = not */
    const struct story_gap *gaps;
    size_t n_gaps;
};

/* A network of the reseller that is valid for some of the window. */
struct story_network {
    char name[NETWORK_TEXT_SIZE];
    struct term valid;
    bool is_one_place;
};

/* How a unit stands while somebody is present on it (6.1 step 2, and 6.3). */
enum story_standing {
    STANDING_INSIDE = 0,  /* counts as a place; lies in a valid network of the reseller */
    STANDING_UNKNOWN = 1, /* counts; the reseller has no valid network of that family */
    STANDING_OUTSIDE = 2, /* counts; lies in none */
    STANDING_SECOND = 3,  /* the second stack of a machine: does not count */
};

struct story_stretch {
    struct span at; /* first < last */
    enum story_standing standing;
};

struct story_unit {
    char name[NETWORK_TEXT_SIZE]; /* an address, or a network */
    bool is_one_place;
    uint8_t family;
    wall_t last;                        /* last seen in the window */
    dur_t present, counted, outside;    /* in the window */
    const struct story_stretch *stands; /* by time; while present */
    size_t n_stands;
    const uint32_t *networks; /* those of the entry that hold it */
    size_t n_networks;
};

/* Step 1: one machine at one unit, within the window. */
struct story_lane {
    uint32_t machine, unit; /* indices in the entry */
    struct span seen;       /* from the first to the last moment of presence */
    dur_t observed, presence, by_peer;
    unsigned sources; /* bit (1 << enum source) */
    struct story_spans presences, by_agents, by_peers;
};

/* Step 3: what held from one change to the next. */
struct story_step {
    struct span at;
    int64_t machines, units, level, outside;
    bool is_move;
};

/* Rows of one server for a domain. */
struct story_mail_server {
    const char *server;
    int64_t most, last_count; /* in the window: the largest count, and the last row's */
    struct mail_counts last_counts;
    struct span seen;               /* first and last moment of any row, in the window */
    struct story_spans rows, known; /* seen; and with what is carried on */
    struct story_level level;       /* its count */
};

/* A limit, for a time within the window. */
struct story_limit {
    struct span at;
    int64_t limit;
};

/*
 * What is left of the grace, and what would come of it. "Goes on": the level is at least 1 at
 * E, or was within `bridge` before it: the next sighting would join it.
 */
struct story_outlook {
    bool has_last, goes_on;
    wall_t last;      /* the last moment in the window with a level of at least 1 */
    dur_t grace_left; /* of the grace, in this period's window */
    /* While it goes on and is not confirmed: up to here it stays so, one second more confirms.
     * It may lie after the period's end. */
    wall_t free_until;
    bool can_confirm; /* free_until lies before the period's (or the entry's) end */
    /* Of a confirmed one: the moment from which on it was held longer than both. */
    bool has_confirmed_at;
    wall_t confirmed_at;
    /* The next period looks back to next_window; what was (or, going on, will have been) seen
     * in that look-back counts there. */
    bool has_next;
    period_t next;
    wall_t next_window;
    dur_t next_carried;
    wall_t next_free_until; /* if it goes on: as free_until, for the next period */
    period_t forgotten;     /* the first period that looks back on nothing of it */
};

/* One charging rule's whole answer. */
struct story_rule {
    enum finding_kind kind;
    struct level_terms terms;
    struct story_level level; /* step 3 */
    struct story_spans held;  /* the level is at least 1, within terms.window */
    struct level_answer answer;
    struct story_outlook outlook;
};

struct story_entry {
    const char *reseller, *reseller_name;
    bool is_trial;
    struct term valid;
    bool is_judged; /* else all below is empty */
    struct span v;
    struct span window; /* the widest of its rules */
    struct policy policy;
    struct story_rule rules[2]; /* extra-ip and outside; or mailboxes */
    size_t n_rules;
    /* A licence. */
    struct addr binding; /* family 0 = none */
    char binding_unit[NETWORK_TEXT_SIZE];
    const struct term *moves; /* that meet the window */
    size_t n_moves;
    struct story_machine *machines;
    size_t n_machines;
    struct story_network *networks;
    size_t n_networks;
    struct story_unit *units;
    size_t n_units;
    struct story_lane *lanes; /* by machine, unit */
    size_t n_lanes;
    struct story_step *steps; /* from the window's first to its last moment */
    size_t n_steps;
    /* A domain. */
    struct story_mail_server *servers;
    size_t n_servers;
    struct story_level count, sum; /* the domain's count; and the sum over servers */
    struct story_limit *limits;
    size_t n_limits;
};

/* A finding that is no charge. */
struct story_notice {
    enum finding_kind kind;
    const char *reseller, *subject; /* reseller NULL = none */
    int64_t quantity;
    bool has_since;
    wall_t since;
};

/* A key's money. */
struct story_money {
    enum charge_kind kind;
    const char *reseller;
    const struct currency *currency; /* NULL = the reseller is not known any more */
    bool is_trial, is_disputed, is_waived;
    bool has_tariff;
    price_t unit_price;
    int64_t block;
    bool has_draft; /* the key has a due or an entry */
    struct due due;
    money_t entered, draft;
    int64_t entries;
    /* A potential finding of a period that still runs, if it were confirmed as it is. */
    bool has_would;
    int64_t would_quantity;
    money_t would;
};

/* What would clear something, and by when. */
struct story_advice {
    enum finding_kind kind;
    const char *reseller; /* NULL = none */
    bool has_by;
    wall_t by;
    const char *text; /* a sentence or more */
};

struct story {
    struct arena arena; /* owns all texts and arrays */
    struct story_subject subject;
    bool is_spoken_of; /* the rules speak of it (a licence's prefix) */
    period_t period;
    wall_t p0, p1, end, as_of;
    const char *policy;       /* version */
    enum finding_state state; /* the highest of the charging rules' and the notices' */
    struct story_entry *entries;
    size_t n_entries;
    struct story_notice *notices;
    size_t n_notices;
    struct story_money *money;
    size_t n_money;
    struct story_advice *advice;
    size_t n_advice;
};

/*
 * Reads and judges. 0; -ENOENT nothing at all is known of the subject; -ERANGE the period has
 * not begun at setup->as_of; store errors; -ENOMEM; -EIO with the text in `d`.
 */
MUST_USE int story_load(const struct run_setup *setup, const struct story_subject *subject,
                        period_t period, struct story *ret, struct diag *d);
void story_done(struct story *s);

/* "15 d 3 h 20 min", exact; "0 s". */
#define STORY_DUR_SIZE 64
const char *story_dur(dur_t d, char out[static STORY_DUR_SIZE]);

/* The name of a machine at a unit, as sentences use it: "srv-1 at 203.0.113.5". */
#define STORY_LANE_SIZE (CAP_ID + NETWORK_TEXT_SIZE + 8)
const char *story_lane_name(const struct story_entry *e, const struct story_lane *l,
                            char out[static STORY_LANE_SIZE]);

#endif
