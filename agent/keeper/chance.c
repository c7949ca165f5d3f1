/* Chance, from the kernel. */
#include "keeper/chance.h"

#include <errno.h>
#include <sys/random.h>

int chance_uuid(struct uuid *ret)
{
    struct uuid u;
    if (getrandom(u.bytes, sizeof u.bytes, 0) != (ssize_t)sizeof u.bytes)
        return -EIO;
    u.bytes[6] = (uint8_t)((u.bytes[6] & 0x0f) | 0x40);
    u.bytes[8] = (uint8_t)((u.bytes[8] & 0x3f) | 0x80);
    *ret = u;
    return 0;
}

int64_t chance_below(int64_t n)
{
    uint64_t drawn;
    if (n <= 1 || getrandom(&drawn, sizeof drawn, 0) != (ssize_t)sizeof drawn)
        return 0;
    return (int64_t)(drawn % (uint64_t)n); /* 64 bits: the bias is below one in 10^12 */
}
