/* The program's commands. */
#include "serve/serve.h"

#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>

#include "serve/daemon.h"
#include "settings/settings.h"

static int check_config(const struct options *options)
{
    AUTO(buf) struct buf text = BUF_INIT((size_t)CAP_CONFIG_BYTES);
    AUTO(settings) struct settings settings = {.n_lab_networks = 0};
    int code = daemon_read_settings(options, &settings);

    if (code != 0)
        return code;
    settings_print(&settings, &text);
    if (buf_error(&text) < 0)
        return options_fail(EX_OSERR, "out of memory");
    if (fwrite(text.data, 1, text.len, stdout) != text.len || fflush(stdout) != 0)
        return options_fail(EX_IOERR, "standard output cannot be written");
    return 0;
}

int collector_main(int argc, char **argv)
{
    static const struct rlimit no_core = {0, 0};
    struct options options;
    int code = options_read(argc, argv, &options);

    if (code != 0 || options.command == COLLECTOR_NOTHING)
        return code;
    /* Keys and tokens are in memory: no core file may keep them, nobody may look in. */
    (void)setrlimit(RLIMIT_CORE, &no_core);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    return options.command == COLLECTOR_SERVE ? daemon_run(&options) : check_config(&options);
}
