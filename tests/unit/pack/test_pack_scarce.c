/* Packing while memory runs out, ours and zlib's: it is told, and nothing is added. */
#include "pack/pack.h"
#include "support/leak.h"
#include "support/scarce.h"
#include <errno.h>
#include <string.h>

SUITE(pack_scarce);

/* zlib.h, which is another room's to include. */
int __real_compress2(unsigned char *to, unsigned long *n, const unsigned char *from,
                     unsigned long size, int level);
int __real_uncompress2(unsigned char *to, unsigned long *n, const unsigned char *from,
                       unsigned long *size);
int __wrap_compress2(unsigned char *to, unsigned long *n, const unsigned char *from,
                     unsigned long size, int level);
int __wrap_uncompress2(unsigned char *to, unsigned long *n, const unsigned char *from,
                       unsigned long *size);

enum { OUT_OF_MEMORY = -4 }; /* Z_MEM_ERROR */

static bool has_zlib_no_memory;

int __wrap_compress2(unsigned char *to, unsigned long *n, const unsigned char *from,
                     unsigned long size, int level)
{
    return has_zlib_no_memory ? OUT_OF_MEMORY : __real_compress2(to, n, from, size, level);
}

int __wrap_uncompress2(unsigned char *to, unsigned long *n, const unsigned char *from,
                       unsigned long *size)
{
    return has_zlib_no_memory ? OUT_OF_MEMORY : __real_uncompress2(to, n, from, size);
}

static const char text[] = "the same again, the same again, the same again";

static int pack_and_unpack(void *arg)
{
    AUTO(buf) struct buf packed = BUF_INIT(1024);
    AUTO(buf) struct buf stream = BUF_INIT(1024);
    AUTO(buf) struct buf again = BUF_INIT(1024);
    int r = pack(text_of(text), &packed);

    (void)arg;
    if (r == 0)
        r = pack_stream(text_of(text), &stream);
    if (r == 0)
        r = unpack((struct text){packed.data, packed.len}, &again);
    if (r == 0)
        cr_assert_str_eq(buf_str(&again), text);
    return r;
}

Test(pack_scarce, memory_that_runs_out_is_told)
{
    cr_assert_gt(scarce_each("packing", pack_and_unpack, NULL), 0);
}

/* Not -EBADMSG: what is kept is as good as it was. */
Test(pack_scarce, memory_that_zlib_lacks_is_no_fault_of_what_was_packed)
{
    AUTO(buf) struct buf packed = BUF_INIT(1024);
    AUTO(buf) struct buf out = BUF_INIT(1024);

    cr_assert_eq(pack(text_of(text), &packed), 0);
    has_zlib_no_memory = true;
    cr_assert_eq(pack(text_of(text), &out), -ENOMEM);
    cr_assert_eq(pack_stream(text_of(text), &out), -ENOMEM);
    cr_assert_eq(unpack((struct text){packed.data, packed.len}, &out), -ENOMEM);
    cr_assert_eq(out.len, 0);
}
