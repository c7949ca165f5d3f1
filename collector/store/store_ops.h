/*
 * What a backend of the store implements, private to this room. store.c is the only caller; its
 * functions are the interface and its docstrings (store.h) bind every backend.
 */
#ifndef STORE_STORE_OPS_H
#define STORE_STORE_OPS_H

#include "store/store.h"

/* The rows that scans give and that `put_row` takes; beside each its type. */
enum row_kind {
    ROW_SIGHTING,      /* struct store_sighting */
    ROW_MAIL,          /* struct store_mail_row */
    ROW_GAP,           /* struct store_gap */
    ROW_FORK,          /* struct store_fork */
    ROW_SERVER,        /* struct store_server_row */
    ROW_SERVER_FACTS,  /* struct store_server_facts */
    ROW_LICENSE_SEEN,  /* struct store_license_seen */
    ROW_MANAGER,       /* struct estate_manager, and so on */
    ROW_RESELLER,      /* */
    ROW_NETWORK,       /* */
    ROW_LICENSE,       /* */
    ROW_DOMAIN,        /* */
    ROW_ESTATE_SERVER, /* */
    ROW_MOVE,          /* */
    ROW_TARIFF,        /* */
    ROW_TOKEN,         /* struct store_token */
    ROW_EVENT,         /* struct store_event */
    ROW_STANDING,      /* struct store_standing */
    ROW_RUN,           /* struct store_run */
    ROW_EDITION,       /* struct store_edition, without its model */
    ROW_OUTBOX,        /* struct store_mail, without its message */
    ROW_SAID,          /* struct store_said */
    ROW_CONFIRMED,     /* struct store_confirmed */
    ROW_ENTRY,         /* struct store_entry */
    ROW_BALANCE,       /* struct store_balance */
    ROW_DECISION,      /* struct store_decision */
};

enum scan_kind {
    SCAN_SIGHTINGS,
    SCAN_MAIL_ROWS,
    SCAN_GAPS,
    SCAN_RECENT_GAPS,
    SCAN_FORKS,
    SCAN_SERVERS,
    SCAN_SERVER_FACTS,
    SCAN_UNKNOWN_SERVERS,
    SCAN_LICENSE_SEEN,
    SCAN_MANAGERS,
    SCAN_RESELLERS,
    SCAN_NETWORKS,
    SCAN_LICENSES,
    SCAN_DOMAINS,
    SCAN_ESTATE_SERVERS,
    SCAN_MOVES,
    SCAN_TARIFFS,
    SCAN_TOKENS,
    SCAN_EVENTS,
    SCAN_EVENTS_OF_SERVER,
    SCAN_STANDINGS,
    SCAN_RUNS,
    SCAN_EDITIONS,
    SCAN_MAILS,
    SCAN_WAITING_MAILS,
    SCAN_SAID,
    SCAN_CONFIRMED,
    SCAN_ENTRIES,
    SCAN_ENTRIES_OF_PERIOD,
    SCAN_ENTRY,
    SCAN_BALANCES,
    SCAN_DECISIONS,
};
#define SCAN_KIND_COUNT (SCAN_DECISIONS + 1)

/* What a scan is limited to; each kind reads its own member. */
struct scan_args {
    struct license_range licenses;
    struct domain_range domains;
    int64_t number;   /* a machine, a period's month, a sequence, a moment, a reader's kind */
    const char *name; /* of a server, a reader, a reseller */
};

/* The head of every backend's scan. */
struct store_scan {
    enum row_kind row;
    int (*next)(struct store_scan *scan,
                void *ret);               /* as store_next_…; ret is of the row's type */
    void (*end)(struct store_scan *scan); /* frees it */
};

struct store_ops {
    void (*close)(struct store *s);
    const char *(*path)(const struct store *s);
    int (*begin)(struct store *s);
    int (*commit)(struct store *s);
    void (*rollback)(struct store *s);
    int (*snapshot)(struct store *s);
    void (*snapshot_end)(struct store *s);
    int (*check)(struct store *s, void (*complain)(void *arg, const char *sentence), void *arg,
                 int64_t *ret_defects);
    int (*prune)(struct store *s, wall_t before, int64_t *ret_rows);

    int (*put_report)(struct store *s, const struct store_report *r);
    int (*has_report)(struct store *s, const char *server, const struct uuid *boot,
                      int64_t counter);
    int (*get_machine)(struct store *s, machine_id id, struct store_machine *ret);
    int (*get_server)(struct store *s, server_id id, struct store_server *ret);
    int (*find_server)(struct store *s, const char *name, server_id *ret);
    int (*scan)(struct store *s, enum scan_kind kind, const struct scan_args *args,
                struct store_scan **ret);
    int (*first_evidence)(struct store *s, wall_t *ret);
    int (*estimate_rows)(struct store *s, int64_t *ret);

    int (*clear_table)(struct store *s, enum estate_table t);
    int (*put_row)(struct store *s, enum row_kind kind, const void *row); /* estate rows */
    int (*retire_server)(struct store *s, const char *name, wall_t at);

    int (*get_admission)(struct store *s, const char *name, struct store_admission *ret);
    int (*enrol_server)(struct store *s, const char *name, const char *reseller, wall_t at,
                        wall_t certs_from);
    int (*revoke_server)(struct store *s, const char *name, wall_t at);
    int (*put_token)(struct store *s, const struct store_token *t);
    int (*get_token)(struct store *s, const uint8_t id[static STORE_TOKEN_ID],
                     struct store_token *ret);
    int (*use_token)(struct store *s, const uint8_t id[static STORE_TOKEN_ID]);
    int (*revoke_token)(struct store *s, const uint8_t id[static STORE_TOKEN_ID], wall_t at);
    int (*put_use)(struct store *s, const struct store_use *u);
    int (*get_use)(struct store *s, struct store_use *use);
    int (*put_event)(struct store *s, const struct store_event *e);
    int (*clear_standings)(struct store *s, wall_t as_of);
    int (*put_standing)(struct store *s, const struct store_standing *x);
    int (*standing_generation)(struct store *s, int64_t *ret, wall_t *ret_as_of);

    int (*begin_run)(struct store *s, const struct store_run *r, int64_t *ret_run);
    int (*publish_run)(struct store *s, int64_t run);
    int (*put_edition)(struct store *s, const struct store_edition *e, int64_t *ret_serial);
    int (*next_serial)(struct store *s, const struct store_reader *reader, int64_t *ret_serial,
                       int64_t *ret_last_run);
    int (*get_model)(struct store *s, int64_t run, const struct store_reader *reader,
                     struct buf *ret_model);
    int (*put_mail)(struct store *s, const struct store_mail *m);
    int (*claim_mail)(struct store *s, const struct store_claim *c, struct store_mail *ret,
                      struct buf *ret_message);
    int (*settle_mail)(struct store *s, const struct store_mail *m);
    int (*clear_said)(struct store *s, const struct store_reader *reader);
    int (*put_said)(struct store *s, const struct store_said *x);
    int (*clear_confirmed)(struct store *s, period_t period);
    int (*put_confirmed)(struct store *s, const struct store_confirmed *x);

    int (*append_entry)(struct store *s, const struct store_entry *e);
    int (*append_decision)(struct store *s, const struct store_decision *d);
    /* `key`: period, kind, reseller and subject are read. */
    int (*key_decision)(struct store *s, const struct store_key *key, enum decision *ret);
    int (*chain_head)(struct store *s, bool decisions, int64_t *ret_sequence,
                      char ret_hash[static 65]);
    int (*last_closed)(struct store *s, period_t *ret);
    int (*get_note)(struct store *s, const char *name, struct buf *ret);
    int (*set_note)(struct store *s, const char *name, const char *value);
};

/* The head of every backend's store. */
struct store {
    const struct store_ops *ops;
    struct diag diag;
};

/* ---- What store.c and store_night.c share -------------------------------------------- */

/* The row's type is lost in between: a scan of another row is a bug of ours, found here. */
static inline int ops_next(struct store_scan *scan, enum row_kind row, void *ret)
{
    assert(scan->row == row);
    return scan->next(scan, ret);
}

static inline int ops_scan_all(struct store *s, enum scan_kind kind, struct store_scan **ret)
{
    return s->ops->scan(s, kind, &(struct scan_args){0}, ret);
}

static inline int ops_scan_number(struct store *s, enum scan_kind kind, int64_t number,
                                  struct store_scan **ret)
{
    return s->ops->scan(s, kind, &(struct scan_args){.number = number}, ret);
}

/* ---- The backends ---------------------------------------------------------------------- */

/* `path` is what follows "sqlite:". As store_open(). */
MUST_USE int sqlite_store_open(const char *path, enum store_mode mode, struct store **ret,
                               struct diag *reterr);

#endif
