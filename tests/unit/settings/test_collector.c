/* The group `collector` of the settings: what it says, what is refused, what fits together. */
#include "settings/settings.h"

#include "support/leak.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

SUITE(collector);

static const int64_t day = 86400;

static int read_group(const char *members, struct settings *ret, struct diag *d)
{
    AUTO(buf) struct buf text = BUF_INIT(1 << 16);
    buf_printf(&text, "collector = {\n%s\n};", members);
    cr_assert_eq(buf_error(&text), 0);
    return settings_read(text_of(buf_str(&text)), "c.conf", ret, d);
}

static struct settings must_read(const char *members)
{
    struct settings s;
    struct diag d = {""};
    cr_assert_eq(read_group(members, &s, &d), 0, "%s: %s", members, d.text);
    return s;
}

Test(collector, nothing_said_is_fit_for_400000_agents)
{
    AUTO(settings) struct settings s = must_read("");
    const struct settings_collector *c = &s.collector;
    cr_assert_eq(c->listen.n, 1);
    cr_assert_str_eq(c->listen.v[0], "[::]:9443");
    cr_assert_str_eq(c->monitor, "127.0.0.1:9444");
    cr_assert_eq(c->names.n, 0, "the host's name");
    cr_assert_str_eq(c->certificate, "");
    cr_assert_str_eq(c->authority, "");
    cr_assert_not(c->allow_tls12);
    cr_assert_eq(c->n_proxies, 0);
    /* 400,000 / 900 s = 444 connections a second; each done in less than a second, but a whole
     * restart's worth of handshakes may wait. */
    cr_assert_eq(c->max_connections, 20000);
    cr_assert_eq(c->max_connections_per_address, 256);
    cr_assert_eq(c->address_per_minute, 600);
    cr_assert_eq(c->server_per_minute, 60);
    cr_assert_eq(c->max_body, 4 << 20);
    cr_assert_eq(c->max_in_flight, 64 << 20);
    cr_assert_eq(c->queue, 4096);
    cr_assert_eq(c->batch, 256);
    cr_assert_eq(c->gather_ms, 20);
    cr_assert_eq(c->interval.s, 900);
    cr_assert_eq(c->certificate_lifetime.s, 90 * day);
    cr_assert_eq(c->late_renewal.s, 90 * day);
    cr_assert_eq(c->log_level, SETTINGS_LOG_INFO);
}

Test(collector, everything_that_can_be_said_is_read)
{
    AUTO(settings)
    struct settings s = must_read(
        "listen = ( \"0.0.0.0:443\", \"[2001:db8::1]:8443\" ); monitor = \"[::1]:1\";\n"
        "names = ( \"collector.example.net\", \"192.0.2.1\" ); certificate = \"/c\";\n"
        "key = \"/k\"; authority = \"/a\"; authority_key = \"/ak\"; allow_tls12 = true;\n"
        "proxies = ( \"192.0.2.0/24\", \"2001:db8::/32\" ); max_connections = 100000;\n"
        "max_connections_per_address = 1; address_burst = 2; address_per_minute = 0;\n"
        "server_burst = 3; server_per_minute = 4; max_body = 65536; max_in_flight = 65536;\n"
        "queue = 9; batch = 9; gather = 0; handshake_timeout = \"1s\"; head_timeout = \"2s\";\n"
        "body_timeout = \"10m\"; idle_timeout = \"1h\"; answer_timeout = \"5s\";\n"
        "drain_timeout = \"6s\"; certificate_lifetime = \"3s\"; late_renewal = \"0s\";\n"
        "interval = \"1s\"; mx_suffixes = ( \"mx.example\" ); key_servers = ( );\n"
        "log_level = \"debug\";");
    const struct settings_collector *c = &s.collector;
    cr_assert_eq(c->listen.n, 2);
    cr_assert_str_eq(c->listen.v[0], "0.0.0.0:443");
    cr_assert_str_eq(c->listen.v[1], "[2001:db8::1]:8443");
    cr_assert_str_eq(c->monitor, "[::1]:1");
    cr_assert_eq(c->names.n, 2);
    cr_assert_str_eq(c->names.v[1], "192.0.2.1");
    cr_assert_str_eq(c->certificate, "/c");
    cr_assert_str_eq(c->key, "/k");
    cr_assert_str_eq(c->authority, "/a");
    cr_assert_str_eq(c->authority_key, "/ak");
    cr_assert(c->allow_tls12);
    cr_assert_eq(c->n_proxies, 2);
    cr_assert_eq(c->proxies[0].bits, 24);
    cr_assert_eq(c->proxies[1].bits, 32);
    cr_assert_eq(c->max_connections, 100000);
    cr_assert_eq(c->max_connections_per_address, 1);
    cr_assert_eq(c->address_burst, 2);
    cr_assert_eq(c->address_per_minute, 0);
    cr_assert_eq(c->server_burst, 3);
    cr_assert_eq(c->server_per_minute, 4);
    cr_assert_eq(c->max_body, 65536);
    cr_assert_eq(c->max_in_flight, 65536);
    cr_assert_eq(c->queue, 9);
    cr_assert_eq(c->batch, 9);
    cr_assert_eq(c->gather_ms, 0);
    cr_assert_eq(c->handshake_timeout.s, 1);
    cr_assert_eq(c->head_timeout.s, 2);
    cr_assert_eq(c->body_timeout.s, 600);
    cr_assert_eq(c->idle_timeout.s, 3600);
    cr_assert_eq(c->answer_timeout.s, 5);
    cr_assert_eq(c->drain_timeout.s, 6);
    cr_assert_eq(c->certificate_lifetime.s, 3);
    cr_assert_eq(c->late_renewal.s, 0);
    cr_assert_eq(c->interval.s, 1);
    cr_assert_eq(c->mx_suffixes.n, 1);
    cr_assert_eq(c->key_servers.n, 0, "none at all can be said");
    cr_assert_eq(c->log_level, SETTINGS_LOG_DEBUG);
}

/* One of each; lines count from `collector = {`, which is the first. */
static const struct {
    const char *members, *place, *says;
} refusals[] = {
    {"listen = ( );", "c.conf:2", "addresses with ports"},
    {"listen = 9443;", "c.conf:2", "addresses with ports"},
    {"listen = \"\";", "c.conf:2", "address and a port"},
    {"listen = \"localhost:9443\";", "c.conf:2", "\"localhost:9443\""},
    {"listen = ( \"[::1]:1\",\n \"[0::1]:1\" );", "c.conf:3", "only once"},
    {"listen = \"[::1]:1,[::1]:2,[::1]:3,[::1]:4,[::1]:5,[::1]:6,[::1]:7,[::1]:8,[::1]:9\";",
     "c.conf:2", "holds 9, at most 8"},
    {"monitor = \"0.0.0.0:9444\";", "c.conf:2", "loopback"},
    {"monitor = \"[::]:9444\";", "c.conf:2", "loopback"},
    {"listen = \"127.0.0.1:1\";\nmonitor = \"127.0.0.1:1\";", "c.conf:3", "its own"},
    {"names = \"a b\";", "c.conf:2", "a host's name or an address"},
    {"names = \"*.example.net\";", "c.conf:2", "a host's name"},
    {"names = ( \"A.example\", \"a.example\" );", "c.conf:2", "only once"},
    {"certificate = \"/c\";", "c.conf:2", "needs `key`"},
    {"key = \"/c\";", "c.conf:2", "needs `certificate`"},
    {"authority = \"/c\";", "c.conf:2", "needs `authority_key`"},
    {"\nauthority_key = \"/c\";", "c.conf:3", "needs `authority`"},
    {"allow_tls12 = 1;", "c.conf:2", "true or false"},
    {"proxies = \"192.0.2.1/32\";", "c.conf:2", "a list of networks"},
    {"proxies = ( \"0.0.0.0/0\" );", "c.conf:2", "/8"}, /* would believe everybody */
    {"max_connections = 0;", "c.conf:2", "1 to 100000"},
    {"max_connections = 100001;", "c.conf:2", "1 to 100000"},
    {"address_burst = 0;", "c.conf:2", "1 to 1000000"},
    {"server_per_minute = -1;", "c.conf:2", "0 to 1000000"},
    {"max_body = 65535;", "c.conf:2", "65536 to 4194304"},
    {"max_body = 4194305;", "c.conf:2", "65536 to 4194304"},
    {"max_in_flight = 65536;", "c.conf:2", "at most `max_in_flight`"},
    {"max_in_flight = 65536;\nmax_body = 65537;", "c.conf:3", "which is 65536"},
    {"batch = 257;", "c.conf:2", "1 to 256"},
    {"queue = 65537;", "c.conf:2", "1 to 65536"},
    {"queue = 10;\nbatch = 11;", "c.conf:3", "`batch` is 11, must be at most `queue`"},
    {"queue = 255;", "c.conf:2", "`batch` is 256"},
    {"handshake_timeout = \"0s\";", "c.conf:2", "1s to 10m"},
    {"idle_timeout = \"61m\";", "c.conf:2", "1s to 1h"},
    {"certificate_lifetime = \"90s\";", "c.conf:2", "3 times `interval`, which is 15m"},
    {"interval = \"8m\"; \ncertificate_lifetime = \"23m\";", "c.conf:3", "3 times"},
    {"certificate_lifetime = \"826d\";", "c.conf:2", "1s to 825d"},
    {"interval = \"25h\";", "c.conf:2", "1s to 1d"},
    {"mx_suffixes = \"com\";", "c.conf:2", "a domain name"},
    {"key_servers = \"ka.plesk.com:0\";", "c.conf:2", "with or without a port"},
    {"key_servers = \"https://ka.plesk.com\";", "c.conf:2", "with or without a port"},
    {"log_level = \"loud\";", "c.conf:2", "error, warning, info or debug"},
};

Test(collector, what_is_wrong_or_does_not_fit_is_refused_with_its_place)
{
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        struct settings s;
        struct diag d = {""};
        const char *members = refusals[i].members;
        cr_assert_eq(read_group(members, &s, &d), -EBADMSG, "%s", members);
        cr_assert(strncmp(d.text, refusals[i].place, strlen(refusals[i].place)) == 0, "%s: %s",
                  members, d.text);
        cr_assert(strstr(d.text, refusals[i].says), "%s: \"%s\" does not say %s", members,
                  d.text, refusals[i].says);
    }
}
