/* The words behind a command: options by a table, then operands. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "base/defs.h"
#include <stdbool.h>

struct arg {
    const char *name;   /* "--name" */
    char letter;        /* 0 = none */
    const char **value; /* of an option that wants one … */
    bool *is_set;       /* … or of one that does not */
};

struct args {
    const struct arg *options;
    size_t n_options;
    const char **operands; /* in order; what is not given stays as it is */
    size_t n_operands;
};

/* argv[0] is the command. 0; EX_USAGE after telling on standard error. "--help" is the
 * caller's. */
MUST_USE int args_read(int argc, char **argv, const struct args *a);

#endif
