/* What the commands share. Private to the room. */
#ifndef CLI_CLI_PARTS_H
#define CLI_CLI_PARTS_H

#include "base/buf.h"
#include "cli/args.h"
#include "options/options.h"
#include "os/log.h"

/* "fairuse-agent: …" on standard error. Returns `code`. */
int cli_fail(int code, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Writes to standard output. 0 or EX_IOERR after telling. */
MUST_USE int cli_print(const struct buf *b);

/*
 * The settings: of -c FILE, else of the standard file where there is one, else the defaults.
 * The path that was read, or NULL, is put in place of *config. 0, or EX_CONFIG and others after
 * telling.
 */
MUST_USE int cli_options(const char **config, struct options *ret);

/* Makes the state folder where there is none (0700, root: given to the user of the settings).
 * 0, or an exit code after telling. */
MUST_USE int cli_state_folder(const struct options *o);

/* A log by the settings. */
struct log cli_log(const struct options *o);

/* Becomes a program of ours. Returns only in failure, with an exit code, after telling. */
int cli_exec(const char *program, const char *const *argv);

/* The commands: argv[0] is the command's name. sysexits.h. */
int cmd_run(int argc, char **argv);
int cmd_once(int argc, char **argv);
int cmd_enroll(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_history(int argc, char **argv);
int cmd_check_config(int argc, char **argv);
int cmd_setup(int argc, char **argv);
int cmd_reset_identity(int argc, char **argv);
int cmd_probe(int argc, char **argv);

#endif
