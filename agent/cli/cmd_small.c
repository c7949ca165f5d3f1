/* Commands that hand over to another program, or only read. */
#include <string.h>
#include <sysexits.h>

#include "cli/cli_parts.h"

int cmd_check_config(int argc, char **argv)
{
    const char *config = NULL;
    const struct arg options[] = {{"config", 'c', &config, NULL}};
    struct options o;
    int r = args_read(argc, argv, &(struct args){options, ARRAY_LEN(options), NULL, 0});
    if (r != 0 || (r = cli_options(&config, &o)) != 0)
        return r;
    AUTO(buf) struct buf b = BUF_INIT((size_t)CAP_CONFIG_BYTES);
    options_print(&o, &b);
    options_done(&o);
    return cli_print(&b);
}

int cmd_setup(int argc, char **argv)
{
    const char *config = NULL;
    bool is_dry_run = false;
    const struct arg options[] = {{"config", 'c', &config, NULL},
                                  {"dry-run", 0, NULL, &is_dry_run}};
    struct options o;
    int r = args_read(argc, argv, &(struct args){options, ARRAY_LEN(options), NULL, 0});
    if (r != 0 || (r = cli_options(&config, &o)) != 0)
        return r;
    options_done(&o); /* it was right: the program reads it itself */
    const char *words[6] = {"fairuse-look", "setup"};
    size_t n = 2;
    if (is_dry_run)
        words[n++] = "--dry-run";
    if (config) {
        words[n++] = "-c";
        words[n++] = config;
    }
    return cli_exec("fairuse-look", words);
}

/* `probe --replay FILE …` is fairuse-probe's `replay FILE …`. */
int cmd_probe(int argc, char **argv)
{
    enum { WORDS_MAX = 512 };
    const char *words[WORDS_MAX + 4] = {"fairuse-probe", "replay"};
    const char *file = NULL;
    size_t n = 2;
    if (argc > WORDS_MAX)
        return cli_fail(EX_USAGE, "probe: more than %d words", WORDS_MAX);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--replay") == 0 && i + 1 < argc)
            file = argv[++i];
        else if (strncmp(argv[i], "--replay=", 9) == 0)
            file = argv[i] + 9;
        else
            words[n++] = argv[i];
    }
    if (!file)
        return cli_fail(EX_USAGE, "probe: say which capture: --replay FILE");
    words[n++] = "--";
    words[n++] = file;
    return cli_exec("fairuse-probe", words);
}
