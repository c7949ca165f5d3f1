/* reset-identity: an image that is to be copied must not carry who this server is, nor what it
 * saw: each copy would be it. */
#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli/cli_parts.h"
#include "keeper/keeper.h"
#include "spool/spool.h"

/* All that the state folder can hold of this server. */
static const char *const names[] = {
    "identity.pem",      "identity.new",       "authority.pem",         "collector",
    "mx.cache",          KEEPER_SPOOL,         KEEPER_SPOOL "-journal", KEEPER_SPOOL "-wal",
    KEEPER_SPOOL "-shm", KEEPER_SPOOL ".lock",
};

/* Spools that were set aside once; files that were being written when the power went. */
static const char *const patterns[] = {KEEPER_SPOOL ".broken-*", "identity.*.??????",
                                       "authority.*.??????", "mx.cache.??????"};

/* Nothing that waits is thrown away by mistake, nor under a keeper that runs. */
static int check_spool(const struct options *o, bool may_discard)
{
    char path[OPTIONS_PATH_SIZE + 64];
    AUTO(spool) struct spool *s = NULL;
    struct spool_found found;
    struct spool_counts counts;
    struct diag d = {""};
    if (options_state_path(o, KEEPER_SPOOL, path) < 0)
        return cli_fail(EX_CONFIG, "%s: too long a path", o->state);
    if (access(path, F_OK) < 0)
        return errno == ENOENT
                   ? 0
                   : cli_fail(errno == EACCES ? EX_NOPERM : EX_IOERR, "%s: %m", path);
    int r = spool_open(path, SPOOL_KEEP, &s, &found, &d);
    if (r == -EBUSY)
        return cli_fail(EX_TEMPFAIL, "the agent is running: stop it first "
                                     "(systemctl stop fairuse-agent)");
    if (r < 0)
        return cli_fail(r == -EACCES ? EX_NOPERM : EX_IOERR, "%s", d.text);
    if (spool_count(s, &counts) < 0)
        return cli_fail(EX_IOERR, "%s", spool_diag(s));
    if (counts.waiting + counts.aside > 0 && !may_discard)
        return cli_fail(EX_TEMPFAIL,
                        "%" PRId64
                        " observations wait to be sent: start the agent and let it, or "
                        "drop them with --discard-unsent",
                        counts.waiting + counts.aside);
    return 0;
}

static int remove_file(const char *path)
{
    if (unlink(path) == 0)
        (void)printf("removed %s\n", path);
    else if (errno != ENOENT)
        return cli_fail(EX_IOERR, "%s: %m", path);
    return 0;
}

static int remove_like(const char *pattern)
{
    glob_t found;
    int code = 0;
    if (glob(pattern, GLOB_NOSORT, NULL, &found) != 0)
        return 0; /* none */
    for (size_t i = 0; i < found.gl_pathc; i++) {
        int r = remove_file(found.gl_pathv[i]);
        code = r != 0 ? r : code;
    }
    globfree(&found);
    return code;
}

static int remove_all(const struct options *o)
{
    char path[OPTIONS_PATH_SIZE + 64];
    int code = 0;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (options_state_path(o, names[i], path) == 0) {
            int r = remove_file(path);
            code = r != 0 ? r : code;
        }
    for (size_t i = 0; i < ARRAY_LEN(patterns); i++)
        if (options_state_path(o, patterns[i], path) == 0) {
            int r = remove_like(path);
            code = r != 0 ? r : code;
        }
    return code;
}

int cmd_reset_identity(int argc, char **argv)
{
    const char *config = NULL;
    bool may_discard = false;
    const struct arg words[] = {{"config", 'c', &config, NULL},
                                {"discard-unsent", 0, NULL, &may_discard}};
    struct options o;
    int r = args_read(argc, argv, &(struct args){words, ARRAY_LEN(words), NULL, 0});
    if (r != 0 || (r = cli_options(&config, &o)) != 0)
        return r;
    r = check_spool(&o, may_discard);
    if (r == 0)
        r = remove_all(&o);
    options_done(&o);
    return r;
}
