/*
 * A resident process that is small: the start needs much (libraries' own beginnings, the
 * settings, compilers of filters) that is hardly needed again. It goes out of our memory; what
 * is wanted again comes back from its file by itself.
 */
#ifndef OS_SLIM_H
#define OS_SLIM_H

#include <stddef.h>

#define SLIM_RANGES_MAX 96 /* three mappings a library, of which there are about 25 */

/* Zeroed: nothing is let go of. */
struct slim {
    size_t n;
    struct {
        void *from;
        size_t bytes;
    } ranges[SLIM_RANGES_MAX];
};

/*
 * What is in memory as it is in its file, and cannot be written to: code, and constants that
 * the loader filled nothing into. From /proc/self/smaps; nothing where that cannot be read.
 */
void slim_find(struct slim *ret);
/* Lets go of it, and of memory that was freed. Needs nothing but madvise(). */
void slim_drop(const struct slim *s);

#endif
