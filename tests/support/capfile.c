/* Capture files, as other programs write them (tcpdump.org/manpages/pcap-savefile.5.html and
 * draft-ietf-opsawg-pcapng). */
#include "support/capfile.h"

#include <stdio.h>

enum { CAPFILE_MOST = 64 << 20, SNAP = 262144 };

/* Little-endian, or big-endian where everything is swapped. */
static void put(struct capfile *f, uint64_t v, unsigned bytes)
{
    bool is_big = f->format == CAPFILE_PCAP_SWAPPED;

    for (unsigned i = 0; i < bytes; i++) {
        unsigned shift = 8 * (is_big ? bytes - 1 - i : i);
        buf_add_char(&f->out, (char)(v >> shift & 0xff));
    }
}

static void begin_pcap(struct capfile *f, unsigned link)
{
    put(f, f->format == CAPFILE_PCAP_NANO ? 0xa1b23c4d : 0xa1b2c3d4, 4);
    put(f, 2, 2);
    put(f, 4, 2);
    put(f, 0, 8); /* zone and accuracy: nobody uses them */
    put(f, SNAP, 4);
    put(f, link, 4);
}

/* A section and one interface, without options. */
static void begin_pcapng(struct capfile *f, unsigned link)
{
    put(f, 0x0a0d0d0a, 4);
    put(f, 28, 4);
    put(f, 0x1a2b3c4d, 4);
    put(f, 1, 2);
    put(f, 0, 2);
    put(f, UINT64_MAX, 8);
    put(f, 28, 4);
    put(f, 1, 4);
    put(f, 20, 4);
    put(f, link, 2);
    put(f, 0, 2);
    put(f, SNAP, 4);
    put(f, 20, 4);
}

void capfile_begin(struct capfile *f, enum capfile_format format, unsigned link)
{
    *f = (struct capfile){format, BUF_INIT(CAPFILE_MOST)};
    if (format == CAPFILE_PCAPNG)
        begin_pcapng(f, link);
    else
        begin_pcap(f, link);
}

static void add_enhanced(struct capfile *f, uint64_t s, const uint8_t *bytes, size_t n)
{
    uint64_t us = s * 1000000 + 999999;
    unsigned padding = (unsigned)(-n & 3), length = (unsigned)n;

    put(f, 6, 4);
    put(f, 32 + length + padding, 4);
    put(f, 0, 4); /* the interface */
    put(f, us >> 32, 4);
    put(f, us & UINT32_MAX, 4);
    put(f, length, 4);
    put(f, length, 4);
    buf_add(&f->out, bytes, n);
    put(f, 0, padding);
    put(f, 32 + length + padding, 4);
}

void capfile_add(struct capfile *f, uint64_t s, const uint8_t *bytes, size_t n)
{
    if (f->format == CAPFILE_PCAPNG) {
        add_enhanced(f, s, bytes, n);
        return;
    }
    put(f, s, 4);
    put(f, f->format == CAPFILE_PCAP_NANO ? 999999999 : 999999, 4);
    put(f, n, 4);
    put(f, n, 4);
    buf_add(&f->out, bytes, n);
}

void capfile_done(struct capfile *f)
{
    buf_done(&f->out);
}

void capfile_save(const struct capfile *f, const char *path)
{
    FILE *out = fopen(path, "wb");

    if (buf_error(&f->out) != 0 || out == NULL ||
        fwrite(f->out.data, 1, f->out.len, out) != f->out.len || fclose(out) != 0)
        abort();
}
