/* What was heard of mail exchangers, as a file of whatever bytes: each entry that is taken is
 * sound, sorted, once, and not from the future. */
#include "plesk/mx_cache.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct mx_suffixes suffixes = {2, {"b.nl", "a.nl"}};
    const wall_t now = {1795300000};
    AUTO(mx_cache) struct mx_cache c = {.n = 0};

    int r = mx_cache_parse(&c, (struct text){(const char *)data, n}, &suffixes, now);
    assert(r == 0 && c.sorted == c.n);
    for (size_t i = 0; i < c.n; i++) {
        char name[DNAME_SIZE];
        assert(c.v[i].verdict == MX_OTHER || c.v[i].verdict == MX_FILTERED);
        assert(c.v[i].at.s <= now.s && now.s - c.v[i].at.s <= MX_KEEP.s);
        assert(dname_parse(text_of(c.v[i].domain), name) == 0);
        assert(strcmp(name, c.v[i].domain) == 0);
        assert(i == 0 || strcmp(c.v[i - 1].domain, c.v[i].domain) < 0);
        assert(mx_cache_find(&c, c.v[i].domain) == &c.v[i]);
    }
    return 0;
}
