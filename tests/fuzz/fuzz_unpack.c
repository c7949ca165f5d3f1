/* What is kept for years, read back: any bytes. */
#include "pack/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(buf) struct buf plain = BUF_INIT(1 << 20);
    AUTO(buf) struct buf again = BUF_INIT(1 << 21);
    AUTO(buf) struct buf same = BUF_INIT(1 << 20);

    if (unpack((struct text){(const char *)data, size}, &plain) < 0) {
        if (plain.len != 0)
            __builtin_trap();
        return 0;
    }
    if (pack((struct text){buf_str(&plain), plain.len}, &again) < 0 ||
        unpack((struct text){buf_str(&again), again.len}, &same) < 0 || same.len != plain.len)
        __builtin_trap();
    return 0;
}
