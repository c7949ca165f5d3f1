/* Damaged and truncated store files: told, never a crash; and what the tables themselves
 * refuse.
 */
#include "sqlite_file.h"

#include "base/arena.h"
#include "support/seed.h"

SUITE(store_damage);

static void ignore(void *arg, const char *sentence)
{
    (void)sentence;
    ++*(int64_t *)arg;
}

/* All that reads: what it says is its own affair, but it must not crash. */
static void read_any(const struct file *f)
{
    AUTO(buf) struct buf out = BUF_INIT(1 << 24);
    struct store *s = NULL;
    int64_t defects = 0;
    int64_t told = 0;
    int errors = 0;
    if (try_open(f, STORE_READ, &s, NULL) != 0)
        return;
    for (unsigned what = 1; what < DUMP_ALL; what <<= 1)
        errors += store_dump(s, what, T0, &out) < 0;
    if (store_check(s, ignore, &told, &defects) == 0)
        cr_assert_eq(defects, told);
    cr_assert_leq(errors, 10);
    store_close(s);
}

static void write_night(struct store *s)
{
    AUTO(arena) struct arena keep = {0};
    AUTO(buf) struct buf message = BUF_INIT(1 << 16);
    const struct store_claim order = {AT(1000), AT(2000), &keep};
    const struct store_run run = {
        .day = 20001, .made_at = AT(8), .as_of = AT(8), .about = "{}"};
    struct store_edition e = {
        .reader = {READER_MANAGER, "am1"}, .subject = "x", .model = {"", 0}};
    struct store_mail m;
    int64_t serial;
    int r = store_begin(s);
    if (r == 0)
        r = store_begin_run(s, &run, &e.run);
    if (r == 0)
        r = store_put_edition(s, &e, &serial);
    if (r == 0)
        r = store_publish_run(s, e.run);
    if (r == 0)
        r = store_claim_mail(s, &order, &m, &message);
    if (r == 1) {
        m.settled = AT(1);
        m.state = MAIL_STATE_SENT;
        r = store_settle_mail(s, &m);
    }
    if (r == 0)
        r = store_commit(s);
    cr_assert_leq(r, 0);
    store_rollback(s);
}

/* All that writes. */
static void write_any(const struct file *f)
{
    struct store *s = NULL;
    int64_t rows;
    if (try_open(f, STORE_WRITE, &s, NULL) != 0)
        return;
    int r = store_begin(s);
    if (r == 0)
        r = store_say(s, (struct say){.peer = "203.0.113.7",
                                      .licenses = {{.license = lic("PLSK.00000001")}},
                                      .n_licenses = 1});
    if (r == 0)
        r = store_commit(s);
    store_rollback(s);
    write_night(s);
    r = store_begin(s);
    if (r == 0)
        r = store_prune(s, AT(1000), &rows);
    if (r == 0)
        r = store_commit(s);
    cr_assert_leq(r, 0);
    store_close(s);
}

static void use_any(const struct file *f)
{
    read_any(f);
    write_any(f);
}

Test(store_damage, a_truncated_file_gives_an_error)
{
    struct file f = new_file();
    fill(&f, 40);
    AUTO(buf) struct buf whole = BUF_INIT(1 << 24);
    read_all(f.path, &whole);
    const size_t sizes[] = {
        0, 1, 16, 50, 99, 100, 4095, 4096, 8192, whole.len / 2, whole.len - 4096};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        write_all(f.path, buf_str(&whole), sizes[i]);
        struct store *s = NULL;
        int64_t defects = 0;
        int64_t told = 0;
        int r = try_open(&f, STORE_READ, &s, NULL);
        if (r == 0) {
            r = store_check(s, ignore, &told, &defects);
            cr_assert(r < 0 || defects > 0, "%zu bytes of %zu pass for whole", sizes[i],
                      whole.len);
            store_close(s);
        }
        use_any(&f);
    }
    temp_done(&f.dir);
}

Test(store_damage, a_damaged_file_is_no_crash)
{
    enum { CASES = 150 };
    struct rng rng = {seed_now()};
    struct file f = new_file();
    fill(&f, 40);
    AUTO(buf) struct buf whole = BUF_INIT(1 << 24);
    AUTO(buf) struct buf damaged = BUF_INIT(1 << 24);
    read_all(f.path, &whole);
    for (int i = 0; i < CASES; i++) {
        buf_reset(&damaged);
        buf_add(&damaged, buf_str(&whole), whole.len);
        size_t page = rng_below(&rng, whole.len / 4096) * 4096;
        for (uint64_t n = 1 + rng_below(&rng, 8); n > 0; n--)
            damaged.data[page + rng_below(&rng, 4096)] = (char)rng_below(&rng, 256);
        write_all(f.path, damaged.data, damaged.len);
        use_any(&f);
    }
    temp_done(&f.dir);
}

struct told {
    const char *want;
    bool is_found;
    char all[2048];
};

static void look_for(void *arg, const char *sentence)
{
    struct told *t = arg;
    t->is_found |= strstr(sentence, t->want) != NULL;
    size_t n = strlen(t->all);
    (void)snprintf(t->all + n, sizeof t->all - n, "%s\n", sentence);
}

/* Each row: what is planted, and what the check then says, among other things. */
#define NO_NIGHT_TRIGGERS                                                                      \
    "DROP TRIGGER edition_is_not_changed; DROP TRIGGER edition_is_not_deleted;"                \
    "DROP TRIGGER report_run_is_not_deleted;"
#define NO_TRIGGERS "DROP TRIGGER entry_has_no_holes; DROP TRIGGER entry_is_not_deleted;"
static const struct {
    const char *sql, *want;
} planted[] = {
    {"UPDATE sighting SET last = first - 1 WHERE source = 2", "not well-formed"},
    {"INSERT INTO sighting SELECT license, machine, address, source, first + 10, last"
     " FROM sighting WHERE source = 2",
     "of licence PLSK.00000001"},
    {"INSERT INTO sighting SELECT license, machine, address, source, last, last + 5"
     " FROM sighting WHERE source = 2",
     "another begins within it"},
    {"UPDATE sighting SET license = 5", "of licence number 5"},
    {"UPDATE sighting SET address = x'04cb007109ff' WHERE source = 2", "bytes 04CB007109FF"},
    {"UPDATE sighting SET address = x'cb007109' WHERE source = 2", "bytes CB007109"},
    {"UPDATE sighting SET source = 9 WHERE source = 2", "source 9"},
    {"UPDATE mail_row SET mailboxes = -1 WHERE mailboxes = 0", "mailboxes of a.nl"},
    {"UPDATE mail_row SET filtered = 7", "mailboxes of a.nl"},
    {"INSERT INTO mail_row SELECT domain, server, mailboxes, aliases, forwards, lists,"
     " alias_domains, catch_all, filtered, first + 10, last FROM mail_row WHERE mailboxes "
     "= 0",
     "another begins within it"},
    {"UPDATE gap SET what = 4", "gap of machine"},
    {"UPDATE gap SET last = last + 9;"
     "INSERT INTO gap SELECT machine, what, last - 3, last, 0 FROM gap",
     "another begins within it"},
    {"UPDATE machine SET boot = x'00' WHERE id = (1 << 20) + 1", "boot_id has 1 bytes"},
    {"UPDATE server SET name = ''", "server 1"},
    {"UPDATE license_seen SET license = 5", "licence number 5"},
    {"UPDATE report SET counter = 0 WHERE machine = (1 << 20) + 1", "counter 0"},
    {"UPDATE tally SET sightings = 1", "the tally"},
    {"UPDATE tally SET first = 1", "the tally"},
    {"DELETE FROM tally", "the tally is missing"},
    {"DELETE FROM machine WHERE id = (1 << 20) + 2", "refers to in machine"},
    {"DELETE FROM manager", "its account manager am1 is unknown"},
    {"DELETE FROM reseller", "licence PLSK.00000001: its reseller r1 is unknown"},
    {"DELETE FROM reseller", "domain a.nl: its reseller r1 is unknown"},
    {"DELETE FROM reseller", "server srv-1: its reseller r1 is unknown"},
    {"DELETE FROM reseller", "network of reseller r1, which is unknown"},
    {"UPDATE reseller SET currency = 'XXY'", "currency XXY is unknown"},
    {"UPDATE tariff SET reseller = 'r7'", "tariff of reseller r7, which is unknown"},
    {"UPDATE tariff SET block = 0", "tariff of kind 0"},
    {"UPDATE network SET bits = 33", "network of reseller r1: not well-formed"},
    {"INSERT INTO license_entry SELECT license, 0, ends, reseller, product, binding FROM"
     " license_entry",
     "two entries of license"},
    {"INSERT INTO domain_entry SELECT domain, 0, ends, reseller, 5 FROM domain_entry",
     "two entries of domain a.nl overlap"},
    {"UPDATE domain_entry SET ends = begins", "a row of domain_entry ends before it begins"},
    {"UPDATE server SET enrolled_at = NULL", "server srv-1: its enrolment is not well-formed"},
    {"UPDATE server SET enrolled_reseller = ''", "server srv-1: its enrolment"},
    {"UPDATE server SET enrolled_reseller = NULL, enrolled_at = NULL, revoked = 1",
     "server srv-1: its enrolment"},
    {"UPDATE server SET enrolled_reseller = NULL, enrolled_at = NULL",
     "token 0100000000000000: it let in srv-1, which is not enrolled"},
    {"UPDATE token SET used = -1", "token 0100000000000000: not well-formed"},
    {"UPDATE token SET secret_hash = x'00'", "token 0100000000000000: not well-formed"},
    {"UPDATE token SET reseller = ''", "token 0100000000000000: not well-formed"},
    {"UPDATE token_use SET key_id = x''", "token 0100000000000000: a use is not well-formed"},
    {"DELETE FROM token", "refers to in token"},
    {"UPDATE token_use SET server = 77", "refers to in server"},
    {"DROP TRIGGER event_is_not_changed; UPDATE event SET details = '' WHERE sequence = 2",
     "trail: event 2 is not well-formed"},
    {"UPDATE standing SET license = 5", "state of number 5 for r1: not well-formed"},
    {"UPDATE standing SET kinds = 8", "state of PLSK.00000001 for r1: not well-formed"},
    {"UPDATE published SET generation = 0", "none was ever published"},
    {"DELETE FROM published", "the number of the last publication is missing"},
    {"UPDATE report_run SET is_failed = 2 WHERE run = 2", "night 2: not well-formed"},
    {"UPDATE report_run SET about = '' WHERE run = 2", "night 2: not well-formed"},
    {"INSERT INTO report_run VALUES(9, 1, 1, 1, 0, 0, '{}')",
     "night 2: it is not the only one that is being written"},
    {NO_NIGHT_TRIGGERS "DELETE FROM edition WHERE run = 1 AND reader = 'am1'",
     "reports to am1: a number is missing"},
    {NO_NIGHT_TRIGGERS "UPDATE edition SET serial = 3 WHERE run = 2 AND reader = 'r1'",
     "reports to r1: a number is missing"},
    {NO_NIGHT_TRIGGERS "UPDATE edition SET language = 2 WHERE run = 1 AND reader = 'r1'",
     "report to r1, number 1: not well-formed"},
    {NO_NIGHT_TRIGGERS "UPDATE edition SET reader_kind = 3 WHERE run = 1 AND reader = 'r1'",
     "report to r1, number 1: not well-formed"},
    {NO_NIGHT_TRIGGERS "DELETE FROM report_run WHERE run = 1", "refers to in report_run"},
    {"UPDATE outbox SET run = 77 WHERE id = 2", "refers to in report_run"},
    {"UPDATE outbox SET state = 3 WHERE id = 1", "mail 1: not well-formed"},
    {"UPDATE outbox SET state = 0 WHERE id = 1", "mail 1: not well-formed"},
    {"UPDATE outbox SET settled = 5 WHERE id = 2", "mail 2: not well-formed"},
    {"UPDATE outbox SET attempts = -1 WHERE id = 2", "mail 2: not well-formed"},
    {"UPDATE outbox SET may_be_double = 7 WHERE id = 2", "mail 2: not well-formed"},
    {"UPDATE outbox SET state = 1, settled = 5 WHERE id = 3",
     "mail 3 was settled, and its night was never published"},
    {"DELETE FROM outbox_message WHERE mail = 2", "mail 2 waits, and its text is missing"},
    {"UPDATE outbox_message SET mail = 77 WHERE mail = 1", "refers to in outbox"},
    {"UPDATE said SET reader_kind = 3", "what am1 was told of PLSK.00000001: not well-formed"},
    {"UPDATE said SET kind = 256", "what am1 was told of PLSK.00000001: not well-formed"},
    {"UPDATE said SET period = -1", "what am1 was told of PLSK.00000001: not well-formed"},
    {"UPDATE confirmed SET kind = 3", "confirmed key of r1, PLSK.00000001: not well-formed"},
    {"UPDATE confirmed SET reseller = ''", "confirmed key of , PLSK.00000001"},
    {NO_TRIGGERS "DELETE FROM entry WHERE sequence = 2",
     "number 2 is missing from table entry"},
    {NO_TRIGGERS "DELETE FROM entry WHERE sequence = 2", "the schema is not ours"},
    {"DROP INDEX entry_period", "the schema is not ours"},
    {"CREATE TABLE zzz(x)", "the schema is not ours"},
    /* An index that lacks its rows: made while it was another's. */
    {"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '(period)',"
     " '(sequence)') WHERE name = 'entry_period'",
     "entry_period"},
};

Test(store_damage, the_check_finds_what_is_planted)
{
    struct file f = new_file();
    fill(&f, 3);
    AUTO(buf) struct buf whole = BUF_INIT(1 << 24);
    read_all(f.path, &whole);
    for (size_t i = 0; i < ARRAY_LEN(planted); i++) {
        write_all(f.path, buf_str(&whole), whole.len);
        cr_assert_eq(plant(&f, planted[i].sql), SQLITE_OK, "%s", planted[i].sql);
        struct store *s = must_open(&f, STORE_READ);
        struct told told = {.want = planted[i].want};
        int64_t defects = 0;
        OK(s, store_check(s, look_for, &told, &defects));
        cr_assert(told.is_found && defects > 0, "after %s\nit says %s", planted[i].sql,
                  told.all);
        store_close(s);
    }
    temp_done(&f.dir);
}

Test(store_damage, what_was_told_refuses_change_from_any_connection)
{
    static const char *const attempts[] = {
        "UPDATE report_run SET is_published = 0 WHERE run = 1",
        "UPDATE report_run SET about = '' WHERE run = 1",
        "DELETE FROM report_run WHERE run = 1",
        "UPDATE edition SET subject = '' WHERE run = 1",
        "DELETE FROM edition WHERE run = 1",
        "DELETE FROM edition",
        "INSERT OR REPLACE INTO edition SELECT * FROM edition WHERE run = 1",
        ("INSERT INTO edition SELECT run, reader_kind, 'x', 1, language, subject, model"
         " FROM edition WHERE run = 1 AND reader = 'r1'"),
    };
    struct file f = new_file();
    fill(&f, 1);
    for (size_t i = 0; i < ARRAY_LEN(attempts); i++)
        cr_assert_eq(plant(&f, attempts[i]) & 0xff, SQLITE_CONSTRAINT, "%s", attempts[i]);
    cr_assert_eq(plant(&f, "DELETE FROM edition WHERE run = 2"), SQLITE_OK, "unpublished");
    struct store *s = must_open(&f, STORE_READ);
    expect_sound(s);
    store_close(s);
    temp_done(&f.dir);
}

Test(store_damage, the_ledger_and_the_trail_refuse_change_from_any_connection)
{
    static const char *const attempts[] = {
        "UPDATE entry SET amount = 0 WHERE sequence = 2",
        "DELETE FROM entry WHERE sequence = 3",
        "DELETE FROM entry",
        "INSERT OR REPLACE INTO entry SELECT * FROM entry WHERE sequence = 2",
        ("INSERT INTO entry SELECT 9, period, booked, kind, reseller, subject, currency, "
         "amount,"
         " hash, body, evidence FROM entry WHERE sequence = 1"),
        "UPDATE decision SET decision = 1",
        "DELETE FROM decision WHERE sequence = 1",
        "INSERT OR REPLACE INTO decision SELECT * FROM decision WHERE sequence = 1",
        /* The trail: 1 is an enrolment, 2 and 3 are renewals; only 2 may go. */
        "UPDATE event SET who = 'me'",
        "DELETE FROM event WHERE sequence = 1",
        "DELETE FROM event WHERE sequence = 3",
        "DELETE FROM event",
        "INSERT OR REPLACE INTO event SELECT * FROM event WHERE sequence = 2",
        "INSERT INTO event SELECT 0, at, what, who, server, reseller, details FROM event"
        " WHERE sequence = 1",
    };
    struct file f = new_file();
    fill(&f, 1);
    for (size_t i = 0; i < ARRAY_LEN(attempts); i++)
        cr_assert_eq(plant(&f, attempts[i]) & 0xff, SQLITE_CONSTRAINT, "%s", attempts[i]);
    cr_assert_eq(plant(&f, "DELETE FROM event WHERE sequence = 2"), SQLITE_OK);
    struct store *s = must_open(&f, STORE_READ);
    expect_sound(s);
    store_close(s);
    temp_done(&f.dir);
}
