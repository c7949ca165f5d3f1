/* Capture files, as other programs write them. */
#ifndef SUPPORT_CAPFILE_H
#define SUPPORT_CAPFILE_H

#include "base/buf.h"

enum capfile_format { CAPFILE_PCAP, CAPFILE_PCAP_NANO, CAPFILE_PCAP_SWAPPED, CAPFILE_PCAPNG };

struct capfile {
    enum capfile_format format;
    struct buf out;
};

/* A file without packets yet. */
void capfile_begin(struct capfile *f, enum capfile_format format, unsigned link);
/* A packet of the second `s` (of 32 bits, but in pcapng) and its last fraction. */
void capfile_add(struct capfile *f, uint64_t s, const uint8_t *bytes, size_t n);
void capfile_done(struct capfile *f);

/* Writes what there is to a file; aborts when that cannot be. */
void capfile_save(const struct capfile *f, const char *path);

#endif
