/*
 * The store on SQLite, private to the sqlite_*.c files of this folder: the connection, its
 * prepared statements, and how a result of SQLite's becomes an error of ours.
 *
 * In these files `lite_…` is ours and `sqlite3_…` is the library's.
 */
#ifndef STORE_SQLITE_BACKEND_H
#define STORE_SQLITE_BACKEND_H

#include <sqlite3.h>
#include <sys/types.h>

#include "store/store_ops.h"

#define LITE_APPLICATION_ID 0x46725573 /* "FrUs", at offset 68 of the file */
#define LITE_SCHEMA 3                  /* the newest schema that this program knows */

/* The statements that a connection keeps prepared; each stands beside its use as a `query`. */
enum query_slot {
    QUERY_BEGIN,
    QUERY_COMMIT,
    QUERY_TALLY,
    QUERY_TALLY_GET,
    QUERY_SERVER_FIND,
    QUERY_SERVER_FIND_KNOWN,
    QUERY_SERVER_ADD,
    QUERY_SERVER_GET,
    QUERY_SERVER_TENURES,
    QUERY_SERVER_RETIRE,
    QUERY_SERVER_ADMIT,
    QUERY_SERVER_ENROL,
    QUERY_SERVER_REVOKE,
    QUERY_MACHINE_FIND,
    QUERY_MACHINE_ADD,
    QUERY_MACHINE_LAST,
    QUERY_MACHINE_GET,
    QUERY_SIGHTING_NEAR,
    QUERY_SIGHTING_EXTEND,
    QUERY_SIGHTING_DELETE,
    QUERY_SIGHTING_ADD,
    QUERY_MAIL_NEAR,
    QUERY_MAIL_EXTEND,
    QUERY_MAIL_DELETE,
    QUERY_MAIL_ADD,
    QUERY_GAP_NEAR,
    QUERY_GAP_EXTEND,
    QUERY_GAP_DELETE,
    QUERY_GAP_ADD,
    QUERY_LICENSE_SEEN_PUT,
    QUERY_REPORT_PUT,
    QUERY_REPORT_FORGET,
    QUERY_REPORT_HAS,
    QUERY_FORK_PUT,
    QUERY_PUT_MANAGER,
    QUERY_PUT_RESELLER,
    QUERY_PUT_NETWORK,
    QUERY_PUT_LICENSE,
    QUERY_PUT_DOMAIN,
    QUERY_PUT_ESTATE_SERVER,
    QUERY_PUT_MOVE,
    QUERY_PUT_TARIFF,
    QUERY_TENURE_COUNT,
    QUERY_TOKEN_ADD,
    QUERY_TOKEN_GET,
    QUERY_TOKEN_USE,
    QUERY_TOKEN_REVOKE,
    QUERY_USE_ADD,
    QUERY_USE_GET,
    QUERY_EVENT_ADD,
    QUERY_STANDING_RAISE,
    QUERY_STANDING_ADD,
    QUERY_STANDING_GENERATION,
    QUERY_RUN_ADD,
    QUERY_RUN_PUBLISH,
    QUERY_EDITION_ADD,
    QUERY_EDITION_NEWEST,
    QUERY_EDITION_MODEL,
    QUERY_SAID_CLEAR,
    QUERY_SAID_ADD,
    QUERY_CONFIRMED_CLEAR,
    QUERY_CONFIRMED_ADD,
    QUERY_MAIL_PUT,
    QUERY_MESSAGE_PUT,
    QUERY_MAIL_DUE,
    QUERY_MAIL_CLAIM,
    QUERY_MESSAGE_GET,
    QUERY_MAIL_SETTLE,
    QUERY_MAIL_SETTLE_LATE,
    QUERY_ENTRY_ADD,
    QUERY_ENTRY_HEAD,
    QUERY_DECISION_ADD,
    QUERY_DECISION_HEAD,
    QUERY_DECISION_OF_KEY,
    QUERY_LAST_CLOSED,
    QUERY_NOTE_GET,
    QUERY_NOTE_SET,
};
#define QUERY_COUNT (QUERY_NOTE_SET + 1)

struct query {
    enum query_slot slot;
    const char *sql;
};

/* Who sent a report, by number: the look-up that every report begins with. */
struct lite_sender {
    char server_name[CAP_ID + 1]; /* "" = nothing is remembered here */
    struct uuid boot;
    server_id server;
    machine_id machine;
};
#define LITE_SENDERS 2048 /* a power of two; 220 kB */

struct lite_store {
    struct store base;
    sqlite3 *db;
    char *path;
    dev_t device; /* the file that was opened at `path`, */
    ino_t inode;  /* while the connection holds it no other has its number */
    bool is_read_only;
    bool in_write;   /* between store_begin and store_commit or store_rollback */
    int snapshots;   /* how many are held, one within the other */
    bool has_failed; /* in this write transaction: it can only be rolled back */
    int open_scans;
    sqlite3_stmt *statements[QUERY_COUNT];
    sqlite3_stmt *idle_scans[SCAN_KIND_COUNT]; /* one of each kind, ready for the next scan */
    struct spans near;                         /* working memory of a union */
    struct lite_sender *senders;               /* direct-mapped */
    /* What this transaction adds to the tally, written at its end. */
    int64_t more_sightings, more_mail_rows;
    wall_t earliest; /* WALL_END = nothing new */
};

/* An address as it is stored: its family and its bytes. */
#define ADDRESS_KEY_MAX 17

struct lite_scan {
    struct store_scan base;
    struct lite_store *store;
    enum scan_kind kind;
    sqlite3_stmt *st;
    bool is_over;
    int64_t known_license; /* the code last found valid */
    int64_t last_license;  /* of the range */
    union {
        struct report_license facts;
        struct {
            uint8_t bytes[ADDRESS_KEY_MAX]; /* as stored; n = 0: none yet */
            int n;
            struct addr address;
        } last;
        struct store_server *facts_of; /* the present one; 5 kB */
    };
};

static inline struct lite_store *lite_of(struct store *s)
{
    return (struct lite_store *)s;
}

/* ---- Values and statements (sqlite_base.c) ------------------------------------------- */

enum value_kind { VALUE_NULL, VALUE_INT, VALUE_TEXT, VALUE_BLOB };

/* What is bound to ?1, ?2, …; borrowed until the statement is reset. */
struct value {
    enum value_kind kind;
    int64_t number;
    const void *bytes;
    size_t n;
};

#define INT(x) ((struct value){.kind = VALUE_INT, .number = (x)})
#define TEXT(s) (lite_text(s))
#define BLOB(p, len) ((struct value){.kind = VALUE_BLOB, .bytes = (p), .n = (len)})
#define SQL_NULL ((struct value){.kind = VALUE_NULL})

struct value lite_text(const char *s); /* NULL is NULL */

/* An address as it is stored. */
struct address_key {
    uint8_t bytes[ADDRESS_KEY_MAX];
    size_t n;
};
struct address_key lite_address_key(const struct addr *a); /* n = 0 for family 0 */
#define ADDRESS(key) BLOB((key).bytes, (key).n)
MUST_USE int lite_address_from(const uint8_t *p, int n, struct addr *ret); /* 0 or -EBADMSG */
MUST_USE int lite_address_column(sqlite3_stmt *st, int column, struct addr *ret);

/* The error of ours for a result of SQLite's; the text, with what to do, goes to the store. */
int lite_error(struct lite_store *s, int rc);

/* -EIO: what is stored cannot have been written by us. */
int lite_damaged(struct lite_store *s, const char *what);

/*
 * The statement of a query, bound. The caller steps it and resets it (AUTO(lite_reset)).
 * LITE_USE(s, &query, &st, INT(1), TEXT("x")) is the way to call it.
 */
MUST_USE int lite_use(struct lite_store *s, const struct query *q, const struct value *v,
                      size_t n, sqlite3_stmt **ret);
#define LITE_VALUES(...)                                                                       \
    (const struct value[])                                                                     \
    {                                                                                          \
        __VA_ARGS__                                                                            \
    }
#define LITE_COUNT(...) (sizeof(LITE_VALUES(__VA_ARGS__)) / sizeof(struct value))
#define LITE_USE(s, q, ret, ...)                                                               \
    lite_use(s, q, LITE_VALUES(__VA_ARGS__), LITE_COUNT(__VA_ARGS__), ret)

static inline void lite_reset_done(sqlite3_stmt **st)
{
    (void)sqlite3_reset(*st); /* repeats the step's error, which was dealt with */
}

/* 1 with a row, 0 at the end, or an error. */
MUST_USE int lite_step(struct lite_store *s, sqlite3_stmt *st);

/* A query that gives no rows: used, stepped, reset. */
MUST_USE int lite_run(struct lite_store *s, const struct query *q, const struct value *v,
                      size_t n);
#define LITE_RUN(s, q, ...) lite_run(s, q, LITE_VALUES(__VA_ARGS__), LITE_COUNT(__VA_ARGS__))

/* Statements used once; more than one in a text may be. `v` binds the first. */
MUST_USE int lite_exec(struct lite_store *s, const char *sql);
MUST_USE int lite_exec_int(struct lite_store *s, const char *sql, int64_t value);
/* The first column of the first row. -EIO when there is none. */
MUST_USE int lite_get_int(struct lite_store *s, const char *sql, int64_t *ret);

MUST_USE int lite_bind(sqlite3_stmt *st, const struct value *v, size_t n,
                       sqlite3_destructor_type keep);

/* Copies a text column. -EBADMSG when it does not fit. */
MUST_USE int lite_copy_text(sqlite3_stmt *st, int column, char *ret, size_t size);

/* What a column of 0 or 1 says. False when it says something else. */
bool lite_read_bool(sqlite3_stmt *st, int column, bool *ret);
/* Copies bytes of exactly that number. -EBADMSG. */
MUST_USE int lite_copy_bytes(sqlite3_stmt *st, int column, uint8_t *ret, size_t n);
/* False when it cannot be one. */
bool lite_read_kind(sqlite3_stmt *st, int column, enum charge_kind *ret);
bool lite_read_period(sqlite3_stmt *st, int column, period_t *ret);
/* A moment; NULL reads as `none`, and `none` is written as NULL. */
wall_t lite_moment(sqlite3_stmt *st, int column, wall_t none);
struct value lite_moment_value(wall_t t, wall_t none);

/* 0 when a write may be made now; -EROFS, or -EIO after a failure. */
MUST_USE int lite_writable(struct lite_store *s);

/* The step of the schema that brings version `from` to from + 1. */
const char *lite_schema_step(int from);
/* Brings the schema up to date, in one transaction: all of it or nothing. -EPROTONOSUPPORT when
 * it is a newer one than ours. */
MUST_USE int lite_migrate(struct lite_store *s);

/* ---- The operations, one file each --------------------------------------------------- */

/* sqlite_transaction.c */
MUST_USE int lite_begin(struct store *s);
MUST_USE int lite_commit(struct store *s);
void lite_rollback(struct store *s);
MUST_USE int lite_snapshot(struct store *s);
void lite_snapshot_end(struct store *s);
MUST_USE int lite_first_evidence(struct store *s, wall_t *ret);
MUST_USE int lite_estimate_rows(struct store *s, int64_t *ret);

/* sqlite_check.c, sqlite_prune.c */
MUST_USE int lite_check(struct store *s, void (*complain)(void *arg, const char *sentence),
                        void *arg, int64_t *ret_defects);
MUST_USE int lite_prune(struct store *s, wall_t before, int64_t *ret_rows);

/* sqlite_observe.c, sqlite_server.c */
MUST_USE int lite_put_report(struct store *s, const struct store_report *r);
MUST_USE int lite_has_report(struct store *s, const char *server, const struct uuid *boot,
                             int64_t counter);
MUST_USE int lite_get_machine(struct store *s, machine_id id, struct store_machine *ret);
MUST_USE int lite_get_server(struct store *s, server_id id, struct store_server *ret);
MUST_USE int lite_find_server(struct store *s, const char *name, server_id *ret);
MUST_USE int lite_retire_server(struct store *s, const char *name, wall_t at);
MUST_USE int lite_get_admission(struct store *s, const char *name, struct store_admission *ret);
MUST_USE int lite_enrol_server(struct store *s, const char *name, const char *reseller,
                               wall_t at, wall_t certs_from);
MUST_USE int lite_revoke_server(struct store *s, const char *name, wall_t at);
MUST_USE int lite_server_id(struct lite_store *s, const char *name,
                            server_id *ret); /* adds it */
MUST_USE int lite_sender(struct lite_store *s, const char *server, const struct uuid *boot,
                         struct lite_sender *ret); /* adds both */

/* sqlite_scan.c: the scans' texts; the functions that read their rows, by file. */
MUST_USE int lite_scan(struct store *s, enum scan_kind kind, const struct scan_args *args,
                       struct store_scan **ret);
MUST_USE int lite_scan_step(struct lite_scan *scan); /* 1, 0 (for good) or an error */
/* Whether a licence's code, as read by this scan, is one. 0 or -EIO. */
MUST_USE int lite_scan_license(struct lite_scan *scan, int column, license_t *ret);
/* Of a server `s`, as lite_next_server_facts() and lite_get_server() read it. */
#define LITE_SERVER_COLUMNS                                                                    \
    "s.name, s.enrolled_reseller, s.enrolled_at, s.retired, s.revoked,"                        \
    " EXISTS(SELECT 1 FROM server_entry WHERE server = s.id)"
MUST_USE int lite_next_server_facts(struct store_scan *scan, void *ret); /* sqlite_server.c */
MUST_USE int lite_facts_init(struct lite_scan *scan);
MUST_USE int lite_next_manager(struct store_scan *scan, void *ret); /* sqlite_estate.c */
MUST_USE int lite_next_reseller(struct store_scan *scan, void *ret);
MUST_USE int lite_next_network(struct store_scan *scan, void *ret);
MUST_USE int lite_next_license(struct store_scan *scan, void *ret);
MUST_USE int lite_next_domain(struct store_scan *scan, void *ret);
MUST_USE int lite_next_estate_server(struct store_scan *scan, void *ret);
MUST_USE int lite_next_move(struct store_scan *scan, void *ret);
MUST_USE int lite_next_tariff(struct store_scan *scan, void *ret);
/* As lite_next_token() and lite_get_token() read it. */
#define LITE_TOKEN_COLUMNS                                                                     \
    "id, secret_hash, reseller, server, uses, used, created, expires, revoked"
MUST_USE int lite_next_token(struct store_scan *scan, void *ret); /* sqlite_enrol.c */
MUST_USE int lite_next_event(struct store_scan *scan, void *ret);
MUST_USE int lite_next_standing(struct store_scan *scan, void *ret); /* sqlite_standing.c */
MUST_USE int lite_next_run(struct store_scan *scan, void *ret);      /* sqlite_report.c */
MUST_USE int lite_next_edition(struct store_scan *scan, void *ret);
MUST_USE int lite_next_said(struct store_scan *scan, void *ret);
MUST_USE int lite_next_confirmed(struct store_scan *scan, void *ret);
/* Of the outbox `o`, as lite_next_mail() and lite_claim_mail() read it. */
#define LITE_MAIL_COLUMNS                                                                      \
    "o.id, o.run, o.reader_kind, o.reader, o.sender, o.recipient, o.message_id, o.state,"      \
    " o.attempts, o.next_try, o.settled, o.last_code, o.may_be_double, o.last_text"
MUST_USE int lite_next_mail(struct store_scan *scan, void *ret);  /* sqlite_outbox.c */
MUST_USE int lite_next_entry(struct store_scan *scan, void *ret); /* sqlite_ledger.c */
MUST_USE int lite_next_balance(struct store_scan *scan, void *ret);
MUST_USE int lite_next_decision(struct store_scan *scan, void *ret);

/* sqlite_estate.c */
MUST_USE int lite_clear_table(struct store *s, enum estate_table t);
MUST_USE int lite_put_row(struct store *s, enum row_kind kind, const void *row);

/* sqlite_enrol.c */
MUST_USE int lite_put_token(struct store *s, const struct store_token *t);
MUST_USE int lite_get_token(struct store *s, const uint8_t id[static STORE_TOKEN_ID],
                            struct store_token *ret);
MUST_USE int lite_use_token(struct store *s, const uint8_t id[static STORE_TOKEN_ID]);
MUST_USE int lite_revoke_token(struct store *s, const uint8_t id[static STORE_TOKEN_ID],
                               wall_t at);
MUST_USE int lite_put_use(struct store *s, const struct store_use *u);
MUST_USE int lite_get_use(struct store *s, struct store_use *use);
MUST_USE int lite_put_event(struct store *s, const struct store_event *e);

/* sqlite_standing.c */
MUST_USE int lite_clear_standings(struct store *s, wall_t as_of);
MUST_USE int lite_put_standing(struct store *s, const struct store_standing *x);
MUST_USE int lite_standing_generation(struct store *s, int64_t *ret, wall_t *ret_as_of);

/* sqlite_report.c */
/* The reader in a column, its kind, and the one behind it. False when it is none. */
bool lite_read_reader(sqlite3_stmt *st, int column, struct store_reader *ret);
/* Adds a column's bytes. 0; -ERANGE; -ENOMEM. */
MUST_USE int lite_add_blob(struct lite_store *s, sqlite3_stmt *st, int column, struct buf *out);
/* -ENOENT, with its text: there is no such run, or it was published. */
int lite_no_run(struct lite_store *s, int64_t run);
MUST_USE int lite_begin_run(struct store *s, const struct store_run *x, int64_t *ret_run);
MUST_USE int lite_publish_run(struct store *s, int64_t run);
MUST_USE int lite_put_edition(struct store *s, const struct store_edition *x,
                              int64_t *ret_serial);
MUST_USE int lite_next_serial(struct store *s, const struct store_reader *reader,
                              int64_t *ret_serial, int64_t *ret_last_run);
MUST_USE int lite_get_model(struct store *s, int64_t run, const struct store_reader *reader,
                            struct buf *ret_model);
MUST_USE int lite_clear_said(struct store *s, const struct store_reader *reader);
MUST_USE int lite_put_said(struct store *s, const struct store_said *x);
MUST_USE int lite_clear_confirmed(struct store *s, period_t period);
MUST_USE int lite_put_confirmed(struct store *s, const struct store_confirmed *x);

/* sqlite_outbox.c */
MUST_USE int lite_put_mail(struct store *s, const struct store_mail *m);
MUST_USE int lite_claim_mail(struct store *s, const struct store_claim *c,
                             struct store_mail *ret, struct buf *ret_message);
MUST_USE int lite_settle_mail(struct store *s, const struct store_mail *m);

/* sqlite_ledger.c */
MUST_USE int lite_append_entry(struct store *s, const struct store_entry *e);
MUST_USE int lite_append_decision(struct store *s, const struct store_decision *d);
MUST_USE int lite_key_decision(struct store *s, const struct store_key *key,
                               enum decision *ret);
MUST_USE int lite_chain_head(struct store *s, bool decisions, int64_t *ret_sequence,
                             char ret_hash[static 65]);
MUST_USE int lite_last_closed(struct store *s, period_t *ret);
MUST_USE int lite_get_note(struct store *s, const char *name, struct buf *ret);
MUST_USE int lite_set_note(struct store *s, const char *name, const char *value);

#endif
