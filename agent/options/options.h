/* The agent's settings, from a libconfig file by a table of keys, or the defaults
 * (fairuse-agent.conf(5)). */
#ifndef OPTIONS_OPTIONS_H
#define OPTIONS_OPTIONS_H

#include "base/times.h"
#include "table/table.h"

enum options_language { OPTIONS_LANGUAGE_AUTO, OPTIONS_LANGUAGE_EN, OPTIONS_LANGUAGE_NL };
enum options_log_level {
    OPTIONS_LOG_ERROR,
    OPTIONS_LOG_WARNING,
    OPTIONS_LOG_INFO,
    OPTIONS_LOG_DEBUG
};

#define OPTIONS_PATH_SIZE 512

struct options {
    /* Whom to tell. */
    struct table_texts collectors; /* https URLs (url.h), tried in turn; none = the one
                                      enrolled with */
    char proxy[256]; /* "http://host:port", "socks5h://…"; "" = none; may hold a password */
    dur_t interval;  /* between two reports; 0 = as the collector says, else 15m */
    /* Who and where we are. */
    char state[OPTIONS_PATH_SIZE]; /* folder: identity, spool, MX cache */
    char user[33], probe_user[33]; /* whom root becomes, without systemd */
    /* What is observed. */
    uint8_t observe;                /* bits of enum source; never peer */
    struct table_ints panel_ports;  /* 1 to SIGHT_PORTS_MAX */
    struct table_texts key_servers; /* host[:port]; the collector's come on top */
    struct network *lab_networks;   /* public, too (tests) */
    size_t n_lab_networks;
    char keys[OPTIONS_PATH_SIZE], registry[OPTIONS_PATH_SIZE], legacy_key[OPTIONS_PATH_SIZE];
    dur_t look; /* how often licences are looked at; at most 40 min, so that looks join */
    /* Mailboxes. */
    bool count_mailboxes;
    dur_t count;                    /* how often; at most 40 min */
    bool all_domains;               /* also those that are not filtered */
    struct table_texts mx_suffixes; /* the collector's come on top */
    struct table_texts resolvers;   /* addresses, perhaps with ports; none = the system's */
    struct table_texts database_sockets; /* the first that exists is used */
    char database_user[81], database_name[65];
    char database_password_file[OPTIONS_PATH_SIZE]; /* "" = the server believes the socket */
    char maildirs[OPTIONS_PATH_SIZE]; /* counted where the database cannot be; "" = never */
    /* Ourselves. */
    int64_t spool_rows; /* the cap of what waits */
    enum options_language language;
    enum options_log_level log_level;
};

#define OPTIONS_PATH_DEFAULT "/etc/fairuse/agent.conf"

/* The defaults. 0 or -ENOMEM. */
MUST_USE int options_init(struct options *o);
/*
 * A file over the defaults; `ret` is written on success alone, and need not be initialised.
 * 0; -EBADMSG with "file:line: key: what is wrong, what would be right"; -ENOENT and others of
 * reading; -ENOMEM.
 */
MUST_USE int options_load(const char *path, struct options *ret, struct diag *d);
/* The same of a file's text; `name` is only for messages. */
MUST_USE int options_parse(struct text text, const char *name, struct options *ret,
                           struct diag *d);
/*
 * Every key with the value that holds, in the file's grammar; reads back to the same, but for
 * the proxy's password: "***" stands for it, so that what is printed can be shown to anybody.
 */
void options_print(const struct options *o, struct buf *out);
void options_done(struct options *o);

/* PATH in the state folder. -ERANGE when it is too long. */
MUST_USE int options_state_path(const struct options *o, const char *name,
                                char ret[static OPTIONS_PATH_SIZE + 64]);

#endif
