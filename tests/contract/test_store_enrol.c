/* Enrolment: who may come in, tokens and their uses, the trail. */
#include "contract.h"

#include <string.h>

SUITE(store_enrol);

enum { ENROLMENT = DUMP_ENROLLED | DUMP_TOKENS | DUMP_EVENTS };

#define EVER ((struct term){WALL_BEGIN, WALL_END})

static void enrol(struct store *s, const char *server, const char *reseller, wall_t at,
                  wall_t certs_from)
{
    OK(s, store_begin(s));
    OK(s, store_enrol_server(s, server, reseller, at, certs_from));
    OK(s, store_commit(s));
}

/* A token whose id is one byte and zeros; what is not named is absent. */
static struct store_token token(uint8_t id, int64_t uses, wall_t created, wall_t expires)
{
    return (struct store_token){.id = {id},
                                .secret_hash = {id, 1, 2, 3},
                                .reseller = "r1",
                                .uses = uses,
                                .created = created,
                                .expires = expires,
                                .revoked = WALL_END};
}

static void put_event(struct store *s, wall_t at, const char *what, const char *server)
{
    struct store_event e = {.at = at,
                            .what = what,
                            .who = "ann",
                            .server = server,
                            .reseller = "",
                            .details = "{}"};
    OK(s, store_put_event(s, &e));
}

/* ---- Servers -------------------------------------------------------------------------- */

CONTRACT(store_enrol, an_enrolled_server_is_let_in_and_known)
{
    enrol(c->store, "srv-1", "r1", AT(5), WALL_BEGIN);
    struct store_admission a;
    struct store_server server;
    server_id id;
    OK(c->store, store_get_admission(c->store, "srv-1", &a));
    OK(c->store, store_find_server(c->store, "srv-1", &id));
    cr_assert_eq(a.id, id);
    cr_assert_str_eq(a.reseller, "r1");
    cr_assert_eq(a.enrolled_at.s, AT(5).s);
    cr_assert_eq(a.revoked.s, WALL_END.s);
    cr_assert_eq(a.certs_from.s, WALL_BEGIN.s);
    OK(c->store, store_get_server(c->store, id, &server));
    cr_assert(server.is_enrolled);
    cr_assert_str_eq(server.enrolled_reseller, "r1");
    cr_assert_eq(server.enrolled_at.s, AT(5).s);
    cr_assert_eq(server.revoked.s, WALL_END.s);
    expect_dump(c->store, DUMP_SERVERS, "server srv-1 never\n", "it never reported");
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_server_row row;
    OK(c->store, store_scan_unknown_servers(c->store, &scan));
    cr_assert_eq(store_next_server(scan, &row), 0, "nor is it unknown");
    expect_sound(c->store);
}

CONTRACT(store_enrol, nobody_else_is_let_in)
{
    struct estate_server row = {"srv-2", "r1", EVER, WALL_END};
    struct store_admission a = {.id = 77};
    SAY(c, .server = "srv-1");
    OK(c->store, store_begin(c->store));
    OK(c->store, store_put_estate_server(c->store, &row));
    OK(c->store, store_commit(c->store));
    static const char *const names[] = {"srv-1", "srv-2", "srv-3", "SRV-1", ""};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        cr_assert_eq(store_get_admission(c->store, names[i], &a), -ENOENT, "%s", names[i]);
    cr_assert_eq(a.id, 77, "untouched");
    OK(c->store, store_begin(c->store));
    cr_assert_eq(store_revoke_server(c->store, "srv-1", AT(1)), -ENOENT);
    cr_assert(strstr(store_diag(c->store), "srv-1"), "%s", store_diag(c->store));
    store_rollback(c->store);
}

CONTRACT(store_enrol, one_that_was_known_of_keeps_its_number)
{
    SAY(c, .server = "srv-0");
    SAY(c, .server = "srv-1", .boot = 4);
    struct store_admission a;
    server_id id;
    OK(c->store, store_find_server(c->store, "srv-1", &id));
    enrol(c->store, "srv-1", "r1", AT(5), WALL_BEGIN);
    OK(c->store, store_get_admission(c->store, "srv-1", &a));
    cr_assert_eq(a.id, id);
    struct store_machine m;
    OK(c->store, store_get_machine(c->store, MACHINE(id, 1), &m));
    expect_dump(c->store, ENROLMENT, "enrolled srv-1 r1 at 5\n", "and no other");
}

CONTRACT(store_enrol, one_that_comes_back_keeps_its_first_day_and_loses_its_revocation)
{
    enrol(c->store, "srv-1", "r1", AT(5), WALL_BEGIN);
    OK(c->store, store_begin(c->store));
    OK(c->store, store_revoke_server(c->store, "srv-1", AT(20)));
    OK(c->store, store_commit(c->store));
    expect_dump(c->store, ENROLMENT, "enrolled srv-1 r1 at 5 revoked 20\n", "revoked");
    enrol(c->store, "srv-1", "r1", AT(30), AT(29));
    expect_dump(c->store, ENROLMENT, "enrolled srv-1 r1 at 5 certs from 29\n", "back");
    enrol(c->store, "srv-1", "r1", AT(40), AT(39));
    expect_dump(c->store, ENROLMENT, "enrolled srv-1 r1 at 5 certs from 39\n", "once more");
    expect_sound(c->store);
}

CONTRACT(store_enrol, a_revocation_keeps_its_moment_and_what_was_seen_before)
{
    enrol(c->store, "srv-1", "r1", AT(0), WALL_BEGIN);
    SAY(c, .sightings = {{lic("PLSK.00000001"), ip("203.0.113.9"), SOURCE_NAT, SPAN(1, 9)}},
        .n_sightings = 1);
    for (int i = 0; i < 2; i++) {
        OK(c->store, store_begin(c->store));
        OK(c->store, store_revoke_server(c->store, "srv-1", AT(20 + i)));
        OK(c->store, store_commit(c->store));
    }
    expect_dump(c->store, DUMP_ENROLLED | DUMP_SIGHTINGS,
                "enrolled srv-1 r1 at 0 revoked 20\n"
                "sighting PLSK.00000001 srv-1/1 203.0.113.9 nat 1-9\n",
                "a second revocation changes nothing");
    struct store_server server;
    OK(c->store, store_get_server(c->store, 1, &server));
    cr_assert(server.is_enrolled);
    cr_assert_eq(server.revoked.s, AT(20).s);
    cr_assert_eq(server.retired.s, WALL_END.s, "that is another matter");
}

CONTRACT(store_enrol, names_that_could_not_be_read_back_are_refused)
{
    char longest[CAP_ID + 1];
    char longer[CAP_ID + 2];
    memset(longest, 'a', sizeof longest - 1);
    memset(longer, 'a', sizeof longer - 1);
    longest[CAP_ID] = longer[CAP_ID + 1] = '\0';
    const struct {
        const char *server, *reseller;
    } rows[] = {{"", "r1"}, {"srv-1", ""}, {longer, "r1"}, {"srv-1", longer}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OK(c->store, store_begin(c->store));
        cr_assert_eq(
            store_enrol_server(c->store, rows[i].server, rows[i].reseller, AT(0), WALL_BEGIN),
            -ERANGE, "row %zu", i);
        store_rollback(c->store);
    }
    enrol(c->store, longest, longest, AT(0), WALL_BEGIN);
    struct store_admission a;
    OK(c->store, store_get_admission(c->store, longest, &a));
    cr_assert_str_eq(a.reseller, longest);
    expect_sound(c->store);
}

CONTRACT(store_enrol, an_enrolment_that_is_undone_leaves_nothing)
{
    struct store_token t = token(1, 1, AT(0), AT(9));
    struct store_use use = {.token = {1}, .key_id = {9}, .server = "srv-1"};
    OK(c->store, store_begin(c->store));
    OK(c->store, store_put_token(c->store, &t));
    OK(c->store, store_enrol_server(c->store, "srv-1", "r1", AT(0), AT(1)));
    OK(c->store, store_put_use(c->store, &use));
    put_event(c->store, AT(0), "enrolled", "srv-1");
    OK(c->store, store_say(c->store, (struct say){.server = "srv-1"}));
    OK(c->store, store_clear_standings(c->store, AT(0)));
    store_rollback(c->store);
    expect_dump(c->store, DUMP_ALL, "", "nothing");
    struct store_admission a;
    cr_assert_eq(store_get_admission(c->store, "srv-1", &a), -ENOENT);
    /* The numbers given in between are another's now, and are not remembered. */
    enrol(c->store, "srv-2", "r2", AT(3), WALL_BEGIN);
    SAY(c, .server = "srv-1", .received = AT(4));
    expect_dump(c->store, DUMP_SERVERS | DUMP_ENROLLED,
                "enrolled srv-2 r2 at 3\n"
                "server srv-1 4-4\n"
                "server srv-2 never\n",
                "each its own");
    expect_sound(c->store);
}

CONTRACT(store_enrol, a_reader_lets_in_whom_the_writer_committed)
{
    struct store *reader = NULL;
    struct diag d = {""};
    struct store_admission a;
    cr_assert_eq(store_open(c->place.url, STORE_READ, &reader, &d), 0, "%s", d.text);
    OK(c->store, store_begin(c->store));
    OK(c->store, store_enrol_server(c->store, "srv-1", "r1", AT(0), WALL_BEGIN));
    OK(c->store, store_get_admission(c->store, "srv-1", &a));
    cr_assert_eq(store_get_admission(reader, "srv-1", &a), -ENOENT);
    OK(c->store, store_commit(c->store));
    OK(reader, store_get_admission(reader, "srv-1", &a));
    OK(c->store, store_begin(c->store));
    OK(c->store, store_revoke_server(c->store, "srv-1", AT(7)));
    OK(c->store, store_commit(c->store));
    OK(reader, store_get_admission(reader, "srv-1", &a));
    cr_assert_eq(a.revoked.s, AT(7).s);
    store_close(reader);
}

/* ---- Tokens --------------------------------------------------------------------------- */

CONTRACT(store_enrol, a_token_is_found_again_as_it_was_put)
{
    struct store_token t = token(7, 3, AT(1), WALL_END);
    struct store_token found;
    memset(t.secret_hash, 0xa5, sizeof t.secret_hash);
    memset(t.id, 0, sizeof t.id); /* bytes, not text */
    memcpy(t.server, "srv-1", 6);
    t.used = 2;
    t.revoked = AT(8);
    OK(c->store, store_begin(c->store));
    OK(c->store, store_put_token(c->store, &t));
    OK(c->store, store_commit(c->store));
    OK(c->store, store_get_token(c->store, t.id, &found));
    cr_assert_eq(memcmp(found.id, t.id, sizeof t.id), 0);
    cr_assert_eq(memcmp(found.secret_hash, t.secret_hash, sizeof t.secret_hash), 0);
    cr_assert_str_eq(found.reseller, "r1");
    cr_assert_str_eq(found.server, "srv-1");
    cr_assert_eq(found.uses, 3);
    cr_assert_eq(found.used, 2);
    cr_assert_eq(found.created.s, AT(1).s);
    cr_assert_eq(found.expires.s, WALL_END.s);
    cr_assert_eq(found.revoked.s, AT(8).s);
    expect_sound(c->store);
}

CONTRACT(store_enrol, a_token_is_put_once)
{
    struct store_token t = token(7, 3, AT(1), AT(9));
    OK(c->store, store_begin(c->store));
    OK(c->store, store_put_token(c->store, &t));
    OK(c->store, store_commit(c->store));
    t.uses = 1000;
    OK(c->store, store_begin(c->store));
    cr_assert_eq(store_put_token(c->store, &t), -EEXIST);
    store_rollback(c->store);
    expect_dump(c->store, DUMP_TOKENS, "token 0700000000000000 r1 - 0/3 created 1 expires 9\n",
                "the first stays");
}

CONTRACT(store_enrol, no_token_is_told_from_a_token)
{
    struct store_token t = token(1, 1, AT(0), AT(1));
    static const uint8_t other[STORE_TOKEN_ID] = {2};
    OK(c->store, store_begin(c->store));
    OK(c->store, store_put_token(c->store, &t));
    cr_assert_eq(store_get_token(c->store, other, &t), -ENOENT);
    cr_assert_eq(store_use_token(c->store, other), -ENOENT);
    cr_assert_eq(store_revoke_token(c->store, other, AT(0)), -ENOENT);
    store_rollback(c->store);
}

CONTRACT(store_enrol, uses_are_counted_and_a_revocation_keeps_its_moment)
{
    struct store_token t = token(1, 2, AT(0), AT(90));
    OK(c->store, store_begin(c->store));
    OK(c->store, store_put_token(c->store, &t));
    OK(c->store, store_use_token(c->store, t.id));
    OK(c->store, store_use_token(c->store, t.id));
    OK(c->store, store_revoke_token(c->store, t.id, AT(5)));
    OK(c->store, store_revoke_token(c->store, t.id, AT(6)));
    OK(c->store, store_commit(c->store));
    expect_dump(c->store, DUMP_TOKENS,
                "token 0100000000000000 r1 - 2/2 created 0 expires 90 revoked 5\n", "both");
}

CONTRACT(store_enrol, tokens_come_in_the_order_in_which_they_were_made)
{
    static const struct {
        uint8_t id;
        int64_t created;
    } put[] = {{9, 1}, {3, 2}, {200, 0}, {4, 2}, {1, 2}};
    static const uint8_t want[] = {200, 9, 1, 3, 4};
    OK(c->store, store_begin(c->store));
    for (size_t i = 0; i < ARRAY_LEN(put); i++) {
        struct store_token t = token(put[i].id, 1, AT(put[i].created), AT(9));
        OK(c->store, store_put_token(c->store, &t));
    }
    OK(c->store, store_commit(c->store));
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_token t;
    OK(c->store, store_scan_tokens(c->store, &scan));
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        cr_assert_eq(store_next_token(scan, &t), 1);
        cr_assert_eq(t.id[0], want[i], "%zu: %d", i, t.id[0]);
    }
    cr_assert_eq(store_next_token(scan, &t), 0);
}

CONTRACT(store_enrol, a_use_is_found_again_by_its_token_and_key)
{
    struct store_token a = token(1, 5, AT(0), AT(90));
    struct store_token b = token(2, 5, AT(0), AT(90));
    struct store_use first = {.token = {1}, .key_id = {9}, .server = "srv-1"};
    struct store_use second = {.token = {1}, .key_id = {9, 9}, .server = "srv-2"};
    OK(c->store, store_begin(c->store));
    OK(c->store, store_put_token(c->store, &a));
    OK(c->store, store_put_token(c->store, &b));
    OK(c->store, store_enrol_server(c->store, "srv-1", "r1", AT(0), WALL_BEGIN));
    OK(c->store, store_enrol_server(c->store, "srv-2", "r1", AT(0), WALL_BEGIN));
    OK(c->store, store_put_use(c->store, &first));
    OK(c->store, store_put_use(c->store, &second));
    OK(c->store, store_commit(c->store));
    struct store_use asked = {.token = {1}, .key_id = {9, 9}};
    OK(c->store, store_get_use(c->store, &asked));
    cr_assert_str_eq(asked.server, "srv-2");
    asked = (struct store_use){.token = {1}, .key_id = {9}};
    OK(c->store, store_get_use(c->store, &asked));
    cr_assert_str_eq(asked.server, "srv-1");
    asked = (struct store_use){.token = {1}, .key_id = {8}, .server = "kept"};
    cr_assert_eq(store_get_use(c->store, &asked), -ENOENT, "another key");
    cr_assert_str_eq(asked.server, "kept");
    asked = (struct store_use){.token = {2}, .key_id = {9}};
    cr_assert_eq(store_get_use(c->store, &asked), -ENOENT, "another token");
    expect_sound(c->store);
}

CONTRACT(store_enrol, a_use_is_put_once_and_of_what_is_there)
{
    struct store_token t = token(1, 5, AT(0), AT(90));
    OK(c->store, store_begin(c->store));
    OK(c->store, store_put_token(c->store, &t));
    OK(c->store, store_enrol_server(c->store, "srv-1", "r1", AT(0), WALL_BEGIN));
    OK(c->store, store_put_use(c->store, &(struct store_use){{1}, {9}, "srv-1"}));
    OK(c->store, store_commit(c->store));
    static const struct {
        const char *why;
        struct store_use use;
        int want;
    } rows[] = {
        {"there already", {{1}, {9}, "srv-1"}, -EEXIST},
        {"no such token", {{2}, {9}, "srv-1"}, -ENOENT},
        {"no such server", {{1}, {8}, "srv-9"}, -ENOENT},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OK(c->store, store_begin(c->store));
        cr_assert_eq(store_put_use(c->store, &rows[i].use), rows[i].want, "%s", rows[i].why);
        store_rollback(c->store);
    }
    expect_sound(c->store);
}

/* ---- The trail ------------------------------------------------------------------------- */

CONTRACT(store_enrol, the_trail_tells_what_happened_in_its_order)
{
    struct store_event e = {.sequence = 99, /* not the caller's to give */
                            .at = AT(50),
                            .what = "token-created",
                            .who = "Ann \xc3\x85",
                            .server = "",
                            .reseller = "r1",
                            .details = "{\"uses\":1}"};
    OK(c->store, store_begin(c->store));
    OK(c->store, store_put_event(c->store, &e));
    put_event(c->store, AT(20), "enrolled", "srv-1"); /* a clock that was put back */
    put_event(c->store, AT(60), "enrolled", "srv-2");
    put_event(c->store, AT(70), "revoked", "srv-1");
    OK(c->store, store_commit(c->store));
    static const struct {
        int64_t sequence;
        const char *what, *server;
    } all[] = {{1, "token-created", ""},
               {2, "enrolled", "srv-1"},
               {3, "enrolled", "srv-2"},
               {4, "revoked", "srv-1"}};
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_event x;
    OK(c->store, store_scan_events(c->store, NULL, &scan));
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        cr_assert_eq(store_next_event(scan, &x), 1);
        cr_assert_eq(x.sequence, all[i].sequence);
        cr_assert_str_eq(x.what, all[i].what);
        cr_assert_str_eq(x.server, all[i].server);
        if (i == 0)
            cr_assert(x.at.s == AT(50).s && strcmp(x.who, e.who) == 0 &&
                      strcmp(x.reseller, "r1") == 0 && strcmp(x.details, e.details) == 0);
    }
    cr_assert_eq(store_next_event(scan, &x), 0);
}

CONTRACT(store_enrol, the_trail_of_one_server_is_its_own)
{
    OK(c->store, store_begin(c->store));
    for (int i = 0; i < 6; i++)
        put_event(c->store, AT(i), "renewed", i % 2 == 0 ? "srv-1" : "srv-10");
    put_event(c->store, AT(6), "token-created", "");
    OK(c->store, store_commit(c->store));
    static const struct {
        const char *server;
        int64_t first, n;
    } rows[] = {{"srv-1", 1, 3}, {"srv-10", 2, 3}, {"", 7, 1}, {"srv", 0, 0}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(store_scan) struct store_scan *scan = NULL;
        struct store_event x;
        int64_t n = 0;
        OK(c->store, store_scan_events(c->store, rows[i].server, &scan));
        for (; store_next_event(scan, &x) == 1; n++)
            cr_assert_eq(x.sequence, rows[i].first + 2 * n, "%s", rows[i].server);
        cr_assert_eq(n, rows[i].n, "%s", rows[i].server);
    }
}

/* ---- Pruning --------------------------------------------------------------------------- */

static int64_t prune(struct store *s, wall_t before)
{
    int64_t rows = -1;
    OK(s, store_begin(s));
    OK(s, store_prune(s, before, &rows));
    OK(s, store_commit(s));
    expect_sound(s);
    return rows;
}

CONTRACT(store_enrol, pruning_takes_renewals_but_each_servers_last)
{
    static const struct {
        int64_t at;
        const char *what, *server;
    } events[] = {{1, "enrolled", "srv-1"},  {2, "renewed", "srv-1"},
                  {3, "renewed", "srv-1"},   {4, "renewed", "srv-2"},
                  {5, "revoked", "srv-2"},   {100, "renewed", "srv-1"},
                  {101, "renewed", "srv-1"}, {102, "renewed", "srv-1"}};
    OK(c->store, store_begin(c->store));
    for (size_t i = 0; i < ARRAY_LEN(events); i++)
        put_event(c->store, AT(events[i].at), events[i].what, events[i].server);
    OK(c->store, store_commit(c->store));
    cr_assert_eq(prune(c->store, AT(100)), 2, "those of srv-1 at 2 and 3");
    expect_dump(c->store, DUMP_EVENTS,
                "event #1 at 1 enrolled by ann|srv-1||{}\n"
                "event #4 at 4 renewed by ann|srv-2||{}\n"
                "event #5 at 5 revoked by ann|srv-2||{}\n"
                "event #6 at 100 renewed by ann|srv-1||{}\n"
                "event #7 at 101 renewed by ann|srv-1||{}\n"
                "event #8 at 102 renewed by ann|srv-1||{}\n",
                "at 100 is not before it; the last of srv-2 stays");
    cr_assert_eq(prune(c->store, AT(1000)), 2, "those at 100 and 101");
    OK(c->store, store_begin(c->store));
    put_event(c->store, AT(200), "renewed", "srv-3");
    OK(c->store, store_commit(c->store));
    expect_dump(c->store, DUMP_EVENTS,
                "event #1 at 1 enrolled by ann|srv-1||{}\n"
                "event #4 at 4 renewed by ann|srv-2||{}\n"
                "event #5 at 5 revoked by ann|srv-2||{}\n"
                "event #8 at 102 renewed by ann|srv-1||{}\n"
                "event #9 at 200 renewed by ann|srv-3||{}\n",
                "a number is never given again");
}

CONTRACT(store_enrol, pruning_takes_tokens_that_let_nobody_in_any_more)
{
    struct store *s = c->store;
    const struct {
        const char *why;
        struct store_token token;
        int64_t used;
        const char *server; /* that it let in */
    } rows[] = {
        {"expired", token(1, 5, AT(0), AT(99)), 1, "srv-1"},
        {"expires at that moment", token(2, 5, AT(0), AT(100)), 0, NULL},
        {"used up by one who came at once", token(3, 1, AT(0), AT(900)), 1, "srv-1"},
        {"used up, made later", token(4, 1, AT(100), AT(900)), 1, "srv-1"},
        {"used up by one who just came", token(5, 1, AT(0), AT(900)), 1, "srv-2"},
        {"used up by one who just came back", token(6, 1, AT(0), AT(900)), 1, "srv-3"},
        {"not used up", token(7, 2, AT(0), AT(900)), 1, "srv-1"},
    };
    OK(s, store_begin(s));
    OK(s, store_enrol_server(s, "srv-1", "r1", AT(1), WALL_BEGIN));
    OK(s, store_enrol_server(s, "srv-2", "r1", AT(100), WALL_BEGIN));
    OK(s, store_enrol_server(s, "srv-3", "r1", AT(1), WALL_BEGIN));
    OK(s, store_enrol_server(s, "srv-3", "r1", AT(100), AT(100)));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct store_use use = {.key_id = {1}};
        memcpy(use.token, rows[i].token.id, sizeof use.token);
        OK(s, store_put_token(s, &rows[i].token));
        if (rows[i].used > 0)
            OK(s, store_use_token(s, rows[i].token.id));
        if (!rows[i].server)
            continue;
        memcpy(use.server, rows[i].server, strlen(rows[i].server));
        OK(s, store_put_use(s, &use));
    }
    struct store_token revoked = token(8, 2, AT(0), AT(900));
    OK(s, store_put_token(s, &revoked));
    OK(s, store_revoke_token(s, revoked.id, AT(1)));
    OK(s, store_commit(s));
    cr_assert_eq(prune(s, AT(100)), 4, "tokens 1 and 3, each with a use");
    expect_dump(s, DUMP_TOKENS,
                "token 0200000000000000 r1 - 0/5 created 0 expires 100\n"
                "token 0400000000000000 r1 - 1/1 created 100 expires 900\n"
                "token 0500000000000000 r1 - 1/1 created 0 expires 900\n"
                "token 0600000000000000 r1 - 1/1 created 0 expires 900\n"
                "token 0700000000000000 r1 - 1/2 created 0 expires 900\n"
                "token 0800000000000000 r1 - 0/2 created 0 expires 900 revoked 1\n",
                "the rest may still be asked for, or asked about");
    expect_dump(s, DUMP_ENROLLED,
                "enrolled srv-1 r1 at 1\n"
                "enrolled srv-2 r1 at 100\n"
                "enrolled srv-3 r1 at 1 certs from 100\n",
                "no server goes");
}
