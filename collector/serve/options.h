/* What stands on the command line of fairuse-collector. */
#ifndef SERVE_OPTIONS_H
#define SERVE_OPTIONS_H

#include "base/defs.h"
#include "base/diag.h"

enum collector_command {
    COLLECTOR_NOTHING, /* all is said: --help, --version, or an error */
    COLLECTOR_SERVE,
    COLLECTOR_CHECK_CONFIG,
};

struct options {
    enum collector_command command;
    const char *config; /* NULL = the defaults */
    const char *store;  /* NULL = the configuration's */
};

/* 0, or EX_USAGE after telling; with COLLECTOR_NOTHING it is to end with that. */
MUST_USE int options_read(int argc, char **argv, struct options *ret);

/* "fairuse-collector: …" on standard error. Returns `code`. */
int options_fail(int code, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
