/* The command line. */
#include "plesk/plesk.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "plesk/count.h"
#include "plesk/look.h"

static const char help[] =
    "fairuse-look [-c FILE] [--no-mailboxes]\n"
    "fairuse-look setup [-c FILE] [--dry-run]\n"
    "\n"
    "One look at Plesk's licences and mailboxes. It is fairuse-agent that runs it, and reads\n"
    "what it says; `setup` makes the database's user that mailboxes are counted by.\n"
    "\n"
    "  -c, --config FILE        settings; without it " OPTIONS_PATH_DEFAULT "\n"
    "      --no-mailboxes       licences and hosts alone\n"
    "      --dry-run            print what `setup` would run\n"
    "      --help               this help\n"
    "      --version            the version\n";

/* What is to be done. */
struct order {
    bool is_said; /* nothing more: --help, --version */
    bool is_setup, is_dry_run, has_mailboxes;
    const char *config; /* NULL = the usual file, where there is one */
};

static int say(const char *text, struct order *ret)
{
    ret->is_said = true;
    if (fputs(text, stdout) < 0 || fflush(stdout) != 0)
        return look_fail(EX_IOERR, "standard output cannot be written");
    return 0;
}

/* The words that are no options. */
static int take_words(int n, char **words, struct order *ret)
{
    char quoted[TEXT_QUOTE_SIZE];
    ret->is_setup = n == 1 && strcmp(words[0], "setup") == 0;
    if (n > 0 && !ret->is_setup)
        return look_fail(EX_USAGE, "%s is not known: see `fairuse-look --help`",
                         text_quote(text_of(words[n - 1]), quoted));
    if (ret->is_setup ? !ret->has_mailboxes : ret->is_dry_run)
        return look_fail(EX_USAGE, "%s: see `fairuse-look --help`",
                         ret->is_setup ? "--no-mailboxes is not for `setup`"
                                       : "--dry-run is for `setup` alone");
    return 0;
}

static int read_order(int argc, char **argv, struct order *ret)
{
    static const struct option longs[] = {
        {"config", required_argument, NULL, 'c'}, {"no-mailboxes", no_argument, NULL, 'n'},
        {"dry-run", no_argument, NULL, 'd'},      {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},      {NULL, 0, NULL, 0}};
    int c;
    *ret = (struct order){.has_mailboxes = true};
    while ((c = getopt_long(argc, argv, "c:h", longs, NULL)) != -1) {
        switch (c) {
        case 'c': ret->config = optarg; break;
        case 'n': ret->has_mailboxes = false; break;
        case 'd': ret->is_dry_run = true; break;
        case 'h': return say(help, ret);
        case 'v': return say("fairuse-look " FAIRUSE_VERSION "\n", ret);
        default: return EX_USAGE; /* getopt has said it */
        }
    }
    return take_words(argc - optind, argv + optind, ret);
}

int plesk_main(int argc, char **argv)
{
    struct order order;
    struct diag d = {""};
    int code = read_order(argc, argv, &order);
    if (code != 0 || order.is_said)
        return code;
    AUTO_FREE struct options *o = calloc(1, sizeof *o);
    if (!o)
        return look_fail(EX_OSERR, "out of memory");
    if (look_options(order.config, o, &d) != 0)
        return look_fail(EX_CONFIG, "%s", d.text);
    code = order.is_setup ? psa_setup(o, order.is_dry_run) : look_run(o, order.has_mailboxes);
    options_done(o);
    return code;
}
