/* Any bytes as a message of connection tracking: what is read of them depends on nothing behind
 * the length that the message itself says, and is whole. */
#include <string.h>

#include "probe/track.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The first n bytes, in memory that ends behind them. */
static bool parse_first(const uint8_t *data, size_t n, struct sight_flow *ret)
{
    AUTO_FREE uint8_t *exact = malloc(n > 0 ? n : 1);
    if (exact == NULL)
        abort();
    if (n > 0)
        memcpy(exact, data, n);
    return track_parse(exact, n, ret);
}

static bool is_address(const struct addr *a)
{
    return a->family == ADDR_IPV4 || a->family == ADDR_IPV6;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct sight_flow untouched, flow, again;
    memset(&untouched, 0x5a, sizeof untouched);
    memcpy(&flow, &untouched, sizeof flow);
    if (!parse_first(data, n, &flow)) {
        assert(memcmp(&flow, &untouched, sizeof flow) == 0);
        return 0;
    }
    assert(is_address(&flow.from) && is_address(&flow.to) && is_address(&flow.seen_from));
    uint32_t says;
    memcpy(&says, data, sizeof says);
    assert(says <= n);
    assert(parse_first(data, says, &again));
    assert(addr_compare(&flow.from, &again.from) == 0 &&
           addr_compare(&flow.to, &again.to) == 0);
    assert(flow.port == again.port && flow.is_translated == again.is_translated);
    /* A byte less, and it is another message: one that is not whole. */
    assert(!parse_first(data, says - 1, &again));
    return 0;
}
