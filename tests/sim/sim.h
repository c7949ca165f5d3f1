/*
 * A fleet of agents, a network, a collector and its people over months, all simulated but what
 * is tested: the agent's presence, tally and spool, the wire, the intake, the store, the audit,
 * the drafts, the closings and the ledger are the product's own code. Clocks, the network and
 * the disks are numbers here, so a seed gives the same run, byte for byte.
 *
 *   sim [--seed N] [--runs N | --seconds S] [--brief]   random small worlds, all checks
 *   sim --large [--agents N] [--days N] [--seed N]      one large world, brute force on a
 * sample sim --replay FILE                                   a plan that was printed or shrunk
 *   sim --selftest                                      planted faults must be caught
 *   … --plant NAME                                      with one of the planted faults
 *
 * A plan is a list of events, made from the seed (plan.c): who has which licence and address,
 * what breaks, what people do. Whatever is random while it runs depends on the seed and on the
 * moment alone, so leaving an event out changes nothing else: that is how a failing plan is
 * shrunk (shrink.c). It is printed, and kept as sim-SEED.plan in $TMPDIR.
 *
 * What is compared with (known.c, books.c) is a record of what agents were told and of what was
 * committed, kept in this program's own plain lists, and the simple audit of support/brute.h.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <signal.h>

#include "keeper/presence.h"
#include "keeper/tally.h"
#include "keeper/trust.h"
#include "ledger/ledger.h"
#include "run/close.h"
#include "spool/spool.h"
#include "store/store.h"
#include "support/temp.h"
#include "support/verdict.h"
#include "support/world.h"

#define SIM_HOUR INT64_C(3600)
#define SIM_DAY INT64_C(86400)
#define SIM_FOREVER (INT64_C(1) << 53)
#define SIM_MERGE_GAP INT64_C(2700)
#define SIM_LATE_S 300 /* a request is at most so long on its way */

/* ---- The plan (plan.c, large.c) -------------------------------------------------------- */

enum event_kind {
    /* What is true. who = agent. */
    EV_LICENSE, /* a licence a is on the machine */
    EV_ADDRESS, /* address a is used, seen by source b */
    EV_MAIL,    /* domain a has b mailboxes, c aliases; d = it is filtered */
    EV_PACE,    /* the agent reports every a seconds */
    /* What breaks on servers. */
    EV_CRASH,      /* dies at `from`, is back at `to`; a = the machine boots anew, b = its clock
                      is then c off; d > 0: in the middle of writing, at that write */
    EV_CLOCK,      /* the clock is a off from `from` on */
    EV_CLONE,      /* at `from`, agent a begins with a copy of who's disk */
    EV_AGENT_DISK, /* each write fails: a = an errno */
    /* What breaks between. who = -1 = all. */
    EV_OFFLINE,
    EV_NET,    /* of a thousand requests a are lost, of b the answer, c come twice, d late */
    EV_SECOND, /* another collector takes them; its file is imported at a */
    /* What breaks at the collector. */
    EV_STORE_DISK, /* each n-th write fails, n = b: a = an errno */
    EV_BUSY,       /* 503 */
    EV_KILL,       /* dies once, at write a of a batch or before its answers (a = 0) */
    EV_RESTORE,    /* the file as it was at `from` is put back at `to` */
    EV_LIE,        /* planted only: 200 without storing */
    /* What the distributor knows; d = from when on. who = reseller, or agent (EV_SERVER). */
    EV_OWN,     /* licence a is who's; b = bound to address b - 1 */
    EV_DOMAIN,  /* domain a, limit b */
    EV_NETWORK, /* the network of b bits at address a; c = one place */
    EV_SERVER,  /* agent who's server is reseller a's; b = retired from then on */
    EV_MOVE,    /* licence a */
    EV_TARIFF,  /* who = reseller or -1; charge a, b cents, block c; from `from` */
    EV_POLICY,  /* a = grace in hours, b = charge_by, c = bits for the rest; from `from` */
    /* What people do. */
    EV_DECIDE, /* decision a on a key that the moment chooses */
    EV_CLOSE,  /* period `start + a` is closed as soon as it may be after `from` */
    EV_COUNT,
};

struct event {
    enum event_kind kind;
    int32_t who;
    int64_t from, to;
    int64_t a, b, c, d;
};

struct plan {
    uint64_t seed;
    int32_t agents;    /* with the clones */
    int32_t resellers; /* the last one is on trial where there are three or more */
    int32_t days;
    int64_t start;       /* a local midnight */
    int64_t slot;        /* seconds between looks at who is due */
    int32_t brute_every; /* nights */
    bool is_large;
    struct event *events;
    size_t n, cap;
};

void plan_done(struct plan *p);
void plan_copy(struct plan *to, const struct plan *from);
void plan_add(struct plan *p, struct event e);
void plan_random(uint64_t seed, struct plan *ret);
void plan_large(uint64_t seed, int32_t agents, int32_t days, struct plan *ret);
void plan_print(const struct plan *p, struct buf *out);
/* 0 or -EBADMSG. */
MUST_USE int plan_read(struct text t, struct plan *ret);
const struct zone *sim_zone(void);

/* ---- What is known (known.c, check.c) ---------------------------------------------------- */

struct fact_key { /* without holes: compared as bytes */
    int64_t what; /* licence code, domain, gap kind */
    int64_t counts[5];
    struct uuid boot; /* not of mailboxes */
    struct addr address;
    uint8_t kind; /* enum fact_kind */
    uint8_t source;
    uint8_t flags; /* catch_all, is_filtered */
    int32_t server;
};
static_assert(sizeof(struct fact_key) == 88, "without holes");
enum fact_kind { FACT_SIGHTING, FACT_MAIL, FACT_GAP };

struct fact {
    struct fact_key key;
    struct span *v; /* joined, rising */
    size_t n, cap, mark;
};

/* Bodies that came under one counter; the receipts of the two earliest. */
struct counter {
    struct uuid boot;
    int64_t counter;
    int32_t server;
    uint64_t body[2];
    int64_t at[2];
    int n;
};

struct known {
    struct fact *facts;
    size_t n, cap;
    uint32_t *table; /* of places in facts, plus one */
    size_t table_n;
    struct counter *counters;
    size_t n_counters, counters_cap;
    bool has_counters; /* they are kept at all */
};

void known_done(struct known *k);
void known_copy(struct known *to, const struct known *from);
void known_add(struct known *k, const struct fact_key *key, struct span seen, int64_t gap);
struct fact *known_find(const struct known *k, const struct fact_key *key);

/* A report as its agent made it, shared by all who hold a copy of the message. */
struct sent {
    int refs;
    int32_t slot, server;
    struct report report;
    char *body;
    size_t body_n;
    uint64_t body_hash;
    struct uuid last_boot; /* the header Fairuse-Acknowledged; last = 0: none */
    int64_t last;
};
struct sent *sent_ref(struct sent *s);
void sent_unref(struct sent *s);

/* One arrival of it. */
struct arrival {
    struct sent *sent;
    int64_t sent_at;     /* by the agent's clock */
    int64_t received_at; /* by ours */
    struct addr peer;
};
/* False: no collector may take it. */
bool known_learn(struct known *k, const struct arrival *a);

/* ---- Money (books.c) ----------------------------------------------------------------------
 */

struct book_key {
    period_t period;
    enum charge_kind kind;
    char reseller[CAP_ID + 1];
    char subject[VERDICT_SUBJECT_SIZE];
};
struct book_row {
    struct book_key key;
    int64_t entered, entries;
    int decision; /* -1 = none */
};
struct books {
    struct book_row *v;
    size_t n, cap;
    int32_t last_closed; /* month; 0 = none */
    int64_t head;        /* entries in all */
};
void books_done(struct books *b);
void books_copy(struct books *to, const struct books *from);

/* What a night's drafts say. */
struct draft_row {
    struct book_key key;
    int64_t quantity, due, entered, draft, entries;
    bool is_trial, is_disputed, is_waived;
};
struct night {
    struct run_periods periods;
    struct run_setup setup;
    struct book book;
    struct findings *findings;
    struct verdict *verdicts;
    size_t n_verdicts, verdicts_cap;
    struct draft_row *drafts;
    size_t n_drafts, drafts_cap;
    uint64_t digest;
    /* Of all but forked-identity: a body that comes after 128 later ones of its run is told
     * from no other any more (CAP_COUNTER_WINDOW), so that notice alone knows an order. */
    uint64_t orderless;
};

/* ---- Agents (agent.c) ----------------------------------------------------------------------
 */

struct agent {
    int32_t slot, server; /* a clone's server is its model's */
    bool is_up, is_born, is_clone;
    int32_t machines; /* of the server of this number */
    struct spool *spool;
    struct presence *presence;
    struct tally tally;
    struct report_mailboxes *mail; /* counted, not on disk yet */
    size_t n_mail, mail_cap;
    struct spool_run run;
    int64_t started, kernel_boot; /* true time */
    int64_t offset;               /* wall = true + offset */
    struct trust trust;           /* of the process */
    dur_t error;                  /* as it is on its disk */
    int64_t clock_slack;          /* how far its stored times may be off */
    int64_t seen_to, next;        /* true time */
    int32_t starts, kernels, tries;
    bool is_first; /* of the round */
    struct report_license *licenses;
    size_t n_licenses, licenses_cap;
    struct sent *sent;
    int64_t resent_at;           /* true time; 0 = not in this process */
    int64_t told_at;             /* the last time that our collector told it so */
    const struct event **events; /* its own, by kind, from */
    size_t n_events;
    struct known put; /* what its spools were given, true time */
};

/* ---- The world ----------------------------------------------------------------------------
 */

struct delivery { /* on its way */
    struct arrival arrival;
    int32_t slot;   /* who waits for the answer; -1 = nobody (any more) */
    int32_t starts; /* of the agent when it was sent */
    bool is_answer_lost;
    bool is_lacking; /* what the answer says: what was acknowledged is lost */
    int64_t import_at;
};

struct deliveries {
    struct delivery *v;
    size_t n, cap;
};

struct image { /* a file as it was */
    char *data;
    size_t n;
};

struct backup {
    bool is_there;
    struct image db, wal;
    struct known taken, acked;
    struct books books;
    size_t log_n;
};

struct sim {
    const struct plan *plan;
    const struct zone *zone;
    struct temp temp;
    int64_t now;
    struct agent *agents;
    int32_t most_open;           /* agents whose spools may stay open */
    const struct event **global; /* those without an agent */
    size_t n_global;
    struct deliveries waiting, late, second;
    /* The collector. */
    struct store *store;
    char url[TEMP_PATH_SIZE + 16], path[TEMP_PATH_SIZE];
    struct backup backup;
    int64_t restored_at; /* the last time; 0 = never */
    bool is_estate_old;  /* to be imported again */
    int64_t imported_at;
    int64_t kills_done;
    int64_t nights_done;
    size_t *decided; /* orders of the plan that were given, by their place in it */
    size_t n_decided, decided_cap;
    struct world *world; /* the estate as known */
    struct estate_rows *rows;
    /* What we compare with. */
    struct known taken; /* committed */
    struct known acked; /* agents were told so */
    struct books books;
    struct arrival *log; /* committed, in order */
    size_t n_log, log_cap;
    struct deliveries undecided; /* of a commit that failed or of a kill */
    /* The verdict. */
    bool has_failed;
    char what[64];
    struct buf text;
    uint64_t digest;
    struct tally_of_run {
        int64_t reports, acked, lost, answers_lost, twice, late, refused, crashes, kills,
            restores, resends, full, nights, brute, subjects, findings, confirmed, drafts,
            closes, decisions, entries, verified, seconds, shuffles;
    } count;
};

/* A signal asked for an end: runs end soon, and clean up. */
extern volatile sig_atomic_t sim_is_stopped;
/* Says once what is wrong; the run ends at the next chance. */
void sim_fail(struct sim *s, const char *what, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Runs a plan from its first day to its last. True: all held. sim_done() in either case. */
bool sim_run(struct sim *s, const struct plan *p);
void sim_done(struct sim *s);

/* A number that depends on the seed and what is said alone. */
uint64_t sim_hash(const struct sim *s, uint64_t a, uint64_t b, uint64_t c);
void sim_mix(uint64_t *digest, const void *bytes, size_t n);
static inline bool event_holds(const struct event *e, int64_t t)
{
    return e->from <= t && t < e->to;
}
/* Of those without an agent: one of that kind at t that is for `who` or all; NULL. */
const struct event *sim_event(const struct sim *s, enum event_kind k, int32_t who, int64_t t);

/* Memory: aborts where there is none. */
void *sim_grow(void *array, size_t n, size_t *cap, size_t elem);

/* names.c: numbers as what they stand for. */
license_t sim_license(int64_t n);
struct addr sim_address(int64_t n);
#define SIM_V6 (INT64_C(1) << 24) /* an address number: + (network << 4) + host */
struct network sim_network(int64_t n, int64_t bits);
const char *sim_domain(int64_t n, char out[static DNAME_SIZE]);
int64_t sim_domain_number(const char *name); /* -1 */
const char *sim_server(int32_t n, char out[static CAP_ID + 1]);
int32_t sim_server_number(const char *name); /* -1 */
const char *sim_reseller(int32_t n);         /* static; n < 1000 */

/* disk.c: what the next writes of this process meet. */
enum disk_mode { DISK_GOOD, DISK_FAILS, DISK_STOPS };
/* From the n-th write on (1 = the next): each fails with `error`, or (DISK_STOPS: the process
 * has died) does nothing and says that it did. */
void disk_arm(enum disk_mode mode, int64_t n, int error);
bool disk_disarm(void); /* whether it was met */
void image_take(const char *path, struct image *ret);
void image_put(const char *path, const struct image *x);
void image_done(struct image *x);

/* agent.c */
void agents_make(struct sim *s);
void agents_done(struct sim *s);
void agents_events(struct sim *s, int64_t until); /* crashes, clocks, clones up to then */
bool agents_round(struct sim *s, int64_t until);  /* those who are due look and report */
/* accepted: 200; else nothing, or not now. */
/* Wall time as it believes it, which is what it sends by. */
wall_t agent_wall(const struct agent *a, int64_t t);
void agent_answered(struct sim *s, const struct delivery *d, bool is_accepted);

/* From here on by another plan, with the same events at the same places. */
void sim_heal_agents(struct sim *s, const struct plan *calm);

/* net.c */
void net_send(struct sim *s, struct agent *a, int64_t sent_at);
bool net_deliver(struct sim *s, int64_t until);
void net_cut(struct sim *s); /* all connections end: what is on its way never arrives */
void net_done(struct sim *s);
/* Where a connection of the agent's comes from; false: it has no address. */
bool net_peer(const struct agent *a, int64_t t, struct addr *ret);

/* collector.c */
void collector_open(struct sim *s);
void collector_close(struct sim *s);
void collector_take(struct sim *s, struct delivery *v, size_t n);
void collector_events(struct sim *s, int64_t until); /* backups, restores, imports */

/* estate.c: what the distributor knows at s->now, into the store and for the simple audit. */
void estate_begin(struct sim *s);
void estate_end(struct sim *s);
void estate_import(struct sim *s);
void estate_policies(struct sim *s);
bool estate_sample(struct sim *s, int64_t license, int64_t domain, const bool *servers,
                   struct world *w);

/* night.c, books.c, judge.c, check.c */
void night_run(struct sim *s);
/* `periods`: not those that are open, but these; NULL. */
void night_open(struct sim *s, const struct run_periods *periods, struct night *n);
void night_drafts(struct sim *s, struct night *n);
void night_done(struct night *n);
void books_check(struct sim *s, const struct night *n);
void books_people(struct sim *s, struct night *n);
void judge_night(struct sim *s, const struct night *n);
void check_store(struct sim *s); /* exactly `taken` */
bool check_agrees(struct sim *s, const struct known *k, bool is_loud);
void check_truth(struct sim *s); /* nothing that was not so */
void check_complete(struct sim *s);
void check_order(struct sim *s);

/* shrink.c: the smallest plan found that fails in the same way, in at most so many runs and
 * seconds. */
void shrink_plan(struct plan *p, const char *what, int tries, int64_t seconds);

#endif
