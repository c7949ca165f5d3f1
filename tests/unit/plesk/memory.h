/*
 * Looks for a secret in all of this process's memory: live, freed, stack and data. The secret
 * itself is nowhere in the program; it is made, byte by byte, in pages that are given back.
 */
#ifndef UNIT_PLESK_MEMORY_H
#define UNIT_PLESK_MEMORY_H

#include <criterion/criterion.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    MEMORY_MASK = 0x15,
    MEMORY_PAGE_BYTES = 1 << 20,
    MEMORY_CHUNK_BYTES = 1 << 16,
};
/* Sanitizers map terabytes that hold nothing of ours. */
#define MEMORY_RANGE_MAX (UINT64_C(1) << 30)

/* "marker-of-the-update-ticket", each byte xor MEMORY_MASK. */
static const char memory_masked[] = "xtg~pg8zs8a}p8`eqtap8a|v~pa";
enum { MEMORY_MARKER_BYTES = sizeof memory_masked - 1 };

/* Pages of its own, which no allocator keeps. */
struct memory_page {
    char *p;
    size_t n;
};

static inline void memory_open(struct memory_page *page)
{
    void *p = mmap(NULL, MEMORY_PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                   -1, 0);
    cr_assert_neq(p, MAP_FAILED);
    *page = (struct memory_page){.p = p};
}

static inline void memory_close(struct memory_page *page)
{
    cr_assert_eq(munmap(page->p, MEMORY_PAGE_BYTES), 0);
}

static inline void memory_add(struct memory_page *page, const char *s)
{
    size_t n = strlen(s);
    cr_assert(page->n + n <= MEMORY_PAGE_BYTES);
    memcpy(page->p + page->n, s, n);
    page->n += n;
}

static inline void memory_add_marker(struct memory_page *page)
{
    cr_assert(page->n + MEMORY_MARKER_BYTES <= MEMORY_PAGE_BYTES);
    for (size_t i = 0; i < MEMORY_MARKER_BYTES; i++)
        page->p[page->n++] = (char)(memory_masked[i] ^ MEMORY_MASK);
}

/* Compares without making the secret. */
static inline bool memory_is_marker(const volatile char *p)
{
    for (size_t i = 0; i < MEMORY_MARKER_BYTES; i++) {
        if ((p[i] ^ MEMORY_MASK) != memory_masked[i])
            return false;
    }
    return true;
}

/* In the range of one line of /proc/self/maps; pieces overlap by the length of the marker. */
static inline bool memory_range_has_marker(int fd, uint64_t from, uint64_t to, char *chunk)
{
    uint64_t step = MEMORY_CHUNK_BYTES - MEMORY_MARKER_BYTES;
    for (uint64_t at = from; at < to; at += step) {
        size_t wanted = to - at < MEMORY_CHUNK_BYTES ? (size_t)(to - at) : MEMORY_CHUNK_BYTES;
        ssize_t got = pread(fd, chunk, wanted, (off_t)at);
        if (got < MEMORY_MARKER_BYTES)
            continue; /* pages that cannot be read: the kernel's own */
        const char *end = chunk + got - MEMORY_MARKER_BYTES;
        const char *p = chunk;
        while (p <= end &&
               (p = memchr(p, memory_masked[0] ^ MEMORY_MASK, (size_t)(end - p) + 1)) != NULL) {
            if (memory_is_marker(p))
                return true;
            p++;
        }
    }
    return false;
}

static inline bool memory_has_marker(void)
{
    struct memory_page own; /* what is searched in; it is passed over itself */
    char line[4352];
    bool is_found = false;
    size_t ranges = 0;
    int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    FILE *maps = fopen("/proc/self/maps", "re");
    cr_assert(fd >= 0 && maps);
    memory_open(&own);
    uint64_t mine = (uint64_t)(uintptr_t)own.p;
    while (fgets_unlocked(line, sizeof line, maps) != NULL) {
        char *rest;
        uint64_t from = strtoull(line, &rest, 16);
        uint64_t to = *rest == '-' ? strtoull(rest + 1, &rest, 16) : 0;
        bool is_readable = rest[0] == ' ' && rest[1] == 'r';
        if (!is_readable || to - from > MEMORY_RANGE_MAX)
            continue;
        ranges++;
        if (from <= mine && mine < to) { /* the kernel may have joined it with a neighbour */
            is_found |= memory_range_has_marker(fd, from, mine, own.p);
            from = mine + MEMORY_PAGE_BYTES;
        }
        is_found |= from < to && memory_range_has_marker(fd, from, to, own.p);
    }
    memory_close(&own);
    (void)fclose(maps); /* only read */
    (void)close(fd);
    cr_assert(ranges > 10, "the search has looked at nothing");
    return is_found;
}

#endif
