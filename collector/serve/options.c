/* The command line. */
#include "serve/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/text.h"

static const char help[] =
    "fairuse-collector serve [-c FILE] [--store URL]\n"
    "fairuse-collector check-config [-c FILE]\n"
    "\n"
    "Takes the reports of fair use agents over HTTPS and keeps them.\n"
    "\n"
    "  serve                    until SIGTERM; SIGHUP reads the settings and certificates "
    "anew\n"
    "  check-config             say what is wrong with the settings, or print what holds\n"
    "\n"
    "  -c, --config FILE        settings; without it the defaults hold\n"
    "      --store URL          sqlite:PATH; goes before the configuration's\n"
    "      --help               this help\n"
    "      --version            the version\n";

int options_fail(int code, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    (void)fputs("fairuse-collector: ", stderr); /* there is nowhere else to tell it */
    (void)vfprintf(stderr, fmt, args);
    (void)fputc('\n', stderr);
    va_end(args);
    return code;
}

static int say(const char *text)
{
    if (fputs(text, stdout) < 0 || fflush(stdout) != 0)
        return options_fail(EX_IOERR, "standard output cannot be written");
    return 0;
}

static int take_command(const char *word, struct options *ret)
{
    char quoted[TEXT_QUOTE_SIZE];

    if (strcmp(word, "serve") == 0)
        ret->command = COLLECTOR_SERVE;
    else if (strcmp(word, "check-config") == 0)
        ret->command = COLLECTOR_CHECK_CONFIG;
    else
        return options_fail(EX_USAGE, "there is no command %s: see `fairuse-collector --help`",
                            text_quote(text_of(word), quoted));
    return 0;
}

/* What getopt stopped at: an option without its value, or one that is not known. */
static int refuse_option(char **argv, bool lacks_value)
{
    char letter[] = {'-', (char)optopt, 0}, quoted[TEXT_QUOTE_SIZE];
    bool is_known = strchr("cshv", optopt) != NULL; /* 0 too: a long one that is not known */

    if (lacks_value)
        return options_fail(EX_USAGE, "%s: see `fairuse-collector --help`",
                            optopt == 'c' ? "-c wants a FILE" : "--store wants a URL");
    return options_fail(EX_USAGE, "there is no option %s: see `fairuse-collector --help`",
                        text_quote(text_of(is_known ? argv[optind - 1] : letter), quoted));
}

int options_read(int argc, char **argv, struct options *ret)
{
    static const struct option longs[] = {{"config", required_argument, NULL, 'c'},
                                          {"store", required_argument, NULL, 's'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'v'},
                                          {NULL, 0, NULL, 0}};
    char quoted[TEXT_QUOTE_SIZE];
    int c;

    *ret = (struct options){COLLECTOR_NOTHING, NULL, NULL};
    opterr = 0; /* what is wrong is said below, by this program's name */
    while ((c = getopt_long(argc, argv, ":c:h", longs, NULL)) != -1) {
        if (c == 'c')
            ret->config = optarg;
        else if (c == 's')
            ret->store = optarg;
        else if (c == 'h')
            return say(help);
        else if (c == 'v')
            return say("fairuse-collector " FAIRUSE_VERSION "\n");
        else
            return refuse_option(argv, c == ':');
    }
    if (optind == argc)
        return options_fail(EX_USAGE, "what is to be done? See `fairuse-collector --help`");
    if (optind + 1 < argc)
        return options_fail(EX_USAGE, "%s is one too many: see `fairuse-collector --help`",
                            text_quote(text_of(argv[optind + 1]), quoted));
    return take_command(argv[optind], ret);
}
