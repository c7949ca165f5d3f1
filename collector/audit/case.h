/*
 * What an audit is given of one subject: everything, as values. The rules know no store, no
 * clock and no file (law 1); whoever feeds them (collector/run) keeps these alive for the call.
 */
#ifndef AUDIT_CASE_H
#define AUDIT_CASE_H

#include "audit/policy.h"
#include "domain/estate.h"
#include "domain/report.h"

/* A reseller with its networks (by family, base, width, from). */
struct audit_reseller {
    const char *id;
    bool is_trial;
    const struct estate_network *networks;
    size_t n_networks;
};

/* The time in which a server belongs to a reseller. */
struct tenure {
    const struct audit_reseller *reseller;
    struct term valid;
};

struct audit_server {
    const char *name;
    const struct tenure *tenures; /* by from, apart; none = unknown */
    size_t n_tenures;
    wall_t retired; /* WALL_END = not */
};

struct audit_gap {
    enum gap_kind what;
    struct span seen;
    int64_t lost;
};

/* One run of one agent. */
struct audit_machine {
    const struct audit_server *server;
    struct uuid boot;
    const struct audit_gap *gaps;
    size_t n_gaps;
};

struct audit_sighting {
    uint32_t machine; /* index */
    enum source source;
    struct addr address;
    struct span seen;
};

/* One row of the estate for a licence or a domain. */
struct audit_row {
    const struct audit_reseller *reseller;
    struct term valid;
    struct addr binding; /* of a licence: family 0 = none */
    int64_t limit;       /* of a domain: mailboxes */
};

struct license_case {
    license_t license;
    const struct audit_row *rows; /* by from; they do not overlap */
    size_t n_rows;
    const struct term *moves; /* by from; they do not overlap */
    size_t n_moves;
    const struct audit_machine *machines;
    size_t n_machines;
    const struct audit_sighting *sightings; /* any order */
    size_t n_sightings;
};

struct audit_count {
    uint32_t server; /* index */
    struct mail_counts counts;
    struct span seen;
};

struct domain_case {
    const char *domain;
    const struct audit_row *rows; /* by from; they do not overlap */
    size_t n_rows;
    const struct audit_server *const *servers;
    size_t n_servers;
    const struct audit_count *counts; /* any order */
    size_t n_counts;
};

/* The audit itself: which period, up to when, by which policy (SPEC 6, first paragraph). */
struct audit {
    period_t period;
    wall_t p0, p1; /* the period */
    wall_t end;    /* E = min(P1, T), and P0 < E */
    const struct policy_version *policy;
    const struct network *lab_networks;
    size_t n_lab_networks;
    const char (*license_prefixes)[8];
    size_t n_license_prefixes;
    /* The five audits before this one, the nearest first, for `recurring`; NULL where before
     * time. */
    const struct audit *before[5];
};

#endif
