/* Mailboxes by their folders: FOLDER/DOMAIN/NAME/Maildir/cur. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plesk/count.h"
#include "support/leak.h"
#include "support/temp.h"

SUITE(maildir);

/* A folder with all that lead to it. */
static void make(const struct temp *t, const char *path)
{
    char full[TEMP_PATH_SIZE];
    temp_file(t, path, full);
    for (char *slash = full + strlen(t->path) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        cr_assert(mkdir(full, 0755) == 0 || errno == EEXIST, "%s", full);
        *slash = '/';
    }
    cr_assert_eq(mkdir(full, 0755), 0, "%s", full);
}

static void make_file(const struct temp *t, const char *path)
{
    char full[TEMP_PATH_SIZE];
    int fd = open(temp_file(t, path, full), O_WRONLY | O_CREAT | O_EXCL, 0644);
    cr_assert(fd >= 0 && close(fd) == 0, "%s", path);
}

static void make_link(const struct temp *t, const char *to, const char *path)
{
    char full[TEMP_PATH_SIZE];
    cr_assert_eq(symlink(to, temp_file(t, path, full)), 0, "%s", path);
}

Test(maildir, a_folder_with_cur_is_a_mailbox)
{
    AUTO(temp) struct temp t = {""};
    AUTO(counts) struct counts c = {0};
    struct diag d = {""};
    cr_assert_eq(temp_make(&t), 0);
    make(&t, "b.example/anna/Maildir/cur");
    make(&t, "b.example/bert/Maildir/cur");
    make(&t, "b.example/no-cur/Maildir/new");
    make(&t, "b.example/no-maildir/.spamassassin");
    make(&t, "b.example/.hidden/Maildir/cur");
    make(&t, "b.example/file-cur/Maildir");
    make_file(&t, "b.example/file-cur/Maildir/cur");
    make_file(&t, "b.example/file");
    make(&t, "A.example/carla/Maildir/cur");
    make(&t, "empty.example");
    make(&t, ".spool/x/Maildir/cur");
    make(&t, "nodomain/x/Maildir/cur");
    make_file(&t, "file.example");
    cr_assert_eq(maildir_count(t.path, &c, &d), 0, "%s", d.text);
    cr_assert_eq(c.n, 3);
    static const struct {
        const char *domain;
        int64_t mailboxes;
    } wanted[] = {{"a.example", 1}, {"b.example", 2}, {"empty.example", 0}};
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        cr_assert_str_eq(c.v[i].domain, wanted[i].domain);
        cr_assert_eq(c.v[i].counts.mailboxes, wanted[i].mailboxes, "%s", wanted[i].domain);
        cr_assert(c.v[i].counts.aliases == 0 && c.v[i].counts.forwards == 0);
    }
    cr_assert_eq(c.refused, 1, "nodomain");
}

Test(maildir, links_are_not_followed)
{
    AUTO(temp) struct temp t = {""};
    AUTO(counts) struct counts c = {0};
    struct diag d = {""};
    cr_assert_eq(temp_make(&t), 0);
    make(&t, "mail/a.example/anna/Maildir/cur");
    make(&t, "mail/a.example/bert/Maildir");
    make(&t, "mail/a.example/carla");
    make(&t, "outside/Maildir/cur");
    make_link(&t, "../../../outside", "mail/a.example/linked");
    make_link(&t, "anna", "mail/a.example/same");
    make_link(&t, "../../../outside/Maildir/cur", "mail/a.example/bert/cur");
    make_link(&t, "../../../../outside/Maildir/cur", "mail/a.example/bert/Maildir/cur");
    make_link(&t, "../../../outside/Maildir", "mail/a.example/carla/Maildir");
    make_link(&t, "a.example", "mail/b.example");
    make_link(&t, "mail", "here");
    char here[TEMP_PATH_SIZE];
    cr_assert_eq(maildir_count(temp_file(&t, "here", here), &c, &d), 0,
                 "the folder may be one");
    cr_assert_eq(c.n, 1);
    cr_assert_eq(c.v[0].counts.mailboxes, 1);
}

Test(maildir, a_folder_that_is_not_there_is_an_error)
{
    AUTO(temp) struct temp t = {""};
    AUTO(counts) struct counts c = {0};
    struct diag d = {""};
    char path[TEMP_PATH_SIZE];
    cr_assert_eq(temp_make(&t), 0);
    cr_assert_eq(maildir_count(temp_file(&t, "none", path), &c, &d), -ENOENT);
    cr_assert(strstr(d.text, path), "%s", d.text);
    make_file(&t, "file");
    cr_assert_eq(maildir_count(temp_file(&t, "file", path), &c, &d), -ENOTDIR);
}

/* A part that cannot be seen makes the whole unknown: fewer mailboxes than there are would be
 * evidence of what is not so. */
Test(maildir, a_folder_that_cannot_be_entered_is_an_error)
{
    static const char *const closed[] = {"a.example", "a.example/anna",
                                         "a.example/anna/Maildir"};
    AUTO(temp) struct temp t = {""};
    char path[TEMP_PATH_SIZE];
    cr_assert_eq(temp_make(&t), 0);
    make(&t, "a.example/anna/Maildir/cur");
    cr_assert_eq(chmod(t.path, 0755), 0);
    bool is_root = geteuid() == 0;
    for (size_t i = 0; i < ARRAY_LEN(closed); i++) {
        AUTO(counts) struct counts c = {0};
        struct diag d = {""};
        cr_assert_eq(chmod(temp_file(&t, closed[i], path), 0), 0);
        cr_assert(!is_root || seteuid(65534) == 0);
        int r = maildir_count(t.path, &c, &d);
        cr_assert(!is_root || seteuid(0) == 0);
        cr_assert_eq(chmod(path, 0755), 0);
        cr_assert_eq(r, -EACCES, "%s", closed[i]);
        cr_assert(strstr(d.text, "fairuse-agent setup"), "%s", d.text);
    }
}
