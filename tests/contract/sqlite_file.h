/*
 * For claims that only a store in a file can be held to: such a file, filled; and a second
 * connection of the library, to plant what our own code would never write.
 */
#ifndef CONTRACT_SQLITE_FILE_H
#define CONTRACT_SQLITE_FILE_H

#include "contract.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct file {
    struct temp dir;
    char path[TEMP_PATH_SIZE];
    char url[TEMP_PATH_SIZE + 8];
};

static inline struct file new_file(void)
{
    struct file f;
    cr_assert_eq(temp_make(&f.dir), 0);
    (void)temp_file(&f.dir, "fairuse.db", f.path);
    (void)snprintf(f.url, sizeof f.url, "sqlite:%s", f.path);
    return f;
}

static inline int try_open(const struct file *f, enum store_mode mode, struct store **ret,
                           char *said)
{
    struct diag d = {""};
    int r = store_open(f->url, mode, ret, &d);
    if (said)
        (void)snprintf(said, CAP_DIAG, "%s", d.text);
    return r;
}

static inline struct store *must_open(const struct file *f, enum store_mode mode)
{
    struct store *s = NULL;
    char said[CAP_DIAG];
    cr_assert_eq(try_open(f, mode, &s, said), 0, "%s", said);
    return s;
}

static inline void say_something(struct store *s, int n)
{
    struct mail_counts counts = {.mailboxes = n};
    OK(s, store_begin(s));
    OK(s, store_say(s, (struct say){.boot = 1 + n % 100,
                                    .counter = 1 + n,
                                    .peer = "203.0.113.7",
                                    .licenses = {{.license = lic("PLSK.00000001")}},
                                    .n_licenses = 1,
                                    .sightings = {{lic("PLSK.00000001"), ip("203.0.113.9"),
                                                   SOURCE_NAT, SPAN(n * 100, n * 100 + 50)}},
                                    .n_sightings = 1,
                                    .mailboxes = {{"a.nl", counts, SPAN(0, 10)}},
                                    .n_mailboxes = 1,
                                    .gaps = {{GAP_SPOOL, SPAN(n * 100, n * 100), n}},
                                    .n_gaps = 1}));
    OK(s, store_commit(s));
}

/* A token and its use, a trail with renewals, and what was published of a licence. */
static inline void let_in(struct store *s)
{
    struct store_token token = {.id = {1},
                                .secret_hash = {2},
                                .reseller = "r1",
                                .uses = 3,
                                .created = AT(0),
                                .expires = AT(90),
                                .revoked = WALL_END};
    struct store_use use = {.token = {1}, .key_id = {3}, .server = "srv-1"};
    struct store_standing standing = {
        .license = lic("PLSK.00000001"), .reseller = "r1", .kinds = 1, .since = AT(0)};
    OK(s, store_put_token(s, &token));
    OK(s, store_enrol_server(s, "srv-1", "r1", AT(1), WALL_BEGIN));
    OK(s, store_use_token(s, token.id));
    OK(s, store_put_use(s, &use));
    static const char *const events[] = {"enrolled", "renewed", "renewed"};
    for (size_t i = 0; i < ARRAY_LEN(events); i++) {
        struct store_event e = {.at = AT((int64_t)i),
                                .what = events[i],
                                .who = "192.0.2.1",
                                .server = "srv-1",
                                .reseller = "r1",
                                .details = "{}"};
        OK(s, store_put_event(s, &e));
    }
    OK(s, store_clear_standings(s, AT(5)));
    OK(s, store_put_standing(s, &standing));
}

/*
 * Two nights, the second unpublished: what two readers of the first were told, the mails of it,
 * one of them sent; and what is compared tomorrow.
 */
static inline void tell(struct store *s)
{
    static const struct store_reader readers[] = {{READER_MANAGER, "am1"},
                                                  {READER_RESELLER, "r1"}};
    struct store_run run = {.day = 20000, .made_at = AT(7), .as_of = AT(6), .about = "{}"};
    struct store_said said = {.reader = readers[0],
                              .reseller = "r1",
                              .subject = "PLSK.00000001",
                              .period = {100},
                              .confirms_at = WALL_END};
    struct store_confirmed confirmed = {
        .reseller = "r1", .period = {100}, .subject = "PLSK.00000001"};
    int64_t number, serial;
    for (int night = 0; night < 2; night++) {
        OK(s, store_begin_run(s, &run, &number));
        for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
            struct store_edition e = {.run = number,
                                      .reader = readers[i],
                                      .subject = "what was told",
                                      .model = text_of("a model")};
            char id[40];
            (void)snprintf(id, sizeof id, "%lld.%zu@example.nl", (long long)number, i);
            struct store_mail m = {.run = number,
                                   .reader = readers[i],
                                   .sender = "from@example.nl",
                                   .recipient = "to@example.nl",
                                   .message_id = id,
                                   .message = text_of("a message"),
                                   .next_try = AT(7)};
            OK(s, store_put_edition(s, &e, &serial));
            OK(s, store_put_mail(s, &m));
        }
        if (night == 0)
            OK(s, store_publish_run(s, number));
    }
    struct store_mail sent = {
        .id = 1, .state = MAIL_STATE_SENT, .settled = AT(8), .last_text = "250 taken"};
    OK(s, store_settle_mail(s, &sent));
    OK(s, store_put_said(s, &said));
    OK(s, store_put_confirmed(s, &confirmed));
}

/* A store with something in each table: observations, an estate, enrolment, a ledger, nights.
 */
static inline void fill(const struct file *f, int reports)
{
    struct store *s = must_open(f, STORE_CREATE);
    for (int n = 0; n < reports; n++)
        say_something(s, n);
    const struct currency *eur = currency_find(text_of("EUR"));
    struct term ever = {WALL_BEGIN, WALL_END};
    struct estate_manager manager = {"am1", "a", "a@example.nl", LANGUAGE_NL};
    struct estate_reseller reseller = {"r1", "r", "am1", NULL, LANGUAGE_NL, eur, false};
    struct estate_network network = {"r1", net("203.0.113.0/24"), ever, false};
    struct estate_license license = {lic("PLSK.00000001"), "r1", "", {0}, ever};
    struct estate_domain domain = {"a.nl", "r1", 1000, ever};
    struct estate_server server = {"srv-1", "r1", ever, WALL_END};
    struct estate_tariff tariff = {CHARGE_EXTRA_IP, NULL, eur, {1}, 1, AT(0)};
    OK(s, store_begin(s));
    OK(s, store_put_manager(s, &manager));
    OK(s, store_put_reseller(s, &reseller));
    OK(s, store_put_network(s, &network));
    OK(s, store_put_license(s, &license));
    OK(s, store_put_domain(s, &domain));
    OK(s, store_put_estate_server(s, &server));
    OK(s, store_put_tariff(s, &tariff));
    for (int64_t i = 1; i <= 3; i++) {
        struct store_entry e = {
            .sequence = i,
            .period = {100},
            .booked = {100},
            .reseller = "r1",
            .subject = "PLSK.00000001",
            .currency = "EUR",
            .amount = {1},
            .body = "{}",
            .evidence = "{}",
            .hash = "0123456789012345678901234567890123456789012345678901234567890123"};
        struct store_decision d = {.sequence = i,
                                   .period = {100},
                                   .reseller = "r1",
                                   .subject = "PLSK.00000001",
                                   .body = "{}",
                                   .hash = e.hash};
        OK(s, store_append_entry(s, &e));
        OK(s, store_append_decision(s, &d));
    }
    let_in(s);
    tell(s);
    OK(s, store_commit(s));
    expect_sound(s);
    store_close(s);
}

static inline int plant(const struct file *f, const char *sql)
{
    sqlite3 *db = NULL;
    cr_assert_eq(
        sqlite3_open_v2(f->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
        SQLITE_OK);
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    cr_assert_eq(sqlite3_close(db), SQLITE_OK);
    return rc;
}

static inline void read_all(const char *path, struct buf *ret)
{
    char chunk[4096];
    FILE *in = fopen(path, "rb");
    cr_assert_not_null(in);
    buf_reset(ret);
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, in)) > 0;)
        buf_add(ret, chunk, n);
    (void)fclose(in);
    cr_assert_eq(buf_error(ret), 0);
}

static inline void write_all(const char *path, const char *p, size_t n)
{
    FILE *out = fopen(path, "wb");
    cr_assert_not_null(out);
    cr_assert_eq(fwrite(p, 1, n, out), n);
    cr_assert_eq(fclose(out), 0);
}

static inline bool is_there(const struct file *f, const char *suffix)
{
    char path[TEMP_PATH_SIZE + 16];
    struct stat st;
    (void)snprintf(path, sizeof path, "%s%s", f->path, suffix);
    return lstat(path, &st) == 0;
}

#endif
