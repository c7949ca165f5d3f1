/* The agent's settings: the defaults, what is accepted, what is refused and where. */
#include "options/options.h"

#include "base/caps.h"
#include "options/keys.h"
#include "os/file.h"
#include "support/leak.h"
#include "support/manual.h"
#include "support/temp.h"

#include <errno.h>
#include <string.h>

SUITE(options);

static const int64_t minute = 60, day = 86400;

static int read_text(const char *text, struct options *ret, struct diag *d)
{
    return options_parse(text_of(text), "a.conf", ret, d);
}

static struct options must_read(const char *text)
{
    struct options o;
    struct diag d = {""};
    cr_assert_eq(read_text(text, &o, &d), 0, "%s: %s", text, d.text);
    return o;
}

static char *print(const struct options *o)
{
    AUTO(buf) struct buf out = BUF_INIT(1 << 20);
    options_print(o, &out);
    cr_assert_eq(buf_error(&out), 0);
    return buf_take(&out);
}

static void check_texts(const struct table_texts *t, const char *const *wanted)
{
    size_t n = 0;
    for (; wanted[n]; n++)
        cr_assert(n < t->n && strcmp(t->v[n], wanted[n]) == 0, "%s", wanted[n]);
    cr_assert_eq(t->n, n);
}

Test(options, nothing_said_is_fit_for_a_server_with_plesk)
{
    AUTO(options) struct options o;
    cr_assert_eq(options_init(&o), 0);
    static const char *const none[] = {NULL};
    static const char *const servers[] = {
        "ka.plesk.com:443",         "alternate.ka.plesk.com:443", "id-00.kaid.plesk.com:443",
        "id-01.kaid.plesk.com:443", "id-02.kaid.plesk.com:443",   "id-03.kaid.plesk.com:443",
        "id-04.kaid.plesk.com:443", "id-05.kaid.plesk.com:443",   NULL};
    check_texts(&o.collectors, none);
    cr_assert_str_eq(o.proxy, "");
    cr_assert_eq(o.interval.s, 0);
    cr_assert_str_eq(o.state, "/var/lib/fairuse-agent");
    cr_assert_str_eq(o.user, "fairuse-agent");
    cr_assert_str_eq(o.probe_user, "fairuse-probe");
    cr_assert_eq(o.observe, 1U << SOURCE_KEYSERVER | 1U << SOURCE_NAT | 1U << SOURCE_PANEL |
                                1U << SOURCE_INTERFACE);
    cr_assert_eq(o.panel_ports.n, 2);
    cr_assert_eq(o.panel_ports.v[0], 8443);
    cr_assert_eq(o.panel_ports.v[1], 8880);
    check_texts(&o.key_servers, servers);
    cr_assert_eq(o.n_lab_networks, 0);
    cr_assert_str_eq(o.keys, "/etc/sw/keys/keys");
    cr_assert_str_eq(o.registry, "/etc/sw/keys/registry.xml");
    cr_assert_str_eq(o.legacy_key, "/etc/psa/psa.key");
    cr_assert_eq(o.look.s, 15 * minute);
}

Test(options, nothing_said_counts_mailboxes_in_plesks_database)
{
    AUTO(options) struct options o;
    cr_assert_eq(options_init(&o), 0);
    static const char *const none[] = {NULL};
    static const char *const suffixes[] = {"spamexperts.com", "spamexperts.eu",
                                           "spamexperts.net", "antispamcloud.com", NULL};
    static const char *const sockets[] = {"/run/mysqld/mysqld.sock",
                                          "/var/lib/mysql/mysql.sock", NULL};
    cr_assert(o.count_mailboxes);
    cr_assert_eq(o.count.s, 30 * minute);
    cr_assert_not(o.all_domains);
    check_texts(&o.mx_suffixes, suffixes);
    check_texts(&o.resolvers, none);
    check_texts(&o.database_sockets, sockets);
    cr_assert_str_eq(o.database_user, "fairuse-agent");
    cr_assert_str_eq(o.database_name, "psa");
    cr_assert_str_eq(o.database_password_file, "");
    cr_assert_str_eq(o.maildirs, "/var/qmail/mailnames");
    cr_assert_eq(o.spool_rows, CAP_SPOOL_ROWS);
    cr_assert_eq(o.language, OPTIONS_LANGUAGE_AUTO);
    cr_assert_eq(o.log_level, OPTIONS_LOG_INFO);
}

/* A text with everything that can be said, each another than the default. */
static const char everything[] =
    "collectors = ( \"https://Collector.Example.net:9443/\", \"https://[2001:DB8::1]\" );\n"
    "proxy = \"socks5h://u:secret@Proxy.example:1080\"; interval = \"1d\"; state = \"/s\";\n"
    "user = \"a\"; probe_user = \"_b-1\"; observe = \"nat\"; panel_ports = ( 1, 65535 );\n"
    "key_servers = ( \"192.0.2.1\" ); lab_networks = ( \"203.0.113.0/24\" );\n"
    "keys = \"/k\"; registry = \"/r\"; legacy_key = \"/l\"; look = \"40m\";\n"
    "count_mailboxes = false; count = \"1s\"; all_domains = true; mx_suffixes = ( );\n"
    "resolvers = ( \"192.0.2.53\", \"[2001:DB8::53]:5353\", \"127.0.0.1:53\", \"::1\" );\n"
    "database_sockets = \"/m.sock\"; database_user = \"ü \\\"x\\\"\"; database_name = \"p\";\n"
    "database_password_file = \"/p\"; maildirs = \"\"; spool_rows = 1000;\n"
    "language = \"nl\"; log_level = \"debug\";";

Test(options, everything_that_can_be_said_is_read)
{
    AUTO(options) struct options o = must_read(everything);
    static const char *const collectors[] = {"https://collector.example.net:9443",
                                             "https://[2001:db8::1]", NULL};
    static const char *const resolvers[] = {"192.0.2.53", "[2001:db8::53]:5353", "127.0.0.1:53",
                                            "::1", NULL};
    static const char *const none[] = {NULL}, *const sockets[] = {"/m.sock", NULL};
    check_texts(&o.collectors, collectors);
    cr_assert_str_eq(o.proxy, "socks5h://u:secret@proxy.example:1080");
    cr_assert_eq(o.interval.s, day);
    cr_assert_str_eq(o.state, "/s");
    cr_assert_str_eq(o.user, "a");
    cr_assert_str_eq(o.probe_user, "_b-1");
    cr_assert_eq(o.observe, 1U << SOURCE_NAT);
    cr_assert_eq(o.panel_ports.n, 2);
    cr_assert_eq(o.panel_ports.v[1], 65535);
    cr_assert_eq(o.n_lab_networks, 1);
    cr_assert_eq(o.lab_networks[0].bits, 24);
    cr_assert_str_eq(o.keys, "/k");
    cr_assert_str_eq(o.registry, "/r");
    cr_assert_str_eq(o.legacy_key, "/l");
    cr_assert_eq(o.look.s, 40 * minute);
    cr_assert_not(o.count_mailboxes);
    cr_assert_eq(o.count.s, 1);
    cr_assert(o.all_domains);
    check_texts(&o.mx_suffixes, none);
    check_texts(&o.resolvers, resolvers);
    check_texts(&o.database_sockets, sockets);
    cr_assert_str_eq(o.database_user, "ü \"x\"");
    cr_assert_str_eq(o.database_name, "p");
    cr_assert_str_eq(o.database_password_file, "/p");
    cr_assert_str_eq(o.maildirs, "");
    cr_assert_eq(o.spool_rows, 1000);
    cr_assert_eq(o.language, OPTIONS_LANGUAGE_NL);
    cr_assert_eq(o.log_level, OPTIONS_LOG_DEBUG);
}

Test(options, what_is_printed_reads_back_but_for_the_password)
{
    AUTO(options) struct options o = must_read(everything);
    AUTO_FREE char *printed = print(&o);
    cr_assert(strstr(printed, "proxy = \"socks5h://u:***@proxy.example:1080\";"));
    cr_assert_null(strstr(printed, "secret"));
    AUTO(options) struct options again = must_read(printed);
    AUTO_FREE char *twice = print(&again);
    cr_assert_str_eq(twice, printed);
}

/* One of each key that can be wrong. */
static const struct {
    const char *text, *place, *says;
} refusals[] = {
    {"\ngibberish;\n", "a.conf:2", ""},
    {"\ncollector = \"https://a.example\";", "a.conf:2: collector", "there are: collectors"},
    {"collectors = \"http://a.example\";", "a.conf:1: collectors", "https"},
    {"collectors = ( \"https://a.example\",\n\"https://A.example:443/\" );",
     "a.conf:2: collectors[1]", "only once"},
    {"collectors = \"https://a.example?x\";", "a.conf:1: collectors", "https"},
    {"proxy = \"proxy.example:3128\";", "a.conf:1: proxy", "http, https or socks5h"},
    {"interval = \"25h\";", "a.conf:1: interval", "0s to 1d"},
    {"state = \"var/lib\";", "a.conf:1: state", "from the root on"},
    {"state = \"\";", "a.conf:1: state", "1 to 511"},
    {"user = \"\";", "a.conf:1: user", "a user's name"},
    {"user = \"Root\";", "a.conf:1: user", "a user's name"},
    {"user = \"-a\";", "a.conf:1: user", "a user's name"},
    {"probe_user = \"a b\";", "a.conf:1: probe_user", "a user's name"},
    {"probe_user = \"a12345678901234567890123456789012\";", "a.conf:1: probe_user", "32"},
    {"\nobserve = \"keyserver, peer\";", "a.conf:2: observe", "only the collector can see"},
    {"observe = ( );", "a.conf:1: observe", "keyserver, nat, panel, interface"},
    {"panel_ports = ( );", "a.conf:1: panel_ports", "TCP ports"},
    {"panel_ports = ( 0 );", "a.conf:1: panel_ports", "1 to 65535"},
    {"key_servers = \"https://ka.plesk.com\";", "a.conf:1: key_servers", "a host"},
    {"lab_networks = ( \"203.0.113.1/24\" );", "a.conf:1: lab_networks", "host bits"},
    {"keys = \"\";", "a.conf:1: keys", "folder"},
    {"registry = \"registry.xml\";", "a.conf:1: registry", "from the root on"},
    {"legacy_key = \"psa.key\";", "a.conf:1: legacy_key", "from the root on"},
    {"look = \"41m\";", "a.conf:1: look", "1s to 40m"},
    {"look = \"0s\";", "a.conf:1: look", "1s to 40m"},
    {"count_mailboxes = 1;", "a.conf:1: count_mailboxes", "true or false"},
    {"count = \"2401s\";", "a.conf:1: count", "1s to 40m"},
    {"all_domains = \"no\";", "a.conf:1: all_domains", "true or false"},
    {"mx_suffixes = \"com\";", "a.conf:1: mx_suffixes", "a domain name"},
    {"resolvers = \"dns.example\";", "a.conf:1: resolvers", "an address"},
    {"resolvers = \"192.0.2.53:0\";", "a.conf:1: resolvers", "an address"},
    {"resolvers = \"[::1]\";", "a.conf:1: resolvers", "an address"},
    {"database_sockets = \"mysqld.sock\";", "a.conf:1: database_sockets", "from the root on"},
    {"database_user = \"\";", "a.conf:1: database_user", "1 to 80"},
    {"database_name = \"\";", "a.conf:1: database_name", "1 to 64"},
    {"database_password_file = \"secret\";", "a.conf:1: database_password_file", "root on"},
    {"maildirs = \"mail\";", "a.conf:1: maildirs", "from the root on"},
    {"count = \"41m\";", "a.conf:1: count", "1s to 40m"},
    {"spool_rows = 999;", "a.conf:1: spool_rows", "1000 to 2000000"},
    {"spool_rows = 2000001;", "a.conf:1: spool_rows", "1000 to 2000000"},
    {"language = \"de\";", "a.conf:1: language", "auto, en or nl"},
    {"log_level = \"loud\";", "a.conf:1: log_level", "error, warning, info or debug"},
};

Test(options, what_is_wrong_is_refused_with_its_place_and_changes_nothing)
{
    static struct options untouched;
    memset(&untouched, 0x5a, sizeof untouched);
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        static struct options o;
        struct diag d = {""};
        memcpy(&o, &untouched, sizeof o);
        const char *text = refusals[i].text;
        cr_assert_eq(read_text(text, &o, &d), -EBADMSG, "%s", text);
        cr_assert(strncmp(d.text, refusals[i].place, strlen(refusals[i].place)) == 0, "%s: %s",
                  text, d.text);
        cr_assert(strstr(d.text, refusals[i].says), "%s: \"%s\" does not say %s", text, d.text,
                  refusals[i].says);
        cr_assert_eq(memcmp(&o, &untouched, sizeof o), 0, "%s changed it", text);
    }
}

Test(options, refused_proxy_is_not_repeated_for_its_password)
{
    static const char *const rows[] = {
        "proxy = \"http://u:hush@proxy.example\";", "proxy = \" http://u:hush@p.example:1\";",
        "proxy = \"ftp://u:hush@p.example:1\";", "proxy = ( \"http://u:hush@p.example:1\" );"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct options o;
        struct diag d = {""};
        cr_assert_eq(read_text(rows[i], &o, &d), -EBADMSG, "%s", rows[i]);
        cr_assert_null(strstr(d.text, "hush"), "%s", d.text);
    }
}

/* A socket's path of n bytes; sun_path holds 108 with the NUL (unix(7)). */
static int read_socket(size_t n)
{
    char path[200];
    memset(path, 'a', sizeof path);
    path[0] = '/';
    AUTO(buf) struct buf text = BUF_INIT(4096);
    buf_printf(&text, "database_sockets = \"%.*s\";", (int)n, path);
    struct options o;
    struct diag d = {""};
    int r = read_text(buf_str(&text), &o, &d);
    cr_assert(r != 0 || strlen(o.database_sockets.v[0]) == n);
    return r;
}

Test(options, path_of_a_socket_fits_into_its_address)
{
    cr_assert_eq(read_socket(107), 0);
    cr_assert_eq(read_socket(108), -EBADMSG);
}

Test(options, file_is_loaded_over_the_defaults)
{
    AUTO(temp) struct temp folder;
    char path[TEMP_PATH_SIZE];
    cr_assert_eq(temp_make(&folder), 0);
    temp_file(&folder, "agent.conf", path);
    struct diag d = {""};
    AUTO(options) struct options o = {.n_lab_networks = 0};
    cr_assert_eq(options_load(path, &o, &d), -ENOENT);
    cr_assert(strstr(d.text, "agent.conf"), "%s", d.text);
    cr_assert_eq(file_write(path, text_of("look = \"1m\";\n"), 0600, &d), 0);
    cr_assert_eq(options_load(path, &o, &d), 0, "%s", d.text);
    cr_assert_eq(o.look.s, minute);
    cr_assert_str_eq(o.database_name, "psa");
    struct options none;
    cr_assert_eq(file_write(path, text_of("\nlook = 1;\n"), 0600, &d), 0);
    cr_assert_eq(options_load(path, &none, &d), -EBADMSG);
    cr_assert(strstr(d.text, "agent.conf:2: look"), "%s", d.text);
}

Test(options, path_in_the_state_folder_is_put_together)
{
    char path[OPTIONS_PATH_SIZE + 64], long_name[65];
    AUTO(options) struct options o = must_read("state = \"/s/t\";");
    cr_assert_eq(options_state_path(&o, "spool.db", path), 0);
    cr_assert_str_eq(path, "/s/t/spool.db");
    /* 511 + '/' + 63 are 575 bytes, and the NUL: all there is room for. */
    memset(long_name, 'n', sizeof long_name);
    long_name[64] = '\0';
    memset(o.state, 's', sizeof o.state);
    o.state[sizeof o.state - 1] = '\0';
    cr_assert_eq(options_state_path(&o, long_name + 1, path), 0);
    cr_assert_eq(strlen(path), 575);
    cr_assert_eq(options_state_path(&o, long_name, path), -ERANGE);
    cr_assert_eq(strlen(path), 575, "untouched");
}

Test(options, shipped_example_has_every_key_at_its_default)
{
    AUTO(buf) struct buf text = BUF_INIT(CAP_CONFIG_BYTES);
    struct diag d = {""};
    cr_assert_eq(file_read(SOURCE_DIR "/conf/agent.conf", &text, &d), 0, "%s", d.text);
    manual_check_example(buf_str(&text), options_keys, OPTIONS_KEYS);
    AUTO(options) struct options example = must_read(buf_str(&text)), base = must_read("");
    AUTO_FREE char *a = print(&example), *b = print(&base);
    cr_assert_str_eq(a, b);
}

Test(options, manual_has_every_key_as_the_table_has_it_and_no_other)
{
    AUTO(buf) struct buf text = BUF_INIT(CAP_CONFIG_BYTES);
    struct diag d = {""};
    cr_assert_eq(file_read(SOURCE_DIR "/docs/fairuse-agent.conf.5.md", &text, &d), 0, "%s",
                 d.text);
    static const char *const sections[][2] = {{"collectors", "interval"},
                                              {"state", "probe_user"},
                                              {"observe", "look"},
                                              {"count_mailboxes", "maildirs"},
                                              {"spool_rows", "log_level"}};
    for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
        const struct table_key *first = table_find(options_keys, OPTIONS_KEYS, sections[i][0]);
        const struct table_key *last = table_find(options_keys, OPTIONS_KEYS, sections[i][1]);
        manual_check_rows(buf_str(&text), first, (size_t)(last - first) + 1, NULL);
    }
    cr_assert_eq(manual_count_rows(buf_str(&text)), OPTIONS_KEYS);
}
