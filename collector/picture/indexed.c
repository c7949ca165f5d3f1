/* Few colours, few bytes: an image with a palette as PNG. */
#include "picture/indexed.h"
#include "pack/pack.h"
#include <errno.h>

enum {
    BIT_DEPTH = 4,
    COLOUR_TYPE = 3, /* indices of a palette */
    TYPE_BYTES = 4,
    PIECES_BYTES = 64 << 20,
};

static int64_t difference(uint32_t a, uint32_t b)
{
    int64_t sum = 0;

    for (int shift = 0; shift <= 16; shift += 8) {
        int64_t d = (int64_t)(a >> shift & 0xff) - (int64_t)(b >> shift & 0xff);
        sum += d * d;
    }
    return sum;
}

static unsigned nearest(const struct indexed_image *m, uint32_t colour)
{
    unsigned best = 0;

    for (unsigned i = 1; i < INDEXED_COLOURS; i++)
        if (difference(m->palette[i], colour) < difference(m->palette[best], colour))
            best = i;
    return best;
}

/* The rows, each after the byte that says that it is not filtered. */
static void add_rows(const struct indexed_image *m, struct buf *out)
{
    uint32_t last = m->palette[0];
    unsigned index = 0; /* of `last`: neighbours are mostly alike */

    for (int y = 0; y < m->height; y++) {
        const uint32_t *row = m->pixels + (size_t)y * m->stride;
        unsigned byte = 0;
        buf_add_char(out, 0);
        for (int x = 0; x < m->width; x++) {
            uint32_t colour = row[x] & 0xffffff;
            if (colour != last)
                index = nearest(m, colour);
            last = colour;
            byte = (byte << BIT_DEPTH | index) & 0xff;
            if (x % 2 == 1)
                buf_add_char(out, (char)byte);
        }
        if (m->width % 2 == 1)
            buf_add_char(out, (char)(byte << BIT_DEPTH & 0xff));
    }
}

static void add_word(struct buf *out, uint32_t v)
{
    const uint8_t bytes[] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8),
                             (uint8_t)v};

    buf_add(out, bytes, sizeof(bytes));
}

/* The CRC of ISO/IEC 15948, annex D, over what `out` holds from `from` on. */
static uint32_t crc_from(const struct buf *out, size_t from)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = from; i < out->len; i++) {
        crc ^= (uint8_t)out->data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320U : crc >> 1;
    }
    return ~crc;
}

static void add_chunk(struct buf *out, const char *type, const struct buf *data)
{
    add_word(out, (uint32_t)data->len);
    size_t from = out->len;
    buf_add(out, type, TYPE_BYTES);
    buf_add(out, buf_str(data), data->len);
    if (buf_error(out) == 0)
        add_word(out, crc_from(out, from));
}

static void add_header(const struct indexed_image *m, struct buf *out)
{
    static const uint8_t kind[] = {BIT_DEPTH, COLOUR_TYPE, 0, 0, 0};

    add_word(out, (uint32_t)m->width);
    add_word(out, (uint32_t)m->height);
    buf_add(out, kind, sizeof(kind));
}

static void add_palette(const struct indexed_image *m, struct buf *out)
{
    for (int i = 0; i < INDEXED_COLOURS; i++)
        for (int shift = 16; shift >= 0; shift -= 8)
            buf_add_char(out, (char)(m->palette[i] >> shift & 0xff));
}

int indexed_png(const struct indexed_image *m, struct buf *out)
{
    static const uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    AUTO(buf) struct buf rows = BUF_INIT(PIECES_BYTES);
    AUTO(buf) struct buf data = BUF_INIT(PIECES_BYTES);

    buf_add(out, signature, sizeof(signature));
    add_header(m, &data);
    add_chunk(out, "IHDR", &data);
    buf_reset(&data);
    add_palette(m, &data);
    add_chunk(out, "PLTE", &data);
    buf_reset(&data);
    add_rows(m, &rows);
    int r = buf_error(&rows);
    if (r >= 0)
        r = pack_stream((struct text){buf_str(&rows), rows.len}, &data);
    if (r < 0)
        return r;
    add_chunk(out, "IDAT", &data);
    buf_reset(&data);
    add_chunk(out, "IEND", &data);
    return buf_error(out);
}
