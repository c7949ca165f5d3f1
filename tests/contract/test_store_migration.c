/* A store of an earlier schema is brought up on opening for writing, whole or not at all. */
#include "sqlite_file.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

SUITE(store_migration);

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    char *said = NULL;
    cr_assert_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
                 SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, &said), SQLITE_OK, "%s", said);
    cr_assert_eq(sqlite3_close(db), SQLITE_OK);
}

/* The store that a program of an earlier schema left (schema1.sql, schema2.sql). */
static struct file old_file(int schema)
{
    struct file f = new_file();
    AUTO(buf) struct buf sql = BUF_INIT(1 << 20);
    char path[sizeof SOURCE_DIR + 64];
    (void)snprintf(path, sizeof path, SOURCE_DIR "/tests/contract/schema%d.sql", schema);
    read_all(path, &sql);
    run_sql(f.path, buf_str(&sql));
    cr_assert_eq(chmod(f.path, 0600), 0);
    return f;
}

enum { NEWEST = 3 }; /* the schema of this program */

/* All that each schema has room for, with the columns that it had. */
static const struct {
    int since;
    const char *sql;
} contents[] = {
    {1, "SELECT id, name, enrolled_reseller, enrolled_at, retired, revoked FROM server"},
    {1, "SELECT * FROM machine"},
    {1, "SELECT * FROM sighting"},
    {1, "SELECT * FROM mail_row"},
    {1, "SELECT * FROM gap"},
    {1, "SELECT * FROM license_seen"},
    {1, "SELECT * FROM report"},
    {1, "SELECT * FROM fork"},
    {1, "SELECT * FROM tally"},
    {1, "SELECT * FROM manager"},
    {1, "SELECT * FROM reseller"},
    {1, "SELECT * FROM network"},
    {1, "SELECT * FROM license_entry"},
    {1, "SELECT * FROM domain_entry"},
    {1, "SELECT * FROM server_entry"},
    {1, "SELECT * FROM move"},
    {1, "SELECT * FROM tariff"},
    {1, "SELECT * FROM note"},
    {1, "SELECT * FROM entry"},
    {1, "SELECT * FROM decision"},
    {2, "SELECT id, certs_from FROM server"},
    {2, "SELECT * FROM token"},
    {2, "SELECT * FROM token_use"},
    {2, "SELECT * FROM event"},
    {2, "SELECT * FROM standing"},
    {2, "SELECT * FROM published"},
};

/* Each value as its type and its bytes. */
static void add_rows(sqlite3 *db, const char *sql, struct buf *out)
{
    sqlite3_stmt *st = NULL;
    size_t rows = 0;
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK, "%s", sql);
    for (; sqlite3_step(st) == SQLITE_ROW; rows++) {
        for (int i = 0; i < sqlite3_column_count(st); i++) {
            const void *p = sqlite3_column_blob(st, i);
            int n = sqlite3_column_bytes(st, i);
            buf_printf(out, "%d:%d:", sqlite3_column_type(st, i), n);
            buf_add(out, p ? p : "", (size_t)n);
        }
        buf_add_char(out, '\n');
    }
    cr_assert_gt(rows, 0, "%s gives something to lose", sql);
    cr_assert_eq(sqlite3_finalize(st), SQLITE_OK);
}

/* The schema number of a file and what it holds that a schema has room for, looked at without
 * our code. */
static int64_t look(const char *path, int schema, struct buf *content)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    buf_reset(content);
    cr_assert_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    for (size_t i = 0; i < ARRAY_LEN(contents); i++)
        if (contents[i].since <= schema)
            add_rows(db, contents[i].sql, content);
    cr_assert_eq(buf_error(content), 0);
    cr_assert_eq(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &st, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_step(st), SQLITE_ROW);
    cr_assert_str_eq((const char *)sqlite3_column_text(st, 0), "ok");
    cr_assert_eq(sqlite3_finalize(st), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &st, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_step(st), SQLITE_ROW);
    int64_t version = sqlite3_column_int64(st, 0);
    cr_assert_eq(sqlite3_finalize(st), SQLITE_OK);
    cr_assert_eq(sqlite3_close(db), SQLITE_OK);
    return version;
}

static void expect_same(const struct buf *have, const struct buf *want, const char *why)
{
    cr_assert(have->len == want->len && memcmp(have->data, want->data, want->len) == 0,
              "%s: the content is another", why);
}

/* Of schema 1, the report that was sent twice; the boot_id of its machine ends in 0x21. */
#define SAID_BY_1                                                                              \
    "fork srv-9/33 #1 at -4494400\n"                                                           \
    "gap srv-9/33 spool -4495300--4495200 lost 3\n"
#define LET_IN_BY_2                                                                            \
    "enrolled srv-1 r1 at -4399999\n"                                                          \
    "enrolled srv-9 r1 at -4399998 revoked -4399997 certs from -4399999\n"                     \
    "event #1 at -4400000 token-created by 192.0.2.1||r1|{}\n"                                 \
    "event #2 at -4399999 enrolled by 192.0.2.1|srv-1|r1|{}\n"                                 \
    "event #3 at -4399998 renewed by 192.0.2.1|srv-1|r1|{}\n"                                  \
    "event #4 at -4399997 revoked by 192.0.2.1|srv-9|r1|{}\n"
#define PUBLISHED_BY_2                                                                         \
    "published #1 as of -4399995\n"                                                            \
    "standing PLSK.00000001 r1 potential 5 since -4400000 confirms -4399901\n"                 \
    "token 0102030405060708 r1 - 1/3 created -4400000 expires -4310000\n"                      \
    "token 0800000000000000 r1 srv-2 0/1 created -4399995 expires -4309995 revoked -4399994\n"
static const struct old {
    int schema;
    const char *says; /* beside stretches and the like, which expect_same() sees to */
} olds[] = {
    {1, SAID_BY_1},
    {2, LET_IN_BY_2 SAID_BY_1 PUBLISHED_BY_2},
};

static void expect_brought_up(const struct old *old, enum store_mode mode)
{
    struct file f = old_file(old->schema);
    AUTO(buf) struct buf before = BUF_INIT(1 << 20);
    AUTO(buf) struct buf after = BUF_INIT(1 << 20);
    cr_assert_eq(look(f.path, old->schema, &before), old->schema);
    struct store *s = must_open(&f, mode);
    expect_sound(s);
    expect_dump(
        s, DUMP_FORKS | DUMP_GAPS | DUMP_ENROLLED | DUMP_TOKENS | DUMP_EVENTS | DUMP_STANDINGS,
        old->says, mode == STORE_WRITE ? "WRITE" : "CREATE");
    store_close(s);
    cr_assert_eq(look(f.path, old->schema, &after), NEWEST);
    expect_same(&after, &before, "brought up");
    temp_done(&f.dir);
}

Test(store_migration, nothing_is_lost)
{
    for (size_t i = 0; i < ARRAY_LEN(olds); i++) {
        expect_brought_up(&olds[i], STORE_WRITE);
        expect_brought_up(&olds[i], STORE_CREATE);
    }
}

Test(store_migration, what_was_brought_up_takes_all_that_a_new_one_takes)
{
    struct file f = old_file(1);
    struct store *s = must_open(&f, STORE_WRITE);
    OK(s, store_begin(s));
    let_in(s);
    tell(s);
    OK(s, store_commit(s));
    expect_dump(s, DUMP_ENROLLED | DUMP_TOKENS,
                "enrolled srv-1 r1 at 1\n"
                "token 0100000000000000 r1 - 1/3 created 0 expires 90\n",
                "a server of the old store is enrolled");
    expect_sound(s);
    store_close(s);
    s = must_open(&f, STORE_READ);
    expect_sound(s);
    store_close(s);
    temp_done(&f.dir);
}

Test(store_migration, a_store_of_schema_2_takes_a_night)
{
    struct file f = old_file(2);
    struct store *s = must_open(&f, STORE_WRITE);
    OK(s, store_begin(s));
    tell(s);
    OK(s, store_commit(s));
    expect_sound(s);
    store_close(s);
    temp_done(&f.dir);
}

/* The index that schema 2 drops was left out of some stores of schema 1. */
Test(store_migration, an_old_store_without_its_index_is_brought_up_too)
{
    struct file f = old_file(1);
    run_sql(f.path, "DROP INDEX sighting_peer");
    struct store *s = must_open(&f, STORE_WRITE);
    expect_sound(s);
    store_close(s);
    temp_done(&f.dir);
}

static void expect_reading_refused(int schema)
{
    struct file f = old_file(schema);
    AUTO(buf) struct buf before = BUF_INIT(1 << 20);
    AUTO(buf) struct buf after = BUF_INIT(1 << 20);
    struct store *s = NULL;
    char said[CAP_DIAG], versions[100];
    (void)snprintf(versions, sizeof versions,
                   "older version (schema %d, this program knows %d)", schema, NEWEST);
    read_all(f.path, &before);
    cr_assert_eq(try_open(&f, STORE_READ, &s, said), -EPROTONOSUPPORT);
    cr_assert_null(s);
    cr_assert(strstr(said, versions) && strstr(said, "`fairusectl store init`"), "%s", said);
    read_all(f.path, &after);
    expect_same(&after, &before, "only looked at");
    temp_done(&f.dir);
}

Test(store_migration, reading_an_old_store_is_refused_with_what_to_do)
{
    for (size_t i = 0; i < ARRAY_LEN(olds); i++)
        expect_reading_refused(olds[i].schema);
}

Test(store_migration, who_brings_up_at_once_ends_with_one_store)
{
    enum { OPENERS = 6 };
    struct file f = old_file(1);
    AUTO(buf) struct buf before = BUF_INIT(1 << 20);
    AUTO(buf) struct buf after = BUF_INIT(1 << 20);
    (void)look(f.path, 1, &before);
    for (int i = 0; i < OPENERS; i++) {
        pid_t child = fork();
        cr_assert_geq(child, 0);
        if (child == 0) {
            struct store *s = NULL;
            int r = try_open(&f, STORE_WRITE, &s, NULL);
            store_close(s);
            _exit(r == 0 ? 0 : 1);
        }
    }
    for (int i = 0; i < OPENERS; i++) {
        int status = -1;
        cr_assert_gt(wait(&status), 0);
        cr_assert_eq(status, 0);
    }
    cr_assert_eq(look(f.path, 1, &after), NEWEST);
    expect_same(&after, &before, "all of them");
    struct store *s = must_open(&f, STORE_READ);
    expect_sound(s);
    store_close(s);
    temp_done(&f.dir);
}

/* ---- Interrupted ---------------------------------------------------------------------- */

static int calls_left; /* of the progress handler, in the child that is to be killed */

static int kill_when_over(void *arg)
{
    (void)arg;
    if (calls_left-- <= 0)
        (void)raise(SIGKILL);
    return 0;
}

static int kill_at_commit(void *arg)
{
    return kill_when_over(arg);
}

/* As an extension, which each connection that is opened loads. */
static int watch(sqlite3 *db, const char **said, const struct sqlite3_api_routines *api)
{
    enum { STEPS_OF_A_CALL = 40 }; /* of SQLite's virtual machine */
    (void)said;
    (void)api;
    sqlite3_progress_handler(db, STEPS_OF_A_CALL, kill_when_over, NULL);
    (void)sqlite3_commit_hook(db, kill_at_commit, NULL);
    return SQLITE_OK;
}

/* Opens for writing in a process that is killed after so many steps. True when it got through.
 */
static bool open_and_die(const struct file *f, int calls)
{
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        struct store *s = NULL;
        calls_left = calls;
        (void)sqlite3_auto_extension((void (*)(void))watch);
        int r = try_open(f, STORE_WRITE, &s, NULL);
        _exit(r == 0 ? 0 : 1); /* it is not closed: what was committed must do */
    }
    int status = -1;
    cr_assert_eq(waitpid(child, &status, 0), child);
    bool was_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    cr_assert(was_killed || status == 0, "status %d", status);
    return !was_killed;
}

static void expect_killed_leaves_it(int schema)
{
    enum { ENOUGH = 100000 };
    struct file f = old_file(schema);
    AUTO(buf) struct buf before = BUF_INIT(1 << 20);
    AUTO(buf) struct buf after = BUF_INIT(1 << 20);
    (void)look(f.path, schema, &before);
    int killed = 0;
    /* Every few steps, up to the commit itself, which is the last that is waited for. */
    for (; !open_and_die(&f, killed); killed++) {
        cr_assert_lt(killed, ENOUGH);
        cr_assert_eq(look(f.path, schema, &after), schema, "killed after %d", killed);
        expect_same(&after, &before, "killed");
    }
    cr_assert_gt(killed, 20, "it was killed in the middle, not only at its ends: %d", killed);
    cr_assert_eq(look(f.path, schema, &after), NEWEST);
    expect_same(&after, &before, "in the end");
    struct store *s = must_open(&f, STORE_READ);
    expect_sound(s);
    store_close(s);
    temp_done(&f.dir);
}

Test(store_migration, one_that_is_killed_leaves_the_old_store_whole)
{
    for (size_t i = 0; i < ARRAY_LEN(olds); i++)
        expect_killed_leaves_it(olds[i].schema);
}

static void copy_beside(const struct file *to, const char *suffix, const char *p, size_t n)
{
    char path[TEMP_PATH_SIZE + 8];
    (void)snprintf(path, sizeof path, "%s%s", to->path, suffix);
    write_all(path, p, n);
}

/* The commit is one writing of the log: whatever part of it reached the disk. */
Test(store_migration, a_commit_that_is_cut_off_is_the_old_store_or_the_new_one)
{
    struct file f = old_file(1);
    struct file cut = new_file();
    AUTO(buf) struct buf before = BUF_INIT(1 << 20);
    AUTO(buf) struct buf after = BUF_INIT(1 << 20);
    AUTO(buf) struct buf whole = BUF_INIT(1 << 22);
    AUTO(buf) struct buf log = BUF_INIT(1 << 22);
    char wal[TEMP_PATH_SIZE + 8];
    (void)snprintf(wal, sizeof wal, "%s-wal", f.path);
    (void)look(f.path, 1, &before);
    struct store *s = must_open(&f, STORE_WRITE);
    read_all(f.path, &whole);
    read_all(wal, &log);
    store_close(s);
    size_t n_old = 0;
    size_t n_new = 0;
    for (size_t n = 0; n <= log.len;
         n += n < log.len && log.len - n < 1500 ? log.len - n : 1500) {
        copy_beside(&cut, "", buf_str(&whole), whole.len);
        copy_beside(&cut, "-wal", log.data, n);
        bool is_new = look(cut.path, 1, &after) == NEWEST;
        n_old += !is_new;
        n_new += is_new;
        expect_same(&after, &before, "cut off");
        struct store *again = must_open(&cut, STORE_WRITE);
        expect_sound(again);
        store_close(again);
        cr_assert_eq(unlink(cut.path), 0);
        if (n == log.len)
            break;
    }
    cr_assert_gt(n_old, 10, "the log has more than a few pages");
    cr_assert_geq(n_new, 1, "all of it is the new one");
    temp_done(&f.dir);
    temp_done(&cut.dir);
}
