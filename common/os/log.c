/* Log lines for people and machines alike. */
#include "os/log.h"

#include "base/caps.h"
#include "os/clock.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SILENCE_MS = 60000 };

/* A pipe takes up to PIPE_BUF bytes at once, never mixed with another's (pipe(7)). */
static_assert(CAP_LOG_LINE <= 4096, "a line is one write");

/* Whether a descriptor is the journal's: JOURNAL_STREAM is its device and inode
 * (systemd.exec(5)), and is inherited by those whose output was turned elsewhere since. */
static bool is_journal(int fd)
{
    const char *said = getenv("JOURNAL_STREAM");
    struct stat s;
    char here[48]; /* two numbers of 64 bits */
    if (!said || fstat(fd, &s) != 0)
        return false;
    (void)snprintf(here, sizeof here, "%ju:%ju", (uintmax_t)s.st_dev, (uintmax_t)s.st_ino);
    return strcmp(said, here) == 0;
}

struct log log_to_stderr(enum log_level level)
{
    return (struct log){
        .fd = STDERR_FILENO, .level = (int)level, .is_journal = is_journal(STDERR_FILENO)};
}

static const char *level_name(enum log_level level)
{
    switch (level) {
    case LOG_LEVEL_ERROR: return "error";
    case LOG_LEVEL_WARNING: return "warning";
    case LOG_LEVEL_INFO: return "info";
    case LOG_LEVEL_DEBUG: return "debug";
    }
    return "error"; /* no level of ours: it must be seen */
}

/* A line as it is put together; the last byte is the terminator, or the newline's place. */
struct line {
    char text[CAP_LOG_LINE];
    size_t n; /* below its size */
    bool is_cut;
};

static void line_grew(struct line *line, int n)
{
    size_t room = sizeof line->text - line->n;
    if (n < 0)
        return; /* a format of ours fails only beyond INT_MAX bytes: nothing to show of it */
    line->is_cut = line->is_cut || (size_t)n >= room;
    line->n += (size_t)n < room ? (size_t)n : room - 1;
}

static void line_begin(struct line *line, const struct log *l, enum log_level level,
                       const char *event)
{
    char time[WALL_TEXT_SIZE];
    if (l->is_journal)
        line_grew(line, snprintf(line->text, sizeof line->text, "<%d>%s ", (int)level, event));
    else
        line_grew(line, snprintf(line->text, sizeof line->text, "%s %s %s ",
                                 wall_format(clock_now(), time), level_name(level), event));
}

/* What was cut shows that it was, and ends with a whole character. */
static void line_mark_cut(struct line *line)
{
    static const char dots[] = "\xe2\x80\xa6"; /* U+2026 */
    size_t n = sizeof line->text - sizeof dots;
    while (n > 0 && ((unsigned char)line->text[n] & 0xc0) == 0x80)
        n--;
    memcpy(line->text + n, dots, sizeof dots - 1);
    line->n = n + sizeof dots - 1;
}

/* No byte of it may end the line, or steer a terminal. */
static void line_tame(struct line *line)
{
    bool is_utf8 = text_is_utf8((struct text){line->text, line->n});
    for (size_t i = 0; i < line->n; i++) {
        unsigned char c = (unsigned char)line->text[i];
        unsigned char next = i + 1 < line->n ? (unsigned char)line->text[i + 1] : 0;
        if (c < 0x20 || c == 0x7f)
            line->text[i] = ' ';
        else if (c >= 0x80 && !is_utf8)
            line->text[i] = '?';
        else if (c == 0xc2 && next < 0xa0) /* U+0080 to U+009F */
            line->text[i] = line->text[i + 1] = ' ';
    }
}

void log_event(const struct log *l, enum log_level level, const char *event, const char *fmt,
               ...)
{
    int kept_errno = errno;
    if ((int)level > atomic_load_explicit(&l->level, memory_order_relaxed))
        return;
    struct line line = {.n = 0};
    line_begin(&line, l, level, event);
    if (fmt) {
        va_list args;
        va_start(args, fmt);
        errno = kept_errno;
        line_grew(&line, vsnprintf(line.text + line.n, sizeof line.text - line.n, fmt, args));
        va_end(args);
    }
    if (line.is_cut)
        line_mark_cut(&line);
    else if (line.n > 0 && line.text[line.n - 1] == ' ')
        line.n--; /* nothing stands behind the event */
    line_tame(&line);
    line.text[line.n++] = '\n';
    ssize_t n;
    do
        n = write(l->fd, line.text, line.n);
    while (n < 0 && errno == EINTR);
    errno = kept_errno;
}

bool log_limit_allows(struct log_limit *l, mono_t now, uint64_t *ret_silent)
{
    if (l->was_written && now.ms - l->last.ms < SILENCE_MS) {
        l->silent++;
        return false;
    }
    *ret_silent = l->silent;
    *l = (struct log_limit){.last = now, .was_written = true};
    return true;
}
