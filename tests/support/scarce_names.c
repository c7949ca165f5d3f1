/* libidn2 that runs out of memory on demand. */
#include "support/scarce_names.h"

int __real_idn2_to_ascii_8z(const char *name, char **ret, int flags);
int __wrap_idn2_to_ascii_8z(const char *name, char **ret, int flags);

enum { OUT_OF_MEMORY = -100 }; /* idn2.h: IDN2_MALLOC */

static size_t countdown; /* 0 = nothing fails */

void scarce_names_from_now(size_t n)
{
    countdown = n;
}

int __wrap_idn2_to_ascii_8z(const char *name, char **ret, int flags)
{
    if (countdown > 0 && --countdown == 0)
        return OUT_OF_MEMORY;
    return __real_idn2_to_ascii_8z(name, ret, flags);
}
