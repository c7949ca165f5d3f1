/* Scans and look-ups: their order, their ranges, what they leave out. */
#include "contract.h"

#include <stdio.h>
#include <string.h>

SUITE(store_scans);

static void expect_order(struct store *s, struct license_range range, const char *const *lines,
                         size_t n)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    OK(s, store_scan_sightings(s, range, &scan));
    struct store_sighting x;
    for (size_t i = 0; i < n; i++) {
        cr_assert_eq(store_next_sighting(scan, &x), 1, "row %zu: %s", i, store_diag(s));
        char license[LICENSE_TEXT_SIZE];
        char address[ADDR_TEXT_SIZE];
        char line[200];
        server_id server = store_machine_server(x.machine);
        (void)snprintf(line, sizeof line, "%s %lld/%lld %s %s %lld",
                       license_format(x.license, license), (long long)server,
                       (long long)(x.machine - MACHINE(server, 0)),
                       addr_format(&x.address, address), source_name(x.source),
                       (long long)(x.seen.first.s - T0.s));
        cr_assert_str_eq(line, lines[i], "row %zu is %s, not %s", i, line, lines[i]);
    }
    cr_assert_eq(store_next_sighting(scan, &x), 0, "more rows than %zu", n);
    cr_assert_eq(store_next_sighting(scan, &x), 0, "the end stays the end");
}

static void put_many(struct contract *c)
{
    license_t a = lic("EXT.00000001");
    license_t b = lic("PLSK.00000001");
    struct addr v4 = ip("203.0.113.9"); /* 0xcb: as bytes alone after any 2000::/3 */
    struct addr v6 = ip("2001:db8::1");
    SAY(c, .server = "m1",
        .sightings = {{b, v6, SOURCE_NAT, SPAN(0, 1)},
                      {b, v4, SOURCE_NAT, SPAN(50, 51)},
                      {b, v4, SOURCE_KEYSERVER, SPAN(90, 91)},
                      {b, v4, SOURCE_NAT, SPAN(0, 1)},
                      {a, v4, SOURCE_NAT, SPAN(0, 1)}},
        .n_sightings = 5);
    SAY(c, .server = "a2", .sightings = {{b, v4, SOURCE_NAT, SPAN(0, 1)}}, .n_sightings = 1);
}

CONTRACT(store_scans, sightings_come_by_licence_machine_address_source_first)
{
    put_many(c);
    static const char *const all[] = {
        "EXT.00000001 1/1 203.0.113.9 nat 0",  "PLSK.00000001 1/1 203.0.113.9 keyserver 90",
        "PLSK.00000001 1/1 203.0.113.9 nat 0", "PLSK.00000001 1/1 203.0.113.9 nat 50",
        "PLSK.00000001 1/1 2001:db8::1 nat 0", "PLSK.00000001 2/1 203.0.113.9 nat 0",
    };
    expect_order(c->store, LICENSES_ALL, all, 6);
    struct license_range plesk = {lic("PLSK.00000001"), lic("PLSK.00000001")};
    expect_order(c->store, plesk, all + 1, 5);
    struct license_range none = {lic("PLSK.00000002"), lic("PLSK.99999999")};
    expect_order(c->store, none, all, 0);
    struct license_range both = {lic("EXT.00000001"), lic("PLSK.00000001")};
    expect_order(c->store, both, all, 6);
}

CONTRACT(store_scans, mail_rows_come_by_domain_server_first_last_counts)
{
    struct mail_counts few = {.mailboxes = 1};
    struct mail_counts many = {.mailboxes = 2};
    struct mail_counts lists = {.mailboxes = 1, .lists = 1};
    SAY(c,
        .mailboxes = {{"b.nl", few, SPAN(50, 60)},
                      {"b.nl", many, SPAN(0, 40)},
                      {"b.nl", lists, SPAN(50, 55)},
                      {"a.nl", few, SPAN(99, 99)},
                      {"b.nl", many, SPAN(50, 60)}},
        .n_mailboxes = 5);
    SAY(c, .server = "another", .mailboxes = {{"b.nl", few, SPAN(0, 1)}}, .n_mailboxes = 1);
    static const struct {
        const char *domain;
        int64_t server, first, last, mailboxes;
    } rows[] = {{"a.nl", 1, 99, 99, 1}, {"b.nl", 1, 0, 40, 2},  {"b.nl", 1, 50, 55, 1},
                {"b.nl", 1, 50, 60, 1}, {"b.nl", 1, 50, 60, 2}, {"b.nl", 2, 0, 1, 1}};
    static const struct {
        struct domain_range range;
        size_t from, to;
    } ranges[] = {{{NULL, NULL}, 0, 6},
                  {{"b.nl", NULL}, 1, 6},
                  {{NULL, "a.nl"}, 0, 1},
                  {{"b.nl", "b.nl"}, 1, 6},
                  {{"c.nl", NULL}, 6, 6}};
    for (size_t k = 0; k < ARRAY_LEN(ranges); k++) {
        AUTO(store_scan) struct store_scan *scan = NULL;
        OK(c->store, store_scan_mail_rows(c->store, ranges[k].range, &scan));
        struct store_mail_row x;
        for (size_t i = ranges[k].from; i < ranges[k].to; i++) {
            cr_assert_eq(store_next_mail_row(scan, &x), 1);
            cr_assert_str_eq(x.domain, rows[i].domain);
            cr_assert_eq(x.server, rows[i].server);
            cr_assert_eq(x.seen.first.s - T0.s, rows[i].first);
            cr_assert_eq(x.seen.last.s - T0.s, rows[i].last);
            cr_assert_eq(x.counts.mailboxes, rows[i].mailboxes);
        }
        cr_assert_eq(store_next_mail_row(scan, &x), 0);
    }
}

CONTRACT(store_scans, gaps_come_of_one_machine_by_kind_and_start)
{
    SAY(c,
        .gaps = {{GAP_SPOOL, SPAN(0, 1), 0},
                 {GAP_CAPTURE, SPAN(9, 9), 0},
                 {GAP_CAPTURE, SPAN(5, 6), 0}},
        .n_gaps = 3);
    SAY(c, .boot = 2, .gaps = {{GAP_MAILBOXES, SPAN(0, 1), 0}}, .n_gaps = 1);
    AUTO(store_scan) struct store_scan *scan = NULL;
    OK(c->store, store_scan_gaps(c->store, MACHINE(1, 1), &scan));
    static const struct {
        enum gap_kind what;
        int64_t first;
    } rows[] = {{GAP_CAPTURE, 5}, {GAP_CAPTURE, 9}, {GAP_SPOOL, 0}};
    struct store_gap x;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_assert_eq(store_next_gap(scan, &x), 1);
        cr_assert_eq(x.machine, MACHINE(1, 1));
        cr_assert_eq(x.what, rows[i].what);
        cr_assert_eq(x.seen.first.s - T0.s, rows[i].first);
    }
    cr_assert_eq(store_next_gap(scan, &x), 0);
}

CONTRACT(store_scans, forks_come_by_server_name_boot_and_counter)
{
    /* Put in the opposite order, so that numbers do not help. */
    for (int i = 15; i >= 0; i--)
        SAY(c, .server = i & 8 ? "b" : "a", .boot = i & 4 ? 2 : 1, .counter = i & 2 ? 2 : 1,
            .digest = i & 1);
    static const struct {
        const char *server;
        int boot;
        int64_t counter;
    } rows[] = {{"a", 1, 1}, {"a", 1, 2}, {"a", 2, 1}, {"a", 2, 2},
                {"b", 1, 1}, {"b", 1, 2}, {"b", 2, 1}, {"b", 2, 2}};
    AUTO(store_scan) struct store_scan *scan = NULL;
    OK(c->store, store_scan_forks(c->store, &scan));
    struct store_fork x;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct store_machine m;
        struct store_server server;
        cr_assert_eq(store_next_fork(scan, &x), 1);
        OK(c->store, store_get_machine(c->store, x.machine, &m)); /* beside an open scan */
        OK(c->store, store_get_server(c->store, m.server, &server));
        cr_assert_str_eq(server.name, rows[i].server, "row %zu", i);
        cr_assert_eq(m.boot.bytes[15], rows[i].boot, "row %zu", i);
        cr_assert_eq(x.counter, rows[i].counter, "row %zu", i);
    }
    cr_assert_eq(store_next_fork(scan, &x), 0);
}

CONTRACT(store_scans, licences_seen_come_by_licence_machine_and_facts)
{
    struct report_license a = {.license = lic("PLSK.00000001"), .version = "0002"};
    struct report_license b = {
        .license = lic("PLSK.00000001"), .version = "0001", .edition = "z"};
    struct report_license other = {.license = lic("EXT.00000001")};
    SAY(c, .licenses = {a, b, other}, .n_licenses = 3);
    SAY(c, .boot = 2, .licenses = {b}, .n_licenses = 1);
    static const struct {
        const char *license;
        machine_id machine;
        const char *version;
    } rows[] = {{"EXT.00000001", MACHINE(1, 1), ""},
                {"PLSK.00000001", MACHINE(1, 1), "0001"},
                {"PLSK.00000001", MACHINE(1, 1), "0002"},
                {"PLSK.00000001", MACHINE(1, 2), "0001"}};
    AUTO(store_scan) struct store_scan *scan = NULL;
    OK(c->store, store_scan_license_seen(c->store, LICENSES_ALL, &scan));
    struct store_license_seen x;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_assert_eq(store_next_license_seen(scan, &x), 1);
        cr_assert_eq(x.license.code, lic(rows[i].license).code, "row %zu", i);
        cr_assert_eq(x.facts->license.code, x.license.code);
        cr_assert_eq(x.machine, rows[i].machine, "row %zu", i);
        cr_assert_str_eq(x.facts->version, rows[i].version, "row %zu", i);
    }
    cr_assert_eq(store_next_license_seen(scan, &x), 0);
}

CONTRACT(store_scans, scans_and_lookups_interleave)
{
    put_many(c);
    AUTO(store_scan) struct store_scan *a = NULL;
    AUTO(store_scan) struct store_scan *b = NULL;
    AUTO(store_scan) struct store_scan *servers = NULL;
    OK(c->store, store_scan_sightings(c->store, LICENSES_ALL, &a));
    OK(c->store, store_scan_sightings(c->store, LICENSES_ALL, &b));
    OK(c->store, store_scan_servers(c->store, &servers));
    struct store_sighting x;
    struct store_sighting y;
    struct store_server_row s;
    cr_assert_eq(store_next_sighting(a, &x), 1);
    cr_assert_eq(store_next_sighting(a, &x), 1);
    cr_assert_eq(store_next_sighting(b, &y), 1);
    cr_assert_eq(store_next_server(servers, &s), 1);
    cr_assert_str_eq(s.name, "a2");
    cr_assert_eq(x.license.code, lic("PLSK.00000001").code);
    cr_assert_eq(y.license.code, lic("EXT.00000001").code, "the second scan has its own place");
    cr_assert_eq(store_next_sighting(b, &y), 1);
    cr_assert_eq(y.source, x.source);
}

CONTRACT(store_scans, lookups_say_what_is_not_there)
{
    struct store_machine m;
    struct store_server s;
    server_id id;
    wall_t first;
    int64_t rows;
    cr_assert_eq(store_get_machine(c->store, MACHINE(1, 1), &m), -ENOENT);
    cr_assert_eq(store_get_server(c->store, 1, &s), -ENOENT);
    cr_assert_eq(store_find_server(c->store, "srv-1", &id), -ENOENT);
    cr_assert(strstr(store_diag(c->store), "srv-1"), "the message names it");
    cr_assert_eq(store_first_evidence(c->store, &first), -ENOENT);
    OK(c->store, store_estimate_rows(c->store, &rows));
    cr_assert_eq(rows, 0);
}

CONTRACT(store_scans, a_machine_and_its_server_are_found_again)
{
    SAY(c, .server = "srv-7", .boot = 9);
    server_id id;
    struct store_machine m;
    struct store_server s;
    struct uuid want = boot(9);
    OK(c->store, store_find_server(c->store, "srv-7", &id));
    OK(c->store, store_get_machine(c->store, MACHINE(id, 1), &m));
    cr_assert_eq(m.server, id);
    cr_assert_eq(memcmp(&m.boot, &want, sizeof want), 0);
    OK(c->store, store_get_server(c->store, id, &s));
    cr_assert_str_eq(s.name, "srv-7");
    cr_assert(!s.is_enrolled);
    cr_assert_eq(s.n_tenures, 0);
    cr_assert_eq(s.retired.s, WALL_END.s);
    cr_assert_eq(s.revoked.s, WALL_END.s);
}

CONTRACT(store_scans, a_machines_number_tells_its_server)
{
    static const struct {
        const char *server;
        int boot;
    } runs[] = {{"srv-1", 1}, {"srv-2", 1}, {"srv-1", 2}, {"srv-2", 3}, {"srv-1", 1}};
    for (size_t i = 0; i < ARRAY_LEN(runs); i++)
        SAY(c, .server = runs[i].server, .boot = runs[i].boot, .counter = (int64_t)i + 1,
            .sightings = {{lic("PLSK.00000001"), ip("203.0.113.9"), SOURCE_NAT, SPAN(0, 1)}},
            .n_sightings = 1);
    AUTO(store_scan) struct store_scan *scan = NULL;
    OK(c->store, store_scan_sightings(c->store, LICENSES_ALL, &scan));
    struct store_sighting x;
    size_t n = 0;
    for (; store_next_sighting(scan, &x) == 1; n++) {
        struct store_machine m;
        OK(c->store, store_get_machine(c->store, x.machine, &m));
        cr_assert_eq(store_machine_server(x.machine), m.server);
    }
    cr_assert_eq(n, 4, "four runs of two servers");
}

static void expect_evidence(struct contract *c, int64_t first, int64_t rows)
{
    wall_t t;
    int64_t n;
    OK(c->store, store_first_evidence(c->store, &t));
    cr_assert_eq(t.s - T0.s, first, "first evidence at %lld", (long long)(t.s - T0.s));
    OK(c->store, store_estimate_rows(c->store, &n));
    cr_assert_eq(n, rows, "%lld rows", (long long)n);
}

CONTRACT(store_scans, first_evidence_and_row_count_follow_what_is_stored)
{
    struct mail_counts n = {.mailboxes = 1};
    license_t l = lic("PLSK.00000001");
    struct addr a = ip("203.0.113.9");
    SAY(c, .sightings = {{l, a, SOURCE_NAT, SPAN(50, 60)}}, .n_sightings = 1);
    expect_evidence(c, 50, 1);
    SAY(c, .mailboxes = {{"a.nl", n, SPAN(40, 45)}}, .n_mailboxes = 1);
    expect_evidence(c, 40, 2);
    SAY(c, .gaps = {{GAP_CAPTURE, SPAN(1, 2), 0}}, .n_gaps = 1);
    expect_evidence(c, 40, 2); /* a gap is evidence of nothing */
    SAY(c, .sightings = {{l, a, SOURCE_NAT, SPAN(80, 90)}}, .n_sightings = 1);
    expect_evidence(c, 40, 3);
    SAY(c, .gap = {20}, .sightings = {{l, a, SOURCE_NAT, SPAN(30, 80)}}, .n_sightings = 1);
    expect_evidence(c, 30, 2);
    OK(c->store, store_begin(c->store));
    OK(c->store, store_say(c->store, (struct say){.sightings = {{l, a, SOURCE_NAT, SPAN(5, 6)}},
                                                  .n_sightings = 1}));
    expect_evidence(c, 5, 3); /* within the transaction that brought it */
    store_rollback(c->store);
    expect_evidence(c, 30, 2);
    expect_sound(c->store);
}

CONTRACT(store_scans, a_server_of_a_past_estate_is_unknown_again)
{
    struct estate_server row = {"srv-9", "r1", {WALL_BEGIN, WALL_END}, WALL_END};
    server_id id;
    OK(c->store, store_begin(c->store));
    OK(c->store, store_put_estate_server(c->store, &row));
    OK(c->store, store_commit(c->store));
    OK(c->store, store_find_server(c->store, "srv-9", &id));
    OK(c->store, store_begin(c->store));
    OK(c->store, store_clear_table(c->store, ESTATE_SERVERS));
    OK(c->store, store_commit(c->store));
    cr_assert_eq(store_find_server(c->store, "srv-9", &id), -ENOENT);
    expect_dump(c->store, DUMP_SERVERS, "", "it never reported");
    SAY(c, .server = "srv-9", .received = AT(4));
    expect_dump(c->store, DUMP_SERVERS, "server srv-9 4-4\n", "now it did");
}
