/*
 * The store: what was observed (a union of stretches), what the distributor knows, and the
 * ledger's rows. An interface with one contract suite (tests/contract) for every backend.
 *
 * Observations are keyed by licence or by domain, their natural partition: every scan below
 * takes a range of the one or the other, so that an audit can be split over workers and a
 * backend can split its tables. Scans give rows in the order their comments say, addresses in
 * that of addr_compare(), texts by bytes; two scans and look-ups may be interleaved. There is
 * one writer; readers see a committed state and keep it while they hold a snapshot.
 *
 * Every function returns 0 (or what its comment says) or a negative error with the text in
 * store_diag(): -EIO I/O or full or damaged, -EAGAIN busy, -ENOMEM, -EEXIST, -ENOENT,
 * -EROFS opened for reading, -EPROTONOSUPPORT a newer schema, -ESTALE the file at the store's
 * path is not the one that was opened (put back, or removed): close all that this process has
 * open of it, then open it anew. After an error inside a write transaction the only way on is
 * store_rollback().
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/caps.h"
#include "base/diag.h"
#include "domain/estate.h"
#include "domain/report.h"

struct store;

enum store_mode {
    STORE_READ,   /* never writes; several at a time */
    STORE_WRITE,  /* one at a time: -EAGAIN when another writes for longer than a few seconds */
    STORE_CREATE, /* as WRITE, and makes the store where there is none (0600, its folder must
                     exist) */
};

/*
 * url: "sqlite:PATH". -EBADMSG for another form; -ENOENT; -EBADMSG for a file that is no
 * store of ours; -EPROTONOSUPPORT for a newer schema (an older one is brought up in a WRITE
 * mode, refused in READ). Opening in any mode never harms a foreign file. `reterr` has the text
 * when *ret could not be made.
 */
MUST_USE int store_open(const char *url, enum store_mode mode, struct store **ret,
                        struct diag *reterr);
void store_close(struct store *s);
static inline void store_done(struct store **s)
{
    store_close(*s);
}
const char *store_diag(const struct store *s);

/* The path of an sqlite store, for files beside it (the signing key); NULL for others. */
const char *store_path(const struct store *s);

MUST_USE int store_begin(struct store *s);  /* to write; not within a snapshot; -ESTALE */
MUST_USE int store_commit(struct store *s); /* 0 = durable: on disk, synced */
void store_rollback(struct store *s);       /* harmless when there is none */

MUST_USE int store_snapshot(struct store *s); /* from here all reads see one state … */
void store_snapshot_end(struct store *s);     /* … until here. They may be nested. */

/*
 * Looks at everything: the file's own integrity, the schema, that stretches are joined, apart
 * and well-formed, that every reference is met. `complain` gets a sentence for each defect.
 * *ret_defects = how many.
 */
MUST_USE int store_check(struct store *s, void (*complain)(void *arg, const char *sentence),
                         void *arg, int64_t *ret_defects);

/*
 * Deletes stretches, gaps and forks that ended before `before`, but of each licence, domain and
 * server the latest: "never seen" must stay true to its name. Of enrolment: tokens with their
 * uses that expired before `before`, or were made before it, are used up and gave nobody an
 * enrolment since; and events "renewed" before it, but each server's last. Of mails settled
 * before it the message, not the row (the edition's model stays for good). Nothing else. In a
 * transaction of the caller's.
 */
MUST_USE int store_prune(struct store *s, wall_t before, int64_t *ret_rows);

/* ---- Observations: writing ---------------------------------------------------------- */

/*
 * One accepted report, already settled (report_settle), joined to what is stored (stretches of
 * one key at most merge_gap apart become one). Idempotent, in any order; in a transaction.
 *
 * peer          family 0 = none; else one `peer` sighting at received_at for each licence
 *               that a live report lists.
 * body_digest   first 8 bytes of the body's SHA-256: a counter with a second one is a fork.
 */
struct store_report {
    const char *server;
    wall_t received_at;
    struct addr peer;
    const struct report *report;
    uint64_t body_digest;
    dur_t merge_gap;
};
MUST_USE int store_put_report(struct store *s, const struct store_report *r);
/* Whether that report of that run was put: 1 or 0. Of a run CAP_COUNTER_WINDOW are known. */
MUST_USE int store_has_report(struct store *s, const char *server, const struct uuid *boot,
                              int64_t counter);

/* ---- Observations: reading ---------------------------------------------------------- */

typedef int64_t server_id; /* from 1; numbers differ between stores */
/*
 * (server, boot_id), by number: the server's, shifted, and a running number from 1. So whose a
 * machine is is told without a look-up, which an audit would need for every licence. A million
 * starts of one agent are one a minute for two years.
 */
typedef int64_t machine_id;
#define STORE_MACHINE_BITS 20
static inline server_id store_machine_server(machine_id machine)
{
    return machine >> STORE_MACHINE_BITS;
}

struct store_machine {
    server_id server;
    struct uuid boot;
};
MUST_USE int store_get_machine(struct store *s, machine_id id,
                               struct store_machine *ret); /* -ENOENT */

/* What the store knows of a server by name: enrolment and estate. */
#define STORE_TENURES_MAX 64
struct store_server {
    char name[CAP_ID + 1];
    bool is_enrolled;
    char enrolled_reseller[CAP_ID + 1];
    wall_t enrolled_at;
    wall_t retired;   /* WALL_END = not; the earliest of its estate rows' and `server retire` */
    wall_t revoked;   /* WALL_END = not */
    size_t n_tenures; /* estate rows, by from */
    struct {
        char reseller[CAP_ID + 1];
        struct term valid;
    } tenures[STORE_TENURES_MAX];
};
MUST_USE int store_get_server(struct store *s, server_id id,
                              struct store_server *ret);                           /* -ENOENT */
MUST_USE int store_find_server(struct store *s, const char *name, server_id *ret); /* -ENOENT */

/* A scan: `next` gives 1 and a row, 0 at the end, or an error. Rows are borrowed until then. */
struct store_scan;
void store_scan_end(struct store_scan *scan);
static inline void store_scan_done(struct store_scan **scan)
{
    store_scan_end(*scan);
}

struct license_range {
    license_t from, to; /* both included */
};
#define LICENSES_ALL ((struct license_range){{0}, {INT64_MAX}})

struct store_sighting {
    license_t license;
    machine_id machine;
    struct addr address;
    enum source source;
    struct span seen;
};
/* By licence, machine, address, source, first. */
MUST_USE int store_scan_sightings(struct store *s, struct license_range range,
                                  struct store_scan **ret);
MUST_USE int store_next_sighting(struct store_scan *scan, struct store_sighting *ret);

struct domain_range {
    const char *from, *to; /* both included; NULL = open */
};
#define DOMAINS_ALL ((struct domain_range){NULL, NULL})

struct store_mail_row {
    const char *domain;
    server_id server;
    struct mail_counts counts;
    struct span seen;
};
/* By domain, server, first, last, counts. */
MUST_USE int store_scan_mail_rows(struct store *s, struct domain_range range,
                                  struct store_scan **ret);
MUST_USE int store_next_mail_row(struct store_scan *scan, struct store_mail_row *ret);

struct store_gap {
    machine_id machine;
    enum gap_kind what;
    struct span seen;
    int64_t lost; /* the largest that was reported of it */
};
/* One machine's, by what, first. */
MUST_USE int store_scan_gaps(struct store *s, machine_id machine, struct store_scan **ret);
MUST_USE int store_next_gap(struct store_scan *scan, struct store_gap *ret);

/* Counters that came twice with different bodies: by server, boot, counter. */
struct store_fork {
    machine_id machine;
    int64_t counter;
    wall_t at; /* receipt of the second body */
};
MUST_USE int store_scan_forks(struct store *s, struct store_scan **ret);
MUST_USE int store_next_fork(struct store_scan *scan, struct store_fork *ret);

/* All servers that ever reported or were enrolled or stand in the estate, by name. */
struct store_server_row {
    server_id id;
    const char *name;
    /* Receipt of the first and the last of the reports still remembered (CAP_COUNTER_WINDOW).
     */
    bool has_reported;
    wall_t first_received, last_received;
};
MUST_USE int store_scan_servers(struct store *s, struct store_scan **ret);
MUST_USE int store_next_server(struct store_scan *scan, struct store_server_row *ret);
/* Those of them that are neither enrolled nor in the estate. */
MUST_USE int store_scan_unknown_servers(struct store *s, struct store_scan **ret);

/* All servers that have a number, by it, with what store_get_server() says of them. */
struct store_server_facts {
    server_id id;
    const struct store_server *server;
};
MUST_USE int store_scan_server_facts(struct store *s, struct store_scan **ret);
MUST_USE int store_next_server_facts(struct store_scan *scan, struct store_server_facts *ret);

/* What reports say of the licences themselves, for listings: by licence, machine, facts. */
struct store_license_seen {
    license_t license;
    machine_id machine;
    const struct report_license *facts;
    wall_t first_received;
};
MUST_USE int store_scan_license_seen(struct store *s, struct license_range range,
                                     struct store_scan **ret);
MUST_USE int store_next_license_seen(struct store_scan *scan, struct store_license_seen *ret);

/* The earliest moment in any stretch of a licence or a domain. -ENOENT when nothing is stored.
 */
MUST_USE int store_first_evidence(struct store *s, wall_t *ret);

/* How many rows a scan of all sightings and mail rows would give, roughly, for progress bars.
 */
MUST_USE int store_estimate_rows(struct store *s, int64_t *ret);

/* ---- The estate --------------------------------------------------------------------- */

enum estate_table {
    ESTATE_MANAGERS,
    ESTATE_RESELLERS,
    /* with their networks */ ESTATE_LICENSES,
    ESTATE_DOMAINS,
    ESTATE_SERVERS,
    ESTATE_MOVES,
    ESTATE_TARIFFS,
};
#define ESTATE_TABLE_COUNT 7

/* Empties a table, to be filled anew in the same transaction. */
MUST_USE int store_clear_table(struct store *s, enum estate_table t);
MUST_USE int store_put_manager(struct store *s, const struct estate_manager *r);
MUST_USE int store_put_reseller(struct store *s, const struct estate_reseller *r);
MUST_USE int store_put_network(struct store *s, const struct estate_network *r);
MUST_USE int store_put_license(struct store *s, const struct estate_license *r);
MUST_USE int store_put_domain(struct store *s, const struct estate_domain *r);
MUST_USE int store_put_estate_server(struct store *s, const struct estate_server *r);
MUST_USE int store_put_move(struct store *s, const struct estate_move *r);
MUST_USE int store_put_tariff(struct store *s, const struct estate_tariff *r);

/* By id; by id; by reseller, network, from; by licence, from; by domain, from; by server, from;
 * by licence, from; by kind, reseller (general first), currency, from. */
MUST_USE int store_scan_managers(struct store *s, struct store_scan **ret);
MUST_USE int store_next_manager(struct store_scan *scan, struct estate_manager *ret);
MUST_USE int store_scan_resellers(struct store *s, struct store_scan **ret);
MUST_USE int store_next_reseller(struct store_scan *scan, struct estate_reseller *ret);
MUST_USE int store_scan_networks(struct store *s, struct store_scan **ret);
MUST_USE int store_next_network(struct store_scan *scan, struct estate_network *ret);
MUST_USE int store_scan_licenses(struct store *s, struct license_range range,
                                 struct store_scan **ret);
MUST_USE int store_next_license(struct store_scan *scan, struct estate_license *ret);
MUST_USE int store_scan_domains(struct store *s, struct domain_range range,
                                struct store_scan **ret);
MUST_USE int store_next_domain(struct store_scan *scan, struct estate_domain *ret);
MUST_USE int store_scan_estate_servers(struct store *s, struct store_scan **ret);
MUST_USE int store_next_estate_server(struct store_scan *scan, struct estate_server *ret);
MUST_USE int store_scan_moves(struct store *s, struct license_range range,
                              struct store_scan **ret);
MUST_USE int store_next_move(struct store_scan *scan, struct estate_move *ret);
MUST_USE int store_scan_tariffs(struct store *s, struct store_scan **ret);
MUST_USE int store_next_tariff(struct store_scan *scan, struct estate_tariff *ret);

/* A server is retired from `at` on. -ENOENT. In a transaction of the caller's. */
MUST_USE int store_retire_server(struct store *s, const char *name, wall_t at);

/* ---- Enrolment ------------------------------------------------------------------------ */

/*
 * Who may come in, by name, as one look-up: what a daemon asks at each request.
 *
 * certs_from    certificates that begin earlier are void: the server was enrolled anew.
 */
struct store_admission {
    server_id id;
    char reseller[CAP_ID + 1]; /* that it was enrolled for */
    wall_t enrolled_at;
    wall_t revoked;    /* WALL_END = not */
    wall_t certs_from; /* WALL_BEGIN = all hold */
};
MUST_USE int store_get_admission(struct store *s, const char *name,
                                 struct store_admission *ret); /* -ENOENT: not enrolled */

/*
 * Enrols a server: a new one, one that was only known of, or one that comes back (its first
 * enrolled_at stays, a revocation is lifted, certs_from is set). In a transaction of the
 * caller's, as all that writes below. -ERANGE: a name that is empty or too long.
 */
MUST_USE int store_enrol_server(struct store *s, const char *name, const char *reseller,
                                wall_t at, wall_t certs_from);
/* -ENOENT: not enrolled. A second time changes nothing. */
MUST_USE int store_revoke_server(struct store *s, const char *name, wall_t at);

/* A token: what lets somebody enrol. Its secret is not kept, only the SHA-256 of it. */
#define STORE_TOKEN_ID 8
struct store_token {
    uint8_t id[STORE_TOKEN_ID];
    uint8_t secret_hash[32];
    char reseller[CAP_ID + 1];
    char server[CAP_ID + 1]; /* "" = the collector names a new one; else who comes back */
    int64_t uses, used;
    wall_t created, expires;
    wall_t revoked; /* WALL_END = not */
};
MUST_USE int store_put_token(struct store *s, const struct store_token *t); /* -EEXIST */
MUST_USE int store_get_token(struct store *s, const uint8_t id[static STORE_TOKEN_ID],
                             struct store_token *ret); /* -ENOENT */
/* One use more. -ENOENT. Whether it may be is the caller's question. */
MUST_USE int store_use_token(struct store *s, const uint8_t id[static STORE_TOKEN_ID]);
MUST_USE int store_revoke_token(struct store *s, const uint8_t id[static STORE_TOKEN_ID],
                                wall_t at); /* -ENOENT; a second time changes nothing */
MUST_USE int store_scan_tokens(struct store *s, struct store_scan **ret); /* created, id */
MUST_USE int store_next_token(struct store_scan *scan, struct store_token *ret);

/*
 * Which server a token's use gave to a key: an enrolment whose answer got lost is asked for
 * again with the same key, and is not another use. -ENOENT.
 */
struct store_use {
    uint8_t token[STORE_TOKEN_ID];
    uint8_t key_id[32]; /* SHA-256 of the SubjectPublicKeyInfo */
    char server[CAP_ID + 1];
};
/* -EEXIST; -ENOENT: no such token or server. */
MUST_USE int store_put_use(struct store *s, const struct store_use *u);
MUST_USE int store_get_use(struct store *s, struct store_use *use); /* fills in `server` */

/*
 * The trail: who let whom in and out, in the order in which it happened; rows are never
 * changed, and numbers grow. `details` is a JSON object, without secrets.
 */
struct store_event {
    int64_t sequence; /* given by the store when it is put */
    wall_t at;
    const char *what;     /* "token-created" … */
    const char *who;      /* a person, or the address that asked */
    const char *server;   /* "" = none */
    const char *reseller; /* "" = none */
    const char *details;
};
MUST_USE int store_put_event(struct store *s, const struct store_event *e);
/* By sequence; of one server, or of all (NULL). */
MUST_USE int store_scan_events(struct store *s, const char *server, struct store_scan **ret);
MUST_USE int store_next_event(struct store_scan *scan, struct store_event *ret);

/* ---- Standings: what agents are told --------------------------------------------------- */

/* What the last published audit said of a licence that is not in order. */
struct store_standing {
    license_t license;
    const char *reseller; /* whose entry: nobody else is told */
    bool is_confirmed;    /* else potential */
    uint8_t kinds;        /* a bit for each enum charge_kind */
    wall_t since;
    bool has_confirms;
    wall_t confirms_at;
};
/* Empties the table and raises the generation, to be filled in the same transaction. */
MUST_USE int store_clear_standings(struct store *s, wall_t as_of);
MUST_USE int store_put_standing(struct store *s, const struct store_standing *x); /* -EEXIST */
/* By licence, reseller. */
MUST_USE int store_scan_standings(struct store *s, struct store_scan **ret);
MUST_USE int store_next_standing(struct store_scan *scan, struct store_standing *ret);
/* 0 and WALL_BEGIN when nothing was ever published. */
MUST_USE int store_standing_generation(struct store *s, int64_t *ret, wall_t *ret_as_of);

/* ---- The nightly report: runs, editions, what was said ---------------------------------- */

/* Who reads; the numbers are stored: append only. */
enum store_reader_kind { READER_MANAGER = 0, READER_RESELLER = 1, READER_OPERATOR = 2 };
struct store_reader {
    enum store_reader_kind kind;
    const char *id; /* of the manager, the reseller; an operator's address */
};

/*
 * One night. It is written in pieces, and nobody sees it (no scan, no look-up, no mail of it is
 * given out) until it is published: so a night is there as a whole, or not at all, and no other
 * writer waits for minutes. What writes to a run that nobody is writing (it was published, or
 * deleted by the next) is told -ENOENT.
 */
struct store_run {
    int64_t run; /* rising; a number is never given twice */
    int64_t day; /* local date of as_of: days since 1970-01-01 */
    wall_t made_at, as_of;
    bool is_failed;    /* the audit failed: its mails say so */
    const char *about; /* a JSON object for listings */
};
/* Begins a night, unpublished; whatever an earlier one left unpublished is deleted. */
MUST_USE int store_begin_run(struct store *s, const struct store_run *r, int64_t *ret_run);
MUST_USE int store_publish_run(struct store *s, int64_t run);
MUST_USE int store_scan_runs(struct store *s, struct store_scan **ret); /* the newest first */
MUST_USE int store_next_run(struct store_scan *scan, struct store_run *ret);

/* What one reader was told in one night. `model` is whatever bytes the caller keeps. */
struct store_edition {
    int64_t run;
    struct store_reader reader;
    int64_t serial; /* of this reader, from 1, without holes */
    enum language language;
    const char *subject;
    struct text model;
};
/* Gives it the reader's next serial. -EEXIST: this reader has one of that run already. */
MUST_USE int store_put_edition(struct store *s, const struct store_edition *e,
                               int64_t *ret_serial);
/* The number that the reader's next edition gets, and the run of its last published one (0 =
 * none). */
MUST_USE int store_next_serial(struct store *s, const struct store_reader *reader,
                               int64_t *ret_serial, int64_t *ret_last_run);
/* Of a published run, by reader kind and id; `model` is empty in them. */
MUST_USE int store_scan_editions(struct store *s, int64_t run, struct store_scan **ret);
MUST_USE int store_next_edition(struct store_scan *scan, struct store_edition *ret);
/* Adds the model to ret_model. -ENOENT. */
MUST_USE int store_get_model(struct store *s, int64_t run, const struct store_reader *reader,
                             struct buf *ret_model);

enum mail_state { MAIL_STATE_WAITS = 0, MAIL_STATE_SENT = 1, MAIL_STATE_DEAD = 2 };
/* A mail of a run: it waits until it was taken or given up. */
struct store_mail {
    int64_t id; /* given by the store, rising */
    int64_t run;
    struct store_reader reader;
    const char *sender, *recipient, *message_id; /* addresses as they go over the wire */
    struct text message;                         /* empty in scans, and once pruned */
    enum mail_state state;
    int64_t attempts;
    wall_t next_try; /* while it waits */
    wall_t settled;  /* when it was sent or given up; WALL_END = not */
    int64_t last_code;
    bool may_be_double;    /* an attempt ended without an answer after the whole mail */
    const char *last_text; /* what was said at the last attempt; "" = nothing */
};
/* It waits, due at next_try, and was never tried. -EEXIST: the Message-ID is there. */
MUST_USE int store_put_mail(struct store *s, const struct store_mail *m);
/* All, of published runs, by id; with `waiting_only`, those that wait. */
MUST_USE int store_scan_mails(struct store *s, bool waiting_only, struct store_scan **ret);
MUST_USE int store_next_mail(struct store_scan *scan, struct store_mail *ret);
/*
 * Claims the mail that has been due longest at `now`: it is not given out again before `until`,
 * so that two deliverers never send the same. 1 and the mail with its message added to
 * ret_message (texts of *ret are kept in `keep`); 0 none is due.
 */
struct arena;
struct store_claim {
    wall_t now, until;
    struct arena *keep;
};
MUST_USE int store_claim_mail(struct store *s, const struct store_claim *c,
                              struct store_mail *ret, struct buf *ret_message);
/* What became of an attempt: state, next_try, settled, last_code, last_text, may_be_double are
 * taken from `m`, attempts is raised. A mail that another attempt settled since stays settled,
 * and sent if one of them sent it. -ENOENT. */
MUST_USE int store_settle_mail(struct store *s, const struct store_mail *m);

/* What a reader was last told of one key: what tomorrow is compared with. */
struct store_said {
    struct store_reader reader;
    const char *reseller; /* "" = none */
    uint8_t kind;         /* enum finding_kind */
    const char *subject;
    period_t period;
    uint8_t state; /* enum finding_state */
    int64_t quantity;
    bool goes_on;       /* it had a confirms_at */
    wall_t confirms_at; /* WALL_END = none */
    bool is_reminded;   /* told again before it costs */
};
/* Forgets all of a reader's, to be filled anew in the same transaction. */
MUST_USE int store_clear_said(struct store *s, const struct store_reader *reader);
MUST_USE int store_put_said(struct store *s, const struct store_said *x); /* -EEXIST */
/* A reader's: by reseller, kind, subject, period. */
MUST_USE int store_scan_said(struct store *s, const struct store_reader *reader,
                             struct store_scan **ret);
MUST_USE int store_next_said(struct store_scan *scan, struct store_said *ret);

/* Keys that the last night found confirmed in each period, for the strikes (SPEC 5). */
struct store_confirmed {
    const char *reseller;
    period_t period;
    enum charge_kind kind;
    const char *subject;
    bool is_trial;
};
MUST_USE int store_clear_confirmed(struct store *s, period_t period); /* that period's */
MUST_USE int store_put_confirmed(struct store *s,
                                 const struct store_confirmed *x); /* -EEXIST */
/* One reseller's from a period on: by period, kind, subject. */
MUST_USE int store_scan_confirmed(struct store *s, const char *reseller, period_t from,
                                  struct store_scan **ret);
MUST_USE int store_next_confirmed(struct store_scan *scan, struct store_confirmed *ret);

/* Gaps of all machines that end at `since` or later: by machine, what, first. Rows are those of
 * store_next_gap(). */
MUST_USE int store_scan_recent_gaps(struct store *s, wall_t since, struct store_scan **ret);

/* ---- The ledger --------------------------------------------------------------------- */

/*
 * Rows are the ledger's business (collector/ledger); the store keeps them in order and never
 * changes one (the tables refuse UPDATE and DELETE). Texts are canonical JSON.
 */
struct store_entry {
    int64_t sequence; /* from 1, without holes */
    /* Copies of members of `body`, for look-ups. */
    period_t period, booked;
    enum charge_kind kind;
    const char *reseller, *subject, *currency;
    money_t amount;
    const char *body; /* the entry without its hash */
    const char *evidence;
    const char *hash; /* 64 hex digits */
};
MUST_USE int store_append_entry(struct store *s,
                                const struct store_entry *e); /* -EEXIST: not the next */
/* By sequence. With `has_period`, those of that period only. */
MUST_USE int store_scan_entries(struct store *s, bool has_period, period_t period,
                                struct store_scan **ret);
MUST_USE int store_next_entry(struct store_scan *scan, struct store_entry *ret);
MUST_USE int store_get_entry(struct store *s, int64_t sequence,
                             struct store_scan **ret); /* a scan of one or none */

/* What a period's keys hold: by kind name, reseller, subject (bytes); one row a key.
 * (Entries of a key share one currency; should they not, one row for each.) */
struct store_balance {
    period_t period;
    enum charge_kind kind;
    const char *reseller, *subject, *currency;
    money_t amount;
    int64_t entries;
};
MUST_USE int store_scan_balances(struct store *s, period_t period, struct store_scan **ret);
MUST_USE int store_next_balance(struct store_scan *scan, struct store_balance *ret);

/* Waivers and disputes: a chain of their own, append-only. */
enum decision {
    DECISION_WAIVE = 0,
    DECISION_REINSTATE = 1,
    DECISION_DISPUTE = 2,
    DECISION_UPHOLD = 3,
    DECISION_CLOSE = 4
};
struct store_decision {
    int64_t sequence;
    enum decision decision;
    period_t period;
    enum charge_kind kind; /* with CLOSE: 0, and the texts "" */
    const char *reseller, *subject;
    const char *body;
    const char *hash;
};
MUST_USE int store_append_decision(struct store *s, const struct store_decision *d);
MUST_USE int store_scan_decisions(struct store *s, struct store_scan **ret); /* by sequence */
MUST_USE int store_next_decision(struct store_scan *scan, struct store_decision *ret);
struct store_key {
    period_t period;
    enum charge_kind kind;
    const char *reseller, *subject;
};
/* The last decision that is not CLOSE on a key. -ENOENT. */
MUST_USE int store_key_decision(struct store *s, const struct store_key *key,
                                enum decision *ret);

/* The last row of each chain: sequence 0 and hash "" when there is none. */
MUST_USE int store_chain_head(struct store *s, bool decisions, int64_t *ret_sequence,
                              char ret_hash[static 65]);

/* Periods are closed oldest first, so one value says it all. -ENOENT: none yet. */
MUST_USE int store_last_closed(struct store *s, period_t *ret);

/* Small named values: the schema's own notes, accepted policies. 1 = found, 0 = not. */
MUST_USE int store_get_note(struct store *s, const char *name, struct buf *ret);
MUST_USE int store_set_note(struct store *s, const char *name, const char *value);

#endif
