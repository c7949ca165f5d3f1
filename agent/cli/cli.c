/* The table of commands, and what they share. */
#include "cli/cli.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli_parts.h"
#include "os/spawn.h"

static const char help[] =
    "fairuse-agent: tells the distributor from which addresses this server's Plesk licence is\n"
    "used, and how many mailboxes its filtered domains have.\n"
    "\n"
    "  fairuse-agent enroll URL [--token-file FILE] [--replace]\n"
    "                               become known to a collector; the token is read from FILE "
    "or\n"
    "                               standard input, never from the command line\n"
    "  fairuse-agent run            observe and report, until SIGTERM; SIGHUP reads the "
    "settings\n"
    "  fairuse-agent once [--watch DURATION]\n"
    "                               observe, print the report that would be sent, send "
    "nothing\n"
    "  fairuse-agent status [--language en|nl] [--format text|json]\n"
    "                               what it sees, holds and sent, and the collector's "
    "warnings\n"
    "  fairuse-agent history [--since DATE] [--format text|json]\n"
    "                               what was acknowledged in the last 13 months\n"
    "  fairuse-agent check-config   say what is wrong with the settings, or print what holds\n"
    "  fairuse-agent setup [--dry-run]\n"
    "                               make the account that may count mailboxes, and no more\n"
    "  fairuse-agent reset-identity [--discard-unsent]\n"
    "                               forget who this server is: for images that are copied\n"
    "  fairuse-agent probe --replay FILE [--local NETWORK]… [--key-server ADDRESS[:PORT]]…\n"
    "                      [--panel-port PORT]…\n"
    "                               what a capture file says of the server's own addresses\n"
    "\n"
    "  -c, --config FILE            settings; standard: " OPTIONS_PATH_DEFAULT ", where it is\n"
    "      --help, --version\n";

int cli_fail(int code, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    (void)fputs("fairuse-agent: ", stderr); /* there is nowhere else to tell it */
    (void)vfprintf(stderr, fmt, args);
    (void)fputc('\n', stderr);
    va_end(args);
    return code;
}

int cli_print(const struct buf *b)
{
    if (buf_error(b) < 0)
        return cli_fail(EX_OSERR, "out of memory");
    if (fwrite(buf_str(b), 1, b->len, stdout) != b->len || fflush(stdout) != 0)
        return cli_fail(EX_IOERR, "standard output cannot be written: %m");
    return 0;
}

int cli_options(const char **config, struct options *ret)
{
    struct diag d = {"out of memory"};
    if (!*config && access(OPTIONS_PATH_DEFAULT, F_OK) == 0)
        *config = OPTIONS_PATH_DEFAULT;
    int r = *config ? options_load(*config, ret, &d) : options_init(ret);
    if (r == 0)
        return 0;
    return cli_fail(r == -ENOMEM ? EX_OSERR : EX_CONFIG, "%s", d.text);
}

int cli_state_folder(const struct options *o)
{
    if (mkdir(o->state, 0700) < 0)
        return errno == EEXIST ? 0 : cli_fail(EX_CANTCREAT, "%s: %m", o->state);
    if (geteuid() != 0)
        return 0;
    const struct passwd *user = getpwnam(o->user);
    if (!user)
        return cli_fail(EX_NOUSER,
                        "there is no user %s: make it (useradd --system %s), or name "
                        "another one in the settings (user)",
                        o->user, o->user);
    if (chown(o->state, user->pw_uid, user->pw_gid) < 0)
        return cli_fail(EX_CANTCREAT, "%s cannot be given to %s: %m", o->state, o->user);
    return 0;
}

struct log cli_log(const struct options *o)
{
    static const enum log_level levels[] = {[OPTIONS_LOG_ERROR] = LOG_LEVEL_ERROR,
                                            [OPTIONS_LOG_WARNING] = LOG_LEVEL_WARNING,
                                            [OPTIONS_LOG_INFO] = LOG_LEVEL_INFO,
                                            [OPTIONS_LOG_DEBUG] = LOG_LEVEL_DEBUG};
    return log_to_stderr(levels[o->log_level]);
}

int cli_exec(const char *program, const char *const *argv)
{
    char path[SPAWN_PATH_SIZE];
    struct diag d = {""};
    if (spawn_find(program, path, &d) < 0)
        return cli_fail(EX_UNAVAILABLE, "%s", d.text);
    (void)execv(path, (char *const *)argv); /* execv() does not write to them (POSIX) */
    return cli_fail(EX_OSERR, "%s cannot be started: %m", path);
}

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"run", cmd_run},         {"once", cmd_once},
    {"enroll", cmd_enroll},   {"status", cmd_status},
    {"history", cmd_history}, {"check-config", cmd_check_config},
    {"setup", cmd_setup},     {"reset-identity", cmd_reset_identity},
    {"probe", cmd_probe},
};

static int say(const char *text)
{
    AUTO(buf) struct buf b = BUF_INIT(sizeof help);
    buf_add_str(&b, text);
    return cli_print(&b);
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

int agent_main(int argc, char **argv)
{
    char quoted[TEXT_QUOTE_SIZE];
    if (argc < 2)
        return cli_fail(EX_USAGE, "what is to be done? See `fairuse-agent --help`");
    if (asks_for_help(argc, argv))
        return say(help);
    if (strcmp(argv[1], "--version") == 0)
        return say("fairuse-agent " FAIRUSE_VERSION "\n");
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    return cli_fail(EX_USAGE, "there is no command %s: see `fairuse-agent --help`",
                    text_quote(text_of(argv[1]), quoted));
}
