/*
 * The collector's settings (SPEC 5), from a libconfig file by a table of keys, or the defaults.
 */
#ifndef SETTINGS_SETTINGS_H
#define SETTINGS_SETTINGS_H

#include "audit/policy.h"
#include "domain/zone.h"
#include "table/table.h"

enum settings_log_level {
    SETTINGS_LOG_ERROR,
    SETTINGS_LOG_WARNING,
    SETTINGS_LOG_INFO,
    SETTINGS_LOG_DEBUG
};

/* The group `collector`: the daemon's own (fairuse-collector.conf(5)). */
struct settings_collector {
    struct table_texts listen;       /* 1 to CAP_LISTENERS endpoints, each once (os/socket.h) */
    char monitor[64];                /* /healthz and /metrics: a loopback endpoint; "" = none */
    struct table_texts names;        /* that the collector is reached by: SAN of its own
                                           certificate; none = the host's name */
    char certificate[512], key[512]; /* brought along; "" (both) = it makes its own */
    char authority[512], authority_key[512]; /* "" (both) = beside the store */
    bool allow_tls12;
    struct network *proxies; /* balancers that speak PROXY v2, and must */
    size_t n_proxies;

    int64_t max_connections, max_connections_per_address;
    int64_t address_burst, address_per_minute; /* connections from one address; 0 = any */
    int64_t server_burst, server_per_minute;   /* reports of one server; 0 = any */
    int64_t max_body;                          /* bytes */
    int64_t max_in_flight; /* bytes of bodies that are being received or stored */
    int64_t queue, batch;  /* jobs; batch <= queue */
    int64_t gather_ms;     /* how long the first of them may wait for company */
    dur_t handshake_timeout, head_timeout, body_timeout, idle_timeout, answer_timeout;
    dur_t drain_timeout;

    dur_t certificate_lifetime, late_renewal;
    dur_t interval;                 /* what agents are told; 3 fit in certificate_lifetime */
    struct table_texts mx_suffixes; /* A-labels */
    struct table_texts key_servers; /* "host" or "host:port" */
    enum settings_log_level log_level;
};

enum settings_mail_tls { SETTINGS_MAIL_TLS_REQUIRED, SETTINGS_MAIL_TLS_NEVER };

/* The group `mail`: how the nightly report reaches its readers (fairuse-collector.conf(5)). */
struct settings_mail {
    char url[TABLE_TEXT_SIZE]; /* "smtp://host[:port]", "smtps://host[:port]"; "" = none */
    char sendmail[512];        /* a program's path; "" = none. Not both; neither = no mail */
    enum settings_mail_tls tls;
    char authority[512];         /* PEM; "" = the system's */
    char user[256];              /* "" = no AUTH */
    char password_file[512];     /* set with `user`, or neither; read when mail is sent */
    char hello[TABLE_TEXT_SIZE]; /* EHLO; "" = this host's name */
    char from[TABLE_TEXT_SIZE];  /* an address; "" = not said: nothing can be sent */
    char from_name[256];
    char reply_to[TABLE_TEXT_SIZE]; /* "" = answers go to whom the mail names */
    dur_t timeout;                  /* of one mail */
    dur_t retry_first, retry_most;  /* between attempts: doubled from the one to the other */
    dur_t give_up;                  /* at least retry_most */
    dur_t remind;                   /* how long before something costs a reseller hears again */
    struct table_texts alarm_to;    /* addresses that hear when a night fails */
};

struct settings {
    char store[512]; /* a store URL; "" = not said */
    struct zone zone;
    struct network *lab_networks;
    size_t n_lab_networks;
    char license_prefixes[8][8]; /* upper case; default PLSK */
    size_t n_license_prefixes;
    dur_t merge_gap;
    dur_t retention;       /* `store prune`; default 400 days */
    char signing_key[512]; /* path; "" = beside the store */
    struct policy_book policies;
    struct settings_collector collector;
    struct settings_mail mail;
};

/* The defaults (needs the system's zone data). */
MUST_USE int settings_init(struct settings *s, struct diag *d);
/*
 * Reads a file's text. -EBADMSG with "name:line: key: what is wrong, what would be right".
 * Nothing is changed on error.
 */
MUST_USE int settings_read(struct text text, const char *name, struct settings *ret,
                           struct diag *d);

/* The same with time zones from elsewhere than the system: `load` is as zoneinfo_load(). */
typedef int settings_zone_loader(const char *name, struct zone *ret, struct diag *d);
MUST_USE int settings_read_zoned(struct text text, const char *name, settings_zone_loader *load,
                                 struct settings *ret, struct diag *d);

void settings_done(struct settings *s);

/* Prints what holds, in the file's own grammar, with a comment for each unit: reading it back
 * gives the same. */
void settings_print(const struct settings *s, struct buf *out);

/*
 * Canonical: a line of what holds for all (zone, networks, prefixes, merging), then one a
 * policy version and override: what `--accept` accepts. Its digest
 * changes when anything that can change money does.
 */
void settings_policy_text(const struct settings *s, struct buf *out);

#endif
