/* Opening: one keeper, readers beside it, files that are none. */
#include "support/leak.h"
#include "support/seed.h"
#include "support/spooling.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

SUITE(spool);

static int try_open(const char *path, enum spool_open_how how)
{
    struct spool *s = NULL;
    struct diag d = {""};
    int r = spool_open(path, how, &s, NULL, &d);
    cr_expect_eq(r == 0, d.text[0] == '\0', "%d %s", r, d.text);
    spool_close(s);
    return r;
}

Test(spool, there_is_one_keeper_and_readers_beside_it)
{
    AUTO(spooling) struct spooling f;
    AUTO(spool) struct spool *look = NULL;
    struct diag d = {""};
    spooling_start(&f);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 0, 10)), 0);
    cr_expect_eq(try_open(f.path, SPOOL_KEEP), -EBUSY);
    cr_assert_eq(spool_open(f.path, SPOOL_LOOK, &look, NULL, &d), 0, "%s", d.text);
    struct spool_counts c;
    cr_assert_eq(spool_count(look, &c), 0);
    cr_expect_eq(c.waiting, 1);
    cr_assert_eq(spooling_put_sighting(&f, spooling_sighting(1, 2, 0, 10)), 0);
    cr_assert_eq(spool_count(look, &c), 0);
    cr_expect_eq(c.waiting, 2);
    cr_expect_eq(spool_note_put(look, "a", "b"), -EROFS, "it reads only");
}

Test(spool, the_file_is_its_owners_alone)
{
    AUTO(spooling) struct spooling f;
    struct stat st;
    spooling_start(&f);
    cr_assert_eq(stat(f.path, &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0600);
}

Test(spool, a_look_at_nothing_says_so_and_makes_nothing)
{
    AUTO(temp) struct temp t;
    char path[TEMP_PATH_SIZE];
    cr_assert_eq(temp_make(&t), 0);
    (void)temp_file(&t, "spool.db", path);
    cr_expect_eq(try_open(path, SPOOL_LOOK), -ENOENT);
    cr_expect_neq(access(path, F_OK), 0);
    cr_expect_eq(try_open("", SPOOL_KEEP), -ENOENT);
    char long_path[700];
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    cr_expect_eq(try_open(long_path, SPOOL_KEEP), -ENAMETOOLONG);
    cr_expect_eq(try_open(t.path, SPOOL_LOOK), -EIO, "a folder");
    cr_expect(try_open(t.path, SPOOL_KEEP) < 0, "a folder");
}

/* ---- Files that are no spool --------------------------------------------------------- */

static void write_file(const char *path, const void *p, size_t n)
{
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(p, 1, n, file), n);
    cr_assert_eq(fclose(file), 0);
}

static size_t read_file(const char *path, char *p, size_t size)
{
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file);
    size_t n = fread(p, 1, size, file);
    (void)fclose(file);
    return n;
}

static int count_broken(const char *folder)
{
    DIR *dir = opendir(folder);
    int n = 0;
    cr_assert_not_null(dir);
    for (const struct dirent *e; (e = readdir(dir)) != NULL;)
        n += strstr(e->d_name, ".broken-") != NULL;
    (void)closedir(dir);
    return n;
}

static void set_time(const char *path, int64_t at)
{
    struct timespec both[2] = {{.tv_sec = at}, {.tv_sec = at}};
    cr_assert_eq(utimensat(AT_FDCWD, path, both, 0), 0);
}

Test(spool, what_is_no_spool_is_set_aside_and_told_of_in_a_gap)
{
    AUTO(spooling) struct spooling f;
    char text[64] = "";
    spooling_start(&f);
    spool_close(f.s);
    f.s = NULL;
    write_file(f.path, "not a database, but somebody's", 30);
    set_time(f.path, SPOOLING_T0 + 500);
    cr_expect_eq(try_open(f.path, SPOOL_LOOK), -EBADF, "a look changes nothing");
    spooling_open(&f);
    cr_assert(f.found.was_broken);
    cr_expect_eq(f.found.broken_since.s, SPOOLING_T0 + 500);
    cr_expect_eq(read_file(f.found.aside, text, sizeof text), 30);
    cr_expect_eq(memcmp(text, "not a database, but somebody's", 30), 0);
    /* The process ends before it can tell: it is found again. */
    spooling_open(&f);
    cr_assert(f.found.was_broken);
    cr_expect_eq(f.found.broken_since.s, SPOOLING_T0 + 500);
    spooling_begin(&f, 2, 1, 600, 1600);
    cr_expect(spooling_is(spooling_waiting(&f), "gap spool 500-600 lost 0\n"));
    spooling_open(&f);
    cr_expect_not(f.found.was_broken, "it was told");
    spooling_begin(&f, 3, 1, 700, 1700);
    cr_expect(spooling_is(spooling_waiting(&f), "gap spool 500-600 lost 0\n"));
}

Test(spool, one_set_aside_without_time_for_a_new_one_is_told_of_too)
{
    AUTO(spooling) struct spooling f;
    char name[TEMP_PATH_SIZE + 32];
    spooling_start(&f);
    spool_close(f.s);
    f.s = NULL;
    /* As it is when the process ends between the renaming and the making. */
    (void)snprintf(name, sizeof name, "%s.broken-%lld", f.path, (long long)SPOOLING_T0 + 7);
    cr_assert_eq(rename(f.path, name), 0);
    spooling_open(&f);
    cr_assert(f.found.was_broken);
    cr_expect_str_eq(f.found.aside, name);
    spooling_begin(&f, 2, 1, 600, 1600);
    cr_expect(spooling_is(spooling_waiting(&f), "gap spool 7-600 lost 0\n"));
}

Test(spool, three_broken_ones_are_kept)
{
    AUTO(spooling) struct spooling f;
    char journal[TEMP_PATH_SIZE + 16];
    spooling_start(&f);
    (void)snprintf(journal, sizeof journal, "%s-journal", f.path);
    for (int i = 0; i < 6; i++) {
        spool_close(f.s);
        f.s = NULL;
        write_file(f.path, "broken", 6);
        write_file(journal, "", 0);
        set_time(f.path, SPOOLING_T0 + (i < 3 ? i : 3)); /* the last ones in one second */
        spooling_open(&f);
        cr_expect(f.found.was_broken);
        cr_expect_eq(f.found.broken_since.s, SPOOLING_T0 + (i < 3 ? i : 3));
    }
    cr_expect_eq(count_broken(f.temp.path), 6, "each with its journal");
}

Test(spool, an_empty_file_is_a_new_one)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    spool_close(f.s);
    f.s = NULL;
    write_file(f.path, "", 0);
    cr_expect_eq(try_open(f.path, SPOOL_LOOK), -ENOENT);
    spooling_open(&f);
    cr_expect_not(f.found.was_broken);
}

Test(spool, a_newer_version_is_left_as_it_is)
{
    AUTO(spooling) struct spooling f;
    static char bytes[8 << 20];
    spooling_start(&f);
    spool_close(f.s);
    f.s = NULL;
    size_t n = read_file(f.path, bytes, sizeof bytes);
    bytes[63] = 99; /* user_version (SQLite file format 1.3.16) */
    write_file(f.path, bytes, n);
    cr_expect_eq(try_open(f.path, SPOOL_KEEP), -EPROTO);
    cr_expect_eq(try_open(f.path, SPOOL_LOOK), -EPROTO);
    cr_expect_eq(count_broken(f.temp.path), 0);
    bytes[63] = 0;
    write_file(f.path, bytes, n);
    spooling_open(&f);
    cr_expect(f.found.was_broken, "a version that never was");
}

Test(spool, a_file_that_is_removed_or_replaced_is_not_written_to)
{
    AUTO(spooling) struct spooling f;
    spooling_start(&f);
    cr_assert_eq(unlink(f.path), 0);
    int r = spooling_put_sighting(&f, spooling_sighting(1, 1, 0, 10));
    cr_expect_eq(r, -EBADF, "%d %s", r, spool_diag(f.s));
    spooling_open(&f);
    cr_expect_not(f.found.was_broken);
    spooling_begin(&f, 2, 1, 20, 1020);
    cr_expect_eq(spooling_put_sighting(&f, spooling_sighting(1, 1, 0, 10)), 0);
}

/* ---- Damaged files ------------------------------------------------------------------- */

/* Whatever is in the file: it opens, and can be used; what it held is there, or is said to be
 * missing. */
static void must_open(struct spooling *f, const char *expected, const char *what)
{
    if (try_open(f->path, SPOOL_KEEP) == -EPROTO) {
        f->found.was_broken = false; /* its version was changed to one that may come */
        return;
    }
    spooling_open(f);
    bool was_broken = f->found.was_broken;
    if (!was_broken)
        cr_expect(spooling_is(spooling_waiting(f), expected), "%s", what);
    spooling_begin(f, 99, 9, 9000, 1);
    cr_assert_eq(spooling_put_sighting(f, spooling_sighting(9, 9, 9000, 9000)), 0, "%s", what);
    AUTO_FREE char *all = spooling_waiting(f);
    cr_expect_eq(was_broken, strstr(all, "gap spool") != NULL, "%s: %.200s", what, all);
}

Test(spool, damaged_files_are_set_aside_or_still_whole)
{
    enum { TIMES = 150 };
    AUTO(spooling) struct spooling f;
    static char sound[4 << 20];
    static char bytes[4 << 20];
    static struct report_sighting s[2000];
    struct rng rng = {seed_now()};
    spooling_start(&f);
    for (int i = 0; i < (int)ARRAY_LEN(s); i++)
        s[i] = spooling_sighting(1 + i, i, i, i + 5);
    struct spool_facts facts = {.sightings = s, .n_sightings = ARRAY_LEN(s)};
    cr_assert_eq(spool_put(f.s, &facts), 0);
    AUTO_FREE char *expected = spooling_waiting(&f);
    spool_close(f.s);
    f.s = NULL;
    size_t n = read_file(f.path, sound, sizeof sound);
    int broken = 0;
    for (int i = 0; i < TIMES; i++) {
        char what[64];
        size_t size = n;
        memcpy(bytes, sound, n);
        uint64_t place = i % 3 == 0 ? 200 : n; /* the head is small, and matters most */
        for (uint64_t k = 1 + rng_below(&rng, 4); k > 0; k--)
            bytes[rng_below(&rng, place)] ^= (char)(1 << rng_below(&rng, 8));
        if (i % 5 == 0)
            size = rng_below(&rng, n);
        (void)snprintf(what, sizeof what, "file %d of %zu bytes", i, size);
        write_file(f.path, bytes, size);
        must_open(&f, expected, what);
        broken += f.found.was_broken;
        spool_close(f.s);
        f.s = NULL;
    }
    cr_expect_gt(broken, TIMES / 4, "%d: the damage is too small to test anything", broken);
}

Test(spool, a_page_that_goes_bad_while_it_is_open_is_told)
{
    AUTO(spooling) struct spooling f;
    static char bytes[4 << 20];
    static struct report_sighting s[2000];
    spooling_start(&f);
    for (int i = 0; i < (int)ARRAY_LEN(s); i++)
        s[i] = spooling_sighting(1 + i, i, i, i + 5);
    struct spool_facts facts = {.sightings = s, .n_sightings = ARRAY_LEN(s)};
    cr_assert_eq(spool_put(f.s, &facts), 0);
    size_t n = read_file(f.path, bytes, sizeof bytes);
    int fd = open(f.path, O_WRONLY | O_CLOEXEC);
    cr_assert_geq(fd, 0);
    memset(bytes + 4096, 0xa5, n - 4096);
    cr_assert_eq(pwrite(fd, bytes + 4096, n - 4096, 4096), (ssize_t)n - 4096);
    /* Its own change would not be read again where the head says that nothing changed. */
    bytes[27] = (char)(bytes[27] + 1);
    cr_assert_eq(pwrite(fd, bytes, 100, 0), 100);
    (void)close(fd);
    cr_expect_eq(spool_put(f.s, &facts), -EBADF, "%s", spool_diag(f.s));
    spooling_open(&f);
    cr_expect(f.found.was_broken);
}
