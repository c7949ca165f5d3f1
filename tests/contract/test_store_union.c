/* What is stored is the union of what was reported: stretches, gaps, licences, counters. */
#include "contract.h"

#define ONE_SIGHTING(f, l)                                                                     \
    .sightings = {{lic("PLSK.00000001"), ip("203.0.113.9"), SOURCE_NAT, SPAN(f, l)}},          \
    .n_sightings = 1

SUITE(store_union);

/* Each row: what is stored (gap 10), what comes, what is stored then. Worked out by hand. */
CONTRACT(store_union, joins_what_touches_or_is_near)
{
    static const struct {
        const char *why;
        struct {
            int64_t first, last;
        } before[3], comes, after[3];
        size_t n_before, n_after;
    } rows[] = {
        {"the first one", {{0}}, {0, 60}, {{0, 60}}, 0, 1},
        {"the same again", {{0, 60}}, {0, 60}, {{0, 60}}, 1, 1},
        {"inside", {{0, 60}}, {10, 50}, {{0, 60}}, 1, 1},
        {"around", {{10, 50}}, {0, 60}, {{0, 60}}, 1, 1},
        {"longer at its end", {{0, 60}}, {0, 90}, {{0, 90}}, 1, 1},
        {"longer at its start", {{10, 60}}, {0, 60}, {{0, 60}}, 1, 1},
        {"overlapping after", {{0, 60}}, {30, 90}, {{0, 90}}, 1, 1},
        {"touching after", {{0, 60}}, {60, 90}, {{0, 90}}, 1, 1},
        {"touching before", {{60, 90}}, {0, 60}, {{0, 90}}, 1, 1},
        {"at the gap after", {{0, 60}}, {70, 90}, {{0, 90}}, 1, 1},
        {"at the gap before", {{70, 90}}, {0, 60}, {{0, 90}}, 1, 1},
        {"beyond the gap after", {{0, 60}}, {71, 90}, {{0, 60}, {71, 90}}, 1, 2},
        {"beyond the gap before", {{71, 90}}, {0, 60}, {{0, 60}, {71, 90}}, 1, 2},
        {"bridges two", {{0, 20}, {60, 90}}, {30, 50}, {{0, 90}}, 2, 1},
        {"covers three", {{10, 20}, {40, 50}, {70, 80}}, {0, 90}, {{0, 90}}, 3, 1},
        {"joins one of two", {{0, 20}, {60, 90}}, {25, 30}, {{0, 30}, {60, 90}}, 2, 2},
        {"a moment", {{0, 60}}, {100, 100}, {{0, 60}, {100, 100}}, 1, 2},
        {"a moment in a gap", {{0, 20}, {40, 60}}, {30, 30}, {{0, 60}}, 2, 1},
        {"between, apart", {{0, 20}, {80, 90}}, {40, 50}, {{0, 20}, {40, 50}, {80, 90}}, 2, 3},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OK(c->store, store_begin(c->store));
        for (size_t k = 0; k < rows[i].n_before; k++)
            OK(c->store,
               store_say(c->store, (struct say){.gap = {10},
                                                ONE_SIGHTING(rows[i].before[k].first,
                                                             rows[i].before[k].last)}));
        OK(c->store, store_say(c->store, (struct say){.gap = {10},
                                                      ONE_SIGHTING(rows[i].comes.first,
                                                                   rows[i].comes.last)}));
        AUTO(buf) struct buf want = BUF_INIT(4096);
        for (size_t k = 0; k < rows[i].n_after; k++)
            buf_printf(&want, "sighting PLSK.00000001 srv-1/1 203.0.113.9 nat %lld-%lld\n",
                       (long long)rows[i].after[k].first, (long long)rows[i].after[k].last);
        expect_dump(c->store, DUMP_SIGHTINGS, buf_str(&want), rows[i].why);
        store_rollback(c->store);
    }
}

CONTRACT(store_union, without_a_gap_only_touching_joins)
{
    SAY(c, ONE_SIGHTING(0, 10));
    SAY(c, ONE_SIGHTING(11, 20));
    SAY(c, ONE_SIGHTING(20, 30));
    expect_dump(c->store, DUMP_SIGHTINGS,
                "sighting PLSK.00000001 srv-1/1 203.0.113.9 nat 0-10\n"
                "sighting PLSK.00000001 srv-1/1 203.0.113.9 nat 11-30\n",
                "10 and 11 are a second apart");
    expect_sound(c->store);
}

CONTRACT(store_union, keys_do_not_mix)
{
    struct span s = SPAN(0, 10);
    struct addr a = ip("203.0.113.9");
    SAY(c, .gap = {100},
        .sightings = {{lic("PLSK.00000001"), a, SOURCE_NAT, s},
                      {lic("PLSK.00000002"), a, SOURCE_NAT, SPAN(5, 15)},
                      {lic("PLSK.00000001"), ip("203.0.113.8"), SOURCE_NAT, SPAN(5, 15)},
                      {lic("PLSK.00000001"), a, SOURCE_PANEL, SPAN(5, 15)}},
        .n_sightings = 4);
    SAY(c, .gap = {100}, .boot = 2,
        .sightings = {{lic("PLSK.00000001"), a, SOURCE_NAT, SPAN(5, 15)}}, .n_sightings = 1);
    SAY(c, .gap = {100}, .server = "srv-2",
        .sightings = {{lic("PLSK.00000001"), a, SOURCE_NAT, SPAN(5, 15)}}, .n_sightings = 1);
    expect_dump(c->store, DUMP_SIGHTINGS,
                "sighting PLSK.00000001 srv-1/1 203.0.113.8 nat 5-15\n"
                "sighting PLSK.00000001 srv-1/1 203.0.113.9 nat 0-10\n"
                "sighting PLSK.00000001 srv-1/1 203.0.113.9 panel 5-15\n"
                "sighting PLSK.00000001 srv-1/2 203.0.113.9 nat 5-15\n"
                "sighting PLSK.00000001 srv-2/1 203.0.113.9 nat 5-15\n"
                "sighting PLSK.00000002 srv-1/1 203.0.113.9 nat 5-15\n",
                "each part of the key keeps stretches apart");
}

CONTRACT(store_union, mail_rows_join_only_where_all_counts_are_equal)
{
    struct mail_counts n = {
        .mailboxes = 1042, .aliases = 12, .forwards = 3, .is_filtered = true};
    struct mail_counts more = n;
    more.mailboxes = 1043;
    struct mail_counts all = n;
    all.catch_all = true;
    SAY(c, .gap = {10},
        .mailboxes = {{"example.nl", n, SPAN(0, 60)},
                      {"example.nl", more, SPAN(60, 90)},
                      {"example.nl", n, SPAN(65, 80)},
                      {"example.nl", all, SPAN(60, 90)},
                      {"example.nl", n, SPAN(92, 96)}},
        .n_mailboxes = 5);
    /* A reader's run does not matter to a domain's row: another machine joins. */
    SAY(c, .gap = {10}, .boot = 2, .mailboxes = {{"example.nl", n, SPAN(80, 81)}},
        .n_mailboxes = 1);
    expect_dump(c->store, DUMP_MAIL,
                "mail example.nl srv-1 1042,12,3,0,0 catch_all filtered 60-90\n"
                "mail example.nl srv-1 1042,12,3,0,0 filtered 0-81\n"
                "mail example.nl srv-1 1042,12,3,0,0 filtered 92-96\n"
                "mail example.nl srv-1 1043,12,3,0,0 filtered 60-90\n",
                "the value is part of the key, the machine is not");
    SAY(c, .gap = {10}, .mailboxes = {{"example.nl", n, SPAN(82, 90)}}, .n_mailboxes = 1);
    expect_sound(c->store);
}

CONTRACT(store_union, a_gap_keeps_the_largest_loss)
{
    SAY(c, .gap = {10},
        .gaps = {{GAP_CAPTURE, SPAN(0, 60), 120},
                 {GAP_CAPTURE, SPAN(65, 90), 7},
                 {GAP_SPOOL, SPAN(65, 90), 0},
                 {GAP_CAPTURE, SPAN(200, 210), 1}},
        .n_gaps = 4);
    SAY(c, .gap = {10}, .gaps = {{GAP_CAPTURE, SPAN(200, 210), 5}}, .n_gaps = 1);
    SAY(c, .gap = {10}, .gaps = {{GAP_CAPTURE, SPAN(200, 210), 2}}, .n_gaps = 1);
    expect_dump(c->store, DUMP_GAPS,
                "gap srv-1/1 capture 0-90 lost 120\n"
                "gap srv-1/1 capture 200-210 lost 5\n"
                "gap srv-1/1 spool 65-90 lost 0\n",
                "also where the stretch itself brings nothing new");
}

CONTRACT(store_union, a_live_report_makes_a_peer_sighting_for_each_licence)
{
    SAY(c, .peer = "203.0.113.9", .received = AT(50), .gap = {10},
        .licenses = {{.license = lic("PLSK.00000001")}, {.license = lic("PLSK.00000002")}},
        .n_licenses = 2);
    SAY(c, .peer = "203.0.113.9", .received = AT(60), .gap = {10}, .counter = 2,
        .licenses = {{.license = lic("PLSK.00000001")}}, .n_licenses = 1);
    SAY(c, .peer = "203.0.113.9", .received = AT(99), .gap = {10}, .counter = 3,
        .is_late = true, .licenses = {{.license = lic("PLSK.00000001")}}, .n_licenses = 1);
    SAY(c, .received = AT(99), .gap = {10}, .counter = 4,
        .licenses = {{.license = lic("PLSK.00000001")}}, .n_licenses = 1);
    expect_dump(c->store, DUMP_SIGHTINGS,
                "sighting PLSK.00000001 srv-1/1 203.0.113.9 peer 50-60\n"
                "sighting PLSK.00000002 srv-1/1 203.0.113.9 peer 50-50\n",
                "at receipt; none from a late report, none without an address");
}

CONTRACT(store_union, licences_are_remembered_as_first_received)
{
    struct report_license a = {.license = lic("PLSK.00000001"),
                               .version = "0003",
                               .product = "plesk-unified",
                               .edition = "web-pro",
                               .expires = "2026-12-04",
                               .machine_id = "ab"};
    struct report_license b = a;
    b.expires[9] = '5';
    SAY(c, .received = AT(20), .licenses = {a}, .n_licenses = 1);
    SAY(c, .received = AT(10), .licenses = {a}, .n_licenses = 1);
    SAY(c, .received = AT(30), .licenses = {a, b}, .n_licenses = 2);
    expect_dump(
        c->store, DUMP_LICENSES,
        "license PLSK.00000001 srv-1/1 0003|plesk-unified|web-pro|2026-12-04|ab at 10\n"
        "license PLSK.00000001 srv-1/1 0003|plesk-unified|web-pro|2026-12-05|ab at 30\n",
        "the earliest receipt of each set of facts");
}

SUITE(store_counters);

CONTRACT(store_counters, a_counter_with_two_bodies_is_a_fork)
{
    SAY(c, .counter = 42, .digest = 1, .received = AT(10));
    SAY(c, .counter = 42, .digest = 1, .received = AT(20));
    expect_dump(c->store, DUMP_FORKS, "", "the same body again is no fork");
    SAY(c, .counter = 43, .digest = 2, .received = AT(25));
    SAY(c, .counter = 42, .digest = 2, .boot = 2, .received = AT(26));
    expect_dump(c->store, DUMP_FORKS, "", "nor is another counter, nor another run");
    SAY(c, .counter = 42, .digest = 2, .received = AT(30));
    expect_dump(c->store, DUMP_FORKS, "fork srv-1/1 #42 at 30\n", "the second body's receipt");
    SAY(c, .counter = 42, .digest = 3, .received = AT(40));
    expect_dump(c->store, DUMP_FORKS, "fork srv-1/1 #42 at 30\n",
                "a third one changes nothing");
    SAY(c, .counter = 42, .digest = UINT64_MAX, .received = AT(15));
    expect_dump(c->store, DUMP_FORKS, "fork srv-1/1 #42 at 15\n",
                "one that was received earlier was the second");
    SAY(c, .counter = 42, .digest = 7, .received = AT(5));
    expect_dump(c->store, DUMP_FORKS, "fork srv-1/1 #42 at 10\n",
                "before the first: that is the second then");
}

CONTRACT(store_counters, old_counters_are_forgotten)
{
    /* 128 are kept: after 129, counter 1 is forgotten and 2 is not. */
    SAY(c, .counter = 1, .digest = 1, .received = AT(1));
    SAY(c, .counter = 2, .digest = 1, .received = AT(2));
    SAY(c, .counter = CAP_COUNTER_WINDOW + 1, .digest = 1, .received = AT(3));
    SAY(c, .counter = 1, .digest = 2, .received = AT(4));
    expect_dump(c->store, DUMP_FORKS, "", "counter 1 lies before the window");
    SAY(c, .counter = 2, .digest = 2, .received = AT(5));
    expect_dump(c->store, DUMP_FORKS, "fork srv-1/1 #2 at 5\n", "counter 2 lies in it");
    SAY(c, .counter = CAP_COUNTER_WINDOW + 100, .digest = 1, .received = AT(6));
    expect_dump(c->store, DUMP_FORKS, "fork srv-1/1 #2 at 5\n", "a fork stays");
    expect_dump(c->store, DUMP_SERVERS, "server srv-1 3-6\n",
                "what is remembered: counters 129 and 228");
}

static int has(struct contract *c, const char *server, int number, int64_t counter)
{
    const struct uuid run = boot(number);
    return store_has_report(c->store, server, &run, counter);
}

CONTRACT(store_counters, a_report_is_known_by_server_run_and_counter)
{
    cr_expect_eq(has(c, "srv-1", 1, 42), 0, "an empty store");
    SAY(c, .counter = 42, .digest = 1, .received = AT(1));
    SAY(c, .counter = 42, .digest = 2, .received = AT(2));
    SAY(c, .server = "srv-2", .counter = 43, .digest = 1, .received = AT(3), .boot = 2);
    cr_expect_eq(has(c, "srv-1", 1, 42), 1);
    cr_expect_eq(has(c, "srv-1", 1, 41), 0, "a lower one was never put");
    cr_expect_eq(has(c, "srv-1", 2, 43), 0, "another server's");
    cr_expect_eq(has(c, "srv-2", 2, 43), 1);
    cr_expect_eq(has(c, "srv-2", 1, 43), 0, "another run's");
    cr_expect_eq(has(c, "srv-3", 1, 42), 0);
    SAY(c, .counter = 42 + CAP_COUNTER_WINDOW, .digest = 1, .received = AT(4));
    cr_expect_eq(has(c, "srv-1", 1, 42), 0, "forgotten");
    OK(c->store, store_begin(c->store));
    cr_expect_eq(has(c, "srv-1", 1, 42 + CAP_COUNTER_WINDOW), 1, "while it writes");
    store_rollback(c->store);
}

CONTRACT(store_counters, servers_show_their_receipts)
{
    SAY(c, .server = "b", .received = AT(20));
    SAY(c, .server = "b", .received = AT(10), .boot = 2);
    SAY(c, .server = "b", .received = AT(30)); /* the same body: received at 20 first */
    SAY(c, .server = "a", .received = AT(7));
    SAY(c, .server = "a", .received = AT(5)); /* the same body, received earlier */
    OK(c->store, store_begin(c->store));
    struct estate_server c_row = {"c", "r1", {WALL_BEGIN, WALL_END}, WALL_END};
    OK(c->store, store_put_estate_server(c->store, &c_row));
    OK(c->store, store_commit(c->store));
    expect_dump(c->store, DUMP_SERVERS, "server a 5-5\nserver b 10-20\nserver c never\n",
                "first and last over all of a server's runs");
}
