/* An allocator that fails once, on demand. */
#include "support/scarce.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdbool.h>

enum { ALLOCATIONS_MOST = 100000 };

/* The linker gives these names to the allocator and to what stands before it. */
void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static size_t countdown; /* 0 = nothing fails */

static bool fails_now(void)
{
    return countdown > 0 && --countdown == 0;
}

void *__wrap_malloc(size_t n)
{
    return fails_now() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return fails_now() ? NULL : __real_realloc(p, n);
}

void scarce_from_now(size_t n)
{
    countdown = n;
}

size_t scarce_each(const char *what, int (*work)(void *arg), void *arg)
{
    for (size_t n = 1; n < ALLOCATIONS_MOST; n++) {
        scarce_from_now(n);
        int r = work(arg);
        bool did_fail = countdown == 0;
        scarce_from_now(0);
        if (!did_fail) {
            cr_assert_eq(r, 0, "%s: %d with all the memory it wants", what, r);
            return n - 1;
        }
        cr_assert(r == -ENOMEM || r == 0, "%s: %d when allocation %zu fails", what, r, n);
    }
    cr_assert_fail("%s: no end of allocations", what);
    return 0;
}
