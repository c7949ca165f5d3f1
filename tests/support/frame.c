/* Frames, put together header by header. */
#include "support/frame.h"

#include <string.h>

static uint8_t *more(struct frame *f, size_t n)
{
    uint8_t *p = f->bytes + f->n;

    assert(n <= FRAME_BYTES_MAX - f->n);
    memset(p, 0, n);
    f->n += n;
    return p;
}

static void put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
    put16(p, v >> 16);
    put16(p + 2, v & 0xffff);
}

void frame_ethernet(struct frame *f, unsigned type)
{
    static const uint8_t macs[] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
    uint8_t *p = more(f, 14);

    memcpy(p, macs, sizeof macs);
    put16(p + 12, type);
}

void frame_sll(struct frame *f, unsigned type, unsigned packet_type, unsigned hardware)
{
    uint8_t *p = more(f, 16);

    put16(p, packet_type);
    put16(p + 2, hardware);
    put16(p + 4, 6);
    put16(p + 14, type);
}

void frame_sll2(struct frame *f, unsigned type, unsigned packet_type, unsigned hardware)
{
    uint8_t *p = more(f, 20);

    put16(p, type);
    put32(p + 4, 3); /* the interface */
    put16(p + 8, hardware);
    p[10] = (uint8_t)packet_type;
    p[11] = 6;
}

void frame_tag(struct frame *f, unsigned type)
{
    uint8_t *p = more(f, 4);

    put16(p, 5); /* VLAN 5 */
    put16(p + 2, type);
}

void frame_ip(struct frame *f, const char *source, const char *destination, unsigned protocol)
{
    struct addr from, to;
    int r = addr_parse(text_of(source), &from) | addr_parse(text_of(destination), &to);

    assert(r == 0 && from.family == to.family);
    f->ip_at = f->n;
    bool is_ipv4 = from.family == ADDR_IPV4;
    uint8_t *p = more(f, is_ipv4 ? 20 : 40);
    p[0] = is_ipv4 ? 0x45 : 0x60;
    p[is_ipv4 ? 8 : 7] = 64;
    p[is_ipv4 ? 9 : 6] = (uint8_t)protocol;
    p += is_ipv4 ? 12 : 8;
    memcpy(p, from.bytes, addr_len(&from));
    memcpy(p + addr_len(&from), to.bytes, addr_len(&to));
}

void frame_options(struct frame *f, size_t words)
{
    uint8_t *p = more(f, words * 4);

    memset(p, 1, words * 4); /* "no operation" */
    f->bytes[f->ip_at] = (uint8_t)(0x45 + words);
}

void frame_fragment(struct frame *f, bool has_more, unsigned offset)
{
    put16(f->bytes + f->ip_at + 6, (has_more ? 0x2000U : 0) | offset);
}

void frame_extension(struct frame *f, unsigned kind, unsigned next, size_t units)
{
    uint8_t *p = more(f, units * 8);

    p[0] = (uint8_t)next;
    p[1] = (uint8_t)(kind == 51 ? units * 2 - 2 : units - 1);
}

void frame_fragment_header(struct frame *f, unsigned next, bool has_more, unsigned offset)
{
    uint8_t *p = more(f, 8);

    p[0] = (uint8_t)next;
    put16(p + 2, offset << 3 | has_more);
    put32(p + 4, 0xabcdef01);
}

void frame_tcp(struct frame *f, unsigned from_port, unsigned to_port, uint32_t sequence,
               unsigned flags)
{
    uint8_t *p = more(f, 20);

    put16(p, from_port);
    put16(p + 2, to_port);
    put32(p + 4, sequence);
    p[12] = 5 << 4;
    p[13] = (uint8_t)flags;
}

void frame_bytes(struct frame *f, size_t n)
{
    memset(more(f, n), 'x', n);
}

void frame_end(struct frame *f)
{
    uint8_t *p = f->bytes + f->ip_at;
    size_t length = f->n - f->ip_at;

    if (p[0] >> 4 == 4)
        put16(p + 2, (unsigned)length);
    else
        put16(p + 4, (unsigned)length - 40);
}
