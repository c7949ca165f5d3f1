/* Transactions, snapshots, modes of opening, pruning. */
#include "contract.h"

#include <string.h>

SUITE(store_transactions);

#define SEEN(f, l)                                                                             \
    .sightings = {{lic("PLSK.00000001"), ip("203.0.113.9"), SOURCE_NAT, SPAN(f, l)}},          \
    .n_sightings = 1

static const char seen_0_10[] = "sighting PLSK.00000001 srv-1/1 203.0.113.9 nat 0-10\n";

static struct store *open_in(struct contract *c, enum store_mode mode)
{
    struct store *s = NULL;
    struct diag d = {""};
    cr_assert_eq(store_open(c->place.url, mode, &s, &d), 0, "%s", d.text);
    return s;
}

CONTRACT(store_transactions, what_was_committed_is_there_after_opening_again)
{
    SAY(c, SEEN(0, 10));
    store_close(c->store);
    c->store = open_in(c, STORE_WRITE);
    expect_dump(c->store, DUMP_SIGHTINGS, seen_0_10, "after a close");
    store_close(c->store);
    c->store = open_in(c, STORE_CREATE);
    expect_dump(c->store, DUMP_SIGHTINGS, seen_0_10, "creating spares what is there");
}

CONTRACT(store_transactions, a_rollback_undoes_all_of_it)
{
    SAY(c, SEEN(0, 10));
    AUTO(buf) struct buf before = BUF_INIT(1 << 16);
    AUTO(buf) struct buf after = BUF_INIT(1 << 16);
    OK(c->store, store_dump(c->store, DUMP_ALL, T0, &before));
    struct mail_counts n = {.mailboxes = 1};
    OK(c->store, store_begin(c->store));
    OK(c->store,
       store_say(c->store, (struct say){.server = "srv-2",
                                        .boot = 2,
                                        .peer = "203.0.113.1",
                                        .licenses = {{.license = lic("PLSK.00000002")}},
                                        .n_licenses = 1,
                                        .mailboxes = {{"a.nl", n, SPAN(0, 1)}},
                                        .n_mailboxes = 1,
                                        .gaps = {{GAP_SPOOL, SPAN(0, 1), 1}},
                                        .n_gaps = 1,
                                        SEEN(5, 90)}));
    store_rollback(c->store);
    OK(c->store, store_dump(c->store, DUMP_ALL, T0, &after));
    cr_assert_str_eq(buf_str(&after), buf_str(&before));
    store_rollback(c->store); /* harmless when there is none */
    /* The numbers given in between are not remembered: another machine has them now. */
    SAY(c, .server = "srv-3", .boot = 3, .counter = 9);
    SAY(c, .server = "srv-2", .boot = 2, SEEN(5, 90));
    expect_dump(c->store, DUMP_SIGHTINGS,
                "sighting PLSK.00000001 srv-1/1 203.0.113.9 nat 0-10\n"
                "sighting PLSK.00000001 srv-2/2 203.0.113.9 nat 5-90\n",
                "of the right server");
    expect_sound(c->store);
}

CONTRACT(store_transactions, closing_in_the_middle_is_a_rollback)
{
    OK(c->store, store_begin(c->store));
    OK(c->store, store_say(c->store, (struct say){SEEN(0, 10)}));
    store_close(c->store);
    c->store = open_in(c, STORE_WRITE);
    expect_dump(c->store, DUMP_ALL, "", "nothing was committed");
}

CONTRACT(store_transactions, a_writer_sees_its_own_and_a_reader_what_was_committed)
{
    struct store *reader = open_in(c, STORE_READ);
    OK(c->store, store_begin(c->store));
    OK(c->store, store_say(c->store, (struct say){SEEN(0, 10)}));
    expect_dump(c->store, DUMP_SIGHTINGS, seen_0_10, "the writer");
    expect_dump(reader, DUMP_SIGHTINGS, "", "the reader, before");
    OK(c->store, store_commit(c->store));
    expect_dump(reader, DUMP_SIGHTINGS, seen_0_10, "the reader, after");
    store_close(reader);
}

CONTRACT(store_transactions, a_snapshot_shows_one_state)
{
    struct store *reader = open_in(c, STORE_READ);
    OK(reader, store_snapshot(reader));
    SAY(c, SEEN(0, 10)); /* a reader does not stop a writer */
    expect_dump(reader, DUMP_ALL, "", "held before the commit");
    store_snapshot_end(reader);
    expect_dump(reader, DUMP_SIGHTINGS, seen_0_10, "and let go");
    OK(reader, store_snapshot(reader));
    OK(reader, store_snapshot(reader)); /* one within the other */
    SAY(c, SEEN(0, 20));
    store_snapshot_end(reader);
    expect_dump(reader, DUMP_SIGHTINGS, seen_0_10, "a second one");
    store_snapshot_end(reader);
    store_snapshot_end(reader); /* harmless when there is none */
    store_close(reader);
}

CONTRACT(store_transactions, a_second_writer_is_told_to_try_again)
{
    struct store *other = open_in(c, STORE_WRITE);
    OK(c->store, store_begin(c->store));
    cr_assert_eq(store_begin(other), -EAGAIN);
    cr_assert(strstr(store_diag(other), "try again"), "%s", store_diag(other));
    OK(c->store, store_say(c->store, (struct say){SEEN(0, 10)}));
    OK(c->store, store_commit(c->store));
    OK(other, store_begin(other));
    OK(other, store_say(other, (struct say){SEEN(10, 20)}));
    OK(other, store_commit(other));
    expect_dump(c->store, DUMP_SIGHTINGS,
                "sighting PLSK.00000001 srv-1/1 203.0.113.9 nat 0-20\n",
                "one after the other, both are stored");
    store_close(other);
}

CONTRACT(store_transactions, a_store_opened_for_reading_refuses_to_write)
{
    SAY(c, SEEN(0, 10));
    struct store *reader = open_in(c, STORE_READ);
    int64_t rows;
    cr_assert_eq(store_begin(reader), -EROFS);
    cr_assert_eq(store_say(reader, (struct say){SEEN(0, 10)}), -EROFS);
    cr_assert_eq(store_clear_table(reader, ESTATE_DOMAINS), -EROFS);
    cr_assert_eq(store_set_note(reader, "a", "b"), -EROFS);
    cr_assert_eq(store_retire_server(reader, "srv-1", AT(0)), -EROFS);
    cr_assert_eq(store_enrol_server(reader, "srv-1", "r1", AT(0), WALL_BEGIN), -EROFS);
    cr_assert_eq(store_revoke_server(reader, "srv-1", AT(0)), -EROFS);
    cr_assert_eq(store_clear_standings(reader, AT(0)), -EROFS);
    cr_assert_eq(store_prune(reader, AT(0), &rows), -EROFS);
    expect_sound(reader);
    store_close(reader);
}

CONTRACT(store_transactions, what_is_not_there_is_not_made_by_opening)
{
    struct store_place other = {0};
    struct store *s = NULL;
    struct diag d = {""};
    cr_assert_eq(c->backend->find_place(&other), 0);
    cr_assert_eq(store_open(other.url, STORE_READ, &s, &d), -ENOENT);
    cr_assert(d.text[0]);
    cr_assert_eq(store_open(other.url, STORE_WRITE, &s, &d), -ENOENT);
    cr_assert_eq(store_open(other.url, STORE_READ, &s, &d), -ENOENT, "nor by the one before");
    cr_assert_null(s);
    temp_done(&other.dir);
}

Test(store_transactions, an_unknown_url_is_refused)
{
    static const char *const urls[] = {
        "", "sqlite", "sqlite:", "mysql://x", "/var/lib/x.db", "SQLITE:x"};
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        struct store *s = NULL;
        struct diag d = {""};
        cr_assert_eq(store_open(urls[i], STORE_READ, &s, &d), -EBADMSG, "%s", urls[i]);
        cr_assert(d.text[0], "%s", urls[i]);
        cr_assert_null(s);
    }
}

CONTRACT(store_transactions, pruning_keeps_the_latest_of_each)
{
    license_t a = lic("PLSK.00000001");
    license_t b = lic("PLSK.00000002");
    struct addr x = ip("203.0.113.9");
    struct mail_counts n = {.mailboxes = 1};
    SAY(c, .received = AT(60), .counter = 1,
        .sightings = {{a, x, SOURCE_NAT, SPAN(0, 10)},
                      {a, x, SOURCE_NAT, SPAN(20, 30)},
                      {b, x, SOURCE_NAT, SPAN(40, 120)},
                      {b, x, SOURCE_NAT, SPAN(0, 10)}},
        .n_sightings = 4,
        .mailboxes = {{"a.nl", n, SPAN(0, 10)},
                      {"a.nl", n, SPAN(20, 30)},
                      {"b.nl", n, SPAN(0, 5)},
                      {"b.nl", n, SPAN(90, 100)}},
        .n_mailboxes = 4, .gaps = {{GAP_SPOOL, SPAN(0, 10), 1}, {GAP_SPOOL, SPAN(99, 100), 1}},
        .n_gaps = 2);
    SAY(c, .received = AT(70), .counter = 1, .digest = 9); /* a fork, before 100 */
    SAY(c, .received = AT(150), .counter = 2);
    SAY(c, .received = AT(160), .counter = 2, .digest = 9); /* one after */
    /* The only stretch of a server stays, though the licence has a later one. */
    SAY(c, .server = "srv-2", .received = AT(61), .sightings = {{b, x, SOURCE_NAT, SPAN(1, 2)}},
        .n_sightings = 1);
    int64_t rows = -1;
    OK(c->store, store_begin(c->store));
    OK(c->store, store_prune(c->store, AT(100), &rows));
    OK(c->store, store_commit(c->store));
    expect_dump(c->store, DUMP_SIGHTINGS | DUMP_MAIL | DUMP_GAPS | DUMP_FORKS | DUMP_SERVERS,
                "fork srv-1/1 #2 at 160\n"
                "gap srv-1/1 spool 99-100 lost 1\n"
                "mail a.nl srv-1 1,0,0,0,0 20-30\n"
                "mail b.nl srv-1 1,0,0,0,0 90-100\n"
                "server srv-1 150-160\n"
                "server srv-2 61-61\n"
                "sighting PLSK.00000001 srv-1/1 203.0.113.9 nat 20-30\n"
                "sighting PLSK.00000002 srv-1/1 203.0.113.9 nat 40-120\n"
                "sighting PLSK.00000002 srv-2/1 203.0.113.9 nat 1-2\n",
                "what ended before 100 is gone but the latest of each");
    /* 2 sightings, 2 mail rows, 1 gap, 1 fork, 2 counters (received at 60 and 70) */
    cr_assert_eq(rows, 8, "%lld rows", (long long)rows);
    wall_t first;
    OK(c->store, store_first_evidence(c->store, &first));
    cr_assert_eq(first.s, AT(1).s, "worked out anew");
    expect_sound(c->store);
}

CONTRACT(store_transactions, pruning_an_empty_store_does_nothing)
{
    int64_t rows = -1;
    OK(c->store, store_begin(c->store));
    OK(c->store, store_prune(c->store, AT(100), &rows));
    OK(c->store, store_prune(c->store, AT(100), &rows)); /* twice in one transaction */
    OK(c->store, store_commit(c->store));
    cr_assert_eq(rows, 0);
}
