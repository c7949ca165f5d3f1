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

/* The store that a program of schema 1 left (schema1.sql). */
static struct file old_file(void)
{
    struct file f = new_file();
    AUTO(buf) struct buf sql = BUF_INIT(1 << 20);
    read_all(SOURCE_DIR "/tests/contract/schema1.sql", &sql);
    run_sql(f.path, buf_str(&sql));
    cr_assert_eq(chmod(f.path, 0600), 0);
    return f;
}

/* All that schema 1 has room for, with the columns that it had. */
static const char *const contents[] = {
    "SELECT id, name, enrolled_reseller, enrolled_at, retired, revoked FROM server",
    "SELECT * FROM machine",
    "SELECT * FROM sighting",
    "SELECT * FROM mail_row",
    "SELECT * FROM gap",
    "SELECT * FROM license_seen",
    "SELECT * FROM report",
    "SELECT * FROM fork",
    "SELECT * FROM tally",
    "SELECT * FROM manager",
    "SELECT * FROM reseller",
    "SELECT * FROM network",
    "SELECT * FROM license_entry",
    "SELECT * FROM domain_entry",
    "SELECT * FROM server_entry",
    "SELECT * FROM move",
    "SELECT * FROM tariff",
    "SELECT * FROM note",
    "SELECT * FROM entry",
    "SELECT * FROM decision",
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

/* The file's content and schema number, looked at without our code. */
static int64_t look(const char *path, struct buf *content)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    buf_reset(content);
    cr_assert_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    for (size_t i = 0; i < ARRAY_LEN(contents); i++)
        add_rows(db, contents[i], content);
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

Test(store_migration, nothing_is_lost)
{
    static const char *const openings[] = {"WRITE", "CREATE"};
    for (size_t i = 0; i < ARRAY_LEN(openings); i++) {
        struct file f = old_file();
        AUTO(buf) struct buf before = BUF_INIT(1 << 20);
        AUTO(buf) struct buf after = BUF_INIT(1 << 20);
        cr_assert_eq(look(f.path, &before), 1);
        struct store *s = must_open(&f, i == 0 ? STORE_WRITE : STORE_CREATE);
        expect_sound(s);
        /* The report that was sent twice; the boot_id of its machine ends in 0x21. */
        expect_dump(s, DUMP_FORKS | DUMP_GAPS | DUMP_ENROLLED | DUMP_TOKENS | DUMP_EVENTS,
                    "fork srv-9/33 #1 at -4494400\n"
                    "gap srv-9/33 spool -4495300--4495200 lost 3\n",
                    openings[i]);
        store_close(s);
        cr_assert_eq(look(f.path, &after), 2);
        expect_same(&after, &before, openings[i]);
        temp_done(&f.dir);
    }
}

Test(store_migration, what_was_brought_up_takes_all_that_a_new_one_takes)
{
    struct file f = old_file();
    struct store *s = must_open(&f, STORE_WRITE);
    OK(s, store_begin(s));
    let_in(s);
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

/* The index that schema 2 drops was left out of some stores of schema 1. */
Test(store_migration, an_old_store_without_its_index_is_brought_up_too)
{
    struct file f = old_file();
    run_sql(f.path, "DROP INDEX sighting_peer");
    struct store *s = must_open(&f, STORE_WRITE);
    expect_sound(s);
    store_close(s);
    temp_done(&f.dir);
}

Test(store_migration, reading_an_old_store_is_refused_with_what_to_do)
{
    struct file f = old_file();
    AUTO(buf) struct buf before = BUF_INIT(1 << 20);
    AUTO(buf) struct buf after = BUF_INIT(1 << 20);
    struct store *s = NULL;
    char said[CAP_DIAG];
    read_all(f.path, &before);
    cr_assert_eq(try_open(&f, STORE_READ, &s, said), -EPROTONOSUPPORT);
    cr_assert_null(s);
    cr_assert(strstr(said, "older version (schema 1, this program knows 2)") &&
                  strstr(said, "`fairusectl store init`"),
              "%s", said);
    read_all(f.path, &after);
    expect_same(&after, &before, "only looked at");
    temp_done(&f.dir);
}

Test(store_migration, who_brings_up_at_once_ends_with_one_store)
{
    enum { OPENERS = 6 };
    struct file f = old_file();
    AUTO(buf) struct buf before = BUF_INIT(1 << 20);
    AUTO(buf) struct buf after = BUF_INIT(1 << 20);
    (void)look(f.path, &before);
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
    cr_assert_eq(look(f.path, &after), 2);
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

Test(store_migration, one_that_is_killed_leaves_the_old_store_whole)
{
    enum { ENOUGH = 100000 };
    struct file f = old_file();
    AUTO(buf) struct buf before = BUF_INIT(1 << 20);
    AUTO(buf) struct buf after = BUF_INIT(1 << 20);
    (void)look(f.path, &before);
    int killed = 0;
    /* Every few steps, up to the commit itself, which is the last that is waited for. */
    for (; !open_and_die(&f, killed); killed++) {
        cr_assert_lt(killed, ENOUGH);
        cr_assert_eq(look(f.path, &after), 1, "killed after %d", killed);
        expect_same(&after, &before, "killed");
    }
    cr_assert_gt(killed, 20, "it was killed in the middle, not only at its ends: %d", killed);
    cr_assert_eq(look(f.path, &after), 2);
    expect_same(&after, &before, "in the end");
    struct store *s = must_open(&f, STORE_READ);
    expect_sound(s);
    store_close(s);
    temp_done(&f.dir);
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
    struct file f = old_file();
    struct file cut = new_file();
    AUTO(buf) struct buf before = BUF_INIT(1 << 20);
    AUTO(buf) struct buf after = BUF_INIT(1 << 20);
    AUTO(buf) struct buf whole = BUF_INIT(1 << 22);
    AUTO(buf) struct buf log = BUF_INIT(1 << 22);
    char wal[TEMP_PATH_SIZE + 8];
    (void)snprintf(wal, sizeof wal, "%s-wal", f.path);
    (void)look(f.path, &before);
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
        bool is_new = look(cut.path, &after) == 2;
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
