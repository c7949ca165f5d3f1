/* A folder of a test's own, removed with all that is in it. */
#ifndef SUPPORT_TEMP_H
#define SUPPORT_TEMP_H

#include "base/defs.h"

#define TEMP_PATH_SIZE 512

struct temp {
    char path[TEMP_PATH_SIZE]; /* "" = none */
};

/* Under $TMPDIR, else /tmp. 0 or a negative error. */
MUST_USE int temp_make(struct temp *ret);

/* Links are removed, not followed. Harmless when there is none, or when it was removed. */
void temp_done(struct temp *t);

/* The path of a name in it; aborts when that does not fit. Returns `out`. */
char *temp_file(const struct temp *t, const char *name, char out[static TEMP_PATH_SIZE]);

#endif
