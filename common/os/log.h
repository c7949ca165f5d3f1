/*
 * Log lines for people and machines alike: one line an event, as `event key=value …`, to
 * standard error. Under systemd (JOURNAL_STREAM) each begins with its level ("<4>"), else with
 * the time. Values from outside are quoted by text_quote() before they come here.
 */
#ifndef OS_LOG_H
#define OS_LOG_H

#include "base/defs.h"
#include "base/times.h"
#include <stdatomic.h>

enum log_level {
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_INFO = 6,
    LOG_LEVEL_DEBUG = 7
};

struct log {
    int fd;
    _Atomic int level; /* the least urgent that is written; may change while threads log */
    bool is_journal;
};

/* Standard error; whether it is the journal is asked of the environment. */
struct log log_to_stderr(enum log_level level);

/*
 * One line, e.g. log_event(l, LOG_LEVEL_INFO, "started", "listen=%s", text). `fmt` NULL: the
 * event alone. Control characters in it become spaces, and where it is not UTF-8 its foreign
 * bytes '?'. A line has at most CAP_LOG_LINE bytes with its newline; what was cut ends in "…".
 * errno is kept (so %m is right). Safe from several threads: a line is one write(). One that
 * cannot be written is lost: there is nobody to tell.
 */
void log_event(const struct log *l, enum log_level level, const char *event, const char *fmt,
               ...) PRINTF_LIKE(4, 5);

/*
 * A kind of line that anybody can provoke is written once a minute at most.
 * True when it may be written now; *ret_silent = how many were not since the last one. Zeroed
 * before the first use.
 */
struct log_limit {
    mono_t last;
    bool was_written;
    uint64_t silent;
};
bool log_limit_allows(struct log_limit *l, mono_t now, uint64_t *ret_silent);

#endif
