/*
 * One subject of the audit, put together by hand: a licence and a domain of reseller 0, the
 * machines that were seen with them, and what the audit says of it as of any moment.
 */
#ifndef SUPPORT_CASEBUILD_H
#define SUPPORT_CASEBUILD_H

#include "audit/audit.h"

enum {
    CASE_RESELLERS = 2,
    CASE_NETWORKS = 8, /* of each */
    CASE_SERVERS = 8,
    CASE_MACHINES = 64,
    CASE_SIGHTINGS = 4096,
    CASE_COUNTS = 16,
    CASE_ROWS = 4,
    CASE_MOVES = 2,
    CASE_VERDICTS = 16,
};

/* What was said of one kind; state is CLEAR where nothing was. */
struct case_verdict {
    enum finding_kind kind;
    enum finding_state state;
    const char *reseller;
    int64_t quantity;
    bool has_since, has_confirms;
    wall_t since, confirms_at;
};

struct casebuild {
    struct zone zone;
    struct policy_version policy;
    struct audit_reseller resellers[CASE_RESELLERS]; /* "r1" and "r2" */
    struct estate_network networks[CASE_RESELLERS][CASE_NETWORKS];
    struct tenure tenures[CASE_SERVERS];
    struct audit_server servers[CASE_SERVERS];
    const struct audit_server *server_list[CASE_SERVERS];
    size_t n_servers;
    struct audit_row rows[CASE_ROWS]; /* of the licence and of the domain alike */
    size_t n_rows;
    struct term moves[CASE_MOVES];
    size_t n_moves;
    struct audit_machine machines[CASE_MACHINES];
    size_t n_machines;
    struct audit_sighting sightings[CASE_SIGHTINGS];
    size_t n_sightings;
    struct audit_count counts[CASE_COUNTS];
    size_t n_counts;
    struct case_verdict said[CASE_VERDICTS]; /* by the last audit */
    size_t n_said;
    void (*heard)(const struct finding *f); /* where set: each finding, while it is whole */
};

/*
 * In Europe/Amsterdam, by the default policy (c->policy.base may then be changed): a licence
 * and a domain of r1 for ever, limit 1,000, nothing declared, nothing seen. The networks of
 * documentation are public. Whatever does not fit or parse aborts the test.
 */
void case_begin(struct casebuild *c);

/* The term's only entry becomes these; in order. */
void case_entries(struct casebuild *c, const struct audit_row *rows, size_t n);

/* Declares a network of reseller 0 or 1. */
void case_network(struct casebuild *c, size_t reseller, const char *network, struct term valid,
                  bool is_one_place);

void case_move(struct casebuild *c, wall_t from, wall_t to);

/* A server of reseller 0 or 1, for ever; returns its index. */
uint32_t case_server(struct casebuild *c, size_t reseller);

/* A new run of that server's agent: another machine; returns its index. */
uint32_t case_boot(struct casebuild *c, uint32_t server);

/* A machine on an address for one unbroken stretch. */
void case_seen(struct casebuild *c, uint32_t machine, enum source source, const char *address,
               wall_t first, wall_t last);

/* The domain's filtered mailboxes on a server, one stretch. */
void case_count(struct casebuild *c, uint32_t server, int64_t mailboxes, wall_t first,
                wall_t last);

/* The case as the audit takes it. */
struct case_frame {
    struct network lab[4];
    struct audit audit;
    struct license_case license;
    struct domain_case domain;
};

/* As of a moment of that period, or later. Borrows from `c`, and `ret` from itself: it is not
 * to be copied. */
void case_frame(struct casebuild *c, period_t period, wall_t as_of, struct case_frame *ret);

/* Judges the period that holds `as_of` (or ends with it), and what can be charged once more
 * from its evidence. */
void case_audit(struct casebuild *c, wall_t as_of);

/* What the last audit said of that kind: the one that stands, if there were several. */
struct case_verdict case_said(const struct casebuild *c, enum finding_kind kind);

/*
 * Audits every midnight (UTC) from `first` to `last`, both the period of that night and the
 * one before it, as it then stands. Whether any of them confirmed anything.
 */
bool case_ever_confirmed(struct casebuild *c, wall_t first, wall_t last);

/* Midnight (UTC) of the day of October 2026; 0 is the last of September, 32 the first of
 * November. */
wall_t october(int day);
/* The month in Amsterdam: from the last of September, 22:00, to the 31st, 23:00 UTC. */
wall_t october_begin(void);
wall_t october_end(void);
wall_t later(wall_t t, int64_t seconds);

#endif
