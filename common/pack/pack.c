/* The length of the text in eight bytes, the most significant first; then a zlib stream. */
#include "pack/pack.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

enum {
    HEAD = 8,
    /* No stream makes more of a byte than this (zlib's technical note: 1032 to 1). So what is
     * asked of memory on behalf of a length that lies is in proportion to what is there. */
    MOST_OF_A_BYTE = 1032,
};

static void put_length(uint8_t *p, uint64_t n)
{
    for (int i = 0; i < HEAD; i++)
        p[i] = (uint8_t)(n >> (56 - 8 * i));
}

static uint64_t get_length(const char *p)
{
    uint64_t n = 0;

    for (int i = 0; i < HEAD; i++)
        n = n << 8 | (uint8_t)p[i];
    return n;
}

/* The stream behind `head` free bytes: in all *ret_n bytes, to be freed; NULL = no memory. */
static uint8_t *make_stream(struct text t, size_t head, size_t *ret_n)
{
    uLongf n = compressBound(t.n);
    AUTO_FREE uint8_t *bytes = n < t.n ? NULL : malloc(n + head);

    if (!bytes)
        return NULL;
    /* The room is enough and the level is one: what is left to fail is memory. */
    if (compress2(bytes + head, &n, (const Bytef *)t.p, t.n, Z_DEFAULT_COMPRESSION) != Z_OK)
        return NULL;
    *ret_n = n + head;
    return STEAL(bytes);
}

int pack(struct text t, struct buf *out)
{
    size_t n = 0;
    AUTO_FREE uint8_t *bytes = make_stream(t, HEAD, &n);

    if (!bytes)
        return -ENOMEM;
    put_length(bytes, t.n);
    buf_add(out, bytes, n);
    return buf_error(out);
}

int pack_stream(struct text t, struct buf *out)
{
    size_t n = 0;
    AUTO_FREE uint8_t *bytes = make_stream(t, 0, &n);

    if (!bytes)
        return -ENOMEM;
    buf_add(out, bytes, n);
    return buf_error(out);
}

int unpack(struct text packed, struct buf *out)
{
    if (packed.n < HEAD)
        return -EBADMSG;
    uint64_t length = get_length(packed.p);
    uLong taken = packed.n - HEAD;
    if (length / MOST_OF_A_BYTE > taken)
        return -EBADMSG;
    if (length > out->cap - out->len)
        return -ERANGE;
    /* One byte more than it says: a longer text is found out, and an empty one has a place. */
    uLongf made = (uLongf)length + 1;
    AUTO_FREE Bytef *bytes = malloc(made);
    if (!bytes)
        return -ENOMEM;
    int code = uncompress2(bytes, &made, (const Bytef *)packed.p + HEAD, &taken);
    if (code == Z_MEM_ERROR)
        return -ENOMEM;
    if (code != Z_OK || made != length || taken != packed.n - HEAD)
        return -EBADMSG;
    buf_add(out, bytes, made);
    return buf_error(out);
}
