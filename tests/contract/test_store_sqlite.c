/*
 * What only a store in a file can suffer: foreign, damaged, truncated, newer, read-only and
 * full files. A second connection of the library plants what our own code would never write.
 */
#include "contract.h"
#include "support/seed.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

SUITE(store_sqlite);

static const enum store_mode modes[] = {STORE_READ, STORE_WRITE, STORE_CREATE};

struct file {
    struct temp dir;
    char path[TEMP_PATH_SIZE];
    char url[TEMP_PATH_SIZE + 8];
};

static struct file new_file(void)
{
    struct file f;
    cr_assert_eq(temp_make(&f.dir), 0);
    (void)temp_file(&f.dir, "fairuse.db", f.path);
    (void)snprintf(f.url, sizeof f.url, "sqlite:%s", f.path);
    return f;
}

static int try_open(const struct file *f, enum store_mode mode, struct store **ret, char *said)
{
    struct diag d = {""};
    int r = store_open(f->url, mode, ret, &d);
    if (said)
        (void)snprintf(said, CAP_DIAG, "%s", d.text);
    return r;
}

static struct store *must_open(const struct file *f, enum store_mode mode)
{
    struct store *s = NULL;
    char said[CAP_DIAG];
    cr_assert_eq(try_open(f, mode, &s, said), 0, "%s", said);
    return s;
}

static void say_something(struct store *s, int n)
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

/* A store with something in each table of observations, an estate and a ledger. */
static void fill(const struct file *f, int reports)
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
    OK(s, store_commit(s));
    expect_sound(s);
    store_close(s);
}

static int plant(const struct file *f, const char *sql)
{
    sqlite3 *db = NULL;
    cr_assert_eq(
        sqlite3_open_v2(f->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
        SQLITE_OK);
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    cr_assert_eq(sqlite3_close(db), SQLITE_OK);
    return rc;
}

static void read_all(const char *path, struct buf *ret)
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

static void write_all(const char *path, const char *p, size_t n)
{
    FILE *out = fopen(path, "wb");
    cr_assert_not_null(out);
    cr_assert_eq(fwrite(p, 1, n, out), n);
    cr_assert_eq(fclose(out), 0);
}

static bool is_there(const struct file *f, const char *suffix)
{
    char path[TEMP_PATH_SIZE + 16];
    struct stat st;
    (void)snprintf(path, sizeof path, "%s%s", f->path, suffix);
    return lstat(path, &st) == 0;
}

/* ---- Opening ------------------------------------------------------------------------- */

Test(store_sqlite, a_foreign_file_is_refused_and_left_as_it_is)
{
    static const char other_db[] = "PRAGMA application_id = 1; CREATE TABLE t(x);";
    static const char wal_db[] = "PRAGMA journal_mode = WAL; CREATE TABLE server(x);";
    static const struct {
        const char *why, *text, *sql;
    } rows[] = {
        {"an empty file", "", NULL},
        {"a text", "store=1\n", NULL},
        {"a long text",
         "SQLite format 3, and 100 bytes more: ------------------------------------"
         "--------------------------------------------------------------------",
         NULL},
        {"another program's database", NULL, other_db},
        {"one in write-ahead mode", NULL, wal_db},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct file f = new_file();
        AUTO(buf) struct buf before = BUF_INIT(1 << 20);
        AUTO(buf) struct buf after = BUF_INIT(1 << 20);
        if (rows[i].text)
            write_all(f.path, rows[i].text, strlen(rows[i].text));
        else
            cr_assert_eq(plant(&f, rows[i].sql), SQLITE_OK);
        read_all(f.path, &before);
        for (size_t m = 0; m < ARRAY_LEN(modes); m++) {
            struct store *s = NULL;
            cr_assert_eq(try_open(&f, modes[m], &s, NULL), -EBADMSG, "%s", rows[i].why);
            cr_assert_null(s);
        }
        read_all(f.path, &after);
        cr_assert_eq(before.len, after.len, "%s", rows[i].why);
        cr_assert_eq(memcmp(buf_str(&before), buf_str(&after), before.len), 0, "%s",
                     rows[i].why);
        cr_assert(!is_there(&f, "-wal") && !is_there(&f, "-shm") && !is_there(&f, "-journal"));
        temp_done(&f.dir);
    }
}

Test(store_sqlite, what_is_no_file_is_refused)
{
    struct file f = new_file();
    struct store *s = NULL;
    cr_assert_eq(mkdir(f.path, 0700), 0);
    cr_assert_eq(try_open(&f, STORE_CREATE, &s, NULL), -EBADMSG, "a folder");
    cr_assert_eq(rmdir(f.path), 0);
    cr_assert_eq(mkfifo(f.path, 0600), 0);
    cr_assert_eq(try_open(&f, STORE_READ, &s, NULL), -EBADMSG, "a pipe, which nobody writes");
    temp_done(&f.dir);
    cr_assert_lt(try_open(&f, STORE_CREATE, &s, NULL), 0, "its folder is missing");
    cr_assert_null(s);
}

Test(store_sqlite, a_newer_schema_is_refused_and_an_older_one_not_read)
{
    struct file f = new_file();
    struct store *s = NULL;
    char said[CAP_DIAG];
    fill(&f, 1);
    cr_assert_eq(plant(&f, "PRAGMA user_version = 7"), SQLITE_OK);
    for (size_t m = 0; m < ARRAY_LEN(modes); m++) {
        cr_assert_eq(try_open(&f, modes[m], &s, said), -EPROTONOSUPPORT);
        cr_assert(strstr(said, "schema 7, this program knows 1"), "%s", said);
    }
    cr_assert_eq(plant(&f, "PRAGMA user_version = 0"), SQLITE_OK);
    cr_assert_eq(try_open(&f, STORE_READ, &s, said), -EPROTONOSUPPORT);
    cr_assert(strstr(said, "older"), "%s", said);
    cr_assert_eq(plant(&f, "PRAGMA user_version = 1"), SQLITE_OK);
    store_close(must_open(&f, STORE_READ));
    temp_done(&f.dir);
}

Test(store_sqlite, a_new_store_is_for_its_owner_alone)
{
    struct file f = new_file();
    (void)umask(0);
    struct store *s = must_open(&f, STORE_CREATE);
    say_something(s, 1);
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        char path[TEMP_PATH_SIZE + 16];
        struct stat st;
        (void)snprintf(path, sizeof path, "%s%s", f.path, suffixes[i]);
        cr_assert_eq(stat(path, &st), 0);
        cr_assert_eq(st.st_mode & 0777, 0600, "%s is %o", path, st.st_mode & 0777);
    }
    store_close(s);
    temp_done(&f.dir);
}

Test(store_sqlite, names_that_sqlite_would_read_otherwise_are_names)
{
    static const char *const names[] = {":memory:", "file:x.db?mode=memory", "a b#c%20d?e",
                                        "x'y"};
    struct temp dir;
    cr_assert_eq(temp_make(&dir), 0);
    cr_assert_eq(chdir(dir.path), 0);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char url[100];
        struct store *s = NULL;
        struct diag d = {""};
        struct stat st;
        (void)snprintf(url, sizeof url, "sqlite:%s", names[i]);
        cr_assert_eq(store_open(url, STORE_CREATE, &s, &d), 0, "%s: %s", url, d.text);
        cr_assert_eq(stat(names[i], &st), 0, "%s is a file", names[i]);
        cr_assert_eq(stat(store_path(s), &st), 0, "and its path leads to it");
        store_close(s);
    }
    cr_assert_eq(chdir("/"), 0);
    temp_done(&dir);
}

Test(store_sqlite, a_log_of_another_store_is_not_replayed)
{
    struct file f = new_file();
    struct store *s = NULL;
    char wal[TEMP_PATH_SIZE + 8];
    char said[CAP_DIAG];
    (void)snprintf(wal, sizeof wal, "%s-wal", f.path);
    write_all(wal, "left over", 9);
    cr_assert_eq(try_open(&f, STORE_CREATE, &s, said), -EBADMSG);
    cr_assert(strstr(said, "-wal"), "%s", said);
    cr_assert_eq(unlink(wal), 0);
    store_close(must_open(&f, STORE_CREATE));
    temp_done(&f.dir);
}

Test(store_sqlite, who_creates_at_once_gets_the_same_store)
{
    enum { CREATORS = 6 };
    struct file f = new_file();
    for (int i = 0; i < CREATORS; i++) {
        pid_t child = fork();
        cr_assert_geq(child, 0);
        if (child == 0) {
            struct store *s = NULL;
            int r = try_open(&f, STORE_CREATE, &s, NULL);
            if (r == 0)
                r = store_begin(s);
            if (r == 0)
                r = store_say(s, (struct say){.boot = 1 + i});
            if (r == 0)
                r = store_commit(s);
            store_close(r == 0 ? s : NULL);
            _exit(r == 0 ? 0 : 1);
        }
    }
    for (int i = 0; i < CREATORS; i++) {
        int status = -1;
        cr_assert_gt(wait(&status), 0);
        cr_assert_eq(status, 0);
    }
    struct store *s = must_open(&f, STORE_READ);
    struct store_machine m;
    for (machine_id id = 1; id <= CREATORS; id++)
        OK(s, store_get_machine(s, id, &m));
    expect_sound(s);
    store_close(s);
    temp_done(&f.dir);
}

/* ---- Reading ------------------------------------------------------------------------- */

Test(store_sqlite, reading_writes_nothing)
{
    struct file f = new_file();
    fill(&f, 3);
    AUTO(buf) struct buf before = BUF_INIT(1 << 24);
    AUTO(buf) struct buf after = BUF_INIT(1 << 24);
    AUTO(buf) struct buf shown = BUF_INIT(1 << 20);
    struct stat st_before;
    struct stat st_after;
    read_all(f.path, &before);
    cr_assert_eq(stat(f.path, &st_before), 0);
    struct store *s = must_open(&f, STORE_READ);
    OK(s, store_dump(s, DUMP_ALL, T0, &shown));
    expect_sound(s);
    store_close(s);
    read_all(f.path, &after);
    cr_assert_eq(stat(f.path, &st_after), 0);
    cr_assert_eq(before.len, after.len);
    cr_assert_eq(memcmp(buf_str(&before), buf_str(&after), before.len), 0);
    cr_assert_eq(st_before.st_mtim.tv_nsec, st_after.st_mtim.tv_nsec);
    temp_done(&f.dir);
}

/* From here to may_write() nothing in the folder can be made or changed, also by root. */
static void may_only_read(const struct file *f)
{
    enum { NOBODY = 65534 };
    cr_assert_eq(chmod(f->path, 0444), 0);
    cr_assert_eq(chmod(f->dir.path, 0555), 0);
    if (geteuid() == 0)
        cr_assert_eq(seteuid(NOBODY), 0);
}

static void may_write(const struct file *f)
{
    if (getuid() == 0)
        cr_assert_eq(seteuid(0), 0);
    cr_assert_eq(chmod(f->dir.path, 0700), 0);
    cr_assert_eq(chmod(f->path, 0600), 0);
}

Test(store_sqlite, it_is_read_where_nothing_can_be_written)
{
    struct file f = new_file();
    fill(&f, 3);
    AUTO(buf) struct buf want = BUF_INIT(1 << 20);
    AUTO(buf) struct buf got = BUF_INIT(1 << 20);
    struct store *s = must_open(&f, STORE_WRITE);
    OK(s, store_dump(s, DUMP_ALL, T0, &want));
    store_close(s);
    cr_assert(!is_there(&f, "-wal") && !is_there(&f, "-shm"), "a writer cleans up");
    may_only_read(&f);
    s = must_open(&f, STORE_READ);
    OK(s, store_dump(s, DUMP_ALL, T0, &got));
    cr_assert_str_eq(buf_str(&got), buf_str(&want));
    expect_sound(s);
    store_close(s);
    char said[CAP_DIAG];
    s = NULL;
    cr_assert_eq(try_open(&f, STORE_WRITE, &s, said), -EROFS);
    cr_assert(strstr(said, "may only be read"), "%s", said);
    may_write(&f);
    store_close(must_open(&f, STORE_WRITE));
    temp_done(&f.dir);
}

/* What a writer that was killed left behind: the log holds what the file does not. */
Test(store_sqlite, a_log_is_never_passed_over)
{
    struct file f = new_file();
    struct file copy = new_file();
    struct store *writer = must_open(&f, STORE_CREATE);
    say_something(writer, 1); /* in the log until the writer closes */
    AUTO(buf) struct buf bytes = BUF_INIT(1 << 24);
    char wal[TEMP_PATH_SIZE + 8];
    read_all(f.path, &bytes);
    write_all(copy.path, buf_str(&bytes), bytes.len);
    (void)snprintf(wal, sizeof wal, "%s-wal", f.path);
    read_all(wal, &bytes);
    (void)snprintf(wal, sizeof wal, "%s-wal", copy.path);
    write_all(wal, buf_str(&bytes), bytes.len);
    cr_assert_eq(chmod(wal, 0644), 0);
    store_close(writer);
    may_only_read(&copy);
    struct store *s = NULL;
    if (try_open(&copy, STORE_READ, &s, NULL) == 0)
        expect_dump(s, DUMP_GAPS, "gap srv-1/2 spool 100-100 lost 1\n",
                    "it is read, or refused");
    store_close(s);
    may_write(&copy);
    s = must_open(&copy, STORE_READ);
    expect_dump(s, DUMP_GAPS, "gap srv-1/2 spool 100-100 lost 1\n", "it is read");
    store_close(s);
    temp_done(&f.dir);
    temp_done(&copy.dir);
}

/* ---- Damage -------------------------------------------------------------------------- */

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
    for (unsigned what = 1; what <= DUMP_PEERS; what <<= 1)
        errors += store_dump(s, what, T0, &out) < 0;
    if (store_check(s, ignore, &told, &defects) == 0)
        cr_assert_eq(defects, told);
    cr_assert_leq(errors, 7);
    store_close(s);
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

Test(store_sqlite, a_truncated_file_gives_an_error)
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

Test(store_sqlite, a_damaged_file_is_no_crash)
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

Test(store_sqlite, the_check_finds_what_is_planted)
{
#define NO_TRIGGERS "DROP TRIGGER entry_has_no_holes; DROP TRIGGER entry_is_not_deleted;"
    static const struct {
        const char *sql, *want;
    } rows[] = {
        {"UPDATE sighting SET last = first - 1 WHERE source = 2", "not well-formed"},
        {"INSERT INTO sighting SELECT license, machine, address, source, first + 10, last"
         " FROM sighting WHERE source = 2",
         "of licence PLSK.00000001"},
        {"INSERT INTO sighting SELECT license, machine, address, source, last, last + 5"
         " FROM sighting WHERE source = 2",
         "another begins within it"},
        {"UPDATE sighting SET license = 5", "of licence number 5"},
        {"UPDATE sighting SET address = x'04cb007109ff' WHERE source = 2",
         "bytes 04CB007109FF"},
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
        {"UPDATE machine SET boot = x'00' WHERE id = 1", "boot_id has 1 bytes"},
        {"UPDATE server SET name = ''", "server 1"},
        {"UPDATE license_seen SET license = 5", "licence number 5"},
        {"UPDATE report SET counter = 0 WHERE machine = 1", "counter 0"},
        {"UPDATE tally SET sightings = 1", "the tally"},
        {"UPDATE tally SET first = 1", "the tally"},
        {"DELETE FROM tally", "the tally is missing"},
        {"DELETE FROM machine WHERE id = 2", "refers to in machine"},
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
        {"UPDATE domain_entry SET ends = begins",
         "a row of domain_entry ends before it begins"},
        {NO_TRIGGERS "DELETE FROM entry WHERE sequence = 2",
         "number 2 is missing from table entry"},
        {NO_TRIGGERS "DELETE FROM entry WHERE sequence = 2", "the schema is not ours"},
        {"DROP INDEX sighting_peer", "the schema is not ours"},
        {"CREATE TABLE zzz(x)", "the schema is not ours"},
        /* An index that lacks a row: made while it was no index of peers. */
        {"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'source = "
         "0',"
         " 'source = 1') WHERE name = 'sighting_peer'",
         "sighting_peer"},
    };
    struct file f = new_file();
    fill(&f, 3);
    AUTO(buf) struct buf whole = BUF_INIT(1 << 24);
    read_all(f.path, &whole);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        write_all(f.path, buf_str(&whole), whole.len);
        cr_assert_eq(plant(&f, rows[i].sql), SQLITE_OK, "%s", rows[i].sql);
        struct store *s = must_open(&f, STORE_READ);
        struct told told = {.want = rows[i].want};
        int64_t defects = 0;
        OK(s, store_check(s, look_for, &told, &defects));
        cr_assert(told.is_found && defects > 0, "after %s\nit says %s", rows[i].sql, told.all);
        store_close(s);
    }
    temp_done(&f.dir);
}

Test(store_sqlite, the_ledger_refuses_change_from_any_connection)
{
    static const char *const attempts[] = {
        "UPDATE entry SET amount = 0 WHERE sequence = 2",
        "DELETE FROM entry WHERE sequence = 3",
        "DELETE FROM entry",
        "INSERT OR REPLACE INTO entry SELECT * FROM entry WHERE sequence = 2",
        "INSERT INTO entry SELECT 9, period, booked, kind, reseller, subject, currency, amount,"
        " hash, body, evidence FROM entry WHERE sequence = 1",
        "UPDATE decision SET decision = 1",
        "DELETE FROM decision WHERE sequence = 1",
        "INSERT OR REPLACE INTO decision SELECT * FROM decision WHERE sequence = 1",
    };
    struct file f = new_file();
    fill(&f, 1);
    for (size_t i = 0; i < ARRAY_LEN(attempts); i++)
        cr_assert_eq(plant(&f, attempts[i]) & 0xff, SQLITE_CONSTRAINT, "%s", attempts[i]);
    struct store *s = must_open(&f, STORE_READ);
    expect_sound(s);
    store_close(s);
    temp_done(&f.dir);
}

/* ---- A disk that fails ---------------------------------------------------------------- */

Test(store_sqlite, a_write_that_fails_stores_nothing_and_can_be_tried_again)
{
    struct file f = new_file();
    struct store *s = must_open(&f, STORE_CREATE);
    say_something(s, 1);
    AUTO(buf) struct buf before = BUF_INIT(1 << 20);
    AUTO(buf) struct buf after = BUF_INIT(1 << 20);
    OK(s, store_dump(s, DUMP_ALL, T0, &before));
    /* No file may grow: the log's next page cannot be written. */
    (void)signal(SIGXFSZ, SIG_IGN);
    struct rlimit small = {1024, RLIM_INFINITY};
    struct rlimit enough = {RLIM_INFINITY, RLIM_INFINITY};
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    OK(s, store_begin(s));
    int r = store_say(
        s, (struct say){.boot = 9, .gaps = {{GAP_SPOOL, SPAN(0, 1), 1}}, .n_gaps = 1});
    if (r == 0)
        r = store_commit(s);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &enough), 0);
    cr_assert_eq(r, -EIO);
    cr_assert(strstr(store_diag(s), f.path) && strstr(store_diag(s), "nothing was stored"),
              "%s", store_diag(s));
    store_rollback(s);
    OK(s, store_dump(s, DUMP_ALL, T0, &after));
    cr_assert_str_eq(buf_str(&after), buf_str(&before));
    say_something(s, 2);
    expect_sound(s);
    store_close(s);
    temp_done(&f.dir);
}

Test(store_sqlite, a_store_that_cannot_be_made_leaves_nothing_behind)
{
    struct file f = new_file();
    struct store *s = NULL;
    (void)signal(SIGXFSZ, SIG_IGN);
    struct rlimit small = {4096, RLIM_INFINITY};
    struct rlimit enough = {RLIM_INFINITY, RLIM_INFINITY};
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    int r = try_open(&f, STORE_CREATE, &s, NULL);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &enough), 0);
    cr_assert_eq(r, -EIO);
    cr_assert_null(s);
    cr_assert_eq(rmdir(f.dir.path), 0, "the folder is empty");
}
