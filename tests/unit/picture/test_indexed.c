/* Small PNGs: each part of the file as ISO/IEC 15948 has it. */
#include "picture/indexed.h"

#include <errno.h>
#include <string.h>

#include "pack/pack.h"
#include "support/leak.h"

SUITE(indexed);

static const uint32_t pixels[] = {
    0xff000000, 0x00ffffff, 0x00fefefe, /* black, white, nearly white */
    0x00ff0000, 0x00e00000, 0x00000000, /* red, nearly red, black */
};

static struct indexed_image image(void)
{
    struct indexed_image m = {.pixels = pixels, .stride = 3, .width = 3, .height = 2};
    m.palette[1] = 0xffffff;
    m.palette[2] = 0xff0000;
    return m;
}

/* The chunk of a type: its data; *ret_n its length. */
static const char *chunk(const struct buf *png, const char *type, size_t *ret_n)
{
    size_t at = 8;
    while (at + 12 <= png->len) {
        const unsigned char *p = (const unsigned char *)png->data + at;
        size_t n = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
        cr_assert_leq(at + 12 + n, png->len);
        if (memcmp(p + 4, type, 4) == 0) {
            *ret_n = n;
            return png->data + at + 8;
        }
        at += 12 + n;
    }
    cr_assert_fail("no %s", type);
    return NULL;
}

Test(indexed, the_header_says_four_bits_of_a_palette)
{
    static const unsigned char expected[] = {0, 0, 0, 3, 0, 0, 0, 2, 4, 3, 0, 0, 0};
    AUTO(buf) struct buf out = BUF_INIT(4096);
    struct indexed_image m = image();
    size_t n;
    cr_assert_eq(indexed_png(&m, &out), 0);
    cr_assert_eq(memcmp(out.data, "\x89PNG\r\n\x1a\n", 8), 0);
    const char *data = chunk(&out, "IHDR", &n);
    cr_assert_eq(n, sizeof expected);
    cr_assert_eq(memcmp(data, expected, n), 0);
    const char *palette = chunk(&out, "PLTE", &n);
    cr_assert_eq(n, 48);
    cr_assert_eq(memcmp(palette, "\0\0\0\xff\xff\xff\xff\0\0", 9), 0);
}

Test(indexed, rows_hold_the_nearest_colours_two_to_a_byte)
{
    /* A row: its filter (none), then 0 1 | 1 -; and 2 2 | 0 -. The odd pixel's other half is 0.
     */
    static const unsigned char rows[] = {0, 0x01, 0x10, 0, 0x22, 0x00};
    AUTO(buf) struct buf out = BUF_INIT(4096);
    AUTO(buf) struct buf stream = BUF_INIT(4096);
    struct indexed_image m = image();
    size_t n;
    cr_assert_eq(indexed_png(&m, &out), 0);
    cr_assert_eq(pack_stream((struct text){(const char *)rows, sizeof rows}, &stream), 0);
    const char *data = chunk(&out, "IDAT", &n);
    cr_assert_eq(n, stream.len);
    cr_assert_eq(memcmp(data, stream.data, n), 0);
}

Test(indexed, chunks_end_with_their_check)
{
    /* The IEND of every PNG: no data, and the CRC of its four letters, ae 42 60 82. */
    static const char end[] = {0, 0, 0, 0, 'I', 'E', 'N', 'D', '\xae', '\x42', '\x60', '\x82'};
    AUTO(buf) struct buf out = BUF_INIT(4096);
    struct indexed_image m = image();
    cr_assert_eq(indexed_png(&m, &out), 0);
    cr_assert_eq(memcmp(out.data + out.len - sizeof end, end, sizeof end), 0);
}

Test(indexed, a_stride_is_passed_over)
{
    AUTO(buf) struct buf whole = BUF_INIT(4096);
    AUTO(buf) struct buf padded = BUF_INIT(4096);
    static const uint32_t wide[] = {0, 0xffffff, 0xfefefe, 7, 7, 0xff0000, 0xe00000, 0, 7, 7};
    struct indexed_image m = image();
    cr_assert_eq(indexed_png(&m, &whole), 0);
    m.pixels = wide;
    m.stride = 5;
    cr_assert_eq(indexed_png(&m, &padded), 0);
    cr_assert_eq(whole.len, padded.len);
    cr_assert_eq(memcmp(whole.data, padded.data, whole.len), 0);
}

Test(indexed, an_image_over_the_buffers_cap_is_refused)
{
    AUTO(buf) struct buf out = BUF_INIT(60);
    struct indexed_image m = image();
    cr_assert_eq(indexed_png(&m, &out), -ERANGE);
}
