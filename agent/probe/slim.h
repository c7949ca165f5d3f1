/*
 * A resident process that is small: the start needs much code (libraries' own beginnings, the
 * settings, the compilers of filters) that is hardly needed again. It goes out of our memory;
 * what is wanted again comes back from its file by itself.
 */
#ifndef PROBE_SLIM_H
#define PROBE_SLIM_H

#include <stddef.h>

#define SLIM_RANGES_MAX 64 /* mappings of code: one a library, of which there are about 25 */

struct slim {
    size_t n;
    struct {
        void *from;
        size_t bytes;
    } ranges[SLIM_RANGES_MAX];
};

/* Where code is, from /proc/self/maps; nothing where that cannot be read. */
void slim_find(struct slim *ret);
/* Lets go of it; needs nothing but madvise(). */
void slim_drop(const struct slim *s);

#endif
