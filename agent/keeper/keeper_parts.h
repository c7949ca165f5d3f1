/* The keeper's inside: what its files share. Private to the room. */
#ifndef KEEPER_KEEPER_PARTS_H
#define KEEPER_KEEPER_PARTS_H

#include "keeper/keeper.h"
#include "keeper/presence.h"
#include "keeper/sensor.h"
#include "keeper/state.h"
#include "keeper/tally.h"
#include "keeper/task.h"
#include "keeper/timer.h"
#include "keeper/trust.h"
#include "os/clock.h"
#include "os/slim.h"
#include "spool/spool.h"

enum {
    KEEPER_TARGETS = 128,
    KEEPER_WISHES = 1 + 2 * CAP_SUFFIXES, /* what a collector can ask for */
    KEEPER_ROWS = 64,                     /* domains that are written at a time */
};

/* A look that is going on, and what the last good one found. */
struct looking {
    struct task *task;
    struct timer timer;
    wall_t at; /* when the one that goes on began, steady clock */
    bool is_counting, has_end;
    struct message_end end;
    struct message_license *found; /* of the one that goes on */
    size_t n_found, found_cap;
    struct message_target targets[KEEPER_TARGETS];
    size_t n_targets;
    struct message_target known[KEEPER_TARGETS]; /* of the looks before */
    size_t n_known;
    struct report_mailboxes rows[KEEPER_ROWS];
    size_t n_rows;
    int64_t n_domains, n_unwritten;
    wall_t last_good;    /* the last that knew the keys; 0 = none yet */
    wall_t last_try;     /* the last that ended, good or not */
    wall_t last_counted; /* mailboxes: the last try to count */
};

/* A round of reports: one after another, until nothing is left. */
struct sending {
    struct task *task;
    struct timer timer;
    bool waits_for_look; /* the round begins when the look ends */
    bool has_result, is_renewal;
    struct message_result result;
    struct message_taken taken; /* of the report on its way; server "" = it is not known */
    int64_t resent_s;           /* clock_boot() of the last time that all was wanted again */
    bool has_resent;
    bool is_first;     /* the report on its way is the round's live one */
    int64_t n_refused; /* in this round */
    int64_t failures;  /* rounds, in a row */
    wall_t renewal_tried;
    struct message_standing *standing;
    size_t n_standing, standing_cap;
    struct message_setting *wishes; /* of the answer that comes in */
    size_t n_wishes, wishes_cap;
    int64_t identity_stamp; /* of the identity's file: another one is a new chance */
};

struct keeper {
    struct keeper_order order;
    struct options options;
    struct log *log;
    struct loop *loop;
    struct spool *spool;
    struct spool_run run;
    struct trust trust;
    struct presence *presence;
    struct tally tally;
    struct sensor *sensor;
    struct watch signals;
    struct timer tick;
    int64_t watchdog_ms;
    int64_t early_look_s;            /* clock_boot() of the last one that an event asked for */
    wall_t pruned;                   /* wall time of the last daily care */
    wall_t probe_heard;              /* steady; of the last pulse */
    wall_t accounted;                /* steady; up to then what was not seen is a gap */
    bool is_blind;                   /* the probe is gone */
    struct report_license *licenses; /* that are here now, as far as is known */
    size_t n_licenses;
    struct message_setting wishes[KEEPER_WISHES]; /* what the collector wants */
    size_t n_wishes;
    struct looking look;
    struct sending send;
    struct state state;
    struct slim slim; /* what only the start and each round needed */
    int exit_code;
};

/* ---- keeper.c ---- */
wall_t keeper_now(const struct keeper *k);                    /* on the run's steady clock */
wall_t keeper_moment(const struct keeper *k, int64_t boot_s); /* the same, of clock_boot() */
/* Now, by the clock that reports are told by. */
struct clock_pair keeper_clock(const struct keeper *k);
/* An answer came, by which the collector's clock had that at the kernel's start. */
void keeper_learn_clock(struct keeper *k, wall_t theirs);
/* A stretch that another process told of: it may be wrong, and is brought to what can be. */
struct span keeper_span(const struct keeper *k, int64_t first_s, int64_t last_s);
void keeper_gap(struct keeper *k, enum gap_kind what, struct span seen, int64_t lost);
/* To disk, if it will have it; a spool that is broken is replaced by a new one. */
void keeper_save(struct keeper *k);
void keeper_failed(struct keeper *k, int error, const char *what); /* the spool's */
void keeper_note_state(struct keeper *k);
void keeper_note(struct keeper *k, const char *name, const struct buf *text);

/* ---- looking.c ---- */
void looking_init(struct keeper *k);
void looking_done(struct keeper *k);
/* Now, unless one is going on. */
void looking_start(struct keeper *k, bool may_count);

/* ---- sending.c ---- */
void sending_init(struct keeper *k);
void sending_done(struct keeper *k);
void sending_look_ended(struct keeper *k); /* a round may have waited for it */
/* The next round in so many milliseconds at most. */
void sending_schedule(struct keeper *k, int64_t after_ms);
void sending_tick(struct keeper *k); /* now and then: is there a new identity? */

/* ---- wishes.c: what the collector wants, kept over restarts ---- */
void wishes_load(struct keeper *k);
/* Takes what an answer said. */
void wishes_take(struct keeper *k, const struct message_setting *v, size_t n);
int64_t wishes_interval(const struct keeper *k); /* between two rounds, in seconds */

/* ---- probing.c: what the probe says ---- */
MUST_USE int probing_init(struct keeper *k);
void probing_account(struct keeper *k); /* up to now */

#endif
