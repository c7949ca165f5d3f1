/* The language's small gaps: must-use results, owning locals, array lengths. */
#ifndef BASE_DEFS_H
#define BASE_DEFS_H

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* A local that owns: `AUTO(buf) struct buf b = BUF_INIT(cap);` calls buf_done(&b) on the way
 * out. */
#define AUTO(type) __attribute__((cleanup(type##_done)))
#define AUTO_FREE __attribute__((cleanup(auto_free)))

/* Moves a pointer out of its owner, which is left empty. */
#define STEAL(p)                                                                               \
    __extension__({                                                                            \
        __typeof__(p) steal_ = (p);                                                            \
        (p) = NULL;                                                                            \
        steal_;                                                                                \
    })

static inline void auto_free(void *p)
{
    free(*(void **)p);
}

#endif
