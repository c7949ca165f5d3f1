/* The probe's command line. */
#include "probe/probe.h"

#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/diag.h"
#include "options/options.h"
#include "probe/replay_args.h"
#include "probe/run.h"

static const char help[] =
    "fairuse-probe run [-c FILE] (--listen PATH | --descriptor N)\n"
    "fairuse-probe replay FILE [--local NETWORK]... [--key-server ADDRESS[:PORT]]...\n"
    "                          [--panel-port PORT]...\n"
    "\n"
    "Sees which of the server's own addresses are there and in use.\n"
    "\n"
    "  run                       for the agent, which starts it\n"
    "    -c, --config FILE       the agent's settings (" OPTIONS_PATH_DEFAULT ")\n"
    "        --listen PATH       where the agent connects to\n"
    "        --descriptor N      a socket that the agent left open\n"
    "  replay                    say what a capture (pcap or pcapng, \"-\" = standard input)\n"
    "                            shows, as one JSON object a line\n"
    "        --local NETWORK     own addresses, as 203.0.113.0/24; without it all are\n"
    "        --key-server ADDRESS[:PORT]\n"
    "                            Plesk's key server, port 443 unless given; without it\n"
    "                            nothing is said of key servers\n"
    "        --panel-port PORT   where Plesk's panel answers (8443 and 8880)\n"
    "\n"
    "      --help                this help\n"
    "      --version             the version\n";

enum command { COMMAND_RUN, COMMAND_REPLAY };
static const char *const command_names[] = {"run", "replay"};

struct command_line {
    struct probe_order run;
    struct replay_args replay;
    bool has_option[ARRAY_LEN(command_names)]; /* an option of that command */
};

static void command_line_done(struct command_line *c)
{
    replay_args_done(&c->replay);
}

static int fail(int code, const char *fmt, ...) PRINTF_LIKE(2, 3);

static int fail(int code, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    (void)fputs("fairuse-probe: ", stderr); /* there is nowhere else to tell it */
    (void)vfprintf(stderr, fmt, args);
    (void)fputc('\n', stderr);
    va_end(args);
    return code;
}

static int fail_usage(const char *what)
{
    return fail(EX_USAGE, "%s: see `fairuse-probe --help`", what);
}

static int say(const char *text)
{
    if (fputs(text, stdout) < 0 || fflush(stdout) != 0)
        return fail(EX_IOERR, "standard output cannot be written");
    return 0;
}

typedef int option_fn(struct command_line *c, const char *value, struct diag *d);

static int take_config(struct command_line *c, const char *value, struct diag *d)
{
    (void)d; /* any text is a path */
    c->run.config = value;
    return 0;
}

static int take_listen(struct command_line *c, const char *value, struct diag *d)
{
    (void)d;
    c->run.listen_path = value;
    return 0;
}

static int take_descriptor(struct command_line *c, const char *value, struct diag *d)
{
    char quoted[TEXT_QUOTE_SIZE];
    int64_t n;

    /* 0 to 2 are the standard streams. */
    if (text_to_int(text_of(value), 3, INT_MAX, &n) < 0)
        return diag_set(d, -1, "%s is no descriptor (3 or more)",
                        text_quote(text_of(value), quoted));
    c->run.descriptor = (int)n;
    return 0;
}

static int take_local(struct command_line *c, const char *value, struct diag *d)
{
    return replay_args_local(&c->replay, value, d);
}

static int take_key_server(struct command_line *c, const char *value, struct diag *d)
{
    return replay_args_key_server(&c->replay, value, d);
}

static int take_panel_port(struct command_line *c, const char *value, struct diag *d)
{
    return replay_args_panel_port(&c->replay, value, d);
}

enum { OPTION_FIRST = 256, OPTION_HELP = 512, OPTION_VERSION };

/* In the order of `longs` below: its values are OPTION_FIRST and upwards. */
static const struct {
    const char *name;
    enum command command;
    option_fn *take;
} takers[] = {
    {"--config", COMMAND_RUN, take_config},
    {"--listen", COMMAND_RUN, take_listen},
    {"--descriptor", COMMAND_RUN, take_descriptor},
    {"--local", COMMAND_REPLAY, take_local},
    {"--key-server", COMMAND_REPLAY, take_key_server},
    {"--panel-port", COMMAND_REPLAY, take_panel_port},
};

static const struct option longs[] = {
    {"config", required_argument, NULL, OPTION_FIRST},
    {"listen", required_argument, NULL, OPTION_FIRST + 1},
    {"descriptor", required_argument, NULL, OPTION_FIRST + 2},
    {"local", required_argument, NULL, OPTION_FIRST + 3},
    {"key-server", required_argument, NULL, OPTION_FIRST + 4},
    {"panel-port", required_argument, NULL, OPTION_FIRST + 5},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};
static_assert(ARRAY_LEN(longs) == ARRAY_LEN(takers) + 3, "each option has its taker");

static int take_option(struct command_line *c, int which, const char *value)
{
    size_t i = which == 'c' ? 0 : (size_t)(which - OPTION_FIRST);
    struct diag d;

    c->has_option[takers[i].command] = true;
    if (takers[i].take(c, value, &d) == 0)
        return 0;
    return fail(EX_USAGE, "%s: %s", takers[i].name, d.text);
}

/* What getopt stopped at: an option without its value, or one that is not known. */
static int refuse_option(char **argv, bool lacks_value)
{
    char letter[] = {'-', (char)optopt, 0}, quoted[TEXT_QUOTE_SIZE];
    bool is_long = optopt == 0 || optopt >= OPTION_FIRST;

    return fail(EX_USAGE, "%s %s: see `fairuse-probe --help`",
                text_quote(text_of(is_long ? argv[optind - 1] : letter), quoted),
                lacks_value ? "wants a value" : "is no option here");
}

static int run(const struct command_line *c)
{
    if ((c->run.listen_path != NULL) == (c->run.descriptor >= 0))
        return fail_usage("run wants either --listen or --descriptor");
    return probe_run(&c->run);
}

static int dispatch(const struct command_line *c, char **words, int n)
{
    char quoted[TEXT_QUOTE_SIZE];
    size_t command = 0;

    if (n == 0)
        return fail_usage("no command is given");
    while (command < ARRAY_LEN(command_names) && strcmp(words[0], command_names[command]) != 0)
        command++;
    if (command == ARRAY_LEN(command_names))
        return fail(EX_USAGE, "there is no command %s: see `fairuse-probe --help`",
                    text_quote(text_of(words[0]), quoted));
    for (size_t i = 0; i < ARRAY_LEN(command_names); i++) {
        if (i != command && c->has_option[i])
            return fail(EX_USAGE,
                        "an option of %s stands behind %s: see `fairuse-probe --help`",
                        command_names[i], command_names[command]);
    }
    int wanted = command == COMMAND_REPLAY ? 2 : 1;
    if (n < wanted)
        return fail_usage("replay wants a FILE");
    if (n > wanted)
        return fail(EX_USAGE, "%s is one too many: see `fairuse-probe --help`",
                    text_quote(text_of(words[wanted]), quoted));
    if (command == COMMAND_RUN)
        return run(c);
    const struct replay_order order = replay_args_order(&c->replay, words[1]);
    return replay_run(&order);
}

int probe_main(int argc, char **argv)
{
    AUTO(command_line)
    struct command_line c = {.run = {.config = OPTIONS_PATH_DEFAULT, .descriptor = -1}};
    int which;

    opterr = 0; /* what is wrong is said here, by this program's name */
    while ((which = getopt_long(argc, argv, ":c:", longs, NULL)) != -1) {
        if (which == OPTION_HELP)
            return say(help);
        if (which == OPTION_VERSION)
            return say("fairuse-probe " FAIRUSE_VERSION "\n");
        if (which == '?' || which == ':')
            return refuse_option(argv, which == ':');
        int code = take_option(&c, which, optarg);
        if (code != 0)
            return code;
    }
    return dispatch(&c, argv + optind, argc - optind);
}
