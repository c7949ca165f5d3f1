/*
 * What only a store in a file meets: foreign, newer and read-only files, odd names, full disks.
 */
#include "sqlite_file.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

SUITE(store_sqlite);

static const enum store_mode modes[] = {STORE_READ, STORE_WRITE, STORE_CREATE};

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
        cr_assert(strstr(said, "schema 7, this program knows 3"), "%s", said);
    }
    cr_assert_eq(plant(&f, "PRAGMA user_version = 0"), SQLITE_OK);
    cr_assert_eq(try_open(&f, STORE_READ, &s, said), -EPROTONOSUPPORT);
    cr_assert(strstr(said, "older"), "%s", said);
    cr_assert_eq(plant(&f, "PRAGMA user_version = 3"), SQLITE_OK);
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
    for (int i = 0; i < CREATORS; i++)
        OK(s, store_get_machine(s, MACHINE(1, i + 1), &m));
    expect_sound(s);
    store_close(s);
    temp_done(&f.dir);
}

/* ---- Another file in its place -------------------------------------------------------- */

static void put_in_place_of(const struct file *f, const struct file *other)
{
    cr_assert_eq(rename(other->path, f->path), 0);
}

Test(store_sqlite, what_is_no_more_at_its_path_is_not_written_to)
{
    struct file f = new_file();
    struct file backup = new_file();
    fill(&f, 1);
    fill(&backup, 3);
    struct store *s = must_open(&f, STORE_WRITE);
    struct store *reader = must_open(&f, STORE_READ);
    say_something(s, 2);
    put_in_place_of(&f, &backup);
    cr_assert_eq(store_begin(s), -ESTALE);
    cr_assert(strstr(store_diag(s), "replaced") && strstr(store_diag(s), f.path), "%s",
              store_diag(s));
    store_rollback(s);
    cr_assert_eq(store_begin(s), -ESTALE, "and again");
    cr_assert_eq(store_begin(reader), -EROFS, "a reader never writes");
    store_close(reader);
    store_close(s);
    /* The log of the one before is not replayed into what was put in its place. */
    s = must_open(&f, STORE_WRITE);
    expect_dump(s, DUMP_GAPS,
                "gap srv-1/1 spool 0-0 lost 0\n"
                "gap srv-1/2 spool 100-100 lost 1\n"
                "gap srv-1/3 spool 200-200 lost 2\n",
                "the backup, no more and no less");
    say_something(s, 5);
    expect_sound(s);
    store_close(s);
    temp_done(&backup.dir);
    temp_done(&f.dir);
}

Test(store_sqlite, what_was_removed_is_not_written_to)
{
    struct file f = new_file();
    char moved[TEMP_PATH_SIZE + 8];
    (void)snprintf(moved, sizeof moved, "%s.away", f.path);
    fill(&f, 1);
    struct store *s = must_open(&f, STORE_CREATE);
    cr_assert_eq(rename(f.path, moved), 0);
    cr_assert_eq(store_begin(s), -ESTALE);
    cr_assert(strstr(store_diag(s), "removed"), "%s", store_diag(s));
    cr_assert_eq(rename(moved, f.path), 0);
    say_something(s, 2); /* it is the same file again */
    expect_sound(s);
    store_close(s);
    temp_done(&f.dir);
}

Test(store_sqlite, a_store_behind_a_link_is_that_of_the_link)
{
    struct file f = new_file();
    struct file other = new_file();
    struct file name = new_file();
    fill(&f, 1);
    fill(&other, 1);
    cr_assert_eq(symlink(f.path, name.path), 0);
    struct store *s = must_open(&name, STORE_WRITE);
    say_something(s, 2);
    cr_assert_eq(unlink(name.path), 0);
    cr_assert_eq(symlink(other.path, name.path), 0);
    cr_assert_eq(store_begin(s), -ESTALE);
    store_close(s);
    temp_done(&name.dir);
    temp_done(&other.dir);
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
