/* The authority's files. */
#include "enrol/keys.h"
#include "os/file.h"
#include "support/leak.h"
#include "support/temp.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

SUITE(keys);

#define NOW ((wall_t){INT64_C(1795300000)}) /* 2026-11-22 */

struct place {
    struct temp dir;
    struct enrol_files files;
};

static void place_done(struct place *p)
{
    temp_done(&p->dir);
}

static struct place new_place(void)
{
    struct place p;
    char store[TEMP_PATH_SIZE];

    cr_assert_eq(temp_make(&p.dir), 0);
    cr_assert_eq(enrol_files_find(temp_file(&p.dir, "s.db", store), "", "", &p.files), 0);
    return p;
}

static void read_all(const char *path, struct buf *out)
{
    struct diag d;

    cr_assert_eq(file_read(path, out, &d), 0, "%s", d.text);
}

static unsigned mode_of(const char *path)
{
    struct stat st;

    cr_assert_eq(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

Test(keys, they_lie_beside_the_store_or_where_the_settings_say)
{
    struct enrol_files f;

    cr_assert_eq(enrol_files_find("/var/s.db", "", "", &f), 0);
    cr_assert_str_eq(f.certificate, "/var/s.db.ca.pem");
    cr_assert_str_eq(f.key, "/var/s.db.ca.key");
    cr_assert_eq(enrol_files_find("/var/s.db", "/etc/a.pem", "/etc/b.key", &f), 0);
    cr_assert_str_eq(f.certificate, "/etc/a.pem");
    cr_assert_str_eq(f.key, "/etc/b.key");
    cr_assert_eq(enrol_files_find(NULL, "/etc/a.pem", "/etc/b.key", &f), 0);
}

Test(keys, half_a_setting_or_none_without_a_store_is_refused)
{
    struct enrol_files f;
    char path[sizeof(f.key)];

    cr_assert_eq(enrol_files_find(NULL, "", "", &f), -EINVAL);
    cr_assert_eq(enrol_files_find("/var/s.db", "/etc/a.pem", "", &f), -EINVAL);
    cr_assert_eq(enrol_files_find("/var/s.db", "", "/etc/b.key", &f), -EINVAL);
    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    cr_assert_eq(enrol_files_find(path, "", "", &f), -ERANGE);
}

Test(keys, an_authority_is_made_once_for_ten_years)
{
    AUTO(place) struct place p = new_place();
    AUTO(authority) struct authority *a = NULL;
    AUTO(buf) struct buf certificate = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf again = BUF_INIT(X509_PEM_CAP);
    struct diag d;
    char draft[TEMP_PATH_SIZE];

    cr_assert_eq(enrol_files_make(&p.files, NOW, &d), 1, "%s", d.text);
    cr_assert_eq(mode_of(p.files.certificate), 0644);
    cr_assert_eq(mode_of(p.files.key), 0600);
    cr_assert(!is_there(temp_file(&p.dir, "s.db.ca.pem.new", draft)));
    cr_assert_eq(enrol_files_load(&p.files, &a, &d), 0, "%s", d.text);
    /* Ten years of 365 days and two or three leap days. */
    cr_assert_geq(authority_term(a).to.s, NOW.s + INT64_C(3652) * 86400);
    cr_assert_leq(authority_term(a).to.s, NOW.s + INT64_C(3653) * 86400);
    cr_assert_leq(authority_term(a).from.s, NOW.s);
    read_all(p.files.certificate, &certificate);
    cr_assert_eq(enrol_files_make(&p.files, NOW, &d), 0);
    read_all(p.files.certificate, &again);
    cr_assert_str_eq(buf_str(&certificate), buf_str(&again));
}

Test(keys, a_lost_half_is_never_made_anew)
{
    for (int lost_key = 0; lost_key < 2; lost_key++) {
        AUTO(place) struct place p = new_place();
        AUTO(buf) struct buf before = BUF_INIT(X509_PEM_CAP);
        AUTO(buf) struct buf after = BUF_INIT(X509_PEM_CAP);
        const char *lost = lost_key ? p.files.key : p.files.certificate;
        const char *kept = lost_key ? p.files.certificate : p.files.key;
        struct diag d;

        cr_assert_eq(enrol_files_make(&p.files, NOW, &d), 1);
        read_all(kept, &before);
        cr_assert_eq(unlink(lost), 0);
        cr_assert_eq(enrol_files_make(&p.files, NOW, &d), -EEXIST);
        cr_expect_neq(strstr(d.text, lost), NULL, "%s", d.text);
        cr_expect_neq(strstr(d.text, kept), NULL, "%s", d.text);
        cr_assert(!is_there(lost));
        read_all(kept, &after);
        cr_assert_str_eq(buf_str(&before), buf_str(&after));
    }
}

/* The certificate waits under its draft name until the key is in place. */
Test(keys, a_making_that_was_cut_short_is_finished)
{
    AUTO(place) struct place p = new_place();
    AUTO(buf) struct buf before = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf after = BUF_INIT(X509_PEM_CAP);
    struct diag d;
    char draft[TEMP_PATH_SIZE];

    cr_assert_eq(enrol_files_make(&p.files, NOW, &d), 1);
    read_all(p.files.certificate, &before);
    (void)temp_file(&p.dir, "s.db.ca.pem.new", draft);
    cr_assert_eq(rename(p.files.certificate, draft), 0);
    cr_assert_eq(enrol_files_make(&p.files, NOW, &d), 1, "%s", d.text);
    read_all(p.files.certificate, &after);
    cr_assert_str_eq(buf_str(&before), buf_str(&after));
    cr_assert_eq(mode_of(p.files.certificate), 0644);
    cr_assert(!is_there(draft));
}

/* Cut short before the key was there: nothing holds yet, and all of it is made anew. */
Test(keys, a_draft_alone_is_in_nobodys_way)
{
    AUTO(place) struct place p = new_place();
    AUTO(authority) struct authority *a = NULL;
    struct diag d;
    char draft[TEMP_PATH_SIZE];

    cr_assert_eq(
        file_write(temp_file(&p.dir, "s.db.ca.pem.new", draft), text_of("half"), 0644, &d), 0);
    cr_assert_eq(enrol_files_make(&p.files, NOW, &d), 1, "%s", d.text);
    cr_assert_eq(enrol_files_load(&p.files, &a, &d), 0, "%s", d.text);
}

/* Another authority's draft does not complete this key. */
Test(keys, a_draft_of_another_key_is_not_taken)
{
    AUTO(place) struct place p = new_place();
    AUTO(place) struct place other = new_place();
    AUTO(buf) struct buf foreign = BUF_INIT(X509_PEM_CAP);
    struct diag d;
    char draft[TEMP_PATH_SIZE];

    cr_assert_eq(enrol_files_make(&p.files, NOW, &d), 1);
    cr_assert_eq(enrol_files_make(&other.files, NOW, &d), 1);
    read_all(other.files.certificate, &foreign);
    cr_assert_eq(unlink(p.files.certificate), 0);
    cr_assert_eq(file_write(temp_file(&p.dir, "s.db.ca.pem.new", draft),
                            (struct text){foreign.data, foreign.len}, 0644, &d),
                 0);
    cr_assert_eq(enrol_files_make(&p.files, NOW, &d), -EEXIST);
    cr_assert(!is_there(p.files.certificate));
}

Test(keys, what_is_not_there_is_said)
{
    AUTO(place) struct place p = new_place();
    struct authority *a = NULL;
    struct diag d;

    cr_assert_eq(enrol_files_load(&p.files, &a, &d), -ENOENT);
    cr_assert_neq(strstr(d.text, p.files.certificate), NULL, "%s", d.text);
    cr_assert_eq(enrol_files_make(&p.files, NOW, &d), 1);
    cr_assert_eq(unlink(p.files.key), 0);
    cr_assert_eq(enrol_files_load(&p.files, &a, &d), -ENOENT);
    cr_assert_neq(strstr(d.text, p.files.key), NULL, "%s", d.text);
    cr_assert_eq(a, NULL);
}

Test(keys, a_folder_that_is_not_there_is_an_error)
{
    AUTO(place) struct place p = new_place();
    struct enrol_files f;
    struct diag d;
    char store[TEMP_PATH_SIZE];

    cr_assert_eq(enrol_files_find(temp_file(&p.dir, "missing/s.db", store), "", "", &f), 0);
    cr_assert_lt(enrol_files_make(&f, NOW, &d), 0);
    cr_assert_neq(d.text[0], '\0');
}

/* The certificate's draft could be written, the key could not. */
Test(keys, a_making_that_fails_leaves_nothing)
{
    AUTO(place) struct place p = new_place();
    struct enrol_files f = p.files;
    struct diag d;
    char draft[TEMP_PATH_SIZE];

    (void)snprintf(f.key, sizeof(f.key), "%s/missing/key", p.dir.path);
    cr_assert_eq(enrol_files_make(&f, NOW, &d), -ENOENT);
    cr_assert_neq(strstr(d.text, f.key), NULL, "%s", d.text);
    cr_assert(!is_there(f.certificate));
    cr_assert(!is_there(temp_file(&p.dir, "s.db.ca.pem.new", draft)));
}

Test(keys, a_key_that_everybody_may_use_is_refused)
{
    static const struct {
        mode_t mode;
        int wanted;
    } rows[] = {{0600, 0},      {0400, 0},      {0640, 0},      {0440, 0},
                {0644, -EPERM}, {0604, -EPERM}, {0602, -EPERM}, {0601, -EPERM}};
    AUTO(place) struct place p = new_place();
    struct diag d;

    cr_assert_eq(enrol_files_make(&p.files, NOW, &d), 1);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(authority) struct authority *a = NULL;
        cr_assert_eq(chmod(p.files.key, rows[i].mode), 0);
        cr_expect_eq(enrol_files_load(&p.files, &a, &d), rows[i].wanted, "%o",
                     (unsigned)rows[i].mode);
    }
}

Test(keys, a_key_of_another_authority_is_refused)
{
    AUTO(place) struct place p = new_place();
    AUTO(place) struct place other = new_place();
    struct authority *a = NULL;
    struct enrol_files mixed;
    struct diag d;

    cr_assert_eq(enrol_files_make(&p.files, NOW, &d), 1);
    cr_assert_eq(enrol_files_make(&other.files, NOW, &d), 1);
    cr_assert_eq(enrol_files_find(NULL, p.files.certificate, other.files.key, &mixed), 0);
    cr_assert_eq(enrol_files_load(&mixed, &a, &d), -EBADMSG);
    cr_assert_eq(enrol_files_find(NULL, p.files.key, p.files.key, &mixed), 0);
    cr_assert_eq(enrol_files_load(&mixed, &a, &d), -EBADMSG, "a key is no certificate");
    cr_assert_eq(a, NULL);
}
