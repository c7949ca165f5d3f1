/* Claims about whole files and lines. */
#include "support/leak.h"
#include "support/seed.h"

#include "os/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder of its own for each test, removed with what is in it. */
static char folder[64];

static void make_folder(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/unit-file-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
}

static size_t count_entries(void)
{
    DIR *dir = opendir(folder);
    cr_assert_not_null(dir);
    size_t n = 0;
    while (readdir(dir))
        n++;
    closedir(dir);
    return n - 2; /* less . and .. */
}

static void remove_folder(void)
{
    DIR *dir = opendir(folder);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (entry->d_name[0] != '.')
            (void)unlinkat(dirfd(dir), entry->d_name, 0);
    }
    closedir(dir);
    (void)rmdir(folder);
    leak_check();
}

TestSuite(file, .init = make_folder, .fini = remove_folder);
TestSuite(line_reader, .init = make_folder, .fini = remove_folder);

static const char *in_folder(const char *name)
{
    static char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static const char *write_bytes(const char *name, struct text data)
{
    const char *path = in_folder(name);
    struct diag d = {""};
    cr_assert_eq(file_write(path, data, 0600, &d), 0, "%s", d.text);
    return path;
}

Test(file, what_was_written_is_read)
{
    static const char bytes[] = "a\0b\nc";
    const char *path = write_bytes("f", (struct text){bytes, sizeof bytes});
    AUTO(buf) struct buf b = BUF_INIT(100);
    struct diag d = {""};
    cr_assert_eq(file_read(path, &b, &d), 0);
    cr_assert_eq(b.len, sizeof bytes);
    cr_assert_arr_eq(b.data, bytes, sizeof bytes);
}

Test(file, an_empty_one_is_read_too)
{
    const char *path = write_bytes("f", (struct text){NULL, 0});
    AUTO(buf) struct buf b = BUF_INIT(0);
    struct diag d = {""};
    cr_assert_eq(file_read(path, &b, &d), 0);
    cr_assert_eq(b.len, 0);
}

Test(file, the_cap_is_the_largest_that_is_read)
{
    const char *path = write_bytes("f", text_of("12345"));
    AUTO(buf) struct buf enough = BUF_INIT(5);
    AUTO(buf) struct buf less = BUF_INIT(4);
    struct diag d = {""};
    cr_assert_eq(file_read(path, &enough, &d), 0);
    cr_assert_str_eq(buf_str(&enough), "12345");
    cr_assert_eq(file_read(path, &less, &d), -ERANGE);
    cr_assert_not_null(strstr(d.text, path), "%s", d.text);
    cr_assert_str_eq(buf_str(&less), "", "no half of a file");
}

Test(file, an_endless_one_is_not_read_to_its_end)
{
    AUTO(buf) struct buf b = BUF_INIT(100000);
    struct diag d = {""};
    cr_assert_eq(file_read("/dev/zero", &b, &d), -ERANGE);
}

Test(file, what_is_not_there_is_named)
{
    AUTO(buf) struct buf b = BUF_INIT(5);
    struct diag d = {""};
    cr_assert_eq(file_read(in_folder("none"), &b, &d), -ENOENT);
    cr_assert_not_null(strstr(d.text, "none: No such file"), "%s", d.text);
    cr_assert_eq(file_read(folder, &b, &d), -EISDIR);
}

Test(file, writing_replaces_all_of_it_with_the_given_mode)
{
    struct stat st;
    const char *path = write_bytes("f", text_of("a long first content"));
    struct diag d = {""};
    (void)umask(0777);
    cr_assert_eq(file_write(path, text_of("short"), 0640, &d), 0, "%s", d.text);
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(st.st_size, 5);
    cr_assert_eq(st.st_mode & 07777, 0640, "whatever the umask");
    cr_assert_eq(count_entries(), 1, "no draft is left");
}

Test(file, a_secret_is_never_readable_by_others)
{
    struct stat st;
    const char *path = write_bytes("key", text_of("secret"));
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(st.st_mode & 07777, 0600);
}

Test(file, a_failed_write_leaves_the_old_one_and_no_draft)
{
    /* A folder cannot be replaced by a file. */
    const char *path = in_folder("sub");
    struct diag d = {""};
    cr_assert_eq(mkdir(path, 0700), 0);
    cr_assert_eq(file_write(path, text_of("x"), 0600, &d), -EISDIR);
    cr_assert_not_null(strstr(d.text, path), "%s", d.text);
    cr_assert_eq(count_entries(), 1);
    cr_assert_eq(rmdir(path), 0);
}

Test(file, a_folder_that_is_not_there_is_named)
{
    struct diag d = {""};
    cr_assert_eq(file_write(in_folder("none/f"), text_of("x"), 0600, &d), -ENOENT);
    cr_assert_not_null(strstr(d.text, "none/f"), "%s", d.text);
}

Test(file, a_name_without_a_folder_is_in_the_current_one)
{
    struct diag d = {""};
    cr_assert_eq(chdir(folder), 0);
    cr_assert_eq(file_write("plain", text_of("x"), 0600, &d), 0, "%s", d.text);
    cr_assert_eq(access(in_folder("plain"), F_OK), 0);
}

Test(file, no_descriptor_is_left_open)
{
    int before = open("/dev/null", O_RDONLY);
    close(before);
    AUTO(buf) struct buf b = BUF_INIT(5);
    struct diag d = {""};
    const char *path = write_bytes("f", text_of("12345"));
    cr_assert_eq(file_read(path, &b, &d), 0);
    cr_assert_neq(file_read(folder, &b, &d), 0);
    struct line_reader *r = NULL;
    cr_assert_eq(line_reader_open(path, 10, &r, &d), 0);
    line_reader_free(r);
    cr_assert_neq(line_reader_open(folder, 10, &r, &d), 0);
    int after = open("/dev/null", O_RDONLY);
    close(after);
    cr_assert_eq(after, before);
}

static struct line_reader *reader(struct text data, size_t cap)
{
    struct line_reader *r = NULL;
    struct diag d = {""};
    cr_assert_eq(line_reader_open(write_bytes("lines", data), cap, &r, &d), 0, "%s", d.text);
    cr_assert_eq(line_reader_total_bytes(r), (int64_t)data.n);
    return r;
}

static void expect_line(struct line_reader *r, const char *want, size_t number)
{
    struct text line = {NULL, 0};
    cr_expect_eq(line_reader_next(r, &line), 1, "%s", want);
    cr_expect(text_is(line, want), "line %zu: %s", number, want);
    cr_expect_eq(line_reader_number(r), number);
}

Test(line_reader, lines_come_without_their_newlines)
{
    struct line_reader *r = reader(text_of("one\n\nthree\r\nlast"), 100);
    struct text line;
    expect_line(r, "one", 1);
    cr_expect_eq(line_reader_done_bytes(r), 4);
    expect_line(r, "", 2);
    expect_line(r, "three\r", 3);
    expect_line(r, "last", 4);
    cr_expect_eq(line_reader_done_bytes(r), 16);
    cr_expect_eq(line_reader_next(r, &line), 0);
    cr_expect_eq(line_reader_next(r, &line), 0, "the end stays the end");
    line_reader_free(r);
}

Test(line_reader, a_last_newline_begins_no_line)
{
    struct line_reader *r = reader(text_of("one\n"), 100);
    struct text line;
    expect_line(r, "one", 1);
    cr_expect_eq(line_reader_next(r, &line), 0);
    line_reader_free(r);
    r = reader(text_of(""), 100);
    cr_expect_eq(line_reader_next(r, &line), 0);
    line_reader_free(r);
}

Test(line_reader, a_line_over_the_cap_is_skipped_and_counted)
{
    struct line_reader *r = reader(text_of("12345\n123456\n1\n1234567"), 5);
    struct text line;
    expect_line(r, "12345", 1);
    cr_expect_eq(line_reader_next(r, &line), -ERANGE);
    cr_expect_eq(line_reader_number(r), 2);
    expect_line(r, "1", 3);
    cr_expect_eq(line_reader_next(r, &line), -ERANGE, "at the end too");
    cr_expect_eq(line_reader_number(r), 4);
    cr_expect_eq(line_reader_next(r, &line), 0);
    cr_expect_eq(line_reader_done_bytes(r), line_reader_total_bytes(r));
    line_reader_free(r);
}

Test(line_reader, an_endless_line_takes_no_endless_memory)
{
    /* 64 MiB without a newline: skipped in pieces, for the room is bounded by the cap. */
    enum { MEBIBYTES = 64 };
    const char *path = in_folder("sparse");
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    cr_assert_eq(ftruncate(fd, MEBIBYTES << 20), 0);
    cr_assert_eq(pwrite(fd, "\nnext", 5, MEBIBYTES << 20), 5);
    close(fd);
    struct line_reader *r = NULL;
    struct diag d = {""};
    struct text line;
    cr_assert_eq(line_reader_open(path, 1000, &r, &d), 0);
    cr_expect_eq(line_reader_next(r, &line), -ERANGE);
    expect_line(r, "next", 2);
    cr_expect_eq(line_reader_done_bytes(r), (MEBIBYTES << 20) + 5);
    line_reader_free(r);
}

Test(line_reader, what_is_not_there_is_named)
{
    struct line_reader *r = NULL;
    struct diag d = {""};
    cr_assert_eq(line_reader_open(in_folder("none"), 10, &r, &d), -ENOENT);
    cr_assert_not_null(strstr(d.text, "none"), "%s", d.text);
    cr_assert_eq(line_reader_open(folder, 10, &r, &d), -EISDIR);
    cr_assert_null(r);
    line_reader_free(NULL);
}

Test(line_reader, a_pipe_has_no_known_size)
{
    int ends[2];
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    cr_assert_eq(write(ends[1], "a\nb", 3), 3);
    close(ends[1]);
    char path[32];
    (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    struct line_reader *r = NULL;
    struct diag d = {""};
    cr_assert_eq(line_reader_open(path, 10, &r, &d), 0, "%s", d.text);
    cr_assert_eq(line_reader_total_bytes(r), 0);
    expect_line(r, "a", 1);
    expect_line(r, "b", 2);
    line_reader_free(r);
    close(ends[0]);
}

Test(line_reader, lines_of_any_length_come_whole)
{
    enum { CAP = 100000, LINES = 60 };
    struct rng rng = {seed_now()};
    AUTO(buf) struct buf data = BUF_INIT((CAP + 2) * LINES);
    size_t lengths[LINES];
    for (size_t i = 0; i < LINES; i++) {
        lengths[i] = rng_below(&rng, UINT64_C(1) << rng_below(&rng, 18));
        for (size_t k = 0; k < lengths[i]; k++)
            buf_add_char(&data, (char)('a' + i % 26));
        buf_add_char(&data, '\n');
    }
    cr_assert_eq(buf_error(&data), 0);
    struct line_reader *r = reader((struct text){data.data, data.len}, CAP);
    struct text line = {NULL, 0};
    for (size_t i = 0; i < LINES; i++) {
        int got = line_reader_next(r, &line);
        cr_assert_eq(got, lengths[i] > CAP ? -ERANGE : 1);
        cr_assert_eq(line_reader_number(r), i + 1);
        cr_assert(got != 1 || line.n == lengths[i]);
        for (size_t k = 0; got == 1 && k < line.n; k++)
            cr_assert_eq(line.p[k], (char)('a' + i % 26));
    }
    cr_assert_eq(line_reader_next(r, &line), 0);
    line_reader_free(r);
}
