/* Key registries: whatever comes, each name is one that a file can have. */
#include "plesk/registry.h"

#include <limits.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_name(void *arg, struct text name)
{
    size_t *count = arg;
    assert(name.n > 0 && name.n <= NAME_MAX);
    assert(!memchr(name.p, '/', name.n));
    ++*count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct text text = {(const char *)data, n};
    struct diag d = {""};
    size_t count = 0;

    int r = registry_read(text, check_name, &count, &d);
    assert(r == 0 || d.text[0] != '\0');
    return 0;
}
