/* A folder of a test's own. */
#include "support/temp.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

int temp_make(struct temp *ret)
{
    const char *root = getenv("TMPDIR");
    int n = snprintf(ret->path, sizeof ret->path, "%s/fairuse-test-XXXXXX",
                     root && *root ? root : "/tmp");
    int r = 0;
    if (n < 0 || (size_t)n >= sizeof ret->path)
        r = -ENAMETOOLONG;
    else if (!mkdtemp(ret->path))
        r = -errno;
    if (r < 0)
        ret->path[0] = '\0';
    return r;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    (void)remove(
        path); /* what cannot be removed stays, and is found by the next look at /tmp */
    return 0;
}

void temp_done(struct temp *t)
{
    enum { OPEN_FOLDERS = 16 };
    if (t->path[0])
        (void)nftw(t->path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
    t->path[0] = '\0';
}

char *temp_file(const struct temp *t, const char *name, char out[static TEMP_PATH_SIZE])
{
    int n = snprintf(out, TEMP_PATH_SIZE, "%s/%s", t->path, name);
    if (n < 0 || n >= TEMP_PATH_SIZE)
        abort();
    return out;
}
