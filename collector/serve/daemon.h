/* The daemon's life: from settings to the last answer. */
#ifndef SERVE_DAEMON_H
#define SERVE_DAEMON_H

#include "serve/options.h"

/* Until SIGTERM or SIGINT. An exit code of <sysexits.h>; what kept it from starting is told. */
int daemon_run(const struct options *options);

/* Reads the settings of the command line. 0, or an exit code after telling. */
struct settings;
MUST_USE int daemon_read_settings(const struct options *options, struct settings *ret);

#endif
