/* The invocation as its own files see it. */
#ifndef CTL_CTL_PARTS_H
#define CTL_CTL_PARTS_H

#include "ctl/ctl.h"

struct given {
    const struct ctl_option *option;
    const char *value;
};

struct ctl {
    const struct ctl_command *command;
    const char *group;
    struct given given[CTL_OPTIONS_MAX + 4];
    size_t n_given;
    const char *arguments[CTL_ARGUMENTS_MAX];
    int n_arguments;
    struct settings settings;
    wall_t now;
};

#endif
