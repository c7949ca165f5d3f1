/*
 * A small world: all that an audit depends on (estate, policies, reports, "as of"), as one
 * value of fixed size. Random tests make them (worldgen.h), judge them twice (brute.h,
 * realaudit.h), and print them so that a failing one can be replayed with the programs.
 */
#ifndef SUPPORT_WORLD_H
#define SUPPORT_WORLD_H

#include "audit/policy.h"
#include "base/buf.h"
#include "domain/estate.h"
#include "domain/report.h"

enum {
    WORLD_LAB = 3,
    WORLD_PREFIXES = 3,
    WORLD_POLICIES = 3,
    WORLD_OVERRIDES = 2,
    WORLD_MANAGERS = 1,
    WORLD_RESELLERS = 3,
    WORLD_NETWORKS = 16,
    WORLD_LICENSES = 12,
    WORLD_DOMAINS = 8,
    WORLD_SERVERS = 16,
    WORLD_MOVES = 4,
    WORLD_TARIFFS = 8,
    WORLD_REPORTS = 40,       /* that random worlds have */
    WORLD_REPORTS_ROOM = 200, /* the simulator's have more */
    WORLD_PERIODS = 2,
    WORLD_REPORT_LICENSES = 3,
    WORLD_REPORT_SIGHTINGS = 4,
    WORLD_REPORT_MAILBOXES = 3,
    WORLD_REPORT_GAPS = 1,
};

/* One recorded report, as the agent sent it: its times are still on the agent's clock. */
struct world_report {
    const char *server;
    wall_t sent_at, received_at;
    struct addr peer;     /* family 0 = null */
    struct report report; /* its lists are the arrays below */
    struct report_license licenses[WORLD_REPORT_LICENSES];
    struct report_sighting sightings[WORLD_REPORT_SIGHTINGS];
    struct report_mailboxes mailboxes[WORLD_REPORT_MAILBOXES];
    struct report_gap gaps[WORLD_REPORT_GAPS];
};

/* Texts in it are string literals. Copy it with world_copy(): it points into itself. */
struct world {
    struct zone zone;
    wall_t as_of;
    period_t periods[WORLD_PERIODS]; /* to be audited; each has begun at as_of */
    size_t n_periods;
    struct network lab[WORLD_LAB];
    size_t n_lab;
    const char *prefixes[WORLD_PREFIXES];
    size_t n_prefixes;
    dur_t merge_gap;
    struct policy_book policies;
    struct policy_version versions[WORLD_POLICIES];
    struct policy_override overrides[WORLD_POLICIES][WORLD_OVERRIDES];

    struct estate_manager managers[WORLD_MANAGERS];
    size_t n_managers;
    struct estate_reseller resellers[WORLD_RESELLERS];
    size_t n_resellers;
    struct estate_network networks[WORLD_NETWORKS];
    size_t n_networks;
    struct estate_license licenses[WORLD_LICENSES];
    size_t n_licenses;
    struct estate_domain domains[WORLD_DOMAINS];
    size_t n_domains;
    struct estate_server servers[WORLD_SERVERS];
    size_t n_servers;
    struct estate_move moves[WORLD_MOVES];
    size_t n_moves;
    struct estate_tariff tariffs[WORLD_TARIFFS];
    size_t n_tariffs;

    struct world_report reports[WORLD_REPORTS_ROOM];
    size_t n_reports;
};

/*
 * An empty world in Europe/Amsterdam: default policy, merge_gap 45 minutes, prefix PLSK, the
 * documentation networks as lab networks. Aborts when the system has no zone data.
 */
void world_init(struct world *w);

/* Points the inner pointers (policies, the reports' lists) at the world's own arrays. */
void world_link(struct world *w);

void world_copy(struct world *to, const struct world *from);

/*
 * Three texts, each after a comment line that names it: the collector's configuration, the
 * estate (SPEC 4), the recorded reports one a line; then the commands that replay them.
 */
void world_print(const struct world *w, struct buf *out);

/* Parts of it: the estate's JSON, one recorded report's line (without a newline). */
void world_print_estate(const struct world *w, struct buf *out);
void world_print_report(const struct world_report *r, struct buf *out);

/* Short hands for tests that build worlds; they abort on what cannot be parsed. */
license_t world_license(const char *text);
struct addr world_addr(const char *text);
struct network world_network(const char *text);
wall_t world_time(const char *text); /* RFC 3339 */
period_t world_period(const char *text);
struct uuid world_boot(unsigned number); /* a UUID that ends in the number */

#endif
