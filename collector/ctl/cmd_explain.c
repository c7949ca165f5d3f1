/* fairusectl explain. */
#include "ctl/commands.h"

static int run_explain(struct ctl *c)
{
    (void)c;
    return EX_SOFTWARE;
}

const struct ctl_command command_explain = {.name = "explain",
                                            .arguments = "SUBJECT",
                                            .help = "",
                                            .min_arguments = 1,
                                            .max_arguments = 1,
                                            .run = run_explain};
