/* What can be said on replay's command line. */
#include <errno.h>
#include <string.h>

#include "probe/replay_args.h"
#include "support/leak.h"

SUITE(replay_args);

Test(replay_args, own_networks)
{
    static const struct {
        const char *value, *wanted; /* NULL = refused */
    } rows[] = {
        {"203.0.113.0/24", "203.0.113.0/24"},
        {"203.0.113.9", "203.0.113.9/32"},
        {"203.0.113.9/32", "203.0.113.9/32"},
        {"2001:db8::/32", "2001:db8::/32"},
        {"2001:db8::9", "2001:db8::9/128"},
        {"::ffff:203.0.113.9", "203.0.113.9/32"},
        {"10.0.0.0/8", "10.0.0.0/8"},
        {"0.0.0.0/0", NULL},
        {"10.0.0.0/7", NULL},
        {"203.0.113.9/24", NULL},
        {"203.0.113.0/33", NULL},
        {"203.0.113", NULL},
        {"fe80::1%eth0", NULL},
        {"example.nl", NULL},
        {"", NULL},
    };
    AUTO(replay_args) struct replay_args a = {.n_local = 0};
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct diag d = {""};
        char text[NETWORK_TEXT_SIZE];
        int r = replay_args_local(&a, rows[i].value, &d);
        cr_expect_eq(r == 0, rows[i].wanted != NULL, "%s: %s", rows[i].value, d.text);
        cr_expect_eq(r == 0, d.text[0] == '\0', "%s: %s", rows[i].value, d.text);
        n += r == 0;
        cr_assert_eq(a.n_local, n);
        if (r == 0)
            cr_expect_str_eq(network_format(&a.local[n - 1], text), rows[i].wanted);
    }
}

Test(replay_args, key_servers)
{
    static const struct {
        const char *value, *address; /* NULL = refused */
        uint16_t port;
    } rows[] = {
        {"203.0.113.9", "203.0.113.9", 443},
        {"203.0.113.9:5224", "203.0.113.9", 5224},
        {"203.0.113.9:1", "203.0.113.9", 1},
        {"203.0.113.9:65535", "203.0.113.9", 65535},
        {"[203.0.113.9]:444", "203.0.113.9", 444},
        {"2001:db8::1", "2001:db8::1", 443},
        {"[2001:db8::1]", "2001:db8::1", 443},
        {"[2001:db8::1]:5224", "2001:db8::1", 5224},
        {"2001:db8::1:444", "2001:db8::1:444", 443}, /* an address, as it stands */
        {"203.0.113.9:", NULL, 0},
        {"203.0.113.9:0", NULL, 0},
        {"203.0.113.9:65536", NULL, 0},
        {"203.0.113.9:443x", NULL, 0},
        {"203.0.113.9:+443", NULL, 0},
        {"[2001:db8::1]:", NULL, 0},
        {"[2001:db8::1]443", NULL, 0},
        {"[2001:db8::1", NULL, 0},
        {"[]:443", NULL, 0},
        {":443", NULL, 0},
        {"", NULL, 0},
        {"ka.example", NULL, 0},
        {"ka.example:443", NULL, 0},
    };
    AUTO(replay_args) struct replay_args a = {.n_local = 0};
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct diag d = {""};
        char text[ADDR_TEXT_SIZE];
        int r = replay_args_key_server(&a, rows[i].value, &d);
        cr_expect_eq(r == 0, rows[i].address != NULL, "%s: %s", rows[i].value, d.text);
        n += r == 0;
        cr_assert_eq(a.n_targets, n);
        if (r != 0)
            continue;
        cr_expect_str_eq(addr_format(&a.targets[n - 1].address, text), rows[i].address);
        cr_expect_eq(a.targets[n - 1].port, rows[i].port, "%s", rows[i].value);
        cr_expect_not(a.targets[n - 1].is_collector);
    }
}

Test(replay_args, panel_ports_replace_the_defaults)
{
    AUTO(replay_args) struct replay_args a = {.n_local = 0};
    struct diag d = {""};
    struct replay_order o = replay_args_order(&a, "x");

    cr_expect(o.n_ports == 2 && o.ports[0] == 8443 && o.ports[1] == 8880);
    cr_assert_eq(replay_args_panel_port(&a, "8444", &d), 0);
    cr_expect_eq(replay_args_panel_port(&a, "0", &d), -EBADMSG);
    cr_expect_eq(replay_args_panel_port(&a, "https", &d), -EBADMSG);
    o = replay_args_order(&a, "x");
    cr_expect(o.n_ports == 1 && o.ports[0] == 8444);
    cr_expect_str_eq(o.file, "x");
}

Test(replay_args, there_are_caps)
{
    AUTO(replay_args) struct replay_args a = {.n_local = 0};
    struct diag d = {""};
    int r = 0, n = 0;

    for (n = 0; r == 0; n++)
        r = replay_args_local(&a, "10.0.0.0/8", &d);
    cr_expect(r == -ERANGE && n == SIGHT_OWN_MAX + 1 && strstr(d.text, "1024"), "%s", d.text);
    r = 0;
    for (n = 0; r == 0; n++)
        r = replay_args_key_server(&a, "203.0.113.9", &d);
    cr_expect(r == -ERANGE && n == SIGHT_TARGETS_MAX + 1 && strstr(d.text, "128"), "%s",
              d.text);
    r = 0;
    for (n = 0; r == 0; n++)
        r = replay_args_panel_port(&a, "1", &d);
    cr_expect(r == -ERANGE && n == SIGHT_PORTS_MAX + 1 && strstr(d.text, "8"), "%s", d.text);
}
