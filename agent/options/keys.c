/* The table of keys of the agent's file. */
#include "options/keys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "options/url.h"
#include "table/forms.h"

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };
/* Two looks that are further apart would not join, for the collector merges at 45 minutes. */
enum { LOOK_MAX = 40 * MINUTE };
enum { FEW = 8, PORT_MAX = 65535 };

static_assert(sizeof(enum options_language) == sizeof(unsigned) &&
                  sizeof(enum options_log_level) == sizeof(unsigned),
              "a choice is written as an unsigned");

static const char *const language_choices[] = {"auto", "en", "nl"};
static const char *const log_choices[] = {"error", "warning", "info", "debug"};

static int put(struct text t, char ret[static TABLE_TEXT_SIZE])
{
    memcpy(ret, t.p, t.n);
    ret[t.n] = '\0';
    return 0;
}

/* A socket's path fits into its address, with the NUL behind it (unix(7)). */
static int form_socket(struct text t, char ret[static TABLE_TEXT_SIZE])
{
    bool is_sound = text_is_label(t, sizeof((struct sockaddr_un *)0)->sun_path - 1);
    return is_sound && t.p[0] == '/' ? put(t, ret) : -EBADMSG;
}

/* What adduser makes: lower-case letters, digits, '_' and '-', no digit or '-' first. */
static int form_user(struct text t, char ret[static TABLE_TEXT_SIZE])
{
    if (t.n == 0 || t.n >= sizeof((struct options *)0)->user)
        return -EBADMSG;
    for (size_t i = 0; i < t.n; i++) {
        char c = t.p[i];
        bool is_letter = (c >= 'a' && c <= 'z') || c == '_';
        bool may_follow = (c >= '0' && c <= '9') || c == '-';
        if (!is_letter && !(i > 0 && may_follow))
            return -EBADMSG;
    }
    return put(t, ret);
}

/* An address, or one with a port. */
static int form_resolver(struct text t, char ret[static TABLE_TEXT_SIZE])
{
    struct addr a;
    bool is_bare = addr_parse(t, &a) == 0;
    bool has_address = is_bare || form_endpoint(t, ret) == 0;
    return has_address ? form_server(t, ret) : -EBADMSG;
}

#define IN(field) offsetof(struct options, field)
#define MAX_OF(field) (sizeof((struct options *)0)->field - 1)

const struct table_key options_keys[OPTIONS_KEYS] = {
    {.name = "collectors",
     .type = KEY_TEXTS,
     .offset = IN(collectors),
     .max = FEW,
     .form = url_form_collector,
     .item = "a URL with https, a host and perhaps a port and a path, like "
             "\"https://collector.example.net:9443\"",
     .standard = "( )",
     .unit = "a list of https URLs (none = the one that was enrolled with)",
     .why = "whom reports go to: the first that answers; all of them are one collector"},
    {.name = "proxy",
     .type = KEY_TEXT,
     .offset = IN(proxy),
     .max = URL_PROXY_MAX,
     .form = url_form_proxy,
     .shown = url_form_proxy_shown,
     .item = "a URL with http, https or socks5h, a host and a port, like "
             "\"http://proxy.example.net:3128\"",
     .standard = "\"\"",
     .unit = "a URL with http, https or socks5h; \"\" = none",
     .why = "the way to the collector; a user and a password may stand in it, and are not "
            "printed"},
    {.name = "interval",
     .type = KEY_DURATION,
     .offset = IN(interval),
     .max = DAY,
     .standard = "\"0s\"",
     .unit = "a duration (0s = as the collector says, 15m until it has)",
     .why = "between two reports"},
    {.name = "state",
     .type = KEY_PATH,
     .offset = IN(state),
     .min = 1,
     .max = MAX_OF(state),
     .standard = "\"/var/lib/fairuse-agent\"",
     .unit = "a path of a folder",
     .why = "identity, what waits to be reported, what was reported, remembered look-ups"},
    {.name = "user",
     .type = KEY_TEXT,
     .offset = IN(user),
     .min = 1,
     .max = MAX_OF(user),
     .form = form_user,
     .item = "a user's name: lower-case letters, digits, _ and -",
     .standard = "\"fairuse-agent\"",
     .unit = "a user's name",
     .why = "whom the agent becomes when root starts it; under systemd the unit says it"},
    {.name = "probe_user",
     .type = KEY_TEXT,
     .offset = IN(probe_user),
     .min = 1,
     .max = MAX_OF(probe_user),
     .form = form_user,
     .item = "a user's name: lower-case letters, digits, _ and -",
     .standard = "\"fairuse-probe\"",
     .unit = "a user's name",
     .why = "the same for the probe, which may see packets and no file of the agent's"},
    {.name = "observe",
     .type = KEY_SOURCES,
     .offset = IN(observe),
     .standard = "\"keyserver, nat, panel, interface\"",
     .unit = "some of keyserver, nat, panel, interface",
     .why = "how addresses are seen; what is not named is not looked at"},
    {.name = "panel_ports",
     .type = KEY_INTS,
     .offset = IN(panel_ports),
     .min = 1,
     .max = PORT_MAX,
     .standard = "( 8443, 8880 )",
     .unit = "a list of TCP ports",
     .why = "where Plesk answers: the addresses that it answers from are in use"},
    {.name = "key_servers",
     .type = KEY_TEXTS,
     .offset = IN(key_servers),
     .max = TABLE_TEXTS_MAX,
     .form = form_server,
     .item = "a host with or without a port, like \"ka.plesk.com:443\"",
     .standard = "( \"ka.plesk.com:443\", \"alternate.ka.plesk.com:443\", "
                 "\"id-00.kaid.plesk.com:443\", \"id-01.kaid.plesk.com:443\", "
                 "\"id-02.kaid.plesk.com:443\", \"id-03.kaid.plesk.com:443\", "
                 "\"id-04.kaid.plesk.com:443\", \"id-05.kaid.plesk.com:443\" )",
     .unit = "a list of hosts with or without ports",
     .why = "connections to them show the address that a licence is used from; the collector's "
            "come on top"},
    {.name = "lab_networks",
     .type = KEY_NETWORKS,
     .offset = IN(lab_networks),
     .count_offset = IN(n_lab_networks),
     .max = CAP_LAB_NETWORKS,
     .standard = "( )",
     .unit = "a list of networks in CIDR form",
     .why = "what lies in them counts as public too, so that documentation ranges work in "
            "tests"},
    {.name = "keys",
     .type = KEY_PATH,
     .offset = IN(keys),
     .min = 1,
     .max = MAX_OF(keys),
     .standard = "\"/etc/sw/keys/keys\"",
     .unit = "a path of a folder",
     .why = "where Plesk keeps its licence keys"},
    {.name = "registry",
     .type = KEY_PATH,
     .offset = IN(registry),
     .min = 1,
     .max = MAX_OF(registry),
     .standard = "\"/etc/sw/keys/registry.xml\"",
     .unit = "a path",
     .why = "tells the key in use from a stale one"},
    {.name = "legacy_key",
     .type = KEY_PATH,
     .offset = IN(legacy_key),
     .min = 1,
     .max = MAX_OF(legacy_key),
     .standard = "\"/etc/psa/psa.key\"",
     .unit = "a path",
     .why = "the key of old panels, where there is no folder of keys"},
    {.name = "look",
     .type = KEY_DURATION,
     .offset = IN(look),
     .min = 1,
     .max = LOOK_MAX,
     .standard = "\"15m\"",
     .unit = "a duration",
     .why = "between two looks at the licences, and at where key servers are"},
    {.name = "count_mailboxes",
     .type = KEY_BOOL,
     .offset = IN(count_mailboxes),
     .standard = "true",
     .unit = "true or false",
     .why = "whether mailboxes are counted: numbers by domain, never a name"},
    {.name = "count",
     .type = KEY_DURATION,
     .offset = IN(count),
     .min = 1,
     .max = LOOK_MAX,
     .standard = "\"30m\"",
     .unit = "a duration",
     .why = "between two counts"},
    {.name = "all_domains",
     .type = KEY_BOOL,
     .offset = IN(all_domains),
     .standard = "false",
     .unit = "true or false",
     .why = "whether domains that are not filtered are reported too"},
    {.name = "mx_suffixes",
     .type = KEY_TEXTS,
     .offset = IN(mx_suffixes),
     .max = CAP_SUFFIXES,
     .form = form_domain,
     .item = "a domain name, like \"spamexperts.com\"",
     .standard = "( \"spamexperts.com\", \"spamexperts.eu\", \"spamexperts.net\", "
                 "\"antispamcloud.com\" )",
     .unit = "a list of domain names",
     .why = "a domain whose MX is one of these or below one is filtered; the collector's come "
            "on top"},
    {.name = "resolvers",
     .type = KEY_TEXTS,
     .offset = IN(resolvers),
     .max = FEW,
     .form = form_resolver,
     .item = "an address with or without a port, like \"192.0.2.53\" or \"127.0.0.1:53\"",
     .standard = "( )",
     .unit = "a list of addresses with or without ports (none = the system's)",
     .why = "who is asked for MX and hosts"},
    {.name = "database_sockets",
     .type = KEY_TEXTS,
     .offset = IN(database_sockets),
     .max = FEW,
     .form = form_socket,
     .item = "a socket's path from the root on, of at most 107 bytes",
     .standard = "( \"/run/mysqld/mysqld.sock\", \"/var/lib/mysql/mysql.sock\" )",
     .unit = "a list of paths of sockets (none = no database)",
     .why = "where Plesk's database listens: the first that is there"},
    {.name = "database_user",
     .type = KEY_TEXT,
     .offset = IN(database_user),
     .min = 1,
     .max = MAX_OF(database_user),
     .standard = "\"fairuse-agent\"",
     .unit = "a user of the database",
     .why = "who counts; `fairuse-agent setup` makes it, with rights to what it counts by"},
    {.name = "database_name",
     .type = KEY_TEXT,
     .offset = IN(database_name),
     .min = 1,
     .max = MAX_OF(database_name),
     .standard = "\"psa\"",
     .unit = "a name of a database",
     .why = "Plesk's own"},
    {.name = "database_password_file",
     .type = KEY_PATH,
     .offset = IN(database_password_file),
     .max = MAX_OF(database_password_file),
     .standard = "\"\"",
     .unit = "a path; \"\" = none is needed",
     .why = "the password is its first line; without one the server believes the socket"},
    {.name = "maildirs",
     .type = KEY_PATH,
     .offset = IN(maildirs),
     .max = MAX_OF(maildirs),
     .standard = "\"/var/qmail/mailnames\"",
     .unit = "a path of a folder; \"\" = never",
     .why = "folders are counted where the database cannot be"},
    {.name = "spool_rows",
     .type = KEY_INT,
     .offset = IN(spool_rows),
     .min = 1000,
     .max = 2000000,
     .standard = "200000",
     .unit = "a number of rows",
     .why = "that may wait to be reported; about 100 bytes each; beyond it the oldest go, and "
            "a gap is reported"},
    {.name = "language",
     .type = KEY_CHOICE,
     .offset = IN(language),
     .choices = language_choices,
     .n_choices = ARRAY_LEN(language_choices),
     .standard = "\"auto\"",
     .unit = "auto, en or nl",
     .why = "of what the commands print; auto: as the environment says"},
    {.name = "log_level",
     .type = KEY_CHOICE,
     .offset = IN(log_level),
     .choices = log_choices,
     .n_choices = ARRAY_LEN(log_choices),
     .standard = "\"info\"",
     .unit = "error, warning, info or debug",
     .why = "the least urgent lines that are written"},
};
