/*
 * fairusectl: one table of commands, one file each. A command gets its parsed options and
 * writes results to standard output, all else to standard error; it returns an exit code of
 * <sysexits.h>. What is common to commands is here.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include "base/diag.h"
#include "run/nightly.h"
#include "settings/settings.h"
#include "store/store.h"
#include <stdio.h>
#include <sysexits.h>

/* One option of a command: "--name VALUE", or "--name" alone where `value` is NULL. */
struct ctl_option {
    const char *name;  /* without the dashes */
    const char *value; /* what stands for the value in the help, or NULL */
    const char *help;
};

enum { CTL_OPTIONS_MAX = 12, CTL_ARGUMENTS_MAX = 4096 };

struct ctl; /* the invocation: settings, store, options */

struct ctl_command {
    const char *group; /* "ledger", or NULL for a command of one word */
    const char *name;
    const char *arguments; /* as in the help: "PERIOD", "FILE…" */
    const char *help;      /* one line */
    const struct ctl_option *options;
    size_t n_options;
    int min_arguments, max_arguments;
    int (*run)(struct ctl *c);
};

/* The whole program, but for main() itself. */
int ctl_main(int argc, char **argv);

/* What was given on the command line. NULL / false when it was not. */
const char *ctl_value(const struct ctl *c, const char *option);
bool ctl_flag(const struct ctl *c, const char *option);
int ctl_argument_count(const struct ctl *c);
const char *ctl_argument(const struct ctl *c, int i);

const struct settings *ctl_settings(const struct ctl *c);
/* The moment the command began: the clock is read once. */
wall_t ctl_now(const struct ctl *c);

/* Opens the store of --store or of the configuration. 0 or an exit code; the error is told. */
MUST_USE int ctl_open_store(struct ctl *c, enum store_mode mode, struct store **ret);

/* What an audit is told: settings, and --as-of (default: now), which must be a moment. 0 or an
 * exit code. */
MUST_USE int ctl_run_setup(struct ctl *c, struct store *s, struct run_setup *ret);

/* --period, if it is given: *ret_given. 0 or EX_USAGE. */
MUST_USE int ctl_period(struct ctl *c, bool *ret_given, period_t *ret);

/* --format, one of the NULL-terminated `names` (the first is the default): its index, or -1
 * after telling. */
MUST_USE int ctl_format(struct ctl *c, const char *const names[]);

/*
 * Policies are agreements: one that is new or changed, and begins in less than 30 days, needs
 * --accept (T&C 15.2). Compares with what the store has accepted before and notes the new
 * ones, inside the caller's write transaction. 0 or an exit code.
 */
MUST_USE int policies_check(struct ctl *c, struct store *s);

/*
 * Who does it, for the trail: --by, else the name of the user who runs the program (through
 * sudo: who called it). 0 or EX_USAGE.
 */
#define CTL_BY_SIZE (CAP_NAME + 1)
MUST_USE int ctl_by(const struct ctl *c, char out[static CTL_BY_SIZE]);

/* Ends a write transaction whose work gave `r`: commits where that is 0 or more, else undoes
 * it. 0 or the error, its text in store_diag(). */
MUST_USE int ctl_end_write(struct store *s, int r);

/* Tells an error ("fairusectl: …") and returns `code`. */
int ctl_fail(int code, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* What ctl_fail() told first, without the program's name; "" when nothing failed yet. */
const char *ctl_first_failure(void);
/* For an error of a library: the exit code that fits -Exxx, the text told. */
int ctl_fail_errno(int error, const char *text);
/* A line on standard error that is no error. */
void ctl_note(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* Writes all of it to standard output: 0, or EX_IOERR after telling. */
MUST_USE int ctl_print(const struct buf *b);

/* A name for a terminal: as it is, or quoted (and cut) where it would upset one. */
void ctl_put_name(struct buf *out, struct text t);

/* Whether colour may be used on standard output: a terminal, and no NO_COLOR. */
bool ctl_has_colour(void);

/* A progress bar on standard error, if that is a terminal; `arg` = the label. For run_setup and
 * others. */
void ctl_progress(void *label, int64_t done, int64_t total);
void ctl_progress_end(void);

/* ---- Text for people: columns that line up ------------------------------------------- */

enum { TABLE_COLUMNS_MAX = 12 };
struct table;
/* `heads` are the n column titles; a title that begins with '>' makes a column align right. */
MUST_USE int table_new(const char *const heads[], size_t n, struct table **ret);
void table_free(struct table *t);
static inline void table_done(struct table **t)
{
    table_free(*t);
}
/* The next cell of the present row (copied; control characters made harmless); n cells make a
 * row. */
void table_cell(struct table *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Lays it out into `out`, a rule under the heads. Returns buf_error(). */
MUST_USE int table_write(struct table *t, struct buf *out);

/* Terminal columns of a UTF-8 text (wide and combining characters counted as such). */
size_t text_columns(const char *s);

#endif
