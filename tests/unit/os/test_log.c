/* Claims about log lines. */
#include "support/leak.h"

#include "base/caps.h"
#include "os/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

SUITE(log);
SUITE(log_limit);

/* What is written comes out at the other end. */
static int written = -1;

static struct log log_to_pipe(enum log_level level, bool is_journal)
{
    int ends[2];
    cr_assert_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    written = ends[0];
    return (struct log){.fd = ends[1], .level = (int)level, .is_journal = is_journal};
}

/* All that was written since the last call, as text. */
static const char *read_written(void)
{
    static char text[4 * CAP_LOG_LINE];
    ssize_t n = read(written, text, sizeof text - 1);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

Test(log, a_journal_s_line_begins_with_its_level)
{
    struct log l = log_to_pipe(LOG_LEVEL_DEBUG, true);
    log_event(&l, LOG_LEVEL_WARNING, "event", "key=%s n=%d", "value", 3);
    cr_assert_str_eq(read_written(), "<4>event key=value n=3\n");
    log_event(&l, LOG_LEVEL_ERROR, "a", "b=1");
    log_event(&l, LOG_LEVEL_INFO, "a", "b=1");
    log_event(&l, LOG_LEVEL_DEBUG, "a", "b=1");
    cr_assert_str_eq(read_written(), "<3>a b=1\n<6>a b=1\n<7>a b=1\n");
}

Test(log, another_line_begins_with_time_and_level)
{
    /* 2026-11-22T10:00:00Z has 20 characters. */
    static const char shape[] = "dddd-dd-ddTdd:dd:ddZ";
    struct log l = log_to_pipe(LOG_LEVEL_INFO, false);
    log_event(&l, LOG_LEVEL_WARNING, "event", "key=value");
    const char *line = read_written();
    for (size_t i = 0; i < strlen(shape); i++) {
        bool is_digit = line[i] >= '0' && line[i] <= '9';
        cr_assert(shape[i] == 'd' ? is_digit : line[i] == shape[i], "%s", line);
    }
    cr_assert_str_eq(line + strlen(shape), " warning event key=value\n");
}

Test(log, an_event_may_stand_alone)
{
    const char *nothing = "";
    struct log l = log_to_pipe(LOG_LEVEL_INFO, true);
    log_event(&l, LOG_LEVEL_INFO, "stopped", "%s", nothing);
    cr_assert_str_eq(read_written(), "<6>stopped\n");
    log_event(&l, LOG_LEVEL_INFO, "stopped", NULL);
    cr_assert_str_eq(read_written(), "<6>stopped\n");
}

Test(log, what_is_less_urgent_than_its_level_is_not_written)
{
    struct log l = log_to_pipe(LOG_LEVEL_WARNING, true);
    log_event(&l, LOG_LEVEL_INFO, "a", "b=1");
    log_event(&l, LOG_LEVEL_DEBUG, "a", "b=1");
    cr_assert_str_eq(read_written(), "");
    log_event(&l, LOG_LEVEL_WARNING, "a", "b=1");
    log_event(&l, LOG_LEVEL_ERROR, "a", "b=2");
    cr_assert_str_eq(read_written(), "<4>a b=1\n<3>a b=2\n");
    l.level = LOG_LEVEL_DEBUG;
    log_event(&l, LOG_LEVEL_DEBUG, "a", "b=3");
    cr_assert_str_eq(read_written(), "<7>a b=3\n");
}

Test(log, nothing_in_a_line_ends_it_or_steers_a_terminal)
{
    static const struct {
        const char *value, *shown, *why;
    } rows[] = {
        {"a\nb\r\nc", "a b  c", "newlines"},
        {"a\x1b[31mb\x07\tc\x7f", "a [31mb  c ", "C0 and DEL"},
        {"a\xc2\x9b"
         "31mb\xc2\x80\xc2\x9f",
         "a  31mb    ", "C1: U+009B, U+0080, U+009F, two bytes each"},
        {"caf\xc3\xa9 \xc2\xa0\xe2\x82\xac", "caf\xc3\xa9 \xc2\xa0\xe2\x82\xac",
         "other characters stay: U+00E9, U+00A0, U+20AC"},
        {"a\x9b\xff.\xc3\xa9", "a??.??", "not UTF-8: its foreign bytes"},
    };
    struct log l = log_to_pipe(LOG_LEVEL_INFO, true);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char expected[64];
        (void)snprintf(expected, sizeof expected, "<6>e v=%s\n", rows[i].shown);
        log_event(&l, LOG_LEVEL_INFO, "e", "v=%s", rows[i].value);
        cr_assert_str_eq(read_written(), expected, "%s", rows[i].why);
    }
}

/* The line of a value of n bytes: n - tail times 'x', and the tail. */
static const char *line_of(const struct log *l, size_t n, const char *tail)
{
    static char value[2 * CAP_LOG_LINE];
    memset(value, 'x', n);
    (void)snprintf(value + n - strlen(tail), strlen(tail) + 1, "%s", tail);
    log_event(l, LOG_LEVEL_INFO, "e", "%s", value);
    return read_written();
}

Test(log, a_line_is_cut_to_its_cap_and_shows_it)
{
    /* "<6>e " has 5 bytes, the newline 1: 2042 of 2048 are left for the value. */
    enum { ROOM = CAP_LOG_LINE - 6 };
    struct log l = log_to_pipe(LOG_LEVEL_INFO, true);
    const char *line = line_of(&l, ROOM, "yz");
    cr_assert_eq(strlen(line), CAP_LOG_LINE);
    cr_assert_str_eq(line + CAP_LOG_LINE - 4, "xyz\n");
    line = line_of(&l, ROOM + 1, "yz");
    cr_assert_eq(strlen(line), CAP_LOG_LINE);
    cr_assert_str_eq(line + CAP_LOG_LINE - 5, "x\xe2\x80\xa6\n");
    line = line_of(&l, 2 * CAP_LOG_LINE - 2, "yz");
    cr_assert_eq(strlen(line), CAP_LOG_LINE);
    cr_assert_str_eq(line + CAP_LOG_LINE - 5, "x\xe2\x80\xa6\n");
}

Test(log, a_line_is_not_cut_within_a_character)
{
    struct log l = log_to_pipe(LOG_LEVEL_INFO, true);
    for (size_t shift = 0; shift < 2; shift++) {
        char value[CAP_LOG_LINE + 8] = "x";
        for (size_t i = shift; i + 2 < sizeof value; i += 2)
            memcpy(value + i, "\xc3\xa9", 3); /* U+00E9, and the terminator */
        log_event(&l, LOG_LEVEL_INFO, "e", "%s", value);
        const char *line = read_written();
        cr_assert(text_is_utf8(text_of(line)), "%zu", shift);
        cr_assert_null(strchr(line, '?'), "%zu", shift);
        cr_assert_leq(strlen(line), CAP_LOG_LINE);
        cr_assert_geq(strlen(line), CAP_LOG_LINE - 1);
    }
}

Test(log, errno_is_kept_and_may_be_shown)
{
    struct log l = log_to_pipe(LOG_LEVEL_INFO, false);
    errno = ENOSPC;
    log_event(&l, LOG_LEVEL_INFO, "e", "error=%m");
    cr_assert_eq(errno, ENOSPC);
    cr_assert_not_null(strstr(read_written(), "error=No space left on device\n"));
    close(l.fd);
    l.fd = -1; /* nobody to tell: it goes on */
    log_event(&l, LOG_LEVEL_INFO, "e", "error=%m");
    cr_assert_eq(errno, ENOSPC);
}

static void *log_often(void *arg)
{
    for (size_t i = 0; i < 200; i++)
        log_event(arg, LOG_LEVEL_INFO, "e", "value=%s",
                  "0123456789012345678901234567890123456789");
    return NULL;
}

Test(log, lines_of_several_threads_are_never_mixed)
{
    static const char line[] = "<6>e value=0123456789012345678901234567890123456789\n";
    struct log l = log_to_pipe(LOG_LEVEL_INFO, true);
    pthread_t threads[2];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, log_often, &l), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        cr_assert_eq(pthread_join(threads[i], NULL), 0);
    for (size_t i = 0; i < 400; i++) { /* 20,800 bytes fit into the pipe */
        char got[sizeof line];
        cr_assert_eq(read(written, got, sizeof line - 1), (ssize_t)sizeof line - 1);
        cr_assert_arr_eq(got, line, sizeof line - 1);
    }
}

/* What JOURNAL_STREAM says of standard error, with something added to each number. */
static void say_stream(dev_t more_device, ino_t more_inode)
{
    struct stat s;
    char text[64];
    cr_assert_eq(fstat(STDERR_FILENO, &s), 0);
    (void)snprintf(text, sizeof text, "%ju:%ju", (uintmax_t)(s.st_dev + more_device),
                   (uintmax_t)(s.st_ino + more_inode));
    cr_assert_eq(setenv("JOURNAL_STREAM", text, 1), 0);
}

Test(log, the_journal_is_there_only_when_standard_error_is_its_stream)
{
    unsetenv("JOURNAL_STREAM");
    struct log l = log_to_stderr(LOG_LEVEL_INFO);
    cr_assert_eq(l.fd, STDERR_FILENO);
    cr_assert_eq(l.level, LOG_LEVEL_INFO);
    cr_assert_not(l.is_journal);
    say_stream(0, 0);
    cr_assert(log_to_stderr(LOG_LEVEL_INFO).is_journal);
    say_stream(1, 0);
    cr_assert_not(log_to_stderr(LOG_LEVEL_INFO).is_journal);
    say_stream(0, 1);
    cr_assert_not(log_to_stderr(LOG_LEVEL_INFO).is_journal);
    setenv("JOURNAL_STREAM", "rubbish", 1);
    cr_assert_not(log_to_stderr(LOG_LEVEL_INFO).is_journal);
}

Test(log_limit, allows_one_a_minute_and_counts_the_others)
{
    struct log_limit l = {.silent = 0};
    uint64_t silent = 99;
    /* The first, however early the clock. */
    cr_assert(log_limit_allows(&l, (mono_t){5}, &silent));
    cr_assert_eq(silent, 0);
    silent = 99;
    cr_assert_not(log_limit_allows(&l, (mono_t){5}, &silent));
    cr_assert_not(log_limit_allows(&l, (mono_t){60004}, &silent));
    cr_assert_eq(silent, 99, "untouched");
    cr_assert(log_limit_allows(&l, (mono_t){60005}, &silent));
    cr_assert_eq(silent, 2);
    cr_assert_not(log_limit_allows(&l, (mono_t){60006}, &silent));
    cr_assert(log_limit_allows(&l, (mono_t){120005}, &silent));
    cr_assert_eq(silent, 1);
    cr_assert(log_limit_allows(&l, (mono_t){1000000}, &silent));
    cr_assert_eq(silent, 0);
}
