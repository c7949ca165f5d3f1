/* Any bytes as a PROXY header: how long it is does not depend on how much of it has come, and
 * what is read can be written again. */
#include <string.h>

#include "http/proxy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { LONGEST = 1024 };

/* The first n bytes, in memory that ends behind them. */
static int length_of_first(const uint8_t *data, size_t n)
{
    AUTO_FREE char *exact = malloc(n > 0 ? n : 1);
    if (exact == NULL)
        abort();
    if (n > 0)
        memcpy(exact, data, n);
    return proxy_length((struct text){exact, n});
}

/* The addresses of a header, from what was read of it. */
static void check_written(const struct proxy_header *h, const uint8_t *data)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    size_t n = data[13] == 0x11 ? 4 : 16;
    uint8_t address[16] = {0};
    size_t at = n - addr_len(&h->source);
    memcpy(address, mapped, at);
    memcpy(address + at, h->source.bytes, addr_len(&h->source));
    assert(memcmp(address, data + PROXY_HEAD_BYTES, n) == 0);
    assert(data[PROXY_HEAD_BYTES + 2 * n] == h->port >> 8);
    assert(data[PROXY_HEAD_BYTES + 2 * n + 1] == (h->port & 0xff));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n > LONGEST)
        n = LONGEST;
    int whole = length_of_first(data, n);
    assert(whole <= PROXY_MAX_BYTES && (whole < 0 || whole == 0 || whole >= PROXY_HEAD_BYTES));
    assert(whole != 0 || n < PROXY_HEAD_BYTES);
    bool is_decided = false;
    for (size_t cut = 0; cut < n; cut++) {
        int part = length_of_first(data, cut);
        assert(part == 0 || part == whole);
        is_decided = is_decided || part != 0;
        assert(!is_decided || part != 0);
    }
    struct proxy_header h = {.port = 0};
    bool is_exact = whole > 0 && (size_t)whole == n;
    int r = proxy_parse((struct text){(const char *)data, n}, &h);
    assert((r == 0) == is_exact);
    if (r != 0)
        return 0;
    assert((h.command == PROXY_LOCAL) == (h.source.family == 0));
    if (h.command == PROXY_FOR)
        check_written(&h, data);
    else
        assert(h.port == 0);
    return 0;
}
